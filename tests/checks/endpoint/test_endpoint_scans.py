"""Whole scans from a configuration: STARTTLS, client certificates, IP addresses, IPv6, many addresses, odd names."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

import posture.context
import posture_endpoint
import posture_endpoint.source as live
from posture.config import Target, load_config
from posture.model import Fail, Finding, Pass, Unknown
from posture.plan import Scoped
from posture.profile import build_profile
from posture.provider import Limits
from posture.registry import Registry
from posture.run.directory import Run, RunError
from posture.scan import Order, evaluate_run, scan
from posture.yamlfile import parse
from posture_endpoint.hello.starttls import BORROWED, PROTOCOLS
from posture_endpoint.provider import PROVIDER
from posture_endpoint.target import EndpointTarget
from posture_estates.endpoints.lab import EndpointLab

LIMITS = Limits(connect=1, read=1, call=20, threads=16)
PROFILE = """
id: tls
title: What is said of TLS
statements:
  - {id: minimum, summary: nothing older than TLS 1.2, class: testable, claims: [{claim: tls-minimum}]}
  - {id: certificate, summary: good certificates, class: testable, claims: [{claim: certificate-valid}]}
  - {id: suites, summary: strong suites, class: testable, claims: [{claim: strong-cipher-suites}]}
"""
CHECKS = {
    "endpoint.tls.minimum-version": "minimum",
    "endpoint.tls.certificate": "certificate",
    "endpoint.tls.cipher-suites": "suites",
}
Outcomes = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.2) as running:
        yield running


@pytest.fixture(autouse=True)
def this_package_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posture.context, "installed", lambda folder=None: Registry([posture_endpoint]))


def scanned(lab: EndpointLab, folder: Path, hosts: list[str], **settings: Any) -> Outcomes:
    """The outcomes at each address, by ``host:place@address``, of a scan that a configuration file orders."""
    found = {"hosts": hosts, "ca_file": str(lab.ca_file), "resolve": resolve(lab, hosts)} | settings
    config = folder / "posture.yaml"
    config.write_text(yaml.safe_dump({"targets": {"web": {"endpoint": found}}}, allow_unicode=True), encoding="utf-8")
    registry = Registry([posture_endpoint])
    order = Order(
        scoped=(Scoped(profile=build_profile(parse(PROFILE, "tls.yaml")), scopes=()),),
        targets=load_config(config, registry.providers).targets,
        limits=LIMITS,
    )
    result = scan(order, folder / "run", registry)
    run = Run.open(folder / "run")
    run.verify()
    assert msgspec.json.encode(evaluate_run(run)) == msgspec.json.encode(result.assessment)
    seen: Outcomes = {}
    for finding in run.findings():
        seen.setdefault(finding.resource.name, {})[CHECKS[finding.check]] = outcome(finding)
    return seen


def resolve(lab: EndpointLab, hosts: list[str]) -> dict[str, list[str]]:
    return {
        host: addresses
        for host, addresses in lab.resolve.items()
        if any(re.search(rf"(^|//){host}:", text) for text in hosts)
    }


def outcome(finding: Finding) -> str:
    match finding.outcome:
        case Pass():
            return "pass"
        case Fail(reason=reason):
            return reason
        case Unknown(cause=cause):
            return f"unknown: {cause}"
        case other:
            return type(other).__name__


GOOD = {"minimum": "pass", "certificate": "pass", "suites": "pass"}
OLD = "accepts TLS 1.0, TLS 1.1"


def named(lab: EndpointLab, server: str) -> str:
    endpoint = lab.endpoints[server]
    return f"{endpoint.host}:{endpoint.port}@{endpoint.address}"


@pytest.mark.parametrize("protocol", [*PROTOCOLS, *BORROWED])
def test_each_protocol_with_starttls_is_judged_like_any_other(lab: EndpointLab, tmp_path: Path, protocol: str) -> None:
    hosts = [f"{protocol}://{lab.endpoints[name].host}:{lab.port}" for name in (protocol, f"{protocol}-clear")]
    seen = scanned(lab, tmp_path, hosts)
    there, clear = (lab.endpoints[name] for name in (protocol, f"{protocol}-clear"))
    assert seen == {
        f"{there.host}:{lab.port}/{protocol}@{there.address}": {
            "minimum": OLD,
            "certificate": "pass",
            "suites": "pass",
        },
        f"{clear.host}:{lab.port}/{protocol}@{clear.address}": {
            "minimum": "answers in clear text",
            "certificate": "unknown: malformed-reply",
            "suites": "answers in clear text",
        },
    }


@pytest.mark.parametrize("protocol", [*PROTOCOLS, *BORROWED])
@pytest.mark.parametrize("server", ["silent", "refused", "resets"])
def test_a_dialogue_that_breaks_is_unknown(lab: EndpointLab, tmp_path: Path, protocol: str, server: str) -> None:
    seen = scanned(lab, tmp_path, [f"{protocol}://{lab.endpoints[server].host}:{lab.port}"])
    ((_, outcomes),) = seen.items()
    assert {said.partition(":")[0] for said in outcomes.values()} == {"unknown"}


def test_a_protocol_asked_of_a_server_of_tls_is_unknown(lab: EndpointLab, tmp_path: Path) -> None:
    seen = scanned(lab, tmp_path, [f"smtp://{lab.endpoints['good'].host}:{lab.port}"])
    ((_, outcomes),) = seen.items()
    assert {said.partition(":")[0] for said in outcomes.values()} == {"unknown"}


def test_servers_that_ask_for_client_certificates_are_judged(lab: EndpointLab, tmp_path: Path) -> None:
    good = ("client-certificate", "client-certificate-13", "client-certificate-12", "client-certificate-asked")
    weak = ("client-certificate-weak", "client-certificate-asked-weak")
    seen = scanned(lab, tmp_path, [f"{lab.endpoints[name].host}:{lab.port}" for name in (*good, *weak)])
    assert seen == {
        **{named(lab, name): GOOD for name in good},
        **{named(lab, name): GOOD | {"minimum": OLD} for name in weak},
    }


def test_an_address_without_a_name_is_judged_by_the_addresses_of_its_certificate(
    lab: EndpointLab, tmp_path: Path
) -> None:
    good, wrong, weak = (lab.endpoints[name].address for name in ("good", "wrong-name", "weak-by-name"))
    seen = scanned(lab, tmp_path, [f"{address}:{lab.port}" for address in (good, wrong, weak)])
    assert seen == {
        f"{good}:{lab.port}@{good}": GOOD,
        f"{wrong}:{lab.port}@{wrong}": GOOD | {"certificate": "shows a certificate that is not for this host"},
        # It hides TLS 1.0 from whoever sends no name: what is judged is what clients of the address meet.
        f"{weak}:{lab.port}@{weak}": GOOD,
    }


def test_every_address_of_a_name_is_judged_and_one_weak_one_shows(lab: EndpointLab, tmp_path: Path) -> None:
    seen = scanned(lab, tmp_path, [f"{lab.endpoints['two-addresses-good'].host}:{lab.port}"])
    assert seen == {
        named(lab, "two-addresses-good"): GOOD,
        named(lab, "two-addresses-weak"): GOOD | {"minimum": OLD},
    }


def test_a_name_in_another_script_is_asked_for_by_its_a_label(lab: EndpointLab, tmp_path: Path) -> None:
    address = lab.endpoints["idn"].address
    table = {"bücher.lab.example": [address]}
    seen = scanned(lab, tmp_path, [f"bücher.lab.example:{lab.port}"], resolve=table)
    assert seen == {f"xn--bcher-kva.lab.example:{lab.port}@{address}": GOOD}


def needs_ipv6(lab: EndpointLab) -> None:
    if not lab.has_ipv6:
        pytest.skip("this machine has no ::1: nothing can be served over IPv6")


def test_an_ipv6_address_is_judged(lab: EndpointLab, tmp_path: Path) -> None:
    needs_ipv6(lab)
    good, weak = lab.endpoints["ipv6-good"].port, lab.endpoints["ipv6-weak"].port
    seen = scanned(lab, tmp_path, [f"[::1]:{good}", f"https://[0:0::1]:{weak}/"])
    assert seen == {f"::1:{good}@::1": GOOD, f"::1:{weak}@::1": GOOD | {"minimum": OLD}}


def test_a_weak_ipv6_address_behind_a_good_ipv4_one_shows(lab: EndpointLab, tmp_path: Path) -> None:
    needs_ipv6(lab)
    seen = scanned(lab, tmp_path, [f"dual-stack.lab.example:{lab.endpoints['ipv6-weak'].port}"])
    assert seen == {named(lab, "dual-stack-good"): GOOD, named(lab, "ipv6-weak"): GOOD | {"minimum": OLD}}


def versions_of(run: Path) -> dict[str, Any]:
    """The evidence of tls:Versions in a run of one endpoint."""
    lines = next(run.rglob("replies.jsonl")).read_bytes().splitlines()
    bodies = [msgspec.json.decode(line)["body"] for line in lines]
    return next(dict(body) for body in bodies if "versions" in body)


def test_deep_evidence_and_the_second_view_are_in_the_run(lab: EndpointLab, tmp_path: Path) -> None:
    host = lab.endpoints["good"].host
    assert scanned(lab, tmp_path, [f"{host}:{lab.port}"], deep=True, cross_check=1) == {named(lab, "good"): GOOD}
    reply = versions_of(tmp_path / "run")
    assert reply["deep"]["commands"]["robot"]["found"]["robot_result"].startswith("NOT_VULNERABLE")
    assert reply["cross_check"]["versions"]["TLS 1.0"] == "refused"
    assert reply["deep"]["connections"] > 500


def test_only_calls_in_a_protocol_name_one_so_that_older_runs_replay(lab: EndpointLab, tmp_path: Path) -> None:
    scanned(
        lab, tmp_path, [f"{lab.endpoints['good'].host}:{lab.port}", f"smtp://{lab.endpoints['smtp'].host}:{lab.port}"]
    )
    named = {(call.region, dict(call.params).get("starttls")) for call in Run.open(tmp_path / "run").calls()}
    assert named == {(str(lab.port), None), (f"{lab.port}/smtp", "smtp")}


def test_places_of_endpoints_go_side_by_side_beyond_those_of_accounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def resolve_slowly(asking: Any) -> dict[str, Any]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.1)
        with lock:
            running -= 1
        return {"addresses": []}

    monkeypatch.setitem(live.ANSWERS, "dns:Resolve", resolve_slowly)
    hosts = tuple(f"h{number}.example" for number in range(20))
    order = Order(
        scoped=(Scoped(profile=build_profile(parse(PROFILE, "tls.yaml")), scopes=()),),
        targets=(Target(name="web", provider="endpoint", settings=EndpointTarget(hosts=hosts)),),
        limits=Limits(places=1, threads=16),
    )
    scan(order, tmp_path / "run", Registry([posture_endpoint]))
    assert most == PROVIDER.places_for_one == 4


def test_full_depth_lists_the_suites_with_the_versions(lab: EndpointLab, tmp_path: Path) -> None:
    scanned(lab, tmp_path, [f"{lab.endpoints['good'].host}:{lab.port}"], depth="full")
    reply = versions_of(tmp_path / "run")
    listed = reply["versions"]["TLS 1.2"]
    assert len(listed["suites"]) > 5
    assert listed["suites_complete"]
    assert "x25519" in listed["groups"]
    assert reply["most_connections"] == 120


def test_the_total_of_an_address_holds_over_the_whole_scan(lab: EndpointLab, tmp_path: Path) -> None:
    address = lab.endpoints["good"].address
    hosts = [f"{letter}.lab.example:{lab.port}" for letter in "abcd"]
    table = {f"{letter}.lab.example": [address] for letter in "abcd"}
    seen = scanned(lab, tmp_path, hosts, resolve=table, most_connections_total=30)
    words = [outcomes["minimum"] for outcomes in seen.values()]
    assert "unknown: capped" in words
    assert words.count("pass") + words.count("unknown: capped") == 4
    assert words.count("pass") >= 1


def test_two_targets_of_one_endpoint_are_refused(lab: EndpointLab, tmp_path: Path) -> None:
    good = lab.endpoints["good"]
    settings = EndpointTarget(hosts=(f"{good.host}:{good.port}",), resolve={good.host: (good.address,)})
    profile = build_profile(parse(PROFILE, "tls.yaml"))
    targets = tuple(Target(name=name, provider="endpoint", settings=settings) for name in ("web", "again"))
    order = Order(scoped=(Scoped(profile=profile, scopes=()),), targets=targets, limits=LIMITS)
    with pytest.raises(RunError, match="'web' and 'again' both lead to"):
        scan(order, tmp_path / "run", Registry([posture_endpoint]))
    assert not (tmp_path / "run").exists()
