"""Recovery Services vaults: what is read of vaults, items and policies, and how it is judged."""

import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Basis, Check, Fail, NotApplicable, Outcome, Pass, Unknown
from posture.claims import (
    BackupsEncrypted,
    BackupsExist,
    Claim,
    DeletedWithin,
    DoubleEncrypted,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NoPublicAccess,
    NotShared,
    VaultProtected,
)
from posture.model import Cause, Fact, Resource
from posture.session import GapFound
from posture_azure.recovery import items, vault
from posture_azure.regions import Region
from posture_azure.session import ArmSession

VAULTS = "Microsoft.RecoveryServices/vaults@2024-04-01"
CONFIG = "Microsoft.RecoveryServices/vaults/backupEncryptionConfigs/backupResourceEncryptionConfig@2024-04-01"
ITEMS = "Microsoft.RecoveryServices/vaults/backupProtectedItems@2024-04-01"
POLICIES = "Microsoft.RecoveryServices/vaults/backupPolicies@2024-04-01"
ID = "/subscriptions/s1/resourcegroups/g/providers/microsoft.recoveryservices/vaults/v"
POLICY = f"{ID}/backuppolicies/daily"
ITEM = f"{ID}/backupfabrics/azure/protectioncontainers/c/protecteditems/i"


def arm(source: Recorded) -> ArmSession:
    session: ArmSession = session_of(ArmSession, source, place("azure", "s1", "global"))
    return session


def resource(kind: str, id: str, name: str) -> Resource:
    return Resource(id=id, kind=kind, cloud="azure", account="s1", region="westeurope", name=name)


def recovery_vault(**changes: object) -> vault.RecoveryVault:
    fields: dict[str, object] = {
        "infrastructure": None,
        "soft_delete": "Enabled",
        "soft_delete_days": None,
        "immutability": None,
        "public": None,
        "redundancy": "LocallyRedundant",
    }
    found = Resource(
        id=ID, kind=vault.RecoveryVault.kind, cloud="azure", account="s1", region="westeurope", name="V", tags=()
    )
    return vault.RecoveryVault(resource=found, **(fields | changes))  # type: ignore[arg-type]


def encryption(body: str | None, config: str | None, last_update: str | None = "Succeeded") -> vault.VaultEncryption:
    of = recovery_vault(infrastructure=body)
    return vault.VaultEncryption(resource=of.resource, vault=of, infrastructure=config, last_update=last_update)


def item(**changes: object) -> items.ProtectedItem:
    fields: dict[str, object] = {
        "vault": recovery_vault(),
        "management": "AzureIaasVM",
        "source": "/vm",
        "policy": POLICY,
        "state": "Protected",
        "newest_days": 1,
        "last_backup_days": 1,
        "last_backup_status": "Completed",
        "deleted": False,
    }
    found = resource(items.ProtectedItem.kind, ITEM, "vm")
    return items.ProtectedItem(resource=found, **(fields | changes))  # type: ignore[arg-type]


def policy(days: int | None) -> tuple[items.BackupPolicy, ...]:
    return (items.BackupPolicy(resource=resource(items.BackupPolicy.kind, POLICY, "daily"), days=days),)


def test_vaults_are_read_and_absent_settings_stay_absent() -> None:
    properties = {
        "encryption": {"infrastructureEncryption": "Enabled", "keyVaultProperties": {"keyUri": "https://k"}},
        "securitySettings": {
            "softDeleteSettings": {"softDeleteState": "AlwaysON", "softDeleteRetentionPeriodInDays": 30},
            "immutabilitySettings": {"state": "Locked"},
        },
        "redundancySettings": {"standardTierStorageRedundancy": "GeoRedundant"},
        "publicNetworkAccess": "Disabled",
    }
    bodies = [
        {"id": ID.replace("vaults/v", "vaults/V"), "location": "westeurope", "tags": {}, "properties": found}
        for found in (properties, {"securitySettings": None})
    ]
    assert read(vault.recovery_vaults, arm(Recorded({VAULTS: {"value": bodies}}))) == [
        recovery_vault(
            infrastructure="Enabled",
            soft_delete="AlwaysON",
            soft_delete_days=30,
            immutability="Locked",
            redundancy="GeoRedundant",
            public="Disabled",
        ),
        recovery_vault(soft_delete=None, redundancy=None),
    ]


def test_the_encryption_settings_are_read_below_the_vault() -> None:
    body = {"properties": {"infrastructureEncryptionState": "Disabled", "lastUpdateStatus": "Succeeded"}}
    source = Recorded({CONFIG: body})
    assert read(vault.vault_encryption, arm(source), recovery_vault()) == [encryption(None, "Disabled")]
    assert source.asked[0][1]["path"] == f"{ID}/backupEncryptionConfigs/backupResourceEncryptionConfig"


def test_the_older_soft_delete_state_is_read() -> None:
    name = "Microsoft.RecoveryServices/vaults/backupconfig/vaultconfig@2024-04-01"
    source = Recorded({name: {"properties": {"softDeleteFeatureState": "Enabled"}}})
    assert read(vault.vault_config, arm(source), recovery_vault()) == [
        vault.VaultConfig(resource=recovery_vault().resource, soft_delete="Enabled")
    ]


@pytest.mark.parametrize(
    ("reader", "operation"),
    [(vault.vault_encryption, CONFIG), (items.protected_items, ITEMS), (items.backup_policies, POLICIES)],
)
def test_a_refused_read_is_a_gap(reader: object, operation: str) -> None:
    with pytest.raises(GapFound) as found:
        read(reader, arm(Recorded({operation: Cause.ACCESS_DENIED})), recovery_vault())  # type: ignore[arg-type]
    assert found.value.gap.cause == Cause.ACCESS_DENIED


def test_items_are_read_with_the_ages_of_their_backups() -> None:
    full = {
        "friendlyName": "vm",
        "backupManagementType": "AzureIaasVM",
        "sourceResourceId": "/VM",
        "policyId": POLICY.upper(),
        "protectionState": "Protected",
        "lastRecoveryPoint": "2026-11-23T12:30:00.1234567Z",
        "lastBackupTime": "2026-11-23T12:00:00Z",
        "lastBackupStatus": "Completed",
    }
    bodies = [
        {"id": ITEM.upper(), "name": "vm", "properties": full},
        {"id": ITEM, "name": "vm", "properties": {"isScheduledForDeferredDelete": True}},
    ]
    empty = {"management": None, "source": "", "policy": "", "state": None, "newest_days": None, "deleted": True}
    assert read(items.protected_items, arm(Recorded({ITEMS: {"value": bodies}})), recovery_vault()) == [
        item(),
        item(**empty, last_backup_days=None, last_backup_status=None),
    ]


def duration(count: int, unit: str) -> dict[str, object]:
    return {"retentionDuration": {"count": count, "durationType": unit}}


SIMPLE = {"retentionPolicyType": "SimpleRetentionPolicy", **duration(15, "Days")}
LONG = {
    "retentionPolicyType": "LongTermRetentionPolicy",
    "dailySchedule": duration(30, "Days"),
    "weeklySchedule": duration(12, "Weeks"),
    "monthlySchedule": None,
    "yearlySchedule": duration(1, "Years"),
}


@pytest.mark.parametrize(
    ("properties", "days"),
    [
        ({"retentionPolicy": LONG}, 366),
        ({"retentionPolicy": SIMPLE}, 15),
        ({"retentionPolicy": LONG | {"yearlySchedule": None}}, 84),
        ({"subProtectionPolicy": [{"retentionPolicy": SIMPLE}, {"retentionPolicy": LONG}]}, 366),
        ({"subProtectionPolicy": [{"retentionPolicy": SIMPLE}, {"snapshotBackupAdditionalDetails": {}}]}, 15),
        ({"vaultRetentionPolicy": {"vaultRetention": SIMPLE, "snapshotRetentionInDays": 5}}, 15),
        ({"retentionPolicy": {"retentionPolicyType": "New"}}, None),
        ({"subProtectionPolicy": [{"retentionPolicy": SIMPLE}, {"retentionPolicy": {}}]}, None),
        ({}, None),
    ],
)
def test_a_policy_keeps_as_long_as_the_longest_of_its_retentions(properties: object, days: int | None) -> None:
    source = Recorded({POLICIES: {"value": [{"id": POLICY, "name": "daily", "properties": properties}]}})
    assert read(items.backup_policies, arm(source), recovery_vault()) == list(policy(days))


AT_REST = Pass(vault.AT_REST, Basis.PROVIDER_GUARANTEE)
ONE_LAYER = Fail("has one layer of encryption: infrastructure encryption is off")
TWICE = Pass("is encrypted twice: infrastructure encryption is on")


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        (encryption("Enabled", "Enabled"), TWICE),
        (encryption("Enabled", "Enabled", None), TWICE),
        (encryption(None, "Disabled"), ONE_LAYER),
        (encryption(None, "Invalid", "Invalid"), ONE_LAYER),
        (encryption("Disabled", None), ONE_LAYER),
        (
            encryption("Enabled", "Disabled"),
            Unknown(Cause.DISAGREEMENT, "says Enabled of infrastructure encryption, its backup settings say Disabled"),
        ),
        (
            encryption(None, "Enabled"),
            Unknown(Cause.DISAGREEMENT, "says None of infrastructure encryption, its backup settings say Enabled"),
        ),
        (
            encryption("Enabled", "Enabled", "Failed"),
            Unknown(
                Cause.DISAGREEMENT,
                "has infrastructure encryption set, but the last change of its encryption is Failed",
            ),
        ),
        (
            encryption("Enabled", "New"),
            Unknown(Cause.NOT_SUPPORTED, "has the infrastructure encryption state 'New', for which there is no rule"),
        ),
    ],
)
def test_two_layers_need_both_places_to_agree(fact: vault.VaultEncryption, outcome: Outcome) -> None:
    assert judge(vault.doubled, fact, DoubleEncrypted()) == outcome


KEPT = "keeps deleted backups (soft delete Enabled)"
ANY_NETWORK = VaultProtected(network_restricted=False)


def config(state: str | None) -> tuple[vault.VaultConfig, ...]:
    return (vault.VaultConfig(resource=recovery_vault().resource, soft_delete=state),)


@pytest.mark.parametrize(
    ("fact", "claim", "configs", "outcome"),
    [
        (recovery_vault(), ANY_NETWORK, (), Pass(KEPT)),
        (
            recovery_vault(soft_delete="AlwaysON", immutability="Locked"),
            ANY_NETWORK,
            (),
            Pass("keeps deleted backups (soft delete AlwaysON, immutability locked)"),
        ),
        (recovery_vault(immutability="Unlocked"), ANY_NETWORK, (), Pass(KEPT)),
        (
            recovery_vault(soft_delete="Disabled", immutability="Locked"),
            ANY_NETWORK,
            config("Enabled"),
            Fail("deletes backups at once: soft delete is disabled"),
        ),
        (recovery_vault(soft_delete=None), ANY_NETWORK, config("Enabled"), Pass(KEPT)),
        (
            recovery_vault(soft_delete=None),
            ANY_NETWORK,
            config("Invalid"),
            Unknown(Cause.NOT_SUPPORTED, "has the soft delete state 'Invalid', for which there is no rule"),
        ),
        (
            recovery_vault(soft_delete=None),
            ANY_NETWORK,
            (),
            Unknown(Cause.NOT_SUPPORTED, "has the soft delete state None, for which there is no rule"),
        ),
        (
            recovery_vault(public="Disabled"),
            VaultProtected(),
            (),
            Pass(f"{KEPT} and is closed to the public network"),
        ),
        (recovery_vault(public=None), VaultProtected(), (), Fail("answers every network")),
        (
            recovery_vault(public="New"),
            VaultProtected(),
            (),
            Unknown(Cause.NOT_SUPPORTED, "has the public network access 'New', for which there is no rule"),
        ),
    ],
)
def test_soft_delete_protects_and_only_locked_immutability_adds_to_it(
    fact: vault.RecoveryVault, claim: VaultProtected, configs: tuple[vault.VaultConfig, ...], outcome: Outcome
) -> None:
    assert judge(vault.protection, fact, claim, configs) == outcome


@pytest.mark.parametrize(
    ("check", "fact", "claim", "outcome"),
    [
        (vault.at_rest, recovery_vault(), EncryptedAtRest(), AT_REST),
        (vault.backups_at_rest, recovery_vault(), BackupsEncrypted(), AT_REST),
        (
            vault.public,
            recovery_vault(),
            NoPublicAccess(),
            Pass("answers nobody who has not signed in", Basis.PROVIDER_GUARANTEE),
        ),
        (
            vault.sharing,
            recovery_vault(),
            NotShared(),
            Pass("cannot be shared with another tenant: ARM has no such setting", Basis.PROVIDER_GUARANTEE),
        ),
        (vault.provider, recovery_vault(), HostedBy(provider="azure"), Pass("runs at Azure in westeurope")),
        (vault.provider, recovery_vault(), HostedBy(provider="aws"), Fail("runs at Azure in westeurope")),
        (
            items.item_encryption,
            item(),
            BackupsEncrypted(),
            Pass("is encrypted by the vault with AES-256", Basis.PROVIDER_GUARANTEE),
        ),
        (
            items.item_encryption,
            item(management="MAB"),
            BackupsEncrypted(),
            Pass(
                "is encrypted by the client under a passphrase of yours (MAB), and again by the vault",
                Basis.PROVIDER_GUARANTEE,
            ),
        ),
        (
            items.item_encryption,
            item(management="New"),
            BackupsEncrypted(),
            Unknown(Cause.NOT_SUPPORTED, "has the backup management type 'New', for which there is no rule"),
        ),
    ],
)
def test_facts_are_judged(check: Check, fact: Fact, claim: Claim, outcome: Outcome) -> None:
    assert judge(check, fact, claim) == outcome


@pytest.mark.parametrize(
    ("redundancy", "regions", "outcome"),
    [
        ("LocallyRedundant", ("westeurope",), Pass("lies in westeurope")),
        ("ZoneRedundant", ("northeurope",), Fail("lies in westeurope")),
        ("GeoRedundant", ("westeurope",), Fail("lies in westeurope and keeps copies in northeurope")),
        (
            "GeoRedundant",
            ("westeurope", "northeurope"),
            Pass("lies in westeurope, copies included: northeurope"),
        ),
        (
            None,
            ("westeurope",),
            Unknown(Cause.NOT_SUPPORTED, "has the storage redundancy None, for which there is no rule"),
        ),
        (None, ("northeurope",), Fail("lies in westeurope")),
    ],
)
def test_geo_redundant_vaults_lie_in_the_paired_region_too(
    redundancy: str | None, regions: tuple[str, ...], outcome: Outcome
) -> None:
    here = resource(Region.kind, "/subscriptions/s1/locations/westeurope", "westeurope")
    known = (Region(resource=here, pairs=("northeurope",)),)
    assert judge(vault.region, recovery_vault(redundancy=redundancy), HostedIn(regions=regions), known) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        (item(newest_days=7), Pass("was last backed up within 7 days (protection state Protected)")),
        (item(newest_days=8), Fail("was last backed up more than 7 days ago (protection state Protected)")),
        (
            item(newest_days=1, last_backup_status="Failed"),
            Pass("was last backed up within 1 days (protection state Protected)"),
        ),
        (
            item(newest_days=None, last_backup_days=2),
            Pass("was last backed up within 2 days (protection state Protected)"),
        ),
        (
            item(newest_days=None, last_backup_status="Failed"),
            Fail("has no recovery point: its last backup is Failed (protection state Protected)"),
        ),
        (
            item(newest_days=None, last_backup_days=None, last_backup_status=None, state="IRPending"),
            Fail("has no recovery point: its last backup is None (protection state IRPending)"),
        ),
        (
            item(newest_days=None, last_backup_status="New"),
            Unknown(
                Cause.NOT_SUPPORTED,
                "tells no recovery point, and New of its last backup (protection state Protected)",
            ),
        ),
        (item(newest_days=90, deleted=True), NotApplicable("is deleted and waits for the end of soft delete")),
    ],
)
def test_the_last_recovery_point_is_what_counts(fact: items.ProtectedItem, outcome: Outcome) -> None:
    assert judge(items.recent_backup, fact, BackupsExist(max_age_days=7)) == outcome


@pytest.mark.parametrize(
    ("fact", "policies", "outcome"),
    [
        (item(), policy(46), Pass("keeps backups up to 60 days (46 by policy and 14 in soft delete)")),
        (item(), policy(47), Fail("keeps backups up to 61 days (47 by policy and 14 in soft delete)")),
        (
            item(vault=recovery_vault(soft_delete_days=180)),
            policy(1),
            Fail("keeps backups up to 181 days (1 by policy and 180 in soft delete)"),
        ),
        (
            item(vault=recovery_vault(soft_delete="Disabled", soft_delete_days=180)),
            policy(60),
            Pass("keeps backups up to 60 days (60 by policy and 0 in soft delete)"),
        ),
        (
            item(state="ProtectionStopped"),
            policy(1),
            Fail("keeps its recovery points without an end: protection is stopped"),
        ),
        (item(deleted=True, policy=""), (), Pass("keeps backups up to 14 days (soft delete)")),
        (
            item(),
            policy(None),
            Unknown(Cause.NOT_SUPPORTED, "has the policy daily, whose retention has a form of its own"),
        ),
        (
            item(),
            (),
            Unknown(Cause.DISAGREEMENT, f"names the policy {POLICY!r}, which its vault does not list"),
        ),
    ],
)
def test_soft_delete_comes_on_top_of_the_policy(
    fact: items.ProtectedItem, policies: tuple[items.BackupPolicy, ...], outcome: Outcome
) -> None:
    assert judge(items.item_deletion, fact, DeletedWithin(days=60), policies) == outcome


SOFT_DELETE_STATE = Unknown(Cause.NOT_SUPPORTED, "has the soft delete state 'New', for which there is no rule")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Pass("keeps backups up to 14 days (soft delete)")),
        ({"soft_delete": "AlwaysON", "soft_delete_days": 60}, Pass("keeps backups up to 60 days (soft delete)")),
        ({"soft_delete": "AlwaysOn", "soft_delete_days": 61}, Fail("keeps backups up to 61 days (soft delete)")),
        ({"soft_delete": "Disabled", "soft_delete_days": 61}, Pass("keeps backups up to 0 days (soft delete)")),
        ({"soft_delete": None}, Pass("keeps backups up to 14 days (soft delete)")),
        ({"soft_delete": "New"}, SOFT_DELETE_STATE),
    ],
)
def test_what_is_deleted_from_a_vault_stays_in_soft_delete(changes: dict[str, object], outcome: Outcome) -> None:
    assert judge(items.vault_deletion, recovery_vault(**changes), DeletedWithin(days=60)) == outcome


def test_an_unknown_state_of_soft_delete_leaves_the_items_open() -> None:
    fact = item(vault=recovery_vault(soft_delete="New"))
    assert judge(items.item_deletion, fact, DeletedWithin(days=60), policy(1)) == SOFT_DELETE_STATE
