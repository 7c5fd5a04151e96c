"""What is wrong with the drifted account, as data; every other resource of it is in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from posture_estates.aws.exchange import ACCOUNT
from posture_estates.aws.seeds.account import AWAY, HOME, Account

Property = Literal[
    "tls-required",
    "tls-minimum",
    "encrypted-at-rest",
    "encrypted-by-default",
    "not-public",
    "not-shared",
    "logging",
    "log-validation",
    "threat-detection",
    "vulnerability-scanning",
]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One violated property of a resource, which is named as its seed names it (`located` finds its ARN)."""

    kind: str
    region: str
    name: str
    property: Property
    reason: str


WRONG = (
    Wrong("bucket", HOME, "classroom-submissions", "tls-required", "has no bucket policy"),
    Wrong("bucket", HOME, "classroom-handouts", "tls-required", "has a policy that denies nothing"),
    Wrong("bucket", HOME, "classroom-handouts", "not-public", "lets everybody read its objects, with no block"),
    Wrong("bucket", HOME, "classroom-handouts", "not-shared", "lets everybody read its objects"),
    Wrong("account-public-access-block", HOME, ACCOUNT, "not-public", "has no block on public access"),
    Wrong("volume", AWAY, "scratch", "encrypted-at-rest", "is not encrypted"),
    Wrong("snapshot", AWAY, "scratch-shared", "encrypted-at-rest", "is not encrypted"),
    Wrong("snapshot", AWAY, "scratch-shared", "not-shared", "is shared with an account outside"),
    Wrong("snapshot", AWAY, "scratch-public", "encrypted-at-rest", "is not encrypted"),
    Wrong("snapshot", AWAY, "scratch-public", "not-public", "may be restored by everybody"),
    Wrong("snapshot", AWAY, "scratch-public", "not-shared", "may be restored by everybody"),
    Wrong("backup-snapshot", AWAY, "scratch", "encrypted-at-rest", "is AWS Backup's copy of a volume in the clear"),
    Wrong("ebs-default-encryption", AWAY, AWAY, "encrypted-by-default", "is off"),
    Wrong("snapshot-public-access-block", AWAY, AWAY, "not-public", "is off"),
    Wrong("database", HOME, "reports", "encrypted-at-rest", "is not encrypted"),
    Wrong("database-snapshots", HOME, "reports", "encrypted-at-rest", "one manual and one automated, not encrypted"),
    Wrong("automated-backup", HOME, "reports", "encrypted-at-rest", "is not encrypted, as its database is not"),
    Wrong("database", HOME, "classrooms", "tls-required", "its parameter group has rds.force_ssl=0"),
    Wrong("database", HOME, "reports", "tls-required", "its parameter group has rds.force_ssl=0"),
    Wrong("listener", HOME, "web:443", "tls-minimum", "its policy accepts TLS 1.0 and 1.1"),
    Wrong("listener", HOME, "web:80", "tls-required", "forwards HTTP instead of redirecting it"),
    Wrong("recovery-point", AWAY, "scratch", "encrypted-at-rest", "is not encrypted"),
    Wrong("trail", HOME, "account-trail", "logging", "has been stopped"),
    Wrong("trail", HOME, "account-trail", "log-validation", "validates no log files"),
    Wrong("detector", AWAY, AWAY, "threat-detection", "is disabled"),
    Wrong("inspector", AWAY, AWAY, "vulnerability-scanning", "scans nothing"),
)


def located(url: str) -> Mapping[Wrong, tuple[str, ...]]:
    """The ARNs of what is wrong in an account that was seeded as drifted; a setting's names its region or account."""
    account = Account(url)
    return {wrong: tuple(arns(account, wrong)) for wrong in WRONG}


def arns(account: Account, wrong: Wrong) -> list[str]:
    region, name = wrong.region, wrong.name
    match wrong.kind:
        case "bucket":
            return [f"arn:aws:s3:::{name}"]
        case "volume":
            return [f"arn:aws:ec2:{region}:{ACCOUNT}:volume/{volume_id(account, region, name)}"]
        case "snapshot":
            found = snapshots(account, region, {"Name": "tag:Name", "Values": [name]})
            return [f"arn:aws:ec2:{region}::snapshot/{snapshot['SnapshotId']}" for snapshot in found]
        case "backup-snapshot" | "recovery-point":
            found = snapshots(account, region, {"Name": "volume-id", "Values": [volume_id(account, region, name)]})
            return [
                f"arn:aws:ec2:{region}::snapshot/{s['SnapshotId']}" for s in found if "AWS Backup" in s["Description"]
            ]
        case "database":
            return [f"arn:aws:rds:{region}:{ACCOUNT}:db:{name}"]
        case "database-snapshots":
            found = account.client("rds", region).describe_db_snapshots(DBInstanceIdentifier=name)["DBSnapshots"]
            return [snapshot["DBSnapshotArn"] for snapshot in found]
        case "automated-backup":
            backups = account.client("rds", region).describe_db_instance_automated_backups(DBInstanceIdentifier=name)
            return [backup["DBInstanceAutomatedBackupsArn"] for backup in backups["DBInstanceAutomatedBackups"]]
        case "listener":
            return [listener_arn(account, region, *name.split(":"))]
        case "trail":
            return [f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{name}"]
        case "detector":
            found = account.client("guardduty", region).list_detectors()["DetectorIds"]
            return [f"arn:aws:guardduty:{region}:{ACCOUNT}:detector/{detector}" for detector in found]
        case "inspector":
            return [f"arn:aws:inspector2:{region}:{ACCOUNT}:account"]
        case "account-public-access-block":
            return [f"arn:aws:s3::{ACCOUNT}:account"]
        case _:
            return [f"arn:aws:ec2:{region}:{ACCOUNT}:{wrong.kind}"]


def volume_id(account: Account, region: str, name: str) -> str:
    found = account.client("ec2", region).describe_volumes(Filters=[{"Name": "tag:Name", "Values": [name]}])
    return str(found["Volumes"][0]["VolumeId"])


def snapshots(account: Account, region: str, by: dict[str, Any]) -> list[dict[str, Any]]:
    found = account.client("ec2", region).describe_snapshots(OwnerIds=["self"], Filters=[by])
    return list(found["Snapshots"])


def listener_arn(account: Account, region: str, balancer: str, port: str) -> str:
    elbv2 = account.client("elbv2", region)
    arn = elbv2.describe_load_balancers(Names=[balancer])["LoadBalancers"][0]["LoadBalancerArn"]
    listeners = elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    return next(str(listener["ListenerArn"]) for listener in listeners if listener["Port"] == int(port))
