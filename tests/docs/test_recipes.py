"""What pages show to be copied elsewhere: a workflow, roles and trust, configurations. Each is what it says it is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from commands import posture, written
from docs.pages import examples, page
from posture.config import load_config
from posture.registry import installed, profile_files

PERMISSIONS = examples.files(page("permissions.md"))
NAMED, INLINE = 6144, 10240
"""Characters of a managed and of all inline policies of a role, blanks not counted (IAM quotas)."""


def workflow() -> dict[str, Any]:
    (text,) = re.findall(r"```yaml\n(# .github/.*?)```", page("start-ci.md"), re.DOTALL)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_the_workflow_signs_in_without_a_stored_secret() -> None:
    assert workflow()["permissions"] == {"contents": "read", "id-token": "write", "security-events": "write"}
    assert "secrets." not in page("start-ci.md")
    (job,) = workflow()["jobs"].values()
    used = {step["uses"].partition("@")[0]: step["with"] for step in job["steps"] if "with" in step}
    assert used["aws-actions/configure-aws-credentials"].keys() == {"role-to-assume", "aws-region"}
    assert {"client-id", "tenant-id"} <= used["azure/login"].keys()


def test_the_workflow_reports_also_when_the_gate_fails() -> None:
    (job,) = workflow()["jobs"].values()
    steps = job["steps"]
    (scan,) = (place for place, step in enumerate(steps) if "posture scan" in step.get("run", ""))
    assert all(step["if"] == "${{ !cancelled() }}" for step in steps[scan + 1 :])
    made = "".join(step.get("run", "") for step in steps)
    uploaded = [step["with"] for step in steps[scan + 1 :] if "uses" in step]
    assert [use.get("sarif_file") or use["path"] for use in uploaded] == ["posture.sarif", "run/\njunit.xml"]
    assert "-f sarif" in made
    assert "-o posture.sarif" in made
    assert "-o junit.xml" in made


@pytest.mark.parametrize("name", ["trust.json", "trust-github.json"])
def test_a_trust_policy_names_who_may_assume_the_role_and_under_which_condition(name: str) -> None:
    (statement,) = json.loads(PERMISSIONS[name])["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"].startswith("sts:AssumeRole")
    assert "*" not in json.dumps(statement)
    assert statement["Condition"]["StringEquals"]


def test_the_federated_identities_are_of_one_branch() -> None:
    (statement,) = json.loads(PERMISSIONS["trust-github.json"])["Statement"]
    federation = json.loads(PERMISSIONS["federation.json"])
    condition = statement["Condition"]["StringEquals"]
    assert federation["subject"] == condition["token.actions.githubusercontent.com:sub"]
    assert federation["issuer"].removeprefix("https://") in statement["Principal"]["Federated"]


def test_the_template_makes_the_role_of_the_trust_policy() -> None:
    (role,) = yaml.safe_load(PERMISSIONS["role.yaml"])["Resources"].values()
    trusted = json.loads(PERMISSIONS["trust.json"])
    assert role["Properties"]["AssumeRolePolicyDocument"] == trusted
    (policy,) = role["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    registry = installed()
    known = {reader.permission for reader in registry.readers_of("aws")} | set(registry.providers["aws"].permissions())
    assert set(statement["Action"]) <= known


def test_the_configuration_of_several_accounts_loads(tmp_path: Path) -> None:
    config = load_config(written(tmp_path / "posture.yaml", PERMISSIONS["posture.yaml"]), installed().providers)
    assert [len(target.settings.assume) for target in config.targets] == [2, 2]
    assert len({target.settings.account for target in config.targets}) == 2


def test_all_that_posture_knows_to_read_fits_into_a_policy_of_aws() -> None:
    assert f"{INLINE:,} characters, a managed one {NAMED:,}" in page("permissions.md")
    profiles = [word for name in profile_files() for word in ("-p", name)]
    policy = json.loads(posture("permissions", "aws", *profiles).out)
    registry = installed()
    needed = {reader.permission for reader in registry.readers_of("aws") if reader.permission}
    policy["Statement"][0]["Action"] = sorted({*policy["Statement"][0]["Action"], *needed})
    assert len(json.dumps(policy, separators=(",", ":"))) < NAMED


def test_all_that_is_asked_of_azure_is_reading() -> None:
    registry = installed()
    needed = {reader.permission for reader in registry.readers_of("azure") if reader.permission}
    assert needed
    assert all(permission.endswith("/read") for permission in needed), "the page says that Reader is enough"


def test_the_page_on_permissions_names_what_posture_asks_for() -> None:
    refused = page("permissions.md").partition("## What a refusal does")[2].partition("## How")[0]
    registry = installed()
    known = {reader.permission for reader in registry.readers.values()} | set(registry.providers["aws"].permissions())
    named = re.findall(r"`(\w[\w-]*:\w+)`", refused)
    assert len(named) >= 4
    assert set(named) <= known
