"""Puts the findings of two runs side by side by their ids, in a temporary database: any number in little memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from types import TracebackType

import msgspec

from posture.allowances import Exemption
from posture.diff.cause import Covers, Standing
from posture.model import Fail, Finding, NotApplicable, Pass, Unknown
from posture.run.directory import Run
from posture.run.record import Head

Pair = tuple[Standing | None, Standing | None]

OLD, NEW = 0, 1
BATCH = 1000
"""Findings that are handed to the database at a time."""

_TABLES = """
CREATE TABLE found (side INTEGER, id TEXT, rank INTEGER, resource TEXT, standing BLOB, PRIMARY KEY (side, id))
    WITHOUT ROWID;
CREATE TABLE left_out (side INTEGER, profile TEXT, resource TEXT, PRIMARY KEY (side, profile, resource)) WITHOUT ROWID;
"""
_INSERT = """
INSERT INTO found VALUES (?, ?, ?, ?, ?) ON CONFLICT (side, id) DO UPDATE
    SET rank = excluded.rank, standing = excluded.standing WHERE excluded.rank < found.rank
"""
_RANK: dict[type, int] = {Fail: 0, Unknown: 1, Pass: 2, NotApplicable: 3}


class Pairs:
    """The findings of two runs. Where a run has an id twice, the graver outcome stands.

    The database is SQLite's private temporary file: it holds nothing that the runs do not, and is gone afterwards.
    """

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.executescript(_TABLES)
        self._decode = msgspec.msgpack.Decoder(Standing).decode
        self._kinds: dict[str, set[str]] = {}

    def __enter__(self) -> "Pairs":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._base.close()

    def load(self, side: int, run: Run, head: Head, profiles: frozenset[str], exemptions: "Excepts") -> Covers:
        """Take the findings of a run that any of the profiles has, and tell which of them stand for others.

        What stands for others can only be told once both runs are loaded.
        """
        covers = Covers(self._kinds)
        self._base.execute("BEGIN")
        rows: list[tuple[int, str, int, str, bytes]] = []
        for standing in _standings(run, head, profiles, exemptions):
            finding = standing.finding
            if not isinstance(finding.outcome, Unknown):
                self._kinds.setdefault(finding.check, set()).add(finding.resource.kind)
            covers.add(standing)
            rank = _RANK[type(finding.outcome)]
            rows.append((side, finding.id, rank, finding.resource.id, msgspec.msgpack.encode(standing)))
            if len(rows) == BATCH:
                self._base.executemany(_INSERT, rows)
                rows.clear()
        self._base.executemany(_INSERT, rows)
        left_out = ((side, out.profile, out.resource.id) for out in run.left_out())
        self._base.executemany("INSERT OR IGNORE INTO left_out VALUES (?, ?, ?)", left_out)
        self._base.execute("COMMIT")
        return covers

    def index(self) -> None:
        """Call once both runs are loaded, before asking what a run has seen."""
        self._base.execute("CREATE INDEX resources ON found (side, resource)")

    def seen(self, side: int, resource: str) -> bool:
        """Whether any finding of the run is about the resource."""
        query = "SELECT 1 FROM found WHERE side = ? AND resource = ? LIMIT 1"
        return self._base.execute(query, (side, resource)).fetchone() is not None

    def left_out(self, side: int, profile: str, resource: str) -> bool:
        """Whether the profile left the resource out in that run."""
        query = "SELECT 1 FROM left_out WHERE side = ? AND profile = ? AND resource = ?"
        return self._base.execute(query, (side, profile, resource)).fetchone() is not None

    def __iter__(self) -> Iterator[Pair]:
        """All pairs in the order of their ids."""
        old, new = self._side(OLD), self._side(NEW)
        before, after = next(old, None), next(new, None)
        while before is not None or after is not None:
            if after is None or (before is not None and before[0] < after[0]):
                assert before is not None
                yield self._decode(before[1]), None
                before = next(old, None)
            elif before is None or after[0] < before[0]:
                yield None, self._decode(after[1])
                after = next(new, None)
            else:
                yield self._decode(before[1]), self._decode(after[1])
                before, after = next(old, None), next(new, None)

    def _side(self, side: int) -> Iterator[tuple[str, bytes]]:
        yield from self._base.execute("SELECT id, standing FROM found WHERE side = ? ORDER BY id", (side,))


class Excepts:
    """The exceptions that are in force at the instant of a run, as a finding meets them."""

    def __init__(self, in_force: Iterable[Exemption]) -> None:
        self._by_finding: dict[str, list[str]] = {}
        self._wide: list[Exemption] = []
        for exemption in in_force:
            if exemption.finding:
                self._by_finding.setdefault(exemption.finding, []).append(exemption.id)
            else:
                self._wide.append(exemption)

    def ids(self, finding: Finding) -> tuple[str, ...]:
        """The exceptions that cover a finding; they are about Fails alone."""
        if not isinstance(finding.outcome, Fail):
            return ()
        wide = [exemption.id for exemption in self._wide if exemption.names(finding)]
        return tuple(sorted([*self._by_finding.get(finding.id, ()), *wide]))


def _standings(run: Run, head: Head, profiles: frozenset[str], exemptions: Excepts) -> Iterator[Standing]:
    targets = {place.id: place.target for place in (*run.places(), *(closed.place for closed in head.closed))}
    for place in run.place_ids():
        for finding in run.lines(place, "findings.jsonl", Finding):
            common = tuple(id for id in finding.profiles if id in profiles)
            if common:
                yield Standing(
                    finding=msgspec.structs.replace(finding, profiles=common),
                    place=place,
                    target=targets.get(place, ""),
                    exceptions=exemptions.ids(finding),
                )
