"""Snapshots of block volumes: whether they are encrypted, who may restore them, and how old they are."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import BackupsEncrypted, DeletedWithin, EncryptedAtRest, NoPublicAccess, NotShared
from posture.model import Cause, Fact, Resource, Store
from posture.reader import reader
from posture_aws.session import AwsSession, tags


class Snapshot(Fact):
    """A snapshot that the account owns (DescribeSnapshots). ``outpost`` as for volumes; ``age`` is in days."""

    kind: ClassVar[str] = "aws.ec2.snapshot"
    store: ClassVar[Store | None] = Store.SNAPSHOT

    encrypted: bool
    kms_key: str | None
    outpost: str | None
    age: float


class SnapshotSharing(Fact):
    """Who may make volumes of a snapshot (DescribeSnapshotAttribute), by account and by group."""

    kind: ClassVar[str] = Snapshot.kind

    accounts: tuple[str, ...]
    groups: tuple[str, ...]


class PublicSnapshots(Fact):
    """The ids of the region's own snapshots that everybody may restore (DescribeSnapshots, restorable by all)."""

    kind: ClassVar[str] = "aws.ec2.public-snapshots"

    ids: frozenset[str]


class SnapshotBlock(Fact):
    """The region's block on public snapshots (GetSnapshotBlockPublicAccessState)."""

    kind: ClassVar[str] = "aws.ec2.snapshot-block"

    state: str


@reader(operation="ec2:DescribeSnapshots")
def snapshots(aws: AwsSession) -> Iterator[Snapshot]:
    """The account's own snapshots, 1,000 a page. Without an owner EC2 would list every public snapshot there is."""
    for page in aws.pages("NextToken", OwnerIds=["self"], MaxResults=1000):
        for snapshot in page["Snapshots"]:
            name = snapshot["SnapshotId"]
            # ARNs of snapshots leave the account out (Service Authorization Reference, Amazon EC2).
            id = aws.arn("ec2", f"snapshot/{name}", account="")
            yield Snapshot(
                resource=aws.resource(Snapshot.kind, id, name, tags=tags(snapshot.get("Tags"))),
                encrypted=snapshot["Encrypted"],
                kms_key=snapshot.get("KmsKeyId"),
                outpost=snapshot.get("OutpostArn"),
                age=(aws.now - datetime.fromisoformat(snapshot["StartTime"])) / timedelta(days=1),
            )


@reader(operation="ec2:DescribeSnapshotAttribute")
def snapshot_sharing(aws: AwsSession, snapshot: Snapshot) -> SnapshotSharing:
    """The permissions to make volumes of the snapshot."""
    reply = aws.get(Attribute="createVolumePermission", SnapshotId=snapshot.resource.name)
    permissions = reply["CreateVolumePermissions"]
    return SnapshotSharing(
        resource=snapshot.resource,
        accounts=tuple(item["UserId"] for item in permissions if item.get("UserId")),
        groups=tuple(item["Group"] for item in permissions if item.get("Group")),
    )


@reader(operation="ec2:DescribeSnapshots")
def public_snapshots(aws: AwsSession) -> PublicSnapshots:
    """One listing for the region stands in for a call per snapshot."""
    pages = aws.pages("NextToken", OwnerIds=["self"], RestorableByUserIds=["all"], MaxResults=1000)
    ids = frozenset(snapshot["SnapshotId"] for page in pages for snapshot in page["Snapshots"])
    return PublicSnapshots(resource=_setting(aws, PublicSnapshots.kind, "public-snapshots"), ids=ids)


@reader(operation="ec2:GetSnapshotBlockPublicAccessState")
def snapshot_block(aws: AwsSession) -> SnapshotBlock:
    """Whether the region keeps snapshots from the public whatever their permissions say."""
    resource = _setting(aws, SnapshotBlock.kind, "snapshot-block-public-access")
    return SnapshotBlock(resource=resource, state=aws.get()["State"])


def _setting(aws: AwsSession, kind: str, name: str) -> Resource:
    return aws.resource(kind, aws.arn("ec2", name), f"{name} of {aws.place.region}")


@check(
    id="aws.ec2.snapshot-encryption",
    title="Snapshots of block volumes are encrypted",
    severity=Severity.HIGH,
    remedy="Copy the snapshot under a KMS key, then delete the copy in the clear.",
)
def snapshot_encryption(snapshot: Snapshot, claim: EncryptedAtRest) -> Outcome:
    """A snapshot is encrypted when its volume was, with AES-256 (EBS user guide, "Amazon EBS encryption")."""
    return _encryption(snapshot)


@check(
    id="aws.ec2.snapshot-backup-encryption",
    title="Backups of block volumes are encrypted",
    severity=Severity.HIGH,
    remedy="Copy the snapshot under a KMS key, then delete the copy in the clear.",
)
def snapshot_backup_encryption(snapshot: Snapshot, claim: BackupsEncrypted) -> Outcome:
    """Snapshots are the backups of volumes and keep the encryption they were taken with (EBS user guide)."""
    return _encryption(snapshot)


def _encryption(snapshot: Snapshot) -> Outcome:
    return Pass("is encrypted with AES-256") if snapshot.encrypted else Fail("is stored in the clear")


@check(
    id="aws.ec2.snapshot-public",
    title="Snapshots of block volumes are not public",
    severity=Severity.CRITICAL,
    refutes="a public snapshot",
    remedy="Take the group all off the snapshot, and block public access to snapshots in the region.",
)
def snapshot_public(
    snapshot: Snapshot,
    claim: NoPublicAccess,
    public: tuple[PublicSnapshots, ...],
    blocks: tuple[SnapshotBlock, ...],
) -> Outcome:
    """Everybody with an AWS account can restore a public snapshot (EBS user guide, "Share an Amazon EBS snapshot").

    EC2 refuses to make an encrypted snapshot public. A region that blocks all sharing treats its public snapshots as
    private; one that blocks new sharing only leaves them public.
    """
    if snapshot.encrypted:
        return Pass("is encrypted, and EC2 makes no encrypted snapshot public", Basis.PROVIDER_GUARANTEE)
    (listing,) = public
    if snapshot.resource.name not in listing.ids:
        return Pass("is not public")
    (block,) = blocks
    match block.state:
        case "block-all-sharing":
            return Pass("is marked public, and its region's block keeps it private")
        case "block-new-sharing" | "unblocked":
            return Fail("can be restored by anybody with an AWS account")
        case state:
            return Unknown(Cause.NOT_SUPPORTED, f"is marked public; its region's block is in the state {state}")


@check(
    id="aws.ec2.snapshot-sharing",
    title="Snapshots of block volumes are shared with no foreign account",
    severity=Severity.HIGH,
    refutes="a snapshot, image or key",
    remedy="Take the account off the snapshot's permissions, or name it as agreed in the profile.",
)
def snapshot_shared(snapshot: SnapshotSharing, claim: NotShared) -> Outcome:
    """Permissions to make volumes name accounts, or the group of everybody (EBS user guide, sharing of snapshots)."""
    if "all" in snapshot.groups:
        return Fail("is shared with everybody")
    foreign = [account for account in snapshot.accounts if account not in (snapshot.resource.account, *claim.allowed)]
    if foreign:
        return Fail(f"is shared with account {', '.join(foreign)}")
    if snapshot.groups:
        return Unknown(Cause.NOT_SUPPORTED, f"is shared with the group {snapshot.groups[0]}")
    return Pass("is shared with agreed accounts only" if snapshot.accounts else "is not shared")


@check(
    id="aws.ec2.snapshot-retention",
    title="Snapshots of block volumes are gone within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Delete the snapshot, or have snapshots made by AWS Backup with a lifecycle.",
)
def snapshot_retention(snapshot: Snapshot, claim: DeletedWithin) -> Outcome:
    """A snapshot keeps what was on its volume, and has no end of its own; a policy that would delete it is not read."""
    if snapshot.age > claim.days:
        return Fail(f"keeps what its volume held {snapshot.age:.0f} days ago")
    return Unknown(Cause.NOT_SUPPORTED, f"does not expire by itself, and is not {claim.days} days old yet")
