"""Classes of sentences: what a sentence suggests, read by the rules for claims and by cues for everything else."""

import re
from typing import Any, Literal

from posture.documents.cues import CUES
from posture.documents.rule import Rule
from posture.documents.rules import RULES
from posture.documents.speech import unspoken
from posture.documents.wording import compiled
from posture.model import Value
from posture.profile import StatementClass

_ALL = re.compile(r"\b(?:all|any|every|each|only|no|none|never)\b", re.IGNORECASE)
_NOT_ALL = re.compile(
    r"^(?:yes|no)[,;.]|\bno (?:later|more|fewer|less) than\b|\bno longer\b|\bat (?:any|all) times?\b|\bnot only\b"
    r"|\bany (?:second|moment|point|other)\b|\b(?:each|every) (?:release|alert|spring|time)\b|\bonly (?:as long"
    r"|after|when|if|once)\b"
    r"|\b(?:every|each) (?:other )?(?:\d+|hour|day|night|week|month|quarter|year|\w+ (?:minutes|hours|days|weeks"
    r"|months)|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_HEDGES = re.compile(
    r"(?i:\b(?:where(?:ver)? (?:possible|feasible|appropriate|practical|applicable)|when(?:ever)? possible)\b)"
    r"|(?i:\b(?:as appropriate|generally(?! accepted)|typically|usually|in most cases|depending on|strive|should"
    r"|might|unless)\b)"
    r"|(?i:\bcan be (?:\w+ )?(?:encrypted|enabled|configured|turned on|switched on|set|chosen|activated|backed)\b)"
    r"|\bmay\b(?! not)"
)
_MARKS_ITS_END = re.compile(r"[.!?;:]\W*$")
_HEADING_WORDS = 7
_TITLE_WORDS = 10
_SAYS_SOMETHING = re.compile(
    r"\d|\b(?:is|are|be|we|our|not|all|every|no|only|never|has|have|with|by|uses?|runs?|on|enabled|disabled"
    r"|\w{3,}ed)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"(?:(?:how|what|where|why|when|who|which)\b|(?:our|the) approach to\b)", re.IGNORECASE)
_NUMBERED = re.compile(
    r"^(?:(?:section|chapter|article|exhibit|part|appendix|annex|schedule) )?\"?(?:\d+(?:\.\d+)*"
    r"|[A-Z]{1,3})\"?[.:)]+ ",
    re.IGNORECASE,
)
_SMALL_WORDS = re.compile(r"\b(?:a|an|and|at|by|for|from|in|of|on|or|our|the|to|we|with|your)\b|[^\w\s]")
_THING = re.compile(r"\b(?:snapshots?|images?|buckets?|keys?|volumes?|disks?)\b", re.IGNORECASE)
_PEOPLE_ACT = re.compile(
    r"\b(?:review(?:s|ed)?|examin\w*|triag\w*|looks? (?:at|into)|monitored by|remed\w*|fix|fixe[sd]|mend\w*|patch\w*"
    r"|certify"
    r"|certificate of|bound by|kept current|trained|training|train|approv\w+|investigat\w+|audits|audited|tests"
    r"|will test|rehears\w+"
    r"|restor\w+ (?:is|are) tested|paged|respond|off[- ]?site|notif\w+|report(?:s|ed)?|return(?:s|ed)?|produced"
    r"|made available|(?:can|may) be"
    r" (?:provided|supplied|requested)|discussed|escalat\w+|signed off)\b"
    r"|\b(?:engineers?|analysts?|teams?|staff|SOC|colleagues|managers?|officers?)\b.{0,40}\b(?:watch|check|assess"
    r"|follow|respond|handle"
    r"|act|read|prioriti[sz]e|decide)\w*",
    re.IGNORECASE,
)
_KEPT = re.compile(r"\b(?:kept|retained|stored|maintained) (?:for|at least)\b", re.IGNORECASE)
_RHYTHM = re.compile(r"\b(?:weekly|monthly|quarterly|annual(?:ly)?|yearly|twice|once)\b", re.IGNORECASE)
_UNUSABLE = {
    StatementClass.DOCUMENT: "needs an attestation: the document, with its date and scope",
    StatementClass.ORGANISATIONAL: "needs an attestation: how people work leaves no trace that a scan could read",
    StatementClass.PROMISE: "needs an attestation: a promise is kept or broken outside what a scan can read",
    StatementClass.VAGUE: "no truth condition, until a reading is written",
    StatementClass.BACKGROUND: "asserts nothing about the product",
}
_MEASURE = re.compile(
    r"\b(?:industry[- ]standards?|bank[- ]grade|military[- ]grade|state[- ]of[- ]the[- ]art|best[- ]practices?)\b", re.I
)
_MEASURED = re.compile(r"\b(?:encrypt\w*|security|safeguards?|technical)\b", re.IGNORECASE)


class SuggestedClaim(Value):
    """A claim that a sentence suggests: by which words, what it would test, and whether a parameter is assumed."""

    claim: str
    parameters: dict[str, Any]
    quantifier: Literal["all", "unstated"]
    words: str
    meaning: str
    assumed: bool
    alternative: dict[str, Any] = {}


class Suggestion(Value):
    """What a sentence suggests. ``words`` are the cue for its class, ``hedges`` what weakens it.

    ``remainder`` is what no scan can see, ``reason`` why there are no claims.
    """

    class_: StatementClass
    claims: tuple[SuggestedClaim, ...] = ()
    words: str = ""
    hedges: tuple[str, ...] = ()
    remainder: str = ""
    reason: str = ""


def suggest(sentence: str) -> Suggestion:
    """The class of a sentence and the claims that its wording suggests, for a person to confirm."""
    if is_heading(sentence):
        return Suggestion(class_=StatementClass.BACKGROUND, reason=_UNUSABLE[StatementClass.BACKGROUND])
    if said := unspoken(sentence):
        return Suggestion(class_=said[0], words=said[1], reason=_UNUSABLE[said[0]])
    matched = _matched(sentence)
    if not matched:
        return _without_claims(sentence)
    claims = tuple(_claim(rule, words, sentence) for rule, words in matched)
    hedges = tuple(found[0] for found in _HEDGES.finditer(sentence))
    if {claim.claim for claim in claims} == {"not-shared"} and not _THING.search(sentence):
        class_, remainder = StatementClass.PROMISE, "Every other way in which data could be handed on."
    else:
        remainder = _remainder(matched, sentence, hedges)
        class_ = StatementClass.PARTLY_TESTABLE if remainder else StatementClass.TESTABLE
    return Suggestion(class_=class_, claims=claims, words=claims[0].words, hedges=hedges, remainder=remainder)


def is_heading(sentence: str) -> bool:
    """Whether a sentence is a title: without an end mark, and short, in capitals, or a question's beginning."""
    title = _NUMBERED.sub("", sentence, count=1)
    words = title.split()
    if len(words) > _TITLE_WORDS or _MARKS_ITS_END.search(title):
        return False
    if title.isupper() or _ASKS.match(title):
        return True
    if ": " in title:
        return False
    return _capitalised(title) or (len(words) <= _HEADING_WORDS and not _SAYS_SOMETHING.search(title))


def _capitalised(title: str) -> bool:
    words = _SMALL_WORDS.sub(" ", title).split()
    return len(words) > 1 and all(word[0].isupper() for word in words) and not re.search(r"\d", title)


def _matched(sentence: str) -> list[tuple[Rule, str]]:
    """The rules that suggest something, each claim with the same parameters once."""
    found: dict[tuple[str, str], tuple[Rule, str]] = {}
    for rule in RULES:
        if words := rule.matches(sentence):
            found.setdefault((rule.claim, repr(rule.named(sentence))), (rule, words))
    return list(found.values())


def _claim(rule: Rule, words: str, sentence: str) -> SuggestedClaim:
    named = rule.named(sentence)
    return SuggestedClaim(
        claim=rule.claim,
        parameters=named or rule.assumed,
        quantifier="all" if _ALL.search(_NOT_ALL.sub(" ", sentence)) else "unstated",
        words=words,
        meaning=rule.meaning,
        assumed=not named and bool(rule.assumed),
        alternative=rule.alternative(sentence),
    )


def _remainder(matched: list[tuple[Rule, str]], sentence: str, hedges: tuple[str, ...]) -> str:
    parts = [
        rule.remainder
        for rule, _ in matched
        if rule.remainder and not (rule.named(sentence) and rule.claim == "role-based-access")
    ]
    acts = _PEOPLE_ACT.search(sentence)
    if acts:
        parts.append(f"What people do: {acts[0]!r}.")
    if (rhythm := _RHYTHM.search(sentence)) and any(rule.claim == "vulnerability-scanning" for rule, _ in matched):
        parts.append(f"That it happens as often as said: {rhythm[0]!r}.")
    if (kept := _KEPT.search(sentence)) and any(rule.claim == "activity-logged" for rule, _ in matched):
        parts.append(f"How long logs are kept: {kept[0]!r}.")
    if hedges:
        parts.append(f"Where the sentence does not hold: it says {', '.join(map(repr, hedges))}.")
    return " ".join(dict.fromkeys(parts))


def _without_claims(sentence: str) -> Suggestion:
    for class_, cues in CUES.items():
        for cue in cues:
            if found := compiled(cue).search(sentence):
                return _cued(class_, found[0], sentence)
    return Suggestion(class_=StatementClass.BACKGROUND, reason=_UNUSABLE[StatementClass.BACKGROUND])


def _cued(class_: StatementClass, words: str, sentence: str) -> Suggestion:
    if class_ is StatementClass.VAGUE and _MEASURE.search(sentence) and _MEASURED.search(sentence):
        return Suggestion(
            class_=class_, claims=_READING_OF_A_MEASURE, words=words, remainder="Every measure other than encryption."
        )
    return Suggestion(class_=class_, words=words, reason=_UNUSABLE[class_])


_READING_OF_A_MEASURE = tuple(
    SuggestedClaim(claim=claim, parameters=parameters, quantifier="unstated", words="", meaning=meaning, assumed=True)
    for claim, parameters, meaning in (
        ("tls-minimum", {"version": "TLS 1.2"}, "TLS 1.2 or newer alone, as NIST SP 800-52 rev. 2 asks."),
        ("encrypted-at-rest", {"algorithm": "any"}, "Data at rest is encrypted with AES, as approved in FIPS 197."),
    )
)
