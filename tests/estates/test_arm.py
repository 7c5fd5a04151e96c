"""The local Resource Manager answers the real SDKs as Azure would, and spoils answers when told to."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.policies import HeadersPolicy, RequestIdPolicy, RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import ClientSecretCredential
from azure.mgmt.core import ARMPipelineClient
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from azure.mgmt.storage import StorageManagementClient

from posture_estates.arm import ArmServer, TenantError
from posture_estates.arm.tls import intermediate, issue, new_authority

SUB = "22222222-2222-4222-8222-222222222222"
OTHER = "33333333-3333-4333-8333-333333333333"
GROUP = f"/subscriptions/{SUB}/resourceGroups/App"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts"
SERVER = f"{GROUP}/providers/Microsoft.Sql/servers/db1"
VAULT = f"{GROUP}/providers/Microsoft.RecoveryServices/vaults/v1"
ROLES = "providers/Microsoft.Authorization/roleAssignments"
STORAGE_VERSION = "2023-05-01"


def document(**changes: Any) -> dict[str, Any]:
    accounts: list[dict[str, Any]] = [
        {"id": f"{STORAGE}/Logs{number}", "sku": {"name": "Standard_LRS"}, "properties": {"number": number}}
        for number in range(5)
    ]
    accounts[0]["children"] = [
        {"id": "blobServices/default", "properties": {"isVersioningEnabled": True}},
        {"id": "blobServices/default/containers/c1", "properties": {"publicAccess": "None"}},
        {"id": "providers/Microsoft.Insights/diagnosticSettings/all", "properties": {"logs": []}},
    ]
    others: list[dict[str, Any]] = [
        {
            "id": SERVER,
            "properties": {"minimalTlsVersion": "1.2"},
            "children": [
                {
                    "id": "databases/sales",
                    "location": "westeurope",
                    "children": [{"id": "transparentDataEncryption/current", "properties": {"state": "Enabled"}}],
                }
            ],
        },
        {
            "id": VAULT,
            "children": [{"id": "backupFabrics/Azure/protectionContainers/vm;c/protectedItems/vm;i", "properties": {}}],
        },
        {
            "id": f"{GROUP}/providers/Microsoft.Web/sites/site1",
            "properties": {"siteConfig": {"minTlsVersion": "1.2", "numberOfWorkers": 1}},
        },
        {"id": f"/subscriptions/{SUB}/{ROLES}/own"},
        {"id": f"{STORAGE}/Logs0/{ROLES}/below"},
        {"id": "/providers/Microsoft.Management/managementGroups/top/" + ROLES + "/above"},
        {
            "id": f"/subscriptions/{SUB}/providers/Microsoft.Storage/locations/westus/deletedAccounts/old",
            "properties": {"location": "westeurope"},
        },
    ]
    base: dict[str, Any] = {
        "subscriptions": [
            {
                "id": SUB,
                "name": "Production",
                "providers": {"Microsoft.Cache": "NotRegistered"},
                "resource_groups": [{"name": "App", "location": "westeurope"}, {"name": "Empty"}],
            },
            {"id": OTHER, "name": "Sandbox"},
        ],
        "resources": accounts + others,
    }
    return base | changes


@pytest.fixture(scope="module")
def shared() -> Iterator[ArmServer]:
    with ArmServer(document(), page_size=2) as server:
        yield server


@pytest.fixture
def arm(shared: ArmServer) -> Iterator[ArmServer]:
    shared.faults.clear()
    shared.replace(document())
    shared.forget_requests()
    yield shared
    shared.faults.clear()


def client_of(arm: ArmServer, credential: Any = None, **retries: Any) -> ARMPipelineClient[Any, Any]:
    policies = [
        RequestIdPolicy(),
        HeadersPolicy(),
        RetryPolicy(**({"retry_total": 0} | retries)),
        ARMChallengeAuthenticationPolicy(credential or arm.credential(), f"{arm.url}/.default"),
    ]
    return ARMPipelineClient(base_url=arm.url, policies=policies, connection_verify=arm.ca_file)


def get(
    arm: ArmServer,
    path: str,
    version: str | None = STORAGE_VERSION,
    *,
    credential: Any = None,
    retries: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    query: dict[str, str] | None = None,
) -> HttpResponse:
    params = (query or {}) | ({"api-version": version} if version else {})
    with client_of(arm, credential, **(retries or {})) as client:
        response: HttpResponse = client.send_request(
            HttpRequest("GET", arm.url + path, params=params), **(options or {})
        )
        return response


def error_of(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def names(response: HttpResponse) -> list[str]:
    assert response.status_code == 200, response.text()
    return [one["name"] for one in response.json()["value"]]


def storage_client(arm: ArmServer, credential: Any = None, **options: Any) -> StorageManagementClient:
    return StorageManagementClient(
        credential or arm.credential(),
        SUB,
        base_url=arm.url,
        credential_scopes=[f"{arm.url}/.default"],
        connection_verify=arm.ca_file,
        **options,
    )


# Reading


def test_the_storage_client_lists_all_pages_and_only_reads(arm: ArmServer) -> None:
    with storage_client(arm) as client:
        found = [account.name for account in client.storage_accounts.list()]
    assert found == [f"Logs{number}" for number in range(5)]
    assert [(one.method, one.action, one.status) for one in arm.requests] == [
        ("GET", "Microsoft.Storage/storageAccounts/read", 200)
    ] * 3


def test_ids_are_case_insensitive_and_come_back_in_their_own_case(arm: ArmServer) -> None:
    response = get(arm, f"{STORAGE}/Logs0".upper().replace("/SUBSCRIPTIONS", "/subscriptions"))
    assert response.json() == {
        "id": f"{STORAGE}/Logs0",
        "name": "Logs0",
        "type": "Microsoft.Storage/storageAccounts",
        "sku": {"name": "Standard_LRS"},
        "properties": {"number": 0},
        "location": "westeurope",
    }


@pytest.mark.parametrize(
    ("path", "version", "expected"),
    [
        (f"{STORAGE}/Logs0/blobServices", STORAGE_VERSION, ["default"]),
        (f"{STORAGE}/Logs0/blobServices/default/containers", STORAGE_VERSION, ["c1"]),
        (f"{STORAGE}/Logs1/blobServices/default/containers", STORAGE_VERSION, []),
        (f"{GROUP}/providers/Microsoft.Sql/servers", "2021-11-01", ["db1"]),
        (f"/subscriptions/{OTHER}/providers/Microsoft.Sql/servers", "2021-11-01", []),
        (f"{SERVER}/databases", "2021-11-01", ["sales"]),
        (f"{SERVER}/databases/sales/transparentDataEncryption", "2021-11-01", ["current"]),
        (f"{VAULT}/backupProtectedItems", "2024-04-01", ["vm;i"]),
        (f"/subscriptions/{SUB}/providers/Microsoft.Storage/deletedAccounts", STORAGE_VERSION, ["old"]),
        (f"{STORAGE}/Logs0/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview", ["all"]),
        (f"{STORAGE}/Logs1/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview", []),
    ],
)
def test_a_collection_holds_what_stands_at_its_scope(
    arm: ArmServer, path: str, version: str, expected: list[str]
) -> None:
    assert names(get(arm, path, version)) == expected


def test_a_singleton_child_is_read_by_id(arm: ArmServer) -> None:
    response = get(arm, f"{SERVER}/databases/sales/transparentDataEncryption/current", "2021-11-01")
    assert response.json()["properties"] == {"state": "Enabled"}


def test_role_assignments_are_listed_from_below_and_above_unless_filtered(arm: ArmServer) -> None:
    path = f"/subscriptions/{SUB}/{ROLES}"
    first = get(arm, path, "2022-04-01").json()
    second = get(arm, first["nextLink"].removeprefix(arm.url), None).json()
    assert {one["name"] for one in first["value"] + second["value"]} == {"own", "below", "above"}
    assert set(names(get(arm, path, "2022-04-01", query={"$filter": "atScope()"}))) == {"own", "above"}


def test_a_filter_on_the_type_of_a_role_means_the_role_s_own_type(arm: ArmServer) -> None:
    definitions = f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions"
    roles = [
        {"id": f"{definitions}/{name}", "properties": {"type": kind}}
        for name, kind in (("mine", "CustomRole"), ("reader", "BuiltInRole"))
    ]
    arm.replace(document(resources=roles))
    assert names(get(arm, definitions, "2022-04-01", query={"$filter": "type eq 'CustomRole'"})) == ["mine"]


def test_a_filter_that_is_not_understood_is_refused(arm: ArmServer) -> None:
    response = get(arm, f"/subscriptions/{SUB}/{ROLES}", "2022-04-01", query={"$filter": "startswith(name,'a')"})
    assert error_of(response) == (400, "InvalidFilterInQueryString")


def test_the_inventory_lists_tracked_resources_without_properties(arm: ArmServer) -> None:
    with client_of(arm) as client:
        found, link = [], f"{arm.url}/subscriptions/{SUB}/resources?api-version=2021-04-01"
        while link:
            page = client.send_request(HttpRequest("GET", link)).json()
            found += page["value"]
            link = page.get("nextLink")
    assert [one["name"] for one in found] == [
        "Logs0",
        "Logs1",
        "Logs2",
        "Logs3",
        "Logs4",
        "db1",
        "sales",
        "v1",
        "site1",
    ]
    assert {key for one in found for key in one} == {"id", "name", "type", "location", "sku"}


def test_a_region_names_its_pair_where_it_has_one_and_where_that_is_known(arm: ArmServer) -> None:
    named = ["westeurope", "ukwest", "eastus", "westus3", "italynorth", "moonbase"]
    arm.replace(document(subscriptions=[{"id": SUB, "locations": named}], resources=[]))
    found: dict[str, Any] = {}
    link: str | None = f"/subscriptions/{SUB}/locations?api-version=2022-12-01"
    while link:
        page = get(arm, link, None).json()
        found |= {one["name"]: one["metadata"].get("pairedRegion") for one in page["value"]}
        link = page.get("nextLink", "").removeprefix(arm.url)
    pairs = {name: None if paired is None else [one["name"] for one in paired] for name, paired in found.items()}
    assert pairs == {
        "westeurope": ["northeurope"],
        "ukwest": ["uksouth"],
        "eastus": ["westus"],
        "westus3": ["eastus"],
        "italynorth": [],
        "moonbase": None,
    }
    assert found["westeurope"][0]["id"] == f"/subscriptions/{SUB}/locations/northeurope"


def test_recovery_points_of_a_backup_instance_are_listed_also_where_there_are_none(arm: ArmServer) -> None:
    vault = f"{GROUP}/providers/Microsoft.DataProtection/backupVaults/b1"
    children = [{"id": "backupInstances/i", "properties": {}}]
    arm.replace(document(resources=[{"id": vault, "properties": {}, "children": children}]))
    assert names(get(arm, f"{vault}/backupInstances/i/recoveryPoints", "2024-04-01")) == []


def test_the_tenant_describes_itself(arm: ArmServer) -> None:
    subscriptions = get(arm, "/subscriptions", "2022-12-01").json()["value"]
    assert [(one["subscriptionId"], one["displayName"]) for one in subscriptions] == [
        (SUB, "Production"),
        (OTHER, "Sandbox"),
    ]
    assert get(arm, "/tenants", "2022-12-01").json()["value"][0]["tenantId"] == arm.tenant_id
    assert names(get(arm, f"/subscriptions/{SUB}/resourceGroups", "2021-04-01")) == ["App", "Empty"]
    assert names(get(arm, f"/subscriptions/{SUB}/locations", "2022-12-01")) == ["westeurope"]
    provider = get(arm, f"/subscriptions/{SUB}/providers/Microsoft.Cache", "2021-04-01").json()
    assert provider["registrationState"] == "NotRegistered"


def test_lists_answer_null_where_azure_does(arm: ArmServer) -> None:
    path = f"{GROUP}/providers/Microsoft.Web/sites"
    listed = get(arm, path, "2023-12-01").json()["value"][0]["properties"]["siteConfig"]
    read = get(arm, f"{path}/site1", "2023-12-01").json()["properties"]["siteConfig"]
    assert (listed["minTlsVersion"], listed["numberOfWorkers"], read["minTlsVersion"]) == (None, 1, "1.2")


def test_replies_carry_request_id_and_remaining_reads(arm: ArmServer) -> None:
    headers = get(arm, STORAGE).headers
    assert headers["x-ms-request-id"]
    assert headers["x-ms-ratelimit-remaining-subscription-reads"] == "249"


def test_a_replaced_document_is_served_from_the_next_request_on(arm: ArmServer) -> None:
    arm.replace(document(resources=[{"id": f"{STORAGE}/new"}]))
    assert names(get(arm, STORAGE)) == ["new"]


# Refusals


@pytest.mark.parametrize(
    ("path", "version", "expected"),
    [
        (STORAGE, None, (400, "MissingApiVersionParameter")),
        (STORAGE, "latest", (400, "InvalidApiVersionParameter")),
        (f"/subscriptions/{SUB}/resourceGroups", "2010-01-01", (400, "InvalidApiVersionParameter")),
        (STORAGE, "2010-01-01", (400, "NoRegisteredProviderFound")),
        (f"{STORAGE}/Logs0/blobService", STORAGE_VERSION, (404, "InvalidResourceType")),
        (
            f"/subscriptions/{SUB}/providers/Microsoft.Nothing/x",
            "2023-01-01",
            (404, "InvalidResourceNamespace"),
        ),
        (
            f"/subscriptions/{SUB}/providers/Microsoft.Cache/redis",
            "2024-11-01",
            (409, "MissingSubscriptionRegistration"),
        ),
        (STORAGE.replace(SUB, "0" * 8), STORAGE_VERSION, (404, "SubscriptionNotFound")),
        (STORAGE.replace("App", "gone"), STORAGE_VERSION, (404, "ResourceGroupNotFound")),
        (f"{STORAGE}/gone", STORAGE_VERSION, (404, "ResourceNotFound")),
        (f"{STORAGE}/Logs1/managementPolicies/default", STORAGE_VERSION, (404, "ResourceNotFound")),
        (f"{STORAGE}/gone/managementPolicies/default", STORAGE_VERSION, (404, "ParentResourceNotFound")),
        ("/nonsense", "2023-01-01", (404, "NotFound")),
    ],
)
def test_refusals_have_the_status_and_code_of_resource_manager(
    arm: ArmServer, path: str, version: str | None, expected: tuple[int, str]
) -> None:
    assert error_of(get(arm, path, version)) == expected


def test_a_refused_version_names_the_accepted_ones(arm: ArmServer) -> None:
    message = get(arm, f"{STORAGE}/Logs0", "2010-01-01").json()["error"]["message"]
    assert "location 'westeurope'" in message
    assert "'2023-05-01, 2026-04-01, 2026-09-01'" in message


def test_a_denied_action_is_refused_with_action_and_scope_before_anything_is_looked_up(
    arm: ArmServer,
) -> None:
    arm.faults.deny("Microsoft.Storage/storageAccounts/blobServices/read")
    path = f"{STORAGE.replace('App', 'gone')}/gone/blobServices/default"
    response = get(arm, path)
    assert error_of(response) == (403, "AuthorizationFailed")
    message = response.json()["error"]["message"]
    assert f"perform action 'Microsoft.Storage/storageAccounts/blobServices/read' over scope '{path}'" in message
    assert get(arm, STORAGE).status_code == 200


def test_grants_decide_what_a_principal_reads(arm: ArmServer) -> None:
    arm.replace(
        document(
            grants=[
                {"scope": GROUP, "actions": ["*/read"], "not_actions": ["Microsoft.Sql/*"]},
            ]
        )
    )
    assert names(get(arm, STORAGE)) == ["Logs0", "Logs1"]
    assert error_of(get(arm, SERVER, "2021-11-01")) == (403, "AuthorizationFailed")
    at_subscription = f"/subscriptions/{SUB}/providers/Microsoft.Storage/storageAccounts"
    assert error_of(get(arm, at_subscription)) == (403, "AuthorizationFailed")
    assert names(get(arm, f"/subscriptions/{SUB}/resourceGroups", "2021-04-01")) == ["App"]
    visible = get(arm, "/subscriptions", "2022-12-01").json()["value"]
    assert [one["subscriptionId"] for one in visible] == [SUB]
    assert error_of(get(arm, f"/subscriptions/{OTHER}/resources", "2021-04-01")) == (
        403,
        "AuthorizationFailed",
    )


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
def test_writes_are_recorded_and_refused(arm: ArmServer, method: str) -> None:
    with client_of(arm) as client:
        request = HttpRequest(method, f"{arm.url}{STORAGE}/new?api-version=2023-05-01", json={"location": "x"})
        assert client.send_request(request).status_code == 405
        assert (
            client.send_request(HttpRequest("GET", f"{arm.url}{STORAGE}/new?api-version=2023-05-01")).status_code == 404
        )
    assert [one.method for one in arm.requests] == [method, "GET"]


def test_the_typed_client_that_registers_providers_is_caught_writing(arm: ArmServer) -> None:
    arm.replace(document(subscriptions=[{"id": SUB, "providers": {"Microsoft.Storage": "NotRegistered"}}]))
    with storage_client(arm) as client, pytest.raises(HttpResponseError):
        list(client.storage_accounts.list())
    assert [(one.method, one.status) for one in arm.requests][:2] == [("GET", 409), ("POST", 405)]


# Sign-in


def secret_credential(arm: ArmServer, secret: str, tenant: str | None = None) -> ClientSecretCredential:
    return ClientSecretCredential(
        tenant or arm.tenant_id,
        arm.client_id,
        secret,
        authority=arm.url,
        disable_instance_discovery=True,
        connection_verify=arm.ca_file,
    )


def test_a_service_principal_signs_in_and_reads(arm: ArmServer) -> None:
    with storage_client(arm, secret_credential(arm, arm.client_secret)) as client:
        assert client.storage_accounts.get_properties("App", "Logs3").name == "Logs3"
    assert arm.sign_ins == (200,)
    assert [one.method for one in arm.requests] == ["GET"]


def test_a_wrong_secret_is_told_so(arm: ArmServer) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215: Invalid client secret"):
        secret_credential(arm, "wrong").get_token(f"{arm.url}/.default")


def test_an_unknown_tenant_is_told_so(arm: ArmServer) -> None:
    with pytest.raises(ClientAuthenticationError, match="double check your tenant name"):
        secret_credential(arm, arm.client_secret, OTHER).get_token(f"{arm.url}/.default")


def test_the_sign_in_metadata_names_the_token_endpoint(arm: ArmServer) -> None:
    body = get(arm, f"/{arm.tenant_id}/v2.0/.well-known/openid-configuration", None).json()
    assert body["token_endpoint"] == f"{arm.url}/{arm.tenant_id}/oauth2/v2.0/token"


class Fixed:
    def __init__(self, token: str) -> None:
        self.token, self.expires_on = token, int(time.time()) + 3600

    def get_token(self, *scopes: str, **options: Any) -> Fixed:
        return self


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (lambda arm: "no.such.token", "InvalidAuthenticationToken"),
        (lambda arm: arm.token().token[:-2] + "xx", "InvalidAuthenticationToken"),
        (lambda arm: arm.token(seconds=-5).token, "ExpiredAuthenticationToken"),
        (
            lambda arm: arm.token(audience="https://graph.microsoft.com").token,
            "InvalidAuthenticationTokenAudience",
        ),
    ],
)
def test_a_token_that_does_not_hold_is_a_401_with_a_challenge(arm: ArmServer, token: Any, code: str) -> None:
    response = get(arm, STORAGE, credential=Fixed(token(arm)))
    assert error_of(response) == (401, code)
    assert response.headers["WWW-Authenticate"].startswith(f'Bearer authorization_uri="{arm.url}/{arm.tenant_id}"')


def test_a_missing_token_is_a_401_with_a_challenge(arm: ArmServer) -> None:
    client: ARMPipelineClient[Any, Any] = ARMPipelineClient(
        base_url=arm.url, policies=[], connection_verify=arm.ca_file
    )
    with client:
        response = client.send_request(HttpRequest("GET", f"{arm.url}{STORAGE}?api-version=2023-05-01"))
    assert error_of(response) == (401, "AuthenticationFailed")
    assert "WWW-Authenticate" in response.headers


def test_another_authority_is_not_trusted(arm: ArmServer, tmp_path: Path) -> None:
    foreign = tmp_path / "ca.pem"
    foreign.write_bytes(new_authority().pem)
    with pytest.raises(ServiceRequestError):
        get(arm, STORAGE, options={"connection_verify": str(foreign)})


# Faults


def test_a_throttled_read_says_when_to_come_back_and_the_sdk_waits(arm: ArmServer) -> None:
    arm.faults.throttle("Microsoft.Storage/*", retry_after=1, times=1)
    started = time.monotonic()
    response = get(arm, STORAGE, retries={"retry_total": 2})
    assert response.status_code == 200
    assert time.monotonic() - started >= 1
    assert [one.status for one in arm.requests] == [429, 200]


def test_reads_beyond_the_limit_of_a_subscription_are_throttled(arm: ArmServer) -> None:
    arm.faults.limit(reads=2, per_second=0.01)
    answers = [get(arm, STORAGE) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[1].headers["x-ms-ratelimit-remaining-subscription-reads"] == "0"
    assert int(answers[2].headers["Retry-After"]) > 60
    empty = get(arm, f"/subscriptions/{OTHER}/resources", "2021-04-01")
    assert empty.status_code == 200


def test_a_failing_action_fails_as_often_as_it_was_told_to(arm: ArmServer) -> None:
    arm.faults.fail("Microsoft.Storage/*", 503, code="ServiceUnavailable", times=1)
    assert error_of(get(arm, STORAGE)) == (503, "ServiceUnavailable")
    assert get(arm, STORAGE).status_code == 200


def test_a_malformed_body_is_no_json(arm: ArmServer) -> None:
    arm.faults.malformed("Microsoft.Storage/storageAccounts/read")
    response = get(arm, STORAGE)
    assert response.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        response.json()
    with storage_client(arm) as client, pytest.raises(DecodeError):
        list(client.storage_accounts.list())


def test_a_truncated_body_is_an_error(arm: ArmServer) -> None:
    arm.faults.truncate("*")
    with pytest.raises((IncompleteReadError, ServiceResponseError)):
        get(arm, STORAGE)


def test_a_dropped_connection_is_an_error(arm: ArmServer) -> None:
    arm.faults.drop("*")
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        get(arm, STORAGE)


def test_a_hanging_answer_runs_into_the_client_timeout(arm: ArmServer) -> None:
    arm.faults.hang("*", 30, times=1)
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        get(arm, STORAGE, options={"read_timeout": 0.2})
    assert get(arm, STORAGE).status_code == 200


def test_a_dripping_body_arrives_whole_and_late(arm: ArmServer) -> None:
    arm.faults.drip("*", 0.01, piece=50)
    started = time.monotonic()
    response = get(arm, f"{STORAGE}/Logs0")
    assert response.json()["name"] == "Logs0"
    assert time.monotonic() - started > 0.03


def test_a_next_link_may_lead_elsewhere(arm: ArmServer) -> None:
    arm.faults.next_link_elsewhere("Microsoft.Storage/*", "https://elsewhere.invalid")
    link = get(arm, STORAGE).json()["nextLink"]
    assert link.startswith(f"https://elsewhere.invalid{STORAGE}?")


def test_a_next_link_may_lead_back(arm: ArmServer) -> None:
    arm.faults.next_link_back("*")
    first = get(arm, STORAGE).json()
    assert get(arm, first["nextLink"].removeprefix(arm.url), None).json() == first


def test_a_forged_skip_token_is_refused(arm: ArmServer) -> None:
    assert error_of(get(arm, STORAGE, query={"$skiptoken": "MTIz"})) == (400, "InvalidSkipToken")


# Life cycle, documents, certificates


def test_closing_ends_hanging_answers_and_leaves_neither_thread_nor_file() -> None:
    before = set(threading.enumerate())
    server = ArmServer(document())
    folder = Path(server.ca_file).parent
    assert [path.name for path in folder.iterdir()] == ["ca.pem"]
    server.faults.hang("*", 60)
    raw = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))
    context = ssl.create_default_context(cafile=server.ca_file)
    secured = context.wrap_socket(raw, server_hostname="127.0.0.1")
    token = server.token().token
    secured.sendall(
        f"GET {STORAGE}?api-version=2023-05-01 HTTP/1.1\r\nHost: x\r\n".encode()
        + f"authorization: Bearer {token}\r\n\r\n".encode()
    )
    idle = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))
    while not server.requests:
        time.sleep(0.01)
    started = time.monotonic()
    server.close()
    server.close()
    assert time.monotonic() - started < 2
    assert set(threading.enumerate()) <= before
    assert not folder.exists()
    secured.close()
    idle.close()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "blue"}, "tenant document: unknown key colour"),
        ({"resources": [{"id": "/subscriptions/x"}]}, r"resources\[0\]: id: .* is not the id of a resource"),
        ({"resources": [{"id": STORAGE}]}, r"resources\[0\]: id: .* is not the id of a resource"),
        (
            {"resources": [{"id": f"{STORAGE}/a"}, {"id": f"{STORAGE}/A"}]},
            r"resources\[1\]: id: .* is there twice",
        ),
        ({"subscriptions": []}, "subscription .* is not in the document"),
        ({"grants": [{"principal": "nobody"}]}, r"grants\[0\]: principal: nobody is called 'nobody'"),
    ],
)
def test_a_document_that_cannot_be_served_is_refused_with_its_place(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(TenantError, match=message):
        ArmServer(document(**changes))


def test_an_intermediate_completes_the_chain_to_its_root(tmp_path: Path) -> None:
    root = new_authority()
    issued = issue(intermediate(root), ["localhost", "127.0.0.1"], key="rsa2048")
    pem = tmp_path / "server.pem"
    pem.write_bytes(issued.bundle)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cadata=root.pem.decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    far = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (near, far):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert near.getpeercert()["subject"] == ((("commonName", "localhost"),),)  # type: ignore[index]
