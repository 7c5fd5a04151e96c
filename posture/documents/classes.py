"""Classes of sentences: what a sentence suggests, read by the rules for claims and by cues for everything else."""

import re
from typing import Any, Literal

from posture.documents.cues import CUES
from posture.documents.rule import Rule
from posture.documents.rules import RULES
from posture.model import Value
from posture.profile import StatementClass

_ALL = re.compile(r"\b(?:all|any|every|each|only|no|none|never)\b", re.IGNORECASE)
_NOT_ALL = re.compile(
    r"^(?:yes|no)[,;.]|\bno (?:later|more|fewer|less) than\b|\bno longer\b|\bat (?:any|all) times?\b|\bnot only\b"
    r"|\bany (?:second|moment|point)\b"
    r"|\b(?:every|each) (?:other )?(?:\d+|hour|day|night|week|month|quarter|year|two|three|six)\b",
    re.IGNORECASE,
)
_HEDGES = re.compile(
    r"(?i:\b(?:where(?:ver)? (?:possible|feasible|appropriate|practical|applicable)|when(?:ever)? possible)\b)"
    r"|(?i:\b(?:as appropriate|generally|typically|usually|in most cases|depending on|strive|should|might|can be)\b)"
    r"|\bmay\b(?! not)"
)
_MARKS_ITS_END = re.compile(r"[.!?;:]\W*$")
_HEADING_WORDS = 4
_SAYS_SOMETHING = re.compile(r"\d|\b(?:is|are|be|we|our|not)\b", re.IGNORECASE)
_NOT_ABOUT_THE_PRODUCT = re.compile(
    r"\?\W*$|^(?:please|if you|you (?:are|should|must|have|need|can(?! (?:always )?(?:find|read|view|see))))\b"
    r"|\bis an? (?:\w+ )?(?:protocol|standard|law|method|technique|algorithm)\b|[\"')]? means (?:any|an?|the)\b"
    r"|\b(?:partners|vendors|suppliers)\b[^.]{0,20}\b(?:use|have|apply|offer)\b",
    re.IGNORECASE,
)
_THING = re.compile(r"\b(?:snapshots?|images?|buckets?|keys?|volumes?|disks?)\b", re.IGNORECASE)
_PEOPLE_ACT = re.compile(
    r"\b(?:review\w*|examin\w*|triag\w*|looks? at|monitored by|remediat\w*|fix|fixes|certify|bound by|kept current"
    r"|trained|approv\w+|investigat\w+)\b",
    re.IGNORECASE,
)
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
    speaks = not is_heading(sentence) and _NOT_ABOUT_THE_PRODUCT.search(sentence) is None
    matched = _matched(sentence) if speaks else []
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
    """Whether a sentence is a few words without an end mark, a figure or a verb of the commonest kind."""
    short = len(sentence.split()) <= _HEADING_WORDS
    return short and not _MARKS_ITS_END.search(sentence) and not _SAYS_SOMETHING.search(sentence)


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
    parts = [rule.remainder for rule, _ in matched if rule.remainder and not rule.named(sentence)]
    acts = _PEOPLE_ACT.search(sentence)
    if acts:
        parts.append(f"What people do: {acts[0]!r}.")
    if hedges:
        parts.append(f"Where the sentence does not hold: it says {', '.join(map(repr, hedges))}.")
    return " ".join(dict.fromkeys(parts))


def _without_claims(sentence: str) -> Suggestion:
    if is_heading(sentence) or (_NOT_ABOUT_THE_PRODUCT.search(sentence) and not _promised(sentence)):
        return Suggestion(class_=StatementClass.BACKGROUND, reason=_UNUSABLE[StatementClass.BACKGROUND])
    for class_, cues in CUES.items():
        for cue in cues:
            if found := re.search(cue, sentence, re.IGNORECASE):
                return _cued(class_, found[0], sentence)
    return Suggestion(class_=StatementClass.BACKGROUND, reason=_UNUSABLE[StatementClass.BACKGROUND])


def _promised(sentence: str) -> bool:
    return re.search(r"\bwe (?:will|shall)\b", sentence, re.IGNORECASE) is not None


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
