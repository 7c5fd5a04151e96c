"""Evaluates facts and gaps as they come: each check's answer to each claim, as findings."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from posture.consulted import Consulted
from posture.coverage import Ledger, LeftOut, Unread, inventory_check, unread
from posture.events import Event, Missed, Ready, Seen
from posture.identity import finding_id
from posture.model import Cause, Exposed, Fact, Finding, Gap, Outcome, Resource, Severity, Unknown
from posture.place import Closed
from posture.plan import Binding, Scoped, Work
from posture.session import GapFound


class Evaluation:
    """Judges the facts of one place. Facts are dropped once judged; consulted ones are kept until the end.

    ``exposed`` are the public names that were seen; ``unnamed`` says why there may be others.
    """

    def __init__(
        self, work: Work, scoped: Sequence[Scoped], note: Callable[[LeftOut | Unread], None] = lambda _: None
    ) -> None:
        self._work = work
        self._scoped = {use.profile.id: use.scopes for use in scoped}
        self._note = note
        self._consulted = Consulted(work.consulted)
        self.ledger = Ledger()
        self.exposed: list[Exposed] = []
        self.unnamed: Gap | None = None

    def findings(self, events: Iterable[Event]) -> Iterator[Finding]:
        """The findings, in the order in which their facts come."""
        early: list[Seen | Missed] = []
        ready = False
        for event in events:
            if isinstance(event, Ready):
                ready = True
                for held in early:
                    yield from self._judge(held)
                early.clear()
                continue
            self._take(event)
            if ready:
                yield from self._judge(event)
            else:
                early.append(event)
        for held in early:
            yield from self._judge(held)

    def wanted(self, resource: Resource) -> bool:
        """Whether any profile speaks about the resource."""
        return any(not reason for reason in self._out(resource).values())

    def _take(self, event: Seen | Missed) -> None:
        match event:
            case Seen(fact=fact):
                for left_out in self.ledger.seen(event, self._out(fact.resource)):
                    self._note(left_out)
                self._consulted.add(event)
                if type(fact) in self._work.exposing and self.wanted(fact.resource):
                    self.exposed += fact.exposes()
            case Missed():
                self._note(unread(event))
                self._consulted.miss(event)
                if self._hides_names(event):
                    self.unnamed = self.unnamed or event.gap

    def _hides_names(self, event: Missed) -> bool:
        is_there = event.gap.cause is not Cause.REGION_NOT_ENABLED
        return is_there and event.fact in self._work.exposing and self.wanted(event.resource)

    def _judge(self, event: Seen | Missed) -> Iterator[Finding]:
        if isinstance(event, Missed) and event.gap.cause is Cause.REGION_NOT_ENABLED:
            return  # nothing can be there: the region, or the service in it, is not switched on
        kind = type(event.fact) if isinstance(event, Seen) else event.fact
        resource = event.fact.resource if isinstance(event, Seen) else event.resource
        bindings = self._work.bindings.get(kind, ())
        unjudged = any(kind in covering.unjudged for covering in self._work.covering)
        if not bindings and not unjudged:
            return
        inside = {profile for profile, reason in self._out(resource).items() if not reason}
        for binding in bindings:
            profiles = tuple(profile for profile in binding.profiles if profile in inside)
            if not profiles:
                continue
            if isinstance(event, Seen):
                outcome, evidence = self._outcome(binding, event)
                yield _finding(binding, resource, outcome, evidence, profiles)
            else:
                yield _finding(binding, resource, gap_outcome(event.gap), (), profiles)
        if unjudged and isinstance(event, Missed):
            yield from self._uncounted(kind, event, inside)

    def _uncounted(self, kind: type[Fact], event: Missed, inside: set[str]) -> Iterator[Finding]:
        """A listing that did not answer: stores may be there which no check judges."""
        for covering in self._work.covering:
            profiles = tuple(profile for profile in covering.profiles if profile in inside)
            if profiles and kind in covering.unjudged:
                check = inventory_check(self._work.provider, kind)
                key = covering.claim.key()
                yield Finding(
                    id=finding_id(check, key, event.resource),
                    check=check,
                    claim=key,
                    resource=event.resource,
                    severity=Severity.MEDIUM,
                    outcome=gap_outcome(event.gap),
                    evidence=(),
                    profiles=profiles,
                )

    def _outcome(self, binding: Binding, event: Seen) -> tuple[Outcome, tuple[str, ...]]:
        consulted, evidence = self._consulted.beside(event, binding.check.consulted)
        try:
            return binding.check(event.fact, binding.claim, *consulted), evidence
        except GapFound as found:
            return gap_outcome(found.gap), evidence
        except Exception as error:  # noqa: BLE001 - a check that breaks says nothing, and says so aloud
            detail = f"the check {binding.check.id} broke: {type(error).__name__}: {error}"[:300]
            return Unknown(Cause.TOOL_ERROR, detail), evidence

    def _out(self, resource: Resource) -> dict[str, str]:
        return {
            profile: next((reason for scope in scopes if (reason := scope.leaves_out(resource))), "")
            for profile, scopes in self._scoped.items()
        }


def closed_findings(work: Work, scoped: Sequence[Scoped], closed: Closed) -> Iterator[Finding]:
    """What would have been judged at a place that could not be entered: all of it is unknown."""
    yield from Evaluation(work, scoped).findings(closed_events(work, closed))


def closed_events(work: Work, closed: Closed) -> list[Event]:
    """A place that could not be entered: everything that would have been read there is missing.

    A region that the account has not enabled holds nothing, so nothing is unknown about it.
    """
    roots = {reader.fact for reader in work.roots(closed.place.where)}
    events = [
        Missed(fact=fact, resource=closed.place.whole(fact.kind), gap=closed.gap)
        for fact in sorted({r.fact for r in work.readers}, key=lambda fact: fact.__name__)
        if _root_fact(work, fact) in roots
    ]
    return [Ready(), *events]


def gap_outcome(gap: Gap) -> Unknown:
    """What a check says when what it needs was not read."""
    return Unknown(gap.cause, f"could not be read: {gap.operation}: {gap.detail}", gap.permission)


def _root_fact(work: Work, fact: type[Fact]) -> type[Fact]:
    readers = {reader.fact: reader for reader in work.readers}
    while (parent := readers[fact].parent) is not None:
        fact = parent
    return fact


def _finding(
    binding: Binding, resource: Resource, outcome: Outcome, evidence: tuple[str, ...], profiles: tuple[str, ...]
) -> Finding:
    key = binding.claim.key()
    return Finding(
        id=finding_id(binding.check.id, key, resource),
        check=binding.check.id,
        claim=key,
        resource=resource,
        severity=binding.check.severity,
        outcome=outcome,
        evidence=evidence,
        profiles=profiles,
    )
