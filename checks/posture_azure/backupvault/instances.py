"""What backup vaults protect: how fresh each instance's backups are, and how long they stay."""

import math
from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import BackupsExist, DeletedWithin
from posture.model import Cause, Fact
from posture.reader import Where, reader
from posture.reply import Reply
from posture_azure.answers import unfamiliar
from posture_azure.backupvault.vault import BackupVault
from posture_azure.bodies import part
from posture_azure.session import ArmSession, properties
from posture_azure.spans import age_days, duration_days

CONTINUOUS = ("Microsoft.Storage/storageAccounts/blobServices", "Microsoft.Storage/storageAccounts/adlsBlobServices")
"""Types whose operational backup is continuous: it has no recovery points to list."""
SOFT_DELETE_DAYS = 14
"""How long deleted backups stay where a vault tells no other number ("Soft delete for Azure Backup")."""


class BackupInstance(Fact):
    """A thing that a backup vault backs up. The vault is the store; the instance tells what is in it.

    ``policy`` and ``source`` are lower-cased ids, empty without one; ``state`` is the current protection state.
    """

    kind: ClassVar[str] = "microsoft.dataprotection/backupvaults/backupinstances"

    vault: BackupVault
    source: str
    source_type: str | None
    policy: str
    state: str | None


class InstancePoints(Fact):
    """The recovery points of an instance: begun days since the newest, None where it has none."""

    kind: ClassVar[str] = BackupInstance.kind

    instance: BackupInstance
    newest_days: int | None


class VaultPolicy(Fact):
    """A vault's policy: the longest time it keeps a backup, None where its form is not known."""

    kind: ClassVar[str] = "microsoft.dataprotection/backupvaults/backuppolicies"

    days: int | None


@reader(
    operation="Microsoft.DataProtection/backupVaults/backupInstances@2024-04-01",
    permission="Microsoft.DataProtection/backupVaults/backupInstances/read",
    where=Where.ACCOUNT,
)
def backup_instances(arm: ArmSession, vault: BackupVault) -> Iterator[BackupInstance]:
    """The instances of one vault."""
    for item in arm.items(vault.resource.id):
        found = properties(item)
        source = part(found, "dataSourceInfo")
        yield BackupInstance(
            resource=arm.resource(BackupInstance.kind, item["id"].lower(), item["name"], region=vault.resource.region),
            vault=vault,
            source=(source.get("resourceID") or "").lower(),
            source_type=source.get("datasourceType"),
            policy=(part(found, "policyInfo").get("policyId") or "").lower(),
            state=found.get("currentProtectionState") or part(found, "protectionStatus").get("status"),
        )


@reader(
    operation="Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints@2024-04-01",
    permission="Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints/read",
    where=Where.ACCOUNT,
)
def instance_points(arm: ArmSession, instance: BackupInstance) -> InstancePoints:
    """The recovery points of one instance; their times are read, nothing of their content."""
    points = (properties(item)["recoveryPointTime"] for item in arm.items(instance.resource.id))
    ages = (age_days(arm.now, point) for point in points)
    newest = min((age for age in ages if age is not None), default=None)
    return InstancePoints(resource=instance.resource, instance=instance, newest_days=newest)


@reader(
    operation="Microsoft.DataProtection/backupVaults/backupPolicies@2024-04-01",
    permission="Microsoft.DataProtection/backupVaults/backupPolicies/read",
    where=Where.ACCOUNT,
)
def vault_policies(arm: ArmSession, vault: BackupVault) -> Iterator[VaultPolicy]:
    """The backup policies of one vault."""
    for item in arm.items(vault.resource.id):
        rules = [rule for rule in properties(item)["policyRules"] if rule["objectType"] == "AzureRetentionRule"]
        yield VaultPolicy(
            resource=arm.resource(VaultPolicy.kind, item["id"].lower(), item["name"], region=vault.resource.region),
            days=max((_kept(rule) for rule in rules), default=None),
        )


def _kept(rule: Reply) -> int:
    """How long a retention rule keeps a backup: the longest of its stores, or all in turn where it moves on expiry."""
    days = [duration_days(lifecycle["deleteAfter"]["duration"]) for lifecycle in rule["lifecycles"]]
    moves = any(
        part(copy, "copyAfter").get("objectType") in ("CopyOnExpiryOption", "CustomCopyOption")
        for lifecycle in rule["lifecycles"]
        for copy in lifecycle.get("targetDataStoreCopySettings") or ()
    )
    return sum(days) if moves else max(days)


@check(
    id="azure.backupvault.instance-backup",
    title="Instances of backup vaults have a recent recovery point",
    severity=Severity.HIGH,
    refutes=("a store without plan", "a newest backup"),
    remedy="Resume or repair the instance's backup, or take it out of the vault.",
)
def recent_backup(points: InstancePoints, claim: BackupsExist) -> Outcome:
    """Being configured is no backup: the age of the newest recovery point decides."""
    state = f"protection state {points.instance.state}"
    if points.newest_days is None:
        if points.instance.source_type in CONTINUOUS:
            return Unknown(Cause.NOT_SUPPORTED, f"is backed up continuously, without recovery points to list ({state})")
        return Fail(f"has no recovery point ({state})")
    if points.newest_days > claim.max_age_days:
        return Fail(f"was last backed up more than {points.newest_days - 1} days ago ({state})")
    return Pass(f"was last backed up within {points.newest_days} days ({state})")


@check(
    id="azure.backupvault.instance-deletion",
    title="Backups of instances go within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Shorten the retention of the instance's policy, or delete its backups where protection is stopped.",
)
def instance_deletion(instance: BackupInstance, claim: DeletedWithin, policies: tuple[VaultPolicy, ...]) -> Outcome:
    """What is deleted at the source stays as long as the policy keeps a backup, and in soft delete after that.

    Backups of an instance whose protection is stopped do not expire.
    """
    after = _soft_deleted(instance.vault)
    if isinstance(after, Unknown):
        return after
    if instance.state == "ProtectionStopped":
        return Fail("keeps its backups without an end: protection is stopped")
    policy = next((one for one in policies if one.resource.id == instance.policy), None)
    if policy is None:
        return Unknown(Cause.DISAGREEMENT, f"names the policy {instance.policy!r}, which its vault does not list")
    if policy.days is None:
        return Unknown(Cause.NOT_SUPPORTED, f"has the policy {policy.resource.name}, which tells no retention")
    return _within(policy.days + after, claim, f"{policy.days} by policy and {after} in soft delete")


@check(
    id="azure.backupvault.vault-deletion",
    title="Backup vaults let go of deleted backups within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Shorten the vault's soft delete retention.",
)
def vault_deletion(vault: BackupVault, claim: DeletedWithin) -> Outcome:
    """Whatever is deleted from a vault stays in soft delete; what it keeps before that is judged by its instances."""
    days = _soft_deleted(vault)
    return days if isinstance(days, Unknown) else _within(days, claim, "soft delete")


def _soft_deleted(vault: BackupVault) -> int | Unknown:
    """The days for which deleted backups stay, at most, begun days counted whole."""
    match vault.soft_delete:
        case "Off":
            return 0
        case None | "On" | "AlwaysOn":
            return math.ceil(vault.soft_delete_days or SOFT_DELETE_DAYS)
        case other:
            return unfamiliar("soft delete state", other)


def _within(days: int, claim: DeletedWithin, made_of: str) -> Outcome:
    kept = f"keeps backups up to {days} days ({made_of})"
    return Fail(kept) if days > claim.days else Pass(kept)
