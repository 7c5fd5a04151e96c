"""posture evaluate: the same bytes again, with the network shut and no SDK in reach."""

import json
import shutil
from pathlib import Path

import pytest

from commands import (
    AWS_ENVIRONMENT,
    PROGRAM,
    aws_settings,
    azure_environment,
    azure_settings,
    configuration,
    endpoint_settings,
    files,
    posture,
    process,
)
from posture.run.directory import Run
from posture_estates.arm import ArmServer
from posture_estates.aws import AwsServer, seed
from posture_estates.endpoints.lab import EndpointLab

SDKS = ("boto3", "botocore", "azure", "msal", "sslyze", "nassl", "cryptography", "requests")

ALONE = f"""
import socket, sys
def refused(*arguments, **options): raise AssertionError("the network was touched")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refused
socket.getaddrinfo = socket.create_connection = refused
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {SDKS!r}:
            raise ModuleNotFoundError(f"no {{name}} here", name=name)
sys.meta_path.insert(0, Blocked())
{PROGRAM}
"""


@pytest.fixture(scope="module")
def run(
    tmp_path_factory: pytest.TempPathFactory, running_account: AwsServer, running_tenant: ArmServer, lab: EndpointLab
) -> Path:
    """A run over all three providers with something refused, something unreachable and something contradicted."""
    folder = tmp_path_factory.mktemp("evaluate")
    seed(running_account.url, "drifted")
    running_account.gate.deny("s3:GetBucketEncryption", times=1)
    targets = {
        "account": aws_settings(running_account.url),
        "tenant": azure_settings(running_tenant),
        "web": endpoint_settings(lab, "good", "weak", "refused"),
    }
    config = configuration(folder / "c.yaml", targets, ["coding-rooms", "proctorio"])
    environment = {**AWS_ENVIRONMENT, **azure_environment(running_tenant)}
    done = process("scan", "-c", config, "-o", folder / "run", "--json", environment=environment)
    assert done.code == 1, done.err
    (folder / "scan.json").write_text(done.out)
    return folder / "run"


def test_a_run_is_judged_alike_with_the_network_shut_and_no_sdk(run: Path) -> None:
    before = dict(files(run))
    first = process("evaluate", run, "--json", program=ALONE, environment={})
    again = process("evaluate", run, "--json", program=ALONE, environment={"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "3"})
    assert first.code == 1, first.err
    assert first == again
    assert first.out == (run.parent / "scan.json").read_text()
    assert dict(files(run)) == before
    assert {place.provider for place in Run.open(run).head().places} == {"aws", "azure", "endpoint"}


@pytest.mark.parametrize("command", [("verify",), ("report",), ("report", "-f", "html"), ("report", "-f", "json")])
def test_the_other_readings_of_a_run_need_no_more(run: Path, command: tuple[str, ...]) -> None:
    done = process(command[0], run, *command[1:], program=ALONE, environment={})
    assert (done.code, done.err) == (0, "")
    assert done.out


def test_for_programs_without_json_there_is_a_line_for_each_statement(run: Path) -> None:
    done = posture("evaluate", run)
    rows = [line.split("\t") for line in done.out.splitlines()]
    profiles = json.loads((run / "verdicts.json").read_text())["profiles"]
    assert rows == [[p["id"], s["id"], s["verdict"]] for p in profiles for s in p["statements"]]


def test_verdicts_that_do_not_follow_from_the_replies_are_refused(run: Path, tmp_path: Path) -> None:
    """Somebody rewrote a verdict and sealed the run anew: the replies still tell."""
    forged = tmp_path / "forged"
    shutil.copytree(run, forged)
    verdicts = forged / "verdicts.json"
    verdicts.write_bytes(verdicts.read_bytes().replace(b'"contradicted"', b'"verified"'))
    (forged / "manifest.json").unlink()
    Run.open(forged).seal()
    assert posture("verify", forged).code == 0
    done = posture("evaluate", forged)
    assert done.code == 5
    assert "the sealed verdicts do not follow from the recorded replies" in done.complaint
