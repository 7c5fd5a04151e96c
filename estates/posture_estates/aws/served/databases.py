"""RDS databases, clusters, their snapshots and automated backups, where moto's answers differ from the service's."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from xml.etree.ElementTree import Element

from moto.rds.models import rds_backends

from posture_estates.aws.exchange import ACCOUNT, Forward, Reply, Request
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.kms import aws_managed_key
from posture_estates.aws.served.state import State
from posture_estates.aws.served.xml import corrected, drop, element, put, query_listing, text

NO_KEY_NAMED = "default_kms_key_id"  # moto's word for it


def identity(arn: str, length: int = 26) -> str:
    """The random part of an id that RDS gives; moto gives all databases the same one."""
    return b32encode(sha256(arn.encode()).digest()).decode()[:length]


def arn_of(region: str, kind: str, name: str) -> str:
    return f"arn:aws:rds:{region}:{ACCOUNT}:{kind}:{name}"


def in_cluster(region: str, name: str) -> bool:
    """Whether an instance belongs to a cluster: its backups are the cluster's then."""
    database = rds_backends[ACCOUNT][region].databases.get(name)
    return database is not None and database.db_cluster_identifier is not None


def true_key(named: str, region: str) -> str:
    """Encryption without a key of one's own is under the aws/rds key."""
    return aws_managed_key(region, "rds") if named == NO_KEY_NAMED else named


def tell_key(item: Element, flag: str, region: str) -> None:
    """Only what is encrypted names a key."""
    if text(item, flag) == "true":
        put(item, "KmsKeyId", true_key(text(item, "KmsKeyId") or NO_KEY_NAMED, region))
    else:
        drop(item, "KmsKeyId")


def describe_instances(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """An instance always says whether it is public: it is not by default in a network without internet gateway."""

    def correct(document: Element) -> None:
        for instance in document.iterfind(".//{*}DBInstances/{*}DBInstance"):
            put(instance, "DbiResourceId", f"db-{identity(text(instance, 'DBInstanceArn') or '')}")
            put(instance, "PubliclyAccessible", text(instance, "PubliclyAccessible") or "false")
            tell_key(instance, "StorageEncrypted", operation.region)

    return corrected(emulate(request), correct)


def describe_clusters(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Aurora's storage is its own, and its addresses are those of its instances: only Multi-AZ clusters have one."""

    def correct(document: Element) -> None:
        for cluster in document.iterfind(".//{*}DBClusters/{*}DBCluster"):
            tell_key(cluster, "StorageEncrypted", operation.region)
            if (text(cluster, "Engine") or "").startswith("aurora"):
                drop(cluster, "PubliclyAccessible")
                put(cluster, "StorageType", "aurora")

    return corrected(emulate(request), correct)


def describe_snapshots(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Instances of a cluster have no snapshots of their own."""
    region = operation.region

    def correct(document: Element) -> None:
        for listing in document.iterfind(".//{*}DBSnapshots"):
            listing[:] = [s for s in listing if not in_cluster(region, text(s, "DBInstanceIdentifier") or "")]
            for snapshot in listing:
                arn = arn_of(region, "db", text(snapshot, "DBInstanceIdentifier") or "")
                put(snapshot, "DbiResourceId", f"db-{identity(arn)}")
                tell_key(snapshot, "Encrypted", region)

    return corrected(emulate(request), correct)


def describe_cluster_snapshots(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    def correct(document: Element) -> None:
        for snapshot in document.iterfind(".//{*}DBClusterSnapshots/{*}DBClusterSnapshot"):
            tell_key(snapshot, "StorageEncrypted", operation.region)

    return corrected(emulate(request), correct)


def instance_backups(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Active ones, and those retained from deleted databases; none for instances of clusters."""
    asked, region = request.form.get("DBInstanceIdentifier"), operation.region
    found = rds_backends[ACCOUNT][region].describe_db_instance_automated_backups(asked)
    kept = [(backup.automated_snapshots[-1].database, backup.status) for backup in found]
    items = [
        element("DBInstanceAutomatedBackup", instance_backup(database, region, status))
        for database, status in kept
        if database.db_cluster_identifier is None
    ]
    return query_listing(operation, request, "DBInstanceAutomatedBackups", items)


def instance_backup(database: Any, region: str, status: str) -> dict[str, Any]:
    arn = str(database.db_instance_arn)
    return backup_of(database, region, status, encrypted="Encrypted") | {
        "DBInstanceArn": arn,
        "DbiResourceId": f"db-{identity(arn)}",
        "DBInstanceIdentifier": database.db_instance_identifier,
        "DBInstanceAutomatedBackupsArn": arn_of(region, "auto-backup", f"ab-{identity(arn).lower()}"),
        "AvailabilityZone": database.availability_zone,
        "InstanceCreateTime": iso(database.instance_create_time),
        "BackupTarget": "region",
    }


def cluster_backups(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Those of the clusters that exist: moto keeps none of deleted ones."""
    asked, region = request.form.get("DBClusterIdentifier"), operation.region
    items = [
        element("DBClusterAutomatedBackup", cluster_backup(cluster, region))
        for cluster in rds_backends[ACCOUNT][region].clusters.values()
        if asked in (None, cluster.db_cluster_identifier)
    ]
    return query_listing(operation, request, "DBClusterAutomatedBackups", items)


def cluster_backup(cluster: Any, region: str) -> dict[str, Any]:
    arn = str(cluster.db_cluster_arn)
    return backup_of(cluster, region, "active", encrypted="StorageEncrypted") | {
        "DBClusterArn": arn,
        "DbClusterResourceId": cluster.db_cluster_resource_id,
        "DBClusterIdentifier": cluster.db_cluster_identifier,
        "DBClusterAutomatedBackupsArn": arn_of(region, "cluster-auto-backup", f"ab-{identity(arn).lower()}"),
        "ClusterCreateTime": iso(cluster.cluster_create_time),
        "EngineMode": cluster.engine_mode,
    }


def backup_of(source: Any, region: str, status: str, *, encrypted: str) -> dict[str, Any]:
    """What automated backups of instances and clusters tell alike; ``encrypted`` is the name of the flag."""
    window = {"EarliestTime": iso(source.created), "LatestTime": iso(datetime.now(UTC))}
    return {
        "Region": region,
        "RestoreWindow": window,
        "AllocatedStorage": source.allocated_storage,
        "Status": status,
        "Port": source.port,
        "MasterUsername": source.master_username,
        "Engine": source.engine,
        "EngineVersion": source.engine_version,
        "LicenseModel": source.license_model,
        encrypted: bool(source.storage_encrypted),
        "KmsKeyId": true_key(str(source.kms_key_id), region) if source.storage_encrypted else None,
        "BackupRetentionPeriod": source.backup_retention_period,
        "PreferredBackupWindow": source.preferred_backup_window,
    }


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


SERVED = {
    ("rds", "DescribeDBInstances"): describe_instances,
    ("rds", "DescribeDBClusters"): describe_clusters,
    ("rds", "DescribeDBSnapshots"): describe_snapshots,
    ("rds", "DescribeDBClusterSnapshots"): describe_cluster_snapshots,
    ("rds", "DescribeDBInstanceAutomatedBackups"): instance_backups,
    ("rds", "DescribeDBClusterAutomatedBackups"): cluster_backups,
}
