"""Live answers from endpoints: name resolution and the probes, bounded in time and gentle to each address."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from posture.model import Cause, Gap
from posture.place import Place
from posture.provider import Limits
from posture.session import Answer, GapFound
from posture_endpoint._probes.wire import Deadline, ProbeFailed, connect, is_ip_address
from posture_endpoint.target import EndpointTarget

AT_ONCE = 2
"""Connections that one address sees at a time from this process, over all places: more may look like an attack."""

PATIENCE = 0.9
"""The part of a call's time after which the probe gives up by itself, so that it can still say why."""

LONGEST_WAIT = 10.0
"""Seconds after which a hello that met silence is taken for unanswered, however long a read may take."""

_OLD = ("TLS 1.0", "TLS 1.1", "SSLv3", "SSLv2")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_turns: dict[str, threading.BoundedSemaphore] = {}


class EndpointSource:
    """Answers from one endpoint.

    ``dns:Resolve`` gives the addresses of the host; ``tls:Versions``, ``tls:Suites`` and ``tls:Certificate`` look at
    one address; ``http:Get`` fetches ``path`` there over ``scheme`` (https on the place's port, http on the target's
    ``http_port``) and follows no redirect.
    """

    def __init__(self, place: Place, target: EndpointTarget, limits: Limits) -> None:
        self._place = place
        self._target = target
        self._limits = limits

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        """Ask once, within ``limits.call``; ``limits.read`` bounds each connection and each wait in it."""
        try:
            if operation == "dns:Resolve":
                return Answer(body={"addresses": self._addresses(params["host"], params["port"])})
            budget = Deadline(PATIENCE * self._limits.call)
            with _turn(params["address"], budget):
                body = self._probe(operation, params, budget)
        except ProbeFailed as failed:
            raise GapFound(_gap(Cause(failed.cause), failed.detail, operation)) from failed
        except TimeoutError as late:
            raise GapFound(_gap(Cause.TIMEOUT, str(late), operation)) from late
        except ImportError as missing:
            detail = f"{missing.name} is not installed; it comes with posture[endpoint]"
            raise GapFound(_gap(Cause.TOOL_ERROR, detail, operation)) from missing
        return Answer(body=body, status=body.get("status", 200))

    def _addresses(self, host: str, port: int) -> list[str]:
        found = set(self._target.fixed(host))
        if not found and is_ip_address(host):
            return [host]
        if not found:
            try:
                found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
            except socket.gaierror as error:
                raise ProbeFailed("unreachable", f"{host} has no address: {error.strerror}") from error
        return sorted(found, key=_order)

    def _probe(self, operation: str, params: Mapping[str, Any], budget: Deadline) -> dict[str, Any]:
        match operation:
            case "tls:Versions" | "tls:Suites":
                return self._versions(params, budget, suites=operation == "tls:Suites")
            case "tls:Certificate":
                return self._certificate(params, budget)
            case "http:Get":
                return self._get(params, budget)
            case _:
                raise ValueError(f"{operation} is not an operation of endpoints")

    def _versions(self, params: Mapping[str, Any], budget: Deadline, *, suites: bool) -> dict[str, Any]:
        """By the hello engine; the oldest version below TLS 1.2 that it saw accepted is confirmed by sslyze."""
        from posture_endpoint.hello.probe import Manners, probe_versions

        target = self._target
        most = target.most_connections_listing if suites else target.most_connections
        report = probe_versions(
            params["host"],
            params["port"],
            params["address"],
            timeout=min(self._limits.read, LONGEST_WAIT),
            deadline=budget.remaining(),
            suites=suites,
            manners=Manners(most=most, pause=target.pause, backoff=target.backoff),
        )
        if report["speaks_tls"] is None:
            nothing = report["versions"]["TLS 1.2"]
            raise ProbeFailed(nothing["cause"], nothing["why"])
        if not suites:
            report["confirmation"] = self._confirmation(report, budget)
        return report

    def _confirmation(self, report: Mapping[str, Any], budget: Deadline) -> dict[str, Any] | None:
        """One completed handshake as further evidence of an old version; None where there is none, or no sslyze.

        It changes no verdict: a ServerHello that takes an old version up is proof enough.
        """
        old = [version for version in _OLD if report["versions"][version]["state"] == "accepted"]
        if not old or budget.passed or report["connections"] >= self._target.most_connections:
            return None
        try:
            from posture_endpoint._probes.sslyze_probe import confirm_version

            return confirm_version(
                report["host"],
                report["port"],
                report["address"],
                old[0],
                timeout=min(self._limits.read, LONGEST_WAIT),
                deadline=budget.remaining(),
            )
        except ImportError:
            return None

    def _certificate(self, params: Mapping[str, Any], budget: Deadline) -> dict[str, Any]:
        from posture_endpoint._probes.sslyze_probe import probe_certificate

        return probe_certificate(
            params["host"],
            params["port"],
            params["address"],
            ca_file=self._ca_file("tls:Certificate"),
            timeout=self._limits.read,
            deadline=budget.remaining(),
        )

    def _get(self, params: Mapping[str, Any], budget: Deadline) -> dict[str, Any]:
        from posture_endpoint._probes.http_probe import PortClosed, probe_http

        scheme, host, address = params["scheme"], params["host"], params["address"]
        url = _url(scheme, host, params["port"] if scheme == "https" else self._target.http_port, params["path"])
        try:
            page = probe_http(
                url,
                address,
                ca_file=self._ca_file("http:Get") if scheme == "https" else None,
                timeout=self._limits.read,
                deadline=budget.remaining(),
            )
        except PortClosed:
            if scheme == "https":
                raise
            self._prove_reachable(address, params["port"], budget)
            return {"url": url, "closed": True}
        return {**page, "closed": False}

    def _prove_reachable(self, address: str, port: int, budget: Deadline) -> None:
        """A port that refuses is closed only where another one answers: else the whole address may be down."""
        try:
            connect(address, port, budget.within(self._limits.connect)).close()
        except OSError as error:
            detail = f"refuses plain HTTP, but port {port} does not answer either: {error.strerror or error}"
            raise ProbeFailed("unreachable", detail) from error

    def _ca_file(self, operation: str) -> str | None:
        problem = untrustworthy(self._target.ca_file)
        if problem:
            raise GapFound(_gap(Cause.TOOL_ERROR, problem, operation))
        return self._target.ca_file or None


def untrustworthy(ca_file: str) -> str:
    """Why a file of root certificates cannot be used; empty when it can, or when none is named."""
    try:
        if ca_file:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(ca_file)
    except OSError as error:
        return f"ca_file: {ca_file!r} cannot be used: {error.strerror or error}"
    return ""


@contextmanager
def _turn(address: str, budget: Deadline) -> Iterator[None]:
    """One of the connections that the address may see at once. TimeoutError when none comes free in time."""
    turns = _turns.setdefault(address, threading.BoundedSemaphore(AT_ONCE))
    if not turns.acquire(timeout=budget.remaining()):
        raise TimeoutError(f"waited {budget.seconds:g} s for other probes of {address}")
    try:
        yield
    finally:
        turns.release()


def _url(scheme: str, host: str, port: int, path: str) -> str:
    named = f"[{host}]" if ":" in host else host
    suffix = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
    return f"{scheme}://{named}{suffix}{path}"


def _order(address: str) -> tuple[int, int]:
    number = ipaddress.ip_address(address)
    return number.version, int(number)


def _gap(cause: Cause, detail: str, operation: str) -> Gap:
    return Gap(cause=cause, detail=detail[:500], operation=operation)
