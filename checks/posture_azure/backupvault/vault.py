"""Backup vaults: encryption, protection against deletion, reach and place."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import (
    BackupsEncrypted,
    DoubleEncrypted,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NoPublicAccess,
    NotShared,
    VaultProtected,
)
from posture.model import Cause, Fact, Store
from posture.reader import Where, reader
from posture_azure.answers import hosted_by, hosted_in, never_shared, unfamiliar
from posture_azure.bodies import part
from posture_azure.regions import Region, hosted_with_pair
from posture_azure.session import ArmSession, properties

AT_REST = "is encrypted with AES-256: Azure encrypts what a vault keeps, which nobody can switch off"


class BackupVault(Fact):
    """A backup vault; fields are None where its body leaves the setting out.

    ``infrastructure`` is the second layer of encryption, ``soft_delete_days`` how long deleted backups stay,
    ``redundancy`` how its stores keep copies, sorted.
    """

    kind: ClassVar[str] = "microsoft.dataprotection/backupvaults"
    store: ClassVar[Store | None] = Store.BACKUP

    infrastructure: str | None
    soft_delete: str | None
    soft_delete_days: float | None
    immutability: str | None
    redundancy: tuple[str, ...]


@reader(
    operation="Microsoft.DataProtection/backupVaults@2024-04-01",
    permission="Microsoft.DataProtection/backupVaults/read",
    where=Where.ACCOUNT,
)
def backup_vaults(arm: ArmSession) -> Iterator[BackupVault]:
    """The backup vaults of the subscription."""
    for item in arm.items():
        found = properties(item)
        security = part(found, "securitySettings")
        yield BackupVault(
            resource=arm.arm_resource(item, BackupVault.kind),
            infrastructure=part(security, "encryptionSettings").get("infrastructureEncryption"),
            soft_delete=part(security, "softDeleteSettings").get("state"),
            soft_delete_days=part(security, "softDeleteSettings").get("retentionDurationInDays"),
            immutability=part(security, "immutabilitySettings").get("state"),
            redundancy=tuple(sorted(setting["type"] for setting in found.get("storageSettings") or ())),
        )


@check(
    id="azure.backupvault.vault-encryption",
    title="Backup vaults are encrypted",
    severity=Severity.HIGH,
    remedy="None: Azure encrypts every backup vault.",
)
def at_rest(vault: BackupVault, claim: EncryptedAtRest) -> Outcome:
    """Azure documents AES-256 for all backups ("Encryption in Azure Backup"), under platform keys or yours."""
    return Pass(AT_REST, Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.backupvault.vault-backup-encryption",
    title="Backups in backup vaults are encrypted",
    severity=Severity.HIGH,
    remedy="None: Azure encrypts every backup vault.",
)
def backups_at_rest(vault: BackupVault, claim: BackupsEncrypted) -> Outcome:
    """A vault without encryption settings uses platform keys; its contents are encrypted all the same."""
    return Pass(AT_REST, Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.backupvault.vault-double-encryption",
    title="Backup vaults are encrypted in two layers",
    severity=Severity.MEDIUM,
    remedy="Make a vault with infrastructure encryption and move the backups there.",
)
def doubled(vault: BackupVault, claim: DoubleEncrypted) -> Outcome:
    """Infrastructure encryption is the second layer; absent, it is off. A customer key alone is one layer."""
    match vault.infrastructure:
        case "Enabled":
            return Pass("is encrypted twice: infrastructure encryption is on")
        case None | "Disabled":
            return Fail("has one layer of encryption: infrastructure encryption is off")
        case other:
            return unfamiliar("infrastructure encryption state", other)


@check(
    id="azure.backupvault.vault-protection",
    title="Backup vaults keep deleted backups",
    severity=Severity.HIGH,
    refutes=("a vault without", "a vault open"),
    remedy="Turn on soft delete, better always-on.",
)
def protection(vault: BackupVault, claim: VaultProtected) -> Outcome:
    """Soft delete keeps backups that an intruder deletes; immutability adds to it once it is locked.

    These vaults have no network setting in this api-version, so a claim about networks stays open.
    """
    match vault.soft_delete:
        case "Off":
            return Fail("deletes backups at once: soft delete is off")
        case "On" | "AlwaysOn":
            pass
        case other:
            return unfamiliar("soft delete state", other)
    locked = ", immutability locked" if vault.immutability == "Locked" else ""
    kept = f"keeps deleted backups (soft delete {vault.soft_delete}{locked})"
    if claim.network_restricted:
        return Unknown(Cause.NOT_SUPPORTED, f"{kept}, and ARM does not tell which networks it answers")
    return Pass(kept)


@check(
    id="azure.backupvault.vault-public",
    title="Backup vaults cannot be read without signing in",
    severity=Severity.HIGH,
    refutes="anonymous read",
    remedy="None: Azure Backup has no anonymous access.",
)
def public(vault: BackupVault, claim: NoPublicAccess) -> Outcome:
    """Backups are restored through Resource Manager, by signed-in principals with a role."""
    return Pass("answers nobody who has not signed in", Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.backupvault.vault-sharing",
    title="Backup vaults are not shared with other tenants",
    severity=Severity.HIGH,
    refutes="a snapshot, image or key",
    remedy="None: a vault belongs to one tenant.",
)
def sharing(vault: BackupVault, claim: NotShared) -> Outcome:
    """Restoring across subscriptions stays within the tenant and takes a role there."""
    return never_shared(claim)


@check(
    id="azure.backupvault.vault-provider",
    title="Backup vaults are at the named provider",
    severity=Severity.MEDIUM,
    remedy="Move the backups to the named provider, or correct the statement.",
)
def provider(vault: BackupVault, claim: HostedBy) -> Outcome:
    """A vault that ARM lists lies in an Azure region."""
    return hosted_by(vault.resource, claim)


@check(
    id="azure.backupvault.vault-region",
    title="Backup vaults and their copies lie in the named regions",
    severity=Severity.HIGH,
    remedy="Make a vault in a named region, with locally or zone-redundant storage, and back up to it.",
)
def region(vault: BackupVault, claim: HostedIn, regions: tuple[Region, ...]) -> Outcome:
    """Geo-redundant storage copies all backups to the paired region."""
    if "GeoRedundant" in vault.redundancy:
        return hosted_with_pair(vault.resource, claim, regions, "copies")
    outcome = hosted_in(vault.resource, claim)
    known = vault.redundancy and set(vault.redundancy) <= {"LocallyRedundant", "ZoneRedundant"}
    return outcome if known or isinstance(outcome, Fail) else unfamiliar("storage redundancy", vault.redundancy)
