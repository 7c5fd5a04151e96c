"""The plain words of a report: what verdicts, causes, claims and counts are called for a reader."""

import inspect
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from posture.assess import Holders
from posture.claims import vocabulary
from posture.model import Basis, Cause, Verdict
from posture.profile import StatementClass
from posture.report.listings import Unlisted
from posture.verdict import Tally

SYMBOLS: dict[str, str] = {
    Verdict.VERIFIED: "✔",
    Verdict.CONTRADICTED: "✘",
    Verdict.PARTLY_VERIFIED: "◐",
    Verdict.UNKNOWN: "?",
    Verdict.NOT_TESTABLE: "–",
}
OUTCOMES: dict[str, tuple[str, str]] = {
    "fail": ("✘", "breaks it"),
    "unknown": ("?", "unknown"),
    "pass": ("✔", "holds"),
    "not-applicable": ("–", "does not apply"),
}
"""Symbol and word of each outcome, in the order in which findings are shown."""

CLASSES: dict[str, str] = {
    StatementClass.TESTABLE: "testable",
    StatementClass.PARTLY_TESTABLE: "testable in part",
    StatementClass.PROMISE: "a promise about conduct",
    StatementClass.DOCUMENT: "rests on a document",
    StatementClass.ORGANISATIONAL: "about the organisation",
    StatementClass.VAGUE: "vague",
    StatementClass.BACKGROUND: "background",
}
BASES: dict[str, str] = {
    Basis.ATTESTATION: "somebody vouches for it",
    Basis.PROVIDER_GUARANTEE: "the provider guarantees it",
    Basis.CONFIGURATION: "the configuration says so",
    Basis.OBSERVED: "seen on the wire",
}
REMEDIES: dict[str, str] = {
    Cause.ACCESS_DENIED: "Grant it to the identity of the scan, and scan again.",
    Cause.DENIED_BY_ORGANISATION: "A policy of the organisation denies it: have it admit the identity of the scan.",
    Cause.THROTTLED: "The provider turned calls away: scan again with fewer threads, or at a quieter time.",
    Cause.TIMEOUT: "No answer in time: scan again, with longer limits if it happens twice.",
    Cause.UNREACHABLE: "Nothing answered: check the target in the configuration, and the network between.",
    Cause.REGION_NOT_ENABLED: "The region is not enabled for the account, so nothing can lie in it.",
    Cause.REGION_UNREACHABLE: "The region did not answer: check its name, and the network between.",
    Cause.NOT_SUPPORTED: "The answer is one that the check does not know: look at it by hand, and report it.",
    Cause.TRUNCATED: "A listing broke off before its end: scan again.",
    Cause.CAPPED: "The scan ended before this was read: raise the limits, and let it finish.",
    Cause.MALFORMED_REPLY: "A reply lacked what it must hold: look at it by hand, and report it.",
    Cause.STALE: "What was read is too old to count: bring it up to date, and scan again.",
    Cause.DISAGREEMENT: "Two sources contradict each other: find out which is right.",
    Cause.CREDENTIALS_EXPIRED: "The credentials ran out during the scan: renew them, and scan again.",
    Cause.TOOL_ERROR: "posture itself failed here: report it, with the run.",
}
DENIALS = frozenset({Cause.ACCESS_DENIED, Cause.DENIED_BY_ORGANISATION})
"""Causes that a permission mends."""


def spoken(word: str) -> str:
    """A word of the model as people write it: ``partly-verified`` is "partly verified"."""
    return str(word).replace("-", " ").replace("_", " ")


def verdict_label(verdict: str) -> str:
    """Symbol and word: a verdict is never shown by its colour alone."""
    return f"{SYMBOLS[verdict]} {spoken(verdict)}"


def one_line(text: str) -> str:
    """Text of a profile as one line: how it was folded in its file says nothing."""
    return " ".join(text.split())


def moment(instant: str) -> str:
    """An instant in UTC, to the minute."""
    return datetime.fromisoformat(instant).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def number(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun in the right number: "1 call", "1,204 calls"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listing(words: Iterable[str], limit: int = 0) -> str:
    """Words in a row; past ``limit`` (0: none) the rest are counted."""
    known = list(words)
    shown = known[:limit] if limit else known
    more = f" and {len(known) - len(shown):,} more" if len(shown) < len(known) else ""
    return ", ".join(shown) + more


def plain_value(value: Any) -> str:
    """The value of a parameter in plain words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(plain_value, value)) or "none"
    return str(value)


def parameters(values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The parameters of a claim by their names in plain words, in the order of the vocabulary."""
    return tuple((spoken(name), plain_value(value)) for name, value in values.items())


def meaning(word: str, values: dict[str, Any]) -> str:
    """When the claim holds: the first sentence of its entry in the vocabulary, with the parameters put in."""
    kind = vocabulary().get(word)
    if kind is None:
        return ""
    first = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
    return re.sub(r"``(\w+)``", lambda found: plain_value(values[found[1]]) if found[1] in values else found[1], first)


def tally_words(tally: Tally, unlisted: Unlisted | None = None, *, tested: bool = True) -> str:
    """What came out, with the denominator: "3 of 9 findings break it, 5 hold, 1 unknown".

    Where listings were not read, no number is the whole: "5 hold; 1 listing not read, of unknown size".
    """
    if not tested:
        return "no check at these targets bears on it"
    if not tally.population:
        return "nothing to judge"
    parts = [
        (tally.failed, "breaks it", "break it"),
        (tally.passed, "holds", "hold"),
        (tally.unknown - (unlisted.findings if unlisted else 0), "unknown", "unknown"),
        (tally.blind, "unchecked", "unchecked"),
    ]
    counted = [(count, one if count == 1 else many) for count, one, many in parts if count]
    if unlisted:
        known = [f"{count:,} {word}" for count, word in counted]
        return "; ".join([*known, f"{number(unlisted.listings, 'listing')} not read, of unknown size"])
    (count, word), *rest = counted
    first = f"{count:,} of {number(tally.population, 'finding')} {word}"
    return ", ".join([first, *(f"{count:,} {word}" for count, word in rest)])


def holders_words(found: Holders) -> str:
    """What a claim about one class of data speaks about: "2 stores hold uploads, 1 not classified (logs)"."""
    if not found.mapped:
        return f"no configuration says which stores hold {found.data}: the claim speaks about all"
    some = found.unclassified > len(found.named)
    names = f" ({listing(found.named)}{' …' if some else ''})" if found.named else ""
    parts = [f"{number(found.holding, 'store')} {'holds' if found.holding == 1 else 'hold'} {found.data}"]
    if found.undecided:
        parts.append(f"{found.undecided:,} may (tags not read)")
    parts.append(f"{found.unclassified:,} not classified{names}")
    if found.elsewhere:
        parts.append(f"{found.elsewhere:,} left out: other data alone")
    return ", ".join(parts)


def headline(verified: int, testable: int) -> str:
    """How many of the statements that a scan can test are verified."""
    return f"{verified} of {number(testable, 'testable statement')} verified"
