"""The hello engine against servers whose truth is known: never a false refusal, never a hang, few connections."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from loopback import server
from posture_endpoint.hello.probe import VERSIONS, Manners, observe_versions, probe_versions
from posture_endpoint.hello.verdict import VERSIONS as JUDGED
from posture_estates.endpoints.catalogue import SERVERS, Behaviour
from posture_estates.endpoints.lab import Endpoint, EndpointLab

SPECS = {spec.name: spec for spec in SERVERS}
READABLE = [spec.name for spec in SERVERS if spec.truth.readable]
MUTE = [spec.name for spec in SERVERS if not spec.truth.readable]
LIMITED = [
    spec.name
    for spec in SERVERS
    if spec.behaviour in (Behaviour.RATE_LIMITED, Behaviour.RATE_LIMITED_SILENCE, Behaviour.RATE_LIMITED_AT_ONCE)
]
WORDLESS = ("old-reset", "old-silence", "old-close", "old-internal-error", "flaky")
SILENT = ("silent", "dripping", "old-silence", "rate-limited-silence")
ENOUGH = 1000
NEW = {"TLS 1.2", "TLS 1.3"}


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.1, rate_limit=ENOUGH) as running:
        yield running


def probe(endpoint: Endpoint, **options: Any) -> dict[str, Any]:
    timeout = 0.3 if endpoint.name in SILENT else 2.0
    starttls = SPECS[endpoint.name].starttls or None
    settings: dict[str, Any] = {"timeout": timeout, "deadline": 15.0, "starttls": starttls}
    return probe_versions(endpoint.host, endpoint.port, endpoint.address, **settings | options)


def states(result: dict[str, Any]) -> dict[str, str]:
    return {version: verdict["state"] for version, verdict in result["versions"].items()}


def expected(endpoint: Endpoint) -> dict[str, str]:
    return {version: "accepted" if version in endpoint.truth.versions else "refused" for version in VERSIONS}


def looked_at(port: int, **options: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {"timeout": 0.3, "deadline": 5.0} | options
    return probe_versions("lab.example", port, "127.0.0.1", **settings)


@pytest.mark.parametrize("name", READABLE)
def test_versions_and_forbidden_suites_are_the_truth(lab: EndpointLab, name: str) -> None:
    lab.rate_limit.restart(ENOUGH)
    endpoint = lab.endpoints[name]
    result = probe(endpoint)
    assert states(result) == expected(endpoint)
    weak = result["forbidden_suites"]["state"]
    assert weak == ("accepted" if endpoint.truth.weak_suites else "refused") or (name, weak) == ("flaky", "unknown")
    assert result["speaks_tls"] is True
    assert json.loads(json.dumps(result)) == result
    assert result["connections"] <= (20 if name in WORDLESS or endpoint.truth.versions - NEW else 10)


@pytest.mark.parametrize("name", READABLE)
def test_a_good_endpoint_costs_ten_connections_at_most(lab: EndpointLab, name: str) -> None:
    endpoint = lab.endpoints[name]
    if endpoint.truth.versions <= NEW and name not in WORDLESS:
        lab.rate_limit.restart(ENOUGH)
        assert probe(endpoint)["connections"] <= 10
        assert probe(lab.endpoints["good"])["connections"] == 10


@pytest.mark.parametrize("name", MUTE)
def test_a_server_that_never_shakes_hands_is_unknown(lab: EndpointLab, name: str) -> None:
    result = probe(lab.endpoints[name])
    assert set(states(result).values()) == {"unknown"}
    assert result["forbidden_suites"]["state"] == "unknown"
    assert result["connections"] <= 3
    clear = SPECS[name].behaviour in (Behaviour.CLEAR_TEXT, Behaviour.PLAIN_HTTP)
    assert result["speaks_tls"] is (False if clear else None)


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("refused", "unreachable"),
        ("silent", "timeout"),
        ("resets", "unreachable"),
        ("plain-http", "malformed-reply"),
        ("postgres-clear", "malformed-reply"),
    ],
)
def test_the_cause_of_an_unknown_is_told(lab: EndpointLab, name: str, cause: str) -> None:
    assert {one["cause"] for one in probe(lab.endpoints[name])["versions"].values()} == {cause}


@pytest.mark.parametrize("limit", range(16))
@pytest.mark.parametrize("name", LIMITED)
def test_a_rate_limit_never_makes_an_accepted_version_refused(lab: EndpointLab, name: str, limit: int) -> None:
    endpoint = lab.endpoints[name]
    lab.rate_limit.restart(limit)
    seen = states(probe(endpoint, **({"timeout": 0.1} if name in SILENT else {})))
    truth = expected(endpoint)
    assert [version for version in VERSIONS if seen[version] not in (truth[version], "unknown")] == []


@pytest.mark.parametrize(
    ("name", "limit"),
    [(name, limit) for name in LIMITED for limit in (2, 4, 12, 40) if name not in SILENT or limit in (4, 12)],
)
def test_a_rate_limited_server_has_the_same_verdict_in_twenty_runs(lab: EndpointLab, name: str, limit: int) -> None:
    endpoint = lab.endpoints[name]
    seen = set()
    for _ in range(20):
        lab.rate_limit.restart(limit)
        result = probe(endpoint, **({"timeout": 0.3} if name in SILENT else {}))
        seen.add((*states(result).values(), result["forbidden_suites"]["state"]))
    assert len(seen) == 1


def test_a_flaky_server_is_never_misjudged_in_twenty_runs(lab: EndpointLab) -> None:
    endpoint = lab.endpoints["flaky"]
    truth = expected(endpoint)
    for _ in range(20):
        seen = states(probe(endpoint))
        assert [version for version in VERSIONS if seen[version] not in (truth[version], "unknown")] == []


@pytest.mark.parametrize("period", range(1, 8))
@pytest.mark.parametrize("served", [True, False])
def test_no_rhythm_of_resets_makes_an_accepted_version_refused(lab: EndpointLab, period: int, served: bool) -> None:
    """Each n-th connection is reset, or only each n-th is served, from every beginning."""
    endpoint = lab.endpoints["rate-limited"]
    gate = lab.rate_limit
    truth = expected(endpoint)
    for start in range(period):
        turns = [(number % period == 0) is served for number in range(start, start + 64)]
        gate.follow(turns)
        seen = states(probe(endpoint))
        assert [version for version in VERSIONS if seen[version] not in (truth[version], "unknown")] == []
    gate.restart(ENOUGH)


def test_probes_can_run_side_by_side(lab: EndpointLab) -> None:
    names = ["good", "weak", "tls10-only", "tls13-only"] * 6
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: states(probe(lab.endpoints[name], timeout=5)), names))
    assert found == [expected(lab.endpoints[name]) for name in names]


def test_one_loop_looks_at_many_addresses_at_once(lab: EndpointLab) -> None:
    names = [name for name in READABLE if name not in (*WORDLESS, *LIMITED)] * 4

    async def all_of_them() -> list[dict[str, Any]]:
        return await asyncio.gather(
            *(
                observe_versions(one.host, one.port, one.address, timeout=10, starttls=SPECS[one.name].starttls or None)
                for one in map(lab.endpoints.__getitem__, names)
            )
        )

    for name, result in zip(names, asyncio.run(all_of_them()), strict=True):
        assert states(result) == expected(lab.endpoints[name])


def test_a_server_that_refuses_everything_is_unknown_since_nothing_proves_the_refusals() -> None:
    def refuse(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(bytes.fromhex("15030100020228"))

    with server(refuse) as port:
        result = looked_at(port)
    assert {(one["state"], one["cause"]) for one in result["versions"].values()} == {("unknown", "disagreement")}
    assert result["speaks_tls"] is True


def test_another_alert_is_no_refusal() -> None:
    def complain(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(bytes.fromhex("15030100020250"))

    with server(complain) as port:
        result = looked_at(port)
    assert set(states(result).values()) == {"unknown"}
    assert result["versions"]["TLS 1.0"]["why"] == "alert internal_error (2 of 2)"


@pytest.mark.parametrize(
    "junk",
    [
        b"\x16\x03\x03\x00\x04\x02\xff\xff\xff",
        b"\x16\x03\x03\x00\x30" + b"\x02\x00\x00\x2c\x03\x03" + bytes(42),
        b"\x15",
        b"\x00" * 70_000,
        b"\x16\x03\x03\x40\x00" + b"\x02\x00\xff\xff" + b"\x00" * 70_000,
        b"\x80\x03\x00\x00\x01",
    ],
)
def test_a_server_that_sends_rubbish_is_unknown(junk: bytes) -> None:
    def send(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(junk)

    with server(send) as port:
        assert set(states(looked_at(port)).values()) == {"unknown"}


@pytest.mark.parametrize("name", ["silent", "dripping"])
@pytest.mark.parametrize("suites", [False, True])
def test_silent_and_dripping_servers_end_at_the_deadline(lab: EndpointLab, name: str, suites: bool) -> None:
    start = time.monotonic()
    result = probe(lab.endpoints[name], timeout=30.0, deadline=0.6, suites=suites)
    assert time.monotonic() - start < 1.5
    assert set(states(result).values()) == {"unknown"}
    assert {one["cause"] for one in result["versions"].values()} <= {"timeout", "malformed-reply"}


def test_an_endless_answer_ends_at_its_limit() -> None:
    def flood(connection: socket.socket) -> None:
        connection.recv(4096)
        while True:
            connection.sendall(b"\x16\x03\x03\x00\x01\x02" * 1000)

    with server(flood) as port:
        start = time.monotonic()
        result = looked_at(port, timeout=5.0, deadline=20.0)
    assert time.monotonic() - start < 5
    assert set(states(result).values()) == {"unknown"}


def test_the_connections_of_an_address_are_capped_and_told(lab: EndpointLab) -> None:
    for most in range(1, 21):
        result = probe(lab.endpoints["old-reset"], manners=Manners(most=most))
        assert result["connections"] <= most == result["most_connections"]
        assert (states(result)["TLS 1.0"] == "refused") is (most >= 17)


def test_a_server_that_goes_mute_is_left_alone_soon(lab: EndpointLab) -> None:
    lab.rate_limit.restart(2)
    result = probe(lab.endpoints["rate-limited-silence"], timeout=0.1)
    assert result["connections"] == 6
    assert states(result)["TLS 1.2"] == "accepted"


def test_pauses_lie_between_connections_and_grow_where_nothing_answers(lab: EndpointLab) -> None:
    start = time.monotonic()
    probe(lab.endpoints["good"], manners=Manners(pause=0.05))
    assert 0.35 <= time.monotonic() - start < 2
    start = time.monotonic()
    probe(lab.endpoints["resets"], manners=Manners(backoff=0.1))
    assert 0.3 <= time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("name", "answer", "detail"),
    [
        ("good", "refused", "alert protocol_version"),
        ("weak-without-name", "accepted", "ServerHello for TLS 1.1"),
        ("needs-name", "other alert", "alert unrecognized_name"),
    ],
)
def test_clients_without_a_name_are_told_apart(lab: EndpointLab, name: str, answer: str, detail: str) -> None:
    seen = probe(lab.endpoints[name])["without_name"]
    assert (seen["answer"], seen["detail"]) == (answer, detail)


def test_no_name_is_sent_for_an_address_and_then_no_hello_without_one_is_needed(lab: EndpointLab) -> None:
    endpoint = lab.endpoints["weak-by-name"]
    result = probe_versions(endpoint.address, endpoint.port, endpoint.address, timeout=0.5)
    assert states(result)["TLS 1.3"] == "accepted"
    assert result["without_name"] is None


def test_both_certificates_are_seen(lab: EndpointLab) -> None:
    both = probe(lab.endpoints["two-certificates"])["certificates"]
    assert sorted("ECDSA" in one["suite"] for one in both) == [False, True]
    assert len({tuple(one["chain"]) for one in both}) == 2
    assert len(probe(lab.endpoints["good"])["certificates"]) == 1


def test_every_answer_is_kept_with_its_bytes(lab: EndpointLab) -> None:
    result = probe(lab.endpoints["good"])
    (refusal,) = result["versions"]["TLS 1.0"]["tries"]
    assert refusal["first_bytes"][:2] + refusal["first_bytes"][6:] == "1500020246"
    assert len(refusal["hello_sha256"]) == 64
    assert result["versions"]["TLS 1.2"]["tries"][0]["first_bytes"].startswith("160303")
    assert JUDGED == VERSIONS


@pytest.mark.parametrize(("option", "value"), [("starttls", "gopher"), ("address", "localhost"), ("host", "a..b")])
def test_arguments_without_sense_are_refused_before_any_connection(option: str, value: str) -> None:
    arguments: dict[str, Any] = {"host": "lab.example", "port": 1, "address": "127.0.0.1", option: value}
    with pytest.raises(ValueError, match=f"{option}: '{value}'"):
        probe_versions(**arguments)
