"""What changed of a statement: its verdict, what the gate makes of it, its words, and the findings behind it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from posture.assess import Attested, ClaimVerdict, ProfileVerdict, StatementVerdict
from posture.diff.cause import Ground, Why
from posture.diff.findings import GRAVITY, FindingChange
from posture.gate import stops
from posture.model import Value, Verdict
from posture.profile import StatementSource

SHOWN = 5
"""Changes of findings that are kept with a statement; ``Comparison.changes`` tells all of them."""


class StatementChange(Value):
    """A statement that differs. A verdict is None where the profile of that run has no such statement.

    ``worse`` and ``better`` say what the gate newly sees in it, and no longer sees. ``words_changed``: the document
    puts it in other words. ``causes`` counts the changed findings behind it, ``findings`` shows the gravest of them.
    ``unlisted`` of them hang on a listing that one run could not read, and are told by what stands for it.
    """

    id: str
    summary: str
    before: Verdict | None
    after: Verdict | None
    cause: Why
    worse: tuple[str, ...]
    better: tuple[str, ...]
    words_changed: bool
    causes: dict[str, int]
    unlisted: int
    findings: tuple[FindingChange, ...]


class ProfileChange(Value):
    """A document that both runs judged: its statements that differ, among how many."""

    id: str
    title: str
    statements: int
    changed: tuple[StatementChange, ...]


class Behind:
    """The changed findings of one claim: how many for which cause, and the gravest of them."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str, Why]] = Counter()
        self._own: list[FindingChange] = []
        self._hanging: dict[tuple[str, str], list[FindingChange]] = {}
        self._hang: Counter[tuple[str, str]] = Counter()
        self._stand: set[tuple[str, str]] = set()

    def add(self, change: FindingChange) -> None:
        """Count a change."""
        self.counts[change.before.outcome, change.after.outcome, change.cause] += 1
        key = change.check, change.detail
        if change.stands_for_others:
            self._stand.add(key)
        if change.unlisted and not change.stands_for_others:
            self._hang[key] += 1
            self._hanging[key] = gravest([*self._hanging.get(key, ()), change])
        else:
            self._own = gravest([*self._own, change])

    @property
    def unlisted(self) -> int:
        """How many hang on a listing that something stands for."""
        return sum(count for key, count in self._hang.items() if key in self._stand)

    @property
    def shown(self) -> list[FindingChange]:
        """The gravest: of what hangs on one listing, only what stands for it."""
        loose = [change for key, found in self._hanging.items() if key not in self._stand for change in found]
        return gravest([*self._own, *loose])


def gravest(changes: Sequence[FindingChange]) -> list[FindingChange]:
    """The changes to show: those that broke something first."""

    def rank(change: FindingChange) -> tuple[int, int, str]:
        return GRAVITY.index(change.after.outcome), GRAVITY.index(change.before.outcome), change.id

    return sorted(changes, key=rank)[:SHOWN]


class Statements:
    """Compares the statements of one document. ``behind`` holds the changed findings by profile and claim."""

    def __init__(self, profile: str, old: Ground, new: Ground, behind: Mapping[tuple[str, str], Behind]) -> None:
        self._id = profile
        self._old, self._new = old, new
        self._behind = behind
        self._before = _sources(old, profile)
        self._after = _sources(new, profile)

    def compare(self, before: ProfileVerdict, after: ProfileVerdict) -> ProfileChange:
        """The statements that differ, in the order of the later profile; those that it lacks come last."""
        old = {statement.id: statement for statement in before.statements}
        new = {statement.id: statement for statement in after.statements}
        pairs = [(old.get(id), new.get(id)) for id in dict.fromkeys((*new, *old))]
        changed = (self._change(was, now) for was, now in pairs)
        return ProfileChange(
            id=self._id,
            title=after.title,
            statements=len(pairs),
            changed=tuple(change for change in changed if change is not None),
        )

    def _change(self, was: StatementVerdict | None, now: StatementVerdict | None) -> StatementChange | None:
        either = now or was
        assert either is not None
        source, old = self._after.get(either.id), self._before.get(either.id)
        words = was is not None and now is not None and _anchors(source) != _anchors(old)
        counts, shown, unlisted = self._findings(was, now)
        verdicts = was.verdict if was else None, now.verdict if now else None
        cause = self._cause(was, now, counts)
        if cause is None and words:
            cause = Why.DOCUMENT
        if cause is None:
            return None
        stopped = stops(was) if was else frozenset(), stops(now) if now else frozenset()
        causes: Counter[str] = Counter()
        for (_, _, why), count in counts.items():
            causes[why] += count
        return StatementChange(
            id=either.id,
            summary=either.summary,
            before=verdicts[0],
            after=verdicts[1],
            cause=cause,
            worse=tuple(sorted(stopped[1] - stopped[0])),
            better=tuple(sorted(stopped[0] - stopped[1])),
            words_changed=words,
            causes={why: causes[why] for why in sorted(causes)},
            unlisted=unlisted,
            findings=tuple(shown),
        )

    def _findings(
        self, was: StatementVerdict | None, now: StatementVerdict | None
    ) -> tuple[Counter[tuple[str, str, Why]], list[FindingChange], int]:
        claims = {claim.claim for statement in (was, now) if statement for claim in statement.claims}
        found = [self._behind[self._id, claim] for claim in sorted(claims) if (self._id, claim) in self._behind]
        counts: Counter[tuple[str, str, Why]] = Counter()
        for behind in found:
            counts.update(behind.counts)
        shown = gravest([change for behind in found for change in behind.shown])
        return counts, shown, sum(behind.unlisted for behind in found)

    def _cause(
        self, was: StatementVerdict | None, now: StatementVerdict | None, counts: Counter[tuple[str, str, Why]]
    ) -> Why | None:
        """Why the statement differs; None where it does not, its words aside."""
        if was is None or now is None:
            return Why.DOCUMENT
        claims = [claim.claim for claim in was.claims], [claim.claim for claim in now.claims]
        taken = claims[0] != claims[1] or self._judging(was.id, self._before) != self._judging(was.id, self._after)
        if taken and (was.verdict != now.verdict or claims[0] != claims[1]):
            return Why.DOCUMENT
        moved = counts + self._unseen(was, now)
        if was.verdict != now.verdict:
            return _foremost(_deciding(moved, was.verdict, now.verdict)) or _foremost(moved) or self._other()
        if moved:
            return _foremost(moved)
        if _vouched(was.attested) != _vouched(now.attested):
            return Why.EXCEPTION
        return Why.DOCUMENT if taken else None

    def _judging(self, id: str, sources: Mapping[str, StatementSource]) -> object:
        """What of a statement's source bears on its verdict beside its claims."""
        source = sources[id]
        readings = (source.reading, *(use.reading for use in source.claims))
        drafts = any(reading is not None and not reading.confirmed for reading in readings)
        claims = [(use.claim, use.data, use.empty) for use in source.claims]
        return source.class_, bool(source.remainder), drafts, claims

    def _unseen(self, was: StatementVerdict, now: StatementVerdict) -> Counter[tuple[str, str, Why]]:
        """What no finding tells: stores that no check judges, and claims that a check newly bears on, or no more."""
        found: Counter[tuple[str, str, Why]] = Counter()
        later = {claim.claim: claim for claim in now.claims}
        for before in was.claims:
            after = later[before.claim]
            if before.tested != after.tested:
                found["unknown", "unknown", Why.CHECK] += 1
            more = after.tally.blind - before.tally.blind
            if more:
                found["unknown", "unknown", self._of_blind(before, after, more)] += abs(more)
        return found

    def _of_blind(self, before: ClaimVerdict, after: ClaimVerdict, more: int) -> Why:
        if self._old.head.checks.keys() != self._new.head.checks.keys():
            return Why.CHECK
        if self._scoped():
            return Why.SCOPE
        return Why.NEW if more > 0 else Why.GONE

    def _other(self) -> Why:
        """The cause of a verdict that differs while nothing behind it does."""
        if self._scoped():
            return Why.SCOPE
        return Why.ENVIRONMENT if self._old.head.tool == self._new.head.tool else Why.TOOL

    def _scoped(self) -> bool:
        same = self._old.scopes[self._id] == self._new.scopes[self._id] and self._old.held(self._id) == self._new.held(
            self._id
        )
        return not same or self._old.places.keys() != self._new.places.keys()


def _sources(ground: Ground, profile: str) -> dict[str, StatementSource]:
    return {statement.id: statement.source for statement in ground.profiles[profile].statements}


def _anchors(source: StatementSource | None) -> list[str]:
    """The words of a statement as hashes; where they stand does not count."""
    return [anchor.sha256 for anchor in source.anchors] if source else []


def _vouched(attested: Iterable[Attested]) -> list[tuple[str, str, bool]]:
    return [(one.id, one.document_sha256, one.lapsed) for one in attested]


def _deciding(counts: Counter[tuple[str, str, Why]], before: Verdict, after: Verdict) -> Counter[tuple[str, str, Why]]:
    """The changes that can have turned the verdict: Fails where it is contradicted, else what is or was unknown."""

    def decides(was: str, now: str) -> bool:
        if after is Verdict.CONTRADICTED:
            return now == "fail"
        if before is Verdict.CONTRADICTED:
            return was == "fail"
        return "unknown" in (was, now)

    return Counter({key: count for key, count in counts.items() if decides(key[0], key[1])})


def _foremost(counts: Counter[tuple[str, str, Why]]) -> Why | None:
    """The most frequent cause; of equally frequent ones the first in the order of ``Why``."""
    causes: Counter[Why] = Counter()
    for (_, _, why), count in counts.items():
        causes[why] += count
    return max(causes, key=lambda why: (causes[why], -list(Why).index(why))) if causes else None
