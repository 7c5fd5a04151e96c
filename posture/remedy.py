"""What to do about a read that did not answer, where its detail says more than its cause."""

import re

_FITTING = (
    (
        r"the profile speaks about ([\w-]+), and no target",
        r"Add a target of \1 to the configuration, or put \1 out of scope.",
    ),
    (r"(?i)certificate (?:has )?expired", "Have its certificate renewed."),
    (r"(?i)certificate.verify|self.signed cert|local issuer", "Name the authority that signed its certificate."),
    (r"no credentials were found", "Sign in, or name a profile or way to sign in."),
)
"""Patterns over details, and the remedies of those that match; the first one counts."""


def fitting(detail: str) -> str:
    """The remedy that the detail of a gap asks for, as a sentence; empty where it says no more than the cause does."""
    for pattern, remedy in _FITTING:
        found = re.search(pattern, detail)
        if found:
            return found.expand(remedy)
    return ""
