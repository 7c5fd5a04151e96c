"""HTTP of real servers: what a scan finds on pages whose truth is known, and what stays in the run."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import posture.context
import posture_endpoint
from kit import Recorded, place, read, session_of
from posture.check import Fail, NotApplicable
from posture.config import Target
from posture.model import Cause, Finding, Unknown
from posture.plan import Scoped
from posture.profile import build_profile
from posture.provider import Limits
from posture.registry import Registry
from posture.run.directory import Run
from posture.scan import Order, evaluate_run, scan
from posture.yamlfile import parse
from posture_endpoint import provider
from posture_endpoint.http import pages
from posture_endpoint.names import Address
from posture_endpoint.session import EndpointSession
from posture_endpoint.target import PAGES, EndpointTarget
from posture_estates.endpoints.catalogue import SERVERS, PageProblem
from posture_estates.endpoints.lab import EndpointLab

LIMITS = Limits(connect=1, read=2, call=15, threads=16)
CLAIMS = """
id: pages
title: What a web product says of its pages
statements:
  - {id: plain, summary: HTTPS alone, class: testable, claims: [{claim: https-only}]}
  - id: hsts
    summary: HSTS, preloaded
    class: testable
    claims: [{claim: https-only, with: {hsts_days: 365, hsts_subdomains: true, hsts_preload: true}}]
  - {id: cookies, summary: cookies, class: testable, claims: [{claim: secure-cookies, with: {http_only: true}}]}
  - {id: mixed, summary: no mixed content, class: testable, claims: [{claim: no-mixed-content}]}
  - {id: csp, summary: policies, class: testable, claims: [{claim: content-policy-declared, with: {permissions: true}}]}
  - {id: published, summary: a policy, class: testable, claims: [{claim: policy-published}]}
  - {id: unchanged, summary: the policy, class: testable, claims: [{claim: policy-unchanged, with: {sha256: HASH}}]}
  - {id: trackers, summary: no trackers, class: testable, claims: [{claim: no-trackers}]}
"""
REVIEWED = "01f030bcfea18a981b33622dc762a60a02bb94cede62f14096c8a4f19f393240"


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.2) as running:
        yield running


@pytest.fixture(autouse=True)
def this_package_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posture.context, "installed", lambda folder=None: Registry([posture_endpoint]))


def order(lab: EndpointLab, *servers: str, **changes: Any) -> Order:
    hosts = [lab.endpoints[server].host for server in servers]
    fields: dict[str, Any] = {
        "hosts": tuple(f"{host}:{lab.port}" for host in hosts),
        "http_port": lab.http_port,
        "ca_file": str(lab.ca_file),
        "resolve": {host: tuple(lab.resolve[host]) for host in hosts},
    }
    profile = build_profile(parse(CLAIMS.replace("HASH", REVIEWED), "pages.yaml"))
    target = Target(name="web", provider="endpoint", settings=EndpointTarget(**fields | changes))
    return Order(scoped=(Scoped(profile=profile, scopes=()),), targets=(target,), limits=LIMITS)


def scanned(lab: EndpointLab, folder: Path, *servers: str, **changes: Any) -> Run:
    scan(order(lab, *servers, **changes), folder, Registry([posture_endpoint]))
    return Run.open(folder)


def told(run: Run) -> dict[str, dict[str, str]]:
    """What was found: by server, then by check, and by path where it is not the front page."""
    found: dict[str, dict[str, str]] = {}
    for finding in run.findings():
        if finding.check == "endpoint.http.hsts" and "365" not in finding.claim:
            continue
        check = finding.check.removeprefix("endpoint.").removeprefix("http.")
        path = finding.resource.id.partition("|/")[2]
        server = finding.resource.account.partition(".")[0]
        found.setdefault(server, {})[f"{check} {path}".strip()] = outcome(finding)
    return found


def outcome(finding: Finding) -> str:
    kind = str(type(finding.outcome).__struct_config__.tag)
    return f"{kind} {finding.outcome.cause}" if isinstance(finding.outcome, Unknown) else kind


ABSENT = {
    f"{check} {path}": "not-applicable"
    for check in ("content-policy", "cookies", "mixed-content", "trackers")
    for path in ("privacy-policy", "legal/privacy")
}
GOOD = ABSENT | {
    "plain-closed": "pass",
    "hsts": "pass",
    "policy.published": "pass",
    "policy.unchanged": "pass",
    "content-policy": "pass",
    "content-policy login": "pass",
    "content-policy privacy": "pass",
    "cookies": "not-applicable",
    "cookies login": "pass",
    "cookies privacy": "not-applicable",
    "mixed-content": "pass",
    "mixed-content login": "pass",
    "mixed-content privacy": "pass",
    "trackers": "pass",
    "trackers login": "pass",
    "trackers privacy": "pass",
}
NO_POLICIES = dict.fromkeys(("content-policy", "content-policy login", "content-policy privacy"), "fail")
ELSEWHERE = "unknown not-supported"
DIFFERENT: dict[str, dict[str, str]] = {
    "good": {},
    "weak": NO_POLICIES
    | {
        "plain-closed": "fail",
        "hsts": "fail",
        "policy.unchanged": "fail",
        "cookies login": "fail",
        "mixed-content": "fail",
        "trackers": "fail",
    },
    "open-cookie": {"cookies login": "fail"},
    "readable-cookie": {"cookies login": "fail"},
    "mixed-content": {"mixed-content": "fail"},
    "upgraded-content": {},
    "tracker": {"trackers": "fail"},
    "tracker-in-script": {"trackers": "unknown not-supported"},
    "no-content-policy": NO_POLICIES,
    "weak-content-policy": NO_POLICIES,
    "reported-content-policy": NO_POLICIES,
    "changed-policy": {"policy.unchanged": "fail"},
    "hsts-by-itself": {"hsts": "fail"},
    "front-elsewhere": {"content-policy": ELSEWHERE, "mixed-content": ELSEWHERE, "trackers": ELSEWHERE},
    "policy-in-clear-text": {"plain-closed": "fail"},
}


def test_every_problem_of_pages_has_a_server() -> None:
    having = {problem for spec in SERVERS for problem in spec.truth.page_problems}
    assert having == set(PageProblem)
    assert {spec.name for spec in SERVERS if spec.truth.page_problems} <= set(DIFFERENT)


def test_pages_are_told_as_they_are_and_again_offline(lab: EndpointLab, tmp_path: Path) -> None:
    result = scan(order(lab, *DIFFERENT), tmp_path / "run", Registry([posture_endpoint]))
    run = Run.open(tmp_path / "run")
    run.verify()
    assert told(run) == {server: GOOD | changes for server, changes in DIFFERENT.items()}
    assert msgspec.json.encode(evaluate_run(run)) == msgspec.json.encode(result.assessment)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())
    assert b"session" in kept
    assert b"s3cr3t-lab-value" not in kept, "the value of a cookie is in the run"
    assert b"viewer=someone" not in kept, "the query of an address is in the run"
    assert b"Recordings are kept" not in kept, "the text of a page is in the run"


def test_a_page_that_is_named_is_asked_for_and_a_front_page_that_leads_there_is_not_judged_twice(
    lab: EndpointLab, tmp_path: Path
) -> None:
    run = scanned(lab, tmp_path / "run", "front-elsewhere", pages=("/", "/home"), login_pages=())
    findings = {
        finding.resource.id.partition("|/")[2]: finding for finding in run.findings() if "mixed" in finding.check
    }
    assert findings[""].outcome == NotApplicable("redirects / to /home, which is asked for too")
    assert findings["home"].outcome == NotApplicable("has no page at /home (status 404)")


def test_each_page_takes_one_connection_and_a_closed_port_one_more(lab: EndpointLab, tmp_path: Path) -> None:
    run = scanned(lab, tmp_path / "run", "no-policy")
    asked = sorted((call.params["scheme"], call.params["path"]) for call in run.calls() if call.operation == "http:Get")
    assert asked == [("http", "/"), *(("https", path) for path in sorted(PAGES))]
    redirecting = scanned(lab, tmp_path / "other", "good")
    assert sum(call.operation == "http:Get" for call in redirecting.calls()) == 2 * len(PAGES)


def test_starttls_endpoints_have_no_pages() -> None:
    session = session_of(EndpointSession, Recorded({}), place("endpoint", "mail.example", "587/smtp"))
    mail = session.resource("endpoint.address", "mail.example|192.0.2.1|587/smtp", "mail.example")
    address = Address(resource=mail, host="mail.example", port=587, address="192.0.2.1")
    assert read(pages.site, session, address) == []


def test_the_own_list_of_a_user_takes_the_place_of_the_shipped_one_and_is_needless_offline(
    lab: EndpointLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.txt"
    own.write_text("# Title: Own\n# Date: 2001-01-01\npictures.example\n")
    run = scanned(lab, tmp_path / "run", "mixed-content", "tracker", trackers=str(own))
    own.unlink()
    monkeypatch.setattr(socket, "socket", None)
    again = msgspec.json.encode(evaluate_run(run), order="deterministic") + b"\n"
    assert again == (run.folder / "verdicts.json").read_bytes()
    reasons = {
        finding.resource.account.partition(".")[0]: finding.outcome
        for finding in run.findings()
        if finding.check == "endpoint.http.trackers" and finding.resource.id.endswith("|/")
    }
    assert reasons["mixed-content"] == Fail("names pictures.example at /: in the list Own of 2001-01-01")
    assert isinstance(reasons["tracker"], Unknown)
    assert reasons["tracker"].cause is Cause.STALE


def test_a_list_that_is_gone_after_the_start_leaves_the_other_checks_alone(
    lab: EndpointLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "load", lambda path: None)
    run = scanned(lab, tmp_path / "run", "good", trackers=str(tmp_path / "nowhere.txt"))
    lost = dict.fromkeys(("trackers", "trackers login", "trackers privacy"), "unknown tool-error")
    assert told(run) == {"good": GOOD | lost}
