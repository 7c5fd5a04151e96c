"""posture checks: every installed check can be listed and shown."""

import json

import pytest

from commands import posture
from posture.claims import vocabulary
from posture.registry import installed


def test_the_list_for_programs_is_the_registry() -> None:
    found = json.loads(posture("checks", "list", "--json").out)
    registry = installed()
    assert [check["id"] for check in found] == sorted(registry.checks)
    for check in found:
        assert check["claim"] in vocabulary()
        assert check["provider"] in registry.providers
        assert check["operations"]
        assert bool(check["permissions"]) == (check["provider"] != "endpoint")


def test_filters_narrow_the_list() -> None:
    found = json.loads(posture("checks", "list", "--json", "--claim", "tls-minimum", "--provider", "endpoint").out)
    assert [check["id"] for check in found] == ["endpoint.tls.minimum-version"]


def test_a_claim_that_a_provider_has_no_check_for_gives_an_empty_list() -> None:
    done = posture("checks", "list", "--claim", "encryption-by-default", "--provider", "endpoint")
    assert done.code == 0
    assert done.out.endswith("\n0 checks\n")


@pytest.mark.parametrize("columns", ["80", "100", "160"])
def test_the_list_fits_the_terminal_and_cuts_no_id(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = posture("checks", "list")
    assert max(map(len, done.out.splitlines())) <= int(columns)
    for id in installed().checks:
        assert id in done.out


@pytest.mark.parametrize("provider", ["aws", "azure", "endpoint"])
def test_a_check_can_be_shown_with_what_it_reads_and_what_to_do(provider: str) -> None:
    registry = installed()
    id, check = next((id, c) for id, c in sorted(registry.checks.items()) if registry.provider_of(c.fact) == provider)
    done = posture("checks", "show", id)
    assert done.code == 0
    assert done.out.startswith(f"{id}  ({check.severity}, revision {check.revision})\n{check.title}\n")
    assert check.remedy in done.out
    assert f"Claim: {check.claim.word()}" in done.out
    for reader in registry.chain(check.fact):
        assert f"  {reader.operation}" in done.out
