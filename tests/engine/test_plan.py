"""Plans: from claims to checks, facts and calls, and to nothing else."""

from pathlib import Path
from typing import Any

import pytest

from engine import scans
from engine.lab import Shelf
from posture.config import load_config
from posture.place import Where
from posture.plan import Plan, plan
from posture.registry import Registry
from posture.scope import Exclusion, Match, Scope
from posture.yamlfile import FileError

ALL = Scope()


def planned(registry: Registry, *claims: Any, scope: Scope = ALL, providers: tuple[str, ...] = ("lab",)) -> Plan:
    return plan(registry, [scans.scoped(scans.profile(*claims), scope)], providers)


@pytest.mark.parametrize(
    ("claim", "operations"),
    [
        ("configuration-recorded", {"GetRecorder"}),
        ("vault-protected", {"ListSeals"}),
        ("no-public-access", {"ListBoxes", "ListShelves"}),
        ("encrypted-at-rest", {"ListBoxes", "GetLock", "ListShelves"}),
        ("double-encrypted", {"ListBoxes", "GetLock", "GetGrade", "ListShelves"}),
        ("customer-managed-keys", {"ListBoxes", "GetLock", "ListKeys", "GetKey", "ListShelves"}),
        ("tls-minimum", set()),
    ],
)
def test_a_claim_needs_the_calls_that_lead_to_its_facts(registry: Registry, claim: str, operations: set[str]) -> None:
    made = planned(registry, claim)
    assert made.operations("lab") == {f"lab:{name}" for name in operations}


def test_each_call_stands_once_however_many_claims_use_it(registry: Registry) -> None:
    made = planned(registry, "encrypted-at-rest", "no-public-access", "double-encrypted", "customer-managed-keys")
    (listing,) = [step for step in made.steps if step.operation == "lab:ListBoxes"]
    assert listing.claims == ("customer-managed-keys", "double-encrypted", "encrypted-at-rest", "no-public-access")
    assert listing.each == "per region, paged"
    assert len({step.operation for step in made.steps}) == len(made.steps)


def test_a_plan_says_what_each_call_needs_and_is_for(registry: Registry) -> None:
    steps = {step.operation: step for step in planned(registry, "encrypted-at-rest").steps}
    lock = steps["lab:GetLock"]
    assert (lock.permission, lock.each, lock.checks) == ("lab:ReadLock", "per lab.box", ("lab.box.encryption",))
    assert steps["lab:ListShelves"].claims == ("population",)


def test_permissions_are_those_of_the_planned_calls(registry: Registry) -> None:
    made = planned(registry, "encrypted-at-rest")
    assert made.permissions("lab") == ["lab:ListBoxes", "lab:ListShelves", "lab:ReadLock"]


def test_a_claim_that_no_check_bears_on_is_untested(registry: Registry) -> None:
    made = planned(registry, "tls-minimum", "encrypted-at-rest")
    assert [key.split('"')[1] for key in made.untested] == ["tls-minimum"]


def test_no_claim_no_work(registry: Registry) -> None:
    made = planned(registry)
    assert (made.steps, made.works["lab"].readers) == ((), ())


@pytest.mark.parametrize(
    "scope", [Scope(include=(Match(cloud="barn"),)), Scope(exclude=(Exclusion(cloud="lab", reason="not ours"),))]
)
def test_nothing_is_asked_of_a_cloud_that_no_profile_speaks_about(registry: Registry, scope: Scope) -> None:
    made = planned(registry, "encrypted-at-rest", scope=scope, providers=("lab", "barn"))
    assert made.operations("lab") == frozenset()
    assert made.operations("barn") == {"barn:ListBoxes", "barn:GetLock", "barn:ListShelves"}


def test_listings_belong_to_regions_or_to_the_account(registry: Registry) -> None:
    work = planned(registry, "encrypted-at-rest", "vault-protected").works["lab"]
    assert [reader.operation for reader in work.roots(Where.ACCOUNT)] == ["lab:ListSeals"]
    assert [reader.operation for reader in work.roots(Where.REGION)] == ["lab:ListBoxes", "lab:ListShelves"]


def test_the_order_of_claims_and_profiles_changes_no_call(registry: Registry) -> None:
    claims = ["encrypted-at-rest", "double-encrypted", "customer-managed-keys"]
    assert planned(registry, *claims).steps == planned(registry, *claims[::-1]).steps


def test_an_inventory_is_read_only_for_claims_that_quantify_over_stores(registry: Registry) -> None:
    assert Shelf.inventory
    assert "lab:ListShelves" not in planned(registry, "configuration-recorded", "vault-protected").operations("lab")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("targets:\n  t: {lba: {}}\n", "posture.yaml:2: there is no provider 'lba'; did you mean 'lab'"),
        ("targets:\n  t: {lab: {}, barn: {}}\n", "posture.yaml:2: target 't' names one provider, not 2"),
        ("targets:\n  t: {}\n", "posture.yaml:2: target 't' names one provider, not 0"),
        ("targets:\n  t:\n    lab:\n      acount: x\n", "posture.yaml:3: unknown key 'acount'; did you mean 'account'"),
        ("targets:\n  t:\n    lab: {account: 5}\n", "posture.yaml:3: account: 5: expected `str`, got `int`"),
        ("targets: 5\n", "posture.yaml:1: targets: 5: expected `object`, got `int`"),
        ("targets:\n  t: 5\n", "posture.yaml:1: a value here: expected `object`, got `int`"),
        ("limits: {call: fast}\n", "posture.yaml:1: call: 'fast': expected `float`, got `str`"),
        ("limits: {cal: 5}\n", "posture.yaml:1: unknown key 'cal'; did you mean 'call'"),
        ("scope: {exclude: [{cloud: lab}]}\n", "posture.yaml:1: the key 'reason' is missing"),
    ],
)
def test_a_configuration_that_is_wrong_is_named_with_its_line(
    registry: Registry, text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "posture.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as raised:
        load_config(path, registry.providers)
    assert str(raised.value).startswith(message)


def test_a_configuration_types_its_targets(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "posture.yaml"
    path.write_text("targets:\n  one:\n    lab: {account: '7'}\n  two: {barn: }\n", encoding="utf-8")
    config = load_config(path, registry.providers)
    assert [(t.name, t.provider, t.settings.account) for t in config.targets] == [
        ("one", "lab", "7"),
        ("two", "barn", "1111"),
    ]
