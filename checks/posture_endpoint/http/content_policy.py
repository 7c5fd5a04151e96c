"""Content-Security-Policy as browsers read it (W3C Content Security Policy Level 3), as far as scripts go."""

import re

_KEYS = re.compile(r"'(?:nonce-[^']+|sha(?:256|384|512)-[^']+)'", re.IGNORECASE)
_ANYWHERE = frozenset({"*", "http:", "https:", "data:", "http://*", "https://*", "ws:", "wss:", "*:*"})


def directives(policy: str) -> dict[str, tuple[str, ...]]:
    """Directives by name; of two with one name the first counts."""
    found: dict[str, tuple[str, ...]] = {}
    for part in policy.split(";"):
        words = part.split()
        if words:
            found.setdefault(words[0].lower(), tuple(words[1:]))
    return found


def single(policies: tuple[str, ...]) -> list[str]:
    """Each policy by itself: one header may carry several, with commas between them, and all hold at once."""
    return [policy.strip() for text in policies for policy in text.split(",") if policy.strip()]


def upgrades(policies: str) -> bool:
    """Whether browsers are told to ask over TLS for what is named without it."""
    return any("upgrade-insecure-requests" in directives(policy) for policy in single((policies,)))


def weakness(policy: str) -> str:
    """Why a policy does not keep foreign scripts out, as the end of "a policy that …"; empty where it does."""
    named = directives(policy)
    default = named.get("script-src", named.get("default-src"))
    for kind in ("script-src-elem", "script-src-attr"):
        sources = named.get(kind, default)
        if sources is None:
            return "does not restrict scripts"
        lowered = {source.lower() for source in sources}
        keyed = any(map(_KEYS.fullmatch, sources))
        if "'unsafe-inline'" in lowered and not keyed and "'strict-dynamic'" not in lowered:
            return "allows all inline scripts"
        wide = sorted(lowered & _ANYWHERE) if kind == "script-src-elem" and "'strict-dynamic'" not in lowered else []
        if wide:
            return f"allows scripts from {wide[0]}"
    return ""
