"""Compares two runs: what changed for each statement and each finding, and one cause for each change."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from posture.allowances import expired
from posture.assess import Assessment, ProfileVerdict
from posture.diff.between import Between, between
from posture.diff.cause import Ground
from posture.diff.findings import FindingChange, alike, changes_of
from posture.diff.pairs import NEW, OLD, Excepts, Pairs
from posture.diff.statements import Behind, ProfileChange, Statements
from posture.model import Value
from posture.run.directory import Run
from posture.run.record import Head


class RunName(Value):
    """A run that is compared."""

    folder: str
    started: str
    tool: str


class Summary(Value):
    """All that a comparison says but the single findings.

    ``causes`` counts changed findings. ``reworded`` counts those with the same outcome for another reason, which are
    no changes. ``only_before`` and ``only_after`` name profiles that one run alone judged; they are not compared.
    """

    before: RunName
    after: RunName
    between: Between
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    profiles: tuple[ProfileChange, ...]
    causes: dict[str, int]
    reworded: int

    @property
    def equal(self) -> bool:
        """Whether no statement and no finding differs."""
        return not self.causes and not any(profile.changed for profile in self.profiles)

    def worse(self) -> frozenset[str]:
        """What the gate newly sees in any statement: ``contradicted``, ``incomplete``."""
        return frozenset(word for profile in self.profiles for change in profile.changed for word in change.worse)


@contextmanager
def compared(old: Run, new: Run) -> Iterator["Comparison"]:
    """Two runs side by side, while their findings wait in a temporary file. Raises IntegrityError."""
    with Pairs() as pairs:
        yield Comparison(old, new, pairs)


class Comparison:
    """What changed from one run to another, for the profiles that both judged."""

    def __init__(self, old: Run, new: Run, pairs: Pairs) -> None:
        self._runs = old, new
        self._pairs = pairs
        heads = old.head(), new.head()
        known = [[str(record.data["id"]) for record in head.profiles] for head in heads]
        self._common = [id for id in known[OLD] if id in known[NEW]]
        self._only = [tuple(id for id in ids if id not in self._common) for ids in known]
        self._old = self._ground(OLD, old, heads[OLD])
        self._new = self._ground(NEW, new, heads[NEW])
        pairs.index()
        self._reworded = 0

    def changes(self) -> Iterator[FindingChange]:
        """Every finding that differs, in the order of their ids."""
        self._reworded = 0
        for before, after in self._pairs:
            if before is not None and after is not None and alike(before, after):
                self._reworded += before.finding.outcome != after.finding.outcome
                continue
            yield from changes_of(before, after, self._old, self._new)

    def summary(self) -> Summary:
        """What changed for each statement. Goes over the findings once."""
        behind: dict[tuple[str, str], Behind] = {}
        causes: Counter[str] = Counter()
        for change in self.changes():
            causes[change.cause] += 1
            for profile in change.profiles:
                behind.setdefault((profile, change.claim), Behind()).add(change)
        old, new = ({profile.id: profile for profile in _verdicts(run)} for run in self._runs)
        return Summary(
            before=_name(self._runs[OLD], self._old.head),
            after=_name(self._runs[NEW], self._new.head),
            between=between(self._old.head, self._new.head, self._cut_short()),
            only_before=self._only[OLD],
            only_after=self._only[NEW],
            profiles=tuple(
                Statements(id, self._old, self._new, behind).compare(old[id], new[id]) for id in self._common
            ),
            causes=_sorted(causes),
            reworded=self._reworded,
        )

    def _cut_short(self) -> tuple[str, ...]:
        return tuple(word for word, run in zip(("before", "after"), self._runs, strict=True) if _broke_off(run))

    def _ground(self, side: int, run: Run, head: Head) -> Ground:
        now = datetime.fromisoformat(head.started)
        in_force = Excepts(exemption for exemption in head.exemptions if not expired(exemption.expires, now))
        covers = self._pairs.load(side, run, head, frozenset(self._common), in_force)
        return Ground(
            head,
            run.places(),
            seen=lambda resource: self._pairs.seen(side, resource),
            left_out=lambda profile, resource: self._pairs.left_out(side, profile, resource),
            covers=covers,
        )


def _broke_off(run: Run) -> bool:
    """Whether a place of the run was not finished."""
    results = [run.finished(place.id) for place in run.places()]
    return any(result is None or result.interrupted or result.stopped is not None for result in results)


def _verdicts(run: Run) -> tuple[ProfileVerdict, ...]:
    return run.read("verdicts.json", Assessment).profiles


def _name(run: Run, head: Head) -> RunName:
    return RunName(folder=str(run.folder), started=head.started, tool=head.tool)


def _sorted(counter: Counter[str]) -> dict[str, int]:
    return {str(key): counter[key] for key in sorted(counter) if counter[key]}
