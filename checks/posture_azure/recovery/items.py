"""What Recovery Services vaults protect: how fresh and how well kept each item's backups are."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import BackupsEncrypted, BackupsExist, DeletedWithin
from posture.model import Cause, Fact
from posture.reader import Where, reader
from posture.reply import Reply
from posture_azure.answers import unfamiliar
from posture_azure.bodies import part
from posture_azure.recovery.vault import RecoveryVault
from posture_azure.session import ArmSession, properties
from posture_azure.spans import age_days, period_days

SERVER_SIDE = ("AzureIaasVM", "AzureStorage", "AzureWorkload", "AzureSql")
CLIENT_SIDE = ("MAB", "DPM", "AzureBackupServer")
"""Management types whose agent encrypts under a passphrase of the customer before it sends."""
SOFT_DELETE_DAYS = 14
"""How long deleted backups stay where a vault tells no other number ("Soft delete for Azure Backup")."""
SCHEDULES = ("dailySchedule", "weeklySchedule", "monthlySchedule", "yearlySchedule")


class ProtectedItem(Fact):
    """A thing that a vault backs up. The vault is the store; the item tells what is in it.

    ``newest_days`` is the age of the last recovery point and ``last_backup_days`` that of the last backup run, in
    begun days, None where there is none. ``policy`` and ``source`` are lower-cased ids, empty without one.
    """

    kind: ClassVar[str] = "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems"

    vault: RecoveryVault
    management: str | None
    source: str
    policy: str
    state: str | None
    newest_days: int | None
    last_backup_days: int | None
    last_backup_status: str | None
    deleted: bool


class BackupPolicy(Fact):
    """A vault's policy: the longest time it keeps a recovery point, None where its form is not known."""

    kind: ClassVar[str] = "microsoft.recoveryservices/vaults/backuppolicies"

    days: int | None


@reader(
    operation="Microsoft.RecoveryServices/vaults/backupProtectedItems@2024-04-01",
    permission="Microsoft.RecoveryServices/vaults/backupProtectedItems/read",
    where=Where.ACCOUNT,
)
def protected_items(arm: ArmSession, vault: RecoveryVault) -> Iterator[ProtectedItem]:
    """All items of one vault, those of every workload and those in soft delete included."""
    for item in arm.items(vault.resource.id):
        found = properties(item)
        id = item["id"].lower()
        yield ProtectedItem(
            resource=arm.resource(
                ProtectedItem.kind, id, found.get("friendlyName") or item["name"], region=vault.resource.region
            ),
            vault=vault,
            management=found.get("backupManagementType"),
            source=(found.get("sourceResourceId") or "").lower(),
            policy=(found.get("policyId") or "").lower(),
            state=found.get("protectionState"),
            newest_days=age_days(arm.now, found.get("lastRecoveryPoint")),
            last_backup_days=age_days(arm.now, found.get("lastBackupTime")),
            last_backup_status=found.get("lastBackupStatus"),
            deleted=found.get("isScheduledForDeferredDelete") is True,
        )


@reader(
    operation="Microsoft.RecoveryServices/vaults/backupPolicies@2024-04-01",
    permission="Microsoft.RecoveryServices/vaults/backupPolicies/read",
    where=Where.ACCOUNT,
)
def backup_policies(arm: ArmSession, vault: RecoveryVault) -> Iterator[BackupPolicy]:
    """The backup policies of one vault."""
    for item in arm.items(vault.resource.id):
        yield BackupPolicy(
            resource=arm.resource(BackupPolicy.kind, item["id"].lower(), item["name"], region=vault.resource.region),
            days=_longest_of_policy(properties(item)),
        )


def _longest_of_policy(found: Reply) -> int | None:
    """Workload policies hold one retention for each kind of backup, others one, in the snapshot or in the vault."""
    retentions = [holder.get("retentionPolicy") for holder in (found, *(found.get("subProtectionPolicy") or ()))]
    retentions.append(part(found, "vaultRetentionPolicy").get("vaultRetention"))
    days = [_longest(retention) for retention in retentions if retention is not None]
    known = [one for one in days if one is not None]
    return max(known, default=None) if len(known) == len(days) else None


def _longest(retention: Reply) -> int | None:
    match retention.get("retentionPolicyType"):
        case "SimpleRetentionPolicy":
            return _days(retention)
        case "LongTermRetentionPolicy":
            return max(
                (_days(part(retention, name)) for name in SCHEDULES if retention.get(name) is not None), default=0
            )
        case _:
            return None


def _days(schedule: Reply) -> int:
    duration = schedule["retentionDuration"]
    return period_days(duration["count"], duration["durationType"])


@check(
    id="azure.recovery.item-backup",
    title="Items of Recovery Services vaults have a recent recovery point",
    severity=Severity.HIGH,
    refutes=("a store without plan", "a newest backup"),
    remedy="Resume or repair the item's backup, or take it out of the vault.",
)
def recent_backup(item: ProtectedItem, claim: BackupsExist) -> Outcome:
    """Being protected is no backup: the age of the last recovery point decides, or of the last run that succeeded."""
    if item.deleted:
        return NotApplicable("is deleted and waits for the end of soft delete")
    state = f"protection state {item.state}"
    if item.newest_days is not None:
        age = item.newest_days
    elif item.last_backup_status in ("Completed", "Healthy") and item.last_backup_days is not None:
        age = item.last_backup_days
    elif item.last_backup_status in ("Failed", "Unhealthy", "IRPending") or item.state == "IRPending":
        return Fail(f"has no recovery point: its last backup is {item.last_backup_status} ({state})")
    else:
        reason = f"tells no recovery point, and {item.last_backup_status} of its last backup ({state})"
        return Unknown(Cause.NOT_SUPPORTED, reason)
    if age > claim.max_age_days:
        return Fail(f"was last backed up more than {age - 1} days ago ({state})")
    return Pass(f"was last backed up within {age} days ({state})")


@check(
    id="azure.recovery.item-encryption",
    title="Backups of protected items are encrypted",
    severity=Severity.HIGH,
    remedy="None: Azure encrypts what its vaults keep.",
)
def item_encryption(item: ProtectedItem, claim: BackupsEncrypted) -> Outcome:
    """The vault encrypts all it keeps; the MARS agent, DPM and Backup Server encrypt before they send."""
    if item.management in SERVER_SIDE:
        return Pass("is encrypted by the vault with AES-256", Basis.PROVIDER_GUARANTEE)
    if item.management in CLIENT_SIDE:
        reason = f"is encrypted by the client under a passphrase of yours ({item.management}), and again by the vault"
        return Pass(reason, Basis.PROVIDER_GUARANTEE)
    return unfamiliar("backup management type", item.management)


@check(
    id="azure.recovery.item-deletion",
    title="Backups of protected items go within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Shorten the retention of the item's policy, or delete the item's backups where protection is stopped.",
)
def item_deletion(item: ProtectedItem, claim: DeletedWithin, policies: tuple[BackupPolicy, ...]) -> Outcome:
    """What is deleted at the source stays as long as the policy keeps a point, and in soft delete after that.

    Backups of an item whose protection is stopped do not expire ("Stop protection and retain data").
    """
    after = _soft_deleted(item.vault)
    if isinstance(after, Unknown):
        return after
    if item.deleted:
        return _within(after, claim, "soft delete")
    if item.state == "ProtectionStopped":
        return Fail("keeps its recovery points without an end: protection is stopped")
    policy = next((one for one in policies if one.resource.id == item.policy), None)
    if policy is None:
        return Unknown(Cause.DISAGREEMENT, f"names the policy {item.policy!r}, which its vault does not list")
    if policy.days is None:
        return Unknown(
            Cause.NOT_SUPPORTED, f"has the policy {policy.resource.name}, whose retention has a form of its own"
        )
    return _within(policy.days + after, claim, f"{policy.days} by policy and {after} in soft delete")


@check(
    id="azure.recovery.vault-deletion",
    title="Recovery Services vaults let go of deleted backups within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Shorten the vault's soft delete retention.",
)
def vault_deletion(vault: RecoveryVault, claim: DeletedWithin) -> Outcome:
    """Whatever is deleted from a vault stays in soft delete; what its items keep before that is judged with them."""
    days = _soft_deleted(vault)
    return days if isinstance(days, Unknown) else _within(days, claim, "soft delete")


def _soft_deleted(vault: RecoveryVault) -> int | Unknown:
    """The days for which deleted backups stay, at most: a body without a state may leave it to the vault's config."""
    match vault.soft_delete:
        case "Disabled":
            return 0
        case None | "Enabled" | "AlwaysON" | "AlwaysOn":
            return vault.soft_delete_days or SOFT_DELETE_DAYS
        case other:
            return unfamiliar("soft delete state", other)


def _within(days: int, claim: DeletedWithin, made_of: str) -> Outcome:
    kept = f"keeps backups up to {days} days ({made_of})"
    return Fail(kept) if days > claim.days else Pass(kept)
