"""Endpoints that accounts turn out to have: found by themselves, looked at when asked for, and shown when not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import posture_aws
import posture_endpoint
from posture.assess import Assessment
from posture.config import Target
from posture.model import Cause, Fail, Finding, Pass, Unknown
from posture.registry import Registry
from posture.report.ledger import coverage
from posture.report.tracks import Tracks
from posture.run.directory import Run
from posture.scan import evaluate_run, scan
from posture_estates.aws import AwsServer, seed
from posture_estates.aws.seeds import traffic
from posture_estates.aws.seeds.account import Account
from posture_estates.endpoints.lab import EndpointLab
from scans import aws_credentials, aws_target, order_of, target

REGISTRY = Registry([posture_aws, posture_endpoint])
WEB = "web-1.us-east-1.elb.amazonaws.com"
PROFILE = """
id: wire
title: On the wire
statements:
  - {id: TLS, summary: TLS 1.2., class: testable, claims: [{claim: tls-minimum}]}
"""


@pytest.fixture(scope="module")
def estates() -> Iterator[tuple[AwsServer, EndpointLab, dict[str, list[str]]]]:
    """An account whose web balancer listens where a weak server of the lab does; no other name leads anywhere."""
    with aws_credentials(), AwsServer() as server, EndpointLab() as lab:
        seed(server.url, "good")
        weak, account = lab.endpoints["weak"], Account(server.url)
        elbv2 = account.client("elbv2")
        balancer = elbv2.describe_load_balancers(Names=["web"])["LoadBalancers"][0]["LoadBalancerArn"]
        pages = elbv2.describe_target_groups(Names=["pages"])["TargetGroups"][0]["TargetGroupArn"]
        certificate = traffic.import_certificate(account)
        traffic.listen(account, balancer, "HTTPS", weak.port, [traffic.forward(pages)], certificate)
        made = account.client("cloudfront").list_distributions()["DistributionList"]["Items"]
        others = ["video-1.us-east-1.elb.amazonaws.com", traffic.HOST, f"api.{traffic.HOST}", made[0]["DomainName"]]
        closed = lab.endpoints["refused"].address
        yield server, lab, {WEB: [weak.address]} | {name.lower(): [closed] for name in others}


def scanned(estates: Any, folder: Path, **settings: Any) -> Run:
    server, lab, _ = estates
    profile = folder / "wire.yaml"
    profile.write_text(PROFILE)
    web: Target = target(REGISTRY, "web", "endpoint", ca_file=str(lab.ca_file), **settings)
    order = order_of([aws_target(REGISTRY, server), web], str(profile))
    scan(order, folder / "run", REGISTRY)
    return Run.open(folder / "run")


def wire(run: Run) -> list[Finding]:
    return [finding for finding in run.findings() if finding.check == "endpoint.tls.minimum-version"]


def test_names_of_the_accounts_are_looked_at_when_that_is_asked_for(estates: Any, tmp_path: Path) -> None:
    run = scanned(estates, tmp_path, from_accounts=True, resolve=estates[2])
    weak = estates[1].endpoints["weak"]
    found = {finding.resource.name.partition("@")[0]: finding.outcome for finding in wire(run)}
    assert set(found) == {f"{WEB}:443", f"{WEB}:{weak.port}", *(f"{name}:443" for name in set(estates[2]) - {WEB})}
    assert isinstance(found[f"{WEB}:{weak.port}"], Fail)
    closed = [outcome for name, outcome in found.items() if name.endswith(":443")]
    assert all(isinstance(outcome, Unknown) and outcome.cause is Cause.UNREACHABLE for outcome in closed)
    names = coverage(run, run.head(), Tracks(run, run.head())).names
    assert {name.host for name in names if name.looked_at} == set(estates[2])


def test_a_scan_that_found_its_endpoints_is_judged_alike_offline(estates: Any, tmp_path: Path) -> None:
    run = scanned(estates, tmp_path, from_accounts=True, resolve=estates[2])
    run.verify()
    again = evaluate_run(run, REGISTRY)
    assert again == run.read("verdicts.json", Assessment)
    assert [str(s.verdict) for profile in again.profiles for s in profile.statements] == ["contradicted"]


def test_names_that_nobody_asked_for_are_shown_and_not_contacted(estates: Any, tmp_path: Path) -> None:
    good = estates[1].endpoints["good"]
    run = scanned(estates, tmp_path, hosts=[f"{good.host}:{good.port}"], resolve={good.host: [good.address]})
    assert [(finding.resource.name, type(finding.outcome)) for finding in wire(run)] == [
        (f"{good.host}:{good.port}@{good.address}", Pass)
    ]
    names = coverage(run, run.head(), Tracks(run, run.head())).names
    assert {name.host for name in names} == set(estates[2])
    assert not any(name.looked_at for name in names)
    assert run.places() == run.head().places
