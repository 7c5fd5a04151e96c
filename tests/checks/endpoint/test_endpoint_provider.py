"""The endpoint provider: how hosts are named, what is asked, and whole scans of servers whose truth is known."""

import re
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import posture.context
import posture_endpoint
from kit import place, read, session_of
from posture.config import Target
from posture.model import Cause, Finding, Unknown
from posture.place import Place, Where
from posture.plan import Scoped
from posture.profile import build_profile
from posture.provider import Limits, SignInFailed
from posture.registry import Registry
from posture.run.directory import Run
from posture.scan import Order, evaluate_run, plan_of, scan
from posture.session import GapFound
from posture.yamlfile import FileError, Loaded, parse
from posture_endpoint import names
from posture_endpoint.provider import PROVIDER
from posture_endpoint.session import EndpointSession
from posture_endpoint.source import EndpointSource
from posture_endpoint.target import EndpointTarget, HostPort, parse_endpoint
from posture_estates.endpoints.lab import EndpointLab

LIMITS = Limits(connect=1, read=1, call=15, threads=16)
PROFILE = """
id: web
title: What a web product says of its endpoints
statements:
  - id: minimum
    summary: nothing older than TLS 1.2
    class: testable
    claims: [{claim: tls-minimum}]
  - id: https
    summary: HTTPS alone
    class: testable
    claims: [{claim: https-only}]
  - id: hsts
    summary: HSTS for half a year
    class: testable
    claims: [{claim: https-only, with: {hsts_days: 180}}]
  - id: certificate
    summary: good certificates
    class: testable
    claims: [{claim: certificate-valid}]
  - id: suites
    summary: strong suites
    class: testable
    claims: [{claim: strong-cipher-suites}]
  - id: policy
    summary: a policy that can be read
    class: testable
    claims: [{claim: policy-published}]
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.2) as running:
        yield running


@pytest.fixture(autouse=True)
def this_package_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posture.context, "installed", lambda folder=None: Registry([posture_endpoint]))


def target(lab: EndpointLab, *servers: str, **fields: Any) -> EndpointTarget:
    hosts = [lab.endpoints[server].host for server in servers]
    settings: dict[str, Any] = {
        "hosts": tuple(f"{host}:{lab.port}" for host in hosts),
        "http_port": lab.http_port,
        "ca_file": str(lab.ca_file),
        "resolve": {host: tuple(lab.resolve[host]) for host in hosts},
    }
    return EndpointTarget(**settings | fields)


def source(settings: EndpointTarget, limits: Limits = LIMITS) -> EndpointSource:
    endpoint = settings.endpoints()[0]
    return EndpointSource(place("endpoint", endpoint.host, str(endpoint.port)), settings, limits)


def asked(lab: EndpointLab, server: str, **params: Any) -> dict[str, Any]:
    endpoint = lab.endpoints[server]
    return {"host": endpoint.host, "port": endpoint.port, "address": endpoint.address, **params}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("www.example.org", HostPort(host="www.example.org", port=443)),
        ("WWW.Example.org.:8443", HostPort(host="www.example.org", port=8443)),
        ("https://www.example.org", HostPort(host="www.example.org", port=443)),
        ("https://www.example.org:444/", HostPort(host="www.example.org", port=444)),
        ("bücher.example", HostPort(host="xn--bcher-kva.example", port=443)),
        ("127.0.0.1:65535", HostPort(host="127.0.0.1", port=65535)),
        ("[2001:DB8::1]:8443", HostPort(host="2001:db8::1", port=8443)),
        ("localhost", HostPort(host="localhost", port=443)),
        ("smtp://mail.example.org", HostPort(host="mail.example.org", port=25, starttls="smtp")),
        ("SMTP://Mail.example.org:587/", HostPort(host="mail.example.org", port=587, starttls="smtp")),
        ("imap://a.example", HostPort(host="a.example", port=143, starttls="imap")),
        ("pop3://a.example", HostPort(host="a.example", port=110, starttls="pop3")),
        ("ftp://a.example", HostPort(host="a.example", port=21, starttls="ftp")),
        ("ldap://[::1]", HostPort(host="::1", port=389, starttls="ldap")),
        ("postgres://a.example", HostPort(host="a.example", port=5432, starttls="postgres")),
        ("mysql://a.example", HostPort(host="a.example", port=3306, starttls="mysql")),
        ("xmpp://a.example", HostPort(host="a.example", port=5222, starttls="xmpp")),
        ("rdp://a.example", HostPort(host="a.example", port=3389, starttls="rdp")),
    ],
)
def test_a_host_has_one_spelling(text: str, expected: HostPort) -> None:
    assert parse_endpoint(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a\n.example",
        "http://a.example",
        "gopher://a.example",
        "smtp://me@a.example",
        "smtp://a.example/inbox",
        "https://me@a.example/",
        "https://a.example/login",
        "a.example?x",
        "a.example:0",
        "a.example:65536",
        "a.example:https",
        "a..example",
        "-a.example",
        "10.1",
        "2001:db8::1",
        "x" * 64 + ".example",
        "a." * 127 + "example",
    ],
)
def test_what_is_no_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"host|port"):
        parse_endpoint(text)


@pytest.mark.parametrize(
    ("text", "instead"),
    [("smtps://a.example", "a.example:465"), ("ldaps://[::1]", "[::1]:636"), ("imaps://a.example:99", "a.example:99")],
)
def test_where_tls_begins_at_once_the_message_says_how_to_write_it(text: str, instead: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"so say '{instead}'")):
        parse_endpoint(text)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"hosts": []}, "names no endpoint"),
        ({"hosts": ["https://a.example/login"]}, "has a path"),
        ({"hosts": ["a.example"], "http_port": 0}, ">= 1"),
        ({"hosts": ["a.example"], "resolve": {"b.example": ["192.0.2.1"]}}, "not one of `hosts`"),
        ({"hosts": ["a.example"], "resolve": {"a.example": []}}, "no address of"),
        ({"hosts": ["a.example"], "resolve": {"a.example": ["b.example"]}}, "does not appear to be an IP"),
        ({"hosts": ["a.example"], "host": "b.example"}, "unknown key 'host'"),
    ],
)
def test_a_target_that_makes_no_sense_is_an_error_of_the_configuration(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(FileError, match=message):
        Loaded("posture.yaml", fields, {}).typed(EndpointTarget)


def test_each_host_and_port_is_a_place_and_nothing_is_contacted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", None)
    monkeypatch.setattr(socket, "getaddrinfo", None)
    found = PROVIDER.discover("web", EndpointTarget(hosts=("A.example", "https://a.example:444/", "a.example")), LIMITS)
    assert found.places == tuple(
        Place(provider="endpoint", target="web", account="a.example", region=port, where=Where.REGION)
        for port in ("443", "444")
    )
    assert (PROVIDER.permissions(), PROVIDER.operations(), found.closed) == ((), (), ())
    assert "no permission" in PROVIDER.policy([])["note"]


def test_a_trust_file_that_cannot_be_used_ends_the_target(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for path in (tmp_path / "absent.pem", wrong):
        with pytest.raises(SignInFailed, match=r"ca_file: .* cannot be used"):
            PROVIDER.discover("web", EndpointTarget(hosts=("a.example",), ca_file=str(path)), LIMITS)


@pytest.mark.parametrize("setting", ["ranges", "trackers"])
@pytest.mark.parametrize("text", [None, "", "no list of anything"])
def test_a_list_that_cannot_be_used_is_told_before_anybody_is_contacted(
    tmp_path: Path, setting: str, text: str | None
) -> None:
    path = tmp_path / "list.txt"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SignInFailed, match=setting if setting == "trackers" else "list.txt"):
        PROVIDER.discover("web", EndpointTarget(hosts=("a.example",), **{setting: str(path)}), LIMITS)  # type: ignore[arg-type]


@pytest.mark.parametrize("operation", ["tls:Certificate", "http:Get"])
def test_a_trust_file_that_is_gone_is_a_gap_and_no_verdict(lab: EndpointLab, operation: str) -> None:
    answers = source(target(lab, "good", ca_file="/nowhere/ca.pem"))
    params = asked(lab, "good", scheme="https", path="/")
    with pytest.raises(GapFound) as found:
        answers.fetch(operation, params, "8443", frozenset())
    assert found.value.gap.cause is Cause.TOOL_ERROR


def test_every_fixed_address_of_a_name_is_an_endpoint(lab: EndpointLab) -> None:
    settings = target(lab, "two-addresses-good")
    host = settings.endpoints()[0].host
    session = session_of(EndpointSession, source(settings), place("endpoint", host, "8443"))
    facts = read(names.addresses, session)
    addresses = sorted(lab.resolve[host])
    assert [(fact.resource.id, fact.resource.name) for fact in facts] == [
        (f"{host}|{address}|8443", f"{host}:8443@{address}") for address in addresses
    ]
    assert {(fact.resource.account, fact.resource.region, fact.resource.cloud) for fact in facts} == {
        (host, "8443", "endpoint")
    }


def test_both_families_are_resolved_each_address_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [(0, 0, 0, "", (address, 443)) for address in ("192.0.2.10", "2001:db8::1", "192.0.2.9", "192.0.2.10")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    body = source(EndpointTarget(hosts=("a.example",))).fetch(
        "dns:Resolve", {"host": "a.example", "port": 443}, "443", frozenset()
    )
    assert body.body == {"addresses": ["192.0.2.9", "192.0.2.10", "2001:db8::1"]}


def test_an_ip_address_is_its_own_name() -> None:
    answers = source(EndpointTarget(hosts=("[::1]:8443",)))
    assert answers.fetch("dns:Resolve", {"host": "::1", "port": 8443}, "8443", frozenset()).body == {
        "addresses": ["::1"]
    }


def test_a_name_that_does_not_exist_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    answers = source(EndpointTarget(hosts=("absent.example",)))
    with pytest.raises(GapFound) as found:
        answers.fetch("dns:Resolve", {"host": "absent.example", "port": 443}, "443", frozenset())
    assert found.value.gap.cause is Cause.UNREACHABLE
    assert found.value.gap.detail == "absent.example has no address: Name or service not known"


@pytest.mark.parametrize("operation", ["tls:Versions", "tls:Suites", "tls:Certificate", "http:Get"])
@pytest.mark.parametrize(
    ("server", "causes"),
    [
        ("refused", {Cause.UNREACHABLE}),
        ("resets", {Cause.UNREACHABLE}),
        ("silent", {Cause.TIMEOUT}),
        ("dripping", {Cause.TIMEOUT, Cause.MALFORMED_REPLY}),
    ],
)
def test_a_server_that_says_nothing_is_a_gap_in_time(
    lab: EndpointLab, operation: str, server: str, causes: set[Cause]
) -> None:
    answers = source(target(lab, server), Limits(connect=0.3, read=0.3, call=1.5))
    start = time.monotonic()
    with pytest.raises(GapFound) as found:
        answers.fetch(operation, asked(lab, server, scheme="https", path="/"), "8443", frozenset())
    assert time.monotonic() - start < 3
    assert found.value.gap.cause in causes
    assert found.value.gap.operation == operation


def test_a_missing_library_is_a_gap_that_names_it(lab: EndpointLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "posture_endpoint._probes.sslyze_probe", None)
    with pytest.raises(GapFound, match=r"tool-error.*comes with posture\[endpoint\]"):
        source(target(lab, "good")).fetch("tls:Certificate", asked(lab, "good"), "8443", frozenset())


def test_versions_need_no_library_and_then_an_old_one_is_not_confirmed(
    lab: EndpointLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "posture_endpoint._probes.sslyze_probe", None)
    answer = source(target(lab, "weak")).fetch("tls:Versions", asked(lab, "weak"), "8443", frozenset())
    assert answer.body["versions"]["TLS 1.0"]["state"] == "accepted"
    assert answer.body["confirmation"] is None


def test_an_old_version_is_confirmed_by_another_library_and_a_good_server_needs_none(lab: EndpointLab) -> None:
    weak = source(target(lab, "weak")).fetch("tls:Versions", asked(lab, "weak"), "8443", frozenset()).body
    assert (weak["confirmation"]["version"], weak["confirmation"]["confirmed"]) == ("TLS 1.0", True)
    assert weak["connections"] + weak["confirmation"]["connections"] <= 20
    good = source(target(lab, "good")).fetch("tls:Versions", asked(lab, "good"), "8443", frozenset()).body
    assert good["confirmation"] is None


def test_no_more_connections_are_opened_than_the_target_allows(lab: EndpointLab) -> None:
    few = source(target(lab, "weak", most_connections=4, most_connections_listing=9))
    versions = few.fetch("tls:Versions", asked(lab, "weak"), "8443", frozenset()).body
    assert (versions["connections"], versions["most_connections"], versions["confirmation"]) == (4, 4, None)
    assert versions["versions"]["SSLv2"]["cause"] == "capped"
    suites = few.fetch("tls:Suites", asked(lab, "weak"), "8443", frozenset()).body
    assert (suites["connections"], suites["versions"]["TLS 1.2"]["suites_complete"]) == (9, False)


def test_an_operation_that_no_reader_has_is_refused(lab: EndpointLab) -> None:
    with pytest.raises(ValueError, match="http:Post is not an operation"):
        source(target(lab, "good")).fetch("http:Post", asked(lab, "good"), "8443", frozenset())


def order(settings: EndpointTarget, profile: str = PROFILE) -> Order:
    return Order(
        scoped=(Scoped(profile=build_profile(parse(profile, "web.yaml")), scopes=()),),
        targets=(Target(name="web", provider="endpoint", settings=settings),),
        limits=LIMITS,
    )


def test_only_what_the_claims_need_is_asked(lab: EndpointLab) -> None:
    registry = Registry([posture_endpoint])
    profile = PROFILE[: PROFILE.index("  - id: https\n")]
    steps = plan_of(order(target(lab, "good"), profile), registry).steps
    assert [(step.operation, step.permission) for step in steps] == [("dns:Resolve", ""), ("tls:Versions", "")]
    assert {step.operation for step in plan_of(order(target(lab, "good")), registry).steps} == {
        "dns:Resolve",
        "tls:Versions",
        "tls:Certificate",
        "target:Pages",
        "http:Get",
    }


def outcome(finding: Finding) -> str:
    kind = str(type(finding.outcome).__struct_config__.tag)
    return f"{kind} {finding.outcome.cause}" if isinstance(finding.outcome, Unknown) else kind


CHECKS = {
    ("endpoint.tls.minimum-version", "tls-minimum"): "minimum",
    ("endpoint.tls.cipher-suites", "strong-cipher-suites"): "suites",
    ("endpoint.tls.certificate", "certificate-valid"): "certificate",
    ("endpoint.policy.published", "policy-published"): "policy",
    ("endpoint.http.plain-closed", 0): "plain",
    ("endpoint.http.plain-closed", 180): "plain",
    ("endpoint.http.hsts", 0): "hsts not claimed",
    ("endpoint.http.hsts", 180): "hsts",
}
GOOD = {
    "minimum": "pass",
    "suites": "pass",
    "certificate": "pass",
    "policy": "pass",
    "plain": "pass",
    "hsts not claimed": "not-applicable",
    "hsts": "pass",
}


def expected(everything: str = "", **changes: str) -> dict[str, str]:
    same = {name: everything for name in GOOD if name != "hsts not claimed"} if everything else {}
    return GOOD | same | changes


def test_a_scan_tells_the_truth_about_each_server_and_again_offline(lab: EndpointLab, tmp_path: Path) -> None:
    servers = ("good", "weak", "refused", "silent", "expired")
    scanned = scan(order(target(lab, *servers)), tmp_path / "run", Registry([posture_endpoint]))
    run = Run.open(tmp_path / "run")
    run.verify()
    seen: dict[str, dict[str, str]] = {}
    for finding in run.findings():
        word, parameters = msgspec.json.decode(finding.claim)
        name = CHECKS[finding.check, parameters.get("hsts_days", word)]
        known = seen.setdefault(finding.resource.account.partition(".")[0], {})
        assert known.setdefault(name, outcome(finding)) == outcome(finding)
    assert seen == {
        "good": expected(),
        "weak": expected(minimum="fail", plain="fail", hsts="fail"),
        "refused": expected("unknown unreachable"),
        # It takes connections and says nothing; the port of plain HTTP refuses them.
        "silent": expected("unknown timeout", plain="pass"),
        # No client sees the pages behind a certificate that has expired.
        "expired": expected(certificate="fail", hsts="unknown unreachable", policy="unknown unreachable"),
    }
    verdicts = {one.id: one.verdict for one in scanned.assessment.profiles[0].statements}
    assert verdicts == dict.fromkeys(("minimum", "https", "hsts", "certificate"), "contradicted") | dict.fromkeys(
        ("suites", "policy"), "partly-verified"
    )
    assert msgspec.json.encode(evaluate_run(run)) == msgspec.json.encode(scanned.assessment)


def test_a_scan_of_a_good_server_verifies_everything(lab: EndpointLab, tmp_path: Path) -> None:
    scanned = scan(order(target(lab, "good")), tmp_path / "run", Registry([posture_endpoint]))
    assert {one.verdict for one in scanned.assessment.profiles[0].statements} == {"verified"}
    again = evaluate_run(Run.open(tmp_path / "run"))
    assert msgspec.json.encode(again) == msgspec.json.encode(scanned.assessment)
