"""Who may restore RDS snapshots besides the account that they belong to."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from posture.check import Basis, Fail, Outcome, Pass, Severity, check
from posture.claims import NoPublicAccess, NotShared
from posture.model import Fact
from posture.reader import reader
from posture.reply import Reply
from posture_aws.rds.snapshots import AUTOMATED, DbClusterSnapshot, DbSnapshot
from posture_aws.session import AwsSession

EVERYBODY = "all"
"""The value that lets every AWS account restore a snapshot."""


class SnapshotSharing(Fact):
    """Who may restore a snapshot: account ids, or ``all``. ``shareable`` is false where RDS shares it with nobody."""

    kind: ClassVar[str] = DbSnapshot.kind

    shareable: bool
    restorers: frozenset[str]


class ClusterSnapshotSharing(Fact):
    """Who may restore a cluster's snapshot; fields as for ``SnapshotSharing``."""

    kind: ClassVar[str] = DbClusterSnapshot.kind

    shareable: bool
    restorers: frozenset[str]


@reader(operation="rds:DescribeDBSnapshotAttributes")
def snapshot_sharing(aws: AwsSession, snapshot: DbSnapshot) -> Iterator[SnapshotSharing]:
    """Asked for what can be shared only; nothing is given for a snapshot that is gone by now."""
    if snapshot.origin == AUTOMATED:
        yield SnapshotSharing(resource=snapshot.resource, shareable=False, restorers=frozenset())
        return
    reply = aws.find("DBSnapshotNotFound", DBSnapshotIdentifier=snapshot.resource.name)
    if reply is not None:
        attributes = reply["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]
        yield SnapshotSharing(resource=snapshot.resource, shareable=True, restorers=_restorers(attributes))


@reader(operation="rds:DescribeDBClusterSnapshotAttributes")
def cluster_snapshot_sharing(aws: AwsSession, snapshot: DbClusterSnapshot) -> Iterator[ClusterSnapshotSharing]:
    """Asked for what can be shared only; nothing is given for a snapshot that is gone by now."""
    if snapshot.origin == AUTOMATED:
        yield ClusterSnapshotSharing(resource=snapshot.resource, shareable=False, restorers=frozenset())
        return
    reply = aws.find("DBClusterSnapshotNotFoundFault", DBClusterSnapshotIdentifier=snapshot.resource.name)
    if reply is not None:
        attributes = reply["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]
        yield ClusterSnapshotSharing(resource=snapshot.resource, shareable=True, restorers=_restorers(attributes))


def _restorers(attributes: Iterable[Reply]) -> frozenset[str]:
    named = (attribute for attribute in attributes if attribute["AttributeName"] == "restore")
    return frozenset(value for attribute in named for value in attribute.get("AttributeValues") or ())


@check(
    id="aws.rds.snapshot-public",
    title="No database snapshot is public",
    severity=Severity.CRITICAL,
    refutes="a public snapshot",
    remedy="Remove `all` from the restore attribute of the snapshot, and treat its content as disclosed.",
)
def snapshot_public(sharing: SnapshotSharing, claim: NoPublicAccess) -> Outcome:
    """Any AWS account can restore a public snapshot and read all that was in the database."""
    return _judge_public(sharing.shareable, sharing.restorers)


@check(
    id="aws.rds.snapshot-sharing",
    title="No database snapshot is shared with a foreign account",
    severity=Severity.HIGH,
    refutes="a snapshot, image or key",
    remedy="Remove the account from the restore attribute of the snapshot, or list it as allowed.",
)
def snapshot_sharing_check(sharing: SnapshotSharing, claim: NotShared) -> Outcome:
    """An account that may restore a snapshot holds a copy that no later change here takes back."""
    return _judge_sharing(sharing.shareable, sharing.restorers - {sharing.resource.account}, claim)


@check(
    id="aws.rds.cluster-snapshot-public",
    title="No cluster snapshot is public",
    severity=Severity.CRITICAL,
    refutes="a public snapshot",
    remedy="Remove `all` from the restore attribute of the snapshot, and treat its content as disclosed.",
)
def cluster_snapshot_public(sharing: ClusterSnapshotSharing, claim: NoPublicAccess) -> Outcome:
    """Any AWS account can restore a public snapshot and read all that was in the cluster."""
    return _judge_public(sharing.shareable, sharing.restorers)


@check(
    id="aws.rds.cluster-snapshot-sharing",
    title="No cluster snapshot is shared with a foreign account",
    severity=Severity.HIGH,
    refutes="a snapshot, image or key",
    remedy="Remove the account from the restore attribute of the snapshot, or list it as allowed.",
)
def cluster_snapshot_sharing_check(sharing: ClusterSnapshotSharing, claim: NotShared) -> Outcome:
    """An account that may restore a snapshot holds a copy that no later change here takes back."""
    return _judge_sharing(sharing.shareable, sharing.restorers - {sharing.resource.account}, claim)


def _judge_public(shareable: bool, restorers: frozenset[str]) -> Outcome:
    if not shareable:
        return Pass("is automated, and RDS shares no automated snapshot", Basis.PROVIDER_GUARANTEE)
    return Fail("can be restored by every AWS account") if EVERYBODY in restorers else Pass("is not public")


def _judge_sharing(shareable: bool, others: frozenset[str], claim: NotShared) -> Outcome:
    if not shareable:
        return Pass("is automated, and RDS shares no automated snapshot", Basis.PROVIDER_GUARANTEE)
    if EVERYBODY in others:
        return Fail("can be restored by every AWS account")
    foreign = sorted(others - set(claim.allowed))
    return Fail(f"can be restored by {', '.join(foreign)}") if foreign else Pass("is shared with no other account")
