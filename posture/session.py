"""What readers talk through: one place of one target, where each call is allowed, made once and recorded."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, Self

import msgspec

from posture.identity import canonical, digest
from posture.model import Cause, Gap, Resource, Value
from posture.place import Place
from posture.reply import Reply


class GapFound(Exception):
    """A read did not answer. Sources raise it; the engine turns it into a Gap, never into a result.

    ``date`` is when the provider says that it refused, as in ``Answer``.
    """

    def __init__(self, gap: Gap, date: str = "") -> None:
        super().__init__(f"{gap.operation}: {gap.cause}: {gap.detail}")
        self.gap = gap
        self.date = date


class NotRecorded(GapFound):
    """A recorded run holds no answer to this question: it was given up, or was never asked."""


class Answer(Value):
    """What a source gave for one call: a body, or ``absent`` with the provider's code for "there is none".

    ``date`` is the reply's Date header (RFC 9110, 6.6.1), by which ``posture doctor`` compares clocks; no evidence
    holds it.
    """

    body: Any = None
    absent: str = ""
    status: int = 200
    request_id: str = ""
    date: str = ""


class Call(Value):
    """One line of the call ledger. ``reply`` is the digest of the redacted reply, empty when there was a gap."""

    operation: str
    params: Any
    region: str
    at: str
    status: int = 0
    request_id: str = ""
    reply: str = ""
    absent: str = ""
    gap: Gap | None = None

    def question(self) -> str:
        """What was asked: equal questions get one answer in a shard."""
        return question(self.operation, self.region, self.params)


def question(operation: str, region: str, params: Any) -> str:
    """The identity of a call."""
    return canonical([operation, region, params])


class Source(Protocol):
    """Where answers come from: a live account, or the replies of a recorded run."""

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        """Ask once. Raise GapFound when there is no answer; ``absent`` lists error codes that mean "none"."""
        ...


Recorder = Callable[[Call, Any], None]


class _Asked:
    """A call that was made and whose reply is being read; shared ones are kept for the shard."""

    __slots__ = ("call", "failure", "lock", "mark", "reply")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.call: Call | None = None
        self.reply: Reply | None = None
        self.failure: Gap | None = None
        self.mark = ""


class Session:
    """The engine's half of a session; a provider's session adds its manner of paging and naming.

    A session is bound to one reader at a time: it performs that reader's operation and can perform no other.
    """

    def __init__(self, place: Place, source: Source, now: datetime) -> None:
        self.place = place
        self.now = now
        self.operation = ""
        self.permission = ""
        self._source = source
        self._shared = False
        self._kept: dict[str, _Asked] = {}
        self._keeping = threading.Lock()
        self._record: Recorder | None = None
        self._before: Callable[[], None] | None = None
        self._open: list[_Asked] = []

    def bound(
        self, operation: str, permission: str, *, shared: bool, record: Recorder, before: Callable[[], None]
    ) -> Self:
        """A session that performs ``operation`` only. ``before`` runs ahead of each call, ``record`` after it.

        ``shared`` keeps each answer for the shard, for readers that ask the same question for many resources.
        """
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.operation, other.permission, other._shared = operation, permission, shared
        other._record, other._before, other._open = record, before, []
        return other

    def call(self, params: Mapping[str, Any], *, absent: str = "", region: str = "") -> Reply | None:
        """Perform the reader's operation.

        None when the provider answered one of the blank-separated codes in ``absent``: there is no such thing.
        """
        region = region or self.place.region
        if self._before is not None:
            self._before()
        asked = self._asked(question(self.operation, region, params))
        with asked.lock:
            if asked.call is None:
                self._perform(asked, dict(params), region, frozenset(absent.split()))
        if asked.failure is not None:
            raise GapFound(asked.failure)
        self._open.append(asked)
        return asked.reply

    def _asked(self, key: str) -> _Asked:
        if not self._shared:
            return _Asked()
        with self._keeping:
            return self._kept.setdefault(key, _Asked())

    def _perform(self, asked: _Asked, params: dict[str, Any], region: str, absent: frozenset[str]) -> None:
        call = Call(operation=self.operation, params=params, region=region, at=_clock())
        try:
            answer = self._source.fetch(self.operation, params, region, absent)
        except NotRecorded:
            raise
        except GapFound as found:
            self._failed(asked, call, found.gap)
            return
        except Exception as error:  # noqa: BLE001 - a source that breaks has not answered, and the ledger says so
            detail = f"{type(error).__name__}: {error}"[:300]
            self._failed(asked, call, Gap(cause=Cause.TOOL_ERROR, detail=detail, operation=self.operation))
            return
        if not answer.absent and not isinstance(answer.body, dict):
            detail = f"the reply is a {type(answer.body).__name__}, not an object"
            self._failed(asked, call, Gap(cause=Cause.MALFORMED_REPLY, detail=detail, operation=self.operation))
            return
        asked.call = msgspec.structs.replace(
            call, status=answer.status, request_id=answer.request_id, absent=answer.absent
        )
        asked.reply = None if answer.absent else Reply(answer.body)

    def _failed(self, asked: _Asked, call: Call, gap: Gap) -> None:
        gap = msgspec.structs.replace(gap, permission=gap.permission or self.permission)
        asked.call, asked.failure = msgspec.structs.replace(call, gap=gap), gap
        self._recorded(asked.call, None)

    def close_replies(self) -> tuple[str, ...]:
        """Record what was read of the replies since the last time; their digests are the evidence.

        A shared reply is recorded when its first asker is done: a shared reader reads the same fields for all.
        """
        marks = []
        for asked in self._open:
            with asked.lock:
                if not asked.mark and asked.call is not None:
                    body = {"absent": asked.call.absent} if asked.reply is None else asked.reply.close()
                    asked.mark = digest(body)
                    self._recorded(msgspec.structs.replace(asked.call, reply=asked.mark), body)
                marks.append(asked.mark)
        self._open.clear()
        return tuple(marks)

    def _recorded(self, call: Call, body: Any) -> None:
        if self._record is not None:
            self._record(call, body)

    def resource(self, kind: str, id: str, name: str, *, region: str = "", tags: Any = None) -> Resource:
        """A resource of this place. ``tags`` are pairs, or None where they were not read."""
        return Resource(
            id=id,
            kind=kind,
            cloud=self.place.provider,
            account=self.place.account,
            region=region or self.place.region,
            name=name,
            tags=None if tags is None else tuple(sorted(tags)),
        )


def _clock() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
