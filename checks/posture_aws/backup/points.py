"""Recovery points: how backups in vaults are encrypted, how recent they are, when they end and where they lie."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar

from posture.check import Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import (
    BackupsEncrypted,
    BackupsExist,
    DeletedWithin,
    EncryptedAtRest,
    HostedIn,
    NoPublicAccess,
    NotShared,
)
from posture.model import Cause, Fact, Store
from posture.reader import reader
from posture.reply import Reply
from posture_aws.backup.vaults import Vault
from posture_aws.session import AwsSession

USABLE = frozenset({"COMPLETED", "AVAILABLE"})
EXPIRED = "EXPIRED"
DAY = timedelta(days=1)


class RecoveryPoint(Fact):
    """A backup in a vault (ListRecoveryPointsByBackupVault). Times are in days.

    ``vault`` is the ARN of its vault; ``encrypted`` is None where the reply does not say; ``continuous`` tells a
    backup that goes on, whose newest moment the listing does not show; ``kept`` is the whole of its life, None where
    nothing ends it; ``until_copied`` tells that a copy made elsewhere ends it.
    """

    kind: ClassVar[str] = "aws.backup.recovery-point"
    store: ClassVar[Store | None] = Store.BACKUP

    vault: str
    status: str
    encrypted: bool | None
    continuous: bool
    age: float
    kept: float | None
    until_copied: bool


@reader(operation="backup:ListRecoveryPointsByBackupVault")
def recovery_points(aws: AwsSession, vault: Vault) -> Iterator[RecoveryPoint]:
    """All recovery points of a vault, 1000 a page."""
    for page in aws.pages("NextToken", BackupVaultName=vault.resource.name, MaxResults=1000):
        for point in page["RecoveryPoints"]:
            arn = point["RecoveryPointArn"]
            created = datetime.fromisoformat(point["CreationDate"])
            yield RecoveryPoint(
                resource=aws.resource(RecoveryPoint.kind, arn, arn.rpartition(":")[2]),
                vault=vault.resource.id,
                status=point["Status"],
                encrypted=point.get("IsEncrypted"),
                continuous=":continuous:" in arn,
                age=(aws.now - created) / DAY,
                kept=_kept(point, created),
                until_copied="DeleteAfterEvent" in (point.get("Lifecycle") or {}),
            )


def _kept(point: Reply, created: datetime) -> float | None:
    """The promised life of a point: as its lifecycle says, else as the service computed its end. -1 is for ever."""
    days = (point.get("Lifecycle") or {}).get("DeleteAfterDays")
    if days is not None:
        return None if days < 0 else float(days)
    end = (point.get("CalculatedLifecycle") or {}).get("DeleteAt")
    return None if end is None else (datetime.fromisoformat(end) - created) / DAY


@check(
    id="aws.backup.recovery-point-at-rest",
    title="Recovery points are encrypted at rest",
    severity=Severity.HIGH,
    remedy="Encrypt the source, back it up again, then delete the recovery point in the clear.",
)
def recovery_point_at_rest(point: RecoveryPoint, claim: EncryptedAtRest) -> Outcome:
    """A copy of a volume or database in the clear stays in the clear, however its vault is encrypted."""
    return _judge_encryption(point)


@check(
    id="aws.backup.recovery-point-encryption",
    title="Recovery points are encrypted",
    severity=Severity.HIGH,
    remedy="Encrypt the source, back it up again, then delete the recovery point in the clear.",
)
def recovery_point_encryption(point: RecoveryPoint, claim: BackupsEncrypted) -> Outcome:
    """A copy of a volume or database in the clear stays in the clear, however its vault is encrypted."""
    return _judge_encryption(point)


@check(
    id="aws.backup.vault-recency",
    title="Backup vaults that are in use hold a recent backup",
    severity=Severity.MEDIUM,
    refutes=("a store without plan", "a newest backup"),
    remedy="See why the last jobs of the backup plans that write to this vault failed.",
)
def vault_recency(vault: Vault, claim: BackupsExist, points: tuple[RecoveryPoint, ...]) -> Outcome:
    """A plan may exist and its jobs fail; what counts is a finished recovery point. An empty vault promises nothing."""
    if any(_usable(point, vault) and point.age <= claim.max_age_days for point in points):
        return Pass(f"holds a backup of the last {claim.max_age_days} days")
    usable = [point for point in points if _usable(point, vault)]
    if any(point.continuous for point in usable):
        return Unknown(Cause.NOT_SUPPORTED, "holds a continuous backup, whose newest moment the listing does not show")
    if usable:
        return Fail(f"holds no backup younger than {min(point.age for point in usable):.0f} days")
    started = any(point.vault == vault.resource.id for point in points)
    return Fail("holds no finished backup") if started else NotApplicable("is empty")


@check(
    id="aws.backup.recovery-point-retention",
    title="Recovery points are gone within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Give the recovery point, and the rule of the plan that made it, a lifecycle that deletes it in time.",
)
def recovery_point_retention(point: RecoveryPoint, claim: DeletedWithin) -> Outcome:
    """What was deleted at the source lives on in its backups until their lifecycle ends, or for ever without one."""
    if point.status == EXPIRED:
        return Fail("has expired and is still there")
    if point.kept is None and point.until_copied:
        return Unknown(Cause.NOT_SUPPORTED, "is kept until it is copied, which may take any time")
    if point.kept is None:
        return Fail("is kept for ever")
    return (Pass if point.kept <= claim.days else Fail)(f"is kept for {point.kept:.0f} days")


@check(
    id="aws.backup.vault-retention",
    title="Backup vaults keep nothing past the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Give the recovery points in the vault a lifecycle that deletes them in time.",
)
def vault_retention(vault: Vault, claim: DeletedWithin) -> Outcome:
    """A vault has no life of its own to judge; a deleted recovery point is gone at once."""
    return NotApplicable("keeps recovery points, each of which is judged by itself")


@check(
    id="aws.backup.recovery-point-region",
    title="Recovery points lie in the promised regions",
    severity=Severity.HIGH,
    remedy="Copy the recovery point to a vault in a promised region, then delete it here.",
)
def recovery_point_region(point: RecoveryPoint, claim: HostedIn) -> Outcome:
    """A recovery point that was copied elsewhere is a full copy of the data there."""
    region = point.resource.region
    return (Pass if region in claim.regions else Fail)(f"lies in {region}")


@check(
    id="aws.backup.recovery-point-public",
    title="No recovery point is public",
    severity=Severity.CRITICAL,
    refutes="a public snapshot",
    remedy="Name the principals in the access policy of the vault instead of *.",
)
def recovery_point_public(point: RecoveryPoint, claim: NoPublicAccess) -> Outcome:
    """A recovery point has no policy of its own: its vault's holds, and the attributes of the snapshot it may be."""
    return NotApplicable("is reached through its vault, or as the snapshot that it is, and judged there")


@check(
    id="aws.backup.recovery-point-sharing",
    title="No recovery point is shared with a foreign account",
    severity=Severity.HIGH,
    refutes="a snapshot, image or key",
    remedy="Take the foreign principal out of the access policy of the vault.",
)
def recovery_point_sharing(point: RecoveryPoint, claim: NotShared) -> Outcome:
    """A recovery point has no policy of its own: its vault's holds, and the attributes of the snapshot it may be."""
    return NotApplicable("is reached through its vault, or as the snapshot that it is, and judged there")


def _usable(point: RecoveryPoint, vault: Vault) -> bool:
    return point.vault == vault.resource.id and point.status in USABLE


def _judge_encryption(point: RecoveryPoint) -> Outcome:
    """All of AWS Backup's storage encrypts with AES-256 (AWS Backup guide, "Encryption for backups")."""
    if point.encrypted is None:
        return Unknown(Cause.MALFORMED_REPLY, "does not say whether it is encrypted")
    return Pass("is encrypted with AES-256") if point.encrypted else Fail("is stored in the clear")
