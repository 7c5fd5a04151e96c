"""The gate in front of the emulator: it sees every request, and can refuse, delay or damage any answer.

Behaviours are switched on and off while the server runs. An operation is named as boto3 or IAM names its service
(`elbv2:DescribeListeners`, `elasticloadbalancing:DescribeListeners`), with `*` as a wildcard (`s3:Get*`, `*`);
`resource` narrows it to requests whose path, query or body contain that text, `region` to one region,
`times` to the first so many requests. The behaviour set last wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from io import BytesIO
from itertools import count
from socket import SHUT_RDWR
from threading import Event, Lock
from typing import TYPE_CHECKING

from posture_estates.aws import errors
from posture_estates.aws.exchange import Forward, Reply, Request
from posture_estates.aws.operations import Operation, recognise
from posture_estates.aws.served import SERVED, State

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SHARED_NAMES = frozenset({"s3control"})  # signs as s3 and has operations that s3 has too
MALFORMED_FALLBACK = b"{"  # an empty body cannot be cut off


@dataclass(frozen=True, slots=True)
class Record:
    """One request that was answered; status 0 when the connection was cut instead."""

    service: str
    operation: str
    region: str
    status: int


Act = Callable[[Operation, Request, Forward], Reply]

STUMBLES = 3
"""How often moto is asked again when it breaks: its backends are not safe against two first requests at once."""
PAUSE = 0.05
"""Seconds between two such attempts."""


@dataclass(slots=True)
class Behaviour:
    """What to do with the requests of an operation."""

    operation: str
    resource: str
    region: str
    remaining: Iterator[int]  # ends when the behaviour has been shown as often as asked
    act: Act
    pause: float = 0.0  # seconds between two bytes of the answer

    def concerns(self, operation: Operation, request: Request) -> bool:
        names = {f"{operation.service}:{operation.name}"}
        if operation.service not in SHARED_NAMES:
            names.add(f"{operation.signing_name}:{operation.name}")
        return (
            any(fnmatchcase(name, self.operation) for name in names)
            and self.region in ("", operation.region)
            and self.resource in request.text
            and next(self.remaining, None) is not None
        )


class Gate:
    """WSGI middleware with behaviours, a log of requests, and the answers that the emulator lacks."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self.state = State()
        self._behaviours: list[Behaviour] = []
        self._records: list[Record] = []
        self._lock = Lock()
        self._released = Event()  # set: nobody waits any longer
        self._waiting = 0

    # -- behaviours

    def deny(
        self,
        operation: str,
        *,
        message_kind: errors.MessageKind = "identity",
        action: str | None = None,
        resource: str = "",
        region: str = "",
        times: int | None = None,
    ) -> None:
        """Refuse as IAM does. `action` is the IAM action in the message where it is not the operation's name."""
        self._add(
            operation,
            lambda op, request, _: errors.access_denied(op, request, message_kind, action),
            resource,
            region,
            times,
        )

    def throttle(self, operation: str, *, resource: str = "", region: str = "", times: int | None = None) -> None:
        self._add(operation, lambda op, request, forward: errors.throttled(op), resource, region, times)

    def fail(
        self, operation: str, status: int = 500, *, resource: str = "", region: str = "", times: int | None = None
    ) -> None:
        self._add(operation, lambda op, request, forward: errors.failed(op, status), resource, region, times)

    def expired_token(self, operation: str = "*", *, times: int | None = None) -> None:
        """Every request meets credentials that have expired."""
        self._add(operation, lambda op, request, forward: errors.expired(op), "", "", times)

    def untimely(self, operation: str = "*", *, times: int | None = None) -> None:
        """Every request meets a service whose clock is an hour ahead of the one that signed it."""
        self._add(operation, lambda op, request, forward: errors.untimely(op), "", "", times)

    def malformed(self, operation: str, *, resource: str = "", region: str = "", times: int | None = None) -> None:
        """Answer 200 with the first half of the true body."""

        def cut(op: Operation, request: Request, forward: Forward) -> Reply:
            reply = forward(request)
            return Reply(200, reply.headers, b"").with_body(reply.body[: len(reply.body) // 2] or MALFORMED_FALLBACK)

        self._add(operation, cut, resource, region, times)

    def hang(
        self, operation: str, seconds: float, *, resource: str = "", region: str = "", times: int | None = None
    ) -> None:
        """Say nothing for so long, then answer. `clear` and `close` end the wait, and cut the connection."""

        def wait(op: Operation, request: Request, forward: Forward) -> Reply:
            with self._lock:
                self._waiting += 1
                released = self._released
            let_go = released.wait(seconds)
            with self._lock:
                self._waiting -= 1
            if let_go:
                raise ConnectionAbortedError(f"{op.service}:{op.name} was released")
            return forward(request)

        self._add(operation, wait, resource, region, times)

    def drip(
        self, operation: str, pause: float = 0.05, *, resource: str = "", region: str = "", times: int | None = None
    ) -> None:
        """Answer truly, one byte at a time, `pause` seconds apart: no single read times out."""
        self._add(operation, lambda op, request, forward: forward(request), resource, region, times, pause)

    def sever(self, operation: str, *, resource: str = "", region: str = "", times: int | None = None) -> None:
        """Close the connection without an answer."""

        def cut(op: Operation, request: Request, forward: Forward) -> Reply:
            raise ConnectionAbortedError(f"{op.service}:{op.name} is severed")

        self._add(operation, cut, resource, region, times)

    def clear(self) -> None:
        """Behave again; requests that hang are let go."""
        with self._lock:
            self._behaviours.clear()
            self._released.set()
            self._released = Event()

    def close(self) -> None:
        """Let everything go, for good."""
        with self._lock:
            self._behaviours.clear()
            self._released.set()

    def _add(self, operation: str, act: Act, resource: str, region: str, times: int | None, pause: float = 0.0) -> None:
        remaining = count() if times is None else iter(range(times))
        with self._lock:
            self._behaviours.insert(0, Behaviour(operation, resource, region, remaining, act, pause))

    @property
    def waiting(self) -> int:
        """How many requests hang at this moment."""
        with self._lock:
            return self._waiting

    # -- log

    @property
    def requests(self) -> tuple[Record, ...]:
        with self._lock:
            return tuple(self._records)

    def forget(self) -> None:
        """Empty the log."""
        with self._lock:
            self._records.clear()

    def _record(self, operation: Operation | None, status: int) -> None:
        names = (operation.service, operation.name, operation.region) if operation else ("unknown", "unknown", "")
        with self._lock:
            self._records.append(Record(*names, status))

    # -- one request

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = read_request(environ)
        operation = recognise(request)
        behaviour = self._behaviour(operation, request)

        def answer(asked: Request) -> Reply:
            return self._answer(operation, asked, environ)

        try:
            reply = behaviour.act(operation, request, answer) if behaviour and operation else answer(request)
        except ConnectionAbortedError:
            self._record(operation, 0)
            environ["werkzeug.socket"].shutdown(SHUT_RDWR)
            raise
        self._record(operation, reply.status)
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", list(reply.headers))
        return self._dripped(reply.body, behaviour.pause) if behaviour and behaviour.pause else (reply.body,)

    def _behaviour(self, operation: Operation | None, request: Request) -> Behaviour | None:
        if operation is None:
            return None
        with self._lock:
            return next((b for b in self._behaviours if b.concerns(operation, request)), None)

    def _answer(self, operation: Operation | None, request: Request, environ: WSGIEnvironment) -> Reply:
        def emulate(asked: Request) -> Reply:
            return forward(self.application, environ, asked)

        if operation is None:
            return emulate(request)
        serve = SERVED.get((operation.service, operation.name))
        reply = serve(operation, request, self.state, emulate) if serve else emulate(request)
        for _ in range(STUMBLES):
            if not is_page(reply):
                break
            self._released.wait(PAUSE)
            reply = serve(operation, request, self.state, emulate) if serve else emulate(request)
        return errors.not_emulated(operation) if is_page(reply) else reply

    def _dripped(self, body: bytes, pause: float) -> Iterator[bytes]:
        released = self._released
        for position in range(len(body)):
            released.wait(pause)
            yield body[position : position + 1]


def is_page(reply: Reply) -> bool:
    """Whether moto answered with a page of its web framework: it does not know the operation, or broke."""
    return reply.status >= 400 and reply.body[:15].lower() == b"<!doctype html>"


def read_request(environ: WSGIEnvironment) -> Request:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    path, _, query = environ["REQUEST_URI"].partition("?")
    chunked = environ.get("wsgi.input_terminated", False)
    body = (
        environ["wsgi.input"].read() if chunked else environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    )
    return Request(environ["REQUEST_METHOD"], path, query, headers, body)


def forward(application: WSGIApplication, environ: WSGIEnvironment, request: Request) -> Reply:
    """What the application behind the gate answers."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        started.append((status, headers))
        return lambda data: None

    inner = environ | {
        "wsgi.input": BytesIO(request.body),
        "CONTENT_LENGTH": str(len(request.body)),
        "QUERY_STRING": request.query_string,
        "REQUEST_URI": f"{request.path}?{request.query_string}" if request.query_string else request.path,
    }
    inner.pop("HTTP_TRANSFER_ENCODING", None)
    chunks = application(inner, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[0]
    kept = tuple((name, value) for name, value in headers if name.lower() != "connection")
    reply = Reply(int(status.partition(" ")[0]), kept, body)
    return reply if request.method == "HEAD" else reply.with_body(body)
