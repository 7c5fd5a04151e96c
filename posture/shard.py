"""Runs one place of a scan, live or from a recorded run: observe, evaluate, and let go of the facts."""

import time
from typing import Any

from posture.context import Context, context_of
from posture.coverage import Listed
from posture.evaluate import Evaluation, closed_events, closed_findings
from posture.events import Lost
from posture.model import Cause, Finding, Gap
from posture.observe import Observation
from posture.place import Closed, Place
from posture.provider import Limits
from posture.run.directory import PlaceWriter, Run
from posture.run.record import PlaceResult
from posture.run.replay import Replay
from posture.session import Call
from posture.stop import REASONS, Stop, StoppedBy

FLUSH_EVERY = 50
"""Findings between two flushes to disk."""

OFFLINE = Limits(connect=0, read=0, call=1e9, kind=1e9, place=1e9, run=1e9, attempts=1, threads=2, places=1)
"""A recorded run answers at once: nothing is given up but what was given up then."""


def scan_shard(folder: str, place: str) -> PlaceResult:
    """Scan one place of a started run. The whole payload is two strings, so any executor can carry it."""
    context = context_of(folder)
    return scan_place(context, context.place(place))


def scan_place(context: Context, place: Place) -> PlaceResult:
    """Scan one place and leave its files in the run directory."""
    provider = context.registry.providers[place.provider]
    work = context.plan.works[place.provider]
    writer = _Writer(context, place)
    evaluation = Evaluation(work, context.scoped, writer.files.note)
    observation = Observation(
        work,
        provider.session(place, context.source(place), context.now),
        context.pool,
        context.head.limits,
        record=writer.call,
        lose=writer.lost.append,
        wanted=evaluation.wanted,
        stop=context.stop,
    )
    for finding in evaluation.findings(observation.events()):
        writer.finding(finding)
    return writer.close(evaluation, interrupted=context.stop.is_set(), stopped=context.stop.by)


def close_place(context: Context, closed: Closed, stopped: StoppedBy | None = None) -> None:
    """Write what is known of a place that was not entered: nothing, and why, and who ended the scan before it."""
    writer = _Writer(context, closed.place)
    work = context.plan.works[closed.place.provider]
    evaluation = Evaluation(work, context.scoped)
    for finding in evaluation.findings(closed_events(work, closed)):
        writer.finding(finding)
    writer.close(evaluation, interrupted=False, stopped=stopped, shut=closed.gap)


def unentered(place: Place, by: StoppedBy | None = None) -> Closed:
    """A place that a scan never came to which somebody ended before."""
    detail = f"{REASONS[by or StoppedBy.USER]} before it"
    return Closed(place=place, gap=Gap(cause=Cause.CAPPED, detail=detail, operation=""))


def broken(place: Place, error: BaseException) -> Closed:
    """A place whose scan broke down: what it left is not relied on."""
    return Closed(
        place=place,
        gap=Gap(cause=Cause.TOOL_ERROR, detail=f"{type(error).__name__}: {error}"[:300], operation=""),
    )


def replay_place(context: Context, run: Run, place: Place) -> tuple[list[Finding], list[Listed]]:
    """The findings and counts of a recorded place, judged anew from its replies."""
    result = run.finished(place.id)
    work = context.plan.works[place.provider]
    if result is None or result.shut is not None:
        closed = unentered(place) if result is None or result.shut is None else Closed(place=place, gap=result.shut)
        return list(closed_findings(work, context.scoped, closed)), []
    provider = context.registry.providers[place.provider]
    evaluation = Evaluation(work, context.scoped)
    observation = Observation(
        work,
        provider.session(place, Replay(run, place.id), context.now),
        context.pool,
        OFFLINE,
        record=lambda call, body: None,
        lose=lambda lost: None,
        wanted=evaluation.wanted,
        stop=Stop(),
        lost={(lost.reader, lost.parent): lost for lost in result.lost},
    )
    return list(evaluation.findings(observation.events())), evaluation.ledger.rows()


class _Writer:
    """Writes a place's files and counts what is written."""

    def __init__(self, context: Context, place: Place) -> None:
        self.files = PlaceWriter(context.run.place(place.id))
        self.lost: list[Lost] = []
        self._meter = context.meter
        self._place = place.id
        self._calls = self._gaps = self._findings = 0
        self._began = time.monotonic()

    def call(self, call: Call, body: Any) -> None:
        self.files.call(call, body)
        self._calls += 1
        self._gaps += call.gap is not None
        self._meter.add(calls=1)

    def finding(self, finding: Finding) -> None:
        self.files.finding(finding)
        self._findings += 1
        self._meter.add(findings=1)
        if self._findings % FLUSH_EVERY == 0:
            self.files.flush()

    def close(
        self,
        evaluation: Evaluation,
        *,
        interrupted: bool,
        stopped: StoppedBy | None = None,
        shut: Gap | None = None,
    ) -> PlaceResult:
        result = PlaceResult(
            place=self._place,
            calls=self._calls,
            gaps=self._gaps,
            findings=self._findings,
            seconds=round(time.monotonic() - self._began, 3),
            lost=tuple(self.lost),
            interrupted=interrupted,
            stopped=stopped,
            shut=shut,
            exposed=tuple(dict.fromkeys(evaluation.exposed)),
            unnamed=evaluation.unnamed,
        )
        self.files.close(evaluation.ledger.rows(), result)
        return result
