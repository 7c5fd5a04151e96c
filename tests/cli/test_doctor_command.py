"""posture doctor against the estates: what answers, what is refused, who is not reached, and nothing is left behind."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import aws_settings, configuration, posture
from posture_estates.aws import AwsServer
from posture_estates.demo import estates

PATIENT = {"read": 30.0, "call": 60.0}


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to run in that must stay as it is."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield folder
    assert not list(folder.iterdir())


def test_the_good_estate_gets_no_complaint(tmp_path: Path, empty: Path) -> None:
    with estates("good") as targets:
        config = configuration(tmp_path / "c.yaml", targets, ["coding-rooms", "proctorio"], limits=PATIENT)
        done = posture("doctor", "-c", config)
    assert (done.code, done.err) == (0, ""), done.out
    assert "✔ signed in as arn:aws:iam::123456789012:user/auditor, 3 places to scan" in done.out
    assert "✔ ok ec2:DescribeVolumes" in done.out
    assert "✔ ok Microsoft.Compute/disks@" in done.out
    assert not {"✘", "?"} & {line.strip()[:1] for line in done.out.splitlines()}


def test_the_refused_estate_tells_permissions_and_statements(tmp_path: Path, empty: Path) -> None:
    with estates("refused") as targets:
        config = configuration(tmp_path / "c.yaml", targets, ["coding-rooms", "proctorio"], limits=PATIENT)
        done = posture("doctor", "-c", config, "--json")
    assert done.code == 3
    visits = {visit["target"]: visit for visit in json.loads(done.out)["visits"]}
    refused = {
        attempt["permission"]: attempt["statements"]
        for visit in visits.values()
        for attempt in visit["attempts"]
        if attempt["state"] == "refused"
    }
    assert refused["guardduty:ListDetectors"] == ["coding-rooms/CR-3"]
    assert "coding-rooms/CR-7" in refused["rds:DescribeDBSnapshots"]
    assert "proctorio/PR-2" in refused["Microsoft.KeyVault/vaults/read"]
    assert all(attempt["state"] != "error" for visit in visits.values() for attempt in visit["attempts"])


def test_an_account_that_lets_nobody_in_is_not_reached(
    tmp_path: Path, account: AwsServer, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    account.gate.expired_token()
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(account.url)}, ["baseline"])
    done = posture("doctor", "-c", config)
    assert done.code == 4
    assert "account (aws)\n  ✘ not entered: " in done.out
    assert "baseline/BL-" in done.out


def test_without_a_target_there_is_nothing_to_try(empty: Path) -> None:
    done = posture("doctor", "-p", "baseline")
    assert (done.code, done.out) == (2, "")
    assert "name a target: --aws" in done.complaint
