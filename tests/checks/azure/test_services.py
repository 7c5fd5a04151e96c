"""The readers of disks, SQL, vaults and roles ask a Resource Manager over the wire, and are told what stands there."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import structs

from kit import NOW, place, read
from posture.model import Fact
from posture.provider import Limits
from posture.reader import Reader
from posture.session import GapFound
from posture_azure import authorization, keyvault, regions
from posture_azure.backupvault import instances
from posture_azure.backupvault import vault as backup_vault
from posture_azure.credentials import AzureTarget
from posture_azure.disks import facts as disk_facts
from posture_azure.recovery import items
from posture_azure.recovery import vault as recovery_vault
from posture_azure.session import ArmSession
from posture_azure.source import ArmSource
from posture_azure.sql import backups, connections, database, instance, managed_database, server
from posture_estates.arm import ArmServer

SUB = "22222222-2222-4222-8222-222222222222"
GROUP = f"/subscriptions/{SUB}/resourceGroups/App/providers"
ROLES = f"/subscriptions/{SUB}/providers/Microsoft.Authorization"
OWNER = next(iter(authorization.WIDE_ROLES))
RETENTION = [
    {"id": "transparentDataEncryption/current", "properties": {"state": "Enabled"}},
    {"id": "backupShortTermRetentionPolicies/default", "properties": {"retentionDays": 7}},
    {"id": "backupLongTermRetentionPolicies/default", "properties": {"weeklyRetention": "P5W"}},
]
SIGN_IN = {"id": "azureADOnlyAuthentications/Default", "properties": {"azureADOnlyAuthentication": False}}
KEY = {"id": "encryptionProtector/current", "properties": {"serverKeyType": "ServiceManaged"}}
RULE = {"id": "firewallRules/all", "properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "0.0.0.0"}}
SIMPLE = {
    "retentionPolicyType": "SimpleRetentionPolicy",
    "retentionDuration": {"count": 30, "durationType": "Days"},
}


def thing(kind: str, children: list[dict[str, Any]] | None = None, **properties: Any) -> dict[str, Any]:
    body = {"id": f"{GROUP}/Microsoft.{kind}/One", "location": "westeurope", "properties": properties}
    return body | ({"children": children} if children else {})


DOCUMENT: dict[str, Any] = {
    "subscriptions": [{"id": SUB, "locations": ["westeurope"], "resource_groups": [{"name": "App"}]}],
    "resources": [
        thing("Compute/disks", encryption={"type": "EncryptionAtRestWithPlatformKey"}),
        thing("Compute/snapshots", timeCreated="2026-11-01T00:00:00.1234567+00:00"),
        thing("Compute/diskEncryptionSets", encryptionType="EncryptionAtRestWithCustomerKey"),
        thing("KeyVault/vaults", enableSoftDelete=True),
        thing(
            "Sql/servers",
            [
                KEY,
                SIGN_IN,
                RULE,
                {"id": "databases/App", "location": "westeurope", "properties": {}, "children": RETENTION},
            ],
            minimalTlsVersion="1.2",
        ),
        thing(
            "Sql/managedInstances",
            [KEY, SIGN_IN, {"id": "databases/App", "location": "westeurope", "properties": {}, "children": RETENTION}],
        ),
        thing(
            "RecoveryServices/vaults",
            [
                {"id": "backupEncryptionConfigs/backupResourceEncryptionConfig", "properties": {}},
                {"id": "backupconfig/vaultconfig", "properties": {"softDeleteFeatureState": "Enabled"}},
                {"id": "backupPolicies/daily", "properties": {"retentionPolicy": SIMPLE}},
                {"id": "backupFabrics/Azure/protectionContainers/vm;c/protectedItems/vm;i", "properties": {}},
            ],
        ),
        thing(
            "DataProtection/backupVaults",
            [
                {"id": "backupPolicies/daily", "properties": {"policyRules": []}},
                {
                    "id": "backupInstances/disk",
                    "properties": {},
                    "children": [
                        {"id": "recoveryPoints/p", "properties": {"recoveryPointTime": "2026-11-23T12:00:00Z"}}
                    ],
                },
            ],
        ),
        {
            "id": f"{ROLES}/roleAssignments/a",
            "properties": {
                "principalId": "P1",
                "principalType": "User",
                "roleDefinitionId": f"{ROLES}/roleDefinitions/{OWNER}",
                "scope": f"/subscriptions/{SUB}",
            },
        },
        {
            "id": f"{ROLES}/roleDefinitions/r",
            "properties": {"type": "CustomRole", "permissions": [{"actions": ["*"]}]},
        },
        {
            "id": f"{ROLES}/roleDefinitions/b",
            "properties": {"type": "BuiltInRole", "permissions": [{"actions": ["*"]}]},
        },
    ],
}

CHAINS: list[tuple[Reader, ...]] = [
    (disk_facts.disks,),
    (disk_facts.snapshots,),
    (disk_facts.disk_encryption_sets,),
    (keyvault.key_vaults,),
    (regions.regions,),
    (authorization.subscription_roles,),
    (authorization.custom_roles,),
    (server.servers, server.server_firewall),
    (server.servers, server.server_protector),
    (server.servers, connections.server_sign_in),
    (server.servers, database.databases, database.database_encryption),
    (server.servers, database.databases, backups.short_term_retention),
    (server.servers, database.databases, backups.long_term_retention),
    (instance.managed_instances, instance.instance_protector),
    (instance.managed_instances, connections.instance_sign_in),
    (instance.managed_instances, managed_database.managed_databases, managed_database.managed_encryption),
    (instance.managed_instances, managed_database.managed_databases, managed_database.managed_short_term_retention),
    (instance.managed_instances, managed_database.managed_databases, managed_database.managed_long_term_retention),
    (recovery_vault.recovery_vaults, recovery_vault.vault_encryption),
    (recovery_vault.recovery_vaults, recovery_vault.vault_config),
    (recovery_vault.recovery_vaults, items.protected_items),
    (recovery_vault.recovery_vaults, items.backup_policies),
    (backup_vault.backup_vaults, instances.backup_instances, instances.instance_points),
    (backup_vault.backup_vaults, instances.vault_policies),
]


@pytest.fixture(scope="module")
def arm() -> Iterator[ArmServer]:
    with ArmServer(DOCUMENT) as server_:
        yield server_


@pytest.fixture
def session(arm: ArmServer, monkeypatch: pytest.MonkeyPatch) -> ArmSession:
    monkeypatch.setenv("AZURE_TENANT_ID", arm.tenant_id)
    monkeypatch.setenv("AZURE_CLIENT_ID", arm.client_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", arm.client_secret)
    target = AzureTarget(arm_endpoint=arm.url, authority=arm.url, ca_bundle=arm.ca_file)
    source = ArmSource(target, Limits(attempts=1, connect=2.0, read=2.0, call=5.0))
    return ArmSession(place("azure", SUB, "global"), source, NOW)


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain[-1].name.removeprefix("posture_azure."))
def test_each_reader_finds_what_stands_below_its_parent(session: ArmSession, chain: tuple[Reader, ...]) -> None:
    parent: Fact | None = None
    for reader in chain:
        found = read(reader, session, parent)
        assert [type(one) for one in found] == [reader.fact]
        parent = found[0]


def test_items_of_a_vault_that_is_not_there_are_a_gap_and_never_none(session: ArmSession) -> None:
    (vault,) = read(recovery_vault.recovery_vaults, session)
    gone = structs.replace(vault.resource, id=vault.resource.id.replace("one", "two"))
    with pytest.raises(GapFound):
        read(items.protected_items, session, structs.replace(vault, resource=gone))
