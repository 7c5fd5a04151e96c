"""HTTP of real servers: what a scan finds on pages whose truth is known, and what stays in the run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import posture.context
import posture_endpoint
from posture.config import Target
from posture.model import Cause, Finding, Unknown
from posture.plan import Scoped
from posture.profile import build_profile
from posture.provider import Limits
from posture.registry import Registry
from posture.run.directory import Run
from posture.scan import Order, evaluate_run, scan
from posture.yamlfile import parse
from posture_endpoint.target import EndpointTarget
from posture_estates.endpoints.catalogue import PageProblem
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
REVIEWED = "ceb86cbfe3e6d6ca82a4ff0bcfc1c8aef3b45a4b4a8a3e6c7a2f1d0b9c8e7f60"


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.2) as running:
        yield running


@pytest.fixture(autouse=True)
def this_package_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posture.context, "installed", lambda folder=None: Registry([posture_endpoint]))


def scanned(lab: EndpointLab, folder: Path, *servers: str, **changes: Any) -> Run:
    hosts = [lab.endpoints[server].host for server in servers]
    fields: dict[str, Any] = {
        "hosts": tuple(f"{host}:{lab.port}" for host in hosts),
        "http_port": lab.http_port,
        "ca_file": str(lab.ca_file),
        "resolve": {host: tuple(lab.resolve[host]) for host in hosts},
    }
    profile = build_profile(parse(CLAIMS.replace("HASH", REVIEWED), "pages.yaml"))
    target = Target(name="web", provider="endpoint", settings=EndpointTarget(**fields | changes))
    order = Order(scoped=(Scoped(profile=profile, scopes=()),), targets=(target,), limits=LIMITS)
    scan(order, folder, Registry([posture_endpoint]))
    return Run.open(folder)
