"""posture doctor against the estates: what answers, what is refused, who is not reached, and nothing is left behind."""

import json
import re
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from commands import (
    AWS_ENVIRONMENT,
    ENDPOINTS,
    VOLUMES,
    aws_settings,
    azure_environment,
    azure_settings,
    configuration,
    endpoint_settings,
    posture,
    written,
)
from posture_estates.arm import ArmServer
from posture_estates.aws import AwsServer
from posture_estates.demo import estates
from posture_estates.endpoints.lab import EndpointLab

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
    told = [provider for provider in ("aws", "azure") if re.search(rf"✔ clock: within \d+ s of {provider}\n", done.out)]
    assert told == ["aws", "azure"]
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


def test_an_endpoint_that_takes_up_no_connection_is_told(tmp_path: Path, lab: EndpointLab, empty: Path) -> None:
    profile = written(tmp_path / "e.yaml", ENDPOINTS)
    targets = {"web": endpoint_settings(lab, "good", "refused")}
    done = posture("doctor", "-c", configuration(tmp_path / "c.yaml", targets, [profile]), "--json")
    assert done.code == 3
    (visit,) = json.loads(done.out)["visits"]
    tried = [a for a in visit["attempts"] if a["operation"] == "connect"]
    assert [(a["state"], a["statements"]) for a in tried] == [("error", ["endpoints/E1"]), ("ok", [])]
    refused = lab.endpoints["refused"]
    assert tried[0]["gap"]["detail"] == f"{refused.address} port {refused.port}: Connection refused"
    assert tried[0]["gap"]["cause"] == "unreachable"


def test_endpoints_that_answer_get_no_complaint(tmp_path: Path, lab: EndpointLab, empty: Path) -> None:
    profile = written(tmp_path / "e.yaml", ENDPOINTS)
    config = configuration(tmp_path / "c.yaml", {"web": endpoint_settings(lab, "good")}, [profile])
    done = posture("doctor", "-c", config)
    assert (done.code, done.err) == (0, ""), done.out
    assert "✔ ok connect" in done.out


def shift(monkeypatch: pytest.MonkeyPatch, date: Callable[[], str]) -> None:
    """Set the clock by which the servers of this process date their replies."""
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda self, timestamp=None: date())


def told_ahead(seconds: int) -> Callable[[], str]:
    return lambda: formatdate(time.time() + seconds, usegmt=True)


CLOCKS = [
    (-40, 0, r"✔ clock: within 4\d s of {}\n"),
    (100, 3, r"✘ clock: at least (9\d|100) s behind {}: signatures and tokens are refused from 300 s on; set it by"),
    (-7200, 3, r"✘ clock: at least 7,(19\d|20\d) s ahead of {}: signatures and tokens are refused; set it by"),
]


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AWS_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.parametrize(("seconds", "code", "told"), CLOCKS)
def test_the_clock_is_compared_with_that_of_aws(
    tmp_path: Path,
    account: AwsServer,
    signed_in: None,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    code: int,
    told: str,
) -> None:
    shift(monkeypatch, told_ahead(seconds))
    profile = written(tmp_path / "v.yaml", VOLUMES)
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(account.url)}, [profile], limits=PATIENT)
    done = posture("doctor", "-c", config)
    assert done.code == code, done.out
    assert re.search(told.format("aws"), done.out), done.out


@pytest.mark.parametrize(("seconds", "code", "told"), CLOCKS)
def test_the_clock_is_compared_with_that_of_azure(
    tmp_path: Path,
    tenant: ArmServer,
    signed_in: None,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    code: int,
    told: str,
) -> None:
    shift(monkeypatch, told_ahead(seconds))
    for name, value in azure_environment(tenant).items():
        monkeypatch.setenv(name, value)
    config = configuration(tmp_path / "c.yaml", {"tenant": azure_settings(tenant)}, ["proctorio"], limits=PATIENT)
    done = posture("doctor", "-c", config)
    assert done.code == code, done.out
    assert re.search(told.format("azure"), done.out), done.out


@pytest.mark.parametrize("date", ["", "half past twelve"])
def test_a_clock_that_no_reply_tells_is_not_known_and_no_problem(
    tmp_path: Path, account: AwsServer, signed_in: None, monkeypatch: pytest.MonkeyPatch, date: str
) -> None:
    shift(monkeypatch, lambda: date)
    profile = written(tmp_path / "v.yaml", VOLUMES)
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(account.url)}, [profile], limits=PATIENT)
    done = posture("doctor", "-c", config)
    assert done.code == 0
    assert "– clock: not known, no reply told the time" in done.out


def test_a_signature_that_is_refused_for_its_time_is_told_as_a_clock_that_is_off(
    tmp_path: Path, account: AwsServer, signed_in: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift(monkeypatch, told_ahead(3600))
    account.gate.untimely()
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(account.url)}, ["baseline"])
    done = posture("doctor", "-c", config)
    assert done.code == 4
    assert (
        "not entered: the clock of this machine is off, so that AWS refuses its signatures (SignatureDoes" in done.out
    )
    assert "Set the clock of this machine by a time server (NTP) and try again." in done.out.replace("\n", " ")
    assert re.search(r"✘ clock: at least 3,(59\d|600) s behind aws: signatures and tokens are refused;", done.out)


def test_without_a_target_there_is_nothing_to_try(empty: Path) -> None:
    done = posture("doctor", "-p", "baseline")
    assert (done.code, done.out) == (2, "")
    assert "name a target: --aws" in done.complaint
