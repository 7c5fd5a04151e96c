"""Databases that force TLS and store encrypted: PostgreSQL, MySQL, Aurora PostgreSQL, and their manual snapshots."""

from __future__ import annotations

from typing import Any

from posture_estates.aws.seeds.account import AWAY, HOME, Account

POSTGRES_GROUP, AURORA_GROUP, MYSQL_GROUP = "classrooms-postgres16", "classrooms-aurora16", "classrooms-mysql80"


def build(account: Account) -> None:
    postgres(account)
    mysql(account)
    aurora(account)


def encrypted(account: Account, region: str) -> dict[str, Any]:
    return {"StorageEncrypted": True, "KmsKeyId": account.keys[region]}


def postgres(account: Account) -> None:
    rds = account.client("rds")
    rds.create_db_parameter_group(
        DBParameterGroupName=POSTGRES_GROUP, DBParameterGroupFamily="postgres16", Description="TLS only"
    )
    force_tls(account, "1")
    make_instance(account, "classrooms", HOME, "postgres", "16.3", POSTGRES_GROUP, **encrypted(account, HOME))
    rds.create_db_snapshot(DBInstanceIdentifier="classrooms", DBSnapshotIdentifier="classrooms-before-term")


def force_tls(account: Account, value: str) -> None:
    account.client("rds").modify_db_parameter_group(
        DBParameterGroupName=POSTGRES_GROUP,
        Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": value, "ApplyMethod": "immediate"}],
    )


def mysql(account: Account) -> None:
    rds = account.client("rds", AWAY)
    rds.create_db_parameter_group(
        DBParameterGroupName=MYSQL_GROUP, DBParameterGroupFamily="mysql8.0", Description="TLS 1.2 and later only"
    )
    rds.modify_db_parameter_group(
        DBParameterGroupName=MYSQL_GROUP,
        Parameters=[
            {"ParameterName": "require_secure_transport", "ParameterValue": "ON", "ApplyMethod": "immediate"},
            {"ParameterName": "tls_version", "ParameterValue": "TLSv1.2,TLSv1.3", "ApplyMethod": "pending-reboot"},
        ],
    )
    make_instance(account, "gradebook", AWAY, "mysql", "8.0.36", MYSQL_GROUP, **encrypted(account, AWAY))


def aurora(account: Account) -> None:
    rds = account.client("rds")
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName=AURORA_GROUP, DBParameterGroupFamily="aurora-postgresql16", Description="TLS only"
    )
    rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName=AURORA_GROUP,
        Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}],
    )
    rds.create_db_cluster(
        DBClusterIdentifier="chat",
        Engine="aurora-postgresql",
        EngineVersion="16.4",
        MasterUsername="chat",
        MasterUserPassword="not-a-secret",
        DBClusterParameterGroupName=AURORA_GROUP,
        BackupRetentionPeriod=7,
        **encrypted(account, HOME),
    )
    rds.create_db_instance(
        DBInstanceIdentifier="chat-1",
        DBClusterIdentifier="chat",
        Engine="aurora-postgresql",
        DBInstanceClass="db.t4g.medium",
        **encrypted(account, HOME),
    )
    rds.create_db_cluster_snapshot(DBClusterIdentifier="chat", DBClusterSnapshotIdentifier="chat-before-term")


def make_instance(
    account: Account, name: str, region: str, engine: str, version: str, group: str, **encryption: Any
) -> None:
    account.client("rds", region).create_db_instance(
        DBInstanceIdentifier=name,
        Engine=engine,
        EngineVersion=version,
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="classrooms",
        MasterUserPassword="not-a-secret",
        DBParameterGroupName=group,
        BackupRetentionPeriod=7,
        PubliclyAccessible=False,
        **encryption,
    )


def drift(account: Account) -> None:
    force_tls(account, "0")
    make_instance(account, "reports", HOME, "postgres", "16.3", POSTGRES_GROUP, StorageEncrypted=False)
    account.client("rds").create_db_snapshot(DBInstanceIdentifier="reports", DBSnapshotIdentifier="reports-before-term")
