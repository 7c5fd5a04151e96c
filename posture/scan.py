"""Scans: signs in, cuts the work into places, runs them on any executor, and leaves a sealed run directory."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path

from posture import __version__
from posture.allowances import Attestation, Exemption
from posture.assess import Assessment, assess
from posture.config import Target
from posture.context import Context, named_providers
from posture.coverage import Listed
from posture.evaluate import closed_findings
from posture.following import added, hidden
from posture.model import ANY, Cause, Finding, Gap, Value
from posture.place import Closed, Place, Where
from posture.plan import Plan, Scoped, plan
from posture.profile import to_data
from posture.provider import Cost, Costing, Limits, SignInFailed, Waiting
from posture.registry import Registry
from posture.run.directory import Run, RunError
from posture.run.record import FORMAT, Head, PlaceResult, ProfileRecord
from posture.scope import Match
from posture.shard import broken, close_place, replay_place, scan_place, scan_shard, unentered
from posture.stop import StoppedBy

TICK = 0.2
"""Seconds between two looks at the clock and two reports of progress."""


class Order(Value, kw_only=True):
    """What a scan is to do. ``note`` is what every report of the run says first."""

    scoped: tuple[Scoped, ...]
    targets: tuple[Target, ...]
    limits: Limits
    exemptions: tuple[Exemption, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    checks_dir: str = ""
    holds: dict[str, tuple[Match, ...]] = {}
    note: str = ""


class Progress(Value):
    """How far a scan is: calls and findings so far, and how many of its places are done."""

    calls: int
    findings: int
    done: int
    places: int


class Scanned(Value):
    """A finished scan: its directory, its verdicts, which targets could not be entered, and the seal."""

    folder: str
    assessment: Assessment
    failures: tuple[str, ...]
    reached: int
    interrupted: bool
    seal: str


def plan_of(order: Order, registry: Registry) -> Plan:
    """The plan of an order, without contacting anything."""
    return plan(registry, order.scoped, named_providers(registry, order.scoped, order.targets))


def costs_of(order: Order, made: Plan, registry: Registry) -> dict[str, tuple[Cost, ...]]:
    """What the plan may cost each target, where its provider can tell. Contacts nothing."""
    found = {}
    for target in order.targets:
        provider = registry.providers[target.provider]
        if isinstance(provider, Costing):
            found[target.name] = provider.costs(target.settings, made.operations(target.provider))
    return found


def scan(
    order: Order,
    folder: Path,
    registry: Registry,
    *,
    executor: Executor | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    now: datetime | None = None,
) -> Scanned:
    """Run a scan from beginning to end. Ctrl-C ends it early and leaves a valid, sealed, partial run.

    Places run on ``executor``; by default on threads of this process. ``now`` is the instant that ages refer to.
    """
    head, failures = _enter(order, registry, now or datetime.now(UTC).replace(microsecond=0))
    run = Run.create(folder, head)
    context = Context(run, registry)
    run.write("plan.json", context.plan.steps)
    for closed in head.closed:
        close_place(context, closed)
    interrupted = _run_places(context, executor, progress)
    assessment = _assess(context, run.findings(), run.coverage())
    run.write("verdicts.json", assessment)
    context.pool.close()
    return Scanned(
        folder=str(folder),
        assessment=assessment,
        failures=tuple(failures),
        reached=len(head.identities),
        interrupted=interrupted,
        seal=run.seal(),
    )


def evaluate_run(run: Run, registry: Registry | None = None) -> Assessment:
    """Judge a recorded run again, offline, from its replies: the same bytes on any day.

    ``registry`` holds the check packages to judge with, by default those that the run was made with.
    """
    context = Context(run, registry)
    coverage: list[Listed] = []
    assessment = _assess(context, _replayed(context, coverage), coverage)
    context.pool.close()
    return assessment


def _replayed(context: Context, coverage: list[Listed]) -> Iterator[Finding]:
    """The findings of a recorded run, place by place; ``coverage`` is complete when they are used up."""
    for place in context.places.values():
        findings, rows = replay_place(context, context.run, place)
        coverage += rows
        yield from findings
    for closed in context.head.closed:
        yield from closed_findings(context.plan.works[closed.place.provider], context.scoped, closed)


def _enter(order: Order, registry: Registry, started: datetime) -> tuple[Head, list[str]]:
    places: list[Place] = []
    closed: list[Closed] = []
    identities: dict[str, str] = {}
    failures: list[str] = []
    for target in order.targets:
        try:
            found = registry.providers[target.provider].discover(target.name, target.settings, order.limits)
        except SignInFailed as failed:
            failures.append(f"{target.name}: {failed}")
            closed += _shut(target.provider, target.name, failed.gap)
            continue
        identities[target.name] = found.identity
        places += found.places
        closed += found.closed
    _check_distinct(places)
    targeted = {target.provider for target in order.targets}
    for name in sorted(named_providers(registry, order.scoped, order.targets) - targeted):
        detail = f"the profile speaks about {name}, and no target of the scan is there"
        closed += _shut(name, "", Gap(cause=Cause.UNREACHABLE, detail=detail, operation=""))
    head = Head(
        format=FORMAT,
        tool=__version__,
        started=started.isoformat(),
        profiles=tuple(
            ProfileRecord(file=use.profile.file, data=to_data(use.profile), scopes=use.scopes) for use in order.scoped
        ),
        targets=tuple(target.data() for target in order.targets),
        identities=identities,
        checks={id: registry.checks[id].revision for id in sorted(registry.checks)},
        places=tuple(places),
        closed=tuple(closed),
        limits=order.limits,
        exemptions=order.exemptions,
        attestations=order.attestations,
        checks_dir=order.checks_dir,
        holds=order.holds,
        note=order.note,
    )
    return head, failures


def _check_distinct(places: Sequence[Place]) -> None:
    """Two targets that lead to one place would be scanned as one of them. Raises RunError."""
    first: dict[str, Place] = {}
    for place in places:
        other = first.setdefault(place.id, place)
        if other is not place:
            where = f"{place.account} {place.region}"
            raise RunError(f"the targets {other.target!r} and {place.target!r} both lead to {where}: keep one of them")


def _shut(provider: str, target: str, gap: Gap) -> list[Closed]:
    return [
        Closed(place=Place(provider=provider, target=target, account=ANY, region=ANY, where=where), gap=gap)
        for where in Where
    ]


def _run_places(context: Context, executor: Executor | None, progress: Callable[[Progress], None]) -> bool:
    """All places; those that follow come last, with the places that the names of the accounts add to them.

    Where names could not be read, what may have been added is closed.
    """
    first = [place for place in context.places.values() if not context.follows(place)]
    interrupted = _run_wave(context, first, 0, executor, progress)
    found, unknown = added(context), hidden(context)
    if found or unknown:
        places = [*found, *(closed.place for closed in unknown)]
        context.run.add_places(places)
        context.places |= {place.id: place for place in places}
    for closed in unknown:
        close_place(context, closed)
    shut = {closed.place.id for closed in unknown}
    rest = [place for place in context.places.values() if context.follows(place) and place.id not in shut]
    return _run_wave(context, rest, len(first) + len(shut), executor, progress) or interrupted


def _run_wave(
    context: Context,
    places: Sequence[Place],
    before: int,
    executor: Executor | None,
    progress: Callable[[Progress], None],
) -> bool:
    """These places, side by side; ``before`` of others are done. Whether the user broke off.

    None is entered once the scan was told to stop: a worker elsewhere would not hear of it.
    """
    if context.stop.is_set():
        for place in places:
            close_place(context, unentered(place, context.stop.by), context.stop.by)
        return False
    with ThreadPoolExecutor(_at_once(context, places), thread_name_prefix="posture-place") as own:
        if executor is None:
            futures = {own.submit(scan_place, context, place): place for place in places}
        else:
            folder = str(context.run.folder)
            futures = {executor.submit(scan_shard, folder, place.id): place for place in places}
        interrupted = _wait(context, set(futures), before, progress)
    for future, place in futures.items():
        error = None if future.cancelled() else future.exception()
        if error is not None:
            context.run.discard(place.id)
            close_place(context, broken(place, error))
        elif context.run.finished(place.id) is None:
            close_place(context, unentered(place, context.stop.by), context.stop.by)
    return interrupted


def _at_once(context: Context, places: Sequence[Place]) -> int:
    """How many of these places run side by side; more where all of them mostly wait."""
    providers = [context.registry.providers[name] for name in {place.provider for place in places}]
    widths = [one.places_for_one if isinstance(one, Waiting) else 1 for one in providers]
    return context.head.limits.places * min(widths, default=1)


def _wait(
    context: Context, futures: set["Future[PlaceResult]"], before: int, progress: Callable[[Progress], None]
) -> bool:
    deadline = context.began + context.head.limits.run
    interrupted = False
    while True:
        try:
            done, pending = wait(futures, timeout=TICK)
            meter = context.meter
            progress(
                Progress(
                    calls=meter.calls,
                    findings=meter.findings,
                    done=before + len(done),
                    places=max(len(context.places), before + len(futures)),
                )
            )
            if not pending:
                return interrupted
            if time.monotonic() > deadline:
                context.stop.end(StoppedBy.CLOCK)
        except KeyboardInterrupt:
            interrupted = True
            context.stop.end(StoppedBy.USER)
            for future in futures:
                future.cancel()


def _assess(context: Context, findings: Iterable[Finding], coverage: list[Listed]) -> Assessment:
    return assess(
        [use.profile for use in context.scoped],
        findings,
        coverage,
        context.plan.untested,
        context.head.exemptions,
        context.head.attestations,
        context.now,
        context.head.holds,
    )
