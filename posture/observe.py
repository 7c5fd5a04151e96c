"""Observes one place: runs readers over one session and turns what they give into facts and gaps, as a stream."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from posture.events import Event, Lineage, Lost, Missed, Ready, Seen
from posture.model import Cause, Fact, Gap, Resource
from posture.plan import Work
from posture.pool import Pool
from posture.provider import Limits
from posture.reader import Reader
from posture.session import Call, GapFound, Session

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
        stop: threading.Event,
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
        self._inbox: queue.SimpleQueue[tuple[_Stream, Any]] = queue.SimpleQueue()
        self._waiting: deque[_Stream] = deque()
        self._active: set[_Stream] = set()
        self._paused: deque[_Stream] = deque()
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
        self._waiting.extend(_Stream(self, root, None, root.name) for root in roots)
        while self._waiting or self._active or self._paused:
            self._fill()
            try:
                stream, message = self._inbox.get(timeout=TICK)
            except queue.Empty:
                yield from self._give_up_late()
                continue
            if isinstance(message, _Recorded):
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

    def _start(self, stream: "_Stream") -> None:
        self._active.add(stream)
        self._roots.setdefault(stream.root, time.monotonic())
        self._pool.submit(stream.advance)

    def _handle(self, stream: "_Stream", message: Any) -> Iterator[Event]:
        match message:
            case _Batch(facts, evidence):
                stream.delivered += len(facts)
                for fact in facts:
                    seen = Seen(fact=fact, evidence=evidence, lineage=stream.lineage(fact))
                    yield seen
                    self._descend(stream, seen)
            case _Pause():
                self._active.discard(stream)
                self._paused.append(stream)
            case _Done(gap):
                self._active.discard(stream)
                if gap is not None:
                    yield from self._missed(stream.reader, stream.parent, gap)

    def _descend(self, stream: "_Stream", seen: Seen) -> None:
        """Read on below a fact: all of it where a profile speaks about it, else what checks of others consult."""
        wanted = self._wanted(seen.fact.resource)
        for reader in self._work.below(type(seen.fact)):
            if wanted or reader in self._leading:
                self._waiting.append(_Stream(self, reader, seen, stream.root))

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

    def _give_up(self, stream: "_Stream", gap: Gap) -> Iterator[Event]:
        if stream in self._active:
            self._active.discard(stream)
            if stream.abandon():
                self._pool.abandon()
        parent = stream.parent.fact.resource.id if stream.parent is not None else ""
        self._lose(Lost(reader=stream.reader.name, parent=parent, delivered=stream.delivered, gap=gap))
        yield from self._missed(stream.reader, stream.parent, gap)

    def _too_late(self, stream: "_Stream", now: float) -> Gap | None:
        limits = self._limits
        if self._stop.is_set():
            return stream.gap(Cause.CAPPED, "the scan was interrupted")
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

    def post(self, stream: "_Stream", message: Any) -> None:
        """Hand something from a worker thread to the thread that drives the place."""
        self._inbox.put((stream, message))

    def bind(self, stream: "_Stream") -> Session:
        """The session as this stream's reader may use it."""
        reader = stream.reader
        return self._session.bound(
            reader.operation,
            reader.permission,
            shared=reader.shared,
            record=lambda call, body: self.post(stream, _Recorded(call, body)),
            before=stream.before_call,
        )

    def returned(self) -> None:
        """A worker that had been given up came back."""
        self._pool.recovered()


_MISFITS = (LookupError, TypeError, ValueError, AttributeError)
"""What a reader raises when a reply lacks a field or holds something else than the service promises."""


def _leading_to_consulted(work: Work) -> set[Reader]:
    by_fact = {reader.fact: reader for reader in work.readers}
    leading = set()
    for fact in work.consulted:
        wanted: type[Fact] | None = fact
        while wanted is not None:
            leading.add(by_fact[wanted])
            wanted = by_fact[wanted].parent
    return leading


class _Recorded:
    __slots__ = ("body", "call")

    def __init__(self, call: Call, body: Any) -> None:
        self.call, self.body = call, body


class _Batch:
    __match_args__ = ("facts", "evidence")
    __slots__ = ("evidence", "facts")

    def __init__(self, facts: list[Fact], evidence: tuple[str, ...]) -> None:
        self.facts, self.evidence = facts, evidence


class _Pause:
    __slots__ = ()


class _Done:
    __match_args__ = ("gap",)
    __slots__ = ("gap",)

    def __init__(self, gap: Gap | None) -> None:
        self.gap = gap


class _Abandoned(Exception):
    """Ends the work of a stream that was given up while it waited."""


class _Stream:
    """One run of a reader. It advances in worker threads, a page at a time, and speaks through messages."""

    def __init__(self, observation: Observation, reader: Reader, parent: Seen | None, root: str) -> None:
        self.reader = reader
        self.parent = parent
        self.root = root
        self.heartbeat = 0.0
        self.running = False
        self.abandoned = False
        self.delivered = 0
        self._observation = observation
        self._facts: list[Fact] = []
        self._marks: list[str] = []
        self._batches = 0
        self._given = 0
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._generator: Iterator[Fact] | None = None

    def lineage(self, fact: Fact) -> Lineage:
        """The facts that led to one that this stream gives, itself included."""
        return (*(self.parent.lineage if self.parent is not None else ()), (type(fact), fact.resource.id))

    def gap(self, cause: Cause, detail: str) -> Gap:
        """A gap of this reader's operation."""
        return Gap(cause=cause, detail=detail, operation=self.reader.operation, permission=self.reader.permission)

    def abandon(self) -> bool:
        """Give the stream up. Whether a worker thread is still busy with it."""
        with self._lock:
            self.abandoned = True
            return self.running

    def advance(self) -> None:
        """Read on until a page is complete or the reader is done. Runs in a worker thread; does not raise."""
        with self._lock:
            if self.abandoned:
                return
            self.running, self.heartbeat = True, time.monotonic()
        message = self._advance()
        with self._lock:
            self.running = False
            late = self.abandoned
        if late:
            self._observation.returned()
        else:
            self._observation.post(self, message)

    def _advance(self) -> _Pause | _Done:
        try:
            paused = self._read()
        except GapFound as found:
            return self._end(found.gap)
        except _Abandoned:
            return _Done(None)
        except Exception as error:  # noqa: BLE001 - a reader that breaks loses its own reads, not the run
            cause = Cause.MALFORMED_REPLY if isinstance(error, _MISFITS) else Cause.TOOL_ERROR
            return self._end(self.gap(cause, f"{type(error).__name__}: {error}"[:300]))
        return _Pause() if paused else self._end(None)

    def _read(self) -> bool:
        if self._generator is None:
            self._session = self._observation.bind(self)
            self._generator = self.reader.read(self._session, self.parent.fact if self.parent is not None else None)
        before = self._batches
        lost = self._replayed()
        for fact in self._generator:
            if type(fact) is not self.reader.fact:
                raise GapFound(self.gap(Cause.TOOL_ERROR, f"{self.reader.name} gave a {type(fact).__name__}"))
            if lost is not None and self._given >= lost.delivered:
                return False
            self._given += 1
            self._facts.append(fact)
            if self._batches > before:
                return True
        return False

    def _replayed(self) -> Lost | None:
        return self._observation.replays(self.reader, self.parent.fact.resource.id if self.parent is not None else "")

    def _end(self, gap: Gap | None) -> _Done:
        """The end, which in a replay is the recorded one: a reply that came late was not waited for."""
        self._flush()
        lost = self._replayed()
        return _Done(gap if lost is None else lost.gap)

    def before_call(self) -> None:
        """A page is complete when the next one is asked for."""
        self.heartbeat = time.monotonic()
        if self.abandoned:
            raise _Abandoned
        self._flush()

    def _flush(self) -> None:
        if self._session is not None:
            self._marks += self._session.close_replies()
        if not self._facts:
            return
        inherited = self.parent.evidence if self.parent is not None else ()
        self._observation.post(self, _Batch(self._facts, (*inherited, *self._marks)))
        self._facts, self._marks = [], []
        self._batches += 1
