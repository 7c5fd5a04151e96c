"""Azure's provider: signing in, finding subscriptions, and the role that it prints."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from kit import NOW, read
from posture.model import Cause
from posture.place import Place, Where
from posture.provider import Discovery, Limits, SignInFailed
from posture_azure import PROVIDER
from posture_azure.credentials import AzureTarget
from posture_azure.session import ArmSession
from posture_azure.storage import facts
from posture_estates.arm import ArmServer

SUB = "22222222-2222-4222-8222-222222222222"
OTHER = "33333333-3333-4333-8333-333333333333"
THIRD = "44444444-4444-4444-8444-444444444444"
QUICK = Limits(attempts=1, connect=1.0, read=1.0, call=5.0)
LIST = "Microsoft.Resources/subscriptions/read"


def document(**changes: Any) -> dict[str, Any]:
    return {"subscriptions": [{"id": SUB}, {"id": OTHER}, {"id": THIRD}], "resources": []} | changes


@pytest.fixture
def arm(monkeypatch: pytest.MonkeyPatch) -> Iterator[ArmServer]:
    with ArmServer(document(), page_size=2) as server:
        for name in ("AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_USERNAME", "AZURE_AUTHORITY_HOST"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AZURE_TENANT_ID", server.tenant_id)
        monkeypatch.setenv("AZURE_CLIENT_ID", server.client_id)
        monkeypatch.setenv("AZURE_CLIENT_SECRET", server.client_secret)
        yield server


def target(arm: ArmServer, **changes: Any) -> AzureTarget:
    return AzureTarget(**{"arm_endpoint": arm.url, "authority": arm.url, "ca_bundle": arm.ca_file} | changes)


def discover(arm: ArmServer, **changes: Any) -> Discovery:
    return PROVIDER.discover("t", target(arm, **changes), QUICK)


def failure(arm: ArmServer, **changes: Any) -> SignInFailed:
    with pytest.raises(SignInFailed) as caught:
        discover(arm, **changes)
    assert caught.value.remedy
    return caught.value


def accounts(found: Discovery) -> list[str]:
    return [place.account for place in found.places]


def test_every_subscription_of_every_page_is_a_place(arm: ArmServer) -> None:
    found = discover(arm)
    assert found.places[0] == Place(provider="azure", target="t", account=SUB, region="global", where=Where.ACCOUNT)
    assert accounts(found) == [SUB, OTHER, THIRD]
    assert found.closed == ()
    assert len(arm.requests) == 2


def test_the_identity_is_who_the_token_speaks_for_and_not_the_token(arm: ArmServer) -> None:
    identity = discover(arm).identity
    assert arm.tenant_id in identity
    assert arm.client_id in identity
    assert arm.client_secret not in identity
    assert "." not in identity


def test_only_the_named_subscriptions_are_scanned_and_one_that_is_not_visible_is_closed(arm: ArmServer) -> None:
    missing = "99999999-9999-4999-8999-999999999999"
    found = discover(arm, subscriptions=(OTHER.upper(), missing))
    assert accounts(found) == [OTHER]
    (closed,) = found.closed
    assert (closed.place.account, closed.gap.cause, closed.gap.permission) == (missing, Cause.ACCESS_DENIED, LIST)


@pytest.mark.parametrize(
    ("state", "open"),
    [("Enabled", True), ("Warned", True), ("PastDue", True), ("Disabled", False), ("Deleted", False), ("Odd", False)],
)
def test_a_subscription_that_does_not_answer_in_full_is_closed_and_not_empty(
    arm: ArmServer, state: str, open: bool
) -> None:
    arm.replace(document(subscriptions=[{"id": SUB, "state": state}]))
    found = discover(arm)
    assert accounts(found) == ([SUB] if open else [])
    assert [(one.gap.cause, state in one.gap.detail) for one in found.closed] == (
        [] if open else [(Cause.UNREACHABLE, True)]
    )


def test_an_identity_that_sees_nothing_has_not_entered(arm: ArmServer) -> None:
    arm.replace(document(grants=[]))
    found = failure(arm)
    assert (found.gap.cause, "sees no subscription" in found.gap.detail) == (Cause.ACCESS_DENIED, True)


def test_a_wrong_secret_fails_the_sign_in_and_is_not_repeated_in_the_message(
    arm: ArmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "not-the-secret")
    found = failure(arm)
    assert found.gap.cause is Cause.CREDENTIALS_EXPIRED
    assert "AADSTS7000215" in found.gap.detail
    assert "not-the-secret" not in str(found)
    assert arm.requests == ()


def test_missing_credentials_fail_the_sign_in_with_a_remedy(arm: ArmServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    found = failure(arm)
    assert found.gap.cause is Cause.ACCESS_DENIED
    assert found.gap.detail.startswith("no credentials were found: ")
    assert "AZURE_CLIENT_SECRET" in found.remedy


def test_a_tenant_that_nobody_knows_fails_the_sign_in(arm: ArmServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_TENANT_ID", OTHER)
    assert failure(arm).gap.cause is Cause.CREDENTIALS_EXPIRED


def test_another_tenant_than_expected_is_a_disagreement(arm: ArmServer) -> None:
    assert failure(arm, tenant=OTHER).gap.cause is Cause.DISAGREEMENT
    assert arm.requests == ()


@pytest.mark.parametrize("form", [str.upper, str.lower])
def test_the_expected_tenant_may_be_written_in_any_case(arm: ArmServer, form: Any) -> None:
    assert len(discover(arm, tenant=form(arm.tenant_id)).places) == 3


def test_a_tenant_named_by_its_domain_is_not_compared_and_not_entered(arm: ArmServer) -> None:
    found = failure(arm, tenant="contoso.example")
    assert "tenant contoso.example was not compared: it is a domain name" in str(found)
    assert arm.tenant_id in str(found)
    assert arm.requests == ()


@pytest.mark.parametrize("odd", ["contoso", "0000-1111", "https://contoso.example", "a b.example", "-", "common", "."])
def test_a_tenant_that_is_neither_an_id_nor_a_domain_is_refused(odd: str) -> None:
    with pytest.raises(ValueError, match=f"^`tenant` is the id of a tenant, a UUID, and '{re.escape(odd)}' is none$"):
        AzureTarget(tenant=odd)


@pytest.mark.parametrize("field", ["arm_endpoint", "authority"])
def test_an_address_where_nobody_answers_is_unreachable(arm: ArmServer, field: str) -> None:
    assert failure(arm, **{field: "https://127.0.0.1:9"}).gap.cause is Cause.UNREACHABLE


def test_an_authority_that_is_not_trusted_is_unreachable(arm: ArmServer) -> None:
    found = failure(arm, ca_bundle="")
    assert found.gap.cause is Cause.UNREACHABLE
    assert "certificate" in found.gap.detail.lower()


@pytest.mark.parametrize(
    ("fault", "arguments", "cause"),
    [
        ("deny", (), Cause.ACCESS_DENIED),
        ("fail", (), Cause.UNREACHABLE),
        ("malformed", (), Cause.MALFORMED_REPLY),
        ("next_link_elsewhere", (), Cause.TRUNCATED),
        ("next_link_back", (), Cause.TRUNCATED),
        ("throttle", (), Cause.THROTTLED),
    ],
)
def test_a_list_of_subscriptions_that_is_not_whole_is_no_discovery(
    arm: ArmServer, fault: str, arguments: tuple[Any, ...], cause: Cause
) -> None:
    getattr(arm.faults, fault)(LIST, *arguments)
    assert failure(arm).gap.cause is cause


@pytest.mark.parametrize("body", [b"{}", b'{"value": [{"state": "Enabled"}]}', b'{"value": [1]}', b'{"value": null}'])
def test_subscriptions_without_ids_and_states_are_malformed(arm: ArmServer, body: bytes) -> None:
    arm.faults.malformed(LIST, body=body)
    assert failure(arm).gap.cause is Cause.MALFORMED_REPLY


def test_a_session_reads_a_place_through_a_live_source(arm: ArmServer) -> None:
    group = f"/subscriptions/{SUB}/resourceGroups/App/providers/Microsoft.Storage/storageAccounts"
    arm.replace(document(resources=[{"id": f"{group}/{name}", "kind": "StorageV2"} for name in ("a", "b", "c")]))
    place = discover(arm).places[0]
    session = PROVIDER.session(place, PROVIDER.source(place, target(arm), QUICK), NOW)
    assert isinstance(session, ArmSession)
    assert [fact.resource.id for fact in read(facts.accounts, session)] == [f"{group}/{n}".lower() for n in "abc"]


def test_the_role_allows_what_was_asked_for_and_no_more() -> None:
    role = PROVIDER.policy(["b/read", "a/read", "a/read"])
    assert (role["Actions"], role["NotActions"], role["IsCustom"]) == (["a/read", "b/read"], [], True)
    assert {"Name", "Description", "AssignableScopes"} < set(role)


def test_discovery_performs_the_operations_and_needs_the_permissions_it_says(arm: ArmServer) -> None:
    discover(arm)
    (operation,) = PROVIDER.operations()
    assert {f"{one.action.removesuffix('/read')}@{one.query['api-version']}" for one in arm.requests} == {operation}
    assert {one.action for one in arm.requests} == set(PROVIDER.permissions())


def test_the_package_is_whole_without_any_sdk_in_memory() -> None:
    code = (
        "import sys, posture_azure; from posture.registry import Registry; Registry([posture_azure]);"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('azure', 'msal', 'requests', 'urllib3')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
