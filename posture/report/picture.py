"""The whole of a document at a glance: verdicts by section, and how far stores were judged, by type and region."""

from collections.abc import Iterable
from itertools import groupby

from posture.model import Value, Verdict
from posture.report import words
from posture.report.ledger import StoreRow
from posture.report.statement import StatementView
from posture.report.view import ProfileView

REGIONS = 6
"""Regions that have a column of their own, those with most stores first; the others share one."""

ELSEWHERE = "elsewhere"


class Section(Value):
    """Statements that stand together, with their numbers in the document, and how many have each verdict."""

    title: str
    statements: tuple[tuple[int, StatementView], ...]
    counts: dict[Verdict, int]

    @property
    def bars(self) -> tuple[tuple[Verdict, int, int], ...]:
        """Verdict, where its bar begins, and how long it is, in statements."""
        found = []
        start = 0
        for verdict, count in self.counts.items():
            found.append((verdict, start, count))
            start += count
        return tuple(found)

    @property
    def told(self) -> str:
        """The counts in words."""
        return words.listing(f"{count} {words.spoken(verdict)}" for verdict, count in self.counts.items())


class Reach(Value):
    """Stores in scope, of which some check judged. ``unlisted``: a listing was not read, so there may be more."""

    in_scope: int
    judged: int
    unlisted: bool = False

    @property
    def told(self) -> str:
        """The cell in words, with a question mark where anything is missing."""
        if not self.in_scope:
            return "? not listed"
        counted = f"{self.judged:,} of {self.in_scope:,}"
        return f"{'? ' if self.judged < self.in_scope else ''}{counted}{' + ?' if self.unlisted else ''}"


class Grid(Value):
    """Reach by type of store and region; None where all listings were read and nothing in scope was among it."""

    regions: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Reach | None, ...]], ...]

    @property
    def unlisted(self) -> bool:
        """Whether any listing was not read."""
        return any(reach is not None and reach.unlisted for _, cells in self.rows for reach in cells)


def sections(profile: ProfileView) -> tuple[Section, ...]:
    """The sections in the order of the document; one that is taken up again later counts as another."""
    return tuple(
        _section(title, tuple(members))
        for title, members in groupby(enumerate(profile.statements, 1), key=lambda item: item[1].section)
    )


def widest(found: Iterable[Section]) -> int:
    """The statements of the longest section: what the bars are drawn against."""
    return max((len(section.statements) for section in found), default=1)


def grid(profile: ProfileView) -> Grid:
    """What of the stores in scope was judged, and where listings are missing."""
    rows = [row for row in profile.stores if row.in_scope or row.unlisted]
    weight: dict[str, int] = {}
    for row in rows:
        weight[row.region] = weight.get(row.region, 0) + row.in_scope
    ranked = sorted(weight, key=lambda region: (-weight[region], region))
    own = tuple(sorted(ranked[:REGIONS]))
    regions = own if len(ranked) <= REGIONS else (*own, ELSEWHERE)
    types = sorted({str(row.store) for row in rows})
    return Grid(
        regions=regions,
        rows=tuple((type_, tuple(_reach(rows, type_, region, own) for region in regions)) for type_ in types),
    )


def _section(title: str, members: tuple[tuple[int, StatementView], ...]) -> Section:
    counted = {verdict: sum(one.verdict == verdict for _, one in members) for verdict in Verdict}
    return Section(
        title=title, statements=members, counts={verdict: count for verdict, count in counted.items() if count}
    )


def _reach(rows: list[StoreRow], type_: str, region: str, own: tuple[str, ...]) -> Reach | None:
    here = [
        row
        for row in rows
        if row.store == type_ and (row.region == region if region != ELSEWHERE else row.region not in own)
    ]
    if not here:
        return None
    return Reach(
        in_scope=sum(row.in_scope for row in here),
        judged=sum(row.judged for row in here),
        unlisted=any(row.unlisted for row in here),
    )
