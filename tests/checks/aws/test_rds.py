"""RDS: what is read of databases, clusters, snapshots, automated backups and parameters, and how it is judged."""

from typing import Any

import pytest

from kit import NOW, Recorded, judge, place, read, session_of
from posture.check import Basis, Check, Fail, NotApplicable, Outcome, Pass, Unknown
from posture.check import Incomplete as Cut
from posture.claims import (
    BackupsEncrypted,
    BackupsExist,
    ClearTextRefused,
    CustomerManagedKeys,
    DeletedWithin,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NetworkRestricted,
    NoPublicAccess,
    NotShared,
    TlsMinimum,
    TlsVersion,
)
from posture.model import Cause, Fact, Gap, Resource, Store
from posture.reader import GapFound, Reader
from posture.session import Answer
from posture_aws.kms import Key
from posture_aws.rds import automated, clusters, instances, parameters, sharing, snapshots
from posture_aws.rds.automated import AutomatedBackup, ClusterAutomatedBackup
from posture_aws.rds.clusters import DbCluster
from posture_aws.rds.encryption import Encryption
from posture_aws.rds.instances import DbInstance
from posture_aws.rds.parameters import ClusterParameters, InstanceParameters, Settings
from posture_aws.rds.sharing import ClusterSnapshotSharing, SnapshotSharing
from posture_aws.rds.snapshots import DbClusterSnapshot, DbSnapshot
from posture_aws.session import AwsSession

PREFIX = "arn:aws:rds:us-east-1:123456789012"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1"
DENIED = Gap(cause=Cause.ACCESS_DENIED, detail="no", operation="rds:D", permission="rds:D")
REFUSED = Unknown(Cause.ACCESS_DENIED, "no", "rds:D")
SEALED = Encryption(on=True, scheme=None, key=KEY_ARN)
CLEAR = Encryption(on=False, scheme=None, key=None)
HOUR_AGO = "2026-11-24T11:00:00.000Z"
HOUR = 1 / 24


def resource(kind: str, id: str, name: str, *tags: tuple[str, str]) -> Resource:
    return Resource(
        id=f"{PREFIX}:{id}", kind=kind, cloud="aws", account="123456789012", region="us-east-1", name=name, tags=tags
    )


def instance(**changes: Any) -> DbInstance:
    fields: dict[str, Any] = {"engine": "postgres", "engine_version": "15.4", "encryption": SEALED, "public": False}
    fields |= {"cluster": None, "replica_of": None, "retention_days": 7, "restorable_age": HOUR}
    fields |= {"parameter_group": "g", "parameter_state": "in-sync", "copy_regions": frozenset()}
    fields |= {"host": "a.x.us-east-1.rds.amazonaws.com", "port": 5432}
    return DbInstance(resource=resource(DbInstance.kind, "db:a", "a"), **fields | changes)


def cluster(**changes: Any) -> DbCluster:
    fields: dict[str, Any] = {"engine": "aurora-postgresql", "engine_version": "17.4", "encryption": SEALED}
    fields |= {"public": None, "retention_days": 7, "restorable_age": HOUR, "parameter_group": "g"}
    fields |= {"parameter_states": frozenset({"in-sync"}), "copy_regions": frozenset()}
    return DbCluster(resource=resource(DbCluster.kind, "cluster:c", "c"), **fields | changes)


def snapshot(name: str = "s", **changes: Any) -> DbSnapshot:
    fields = {"database": "a", "origin": "manual", "usable": True, "age": 3.0, "encryption": SEALED}
    return DbSnapshot(resource=resource(DbSnapshot.kind, f"snapshot:{name}", name), **fields | changes)


def cluster_snapshot(name: str = "s", **changes: Any) -> DbClusterSnapshot:
    fields = {"database": "c", "origin": "manual", "usable": True, "age": 3.0, "encryption": SEALED}
    return DbClusterSnapshot(
        resource=resource(DbClusterSnapshot.kind, f"cluster-snapshot:{name}", name), **fields | changes
    )


def backup(**changes: Any) -> AutomatedBackup:
    fields = {"encryption": SEALED, "retention_days": 7}
    return AutomatedBackup(resource=resource(AutomatedBackup.kind, "auto-backup:ab-1", "a"), **fields | changes)


def cluster_backup(**changes: Any) -> ClusterAutomatedBackup:
    fields = {"encryption": SEALED, "retention_days": 7}
    return ClusterAutomatedBackup(
        resource=resource(ClusterAutomatedBackup.kind, "cluster-auto-backup:ab-1", "c"), **fields | changes
    )


def readings(reader: Reader, replies: dict[str, Any], parent: Fact | None = None) -> tuple[list[Any], Recorded]:
    source = Recorded(replies)
    return read(reader, session_of(AwsSession, source), parent), source


# Reading.

INSTANCE: dict[str, Any] = {
    "DBInstanceIdentifier": "a",
    "DBInstanceArn": f"{PREFIX}:db:a",
    "Engine": "postgres",
    "EngineVersion": "15.4",
    "StorageEncrypted": True,
    "KmsKeyId": KEY_ARN,
    "PubliclyAccessible": False,
    "Endpoint": {"Address": "A.x.us-east-1.rds.amazonaws.com", "Port": 5432, "HostedZoneId": "Z"},
    "BackupRetentionPeriod": 7,
    "LatestRestorableTime": HOUR_AGO,
    "DBParameterGroups": [{"DBParameterGroupName": "g", "ParameterApplyStatus": "in-sync"}],
    "TagList": [],
}
CLUSTER: dict[str, Any] = {
    "DBClusterIdentifier": "c",
    "DBClusterArn": f"{PREFIX}:cluster:c",
    "Engine": "aurora-postgresql",
    "EngineVersion": "17.4",
    "StorageEncrypted": True,
    "KmsKeyId": KEY_ARN,
    "BackupRetentionPeriod": 7,
    "LatestRestorableTime": HOUR_AGO,
    "DBClusterParameterGroup": "g",
    "DBClusterMembers": [{"DBClusterParameterGroupStatus": "in-sync"}],
}
SNAPSHOT: dict[str, Any] = {
    "DBSnapshotIdentifier": "s",
    "DBSnapshotArn": f"{PREFIX}:snapshot:s",
    "DBInstanceIdentifier": "a",
    "SnapshotType": "manual",
    "Status": "available",
    "SnapshotCreateTime": "2026-11-21T12:00:00Z",
    "Encrypted": True,
    "KmsKeyId": KEY_ARN,
}
CLUSTER_SNAPSHOT: dict[str, Any] = {
    "DBClusterSnapshotIdentifier": "s",
    "DBClusterSnapshotArn": f"{PREFIX}:cluster-snapshot:s",
    "DBClusterIdentifier": "c",
    "SnapshotType": "manual",
    "Status": "available",
    "SnapshotCreateTime": "2026-11-21T12:00:00Z",
    "StorageEncrypted": True,
    "KmsKeyId": KEY_ARN,
}
BACKUP: dict[str, Any] = {
    "DBInstanceIdentifier": "a",
    "DBInstanceAutomatedBackupsArn": f"{PREFIX}:auto-backup:ab-1",
    "Encrypted": True,
    "KmsKeyId": KEY_ARN,
    "BackupRetentionPeriod": 7,
}
CLUSTER_BACKUP: dict[str, Any] = {
    "DBClusterIdentifier": "c",
    "DBClusterAutomatedBackupsArn": f"{PREFIX}:cluster-auto-backup:ab-1",
    "StorageEncrypted": True,
    "KmsKeyId": KEY_ARN,
    "BackupRetentionPeriod": 7,
}
LISTINGS: list[tuple[Reader, str, dict[str, Any], Fact]] = [
    (instances.instances, "DBInstances", INSTANCE, instance()),
    (clusters.clusters, "DBClusters", CLUSTER, cluster()),
    (snapshots.snapshots, "DBSnapshots", SNAPSHOT, snapshot()),
    (snapshots.cluster_snapshots, "DBClusterSnapshots", CLUSTER_SNAPSHOT, cluster_snapshot()),
    (automated.automated_backups, "DBInstanceAutomatedBackups", BACKUP, backup()),
    (automated.cluster_automated_backups, "DBClusterAutomatedBackups", CLUSTER_BACKUP, cluster_backup()),
]


def untagged(fact: Fact) -> Any:
    return [getattr(fact, field) for field in fact.__struct_fields__ if field != "resource"] + [fact.resource.id]


@pytest.mark.parametrize(("reader", "field", "found", "fact"), LISTINGS, ids=lambda value: str(value)[:40])
def test_every_page_of_a_listing_is_read(reader: Reader, field: str, found: dict[str, Any], fact: Fact) -> None:
    pages = [{field: [found], "Marker": "m"}, {field: [found]}]
    facts, source = readings(reader, {reader.operation: pages})
    assert [untagged(known) for known in facts] == [untagged(fact), untagged(fact)]
    assert [asked[1] for asked in source.asked] == [{"MaxRecords": 100}, {"MaxRecords": 100, "Marker": "m"}]


@pytest.mark.parametrize(("reader", "field", "found", "fact"), LISTINGS, ids=lambda value: str(value)[:40])
def test_a_listing_that_does_not_say_whether_storage_is_encrypted_is_malformed(
    reader: Reader, field: str, found: dict[str, Any], fact: Fact
) -> None:
    silent = {name: value for name, value in found.items() if name not in ("Encrypted", "StorageEncrypted")}
    with pytest.raises(KeyError):
        readings(reader, {reader.operation: {field: [silent]}})


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"PubliclyAccessible": True}, "public", True),
        ({"DBClusterIdentifier": "c"}, "cluster", "c"),
        ({"ReadReplicaSourceDBInstanceIdentifier": "b"}, "replica_of", "b"),
        ({"DBParameterGroups": []}, "parameter_state", ""),
        ({"ReadReplicaDBInstanceIdentifiers": ["b", "arn:aws:rds:eu-west-1:1:db:b"]}, "copy_regions", {"eu-west-1"}),
        ({"ReadReplicaDBInstanceIdentifiers": [f"{PREFIX}:db:b"]}, "copy_regions", set()),
        (
            {
                "DBInstanceAutomatedBackupsReplications": [
                    {"DBInstanceAutomatedBackupsArn": "arn:aws:rds:us-west-2:1:auto-backup:x"}
                ]
            },
            "copy_regions",
            {"us-west-2"},
        ),
        (
            {"StorageEncryptionType": "sse-rds"},
            "encryption",
            Encryption(on=True, scheme="sse-rds", key=KEY_ARN),
        ),
    ],
)
def test_an_instance_is_read_field_by_field(changes: dict[str, Any], field: str, value: Any) -> None:
    (fact,), _ = readings(instances.instances, {"rds:DescribeDBInstances": {"DBInstances": [INSTANCE | changes]}})
    assert getattr(fact, field) == value


def test_an_instance_without_restorable_time_has_no_age() -> None:
    new = {name: value for name, value in INSTANCE.items() if name != "LatestRestorableTime"}
    (fact,), _ = readings(instances.instances, {"rds:DescribeDBInstances": {"DBInstances": [new]}})
    assert fact.restorable_age is None


@pytest.mark.parametrize(
    ("changes", "public"),
    [
        ({}, None),
        ({"PubliclyAccessible": False}, False),
        ({"PubliclyAccessible": True}, True),
        ({"PubliclyAccessible": False, "InternetAccessGatewayEnabled": True}, True),
    ],
)
def test_a_cluster_may_say_nothing_of_its_address(changes: dict[str, Any], public: bool | None) -> None:
    (fact,), _ = readings(clusters.clusters, {"rds:DescribeDBClusters": {"DBClusters": [CLUSTER | changes]}})
    assert fact.public is public


@pytest.mark.parametrize(
    ("reader", "listing", "changes", "id"),
    [
        (automated.automated_backups, "DBInstanceAutomatedBackups", {}, "auto-backup:a"),
        (automated.automated_backups, "DBInstanceAutomatedBackups", {"DbiResourceId": "db-1"}, "auto-backup:db-1"),
        (automated.cluster_automated_backups, "DBClusterAutomatedBackups", {}, "cluster-auto-backup:c"),
        (
            automated.cluster_automated_backups,
            "DBClusterAutomatedBackups",
            {"DbClusterResourceId": "cluster-1"},
            "cluster-auto-backup:cluster-1",
        ),
    ],
)
def test_an_automated_backup_without_arn_is_known_by_its_source(
    reader: Reader, listing: str, changes: dict[str, Any], id: str
) -> None:
    whole = BACKUP if reader is automated.automated_backups else CLUSTER_BACKUP
    bare = {name: value for name, value in whole.items() if not name.endswith("AutomatedBackupsArn")}
    (fact,), _ = readings(reader, {reader.operation: {listing: [bare | changes]}})
    assert fact.resource.id == f"{PREFIX}:{id}"


RESTORE = [{"AttributeName": "restore", "AttributeValues": ["999999999999", "all"]}, {"AttributeName": "other"}]


def test_manual_snapshots_are_asked_who_may_restore_them() -> None:
    reply = {"DBSnapshotAttributesResult": {"DBSnapshotAttributes": RESTORE}}
    facts, source = readings(sharing.snapshot_sharing, {"rds:DescribeDBSnapshotAttributes": reply}, snapshot())
    who = frozenset({"999999999999", "all"})
    assert facts == [SnapshotSharing(resource=snapshot().resource, shareable=True, restorers=who)]
    assert source.asked[0][1] == {"DBSnapshotIdentifier": "s"}
    reply = {"DBClusterSnapshotAttributesResult": {"DBClusterSnapshotAttributes": RESTORE}}
    replies = {"rds:DescribeDBClusterSnapshotAttributes": reply}
    facts, source = readings(sharing.cluster_snapshot_sharing, replies, cluster_snapshot())
    assert facts == [ClusterSnapshotSharing(resource=cluster_snapshot().resource, shareable=True, restorers=who)]
    assert source.asked[0][1] == {"DBClusterSnapshotIdentifier": "s"}


def test_automated_snapshots_are_not_asked_who_may_restore_them() -> None:
    found = snapshot(origin="automated")
    facts, source = readings(sharing.snapshot_sharing, {}, found)
    assert facts == [SnapshotSharing(resource=found.resource, shareable=False, restorers=frozenset())]
    other = cluster_snapshot(origin="automated")
    facts, source = readings(sharing.cluster_snapshot_sharing, {}, other)
    assert facts == [ClusterSnapshotSharing(resource=other.resource, shareable=False, restorers=frozenset())]
    assert source.asked == []


def test_a_snapshot_that_is_gone_is_not_judged() -> None:
    gone = {"rds:DescribeDBSnapshotAttributes": Answer(absent="DBSnapshotNotFound", status=404)}
    assert readings(sharing.snapshot_sharing, gone, snapshot())[0] == []
    gone = {"rds:DescribeDBClusterSnapshotAttributes": Answer(absent="DBClusterSnapshotNotFoundFault", status=404)}
    assert readings(sharing.cluster_snapshot_sharing, gone, cluster_snapshot())[0] == []


GROUP_PAGES = [
    {"Parameters": [{"ParameterName": "work_mem"}, {"ParameterName": "rds.force_ssl"}], "Marker": "m"},
    {"Parameters": [{"ParameterName": "tls_version", "ParameterValue": "TLSv1.2"}]},
]
READ = (("rds.force_ssl", None), ("tls_version", "TLSv1.2"))


def settings(
    engine: str, version: str, *values: tuple[str, str | None], states: frozenset[str] | None = None
) -> Settings:
    states = frozenset({"in-sync"}) if states is None else states
    return Settings(engine=engine, engine_version=version, states=states, values=values)


def test_every_page_of_a_parameter_group_is_read() -> None:
    facts, source = readings(parameters.instance_parameters, {"rds:DescribeDBParameters": GROUP_PAGES}, instance())
    assert facts == [InstanceParameters(resource=instance().resource, settings=settings("postgres", "15.4", *READ))]
    asked = {"MaxRecords": 100, "DBParameterGroupName": "g"}
    assert [call[1] for call in source.asked] == [asked, asked | {"Marker": "m"}]


def test_every_page_of_a_cluster_parameter_group_is_read() -> None:
    replies = {"rds:DescribeDBClusterParameters": GROUP_PAGES}
    facts, source = readings(parameters.cluster_parameters, replies, cluster())
    found = settings("aurora-postgresql", "17.4", *READ)
    assert facts == [ClusterParameters(resource=cluster().resource, settings=found)]
    asked = {"MaxRecords": 100, "DBClusterParameterGroupName": "g"}
    assert [call[1] for call in source.asked] == [asked, asked | {"Marker": "m"}]


def test_databases_of_one_group_share_its_calls() -> None:
    source = Recorded({"rds:DescribeDBParameters": GROUP_PAGES})
    session = AwsSession(place(), source, NOW)
    first = read(parameters.instance_parameters, session, instance())
    second = read(parameters.instance_parameters, session, instance(engine="sqlserver-se", engine_version="15.00.1"))
    assert len(source.asked) == 2
    assert first[0].settings.values == second[0].settings.values == READ  # type: ignore[attr-defined]


def test_groups_that_say_nothing_of_tls_are_not_asked_for() -> None:
    facts, source = readings(parameters.instance_parameters, {}, instance(engine="oracle-ee"))
    assert [fact.settings.values for fact in facts] == [()]
    facts, source = readings(parameters.instance_parameters, {}, instance(parameter_group="", parameter_state=""))
    assert [fact.settings.states for fact in facts] == [frozenset({""})]
    facts, source = readings(parameters.cluster_parameters, {}, cluster(parameter_group=""))
    assert [fact.settings.states for fact in facts] == [frozenset({""})]
    assert source.asked == []


def test_members_of_a_cluster_go_by_its_parameters() -> None:
    assert readings(parameters.instance_parameters, {}, instance(cluster="c"))[0] == []


@pytest.mark.parametrize(
    ("reader", "parent"),
    [
        *((listing[0], None) for listing in LISTINGS),
        (sharing.snapshot_sharing, snapshot()),
        (sharing.cluster_snapshot_sharing, cluster_snapshot()),
        (parameters.instance_parameters, instance()),
        (parameters.cluster_parameters, cluster()),
    ],
)
def test_a_refused_read_is_a_gap(reader: Reader, parent: Fact | None) -> None:
    with pytest.raises(GapFound) as found:
        readings(reader, {reader.operation: Cause.ACCESS_DENIED}, parent)
    assert (found.value.gap.cause, found.value.gap.permission) == (Cause.ACCESS_DENIED, reader.operation)


def test_each_fact_says_which_store_it_shows() -> None:
    assert [listing[3].holds() for listing in LISTINGS] == [
        Store.DATABASE,
        Store.DATABASE,
        Store.SNAPSHOT,
        Store.SNAPSHOT,
        Store.BACKUP,
        Store.BACKUP,
    ]


# Encryption.

AT_REST: list[tuple[Check, Any]] = [
    (instances.instance_encryption, instance),
    (clusters.cluster_encryption, cluster),
    (snapshots.snapshot_at_rest, snapshot),
    (snapshots.cluster_snapshot_at_rest, cluster_snapshot),
    (automated.automated_backup_at_rest, backup),
    (automated.cluster_automated_backup_at_rest, cluster_backup),
]
ENCRYPTED: list[tuple[Check, Any]] = [
    (snapshots.snapshot_encryption, snapshot),
    (snapshots.cluster_snapshot_encryption, cluster_snapshot),
    (automated.automated_backup_encryption, backup),
    (automated.cluster_automated_backup_encryption, cluster_backup),
]
OUTCOMES: list[tuple[Encryption, Outcome]] = [
    (SEALED, Pass("is encrypted with AES-256")),
    (CLEAR, Fail("is stored in the clear")),
    (Encryption(on=True, scheme="sse-kms", key=KEY_ARN), Pass("is encrypted with AES-256 (sse-kms)")),
    (Encryption(on=False, scheme="sse-rds", key=None), Pass("is encrypted with AES-256 (sse-rds)")),
    (Encryption(on=False, scheme="none", key=None), Fail("is stored in the clear")),
    (
        Encryption(on=True, scheme="none", key=None),
        Unknown(Cause.DISAGREEMENT, "is said to be encrypted, with the scheme none"),
    ),
    (
        Encryption(on=True, scheme="rot13", key=None),
        Unknown(Cause.NOT_SUPPORTED, "has the encryption scheme rot13, which is not known here"),
    ),
]


@pytest.mark.parametrize(("check", "make"), AT_REST)
@pytest.mark.parametrize(("found", "outcome"), OUTCOMES)
def test_storage_is_encrypted_or_in_the_clear(check: Check, make: Any, found: Encryption, outcome: Outcome) -> None:
    assert judge(check, make(encryption=found), EncryptedAtRest()) == outcome


@pytest.mark.parametrize(("check", "make"), ENCRYPTED)
@pytest.mark.parametrize(("found", "outcome"), OUTCOMES)
def test_backups_are_encrypted_or_in_the_clear(check: Check, make: Any, found: Encryption, outcome: Outcome) -> None:
    assert judge(check, make(encryption=found), BackupsEncrypted()) == outcome


def key(manager: str) -> Key:
    found = resource("aws.kms.key", "x", "1")
    fields = {"state": "Enabled", "spec": "SYMMETRIC_DEFAULT", "origin": "AWS_KMS"}
    named = Resource(
        id=KEY_ARN, kind=found.kind, cloud="aws", account=found.account, region=found.region, name="1", tags=None
    )
    return Key(resource=named, manager=manager, **fields)


@pytest.mark.parametrize(
    ("found", "keys", "outcome"),
    [
        (SEALED, (key("CUSTOMER"),), Pass(f"is encrypted under the customer's key {KEY_ARN}")),
        (SEALED, (key("AWS"),), Fail(f"is encrypted under {KEY_ARN}, which AWS manages")),
        (SEALED, Cut.of((), DENIED), REFUSED),
        (Encryption(on=True, scheme="sse-rds", key=None), (), Fail("is encrypted under a key that AWS owns")),
        (CLEAR, Cut.of((), DENIED), Fail("is stored in the clear, under no key")),
    ],
)
def test_a_customer_key_is_asked_of_kms(found: Encryption, keys: Any, outcome: Outcome) -> None:
    assert judge(instances.instance_customer_key, instance(encryption=found), CustomerManagedKeys(), keys) == outcome
    assert judge(clusters.cluster_customer_key, cluster(encryption=found), CustomerManagedKeys(), keys) == outcome


# Who can reach it.

SILENT = Unknown(Cause.MALFORMED_REPLY, "does not say whether it has a public address")
OPEN = Unknown(Cause.NOT_SUPPORTED, "has a public address, and whether all of its users need a password is not read")
GATED = Fail("has a public address, with its security groups as the only gate")
PRIVATE = Pass("has no public address")
BY_INSTANCE = NotApplicable("is reached through its instances, each judged by its own address")


@pytest.mark.parametrize(
    ("public", "anonymous", "network"), [(False, PRIVATE, PRIVATE), (True, OPEN, GATED), (None, SILENT, SILENT)]
)
def test_an_instance_is_reached_by_its_public_address(
    public: bool | None, anonymous: Outcome, network: Outcome
) -> None:
    found = instance(public=public)
    assert judge(instances.instance_anonymous_access, found, NoPublicAccess()) == anonymous
    assert judge(instances.instance_network, found, NetworkRestricted()) == network


@pytest.mark.parametrize(
    ("public", "anonymous", "network"),
    [(False, PRIVATE, PRIVATE), (True, OPEN, GATED), (None, BY_INSTANCE, BY_INSTANCE)],
)
def test_a_cluster_is_reached_by_its_public_address_if_it_has_its_own(
    public: bool | None, anonymous: Outcome, network: Outcome
) -> None:
    found = cluster(public=public)
    assert judge(clusters.cluster_anonymous_access, found, NoPublicAccess()) == anonymous
    assert judge(clusters.cluster_network, found, NetworkRestricted()) == network


AUTOMATED = Pass("is automated, and RDS shares no automated snapshot", Basis.PROVIDER_GUARANTEE)
PUBLIC = Fail("can be restored by every AWS account")
SHARED = Fail("can be restored by 999999999999")


@pytest.mark.parametrize(
    ("shareable", "restorers", "public", "shared"),
    [
        (True, set(), Pass("is not public"), Pass("is shared with no other account")),
        (True, {"123456789012"}, Pass("is not public"), Pass("is shared with no other account")),
        (True, {"888888888888"}, Pass("is not public"), Pass("is shared with no other account")),
        (True, {"999999999999", "888888888888"}, Pass("is not public"), SHARED),
        (True, {"all"}, PUBLIC, PUBLIC),
        (False, set(), AUTOMATED, AUTOMATED),
    ],
)
def test_a_snapshot_is_shared_by_its_restore_attribute(
    shareable: bool, restorers: set[str], public: Outcome, shared: Outcome
) -> None:
    claim = NotShared(allowed=("888888888888",))
    fields: dict[str, Any] = {"shareable": shareable, "restorers": frozenset(restorers)}
    one = SnapshotSharing(resource=snapshot().resource, **fields)
    many = ClusterSnapshotSharing(resource=cluster_snapshot().resource, **fields)
    assert judge(sharing.snapshot_public, one, NoPublicAccess()) == public
    assert judge(sharing.snapshot_sharing_check, one, claim) == shared
    assert judge(sharing.cluster_snapshot_public, many, NoPublicAccess()) == public
    assert judge(sharing.cluster_snapshot_sharing_check, many, claim) == shared


def test_automated_backups_are_never_shared() -> None:
    guarantee = Pass("is an automated backup, which RDS opens to no other account", Basis.PROVIDER_GUARANTEE)
    assert judge(automated.automated_backup_public, backup(), NoPublicAccess()) == guarantee
    assert judge(automated.automated_backup_sharing, backup(), NotShared()) == guarantee
    assert judge(automated.cluster_automated_backup_public, cluster_backup(), NoPublicAccess()) == guarantee
    assert judge(automated.cluster_automated_backup_sharing, cluster_backup(), NotShared()) == guarantee


# Backups: how recent, how long.

RESTORABLE = Pass("can be restored to a time 0.0 days before this scan")
SNAPPED = Pass("has a snapshot of the last 7 days")
LOST = Fail("can be restored to no time of the last 7 days")
OFF = Fail("has automated backups switched off, and no snapshot of the last 7 days")


@pytest.mark.parametrize(
    ("changes", "known", "outcome"),
    [
        ({}, (), RESTORABLE),
        ({}, Cut.of((), DENIED), RESTORABLE),
        ({"restorable_age": 7.0}, (), Pass("can be restored to a time 7.0 days before this scan")),
        ({"restorable_age": 7.1}, (), LOST),
        ({"restorable_age": None}, (), LOST),
        ({"restorable_age": 7.1}, ({"age": 7.0},), SNAPPED),
        ({"retention_days": 0, "restorable_age": None}, ({"age": 7.1},), OFF),
        ({"retention_days": 0, "restorable_age": None}, ({"age": 3.0},), SNAPPED),
        ({"retention_days": 0, "restorable_age": None}, ({"database": "other"},), OFF),
        ({"retention_days": 0, "restorable_age": None}, ({"usable": False},), OFF),
        ({"retention_days": 0, "restorable_age": None}, ({"age": None},), OFF),
        ({"retention_days": 0}, (), OFF),
        ({"retention_days": 0}, Cut.of((), DENIED), REFUSED),
    ],
)
def test_a_database_is_restorable_to_a_recent_time(changes: dict[str, Any], known: Any, outcome: Outcome) -> None:
    cut = isinstance(known, Cut)
    ones = known if cut else tuple(snapshot(**fields) for fields in known)
    many = known if cut else tuple(cluster_snapshot(**fields) for fields in known)
    claim = BackupsExist(max_age_days=7)
    assert judge(instances.instance_backups, instance(**changes), claim, ones) == outcome
    assert judge(clusters.cluster_backups, cluster(**changes), claim, many) == outcome


def test_members_and_replicas_are_backed_up_elsewhere() -> None:
    member, replica = instance(cluster="c"), instance(replica_of="b", retention_days=0)
    none = Cut.of((), DENIED)
    outcome = judge(instances.instance_backups, member, BackupsExist(), none)
    assert outcome == NotApplicable("is backed up with its cluster c")
    outcome = judge(instances.instance_backups, replica, BackupsExist(), none)
    assert outcome == NotApplicable("is a replica of b, whose backups are judged there")
    backed_up = instance(replica_of="b")
    assert judge(instances.instance_backups, backed_up, BackupsExist(), none) == RESTORABLE
    outcome = judge(instances.instance_backup_retention, member, DeletedWithin())
    assert outcome == NotApplicable("keeps its backups with its cluster c")


@pytest.mark.parametrize(
    ("days", "outcome"),
    [
        (0, Pass("keeps no automated backups")),
        (30, Pass("keeps automated backups for 30 days")),
        (31, Fail("keeps automated backups for 31 days")),
    ],
)
@pytest.mark.parametrize(
    ("check", "make"),
    [
        (instances.instance_backup_retention, instance),
        (clusters.cluster_backup_retention, cluster),
        (automated.automated_backup_retention, backup),
        (automated.cluster_automated_backup_retention, cluster_backup),
    ],
)
def test_automated_backups_expire_in_time(check: Check, make: Any, days: int, outcome: Outcome) -> None:
    assert judge(check, make(retention_days=days), DeletedWithin(days=30)) == outcome


def test_an_automated_backup_may_not_say_how_long_it_is_kept() -> None:
    silent = {name: value for name, value in BACKUP.items() if name != "BackupRetentionPeriod"}
    reply = {"rds:DescribeDBInstanceAutomatedBackups": {"DBInstanceAutomatedBackups": [silent]}}
    (fact,), _ = readings(automated.automated_backups, reply)
    outcome = Unknown(Cause.MALFORMED_REPLY, "does not say how long it is kept")
    assert judge(automated.automated_backup_retention, fact, DeletedWithin()) == outcome
    cluster_one = cluster_backup(retention_days=None)
    assert judge(automated.cluster_automated_backup_retention, cluster_one, DeletedWithin()) == outcome


YOUNG = Unknown(Cause.NOT_SUPPORTED, "does not expire by itself, and is not 60 days old yet")
BY_BACKUP = NotApplicable("is kept by AWS Backup, whose recovery points are judged there")


@pytest.mark.parametrize(
    ("name", "changes", "outcome"),
    [
        ("s", {"age": 61.0}, Fail("is 61 days old and does not expire")),
        ("s", {"age": 60.0}, YOUNG),
        ("s", {"age": None}, YOUNG),
        ("s", {"origin": "new", "age": 61.0}, Fail("is 61 days old and does not expire")),
        ("awsbackup:job-1", {"age": 61.0}, BY_BACKUP),
        ("s", {"origin": "awsbackup", "age": 61.0}, BY_BACKUP),
        (
            "rds:a-1",
            {"origin": "automated", "age": 61.0},
            NotApplicable("expires with the retention period of its database, which is judged there"),
        ),
    ],
)
def test_a_manual_snapshot_does_not_expire(name: str, changes: dict[str, Any], outcome: Outcome) -> None:
    assert judge(snapshots.snapshot_retention, snapshot(name, **changes), DeletedWithin()) == outcome
    assert judge(snapshots.cluster_snapshot_retention, cluster_snapshot(name, **changes), DeletedWithin()) == outcome


# Where it lies.


@pytest.mark.parametrize(
    ("check", "fact"),
    [
        (instances.instance_region, instance()),
        (clusters.cluster_region, cluster()),
        (snapshots.snapshot_region, snapshot()),
        (snapshots.cluster_snapshot_region, cluster_snapshot()),
        (automated.automated_backup_region, backup()),
        (automated.cluster_automated_backup_region, cluster_backup()),
    ],
)
def test_a_store_lies_in_a_promised_region_or_fails(check: Check, fact: Fact) -> None:
    assert judge(check, fact, HostedIn(regions=("us-east-1", "us-west-2"))) == Pass("lies in us-east-1")
    assert judge(check, fact, HostedIn(regions=("us-west-2",))) == Fail("lies in us-east-1")


def test_copies_in_other_regions_count() -> None:
    copies = frozenset({"eu-west-1", "us-west-2"})
    claim = HostedIn(regions=("us-east-1", "us-west-2"))
    outcome = Fail("is copied to eu-west-1")
    assert judge(instances.instance_region, instance(copy_regions=copies), claim) == outcome
    assert judge(clusters.cluster_region, cluster(copy_regions=copies), claim) == outcome


def test_databases_run_on_aws() -> None:
    for check, fact in ((instances.instance_provider, instance()), (clusters.cluster_provider, cluster())):
        assert judge(check, fact, HostedBy(provider="aws")) == Pass("runs on AWS")
        assert judge(check, fact, HostedBy(provider="azure")) == Fail("runs on AWS")


# TLS by parameters.

FORCE, SECURE = "rds.force_ssl", "require_secure_transport"


def unknown_default(parameter: str, engine: str) -> Unknown:
    return Unknown(Cause.NOT_SUPPORTED, f"leaves {parameter} to {engine}, whose default is not known here")


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (settings("postgres", "15.4", (FORCE, "1")), Pass("refuses clear text: rds.force_ssl is 1")),
        (settings("postgres", "15.4", (FORCE, "0")), Fail("admits clear text: rds.force_ssl is 0")),
        (settings("postgres", "15.4", (FORCE, None)), Pass("refuses clear text: rds.force_ssl is 1 by default")),
        (settings("postgres", "14.9"), Fail("admits clear text: rds.force_ssl is 0 by default")),
        (settings("postgres", "?"), unknown_default(FORCE, "postgres ?")),
        (
            settings("postgres", "15.4", (FORCE, "maybe")),
            Unknown(Cause.NOT_SUPPORTED, "has a setting that is not known here: rds.force_ssl is maybe"),
        ),
        (settings("aurora-postgresql", "16.4"), Fail("admits clear text: rds.force_ssl is 0 by default")),
        (settings("aurora-postgresql", "17.4"), Pass("refuses clear text: rds.force_ssl is 1 by default")),
        (settings("sqlserver-se", "15.00.4345.5.v1"), Fail("admits clear text: rds.force_ssl is 0 by default")),
        (settings("sqlserver-ex", "16.00.1", (FORCE, "1")), Pass("refuses clear text: rds.force_ssl is 1")),
        (settings("mysql", "8.0.35", (SECURE, "ON")), Pass("refuses clear text: require_secure_transport is ON")),
        (settings("mysql", "8.0.35", (SECURE, "1")), Pass("refuses clear text: require_secure_transport is 1")),
        (settings("mysql", "8.0.35", (SECURE, "OFF")), Fail("admits clear text: require_secure_transport is OFF")),
        (settings("mysql", "8.0.35"), Fail("admits clear text: require_secure_transport is OFF by default")),
        (settings("mysql", "8.4.3"), unknown_default(SECURE, "mysql 8.4.3")),
        (
            settings("aurora-mysql", "8.0.mysql_aurora.3.04.0"),
            Fail("admits clear text: require_secure_transport is OFF by default"),
        ),
        (settings("mariadb", "11.8.2"), Pass("refuses clear text: require_secure_transport is ON by default")),
        (settings("mariadb", "11.4.3"), Fail("admits clear text: require_secure_transport is OFF by default")),
        (settings("mariadb", "11.6.1"), unknown_default(SECURE, "mariadb 11.6.1")),
        (settings("docdb", "5.0.0", ("tls", "enabled")), Pass("refuses clear text: tls is enabled")),
        (settings("docdb", "5.0.0", ("tls", "disabled")), Fail("admits clear text: tls is disabled")),
        (settings("docdb", "5.0.0"), unknown_default("tls", "docdb 5.0.0")),
        (settings("neptune", "1.2.0.1"), Pass("refuses clear text: neptune_enforce_ssl is 1 by default")),
        (settings("neptune", "1.0.3.0"), unknown_default("neptune_enforce_ssl", "neptune 1.0.3.0")),
        (
            settings("neptune", "1.2.0.1", ("neptune_enforce_ssl", "0")),
            Unknown(Cause.NOT_SUPPORTED, "has a setting that is not known here: neptune_enforce_ssl is 0"),
        ),
        (
            settings("oracle-ee", "19.0.0.0"),
            Unknown(Cause.NOT_SUPPORTED, "runs oracle-ee, whose parameters do not say whether clear text is refused"),
        ),
        (
            settings("postgres", "15.4", (FORCE, "1"), states=frozenset({"in-sync", "pending-reboot"})),
            Unknown(Cause.STALE, "does not run under its parameters yet (pending-reboot)"),
        ),
        (
            settings("postgres", "15.4", states=frozenset({""})),
            Unknown(Cause.STALE, "does not run under its parameters yet (no parameter group)"),
        ),
    ],
)
def test_clear_text_is_refused_by_a_parameter_of_each_engine(found: Settings, outcome: Outcome) -> None:
    one = InstanceParameters(resource=instance().resource, settings=found)
    many = ClusterParameters(resource=cluster().resource, settings=found)
    assert judge(parameters.instance_clear_text, one, ClearTextRefused()) == outcome
    assert judge(parameters.cluster_clear_text, many, ClearTextRefused()) == outcome


TLS12, TLS13 = TlsMinimum(), TlsMinimum(version=TlsVersion.TLS13)
HAS11, HAS12, HAS13 = (
    TlsMinimum(version=version, reading="supported")
    for version in (TlsVersion.TLS11, TlsVersion.TLS12, TlsVersion.TLS13)
)
NEWER = Pass("accepts nothing older than TLS 1.2")
LOWEST = "ssl_min_protocol_version"


def untold(engine: str) -> Unknown:
    return Unknown(Cause.NOT_SUPPORTED, f"runs {engine}, whose parameters do not say which versions of TLS it accepts")


@pytest.mark.parametrize(
    ("found", "claim", "outcome"),
    [
        (settings("postgres", "15.4", (LOWEST, "TLSv1.2")), TLS12, NEWER),
        (settings("postgres", "15.4", (LOWEST, "TLSv1.2")), TLS13, Fail("accepts TLS 1.2")),
        (settings("postgres", "15.4", (LOWEST, "TLSv1")), TLS12, Fail("accepts TLS 1.0")),
        (settings("postgres", "15.4", (LOWEST, "TLSv1")), HAS12, Pass("accepts TLS 1.2")),
        (settings("postgres", "15.4", (LOWEST, "TLSv1.3")), HAS12, Fail("does not accept TLS 1.2")),
        (
            settings("postgres", "15.4"),
            HAS13,
            Unknown(Cause.NOT_SUPPORTED, "does not say in its parameters whether it accepts TLS 1.3"),
        ),
        (settings("postgres", "15.4", (LOWEST, "TLSv9")), TLS12, untold("postgres 15.4")),
        (settings("postgres", "13.1"), TLS12, NEWER),
        (settings("postgres", "12.1"), TLS12, untold("postgres 12.1")),
        (settings("mysql", "8.0.35", ("tls_version", "TLSv1.2,TLSv1.3")), TLS12, NEWER),
        (settings("mysql", "5.7.44", ("tls_version", "TLSv1.1, TLSv1.2")), TLS12, Fail("accepts TLS 1.1")),
        (settings("mysql", "5.7.44", ("tls_version", "TLSv1,TLSv1.2")), HAS11, Fail("does not accept TLS 1.1")),
        (settings("mysql", "8.0.35", ("tls_version", "TLSv1.2,SSLv9")), TLS12, untold("mysql 8.0.35")),
        (settings("mysql", "8.0.28"), TLS12, NEWER),
        (settings("mysql", "8.0.28"), HAS13, Pass("accepts TLS 1.3")),
        (settings("mysql", "8.0.27"), TLS12, Fail("accepts TLS 1.0")),
        (settings("mysql", "?"), TLS12, untold("mysql ?")),
        (settings("aurora-mysql", "8.0.mysql_aurora.3.04.0"), TLS12, untold("aurora-mysql 8.0.mysql_aurora.3.04.0")),
        (settings("mariadb", "11.4.3"), TLS12, untold("mariadb 11.4.3")),
        (settings("sqlserver-se", "15.00.4365.2.v1"), TLS12, Fail("accepts TLS 1.0")),
        (settings("sqlserver-se", "15.00.4375.4.v1"), TLS12, NEWER),
        (settings("sqlserver-se", "17.00.1000.7.v1"), TLS12, untold("sqlserver-se 17.00.1000.7.v1")),
        (
            settings("sqlserver-se", "15.00.4345.5.v1", ("rds.tls10", "disabled"), ("rds.tls11", "disabled")),
            TLS12,
            NEWER,
        ),
        (
            settings("sqlserver-se", "15.00.4375.4.v1", ("rds.tls10", "disabled"), ("rds.tls11", "enabled")),
            TLS12,
            Fail("accepts TLS 1.1"),
        ),
        (settings("docdb", "5.0.0", ("tls", "tls1.2+")), TLS12, NEWER),
        (settings("docdb", "5.0.0", ("tls", "tls1.3+")), TLS13, Pass("accepts nothing older than TLS 1.3")),
        (settings("docdb", "5.0.0", ("tls", "enabled")), TLS12, untold("docdb 5.0.0")),
        (settings("docdb", "5.0.0", ("tls", "disabled")), TLS12, Fail("speaks no TLS: tls is disabled")),
        (settings("neptune", "1.2.0.1"), TLS12, untold("neptune 1.2.0.1")),
        (settings("oracle-ee", "19.0.0.0"), TLS12, untold("oracle-ee 19.0.0.0")),
        (
            settings("postgres", "15.4", states=frozenset({"pending-reboot"})),
            TLS12,
            Unknown(Cause.STALE, "does not run under its parameters yet (pending-reboot)"),
        ),
    ],
)
def test_tls_versions_are_set_by_parameters_of_each_engine(
    found: Settings, claim: TlsMinimum, outcome: Outcome
) -> None:
    one = InstanceParameters(resource=instance().resource, settings=found)
    many = ClusterParameters(resource=cluster().resource, settings=found)
    assert judge(parameters.instance_tls_version, one, claim) == outcome
    assert judge(parameters.cluster_tls_version, many, claim) == outcome


@pytest.mark.parametrize(
    ("changes", "ports", "dialogue"),
    [
        ({"public": True}, (5432,), "postgres"),
        ({"public": True, "engine": "aurora-mysql"}, (5432,), "mysql"),
        ({"public": True, "engine": "mariadb"}, (5432,), "mysql"),
        ({"public": True, "engine": "docdb"}, (5432,), ""),
        ({"public": True, "engine": "oracle-se2"}, (), ""),
    ],
)
def test_a_public_database_tells_its_name_and_how_tls_begins(
    changes: dict[str, Any], ports: tuple[int, ...], dialogue: str
) -> None:
    (name,) = instance(**changes).exposes()
    assert (name.host, name.ports, name.starttls) == ("a.x.us-east-1.rds.amazonaws.com", ports, dialogue)


@pytest.mark.parametrize("changes", [{"public": False}, {"public": None}, {"public": True, "host": ""}])
def test_a_database_that_is_not_public_tells_no_name(changes: dict[str, Any]) -> None:
    assert instance(**changes).exposes() == ()
