"""Backup vaults: what is read of vaults, instances and policies, and how it is judged."""

import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Basis, Check, Fail, Outcome, Pass, Unknown
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
from posture.model import Cause, Resource
from posture.session import GapFound
from posture_azure.backupvault import instances, vault
from posture_azure.regions import Region
from posture_azure.session import ArmSession

VAULTS = "Microsoft.DataProtection/backupVaults@2024-04-01"
INSTANCES = "Microsoft.DataProtection/backupVaults/backupInstances@2024-04-01"
POINTS = "Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints@2024-04-01"
POLICIES = "Microsoft.DataProtection/backupVaults/backupPolicies@2024-04-01"
ID = "/subscriptions/s1/resourcegroups/g/providers/microsoft.dataprotection/backupvaults/v"
INSTANCE, POLICY = f"{ID}/backupinstances/i", f"{ID}/backuppolicies/p"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices"
DISK = "Microsoft.Compute/disks"


def arm(source: Recorded) -> ArmSession:
    session: ArmSession = session_of(ArmSession, source, place("azure", "s1", "global"))
    return session


def resource(kind: str, id: str, name: str) -> Resource:
    return Resource(id=id, kind=kind, cloud="azure", account="s1", region="westus", name=name)


def backup_vault(**changes: object) -> vault.BackupVault:
    fields: dict[str, object] = {
        "infrastructure": None,
        "soft_delete": "On",
        "soft_delete_days": None,
        "immutability": None,
        "redundancy": ("LocallyRedundant",),
    }
    found = Resource(
        id=ID, kind=vault.BackupVault.kind, cloud="azure", account="s1", region="westus", name="V", tags=()
    )
    return vault.BackupVault(resource=found, **(fields | changes))  # type: ignore[arg-type]


def instance(**changes: object) -> instances.BackupInstance:
    fields: dict[str, object] = {
        "vault": backup_vault(),
        "source": "/disk",
        "source_type": DISK,
        "policy": POLICY,
        "state": "ProtectionConfigured",
    }
    found = resource(instances.BackupInstance.kind, INSTANCE, "I")
    return instances.BackupInstance(resource=found, **(fields | changes))  # type: ignore[arg-type]


def points(newest: int | None, of: instances.BackupInstance | None = None) -> instances.InstancePoints:
    return instances.InstancePoints(resource=instance().resource, instance=of or instance(), newest_days=newest)


def policy(days: int | None) -> tuple[instances.VaultPolicy, ...]:
    return (instances.VaultPolicy(resource=resource(instances.VaultPolicy.kind, POLICY, "P"), days=days),)


def test_vaults_are_read_and_absent_settings_stay_absent() -> None:
    full = {
        "storageSettings": [
            {"datastoreType": "VaultStore", "type": "GeoRedundant"},
            {"datastoreType": "OperationalStore", "type": "LocallyRedundant"},
        ],
        "securitySettings": {
            "encryptionSettings": {"state": "Enabled", "infrastructureEncryption": "Enabled"},
            "softDeleteSettings": {"state": "AlwaysOn", "retentionDurationInDays": 30.0},
            "immutabilitySettings": {"state": "Locked"},
        },
    }
    found: tuple[object, object] = (full, {"storageSettings": []})
    bodies = [{"id": ID[:-1] + "V", "location": "WestUS", "tags": {}, "properties": one} for one in found]
    assert read(vault.backup_vaults, arm(Recorded({VAULTS: {"value": bodies}}))) == [
        backup_vault(
            infrastructure="Enabled",
            soft_delete="AlwaysOn",
            soft_delete_days=30.0,
            immutability="Locked",
            redundancy=("GeoRedundant", "LocallyRedundant"),
        ),
        backup_vault(soft_delete=None, redundancy=()),
    ]


def test_instances_are_read_with_their_source_and_policy() -> None:
    full = {
        "dataSourceInfo": {"resourceID": "/DISK", "datasourceType": DISK},
        "policyInfo": {"policyId": POLICY.upper()},
        "protectionStatus": {"status": "ConfiguringProtection"},
        "currentProtectionState": "ProtectionConfigured",
    }
    old = full | {"protectionStatus": {"status": "NotProtected"}, "currentProtectionState": None}
    bodies = [{"id": INSTANCE.upper(), "name": "I", "properties": found} for found in (full, old)]
    source = Recorded({INSTANCES: {"value": bodies}})
    assert read(instances.backup_instances, arm(source), backup_vault()) == [
        instance(),
        instance(state="NotProtected"),
    ]


def test_the_newest_of_all_recovery_points_is_read() -> None:
    times = ("2026-11-20T12:00:00Z", "2026-11-23T12:00:00.0000000Z")
    pages = [
        {
            "value": [{"properties": {"recoveryPointTime": times[0]}}],
            "nextLink": f"https://management.azure.com{ID}?p=2",
        },
        {"value": [{"properties": {"recoveryPointTime": times[1]}}]},
    ]
    source = Recorded({POINTS: pages})
    assert read(instances.instance_points, arm(source), instance()) == [points(1)]
    assert source.asked[0][1]["path"] == f"{INSTANCE}/recoveryPoints"
    assert read(instances.instance_points, arm(Recorded({POINTS: {"value": []}})), instance()) == [points(None)]


def test_a_refused_read_is_a_gap() -> None:
    with pytest.raises(GapFound) as found:
        read(instances.instance_points, arm(Recorded({POINTS: Cause.ACCESS_DENIED})), instance())
    permission = "Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints/read"
    assert found.value.gap.permission == permission


def rule(*durations: str, copy: str = "") -> dict[str, object]:
    lifecycles: list[dict[str, object]] = [{"deleteAfter": {"duration": duration}} for duration in durations]
    if copy:
        lifecycles[0]["targetDataStoreCopySettings"] = [{"copyAfter": {"objectType": copy}}]
    return {"objectType": "AzureRetentionRule", "lifecycles": lifecycles}


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        ([{"objectType": "AzureBackupRule"}, rule("P1W"), rule("P12W")], 84),
        ([rule("P7D", "P30D")], 30),
        ([rule("P7D", "P30D", copy="ImmediateCopyOption")], 30),
        ([rule("P7D", "P30D", copy="CopyOnExpiryOption")], 37),
        ([{"objectType": "AzureBackupRule"}], None),
    ],
)
def test_a_policy_keeps_as_long_as_its_longest_rule(rules: object, days: int | None) -> None:
    body = {"id": POLICY, "name": "P", "properties": {"policyRules": rules}}
    source = Recorded({POLICIES: {"value": [body]}})
    assert read(instances.vault_policies, arm(source), backup_vault()) == list(policy(days))


AT_REST = Pass(vault.AT_REST, Basis.PROVIDER_GUARANTEE)
ANY_NETWORK = VaultProtected(network_restricted=False)
KEPT = "keeps deleted backups (soft delete On)"


@pytest.mark.parametrize(
    ("check", "fact", "claim", "outcome"),
    [
        (vault.at_rest, backup_vault(), EncryptedAtRest(), AT_REST),
        (vault.backups_at_rest, backup_vault(), BackupsEncrypted(), AT_REST),
        (
            vault.doubled,
            backup_vault(infrastructure="Enabled"),
            DoubleEncrypted(),
            Pass("is encrypted twice: infrastructure encryption is on"),
        ),
        (
            vault.doubled,
            backup_vault(),
            DoubleEncrypted(),
            Fail("has one layer of encryption: infrastructure encryption is off"),
        ),
        (
            vault.doubled,
            backup_vault(infrastructure="New"),
            DoubleEncrypted(),
            Unknown(Cause.NOT_SUPPORTED, "has the infrastructure encryption state 'New', for which there is no rule"),
        ),
        (vault.protection, backup_vault(), ANY_NETWORK, Pass(KEPT)),
        (vault.protection, backup_vault(immutability="Unlocked"), ANY_NETWORK, Pass(KEPT)),
        (
            vault.protection,
            backup_vault(soft_delete="AlwaysOn", immutability="Locked"),
            ANY_NETWORK,
            Pass("keeps deleted backups (soft delete AlwaysOn, immutability locked)"),
        ),
        (
            vault.protection,
            backup_vault(soft_delete="Off"),
            VaultProtected(),
            Fail("deletes backups at once: soft delete is off"),
        ),
        (
            vault.protection,
            backup_vault(soft_delete=None),
            ANY_NETWORK,
            Unknown(Cause.NOT_SUPPORTED, "has the soft delete state None, for which there is no rule"),
        ),
        (
            vault.protection,
            backup_vault(),
            VaultProtected(),
            Unknown(Cause.NOT_SUPPORTED, f"{KEPT}, and ARM does not tell which networks it answers"),
        ),
        (
            vault.public,
            backup_vault(),
            NoPublicAccess(),
            Pass("answers nobody who has not signed in", Basis.PROVIDER_GUARANTEE),
        ),
        (
            vault.sharing,
            backup_vault(),
            NotShared(),
            Pass("cannot be shared with another tenant: ARM has no such setting", Basis.PROVIDER_GUARANTEE),
        ),
        (vault.provider, backup_vault(), HostedBy(provider="azure"), Pass("runs at Azure in westus")),
        (vault.provider, backup_vault(), HostedBy(provider="aws"), Fail("runs at Azure in westus")),
    ],
)
def test_facts_are_judged(check: Check, fact: vault.BackupVault, claim: Claim, outcome: Outcome) -> None:
    assert judge(check, fact, claim) == outcome


@pytest.mark.parametrize(
    ("redundancy", "regions", "outcome"),
    [
        (("LocallyRedundant", "ZoneRedundant"), ("westus",), Pass("lies in westus")),
        (("LocallyRedundant",), ("eastus",), Fail("lies in westus")),
        (("GeoRedundant", "LocallyRedundant"), ("westus",), Fail("lies in westus and keeps copies in eastus")),
        (("GeoRedundant",), ("westus", "eastus"), Pass("lies in westus, copies included: eastus")),
        (
            (),
            ("westus",),
            Unknown(Cause.NOT_SUPPORTED, "has the storage redundancy (), for which there is no rule"),
        ),
    ],
)
def test_geo_redundant_vaults_lie_in_the_paired_region_too(
    redundancy: tuple[str, ...], regions: tuple[str, ...], outcome: Outcome
) -> None:
    known = (Region(resource=resource(Region.kind, "/subscriptions/s1/locations/x", "westus"), pairs=("eastus",)),)
    assert judge(vault.region, backup_vault(redundancy=redundancy), HostedIn(regions=regions), known) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        (points(7), Pass("was last backed up within 7 days (protection state ProtectionConfigured)")),
        (points(8), Fail("was last backed up more than 7 days ago (protection state ProtectionConfigured)")),
        (points(None), Fail("has no recovery point (protection state ProtectionConfigured)")),
        (
            points(None, instance(source_type=BLOBS)),
            Unknown(
                Cause.NOT_SUPPORTED,
                "is backed up continuously, without recovery points to list (protection state ProtectionConfigured)",
            ),
        ),
    ],
)
def test_the_newest_recovery_point_is_what_counts(fact: instances.InstancePoints, outcome: Outcome) -> None:
    assert judge(instances.recent_backup, fact, BackupsExist(max_age_days=7)) == outcome


@pytest.mark.parametrize(
    ("fact", "policies", "outcome"),
    [
        (instance(), policy(46), Pass("keeps backups up to 60 days (46 by policy and 14 in soft delete)")),
        (instance(), policy(47), Fail("keeps backups up to 61 days (47 by policy and 14 in soft delete)")),
        (
            instance(vault=backup_vault(soft_delete="Off", soft_delete_days=30.0)),
            policy(60),
            Pass("keeps backups up to 60 days (60 by policy and 0 in soft delete)"),
        ),
        (
            instance(vault=backup_vault(soft_delete_days=30.0)),
            policy(31),
            Fail("keeps backups up to 61 days (31 by policy and 30 in soft delete)"),
        ),
        (
            instance(state="ProtectionStopped"),
            policy(1),
            Fail("keeps its backups without an end: protection is stopped"),
        ),
        (
            instance(),
            policy(None),
            Unknown(Cause.NOT_SUPPORTED, "has the policy P, which tells no retention"),
        ),
        (
            instance(),
            (),
            Unknown(Cause.DISAGREEMENT, f"names the policy {POLICY!r}, which its vault does not list"),
        ),
    ],
)
def test_soft_delete_comes_on_top_of_the_policy(
    fact: instances.BackupInstance, policies: tuple[instances.VaultPolicy, ...], outcome: Outcome
) -> None:
    assert judge(instances.instance_deletion, fact, DeletedWithin(days=60), policies) == outcome


SOFT_DELETE_STATE = Unknown(Cause.NOT_SUPPORTED, "has the soft delete state 'New', for which there is no rule")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Pass("keeps backups up to 14 days (soft delete)")),
        ({"soft_delete": "AlwaysOn", "soft_delete_days": 60.0}, Pass("keeps backups up to 60 days (soft delete)")),
        ({"soft_delete_days": 60.5}, Fail("keeps backups up to 61 days (soft delete)")),
        ({"soft_delete": "Off", "soft_delete_days": 61.0}, Pass("keeps backups up to 0 days (soft delete)")),
        ({"soft_delete": None}, Pass("keeps backups up to 14 days (soft delete)")),
        ({"soft_delete": "New"}, SOFT_DELETE_STATE),
    ],
)
def test_what_is_deleted_from_a_vault_stays_in_soft_delete(changes: dict[str, object], outcome: Outcome) -> None:
    assert judge(instances.vault_deletion, backup_vault(**changes), DeletedWithin(days=60)) == outcome


def test_an_unknown_state_of_soft_delete_leaves_the_instances_open() -> None:
    fact = instance(vault=backup_vault(soft_delete="New"))
    assert judge(instances.instance_deletion, fact, DeletedWithin(days=60), policy(1)) == SOFT_DELETE_STATE
