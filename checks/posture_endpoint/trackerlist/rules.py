"""Rules of tracker lists: a host, a line of a hosts file, an Adblock rule that begins at a host, or a script's name."""

import re
from functools import lru_cache
from typing import NamedTuple

KINDS = frozenset(
    {
        "font",
        "image",
        "media",
        "object",
        "other",
        "ping",
        "script",
        "stylesheet",
        "subdocument",
        "websocket",
        "xmlhttprequest",
    }
)
"""What an element loads, in the words of Adblock syntax."""

_HOST = r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+"
_PLAIN = re.compile(rf"(?:(?:0\.0\.0\.0|127\.0\.0\.1)\s+)?({_HOST})(?:\s+#.*)?")
_ADBLOCK = re.compile(rf"(@@)?\|\|({_HOST})([/^][^$]*)(?:\$([\w~,.:=|*-]+))?")
_SCRIPT = re.compile(r"(/[a-z0-9_.-]+\.js)(?:\$(?:third-party|3p))?")
_WITHOUT_EFFECT = ("important", "match-case", "third-party", "3p")
_ANY = re.compile(r"[*^]*")


class Rule(NamedTuple):
    """Addresses of a host and of its subdomains. ``pattern`` is what follows the host, empty for all addresses.

    Without a host, the pattern is the name of a script, wherever it comes from.
    ``kinds`` are what must be loaded for the rule to hold; empty where it holds for all. ``exception`` takes addresses
    out of the list again.
    """

    host: str
    pattern: str = ""
    kinds: frozenset[str] = frozenset()
    exception: bool = False

    def text(self) -> str:
        """The rule as a line of a list."""
        if self == Rule(self.host):
            return self.host
        if not self.host:
            return self.pattern
        options = f"${','.join(sorted(self.kinds))}" if self.kinds else ""
        return f"{'@@' if self.exception else ''}||{self.host}{self.pattern or '^'}{options}"


def parse_rule(line: str) -> Rule | None:
    """The rule of a line; None for comments, and for rules that say more than which addresses they are about.

    Left out are rules for some sites alone, for pop-ups and whole documents, for cookies, and those that begin nowhere
    in particular and name no script. Rules for all sites but some are kept. Whether an address has to be a third
    party's is not kept: a page's own host never counts.
    """
    line = line.strip().lower()
    plain = _PLAIN.fullmatch(line)
    if plain:
        return Rule(plain[1])
    rule = _ADBLOCK.fullmatch(line)
    if rule is None:
        script = _SCRIPT.fullmatch(line)
        return Rule("", script[1]) if script else None
    options = [option for option in (rule[4] or "").split(",") if option and option not in _WITHOUT_EFFECT]
    kinds = frozenset(option for option in options if not (option.startswith("redirect=") or _is_nearly_all(option)))
    if not kinds <= KINDS or (rule[1] and kinds):
        return None
    pattern = "" if _ANY.fullmatch(rule[3]) else rule[3]
    return Rule(rule[2], pattern, kinds, bool(rule[1]))


def _is_nearly_all(option: str) -> bool:
    """Whether an option takes some sites out, and is silent about all others."""
    name, _, sites = option.partition("=")
    return name == "domain" and all(site.startswith("~") for site in sites.split("|"))


def fits(pattern: str, rest: str) -> bool:
    """Whether what follows the host in an address fits a pattern: ``*`` is anything, ``^`` ends a word, ``|`` the end.

    Parts between stars are searched one after the other, so that no address takes more than one pass.
    """
    parts = pattern.rstrip("|").split("*")
    at = 0
    for number, part in enumerate(parts):
        expression = _compiled(part, pattern.endswith("|") and number == len(parts) - 1)
        found = expression.search(rest, at) if number else expression.match(rest)
        if found is None:
            return False
        at = found.end()
    return True


@lru_cache(maxsize=4096)
def _compiled(part: str, ends: bool) -> re.Pattern[str]:
    """``^`` is any character but letters, digits and ``_-.%``, or the end of the address."""
    escaped = "".join(r"(?:[^a-z0-9_.%-]|\Z)" if char == "^" else re.escape(char) for char in part)
    return re.compile(escaped + (r"\Z" if ends else ""))
