"""Writes the first configuration of a new user: what he answered, and what he may want next as comments."""

import json
from collections.abc import Mapping
from typing import Any

from posture.model import Value

HEAD = """\
# What posture judges, and where it looks. `posture doctor -c FILE` tries it, `posture scan -c FILE` runs it.
# Your editor helps after `posture schema config > posture.schema.json`, when the first line of this file is:
# # yaml-language-server: $schema=posture.schema.json

# The documents to judge: installed profiles (`posture profile list`), or files of your own beside this one.
profiles:
"""

TARGETS = """
# Where to look, under names of yours. Credentials come from where the SDKs look for them; none belong here.
"""

EXAMPLES = {
    "aws": """\
#   production:
#     aws:
#       account: "123456789012"            # refuses to scan any other
#       profile: audit                     # as in the shared configuration of the SDKs
#       assume: [{arn: "arn:aws:iam::123456789012:role/posture"}]
""",
    "azure": """\
#   tenant:
#     azure:
#       tenant: 00000000-0000-0000-0000-000000000000
#       subscriptions: []                  # all that can be seen
""",
    "endpoint": """\
#   web:
#     endpoint: {hosts: [www.example.org, "api.example.org:8443"]}
""",
}
"""What a target of each provider looks like, for those that were not named."""

TAIL = """
# What of it the documents speak about. What is left out says why, and reports repeat it.
# scope:
#   include:
#     - {cloud: aws, region: "eu-*"}
#     - {tag: environment=production}
#   exclude:
#     - {kind: aws.s3.bucket, name: "sandbox-*", reason: holds generated samples only}

# Which stores hold which data, in classes of your own: a claim of a profile with `data: people` then speaks only about
# those. A store in no class is not classified, and stays in.
{holds}
# What is kept from the gate of a pipeline for a while, with owner, reason and expiry: never from a verdict.
# exceptions: exceptions.yaml

# Who vouches for what no machine can test, with the hash of a document, and until when.
# attestations: attestations.yaml

# How long and how hard a scan may try: seconds and counts. What is not read in time is unknown.
# limits: {run: 3600, attempts: 5, threads: 32}

# Where runs are left.
runs: posture-runs
"""


HOLDS = """\
# holds:
#   people: [{tag: data=people}, {kind: "aws.rds.*", name: "classroom-*"}]
"""
"""What a map of data looks like, for who named no mark."""

PEOPLE = "people"
"""The class of data under which the first mark goes: that of the people whom the document speaks about."""


class Start(Value):
    """What a new user wants: profiles, and the settings of a target for each provider that he named.

    ``marks`` are tags (``key=value``) and names of the stores that hold the data of the people the document speaks
    about.
    """

    profiles: tuple[str, ...]
    targets: dict[str, dict[str, Any]]
    marks: tuple[str, ...] = ()


def configuration(start: Start) -> str:
    """The text of the file. It loads as it is, and every example in it once the marks of comment are gone."""
    profiles = "".join(f"  - use: {_quoted(name)}\n" for name in start.profiles)
    named = "".join(_target(provider, settings) for provider, settings in start.targets.items())
    examples = "".join(text for provider, text in EXAMPLES.items() if provider not in start.targets)
    return f"{HEAD}{profiles}{TARGETS}{'' if named else '# '}targets:\n{named}{examples}{_tail(start)}"


def _tail(start: Start) -> str:
    marks = "".join(f"    - {{{'tag' if '=' in mark else 'name'}: {_quoted(mark)}}}\n" for mark in start.marks)
    return TAIL.replace("{holds}\n", f"holds:\n  {PEOPLE}:\n{marks}\n" if marks else f"{HOLDS}\n")


def _target(provider: str, settings: Mapping[str, Any]) -> str:
    """A target under its provider's name, with what was set alone."""
    lines = "".join(f"      {name}: {_quoted(value)}\n" for name, value in settings.items() if value)
    return f"  {provider}:\n    {provider}:\n{lines}" if lines else f"  {provider}:\n    {provider}: {{}}\n"


def _quoted(value: Any) -> str:
    """JSON, which is YAML: whatever somebody typed stays a value."""
    return json.dumps(value, ensure_ascii=False)
