"""The facts of a place that checks consult, found by what they have in common with the fact that is judged."""

from collections.abc import Iterable

from posture.check import Incomplete
from posture.events import Lineage, Missed, Seen
from posture.model import Fact, Gap

Ancestor = tuple[type[Fact], str]

MAX_EVIDENCE = 8
"""Digests of consulted replies that a finding lists when the consulted facts belong to the whole place."""


class Consulted:
    """Consulted facts and gaps by type.

    A check that consults facts which come from the same resource as the judged one (a bucket's policy beside its
    encryption) gets those of that resource. Of facts that share nothing with it (the TLS policies of a region beside a
    listener), and of a listing that it comes from itself (all buckets beside a bucket's replication), it gets all.
    """

    def __init__(self, kinds: Iterable[type[Fact]]) -> None:
        self._all: dict[type[Fact], list[Seen]] = {kind: [] for kind in kinds}
        self._gaps: dict[type[Fact], Gap] = {}
        self._listing_gaps: dict[type[Fact], Gap] = {}
        self._near: dict[tuple[type[Fact], Ancestor], list[Seen]] = {}
        self._near_gaps: dict[tuple[type[Fact], Ancestor], Gap] = {}
        self._ancestors: dict[type[Fact], frozenset[type[Fact]]] = {}

    def add(self, seen: Seen) -> None:
        """Keep a fact, if it is one that checks consult."""
        kind = type(seen.fact)
        if kind not in self._all:
            return
        self._all[kind].append(seen)
        self._ancestors[kind] = frozenset(fact for fact, _ in seen.lineage[:-1])
        for ancestor in seen.lineage:
            self._near.setdefault((kind, ancestor), []).append(seen)

    def miss(self, missed: Missed) -> None:
        """Keep a gap, if it is of facts that checks consult."""
        if missed.fact not in self._all:
            return
        self._gaps.setdefault(missed.fact, missed.gap)
        if not missed.lineage:
            self._listing_gaps.setdefault(missed.fact, missed.gap)
        self._ancestors.setdefault(missed.fact, frozenset(fact for fact, _ in missed.lineage))
        for ancestor in missed.lineage:
            self._near_gaps.setdefault((missed.fact, ancestor), missed.gap)

    def beside(self, seen: Seen, kinds: tuple[type[Fact], ...]) -> tuple[list[tuple[Fact, ...]], tuple[str, ...]]:
        """What a check consults about a fact, and the evidence of that together with the fact's own."""
        found: list[tuple[Fact, ...]] = []
        evidence = dict.fromkeys(seen.evidence)
        for kind in kinds:
            near = self._nearest(seen.lineage, kind)
            facts = self._near.get((kind, near), []) if near is not None else self._all[kind]
            digests = dict.fromkeys(mark for fact in facts for mark in fact.evidence)
            if near is not None or len(digests) <= MAX_EVIDENCE:
                evidence |= digests
            values = tuple(fact.fact for fact in facts)
            gap = self._gap(kind, near)
            found.append(values if gap is None else Incomplete.of(values, gap))
        return found, tuple(evidence)

    def _nearest(self, lineage: Lineage, kind: type[Fact]) -> Ancestor | None:
        """The closest fact that both the judged fact and the consulted ones come from."""
        ancestors = self._ancestors.get(kind, frozenset())
        return next((ancestor for ancestor in reversed(lineage) if ancestor[0] in ancestors), None)

    def _gap(self, kind: type[Fact], near: Ancestor | None) -> Gap | None:
        if near is None:
            return self._gaps.get(kind)
        return self._listing_gaps.get(kind) or self._near_gaps.get((kind, near))
