"""What a run tried: which checks looked for which way to refute a claim, on how many resources, with what outcome."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from posture.check import Check
from posture.claims import Claim
from posture.model import Finding, Outcome, Value
from posture.narrowing import Narrowing
from posture.registry import Registry
from posture.report.words import OUTCOMES, listing, number
from posture.scope import Holding

SOUGHT = {"fail": "found on", "unknown": "not readable on", "pass": "not found on", "not-applicable": "cannot be on"}
"""What an outcome says of a falsifier."""

FOUND_ONE = "this or another found on"
"""What a Fail says where a check looks for several falsifiers at once."""


class Where(Value):
    """Whose findings are meant: those of a claim, of the profile that makes it, about one class of data. Empty: all."""

    profile: str = ""
    claim: str = ""
    data: str = ""


EVERYWHERE = Where()


class Sought(Value):
    """What came of looking for one falsifier: resources by their gravest outcome, and listings that were not read."""

    outcomes: dict[str, int]
    listings: int

    @property
    def resources(self) -> int:
        """How many resources were looked at, or would have been."""
        return sum(self.outcomes.values())


class Tried:
    """What a run tried: how often each check gave each outcome, in all and for one claim of one profile.

    Of the claims that are named in ``words``, it keeps which resources each check looked at. ``providers`` are those
    that the run had a target for.
    """

    def __init__(
        self,
        findings: Iterable[Finding],
        narrowing: Narrowing,
        words: Iterable[str] = (),
        providers: Iterable[str] = (),
    ) -> None:
        self.providers = frozenset(providers)
        self._narrowing = narrowing
        self._counts: dict[tuple[str, Where], Counter[str]] = {}
        self._gravest: dict[tuple[str, Where], dict[int, str]] = {}
        self._listings: Counter[tuple[str, Where]] = Counter()
        wanted = frozenset(words)
        for finding in findings:
            kept = finding.claim.split('"')[1] in wanted
            for where in _wheres(finding, narrowing):
                self._count((finding.check, where), finding, kept)

    def _count(self, key: tuple[str, Where], finding: Finding, kept: bool) -> None:
        word = outcome_word(finding.outcome)
        self._counts.setdefault(key, Counter())[word] += 1
        if not kept:
            return
        if finding.resource.stands_for_all:
            self._listings[key] += 1
        else:
            mark = hash((finding.resource.kind, finding.resource.id))
            known = self._gravest.setdefault(key, {})
            known[mark] = _graver(word, known.get(mark, word))

    def maps(self, data: str) -> bool:
        """Whether the run knows which stores hold this class of data."""
        return bool(data) and self._narrowing.maps(data)

    def judged(self, check: Check, where: Where) -> bool:
        """Whether a check gave any outcome."""
        return (check.id, where) in self._counts

    def is_vague(self, check: Check, where: Where) -> bool:
        """Whether a check failed that looks for several falsifiers, so that it is not told which it found."""
        return len(check.falsifiers) > 1 and bool(self._counts.get((check.id, where), Counter())["fail"])

    def words(self, check: str, where: Where = EVERYWHERE) -> str:
        """What became of a check: its outcomes counted, or that it was not tried. Unknown alone is no answer."""
        count = self._counts.get((check, where), Counter())
        if not count:
            return "not tried: nothing to judge"
        said = listing(f"{label} {count[word]:,}×" for word, (_, label) in OUTCOMES.items() if count[word])
        return f"tried without an answer: {said}" if set(count) == {"unknown"} else f"tried: {said}"

    def sought(self, checks: Iterable[Check], where: Where = EVERYWHERE) -> Sought:
        """What came of looking for what these checks look for."""
        keys = [(check.id, where) for check in checks]
        found: dict[int, str] = {}
        for key in keys:
            for mark, word in self._gravest.get(key, {}).items():
                found[mark] = _graver(word, found.get(mark, word))
        counts = Counter(found.values())
        return Sought(
            outcomes={word: counts[word] for word in OUTCOMES if counts[word]},
            listings=sum(self._listings[key] for key in keys),
        )


def _wheres(finding: Finding, narrowing: Narrowing) -> Iterator[Where]:
    yield EVERYWHERE
    for profile in finding.profiles:
        yield Where(profile=profile, claim=finding.claim)
        for data, held in narrowing.of(profile, finding):
            if held is not Holding.ELSEWHERE:
                yield Where(profile=profile, claim=finding.claim, data=data)


def _graver(one: str, other: str) -> str:
    return min(one, other, key=list(OUTCOMES).index)


def outcome_word(outcome: Outcome) -> str:
    """The word of an outcome, as findings are stored with it."""
    return str(outcome.__struct_config__.tag)


def refuted(kind: type[Claim], registry: Registry, tried: Tried | None, where: Where) -> Iterator[str]:
    """Each falsifier of a claim, and under it who looks for it and what came of that."""
    checks = [check for check in registry.checks.values() if check.claim is kind]
    for falsifier in kind.falsifiers:
        yield falsifier
        looking = [check for check in checks if falsifier in check.falsifiers]
        yield f"  {_tried(looking, registry, tried, where) if tried is not None else _looked_for(looking, registry)}"
    silent = [check.id for check in checks if not check.falsifiers]
    if silent:
        yield f"tests that do not say which of these they look for: {listing(sorted(silent))}"


def _looked_for(checks: Sequence[Check], registry: Registry) -> str:
    by = Counter(registry.provider_of(check.fact) for check in checks)
    told = listing(f"{number(count, 'check')} of {provider}" for provider, count in sorted(by.items()))
    return f"looked for by {told}" if told else "no check looks for it"


def _tried(checks: Sequence[Check], registry: Registry, tried: Tried, where: Where) -> str:
    """Whether a run looked for a falsifier: on how many resources, with what outcome; or why it did not."""
    if not checks:
        return "not tried: no check looks for it"
    found = tried.sought(checks, where)
    unread = [f"{number(found.listings, 'listing')} could not be read"] if found.listings else []
    if not found.resources and not unread:
        lacking = sorted({registry.provider_of(check.fact) for check in checks} - tried.providers)
        reached = [check for check in checks if registry.provider_of(check.fact) in tried.providers]
        return "not tried: nothing to look at" if reached else f"not tried: no target of {listing(lacking)}"
    if found.outcomes.keys() == {"not-applicable"} and not unread:
        return f"not tried: none of {number(found.resources, 'resource')} could have it"
    said = SOUGHT | {"fail": FOUND_ONE} if any(tried.is_vague(check, where) for check in checks) else SOUGHT
    told = listing([*(f"{said[word]} {count:,}" for word, count in found.outcomes.items()), *unread])
    answered = {"fail", "pass"} & found.outcomes.keys()
    of = f" on {number(found.resources, 'resource')}" if found.resources else ""
    return f"{'tried' if answered else 'tried without an answer'}{of} by {_by(checks, tried, where)}: {told}"


def _by(checks: Sequence[Check], tried: Tried, where: Where) -> str:
    """The checks that had anything to look at."""
    return listing(sorted(check.id for check in checks if tried.judged(check, where)), 6)
