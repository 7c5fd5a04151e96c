"""Manners: few connections at a time, few in all, and another try before an address counts as unreachable."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import posture_endpoint.source as live
from kit import place
from posture.model import Cause
from posture.provider import Limits
from posture.session import GapFound
from posture_endpoint._probes.sslyze_probe import probe_certificate
from posture_endpoint._probes.wire import Allowance, Deadline, ProbeFailed, allowed, connect
from posture_endpoint.hello.probe import Manners, probe_versions
from posture_endpoint.manners import allowance, turns
from posture_endpoint.source import EndpointSource
from posture_endpoint.target import EndpointTarget
from posture_estates.endpoints.lab import EndpointLab

LIMITS = Limits(connect=1, read=1, call=15)


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.2) as running:
        yield running


def source(lab: EndpointLab, server: str, limits: Limits = LIMITS, **fields: Any) -> EndpointSource:
    endpoint = lab.endpoints[server]
    settings = EndpointTarget(
        hosts=(f"{endpoint.host}:{endpoint.port}",),
        ca_file=str(lab.ca_file),
        http_port=lab.http_port,
        **fields,
    )
    return EndpointSource(place("endpoint", endpoint.host, str(endpoint.port)), settings, limits)


def fetch(answers: EndpointSource, lab: EndpointLab, server: str, operation: str) -> dict[str, Any]:
    endpoint = lab.endpoints[server]
    params = {"host": endpoint.host, "port": endpoint.port, "address": endpoint.address, "scheme": "https", "path": "/"}
    body: dict[str, Any] = answers.fetch(operation, params, str(endpoint.port), frozenset()).body
    return body


@pytest.mark.parametrize(("deep", "at_once"), [(False, 2), (True, 1)])
def test_an_address_sees_two_probes_at_once_and_one_where_sslyze_needs_both_turns(
    lab: EndpointLab, monkeypatch: pytest.MonkeyPatch, deep: bool, at_once: int
) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def probe(asking: Any) -> dict[str, Any]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
        return {}

    monkeypatch.setitem(live.ANSWERS, "tls:Versions", probe)
    sources = [source(lab, "good", deep=deep) for _ in range(6)]
    threads = [threading.Thread(target=fetch, args=(one, lab, "good", "tls:Versions")) for one in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == at_once


def test_other_addresses_are_not_waited_for() -> None:
    with turns("127.0.0.1", Deadline(1), 2), turns("127.0.0.2", Deadline(0.1), 2):
        pass
    with turns("127.0.0.1", Deadline(0.1), 2):
        pass


def test_whoever_waits_too_long_for_a_turn_gets_a_gap(lab: EndpointLab) -> None:
    address = lab.endpoints["good"].address
    with turns(address, Deadline(5), 2), pytest.raises(GapFound, match="timeout: waited") as found:
        fetch(source(lab, "good", Limits(call=0.1)), lab, "good", "tls:Versions")
    assert found.value.gap.cause is Cause.TIMEOUT


def test_above_its_total_an_address_is_not_contacted_and_says_so(lab: EndpointLab) -> None:
    answers = source(lab, "good", most_connections_total=12)
    assert fetch(answers, lab, "good", "tls:Versions")["versions"]["TLS 1.0"]["state"] == "refused"
    for operation in ("tls:Suites", "tls:Certificate", "http:Get", "tls:Versions"):
        capped = None
        try:
            body = fetch(answers, lab, "good", operation)
        except GapFound as found:
            capped = found.gap.cause
        else:
            assert operation == "tls:Suites"
            assert body["versions"]["TLS 1.2"]["suites_complete"] is False
        assert capped in (None, Cause.CAPPED)
    settings = answers._target
    assert allowance(settings, lab.endpoints["good"].address).opened == 12


def test_each_scan_of_a_target_counts_for_itself() -> None:
    first, second = EndpointTarget(hosts=("a.example",)), EndpointTarget(hosts=("a.example",))
    allowance(first, "192.0.2.1").take(400)
    with pytest.raises(ProbeFailed, match="capped: the limit of 400 connections"):
        allowance(first, "192.0.2.1").take()
    assert allowance(second, "192.0.2.1").left == 400
    assert allowance(first, "192.0.2.2").left == 400
    assert EndpointTarget(hosts=("a.example",), deep=True).connections_allowed == 1040


def test_every_connection_of_a_blocking_probe_is_counted(lab: EndpointLab) -> None:
    endpoint = lab.endpoints["good"]
    counted = Allowance(100)
    with allowed(counted):
        report = probe_certificate(endpoint.host, endpoint.port, endpoint.address, timeout=1, deadline=5)
        connect(endpoint.address, endpoint.port, Deadline(1)).close()
    assert counted.opened == report["connections"] + 1


def cause(probe: Any, port: int, deadline: float) -> str:
    """Why the probe learnt nothing."""
    try:
        report = probe("a.example", port, "127.0.0.1", timeout=1, deadline=deadline)
    except ProbeFailed as failed:
        return failed.cause
    return str(report["versions"]["TLS 1.2"]["cause"])


@pytest.mark.parametrize("probe", [probe_versions, probe_certificate])
def test_an_address_that_refuses_is_tried_three_times(probe: Any) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        counted = Allowance(100)
        start = time.monotonic()
        with allowed(counted):
            assert cause(probe, holder.getsockname()[1], deadline=5) == "unreachable"
        assert counted.opened == 3
        assert 0.55 < time.monotonic() - start < 3


@pytest.mark.parametrize("probe", [probe_versions, probe_certificate])
def test_an_address_that_comes_up_between_two_tries_is_reached(lab: EndpointLab, probe: Any) -> None:
    """A port that refuses at first, as after a restart, and then hands its connections to the good server."""
    good = lab.endpoints["good"]
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        threading.Timer(0.1, listener.listen).start()

        def relay() -> None:
            while True:
                try:
                    near = listener.accept()[0]
                except OSError:
                    return
                far = socket.create_connection((good.address, good.port))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_copy, args=(one, other), daemon=True).start()

        threading.Timer(0.12, relay).start()
        report = probe(good.host, port, "127.0.0.1", timeout=2, deadline=10)
        listener.shutdown(socket.SHUT_RDWR)
    if probe is probe_versions:
        assert report["versions"]["TLS 1.0"]["state"] == "refused"
    else:
        assert report["subject"] == "CN=good.lab.example"


@pytest.mark.parametrize("probe", ["versions", "certificate"])
def test_an_address_that_takes_nothing_up_is_given_up_by_the_limit_for_connecting(probe: str) -> None:
    """A listener whose queue is full lets nobody in: what a firewall that drops packets looks like."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        start = time.monotonic()
        if probe == "versions":
            report = probe_versions("a.example", port, "127.0.0.1", timeout=9, manners=Manners(connect=0.2))
            assert report["versions"]["TLS 1.2"]["why"] == "timed out (connect) (1 of 1)"
        else:
            with pytest.raises(ProbeFailed, match="timeout"):
                probe_certificate("a.example", port, "127.0.0.1", timeout=9, connect_timeout=0.1, deadline=3)
        assert time.monotonic() - start < 4


def _copy(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        other.close()


@pytest.mark.parametrize("probe", [probe_versions, probe_certificate])
def test_the_deadline_ends_the_tries(probe: Any) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        start = time.monotonic()
        assert cause(probe, holder.getsockname()[1], deadline=0.1) == "unreachable"
        assert time.monotonic() - start < 0.3
