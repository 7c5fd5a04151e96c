"""Recovery Services vaults: encryption, protection against deletion, reach and place."""

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
from posture_azure.answers import hosted_by, hosted_in, network_setting, never_shared, unfamiliar
from posture_azure.bodies import part
from posture_azure.regions import Region, hosted_with_pair
from posture_azure.session import ArmSession, properties

AT_REST = "is encrypted with AES-256: Azure encrypts what a vault keeps, which nobody can switch off"


class RecoveryVault(Fact):
    """A Recovery Services vault; fields are None where its body leaves the setting out.

    ``infrastructure`` is the second layer of encryption, ``soft_delete_days`` how long deleted backups stay,
    ``redundancy`` how many places keep a copy.
    """

    kind: ClassVar[str] = "microsoft.recoveryservices/vaults"
    store: ClassVar[Store | None] = Store.BACKUP

    infrastructure: str | None
    soft_delete: str | None
    soft_delete_days: int | None
    immutability: str | None
    public: str | None
    redundancy: str | None


class VaultEncryption(Fact):
    """What the backup service itself says of a vault's encryption, next to what the vault's body says.

    ``infrastructure`` is Enabled, Disabled or Invalid, which stands for never set; ``last_update`` is how the last
    change of the setting ended.
    """

    kind: ClassVar[str] = RecoveryVault.kind

    vault: RecoveryVault
    infrastructure: str | None
    last_update: str | None


class VaultConfig(Fact):
    """The older place of a vault's soft delete state."""

    kind: ClassVar[str] = RecoveryVault.kind

    soft_delete: str | None


@reader(
    operation="Microsoft.RecoveryServices/vaults@2024-04-01",
    permission="Microsoft.RecoveryServices/vaults/read",
    where=Where.ACCOUNT,
)
def recovery_vaults(arm: ArmSession) -> Iterator[RecoveryVault]:
    """The Recovery Services vaults of the subscription."""
    for item in arm.items():
        found = properties(item)
        soft_delete = part(found, "securitySettings", "softDeleteSettings")
        yield RecoveryVault(
            resource=arm.arm_resource(item, RecoveryVault.kind),
            infrastructure=part(found, "encryption").get("infrastructureEncryption"),
            soft_delete=soft_delete.get("softDeleteState"),
            soft_delete_days=soft_delete.get("softDeleteRetentionPeriodInDays"),
            immutability=part(found, "securitySettings", "immutabilitySettings").get("state"),
            public=found.get("publicNetworkAccess"),
            redundancy=part(found, "redundancySettings").get("standardTierStorageRedundancy"),
        )


@reader(
    operation="Microsoft.RecoveryServices/vaults/backupEncryptionConfigs/backupResourceEncryptionConfig@2024-04-01",
    permission="Microsoft.RecoveryServices/vaults/backupEncryptionConfigs/read",
    where=Where.ACCOUNT,
)
def vault_encryption(arm: ArmSession, vault: RecoveryVault) -> VaultEncryption:
    """The encryption settings of one vault."""
    found = properties(arm.get(vault.resource.id))
    return VaultEncryption(
        resource=vault.resource,
        vault=vault,
        infrastructure=found.get("infrastructureEncryptionState"),
        last_update=found.get("lastUpdateStatus"),
    )


@reader(
    operation="Microsoft.RecoveryServices/vaults/backupconfig/vaultconfig@2024-04-01",
    permission="Microsoft.RecoveryServices/vaults/backupconfig/read",
    where=Where.ACCOUNT,
)
def vault_config(arm: ArmSession, vault: RecoveryVault) -> VaultConfig:
    """The backup settings of one vault."""
    found = properties(arm.get(vault.resource.id))
    return VaultConfig(resource=vault.resource, soft_delete=found.get("softDeleteFeatureState"))


@check(
    id="azure.recovery.vault-encryption",
    title="Recovery Services vaults are encrypted",
    severity=Severity.HIGH,
    remedy="None: Azure encrypts every Recovery Services vault.",
)
def at_rest(vault: RecoveryVault, claim: EncryptedAtRest) -> Outcome:
    """Azure documents AES-256 for all backups ("Encryption in Azure Backup"), under platform keys or yours."""
    return Pass(AT_REST, Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.recovery.vault-backup-encryption",
    title="Backups in Recovery Services vaults are encrypted",
    severity=Severity.HIGH,
    remedy="None: Azure encrypts every Recovery Services vault.",
)
def backups_at_rest(vault: RecoveryVault, claim: BackupsEncrypted) -> Outcome:
    """A vault without an encryption block uses platform keys; its contents are encrypted all the same."""
    return Pass(AT_REST, Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.recovery.vault-double-encryption",
    title="Recovery Services vaults are encrypted in two layers",
    severity=Severity.MEDIUM,
    remedy="Make a vault with infrastructure encryption from its start, and back up to it.",
)
def doubled(encryption: VaultEncryption, claim: DoubleEncrypted) -> Outcome:
    """Infrastructure encryption is told in two places; where they differ, neither is believed.

    A customer key alone is one layer.
    """
    body = _switch(encryption.vault.infrastructure)
    config = _switch(encryption.infrastructure)
    for state in (body, config):
        if isinstance(state, Unknown):
            return state
    if body != config:
        reason = f"says {encryption.vault.infrastructure} of infrastructure encryption, its backup settings say "
        return Unknown(Cause.DISAGREEMENT, reason + str(encryption.infrastructure))
    if not body:
        return Fail("has one layer of encryption: infrastructure encryption is off")
    if encryption.last_update not in (None, "Succeeded"):
        reason = f"has infrastructure encryption set, but the last change of its encryption is {encryption.last_update}"
        return Unknown(Cause.DISAGREEMENT, reason)
    return Pass("is encrypted twice: infrastructure encryption is on")


def _switch(state: str | None) -> bool | Unknown:
    match state:
        case "Enabled":
            return True
        case None | "Disabled" | "Invalid":
            return False
        case other:
            return unfamiliar("infrastructure encryption state", other)


@check(
    id="azure.recovery.vault-protection",
    title="Recovery Services vaults keep deleted backups and answer chosen networks only",
    severity=Severity.HIGH,
    refutes=("a vault without", "a vault open"),
    remedy="Enable soft delete, better always-on, and disable public network access in favour of private endpoints.",
)
def protection(vault: RecoveryVault, claim: VaultProtected, configs: tuple[VaultConfig, ...]) -> Outcome:
    """Soft delete keeps backups that an intruder deletes; newer bodies tell it, older ones leave it to the config.

    Immutability adds to it once it is locked; unlocked, it can be switched off and counts for nothing.
    """
    state = vault.soft_delete
    if state is None:
        state = next((one.soft_delete for one in configs if one.resource.id == vault.resource.id), None)
    match state:
        case "Disabled":
            return Fail("deletes backups at once: soft delete is disabled")
        case "Enabled" | "AlwaysON" | "AlwaysOn":
            pass
        case other:
            return unfamiliar("soft delete state", other)
    locked = ", immutability locked" if vault.immutability == "Locked" else ""
    kept = f"keeps deleted backups (soft delete {state}{locked})"
    if not claim.network_restricted:
        return Pass(kept)
    reach = network_setting(vault.public)
    if reach is None:
        return Fail("answers every network")
    return Pass(f"{kept} and {reach.reason}") if isinstance(reach, Pass) else reach


@check(
    id="azure.recovery.vault-public",
    title="Recovery Services vaults cannot be read without signing in",
    severity=Severity.HIGH,
    refutes="anonymous read",
    remedy="None: Azure Backup has no anonymous access.",
)
def public(vault: RecoveryVault, claim: NoPublicAccess) -> Outcome:
    """Backups are restored through Resource Manager, by signed-in principals with a role."""
    return Pass("answers nobody who has not signed in", Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.recovery.vault-sharing",
    title="Recovery Services vaults are not shared with other tenants",
    severity=Severity.HIGH,
    refutes="a snapshot, image or key",
    remedy="None: a vault belongs to one tenant.",
)
def sharing(vault: RecoveryVault, claim: NotShared) -> Outcome:
    """Restoring across subscriptions stays within the tenant and takes a role there."""
    return never_shared(claim)


@check(
    id="azure.recovery.vault-provider",
    title="Recovery Services vaults are at the named provider",
    severity=Severity.MEDIUM,
    remedy="Move the backups to the named provider, or correct the statement.",
)
def provider(vault: RecoveryVault, claim: HostedBy) -> Outcome:
    """A vault that ARM lists lies in an Azure region."""
    return hosted_by(vault.resource, claim)


@check(
    id="azure.recovery.vault-region",
    title="Recovery Services vaults and their copies lie in the named regions",
    severity=Severity.HIGH,
    remedy="Make a vault in a named region, with locally or zone-redundant storage, and back up to it.",
)
def region(vault: RecoveryVault, claim: HostedIn, regions: tuple[Region, ...]) -> Outcome:
    """Geo-redundant storage, the default of a vault, copies all backups to the paired region."""
    if vault.redundancy == "GeoRedundant":
        return hosted_with_pair(vault.resource, claim, regions, "copies")
    outcome = hosted_in(vault.resource, claim)
    if vault.redundancy in ("LocallyRedundant", "ZoneRedundant") or isinstance(outcome, Fail):
        return outcome
    return unfamiliar("storage redundancy", vault.redundancy)
