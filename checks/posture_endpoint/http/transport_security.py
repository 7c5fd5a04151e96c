"""Strict-Transport-Security as clients read it (RFC 6797)."""

import re

from posture.model import Value

LONGEST = 10**12
"""Seconds beyond which an age says nothing more."""

_AGE = re.compile(r'=(?:([0-9]{1,4000})|"([0-9]{1,4000})")')


class Hsts(Value):
    """A declared age in seconds, whether it includes subdomains, and whether browsers may carry the host in lists."""

    seconds: int
    subdomains: bool
    preload: bool


def parse_hsts(header: str) -> Hsts | None:
    """What the header declares; None for one that clients ignore, as they do where includeSubDomains has a value."""
    directives: dict[str, str] = {}
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        name = name.strip().lower()
        if name in directives:
            return None
        if name:
            directives[name] = equals + value.strip()
    age = _AGE.fullmatch(directives.get("max-age", ""))
    if age is None or directives.get("includesubdomains"):
        return None
    return Hsts(
        seconds=min(int(age[1] or age[2]), LONGEST),
        subdomains="includesubdomains" in directives,
        preload=directives.get("preload") == "",
    )
