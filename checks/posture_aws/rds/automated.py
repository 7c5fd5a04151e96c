"""RDS automated backups, among them those that stay when their database is deleted."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Basis, Outcome, Pass, Severity, Unknown, check
from posture.claims import BackupsEncrypted, DeletedWithin, EncryptedAtRest, HostedIn, NoPublicAccess, NotShared
from posture.model import Cause, Fact, Store
from posture.reader import reader
from posture_aws.rds.encryption import Encryption, encryption, judge_encryption
from posture_aws.rds.location import judge_region
from posture_aws.rds.recency import judge_retention
from posture_aws.session import AwsSession

PRIVATE = Pass("is an automated backup, which RDS opens to no other account", Basis.PROVIDER_GUARANTEE)


class AutomatedBackup(Fact):
    """The automated backups of one instance (DescribeDBInstanceAutomatedBackups), or a copy from another region.

    The listing shows what lies in the region that was asked, whatever region the database itself is in.
    ``retention_days`` is None where the reply does not say.
    """

    kind: ClassVar[str] = "aws.rds.automated-backup"
    store: ClassVar[Store | None] = Store.BACKUP

    encryption: Encryption
    retention_days: int | None


class ClusterAutomatedBackup(Fact):
    """The automated backups of one cluster (DescribeDBClusterAutomatedBackups); fields as for ``AutomatedBackup``."""

    kind: ClassVar[str] = "aws.rds.cluster-automated-backup"
    store: ClassVar[Store | None] = Store.BACKUP

    encryption: Encryption
    retention_days: int | None


@reader(operation="rds:DescribeDBInstanceAutomatedBackups")
def automated_backups(aws: AwsSession) -> Iterator[AutomatedBackup]:
    """All automated backups of instances in the region, 100 a page: active, retained and replicated.

    Where the reply gives them no ARN, the id is made of the database's resource id, which no other database ever has;
    its name may have been used again while backups of the first one are retained.
    """
    for page in aws.pages("Marker", MaxRecords=100):
        for found in page["DBInstanceAutomatedBackups"]:
            name = found["DBInstanceIdentifier"]
            id = found.get("DBInstanceAutomatedBackupsArn") or aws.arn(
                "rds", f"auto-backup:{found.get('DbiResourceId') or name}"
            )
            yield AutomatedBackup(
                resource=aws.resource(AutomatedBackup.kind, id, name),
                encryption=encryption(found, "Encrypted"),
                retention_days=found.get("BackupRetentionPeriod"),
            )


@reader(operation="rds:DescribeDBClusterAutomatedBackups")
def cluster_automated_backups(aws: AwsSession) -> Iterator[ClusterAutomatedBackup]:
    """All automated backups of clusters in the region, 100 a page: active, retained and replicated.

    Where the reply gives them no ARN, the id is made of the cluster's resource id, as for instances.
    """
    for page in aws.pages("Marker", MaxRecords=100):
        for found in page["DBClusterAutomatedBackups"]:
            name = found["DBClusterIdentifier"]
            own = found.get("DbClusterResourceId") or name
            id = found.get("DBClusterAutomatedBackupsArn") or aws.arn("rds", f"cluster-auto-backup:{own}")
            yield ClusterAutomatedBackup(
                resource=aws.resource(ClusterAutomatedBackup.kind, id, name),
                encryption=encryption(found),
                retention_days=found.get("BackupRetentionPeriod"),
            )


@check(
    id="aws.rds.automated-backup-at-rest",
    title="Automated backups of databases are encrypted at rest",
    severity=Severity.HIGH,
    remedy="Move the database to encrypted storage, then delete the automated backups of the old one.",
)
def automated_backup_at_rest(backup: AutomatedBackup, claim: EncryptedAtRest) -> Outcome:
    """Automated backups carry the encryption of their database, and may outlive it."""
    return judge_encryption(backup.encryption)


@check(
    id="aws.rds.automated-backup-encryption",
    title="Automated backups of databases are encrypted",
    severity=Severity.HIGH,
    remedy="Move the database to encrypted storage, then delete the automated backups of the old one.",
)
def automated_backup_encryption(backup: AutomatedBackup, claim: BackupsEncrypted) -> Outcome:
    """Automated backups carry the encryption of their database, and may outlive it."""
    return judge_encryption(backup.encryption)


@check(
    id="aws.rds.automated-backup-retention",
    title="Automated backups expire within the promised time, also those of deleted databases",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Shorten the retention period, or delete the retained automated backups.",
)
def automated_backup_retention(backup: AutomatedBackup, claim: DeletedWithin) -> Outcome:
    """Retained backups keep a deleted database restorable until their retention period has passed."""
    return _judge_retention(backup.retention_days, claim)


@check(
    id="aws.rds.automated-backup-region",
    title="Automated backups of databases lie in the promised regions",
    severity=Severity.HIGH,
    remedy="Stop the replication of automated backups to this region and delete them.",
)
def automated_backup_region(backup: AutomatedBackup, claim: HostedIn) -> Outcome:
    """Replicated automated backups are a full copy of the data in their region."""
    return judge_region(backup.resource, claim)


@check(
    id="aws.rds.automated-backup-public",
    title="No automated backup of a database is public",
    severity=Severity.CRITICAL,
    refutes="a public snapshot",
    remedy="None is needed: RDS cannot make automated backups public.",
)
def automated_backup_public(backup: AutomatedBackup, claim: NoPublicAccess) -> Outcome:
    """Only manual snapshots can be opened to others (RDS user guide, "Sharing a DB snapshot")."""
    return PRIVATE


@check(
    id="aws.rds.automated-backup-sharing",
    title="No automated backup of a database is shared with a foreign account",
    severity=Severity.HIGH,
    refutes="a snapshot, image or key",
    remedy="None is needed: RDS cannot share automated backups.",
)
def automated_backup_sharing(backup: AutomatedBackup, claim: NotShared) -> Outcome:
    """Only manual snapshots can be opened to others (RDS user guide, "Sharing a DB snapshot")."""
    return PRIVATE


@check(
    id="aws.rds.cluster-automated-backup-at-rest",
    title="Automated backups of clusters are encrypted at rest",
    severity=Severity.HIGH,
    remedy="Move the cluster to encrypted storage, then delete the automated backups of the old one.",
)
def cluster_automated_backup_at_rest(backup: ClusterAutomatedBackup, claim: EncryptedAtRest) -> Outcome:
    """Automated backups carry the encryption of their cluster, and may outlive it."""
    return judge_encryption(backup.encryption)


@check(
    id="aws.rds.cluster-automated-backup-encryption",
    title="Automated backups of clusters are encrypted",
    severity=Severity.HIGH,
    remedy="Move the cluster to encrypted storage, then delete the automated backups of the old one.",
)
def cluster_automated_backup_encryption(backup: ClusterAutomatedBackup, claim: BackupsEncrypted) -> Outcome:
    """Automated backups carry the encryption of their cluster, and may outlive it."""
    return judge_encryption(backup.encryption)


@check(
    id="aws.rds.cluster-automated-backup-retention",
    title="Automated backups expire within the promised time, also those of deleted clusters",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Shorten the retention period, or delete the retained automated backups.",
)
def cluster_automated_backup_retention(backup: ClusterAutomatedBackup, claim: DeletedWithin) -> Outcome:
    """Retained backups keep a deleted cluster restorable until their retention period has passed."""
    return _judge_retention(backup.retention_days, claim)


@check(
    id="aws.rds.cluster-automated-backup-region",
    title="Automated backups of clusters lie in the promised regions",
    severity=Severity.HIGH,
    remedy="Delete the automated backups in this region.",
)
def cluster_automated_backup_region(backup: ClusterAutomatedBackup, claim: HostedIn) -> Outcome:
    """Automated backups are a full copy of the data in their region."""
    return judge_region(backup.resource, claim)


@check(
    id="aws.rds.cluster-automated-backup-public",
    title="No automated backup of a cluster is public",
    severity=Severity.CRITICAL,
    refutes="a public snapshot",
    remedy="None is needed: RDS cannot make automated backups public.",
)
def cluster_automated_backup_public(backup: ClusterAutomatedBackup, claim: NoPublicAccess) -> Outcome:
    """Only manual snapshots can be opened to others (Aurora user guide, "Sharing a DB cluster snapshot")."""
    return PRIVATE


@check(
    id="aws.rds.cluster-automated-backup-sharing",
    title="No automated backup of a cluster is shared with a foreign account",
    severity=Severity.HIGH,
    refutes="a snapshot, image or key",
    remedy="None is needed: RDS cannot share automated backups.",
)
def cluster_automated_backup_sharing(backup: ClusterAutomatedBackup, claim: NotShared) -> Outcome:
    """Only manual snapshots can be opened to others (Aurora user guide, "Sharing a DB cluster snapshot")."""
    return PRIVATE


def _judge_retention(days: int | None, claim: DeletedWithin) -> Outcome:
    if days is None:
        return Unknown(Cause.MALFORMED_REPLY, "does not say how long it is kept")
    return judge_retention(days, claim.days)
