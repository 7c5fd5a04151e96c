"""Every documented exit code, earned by a real command, and which one wins where several apply."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import (
    AWS_ENVIRONMENT,
    ENDPOINTS,
    PROGRAM,
    VOLUMES,
    aws_settings,
    azure_environment,
    azure_settings,
    clean,
    configuration,
    endpoint_settings,
    files,
    posture,
    process,
    written,
)
from posture_estates.arm import ArmServer
from posture_estates.aws import AwsServer
from posture_estates.endpoints.lab import EndpointLab

EXPIRED = """
exceptions:
  - id: X1
    reason: The old client is being replaced.
    owner: web team
    approver: security
    expires: 2020-01-01
    claim: tls-minimum
    resource: "*"
    broad: true
"""

BREAKS_AT_RUN = '''
"""A check package whose provider breaks its contract when it is asked to sign in."""

import posture_endpoint


class Broken(type(posture_endpoint.PROVIDER)):
    name = "broken"

    def discover(self, name, target, limits):
        raise RuntimeError("a bug")


PROVIDER = Broken()
'''


@pytest.fixture
def endpoints(tmp_path: Path) -> Path:
    return written(tmp_path / "endpoints.yaml", ENDPOINTS)


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    return written(tmp_path / "volumes.yaml", VOLUMES)


def scan(tmp_path: Path, lab: EndpointLab, profile: Path, *names: str, more: tuple[object, ...] = ()) -> int:
    config = configuration(tmp_path / "posture.yaml", {"web": endpoint_settings(lab, *names)}, [profile])
    return posture("scan", "-c", config, "-o", tmp_path / "run", *more).code


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, lab: EndpointLab) -> Path:
    folder = tmp_path_factory.mktemp("sealed")
    assert scan(folder, lab, written(folder / "endpoints.yaml", ENDPOINTS), "good") == 0
    return folder / "run"


def test_0_everything_that_is_promised_holds(tmp_path: Path, lab: EndpointLab, endpoints: Path) -> None:
    assert scan(tmp_path, lab, endpoints, "good") == 0
    assert posture("evaluate", tmp_path / "run").code == 0
    assert posture("verify", tmp_path / "run").code == 0


def test_1_a_statement_is_contradicted(tmp_path: Path, lab: EndpointLab, endpoints: Path) -> None:
    assert scan(tmp_path, lab, endpoints, "weak") == 1
    assert posture("evaluate", tmp_path / "run").code == 1


def test_1_before_3_a_contradiction_outweighs_what_is_missing(
    tmp_path: Path, lab: EndpointLab, endpoints: Path
) -> None:
    assert scan(tmp_path, lab, endpoints, "weak", "refused") == 1


def test_3_something_could_not_be_read(tmp_path: Path, account: AwsServer, volumes: Path) -> None:
    account.gate.deny("ec2:GetEbsEncryptionByDefault")
    config = configuration(tmp_path / "posture.yaml", {"account": aws_settings(account.url)}, [volumes])
    done = process("scan", "-c", config, "-o", tmp_path / "run")
    assert done.code == 3
    assert "access-denied, needs ec2:GetEbsEncryptionByDefault" in done.err
    assert "posture permissions" in done.err


@pytest.mark.parametrize(("gated", "code"), [("never", 0), ("incomplete", 0), ("contradicted", 1)])
def test_only_what_is_gated_fails(tmp_path: Path, lab: EndpointLab, endpoints: Path, gated: str, code: int) -> None:
    assert scan(tmp_path, lab, endpoints, "weak", more=("--fail-on", gated)) == code


def test_4_wrong_aws_credentials(tmp_path: Path, account: AwsServer, volumes: Path) -> None:
    account.gate.expired_token()
    config = configuration(tmp_path / "posture.yaml", {"account": aws_settings(account.url)}, [volumes])
    done = process("scan", "-c", config, "-o", tmp_path / "run")
    assert done.code == 4
    assert "account: ExpiredToken" in done.complaint
    assert "Check the credentials" in done.complaint


def test_4_wrong_azure_secret(tmp_path: Path, tenant: ArmServer, volumes: Path) -> None:
    config = configuration(tmp_path / "posture.yaml", {"tenant": azure_settings(tenant)}, [volumes])
    environment = azure_environment(tenant, AZURE_CLIENT_SECRET="wrong")
    done = process("scan", "-c", config, "-o", tmp_path / "run", environment=environment)
    assert done.code == 4
    assert "Invalid client secret" in done.complaint
    assert "Set AZURE_TENANT_ID" in done.complaint


def test_4_nobody_answers(tmp_path: Path, volumes: Path) -> None:
    config = configuration(tmp_path / "posture.yaml", {"account": aws_settings("http://127.0.0.1:9")}, [volumes])
    done = process("scan", "-c", config, "-o", tmp_path / "run")
    assert done.code == 4
    assert "127.0.0.1:9" in done.complaint


def test_one_target_that_answers_is_enough_not_to_end_with_4(
    tmp_path: Path, lab: EndpointLab, account: AwsServer, endpoints: Path
) -> None:
    account.gate.expired_token()
    targets = {"account": aws_settings(account.url), "web": endpoint_settings(lab, "good")}
    done = process("scan", "-c", configuration(tmp_path / "posture.yaml", targets, [endpoints]), "-o", tmp_path / "run")
    assert done.code == 3
    assert "account: ExpiredToken" in done.err


@pytest.mark.parametrize("command", ["verify", "evaluate", "report"])
@pytest.mark.parametrize("damage", ["altered", "cut-short", "file-missing", "file-added", "unsealed"])
def test_5_a_run_that_is_not_what_was_sealed(tmp_path: Path, sealed: Path, command: str, damage: str) -> None:
    run = Path(shutil.copytree(sealed, tmp_path / "run"))
    (replies,) = run.glob("places/*/replies.jsonl")
    match damage:
        case "altered":
            replies.write_bytes(replies.read_bytes().replace(b"lab.example", b"lab.examplf"))
        case "cut-short":
            replies.write_bytes(replies.read_bytes()[:-20])
        case "file-missing":
            replies.unlink()
        case "file-added":
            written(run / "more.json", "{}")
        case "unsealed":
            (run / "manifest.json").unlink()
    before = dict(files(run))
    done = posture(command, run)
    assert done.code == 5
    assert done.complaint.startswith(str(run))
    assert "Do not rely on this run" in done.complaint
    assert not done.out
    assert dict(files(run)) == before


def test_7_an_exception_has_expired(tmp_path: Path, lab: EndpointLab, endpoints: Path) -> None:
    exceptions = written(tmp_path / "exceptions.yaml", EXPIRED)
    gated = ("--exceptions", exceptions, "--fail-on", "exceptions")
    assert scan(tmp_path, lab, endpoints, "good", more=gated) == 7


def test_1_before_7_a_contradiction_outweighs_an_expired_exception(
    tmp_path: Path, lab: EndpointLab, endpoints: Path
) -> None:
    exceptions = written(tmp_path / "exceptions.yaml", EXPIRED)
    gated = ("--exceptions", exceptions, "--fail-on", "exceptions", "--fail-on", "contradicted")
    assert scan(tmp_path, lab, endpoints, "weak", more=gated) == 1


def test_70_a_fault_of_the_program(tmp_path: Path, endpoints: Path) -> None:
    package = tmp_path / "checks" / "broken_provider"
    package.mkdir(parents=True)
    written(package / "__init__.py", BREAKS_AT_RUN)
    config = configuration(tmp_path / "posture.yaml", {"web": {"broken": {"hosts": ["a.example"]}}}, [endpoints])
    done = process("scan", "-c", config, "-o", tmp_path / "run", "--checks-dir", tmp_path / "checks")
    assert done.code == 70
    assert "internal error: RuntimeError: a bug" in done.complaint
    assert "POSTURE_DEBUG=1" in done.complaint
    environment = {"POSTURE_DEBUG": "1"}
    told = process(
        "scan", "-c", config, "-o", tmp_path / "run", "--checks-dir", tmp_path / "checks", environment=environment
    )
    assert "Traceback" in told.err


def test_130_an_interrupted_scan_leaves_a_run_that_holds(tmp_path: Path, account: AwsServer, volumes: Path) -> None:
    account.gate.hang("ec2:GetEbsEncryptionByDefault", 60)
    limits = {"read": 50.0, "call": 55.0, "kind": 55.0}
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(account.url)}, [volumes], limits=limits)
    run = tmp_path / "run"
    command = [sys.executable, "-c", PROGRAM, "scan", "-c", str(config), "-o", str(run), "--json"]
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean(AWS_ENVIRONMENT)
    )
    deadline = time.monotonic() + 30
    while not account.gate.waiting and time.monotonic() < deadline:
        time.sleep(0.05)
    assert account.gate.waiting
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=20)
    assert started.returncode == 130, err
    assert "the scan was interrupted" in err
    assert "Traceback" not in err
    (statement,) = json.loads(out)["profiles"][0]["statements"]
    assert statement["verdict"] == "unknown"
    assert posture("verify", run).code == 0
    again = posture("evaluate", run, "--json")
    assert again.code == 3
    assert again.out == out


def test_130_before_anything_was_read_there_is_no_run(tmp_path: Path, account: AwsServer, volumes: Path) -> None:
    account.gate.hang("sts:*", 60)
    config = configuration(
        tmp_path / "c.yaml", {"account": aws_settings(account.url)}, [volumes], limits={"read": 50.0}
    )
    command = [sys.executable, "-c", PROGRAM, "scan", "-c", str(config), "-o", str(tmp_path / "run")]
    started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=clean(AWS_ENVIRONMENT))
    deadline = time.monotonic() + 30
    while not account.gate.waiting and time.monotonic() < deadline:
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=20)
    assert (started.returncode, err.strip()) == (130, "posture: interrupted")
    assert not (tmp_path / "run").exists()
