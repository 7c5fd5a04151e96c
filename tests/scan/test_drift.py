"""The AWS account as the document says, with reads refused, and drifted: what the differences of the runs tell."""

from collections import Counter
from pathlib import Path

import pytest

import posture_aws
from posture.diff.cause import Why
from posture.diff.comparison import compared
from posture.gate import CONTRADICTED, INCOMPLETE
from posture.model import Fail, Verdict
from posture.provider import Limits
from posture.registry import Registry
from posture.run.directory import Run
from posture.scan import scan
from posture_estates.aws import AwsServer, refuse, seed
from scans import aws_credentials, aws_target, order_of

AWS = Registry([posture_aws])
OF_THE_ESTATE = {Why.ENVIRONMENT, Why.NEW, Why.GONE}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Runs by state. The account of which reads are refused is the good one, resource by resource."""
    folder = tmp_path_factory.mktemp("drift")
    found = {}
    for state in ("good", "drifted"):
        with AwsServer() as server, aws_credentials():
            seed(server.url, state)  # type: ignore[arg-type]
            found[state] = run(folder / state, server)
            if state == "good":
                refuse(server.gate)
                found["refused"] = run(folder / "refused", server)
    return found


@pytest.fixture
def runs(known: dict[str, Run]) -> tuple[Run, Run]:
    return known["good"], known["drifted"]


def run(folder: Path, server: AwsServer) -> Run:
    target = aws_target(AWS, server, "us-east-1", "eu-west-1")
    order = order_of([target], "coding-rooms", limits=Limits(attempts=1))
    return Run.open(Path(scan(order, folder, AWS).folder))


def test_what_was_refused_is_a_change_of_permission_and_nothing_is_taken_for_gone(known: dict[str, Run]) -> None:
    for before, after in (("good", "refused"), ("refused", "good")):
        with compared(known[before], known[after]) as comparison:
            summary, changes = comparison.summary(), list(comparison.changes())
        assert changes
        assert {
            (change.cause, change.resource.name) for change in changes if change.cause is not Why.PERMISSION
        } == set()
        assert {change.cause for change in summary.profiles[0].changed} == {Why.PERMISSION}
        assert summary.worse() == ({INCOMPLETE} if after == "refused" else set())


def test_what_drifted_is_told_statement_by_statement_as_a_change_of_the_estate(runs: tuple[Run, Run]) -> None:
    with compared(*runs) as comparison:
        summary, changes = comparison.summary(), list(comparison.changes())
    (profile,) = summary.profiles
    turned = {change.id for change in profile.changed if change.after is Verdict.CONTRADICTED}
    assert turned == {"CR-3", "CR-4", "CR-7", "CR-8", "CR-9", "CR-10", "CR-15"}
    assert {change.id for change in profile.changed if CONTRADICTED in change.worse} == turned
    assert {change.cause for change in profile.changed} <= OF_THE_ESTATE
    assert set(map(Why, summary.causes)) == {change.cause for change in changes} <= OF_THE_ESTATE
    assert summary.between.targets in ((), ("account",)), "the two accounts listen on ports of their own"
    assert summary.worse() == {CONTRADICTED}


def test_every_failure_of_the_drifted_account_is_among_the_changes(runs: tuple[Run, Run]) -> None:
    failed = {finding.id for finding in runs[1].findings() if isinstance(finding.outcome, Fail)}
    with compared(*runs) as comparison:
        changes = list(comparison.changes())
    assert failed
    assert {change.id for change in changes if change.after.outcome == "fail"} == failed
    assert Counter(change.id for change in changes).most_common(1)[0][1] == 1


def test_the_way_back_is_told_as_the_way_there(runs: tuple[Run, Run]) -> None:
    good, drifted = runs
    with compared(good, drifted) as there, compared(drifted, good) as back:
        opposite = {Why.NEW: Why.GONE, Why.GONE: Why.NEW}
        told = {(c.id, c.before, c.after, opposite.get(c.cause, c.cause)) for c in back.changes()}
        assert {(c.id, c.after, c.before, c.cause) for c in there.changes()} == told
        assert there.summary().causes["environment"] == back.summary().causes["environment"]
        assert back.summary().worse() == frozenset()
