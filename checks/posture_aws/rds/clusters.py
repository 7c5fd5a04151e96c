"""RDS clusters (Aurora, Multi-AZ, DocumentDB, Neptune): where they lie, who reaches them, how they are kept."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import (
    BackupsExist,
    CustomerManagedKeys,
    DeletedWithin,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NetworkRestricted,
    NoPublicAccess,
)
from posture.model import Cause, Fact, Store
from posture.reader import reader
from posture.reply import Reply
from posture_aws.kms import Key
from posture_aws.rds.encryption import Encryption, encryption, judge_encryption, judge_key
from posture_aws.rds.location import judge_provider, judge_region, regions_of
from posture_aws.rds.recency import age, judge_recency, judge_retention
from posture_aws.rds.snapshots import DbClusterSnapshot
from posture_aws.session import AwsSession, tags


class DbCluster(Fact):
    """A cluster (DescribeDBClusters), also one of DocumentDB or Neptune: ``engine`` tells.

    ``public`` is None where the cluster says nothing about it, as Aurora's do: there each instance has its address.
    ``parameter_states`` are the states of its parameter group at its members; ``restorable_age`` is in days.
    """

    kind: ClassVar[str] = "aws.rds.db-cluster"
    store: ClassVar[Store | None] = Store.DATABASE

    engine: str
    engine_version: str
    encryption: Encryption
    public: bool | None
    retention_days: int
    restorable_age: float | None
    parameter_group: str
    parameter_states: frozenset[str]
    copy_regions: frozenset[str]


@reader(operation="rds:DescribeDBClusters")
def clusters(aws: AwsSession) -> Iterator[DbCluster]:
    """All clusters of the account in the region, 100 a page."""
    for page in aws.pages("Marker", MaxRecords=100):
        for found in page["DBClusters"]:
            yield _cluster(aws, found)


def _cluster(aws: AwsSession, found: Reply) -> DbCluster:
    members = found.get("DBClusterMembers") or ()
    return DbCluster(
        resource=aws.resource(
            DbCluster.kind, found["DBClusterArn"], found["DBClusterIdentifier"], tags=tags(found.get("TagList"))
        ),
        engine=found["Engine"],
        engine_version=found["EngineVersion"],
        encryption=encryption(found),
        public=found.get("InternetAccessGatewayEnabled") or found.get("PubliclyAccessible"),
        retention_days=found["BackupRetentionPeriod"],
        restorable_age=age(aws, found.get("LatestRestorableTime")),
        parameter_group=found.get("DBClusterParameterGroup", ""),
        parameter_states=frozenset(member["DBClusterParameterGroupStatus"] for member in members),
        copy_regions=regions_of(found.get("ReadReplicaIdentifiers") or ()) - {aws.place.region},
    )


@check(
    id="aws.rds.cluster-encryption",
    title="Database clusters are encrypted at rest",
    severity=Severity.HIGH,
    remedy="Restore a snapshot of the cluster under a KMS key and move the clients to the new cluster.",
)
def cluster_encryption(cluster: DbCluster, claim: EncryptedAtRest) -> Outcome:
    """All members of a cluster share one storage volume; its encryption cannot be switched on later."""
    return judge_encryption(cluster.encryption)


@check(
    id="aws.rds.cluster-customer-key",
    title="Database clusters are encrypted under a key of the customer",
    severity=Severity.MEDIUM,
    remedy="Restore a snapshot of the cluster under a customer managed key and move the clients to it.",
)
def cluster_customer_key(cluster: DbCluster, claim: CustomerManagedKeys, keys: tuple[Key, ...]) -> Outcome:
    """Whoever controls the key can take access to the data away; aws/rds is controlled by AWS."""
    return judge_key(cluster.encryption, keys)


@check(
    id="aws.rds.cluster-anonymous-access",
    title="No database cluster can be reached by anybody on the internet",
    severity=Severity.CRITICAL,
    refutes="anonymous read",
    remedy="Take the public address from the cluster and reach it from inside its network.",
)
def cluster_anonymous_access(cluster: DbCluster, claim: NoPublicAccess) -> Outcome:
    """As for instances: a public address is where anonymous access could begin, and users are not read here."""
    if cluster.public is None:
        return NotApplicable("is reached through its instances, each judged by its own address")
    if not cluster.public:
        return Pass("has no public address")
    return Unknown(
        Cause.NOT_SUPPORTED, "has a public address, and whether all of its users need a password is not read"
    )


@check(
    id="aws.rds.cluster-network",
    title="Database clusters have no public address",
    severity=Severity.HIGH,
    remedy="Take the public address from the cluster and reach it from inside its network.",
)
def cluster_network(cluster: DbCluster, claim: NetworkRestricted) -> Outcome:
    """A public address leaves the security group as the only gate, so the network's default is no longer to deny."""
    if cluster.public is None:
        return NotApplicable("is reached through its instances, each judged by its own address")
    if cluster.public:
        return Fail("has a public address, with its security groups as the only gate")
    return Pass("has no public address")


@check(
    id="aws.rds.cluster-backups",
    title="Database clusters can be restored to a recent time",
    severity=Severity.HIGH,
    refutes=("a store without plan", "a newest backup"),
    remedy="Give the cluster a backup retention period of at least one day.",
)
def cluster_backups(cluster: DbCluster, claim: BackupsExist, snapshots: tuple[DbClusterSnapshot, ...]) -> Outcome:
    """Aurora backs up continuously and cannot be told not to; a time long past means that this has stopped."""
    ages = (found.age for found in snapshots if found.database == cluster.resource.name and found.usable)
    return judge_recency(cluster.retention_days, cluster.restorable_age, ages, claim.max_age_days)


@check(
    id="aws.rds.cluster-backup-retention",
    title="Automated backups of clusters expire within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Shorten the backup retention period of the cluster.",
)
def cluster_backup_retention(cluster: DbCluster, claim: DeletedWithin) -> Outcome:
    """A row that was deleted can be restored for as long as backups of the time before are kept."""
    return judge_retention(cluster.retention_days, claim.days)


@check(
    id="aws.rds.cluster-provider",
    title="Database clusters run at the promised provider",
    severity=Severity.MEDIUM,
    remedy="Move the cluster to the provider that was named, or correct the statement.",
)
def cluster_provider(cluster: DbCluster, claim: HostedBy) -> Outcome:
    """Where the data lies decides whose staff and whose law can reach it."""
    return judge_provider(claim)


@check(
    id="aws.rds.cluster-region",
    title="Database clusters and their replicas lie in the promised regions",
    severity=Severity.HIGH,
    remedy="Move the cluster, and remove its replicas in other regions.",
)
def cluster_region(cluster: DbCluster, claim: HostedIn) -> Outcome:
    """A replica in another region is a full copy there; members of a global database are clusters of their own."""
    return judge_region(cluster.resource, claim, cluster.copy_regions)
