"""RDS database instances: where they lie, who reaches them, and how their storage and backups are kept."""

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
from posture.model import Cause, Exposed, Fact, Store
from posture.reader import reader
from posture.reply import Reply
from posture_aws.kms import Key
from posture_aws.rds.encryption import Encryption, encryption, judge_encryption, judge_key
from posture_aws.rds.location import judge_provider, judge_region, regions_of
from posture_aws.rds.recency import age, judge_recency, judge_retention
from posture_aws.rds.snapshots import DbSnapshot
from posture_aws.session import AwsSession, tags

DIALOGUES = {
    "postgres": "postgres",
    "aurora-postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "aurora-mysql": "mysql",
    "docdb": "",
    "neptune": "",
}
"""How TLS is asked for with an engine (prefixes of their names); empty where it comes first. Others are not spoken."""


class DbInstance(Fact):
    """A database instance (DescribeDBInstances), also one that serves a cluster, DocumentDB or Neptune.

    ``public`` tells whether it has a public address, None where the reply does not say. ``cluster`` and ``replica_of``
    are names, None where it belongs to none; ``restorable_age`` is the age in days of the newest time it can be
    restored to; ``parameter_group`` and ``parameter_state`` are empty where it has no group; ``copy_regions`` are the
    other regions that hold its replicas or replicated backups; ``host`` is empty and ``port`` 0 while it has no
    endpoint yet.
    """

    kind: ClassVar[str] = "aws.rds.db-instance"
    store: ClassVar[Store | None] = Store.DATABASE

    engine: str
    engine_version: str
    encryption: Encryption
    public: bool | None
    cluster: str | None
    replica_of: str | None
    retention_days: int
    restorable_age: float | None
    parameter_group: str
    parameter_state: str
    copy_regions: frozenset[str]
    host: str
    port: int

    def exposes(self) -> tuple[Exposed, ...]:
        """Its DNS name, where it has a public address; how TLS begins there hangs on the engine."""
        if not self.public or not self.host:
            return ()
        dialogue = next((words for prefix, words in DIALOGUES.items() if self.engine.startswith(prefix)), None)
        ports = () if dialogue is None else (self.port,)
        return (Exposed(host=self.host, ports=ports, resource=self.resource, starttls=dialogue or ""),)


@reader(operation="rds:DescribeDBInstances")
def instances(aws: AwsSession) -> Iterator[DbInstance]:
    """All instances of the region, 100 a page."""
    for page in aws.pages("Marker", MaxRecords=100):
        for found in page["DBInstances"]:
            yield _instance(aws, found)


def _instance(aws: AwsSession, found: Reply) -> DbInstance:
    endpoint = found.get("Endpoint")
    group = next(iter(found.get("DBParameterGroups") or ()), None)
    return DbInstance(
        resource=aws.resource(
            DbInstance.kind, found["DBInstanceArn"], found["DBInstanceIdentifier"], tags=tags(found.get("TagList"))
        ),
        engine=found["Engine"],
        engine_version=found["EngineVersion"],
        encryption=encryption(found),
        public=found.get("PubliclyAccessible"),
        cluster=found.get("DBClusterIdentifier"),
        replica_of=found.get("ReadReplicaSourceDBInstanceIdentifier")
        or found.get("ReadReplicaSourceDBClusterIdentifier"),
        retention_days=found["BackupRetentionPeriod"],
        restorable_age=age(aws, found.get("LatestRestorableTime")),
        parameter_group=group["DBParameterGroupName"] if group else "",
        parameter_state=group["ParameterApplyStatus"] if group else "",
        copy_regions=regions_of(_copies(found)) - {aws.place.region},
        host=endpoint.get("Address", "").lower() if endpoint else "",
        port=endpoint.get("Port", 0) if endpoint else 0,
    )


def _copies(found: Reply) -> Iterator[str]:
    yield from found.get("ReadReplicaDBInstanceIdentifiers") or ()
    yield from found.get("ReadReplicaDBClusterIdentifiers") or ()
    for copy in found.get("DBInstanceAutomatedBackupsReplications") or ():
        yield copy["DBInstanceAutomatedBackupsArn"]


@check(
    id="aws.rds.instance-encryption",
    title="Databases are encrypted at rest",
    severity=Severity.HIGH,
    remedy="Copy a snapshot of the database under a KMS key, restore the copy and move the clients to it.",
)
def instance_encryption(instance: DbInstance, claim: EncryptedAtRest) -> Outcome:
    """Storage encryption covers the database, its logs, backups and replicas; it cannot be switched on later."""
    return judge_encryption(instance.encryption)


@check(
    id="aws.rds.instance-customer-key",
    title="Databases are encrypted under a key of the customer",
    severity=Severity.MEDIUM,
    remedy="Copy a snapshot of the database under a customer managed key, restore the copy and move the clients to it.",
)
def instance_customer_key(instance: DbInstance, claim: CustomerManagedKeys, keys: tuple[Key, ...]) -> Outcome:
    """Whoever controls the key can take access to the data away; aws/rds is controlled by AWS."""
    return judge_key(instance.encryption, keys)


@check(
    id="aws.rds.instance-anonymous-access",
    title="No database can be reached by anybody on the internet",
    severity=Severity.CRITICAL,
    refutes="anonymous read",
    remedy="Set PubliclyAccessible to false and reach the database from inside its network.",
)
def instance_anonymous_access(instance: DbInstance, claim: NoPublicAccess) -> Outcome:
    """A database has no anonymous access of its own, but its users may have been made without a password.

    Those users are content, which is not read: without a public address nobody reaches them, with one it stays open.
    """
    if instance.public is None:
        return Unknown(Cause.MALFORMED_REPLY, "does not say whether it has a public address")
    if not instance.public:
        return Pass("has no public address")
    return Unknown(
        Cause.NOT_SUPPORTED, "has a public address, and whether all of its users need a password is not read"
    )


@check(
    id="aws.rds.instance-network",
    title="Databases have no public address",
    severity=Severity.HIGH,
    remedy="Set PubliclyAccessible to false and reach the database from inside its network.",
)
def instance_network(instance: DbInstance, claim: NetworkRestricted) -> Outcome:
    """A public address leaves the security group as the only gate, so the network's default is no longer to deny."""
    if instance.public is None:
        return Unknown(Cause.MALFORMED_REPLY, "does not say whether it has a public address")
    if instance.public:
        return Fail("has a public address, with its security groups as the only gate")
    return Pass("has no public address")


@check(
    id="aws.rds.instance-backups",
    title="Databases can be restored to a recent time",
    severity=Severity.HIGH,
    refutes=("a store without plan", "a newest backup"),
    remedy="Give the database a backup retention period of at least one day.",
)
def instance_backups(instance: DbInstance, claim: BackupsExist, snapshots: tuple[DbSnapshot, ...]) -> Outcome:
    """Automated backups with logs restore to minutes ago; where they are off, snapshots may still be taken."""
    if instance.cluster is not None:
        return NotApplicable(f"is backed up with its cluster {instance.cluster}")
    if instance.replica_of is not None and instance.retention_days == 0:
        return NotApplicable(f"is a replica of {instance.replica_of}, whose backups are judged there")
    ages = (found.age for found in snapshots if found.database == instance.resource.name and found.usable)
    return judge_recency(instance.retention_days, instance.restorable_age, ages, claim.max_age_days)


@check(
    id="aws.rds.instance-backup-retention",
    title="Automated backups of databases expire within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Shorten the backup retention period of the database.",
)
def instance_backup_retention(instance: DbInstance, claim: DeletedWithin) -> Outcome:
    """A row that was deleted can be restored for as long as backups of the time before are kept."""
    if instance.cluster is not None:
        return NotApplicable(f"keeps its backups with its cluster {instance.cluster}")
    return judge_retention(instance.retention_days, claim.days)


@check(
    id="aws.rds.instance-provider",
    title="Databases run at the promised provider",
    severity=Severity.MEDIUM,
    remedy="Move the database to the provider that was named, or correct the statement.",
)
def instance_provider(instance: DbInstance, claim: HostedBy) -> Outcome:
    """Where the data lies decides whose staff and whose law can reach it."""
    return judge_provider(claim)


@check(
    id="aws.rds.instance-region",
    title="Databases and their copies lie in the promised regions",
    severity=Severity.HIGH,
    remedy="Move the database, and remove replicas and replicated backups in other regions.",
)
def instance_region(instance: DbInstance, claim: HostedIn) -> Outcome:
    """A replica or a replicated backup in another region is a full copy of the data there."""
    return judge_region(instance.resource, claim, instance.copy_regions)
