"""Drafts: a starter profile for a document, in which everything that was read into a sentence waits for a person."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

import msgspec

from posture.documents import DocumentError
from posture.documents.classes import SuggestedClaim, Suggestion, is_heading, suggest
from posture.documents.drift import Sentence, numbered
from posture.documents.sentences import document_hash
from posture.model import Value
from posture.profile import StatementClass
from posture.yamlfile import MAX_BYTES

AUTHOR = "posture document draft"

_QUOTED_WORDS = 5
# The shortest line of an anchor, in bytes: each sentence needs one.
_ANCHOR_LINE = 110

_HEAD = """\
# A draft that posture made of {source}. It reads wording and understands nothing: go through every statement, give each
# reading your name, and take `confirmed: false` off what is right. `posture profile lint` refuses the rest.
"""
_QUOTED = """\
# Comments hold the document's own sentences to work from. Take them out before you publish a profile of a document that
# isn't yours: the hashes are enough.
"""


class Draft(Value):
    """A starter profile as YAML, and how many sentences fell into each class."""

    text: str
    classes: dict[str, int]


class Naming(Value):
    """What a draft is called and of what document it is. ``quoted`` keeps the sentences as comments."""

    id: str
    title: str
    vendor: str
    source: str
    day: date
    quoted: bool = True


class _Read(Value):
    """A sentence, the heading it stands under, and what it suggests."""

    sentence: Sentence
    section: str
    suggestion: Suggestion


def draft(text: str, naming: Naming) -> Draft:
    """A starter profile for a document's text. Raises DocumentError where it would be too long to load."""
    every = numbered(text)
    _refuse(_ANCHOR_LINE * len({sentence.sha256 for sentence in every}), "more than ", naming)
    read = list(_read(every))
    lines = [_HEAD.format(source=_clean(naming.source)) + (_QUOTED if naming.quoted else "")]
    lines += _front(text, naming, read)
    for number, together in enumerate(_together(read), start=1):
        lines += ["", *_statement(number, together, naming)]
    profile = "\n".join(lines) + "\n"
    _refuse(len(profile.encode()), "", naming)
    classes = {str(kind): sum(one.suggestion.class_ is kind for one in read) for kind in StatementClass}
    return Draft(text=profile, classes=classes)


def _refuse(size: int, at_least: str, naming: Naming) -> None:
    if size > MAX_BYTES:
        raise DocumentError(
            f"{naming.source}: its draft would have {at_least}{size:,} bytes, and a profile may have {MAX_BYTES:,};"
            " split the document"
        )


def _read(every: Sequence[Sentence]) -> Iterator[_Read]:
    """Every sentence with what it suggests, each wording once: a later repetition is accounted for by the first."""
    section = "start"
    known: set[str] = set()
    for sentence in every:
        if is_heading(sentence.text):
            section = sentence.text
        if sentence.sha256 not in known:
            known.add(sentence.sha256)
            yield _Read(sentence=sentence, section=section, suggestion=suggest(sentence.text))


def _together(read: Sequence[_Read]) -> Iterator[list[_Read]]:
    """Statements: one per sentence, and one for each stretch of background."""
    for is_background, stretch in groupby(read, key=lambda one: one.suggestion.class_ is StatementClass.BACKGROUND):
        if is_background:
            yield list(stretch)
        else:
            yield from ([one] for one in stretch)


def _front(text: str, naming: Naming, read: Sequence[_Read]) -> list[str]:
    lines = [
        f"id: {_scalar(naming.id)}",
        f"title: {_scalar(naming.title)}",
        "version: 1",
        "document:",
        f"  title: {_scalar(naming.title)}",
        f"  vendor: {_scalar(naming.vendor)}",
        f"  sha256: {document_hash(text)}",
    ]
    claims = [claim for one in read for claim in one.suggestion.claims if claim.claim == "hosted-by"]
    clouds = sorted({str(claim.parameters["provider"]) for claim in claims})
    if clouds:
        lines += ["scope:", "  include:", *(f"    - {{cloud: {cloud}}}" for cloud in (*clouds, "endpoint"))]
    return [*lines, "", "statements:"]


def _statement(number: int, together: Sequence[_Read], naming: Naming) -> list[str]:
    first = together[0].suggestion
    lines = [f"  # {_clean(one.sentence.text)}" for one in together] if naming.quoted else []
    lines += [
        f"  - id: S-{number}",
        f"    section: {_scalar(together[0].section)}",
        f"    summary: {_scalar(_summary(together))}",
        f"    class: {first.class_}",
        "    anchors:",
        *(_anchor(one.sentence) for one in together),
    ]
    if first.claims:
        lines += ["    claims:", *(line for claim in first.claims for line in _claim(claim, naming.day))]
    if first.remainder:
        lines.append(f"    remainder: {_scalar(first.remainder)}")
    if first.reason:
        lines.append(f"    reason: {_scalar(first.reason)}")
    if not first.claims or first.class_ is StatementClass.VAGUE:
        lines += _reading(first.words or "no cue", _class_meaning(first), naming.day, "Classed by its wording.", 4)
    return lines


def _summary(together: Sequence[_Read]) -> str:
    first = together[0].suggestion
    if not first.claims:
        count = f"{len(together)} sentences" if len(together) > 1 else "one sentence"
        return f"Draft: {first.class_}, {count}."
    claims = ", ".join(_named(claim) for claim in first.claims)
    hedges = f"; hedged by {', '.join(map(repr, first.hedges))}" if first.hedges else ""
    return f"Draft: {claims}{hedges}."


def _named(claim: SuggestedClaim) -> str:
    parameters = ", ".join(f"{name} {_shown(value)}" for name, value in claim.parameters.items())
    return f"{claim.claim} ({parameters})" if parameters else claim.claim


def _shown(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _class_meaning(suggestion: Suggestion) -> str:
    if suggestion.claims:
        return " ".join(dict.fromkeys(claim.meaning for claim in suggestion.claims))
    return f"Nothing in it can be tested by a scan: {suggestion.class_}."


def _anchor(sentence: Sentence) -> str:
    sketch = f', sketch: "{sentence.sketch}"' if sentence.sketch else ""
    return f"      - {{locator: sentence {sentence.place}, sha256: {sentence.sha256}, place: {sentence.place}{sketch}}}"


def _claim(claim: SuggestedClaim, day: date) -> list[str]:
    lines = [f"      - claim: {claim.claim}"]
    if claim.parameters:
        lines.append(f"        with: {_scalar(claim.parameters)}")
    if claim.alternative:
        lines.append(f"        alternative: {_scalar(claim.alternative)}")
    if claim.quantifier == "all":
        lines.append("        quantifier: all")
    reason = "The wording names no value; this one is assumed." if claim.assumed else "Suggested by the wording."
    return lines + _reading(claim.words or "no value named", claim.meaning, day, reason, 8)


def _reading(words: str, meaning: str, day: date, reason: str, indent: int) -> list[str]:
    fields = {"words": _few(words), "meaning": meaning, "author": AUTHOR, "date": day.isoformat(), "reason": reason}
    lines = [f"  {name}: {day.isoformat() if name == 'date' else _scalar(value)}" for name, value in fields.items()]
    return [f"{' ' * indent}{line}" for line in ("reading:", *lines, "  confirmed: false")]


def _few(words: str) -> str:
    """The words that a suggestion hangs on, without what lies between them: no run of a document's text."""
    every = words.split()
    return words if len(every) <= _QUOTED_WORDS else f"{every[0]} … {every[-1]}"


def _clean(text: str) -> str:
    """One line that YAML takes: what cannot be printed, or would turn the direction of text, becomes a space."""
    return re.sub(r"\s+", " ", "".join(char if char.isprintable() else " " for char in text)).strip()


def _scalar(value: Any) -> str:
    """A value as JSON, which is YAML."""
    return _clean(msgspec.json.encode(value).decode())
