"""Drift: how the anchors of a profile stand in a text of today, and which sentences no anchor accounts for."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from enum import StrEnum

from posture.documents.sentences import anchor, document_hash, sentences, sketch
from posture.model import Value
from posture.profile import Anchor, Profile

ALIKE_FROM = 0.6
"""From this ratio of common words on, a sentence counts as an edited one (`difflib` calls this a close match)."""

_COMMON_FROM = 3
"""Fewer common words prove nothing: in a sketch, two short sentences may be alike by chance."""

_WORDS_COMPARED = 300


class Standing(StrEnum):
    """How an anchor stands in a document."""

    SAME = "same"
    MOVED = "moved"
    EDITED = "edited"
    REMOVED = "removed"


class Sentence(Value):
    """A sentence of the document of today: its ordinal from 1, its words, its hash and its sketch."""

    place: int
    text: str
    sha256: str
    sketch: str


class AnchorDrift(Value):
    """How one anchor stands. ``place`` and ``now`` are ordinals then and now, where known.

    Of an edited sentence ``sentence`` is what it became and ``alike`` the ratio of its words that stayed.
    """

    statement: str
    locator: str
    sha256: str
    standing: Standing
    place: int | None = None
    now: int | None = None
    alike: float | None = None
    sentence: Sentence | None = None


class Drift(Value):
    """A profile held against a text.

    ``recorded`` is the document's hash in the profile, empty where it records none. ``ordered`` and ``sketched`` say
    whether every anchor keeps its place and its sketch: without places nothing is called moved, and without a sketch an
    edited sentence counts as removed, and what it became as new.
    """

    profile: str
    sha256: str
    recorded: str
    sentences: int
    anchors: tuple[AnchorDrift, ...]
    unaccounted: tuple[Sentence, ...]
    ordered: bool
    sketched: bool

    @property
    def same_document(self) -> bool | None:
        """Whether the text is the recorded one, sentence by sentence and in order; None where none is recorded."""
        return self.sha256 == self.recorded if self.recorded else None

    @property
    def drifted(self) -> bool:
        """Whether anything is not as the profile read it."""
        moved = any(anchor.standing is not Standing.SAME for anchor in self.anchors)
        return moved or bool(self.unaccounted) or self.same_document is False

    def count(self, standing: Standing) -> int:
        """How many anchors stand that way."""
        return sum(anchor.standing is standing for anchor in self.anchors)


def drift(profile: Profile, text: str) -> Drift:
    """Hold every anchor of a profile against a document's text."""
    found = numbered(text)
    first = {sentence.sha256: sentence for sentence in reversed(found)}
    held = [(statement.id, mark) for statement in profile.statements for mark in statement.source.anchors]
    known = {mark.sha256 for _, mark in held}
    new = [sentence for sentence in found if sentence.sha256 not in known]
    edited = _edited([mark for _, mark in held if mark.sha256 not in first], new)
    became = {sentence.sha256 for _, sentence in edited.values()}
    document = profile.source.document
    recorded = document.sha256 if document is not None else ""
    today = document_hash(text)
    moved = set() if today == recorded else _moved([mark for _, mark in held], first)
    return Drift(
        profile=profile.id,
        sha256=today,
        recorded=recorded,
        sentences=len(found),
        anchors=tuple(_standing(id, mark, first, moved, edited) for id, mark in held),
        unaccounted=tuple(sentence for sentence in new if sentence.sha256 not in became),
        ordered=all(mark.place is not None for _, mark in held),
        sketched=all(mark.sketch for _, mark in held),
    )


def numbered(text: str) -> list[Sentence]:
    """The sentences of a text with their ordinals and anchors."""
    return [
        Sentence(place=place, text=sentence, sha256=anchor(sentence), sketch=sketch(sentence))
        for place, sentence in enumerate(sentences(text), start=1)
    ]


def _standing(
    statement: str,
    mark: Anchor,
    first: dict[str, Sentence],
    moved: set[str],
    edited: dict[str, tuple[float, Sentence]],
) -> AnchorDrift:
    alike, became = edited.get(mark.sha256, (None, None))
    now = first.get(mark.sha256, became)
    if mark.sha256 in first:
        standing = Standing.MOVED if mark.sha256 in moved else Standing.SAME
    else:
        standing = Standing.REMOVED if became is None else Standing.EDITED
    return AnchorDrift(
        statement=statement,
        locator=mark.locator,
        sha256=mark.sha256,
        standing=standing,
        place=mark.place,
        now=now.place if now is not None else None,
        alike=alike,
        sentence=became,
    )


def _moved(marks: Sequence[Anchor], first: dict[str, Sentence]) -> set[str]:
    """The hashes of the fewest sentences that must have moved for the others to stand in their old order."""
    then = {mark.sha256: mark.place for mark in marks if mark.place is not None and mark.sha256 in first}
    order = sorted(then, key=lambda sha256: then[sha256])
    return set(order) - set(_longest_rising(order, [first[sha256].place for sha256 in order]))


def _longest_rising(names: Sequence[str], numbers: Sequence[int]) -> Iterable[str]:
    """The names of a longest subsequence whose numbers rise (patience sorting)."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int | None] = []
    for index, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        tops[pile : pile + 1] = [number]
        piles[pile : pile + 1] = [index]
        before.append(piles[pile - 1] if pile else None)
    at = piles[-1] if piles else None
    while at is not None:
        yield names[at]
        at = before[at]


def _edited(missing: Sequence[Anchor], new: Sequence[Sentence]) -> dict[str, tuple[float, Sentence]]:
    """What missing sentences became, by their old hash: the most alike pairs first, each sentence once."""
    lost = {mark.sha256: mark for mark in missing if mark.sketch}
    pairs = [
        (ratio, mark.sha256, sentence)
        for mark in lost.values()
        for sentence in new
        if (ratio := _alike(mark.sketch, sentence.sketch)) is not None
    ]
    result: dict[str, tuple[float, Sentence]] = {}
    taken: set[int] = set()
    for ratio, sha256, sentence in sorted(pairs, key=lambda pair: (-pair[0], pair[2].place, pair[1])):
        if sha256 not in result and sentence.place not in taken:
            result[sha256] = (ratio, sentence)
            taken.add(sentence.place)
    return result


def _alike(then: str, now: str) -> float | None:
    """The ratio of common words (difflib's, over sketches) where it reaches ALIKE_FROM."""
    matcher = SequenceMatcher(None, then[:_WORDS_COMPARED], now[:_WORDS_COMPARED], autojunk=False)
    if matcher.real_quick_ratio() < ALIKE_FROM or matcher.quick_ratio() < ALIKE_FROM:
        return None
    common = sum(block.size for block in matcher.get_matching_blocks())
    ratio = round(matcher.ratio(), 3)
    return ratio if ratio >= ALIKE_FROM and common >= _COMMON_FROM else None
