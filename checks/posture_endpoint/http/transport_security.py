"""Strict-Transport-Security as clients read it (RFC 6797)."""

import re

from posture.model import Value


class Hsts(Value):
    """A declared age in seconds, whether it includes subdomains, and whether browsers may carry the host in lists."""

    seconds: int
    subdomains: bool
    preload: bool


def parse_hsts(header: str) -> Hsts | None:
    """What the header declares; None for one that clients must ignore."""
    directives: dict[str, str] = {}
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        name = name.strip().lower()
        if name in directives:
            return None
        if name:
            directives[name] = value.strip().strip('"')
    age = directives.get("max-age", "")
    if not re.fullmatch(r"[0-9]{1,15}", age):
        return None
    return Hsts(seconds=int(age), subdomains="includesubdomains" in directives, preload="preload" in directives)
