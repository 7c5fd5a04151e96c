"""RDS snapshots of databases and clusters: how they are encrypted, how long they stay and where they lie."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, NotApplicable, Outcome, Severity, Unknown, check
from posture.claims import BackupsEncrypted, DeletedWithin, EncryptedAtRest, HostedIn
from posture.model import Cause, Fact, Store
from posture.reader import reader
from posture_aws.rds.encryption import Encryption, encryption, judge_encryption
from posture_aws.rds.location import judge_region
from posture_aws.rds.recency import age
from posture_aws.session import AwsSession, tags

AUTOMATED = "automated"
"""The origin of snapshots that RDS takes, and deletes, by itself."""


class DbSnapshot(Fact):
    """A snapshot of a database instance (DescribeDBSnapshots), those of AWS Backup included.

    ``database`` is the name of its instance, ``origin`` the type that RDS gives it, ``age`` its age in days, None
    while it is being taken; ``usable`` tells whether it can be restored.
    """

    kind: ClassVar[str] = "aws.rds.db-snapshot"
    store: ClassVar[Store | None] = Store.SNAPSHOT

    database: str
    origin: str
    usable: bool
    age: float | None
    encryption: Encryption


class DbClusterSnapshot(Fact):
    """A snapshot of a cluster (DescribeDBClusterSnapshots); fields as for ``DbSnapshot``."""

    kind: ClassVar[str] = "aws.rds.db-cluster-snapshot"
    store: ClassVar[Store | None] = Store.SNAPSHOT

    database: str
    origin: str
    usable: bool
    age: float | None
    encryption: Encryption


@reader(operation="rds:DescribeDBSnapshots")
def snapshots(aws: AwsSession) -> Iterator[DbSnapshot]:
    """Automated, manual and AWS Backup's snapshots of the account, 100 a page; not those others share with it."""
    for page in aws.pages("Marker", MaxRecords=100):
        for found in page["DBSnapshots"]:
            yield DbSnapshot(
                resource=aws.resource(
                    DbSnapshot.kind,
                    found["DBSnapshotArn"],
                    found["DBSnapshotIdentifier"],
                    tags=tags(found.get("TagList")),
                ),
                database=found["DBInstanceIdentifier"],
                origin=found["SnapshotType"],
                usable=found["Status"] == "available",
                age=age(aws, found.get("SnapshotCreateTime")),
                encryption=encryption(found, "Encrypted"),
            )


@reader(operation="rds:DescribeDBClusterSnapshots")
def cluster_snapshots(aws: AwsSession) -> Iterator[DbClusterSnapshot]:
    """All cluster snapshots of the account, 100 a page, those of DocumentDB and Neptune included."""
    for page in aws.pages("Marker", MaxRecords=100):
        for found in page["DBClusterSnapshots"]:
            yield DbClusterSnapshot(
                resource=aws.resource(
                    DbClusterSnapshot.kind,
                    found["DBClusterSnapshotArn"],
                    found["DBClusterSnapshotIdentifier"],
                    tags=tags(found.get("TagList")),
                ),
                database=found["DBClusterIdentifier"],
                origin=found["SnapshotType"],
                usable=found["Status"] == "available",
                age=age(aws, found.get("SnapshotCreateTime")),
                encryption=encryption(found),
            )


@check(
    id="aws.rds.snapshot-at-rest",
    title="Database snapshots are encrypted at rest",
    severity=Severity.HIGH,
    remedy="Copy the snapshot under a KMS key, then delete the copy in the clear.",
)
def snapshot_at_rest(snapshot: DbSnapshot, claim: EncryptedAtRest) -> Outcome:
    """A snapshot outlives its database and keeps the encryption it was taken with."""
    return judge_encryption(snapshot.encryption)


@check(
    id="aws.rds.snapshot-encryption",
    title="Database snapshots are encrypted",
    severity=Severity.HIGH,
    remedy="Copy the snapshot under a KMS key, then delete the copy in the clear.",
)
def snapshot_encryption(snapshot: DbSnapshot, claim: BackupsEncrypted) -> Outcome:
    """Snapshots in the clear stay behind when a database is moved to encrypted storage."""
    return judge_encryption(snapshot.encryption)


@check(
    id="aws.rds.snapshot-retention",
    title="Database snapshots are gone within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Delete the snapshot, or have it made by AWS Backup with a lifecycle.",
)
def snapshot_retention(snapshot: DbSnapshot, claim: DeletedWithin) -> Outcome:
    """A manual snapshot stays until somebody deletes it, and so does all that was in the database then."""
    return _judge_retention(snapshot.resource.name, snapshot.origin, snapshot.age, claim.days)


@check(
    id="aws.rds.snapshot-region",
    title="Database snapshots lie in the promised regions",
    severity=Severity.HIGH,
    remedy="Delete the snapshot, or copy it to a promised region first.",
)
def snapshot_region(snapshot: DbSnapshot, claim: HostedIn) -> Outcome:
    """A snapshot that was copied elsewhere is a full copy of the data there."""
    return judge_region(snapshot.resource, claim)


@check(
    id="aws.rds.cluster-snapshot-at-rest",
    title="Cluster snapshots are encrypted at rest",
    severity=Severity.HIGH,
    remedy="Restore the snapshot under a KMS key, take a new one, then delete the one in the clear.",
)
def cluster_snapshot_at_rest(snapshot: DbClusterSnapshot, claim: EncryptedAtRest) -> Outcome:
    """A snapshot outlives its cluster and keeps the encryption it was taken with."""
    return judge_encryption(snapshot.encryption)


@check(
    id="aws.rds.cluster-snapshot-encryption",
    title="Cluster snapshots are encrypted",
    severity=Severity.HIGH,
    remedy="Restore the snapshot under a KMS key, take a new one, then delete the one in the clear.",
)
def cluster_snapshot_encryption(snapshot: DbClusterSnapshot, claim: BackupsEncrypted) -> Outcome:
    """Snapshots in the clear stay behind when a cluster is moved to encrypted storage."""
    return judge_encryption(snapshot.encryption)


@check(
    id="aws.rds.cluster-snapshot-retention",
    title="Cluster snapshots are gone within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Delete the snapshot, or have it made by AWS Backup with a lifecycle.",
)
def cluster_snapshot_retention(snapshot: DbClusterSnapshot, claim: DeletedWithin) -> Outcome:
    """A manual snapshot stays until somebody deletes it, and so does all that was in the cluster then."""
    return _judge_retention(snapshot.resource.name, snapshot.origin, snapshot.age, claim.days)


@check(
    id="aws.rds.cluster-snapshot-region",
    title="Cluster snapshots lie in the promised regions",
    severity=Severity.HIGH,
    remedy="Delete the snapshot, or copy it to a promised region first.",
)
def cluster_snapshot_region(snapshot: DbClusterSnapshot, claim: HostedIn) -> Outcome:
    """A snapshot that was copied elsewhere is a full copy of the data there."""
    return judge_region(snapshot.resource, claim)


def _judge_retention(name: str, origin: str, days: float | None, most: int) -> Outcome:
    if origin == AUTOMATED:
        return NotApplicable("expires with the retention period of its database, which is judged there")
    if origin == "awsbackup" or name.startswith("awsbackup:"):
        return NotApplicable("is kept by AWS Backup, whose recovery points are judged there")
    if days is not None and days > most:
        return Fail(f"is {days:.0f} days old and does not expire")
    return Unknown(Cause.NOT_SUPPORTED, f"does not expire by itself, and is not {most} days old yet")
