"""Tries what a scan needs: signs in to each target, asks each planned listing once, and tells what a refusal costs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from posture.clock import Clock, ClockedSource, Clocks
from posture.config import Target
from posture.gate import Exit
from posture.model import Cause, Gap, Value
from posture.place import Closed, Place, Where
from posture.plan import Plan, Scoped, Work
from posture.provider import Discovery, Limits, Reaching, SignInFailed
from posture.reader import Reader
from posture.registry import Registry
from posture.report.words import DENIALS
from posture.scan import Order, plan_of
from posture.session import Call, GapFound, Session

REACH = "connect"
"""The name of the attempt to reach a place; what it takes, the place's provider knows."""

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
AUTHORITIES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables that the SDKs (botocore, requests) and OpenSSL obey; proxies in lower case as well."""


class State(StrEnum):
    """What became of one attempt, the worst first."""

    REFUSED = "refused"
    ERROR = "error"
    OK = "ok"


class Attempt(Value):
    """One operation that was tried at one place. ``statements`` suffer from it where it did not answer."""

    state: State
    operation: str
    permission: str
    place: str
    gap: Gap | None
    statements: tuple[str, ...]


class Visit(Value):
    """What was found at one target. ``failure`` says why it could not be entered; empty where it could.

    ``clock`` compares this machine's clock with the provider's, None where no reply told the time. ``untried`` are
    permissions that are exercised once per resource: whether they are granted, only a scan shows.
    """

    target: str
    provider: str
    identity: str
    places: int
    attempts: tuple[Attempt, ...]
    untried: tuple[str, ...]
    failure: str = ""
    statements: tuple[str, ...] = ()
    clock: Clock | None = None


class Surrounding(Value):
    """A variable of the environment that bends connections. ``problem`` is empty where nothing speaks against it."""

    name: str
    value: str
    problem: str = ""


class Diagnosis(Value):
    """All that was found."""

    visits: tuple[Visit, ...]
    surroundings: tuple[Surrounding, ...]

    def exit(self) -> Exit:
        """0 when all is well, 3 when something failed or a clock is off, 4 when no target could be entered."""
        if all(visit.failure for visit in self.visits):
            return Exit.UNREACHED
        states = {attempt.state for visit in self.visits for attempt in visit.attempts}
        failed = any(visit.failure or (visit.clock and visit.clock.is_off) for visit in self.visits)
        failed = failed or bool(states - {State.OK})
        return Exit.INCOMPLETE if failed else Exit.COMPLETE


def examine(order: Order, registry: Registry, environment: Mapping[str, str]) -> Diagnosis:
    """Sign in to every target of the order, and try what its plan lists there."""
    made = plan_of(order, registry)
    return Diagnosis(
        visits=tuple(_visit(target, order, made, registry) for target in order.targets),
        surroundings=tuple(surroundings(environment)),
    )


def _visit(target: Target, order: Order, made: Plan, registry: Registry) -> Visit:
    work = made.works[target.provider]
    permissions = made.permissions(target.provider)
    clocks = Clocks()
    began = datetime.now(UTC)
    try:
        found = registry.providers[target.provider].discover(target.name, target.settings, order.limits)
    except SignInFailed as failed:
        if isinstance(failed.__cause__, GapFound):
            clocks.compare(began, failed.__cause__.date)
        return Visit(
            target=target.name,
            provider=target.provider,
            identity="",
            places=0,
            attempts=(),
            untried=tuple(permissions),
            failure=str(failed),
            statements=_suffering(work, order.scoped, registry, work.readers),
            clock=clocks.narrowest(),
        )
    attempts = [
        *_shut(found.closed, work, order.scoped, registry),
        *_tried(target, found, work, order, registry, clocks),
    ]
    tried = {attempt.permission for attempt in attempts}
    return Visit(
        target=target.name,
        provider=target.provider,
        identity=found.identity,
        places=len(found.places),
        attempts=tuple(sorted(attempts, key=lambda a: (list(State).index(a.state), a.operation))),
        untried=tuple(permission for permission in permissions if permission not in tried),
        clock=clocks.narrowest(),
    )


def _shut(closed: Iterable[Closed], work: Work, scoped: tuple[Scoped, ...], registry: Registry) -> Iterator[Attempt]:
    """The places that stay closed, but for regions that are not enabled: nothing can lie there."""
    for shut in closed:
        if shut.gap.cause is not Cause.REGION_NOT_ENABLED:
            yield Attempt(
                state=_state(shut.gap),
                operation=shut.gap.operation,
                permission=shut.gap.permission,
                place=shut.place.id,
                gap=shut.gap,
                statements=_suffering(work, scoped, registry, work.readers),
            )


def _tried(
    target: Target, found: Discovery, work: Work, order: Order, registry: Registry, clocks: Clocks
) -> list[Attempt]:
    """Each planned listing, once, at the first place where it is made, and each place that may be out of reach."""
    provider = registry.providers[target.provider]
    asked: dict[Future[Gap | None], tuple[Place, list[Reader]]] = {}
    reached: dict[Future[Gap | None], Place] = {}
    pool = ThreadPoolExecutor(order.limits.threads, thread_name_prefix="posture-doctor")
    if isinstance(provider, Reaching):
        reached = {
            pool.submit(provider.reachable, place, target.settings, order.limits): place for place in found.places
        }
    for where in Where:
        place = next((place for place in found.places if place.where == where), None)
        if place is None:
            continue
        source = ClockedSource(provider.source(place, target.settings, order.limits), clocks)
        session = provider.session(place, source, datetime.now(UTC))
        for readers in _by_operation(work.roots(where)):
            asked[pool.submit(_ask, session, readers[0])] = (place, readers)
    wait((*asked, *reached), timeout=order.limits.place)
    pool.shutdown(wait=False, cancel_futures=True)
    attempts = []
    for future, (place, readers) in asked.items():
        gap = _gap(future, readers[0].operation, readers[0].permission, order.limits)
        suffering = () if gap is None else _suffering(work, order.scoped, registry, readers)
        attempts.append(_attempt(place, readers[0].operation, readers[0].permission, gap, suffering))
    for future, at in reached.items():
        gap = _gap(future, REACH, "", order.limits)
        suffering = () if gap is None else _suffering(work, order.scoped, registry, work.readers)
        attempts.append(_attempt(at, REACH, "", gap, suffering))
    return attempts


def _attempt(place: Place, operation: str, permission: str, gap: Gap | None, statements: tuple[str, ...]) -> Attempt:
    return Attempt(
        state=_state(gap), operation=operation, permission=permission, place=place.id, gap=gap, statements=statements
    )


def _by_operation(readers: Iterable[Reader]) -> list[list[Reader]]:
    groups: dict[str, list[Reader]] = {}
    for reader in readers:
        groups.setdefault(reader.operation, []).append(reader)
    return list(groups.values())


class _Enough(Exception):
    """Ends a reader at its second call: the first one has answered."""


class _Once:
    """Lets one call through."""

    def __init__(self) -> None:
        self._called = False

    def __call__(self) -> None:
        if self._called:
            raise _Enough
        self._called = True


def _ask(session: Session, reader: Reader) -> Gap | None:
    """The first call of a listing: None when it answered."""
    bound = session.bound(
        reader.operation, reader.permission, shared=reader.shared, record=_forget, before=_Once()
    )  # the session performs this operation and no other, as in a scan
    try:
        for _ in reader.read(bound, None):
            pass
    except _Enough:
        return None
    except GapFound as found:
        return found.gap
    return None


def _forget(call: Call, body: Any) -> None:
    """No evidence is kept of an examination."""


def _gap(future: "Future[Gap | None]", operation: str, permission: str, limits: Limits) -> Gap | None:
    def gap(cause: Cause, detail: str) -> Gap:
        return Gap(cause=cause, detail=detail, operation=operation, permission=permission)

    if future.cancelled() or not future.done():
        return gap(Cause.TIMEOUT, f"no answer within {limits.place:g} s")
    error = future.exception()
    if error is None:
        found = future.result()
        return None if found is not None and found.cause is Cause.REGION_NOT_ENABLED else found
    return gap(Cause.MALFORMED_REPLY, f"{type(error).__name__}: {error}"[:300])


def _state(gap: Gap | None) -> State:
    if gap is None:
        return State.OK
    return State.REFUSED if gap.cause in DENIALS else State.ERROR


def _suffering(
    work: Work, scoped: tuple[Scoped, ...], registry: Registry, readers: Iterable[Reader]
) -> tuple[str, ...]:
    """The statements that cannot be verified without these reads, as ``profile/statement``."""
    lost = set(readers)
    keys = {
        binding.claim.key()
        for bindings in work.bindings.values()
        for binding in bindings
        for fact in (binding.check.fact, *binding.check.consulted)
        if lost & set(registry.chain(fact))
    }
    keys |= {
        cover.claim.key() for cover in work.covering for fact in cover.unjudged if lost & set(registry.chain(fact))
    }
    return tuple(
        f"{use.profile.id}/{statement.id}"
        for use in scoped
        if use.may_hold(work.provider)
        for statement in use.profile.statements
        if any(asserted.claim.key() in keys for asserted in statement.asserted)
    )


def surroundings(environment: Mapping[str, str]) -> Iterator[Surrounding]:
    """The variables for proxies and authorities that are set. Credentials in the address of a proxy are not shown."""
    for name in (*PROXIES, *map(str.lower, PROXIES)):
        if environment.get(name):
            yield Surrounding(name=name, value=re.sub(r"(?<=//)[^/]*@|^[^/]*@", "***@", environment[name]))
    for name in AUTHORITIES:
        if environment.get(name):
            there = Path(environment[name]).exists()
            yield Surrounding(
                name=name, value=environment[name], problem="" if there else "there is no such file or folder"
            )
