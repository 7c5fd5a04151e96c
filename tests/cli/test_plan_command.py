"""posture plan and posture permissions: what a scan would ask, asked of nobody; and that the printed rights suffice."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from commands import (
    AWS_ENVIRONMENT,
    PROGRAM,
    VOLUMES,
    aws_settings,
    azure_environment,
    azure_settings,
    configuration,
    posture,
    process,
    written,
)
from posture.model import Cause
from posture.registry import installed
from posture.run.directory import Run
from posture_estates import azure
from posture_estates.arm import ArmServer
from posture_estates.aws import AwsServer, seed
from posture_estates.azure.places import PRODUCTION, STAGING

NO_NETWORK = f"""
import socket
def refused(*arguments, **options): raise AssertionError("the network was touched")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refused
socket.getaddrinfo = socket.create_connection = refused
{PROGRAM}
"""

BOTH = (PRODUCTION, STAGING)

EVERYWHERE = ("-p", "baseline", "--aws", "--azure", "--endpoint", "www.example.org")


def steps(*arguments: object) -> list[dict[str, Any]]:
    done = posture("plan", *arguments, "--json")
    assert done.code == 0, done.err
    found: list[dict[str, Any]] = json.loads(done.out)["steps"]
    return found


@pytest.mark.parametrize("command", [("plan",), ("plan", "--json"), ("permissions", "aws"), ("permissions", "azure")])
def test_planning_touches_no_network(command: tuple[str, ...]) -> None:
    done = process(*command, *EVERYWHERE, program=NO_NETWORK)
    assert (done.code, done.err) == (0, "")
    assert done.out


def test_the_socket_guard_of_these_tests_works(tmp_path: Path) -> None:
    done = process("scan", *EVERYWHERE, "-o", tmp_path / "run", program=NO_NETWORK)
    assert "the network was touched" in done.err


def test_a_plan_is_the_same_every_time() -> None:
    first = process("plan", *EVERYWHERE, "--json")
    assert first == process("plan", *EVERYWHERE, "--json", environment={**AWS_ENVIRONMENT, "PYTHONHASHSEED": "7"})
    assert json.loads(first.out)


def test_every_step_says_operation_permission_and_claims() -> None:
    found = steps(*EVERYWHERE)
    assert {step["provider"] for step in found} == {"aws", "azure", "endpoint"}
    for step in found:
        assert step["operation"]
        assert step["claims"]
        assert step["each"].startswith("per ")
        assert step["checks"] or step["claims"] in (["population"], ["public names"])
        assert bool(step["permission"]) == (step["provider"] != "endpoint")


@pytest.mark.parametrize("columns", ["80", "100", "250"])
def test_the_plan_for_people_has_every_operation_uncut(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = posture("plan", *EVERYWHERE)
    for step in steps(*EVERYWHERE):
        assert step["operation"] in done.out
        assert step["permission"] in done.out


def test_the_plan_says_what_endpoints_may_see_of_the_scan() -> None:
    hosts = ("--endpoint", "127.0.0.1:8443", "--endpoint", "smtp://mail.example.org")
    made = json.loads(posture("plan", "-p", "baseline", *hosts, "--deep", "--json").out)
    lines = {line["what"]: line["count"] for line in made["costs"]["endpoint"]}
    assert lines["endpoints that the configuration names"] == 2
    assert lines["most connections to an address for all commands of sslyze"] == 640
    text = posture("plan", "-p", "baseline", *hosts, "--deep").out
    assert "\nTarget endpoint:\n  endpoints that the configuration names: 2\n" in text
    assert text.endswith("\n  only these are contacted\n")


@pytest.mark.parametrize("command", ["plan", "scan"])
@pytest.mark.parametrize("option", [("--deep",), ("--depth", "full"), ("--cross-check", "2")], ids=" ".join)
def test_endpoints_are_looked_at_closely_only_where_there_are_any(command: str, option: tuple[str, ...]) -> None:
    done = posture(command, "-p", "baseline", "--aws", *option)
    assert (done.code, done.out) == (2, "")
    assert f"{option[0]}: there is no endpoint among the targets; name one with --endpoint" in done.err


@pytest.mark.parametrize(
    ("option", "line"),
    [
        (("--depth", "full"), "most connections to an address for the protocol versions: 120"),
        (("--cross-check", "1"), "most connections to an address for the second view by sslyze: 560"),
    ],
)
def test_options_of_depth_stand_for_the_endpoints_of_a_configuration(
    tmp_path: Path, option: tuple[str, ...], line: str
) -> None:
    config = configuration(tmp_path / "c.yaml", {"web": {"endpoint": {"hosts": ["a.example"]}}}, ["baseline"])
    assert line not in posture("plan", "-c", config).out
    assert line in posture("plan", "-c", config, *option).out


def test_the_policy_is_the_permissions_of_the_plan_and_of_discovery() -> None:
    policy = json.loads(posture("permissions", "aws", "-p", "coding-rooms").out)
    (statement,) = policy["Statement"]
    planned = {step["permission"] for step in steps("-p", "coding-rooms", "--aws") if step["provider"] == "aws"}
    assert set(statement["Action"]) == planned | {"ec2:DescribeRegions"}
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")
    assert statement["Action"] == sorted(statement["Action"])


def test_each_permission_can_be_explained(tmp_path: Path) -> None:
    volumes = written(tmp_path / "volumes.yaml", VOLUMES)
    done = posture("permissions", "aws", "-p", volumes, "--explain")
    assert done.out.splitlines() == [
        "ec2:DescribeRegions",
        "    finding the places to scan",
        "ec2:GetEbsEncryptionByDefault",
        "    aws.ec2.ebs-default-encryption",
    ]


# -- the printed rights are enough, and none is too much


@pytest.fixture(scope="module")
def filled(running_account: AwsServer) -> AwsServer:
    seed(running_account.url, "good")
    return running_account


def allow(account: AwsServer, policy: Mapping[str, Any], planned: list[dict[str, Any]]) -> None:
    """Refuse whatever the policy does not name: of the plan by permission, of discovery by what it needs."""
    granted = set(policy["Statement"][0]["Action"])
    discovery = installed().providers["aws"]
    account.gate.deny("*")
    needed = {step["operation"]: step["permission"] for step in planned}
    needed |= {name: name if name in discovery.permissions() else "" for name in discovery.operations()}
    for operation, permission in needed.items():
        if not permission or permission in granted:
            account.gate.hang(operation, 0)  # the behaviour set last wins: an answer without delay is an answer


def denied(run: Path) -> set[str]:
    """The permissions that the run lacked somewhere."""
    return {call.gap.permission for call in Run.open(run).calls() if call.gap and call.gap.cause is Cause.ACCESS_DENIED}


def test_the_printed_aws_policy_is_enough_and_no_part_of_it_is_idle(
    tmp_path: Path, filled: AwsServer, account: AwsServer
) -> None:
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(filled.url)}, ["coding-rooms"])
    planned = [step for step in steps("-c", config) if step["provider"] == "aws"]
    policy = json.loads(posture("permissions", "aws", "-c", config).out)
    allow(filled, policy, planned)
    done = process("scan", "-c", config, "-o", tmp_path / "enough")
    assert done.code in (0, 1, 3), done.err
    assert denied(tmp_path / "enough") == set()
    assert sum(1 for _ in Run.open(tmp_path / "enough").calls()) > 50

    filled.gate.clear()
    policy["Statement"][0]["Action"].remove("s3:GetEncryptionConfiguration")
    allow(filled, policy, planned)
    done = process("scan", "-c", config, "-o", tmp_path / "short")
    assert done.code in (1, 3)
    assert denied(tmp_path / "short") == {"s3:GetEncryptionConfiguration"}
    assert "access-denied, needs s3:GetEncryptionConfiguration); `posture permissions`" in done.err


def test_without_the_right_to_list_regions_the_named_ones_are_scanned(
    tmp_path: Path, filled: AwsServer, account: AwsServer
) -> None:
    volumes = written(tmp_path / "volumes.yaml", VOLUMES)
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(account.url)}, [volumes])
    account.gate.deny("ec2:DescribeRegions")
    assert process("scan", "-c", config, "-o", tmp_path / "run").code == 0
    assert denied(tmp_path / "run") == set()


def test_the_printed_azure_role_is_enough_and_no_part_of_it_is_idle(tmp_path: Path) -> None:
    document = azure.tenant("good")
    scanner = {"client_id": "scanner", "client_secret": "secret", "name": "scanner"}
    profiles = ("-p", "proctorio", "-p", "baseline")
    role = json.loads(posture("permissions", "azure", *profiles).out)
    assert "*" not in "".join(role["Actions"])
    for name, actions in {
        "enough": role["Actions"],
        "short": [action for action in role["Actions"] if action != "Microsoft.KeyVault/vaults/read"],
    }.items():
        grants = [{"principal": "scanner", "scope": f"/subscriptions/{one}", "actions": actions} for one in BOTH]
        with ArmServer({**document, "principals": [scanner], "grants": grants}) as server:
            config = configuration(tmp_path / f"{name}.yaml", {"tenant": azure_settings(server)}, profiles[1::2])
            done = process("scan", "-c", config, "-o", tmp_path / name, environment=azure_environment(server))
        assert done.code in (0, 1, 3), done.err
        assert denied(tmp_path / name) == ({"Microsoft.KeyVault/vaults/read"} if name == "short" else set())
        assert sum(1 for _ in Run.open(tmp_path / name).calls()) > 30
