"""Observes one place: runs readers over one session and turns what they give into facts and gaps, as a stream."""

import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from posture.events import Event, Lost, Missed, Ready, Seen
from posture.model import Cause, Fact, Gap, Resource
from posture.plan import Work
from posture.pool import Pool
from posture.provider import Limits
from posture.reader import Reader
from posture.session import Call, Session
from posture.stop import Stop
from posture.stream import Batch, Done, Pause, Recorded, Stream

TICK = 0.2
"""How often deadlines are looked at, in seconds."""


class Observation:
    """What happens at one place. ``events`` is a stream; ``record`` and ``lose`` are told of calls as they are made."""

    def __init__(
        self,
        work: Work,
        session: Session,
        pool: Pool,
        limits: Limits,
        *,
        record: Callable[[Call, Any], None],
        lose: Callable[[Lost], None],
        wanted: Callable[[Resource], bool],
        stop: Stop,
        lost: Mapping[tuple[str, str], Lost] | None = None,
    ) -> None:
        self._work = work
        self._session = session
        self._pool = pool
        self._limits = limits
        self._record = record
        self._lose = lose
        self._wanted = wanted
        self._stop = stop
        self._lost = lost or {}
        self._inbox: queue.SimpleQueue[tuple[Stream, Any]] = queue.SimpleQueue()
        self._waiting: deque[Stream] = deque()
        self._active: set[Stream] = set()
        self._paused: deque[Stream] = deque()
        self._roots: dict[str, float] = {}
        self._leading = _leading_to_consulted(work)
        self._deadline = time.monotonic() + limits.place
        self._window = 4 * limits.threads

    def events(self) -> Iterator[Event]:
        """Every fact and gap of the place; first those that other checks consult, then Ready, then the rest."""
        roots = self._work.roots(self._session.place.where)
        yield from self._run([root for root in roots if root in self._leading])
        yield Ready()
        yield from self._run([root for root in roots if root not in self._leading])

    def _run(self, roots: list[Reader]) -> Iterator[Event]:
        self._waiting.extend(Stream(self, root, None, root.name) for root in roots)
        while self._waiting or self._active or self._paused:
            self._fill()
            try:
                stream, message = self._inbox.get(timeout=TICK)
            except queue.Empty:
                yield from self._give_up_late()
                continue
            if isinstance(message, Recorded):
                self._record(message.call, message.body)
            elif not stream.abandoned:
                yield from self._handle(stream, message)
            if time.monotonic() > self._next_look:
                yield from self._give_up_late()

    _next_look = 0.0

    def _fill(self) -> None:
        if self._stop.is_set():
            return
        while self._waiting and len(self._active) < self._window:
            self._start(self._waiting.popleft())
        while self._paused and len(self._waiting) < self._window:
            self._start(self._paused.popleft())

    def _start(self, stream: Stream) -> None:
        self._active.add(stream)
        self._roots.setdefault(stream.root, time.monotonic())
        self._pool.submit(stream.advance)

    def _handle(self, stream: Stream, message: Any) -> Iterator[Event]:
        match message:
            case Batch(facts, evidence):
                stream.delivered += len(facts)
                for fact in facts:
                    seen = Seen(fact=fact, evidence=evidence, lineage=stream.lineage(fact))
                    yield seen
                    self._descend(stream, seen)
            case Pause():
                self._active.discard(stream)
                self._paused.append(stream)
            case Done(gap):
                self._active.discard(stream)
                if gap is not None:
                    yield from self._missed(stream.reader, stream.parent, gap)

    def _descend(self, stream: Stream, seen: Seen) -> None:
        """Read on below a fact: all of it where a profile speaks about it, else what checks of others consult."""
        wanted = self._wanted(seen.fact.resource)
        for reader in self._work.below(type(seen.fact)):
            if wanted or reader in self._leading:
                self._waiting.append(Stream(self, reader, seen, stream.root))

    def _missed(self, reader: Reader, parent: Seen | None, gap: Gap) -> Iterator[Missed]:
        resource = parent.fact.resource if parent is not None else self._session.place.whole(reader.fact.kind)
        lineage = parent.lineage if parent is not None else ()
        waiting = [reader]
        while waiting:
            missing = waiting.pop(0)
            yield Missed(fact=missing.fact, resource=resource, gap=gap, lineage=lineage)
            waiting += self._work.below(missing.fact)

    def _give_up_late(self) -> Iterator[Event]:
        now = time.monotonic()
        self._next_look = now + TICK
        for stream in list(self._active):
            gap = self._too_late(stream, now)
            if gap is not None:
                yield from self._give_up(stream, gap)
        for line in (self._waiting, self._paused):
            for _ in range(len(line)):
                stream = line.popleft()
                gap = self._too_late(stream, now)
                if gap is None:
                    line.append(stream)
                else:
                    yield from self._give_up(stream, gap)

    def _give_up(self, stream: Stream, gap: Gap) -> Iterator[Event]:
        if stream in self._active:
            self._active.discard(stream)
            if stream.abandon():
                self._pool.abandon()
        parent = stream.parent.fact.resource.id if stream.parent is not None else ""
        self._lose(Lost(reader=stream.reader.name, parent=parent, delivered=stream.delivered, gap=gap))
        yield from self._missed(stream.reader, stream.parent, gap)

    def _too_late(self, stream: Stream, now: float) -> Gap | None:
        limits = self._limits
        if self._stop.is_set():
            return stream.gap(Cause.CAPPED, self._stop.reason)
        if now > self._deadline:
            return stream.gap(Cause.TIMEOUT, f"this place was given {limits.place:g} s")
        if now - self._roots.get(stream.root, now) > limits.kind:
            return stream.gap(Cause.TIMEOUT, f"reads of this kind were given {limits.kind:g} s")
        if stream.running and now - stream.heartbeat > limits.call:
            return stream.gap(Cause.TIMEOUT, f"no answer within {limits.call:g} s")
        return None

    def replays(self, reader: Reader, parent: str) -> Lost | None:
        """The read that was given up here in the recorded run, if it was."""
        return self._lost.get((reader.name, parent))

    def post(self, stream: Stream, message: Any) -> None:
        """Hand something from a worker thread to the thread that drives the place."""
        self._inbox.put((stream, message))

    def bind(self, stream: Stream) -> Session:
        """The session as this stream's reader may use it."""
        reader = stream.reader
        return self._session.bound(
            reader.operation,
            reader.permission,
            shared=reader.shared,
            record=lambda call, body: self.post(stream, Recorded(call, body)),
            before=stream.before_call,
        )

    def returned(self) -> None:
        """A worker that had been given up came back."""
        self._pool.recovered()


def _leading_to_consulted(work: Work) -> set[Reader]:
    by_fact = {reader.fact: reader for reader in work.readers}
    leading = set()
    for fact in work.consulted:
        wanted: type[Fact] | None = fact
        while wanted is not None:
            leading.add(by_fact[wanted])
            wanted = by_fact[wanted].parent
    return leading
