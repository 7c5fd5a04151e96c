"""One run of a reader: it advances in worker threads, a page at a time, and speaks through messages."""

import threading
import time
from collections.abc import Iterator
from typing import Any, Protocol

from posture.events import Lineage, Lost, Seen
from posture.model import Cause, Fact, Gap
from posture.reader import Reader
from posture.session import Call, GapFound, Session

_MISFITS = (LookupError, TypeError, ValueError, AttributeError)
"""What a reader raises when a reply lacks a field or holds something else than the service promises."""


class Home(Protocol):
    """What a stream asks of the observation that it belongs to. Any thread may call."""

    def bind(self, stream: "Stream") -> Session:
        """The session as the stream's reader may use it."""
        ...

    def post(self, stream: "Stream", message: Any) -> None:
        """Hand something to the thread that drives the place."""
        ...

    def replays(self, reader: Reader, parent: str) -> Lost | None:
        """The read that was given up here in the recorded run, if it was."""
        ...

    def returned(self) -> None:
        """A worker that had been given up came back."""
        ...


class Recorded:
    """A call was made; ``body`` is what was read of its reply."""

    __slots__ = ("body", "call")

    def __init__(self, call: Call, body: Any) -> None:
        self.call, self.body = call, body


class Batch:
    """Facts of one page, with their evidence."""

    __match_args__ = ("facts", "evidence")
    __slots__ = ("evidence", "facts")

    def __init__(self, facts: list[Fact], evidence: tuple[str, ...]) -> None:
        self.facts, self.evidence = facts, evidence


class Pause:
    """The stream stopped between two pages and can be started again."""

    __slots__ = ()


class Done:
    """The stream is at its end, early where there is a gap."""

    __match_args__ = ("gap",)
    __slots__ = ("gap",)

    def __init__(self, gap: Gap | None) -> None:
        self.gap = gap


class _Abandoned(Exception):
    """Ends the work of a stream that was given up while it waited."""


class Stream:
    """One run of a reader."""

    def __init__(self, observation: Home, reader: Reader, parent: Seen | None, root: str) -> None:
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

    def _advance(self) -> Pause | Done:
        try:
            paused = self._read()
        except GapFound as found:
            return self._end(found.gap)
        except _Abandoned:
            return Done(None)
        except Exception as error:  # noqa: BLE001 - a reader that breaks loses its own reads, not the run
            cause = Cause.MALFORMED_REPLY if isinstance(error, _MISFITS) else Cause.TOOL_ERROR
            return self._end(self.gap(cause, f"{type(error).__name__}: {error}"[:300]))
        return Pause() if paused else self._end(None)

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

    def _end(self, gap: Gap | None) -> Done:
        """The end, which in a replay is the recorded one: a reply that came late was not waited for."""
        self._flush()
        lost = self._replayed()
        return Done(gap if lost is None else lost.gap)

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
        self._observation.post(self, Batch(self._facts, (*inherited, *self._marks)))
        self._facts, self._marks = [], []
        self._batches += 1
