"""An AWS account on a loopback port: moto's emulator behind the gate, in this process."""

from __future__ import annotations

import logging
import os
import socket
from threading import Lock, Thread, current_thread
from types import TracebackType
from typing import Any, Self

from flask import Flask
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import ThreadedWSGIServer

from posture_estates.aws.gate import Gate, Record

QUIET = ("werkzeug", "moto", "botocore")
SEED = 20_260_101  # moto draws its ids from this: the same calls give the same ids
# moto reads this when it needs it: a few hundred AMIs of other owners would cost seconds in every region
SETTINGS = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
JOIN_SECONDS = 5.0
RUNNING = Lock()


def emulated_service(service: Any) -> Flask:
    application: Flask = create_backend_app(service)
    application.debug = False  # in debug mode Flask re-raises moto's own errors into the server
    return application


class Emulator(DomainDispatcherApplication):  # type: ignore[misc]
    """moto's application, remembering which backend serves a host, and answering 404 for services it lacks."""

    def __init__(self) -> None:
        super().__init__(emulated_service)
        self.known: dict[str, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host is None:
            return None
        if host not in self.known:
            lacking = ".amazonaws.com" in host and not any(
                p.match(f"http://{host}") for _, p in self.backend_url_patterns
            )
            # the backend of moto's own API has none of AWS's paths
            self.known[host] = "moto_api" if lacking else super().get_backend_for_host(host)
        return self.known[host]


class Handler(MotoRequestHandler):  # type: ignore[misc]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body go out in two writes


class Server(ThreadedWSGIServer):  # type: ignore[misc]
    """A server that knows its connections, so that closing it ends them and their threads."""

    def __init__(self, application: Gate) -> None:
        self.open: dict[Thread, socket.socket] = {}
        self.guard = Lock()
        super().__init__("127.0.0.1", 0, application, handler=Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self.guard:
            self.open[current_thread()] = request
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self.guard:
                del self.open[current_thread()]

    def end_connections(self) -> None:
        with self.guard:
            connections = dict(self.open)
        for connection in connections.values():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client or the gate was quicker
        for thread in connections:
            thread.join(JOIN_SECONDS)


class AwsServer:
    """An emulated account, empty when it starts; `seed` fills it. Use as a context manager.

    moto keeps its state in module globals: a second server in the same process is refused with RuntimeError.
    """

    def __init__(self) -> None:
        if not RUNNING.acquire(blocking=False):
            raise RuntimeError("an AwsServer already runs in this process")
        self.gate = Gate(Emulator())
        self._environment = {name: os.environ.get(name) for name in SETTINGS}
        self._levels = {name: logging.getLogger(name).level for name in QUIET}
        os.environ.update(SETTINGS)
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        reset()
        self._server = Server(self.gate)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="aws-estate")
        self._thread.daemon = True
        self._thread.start()
        self._closed = False

    @property
    def requests(self) -> tuple[Record, ...]:
        """Every request so far, in the order of their answers."""
        return self.gate.requests

    def close(self) -> None:
        """Stop serving, end every connection and thread, forget the account. May be called again."""
        if self._closed:
            return
        self._closed = True
        self.gate.close()
        self._server.shutdown()
        self._thread.join()
        self._server.end_connections()
        self._server.server_close()
        reset()
        for name, value in self._environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        RUNNING.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def reset() -> None:
    """Forget everything that moto was told."""
    BackendDict.reset()
    reset_model_data()
    mock_random.seed(SEED)
