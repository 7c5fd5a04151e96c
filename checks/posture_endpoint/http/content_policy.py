"""Content-Security-Policy as browsers read it (W3C Content Security Policy Level 3), as far as scripts go."""

import re
from collections.abc import Sequence

_KEYS = re.compile(r"'(?:nonce|sha(?:256|384|512))-[a-z0-9+/_-]+={0,2}'", re.IGNORECASE)
_ANYWHERE = re.compile(
    r"(?:https?|wss?|data|ftp):|(?:[a-z][a-z0-9+.-]*://)?\*(?:\.[a-z0-9-]+)?(?::(?:[0-9]+|\*))?(?:/.*)?"
)
"""Schemes by themselves, any host, and any host under a domain of the top."""

_UNRESTRICTED = "does not restrict scripts"


def directives(policy: str) -> dict[str, tuple[str, ...]]:
    """Directives by name; of two with one name the first counts."""
    found: dict[str, tuple[str, ...]] = {}
    for part in policy.split(";"):
        words = part.split()
        if words:
            found.setdefault(words[0].lower(), tuple(words[1:]))
    return found


def single(headers: Sequence[str]) -> tuple[str, ...]:
    """Each policy of headers by itself: one header may carry several, with commas between them.

    A policy in a page is one whatever commas it has.
    """
    return tuple(policy.strip() for text in headers for policy in text.split(",") if policy.strip())


def upgrades(policy: str) -> bool:
    """Whether browsers are told to ask over TLS for what is named without it."""
    return "upgrade-insecure-requests" in directives(policy)


def weakness(policies: Sequence[str]) -> str:
    """Why policies do not keep foreign scripts out, as the end of "a policy that …"; empty where they do.

    All hold at once: a script needs a way in that every one of them leaves open.
    """
    ways = [_ways_in(policy) for policy in policies]
    common = [way for way in ways[0] if all(way in others for others in ways)] if ways else []
    return ways[0][common[0]] if common else ""


def _ways_in(policy: str) -> dict[str, str]:
    """The ways for foreign scripts that one policy leaves open, and the words for each."""
    named = directives(policy)
    default = named.get("script-src", named.get("default-src"))
    found: dict[str, str] = {}
    for kind in ("script-src-elem", "script-src-attr"):
        sources = named.get(kind, default)
        if sources is None:
            found[kind] = _UNRESTRICTED
        else:
            lowered = {source.lower() for source in sources}
            keyed = any(map(_KEYS.fullmatch, sources)) or "'strict-dynamic'" in lowered
            if "'unsafe-inline'" in lowered and not keyed:
                found[kind] = "allows all inline scripts"
        if kind == "script-src-elem" and (from_where := _from_anywhere(sources)):
            found["hosts"] = from_where
    return found


def _from_anywhere(sources: Sequence[str] | None) -> str:
    """Words for scripts of any host; empty where only named hosts may send them."""
    if sources is None:
        return _UNRESTRICTED
    lowered = {source.lower() for source in sources}
    wide = sorted(source for source in lowered if _ANYWHERE.fullmatch(source))
    return f"allows scripts from {wide[0]}" if wide and "'strict-dynamic'" not in lowered else ""
