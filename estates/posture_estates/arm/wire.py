"""The wire side of the server: TLS connections on loopback, each with its thread, and delivery of answers."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from posture_estates.arm.faults import Dripping, Dropped, Fault, Hung, Malformed, Truncated

_LARGEST_BODY = 1 << 20


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back, and the faults that spoil its delivery."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


class Answering(Protocol):
    """Who answers the requests that a listener receives."""

    def reply(self, method: str, address: str, authorization: str | None, body: bytes) -> Reply: ...

    def pause(self, seconds: float) -> bool:
        """Wait; False when the server closes meanwhile."""


class Listener(ThreadingHTTPServer):
    """Keeps account of its connections, so that closing can end every one of them and its thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answering: Answering, context: ssl.SSLContext) -> None:
        self.answering = answering
        self._context = context
        self._guard = threading.Lock()
        self._connections: dict[threading.Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """The handshake is left to the connection's own thread: a silent client must not stop the others."""
        connection, address = self.socket.accept()
        wrapped = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return wrapped, address

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self._serve, args=(request, client_address), name="arm", daemon=True)
        with self._guard:
            self._connections[thread] = request
        thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections that clients break off are no news; anything else is a defect and is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def end_connections(self) -> None:
        """Cut all connections and wait for their threads; call after `server_close`."""
        with self._guard:
            open_now = dict(self._connections)
        for connection in open_now.values():
            _cut(connection)
        for thread in open_now:
            thread.join()

    def _serve(self, request: Any, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._guard:
                del self._connections[threading.current_thread()]


class _Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, has them answered, delivers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the server keeps its own log of requests."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY or self.headers.get("Transfer-Encoding"):
            self.close_connection = True  # such a body is left unread
            length = 0
        body = self.rfile.read(length) if length else b""
        reply = self.server.answering.reply(self.command, self.path, self.headers.get("Authorization"), body)
        self._deliver(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def _deliver(self, reply: Reply) -> None:
        body = b"" if reply.status == HTTPStatus.NO_CONTENT or self.command == "HEAD" else reply.body
        dripping: Dripping | None = None
        sent: int | None = None
        for one in reply.faults:
            match one:
                case Hung(seconds):
                    if not self.server.answering.pause(seconds):
                        self._end()
                        return
                case Dropped():
                    self._end()
                    return
                case Malformed(spoilt):
                    body = spoilt
                case Truncated():
                    sent = len(body) // 2
                case Dripping():
                    dripping = one
                case _:
                    continue
        head = self._head(reply, len(body))
        if dripping is None:
            self.wfile.write(head + body[:sent])
        else:
            self.wfile.write(head)
            self._drip(body[:sent], dripping)
        if sent is not None:
            self._end()

    def _head(self, reply: Reply, length: int) -> bytes:
        fields = {"Date": self.date_time_string(), "Server": "posture-arm", **reply.headers}
        if reply.status != HTTPStatus.NO_CONTENT:
            fields |= {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(length)}
        if self.close_connection:
            fields["Connection"] = "close"
        lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _drip(self, body: bytes, dripping: Dripping) -> None:
        for start in range(0, len(body), dripping.piece):
            if not self.server.answering.pause(dripping.pause):
                self._end()
                return
            self.wfile.write(body[start : start + dripping.piece])

    def _end(self) -> None:
        self.close_connection = True
        _cut(self.connection)


def _cut(connection: socket.socket) -> None:
    """End the TCP connection below TLS, without a word to the peer."""
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:  # the peer was faster
        return
