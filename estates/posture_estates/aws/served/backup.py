"""AWS Backup beyond moto's vaults and plans: jobs, recovery points, protected resources, selections, policies.

`StartBackupJob` finishes at once. A recovery point is encrypted as its source is where the source's service makes the
copy (EBS, RDS), and with the vault's key where Backup makes it ("Encryption for backups", AWS Backup guide).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from moto.backup.models import backup_backends
from moto.ec2.models import ec2_backends
from moto.moto_api._internal import mock_random
from moto.rds.models import rds_backends

from posture_estates.aws.errors import error_reply
from posture_estates.aws.exchange import ACCOUNT, Forward, Reply, Request, json_reply
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.kms import aws_managed_key
from posture_estates.aws.served.state import State, page

TYPES = {
    "ec2:volume": "EBS", "rds:db": "RDS", "rds:cluster": "Aurora", "dynamodb:table": "DynamoDB",
    "elasticfilesystem:file-system": "EFS", "s3": "S3",
}  # fmt: skip

DAY = 86_400  # seconds


def resource_type(arn: str) -> str:
    service, kind = arn.split(":")[2], arn.split(":", 5)[5].replace(":", "/").split("/")[0]
    return TYPES.get(f"{service}:{kind}") or TYPES.get(service) or service.upper()


def vault_key(region: str, vault: str) -> str:
    """A vault that was given no key uses the aws/backup key."""
    key = backup_backends[ACCOUNT][region].vaults[vault].encryption_key_arn
    return key or aws_managed_key(region, "backup")


def with_key(vault: Mapping[str, Any], region: str, state: State) -> dict[str, Any]:
    name = vault["BackupVaultName"]
    with state.lock:
        points = sum(1 for point in state.recovery_points if point["BackupVaultArn"] == vault["BackupVaultArn"])
    return {
        **{member: value for member, value in vault.items() if value is not None},
        "VaultType": "BACKUP_VAULT", "VaultState": "AVAILABLE",
        "EncryptionKeyArn": vault_key(region, name), "NumberOfRecoveryPoints": points,
    }  # fmt: skip


def list_vaults(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    reply = emulate(request)
    if reply.status != 200:
        return reply
    vaults = [with_key(vault, operation.region, state) for vault in reply.json["BackupVaultList"]]
    return paged(operation, request, "BackupVaultList", vaults)


def describe_vault(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    reply = emulate(request)
    return reply.with_json(with_key(reply.json, operation.region, state)) if reply.status == 200 else reply


def start_job(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    vault, arn, now = request.json["BackupVaultName"], request.json["ResourceArn"], time.time()
    vaults = backup_backends[ACCOUNT][operation.region].vaults
    if vault not in vaults:
        return no_such(operation, f"Backup vault {vault}")
    copied = copy(arn, operation.region, vault)
    if copied is None:
        return no_such(operation, f"Resource {arn}")
    point_arn, key = copied
    point = {
        "RecoveryPointArn": point_arn, "BackupVaultName": vault, "BackupVaultArn": vaults[vault].backup_vault_arn,
        "ResourceArn": arn, "ResourceType": resource_type(arn), "IamRoleArn": request.json["IamRoleArn"],
        "Status": "COMPLETED", "CreationDate": now, "CompletionDate": now, "BackupSizeInBytes": 8_589_934_592,
        "IsEncrypted": key is not None, "IsParent": False, "VaultType": "BACKUP_VAULT",
    } | ({"EncryptionKeyArn": key} if key else {}) | life(request.json.get("Lifecycle"), now)  # fmt: skip
    job = {
        "AccountId": ACCOUNT, "BackupJobId": str(mock_random.uuid4()), "BackupVaultName": vault,
        "BackupVaultArn": vaults[vault].backup_vault_arn, "RecoveryPointArn": point_arn, "ResourceArn": arn,
        "ResourceType": resource_type(arn), "State": "COMPLETED", "CreationDate": now, "CompletionDate": now,
    }  # fmt: skip
    with state.lock:
        state.recovery_points.append(point)
        state.backup_jobs.append(job)
    return json_reply({"BackupJobId": job["BackupJobId"], "RecoveryPointArn": point_arn, "CreationDate": now})


def life(lifecycle: Mapping[str, Any] | None, now: float) -> dict[str, Any]:
    """The lifecycle that was asked for, and the day of deletion that follows from it; none keeps a point for ever."""
    if not lifecycle:
        return {}
    days = lifecycle.get("DeleteAfterDays")
    return {"Lifecycle": lifecycle} | ({"CalculatedLifecycle": {"DeleteAt": now + days * DAY}} if days else {})


def copy(arn: str, region: str, vault: str) -> tuple[str, str | None] | None:
    """ARN of the copy, and the key that encrypts it (None: in the clear); None when the source does not exist."""
    match resource_type(arn):
        case "EBS":
            ec2 = ec2_backends[ACCOUNT][region]
            volume = ec2.volumes.get(arn.rpartition("/")[2])
            if volume is None:
                return None
            snapshot = ec2.create_snapshot(volume.id, "This snapshot is created by the AWS Backup service.")
            return f"arn:aws:ec2:{region}::snapshot/{snapshot.id}", volume.kms_key_id if volume.encrypted else None
        case "RDS":
            rds = rds_backends[ACCOUNT][region]
            database = rds.databases.get(arn.rpartition(":")[2])
            if database is None:
                return None
            name = f"awsbackup:job-{mock_random.uuid4()}"
            copied = rds.create_db_snapshot(database.db_instance_identifier, name, snapshot_type="awsbackup")
            return str(copied.arn), str(database.kms_key_id) if database.storage_encrypted else None
        case "Aurora":
            rds = rds_backends[ACCOUNT][region]
            cluster = rds.clusters.get(arn.rpartition(":")[2])
            if cluster is None:
                return None
            name = f"awsbackup:job-{mock_random.uuid4()}"
            taken = rds.create_db_cluster_snapshot(cluster.db_cluster_identifier, name, snapshot_type="awsbackup")
            return str(taken.arn), str(cluster.kms_key_id) if cluster.storage_encrypted else None
        case _:
            return f"arn:aws:backup:{region}:{ACCOUNT}:recovery-point:{mock_random.uuid4()}", vault_key(region, vault)


def points_of_vault(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    vault = request.segment(1)
    if vault not in backup_backends[ACCOUNT][operation.region].vaults:
        return no_such(operation, f"Backup vault {vault}")
    arn, kind = request.query.get("resourceArn"), request.query.get("resourceType")
    points = [
        point
        for point in points_of_region(operation, state)
        if point["BackupVaultName"] == vault
        and arn in (None, point["ResourceArn"])
        and kind in (None, point["ResourceType"])
    ]
    return paged(operation, request, "RecoveryPoints", points)


def describe_point(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    arn = request.segment(3)
    found = [point for point in points_of_region(operation, state) if point["RecoveryPointArn"] == arn]
    return json_reply(found[0]) if found else no_such(operation, f"Recovery point {arn}")


def protected_resources(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    latest = {point["ResourceArn"]: point for point in points_of_region(operation, state)}
    resources = [
        {
            "ResourceArn": arn, "ResourceType": point["ResourceType"], "LastBackupTime": point["CompletionDate"],
            "LastBackupVaultArn": point["BackupVaultArn"], "LastRecoveryPointArn": point["RecoveryPointArn"],
        }
        for arn, point in latest.items()
    ]  # fmt: skip
    return paged(operation, request, "Results", resources)


def list_jobs(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    with state.lock:
        jobs = [job for job in state.backup_jobs if job["BackupVaultArn"].split(":")[3] == operation.region]
    return paged(operation, request, "BackupJobs", jobs)


def create_selection(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    plan, chosen, now = request.segment(2), request.json["BackupSelection"], time.time()
    if plan not in backup_backends[ACCOUNT][operation.region].plans:
        return no_such(operation, f"Backup plan {plan}")
    selection = {
        "SelectionId": str(mock_random.uuid4()), "SelectionName": chosen["SelectionName"], "BackupPlanId": plan,
        "CreationDate": now, "IamRoleArn": chosen["IamRoleArn"], "BackupSelection": chosen,
    }  # fmt: skip
    with state.lock:
        state.backup_selections.append(selection)
    return json_reply({key: selection[key] for key in ("SelectionId", "BackupPlanId", "CreationDate")})


def list_selections(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    with state.lock:
        selections = [
            {key: value for key, value in selection.items() if key != "BackupSelection"}
            for selection in state.backup_selections
            if selection["BackupPlanId"] == request.segment(2)
        ]
    return paged(operation, request, "BackupSelectionsList", selections)


def get_selection(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    wanted = request.segment(4)
    with state.lock:
        found = [selection for selection in state.backup_selections if selection["SelectionId"] == wanted]
    if not found:
        return no_such(operation, f"Backup selection {wanted}")
    keys = ("BackupSelection", "SelectionId", "BackupPlanId", "CreationDate")
    return json_reply({key: found[0][key] for key in keys})


def put_vault_policy(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    with state.lock:
        state.vault_policies[operation.region, request.segment(1)] = request.json["Policy"]
    return json_reply({})


def get_vault_policy(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    vault = request.segment(1)
    with state.lock:
        policy = state.vault_policies.get((operation.region, vault))
    if policy is None:
        return no_such(operation, f"Access policy of backup vault {vault}")
    arn = f"arn:aws:backup:{operation.region}:{ACCOUNT}:backup-vault:{vault}"
    return json_reply({"BackupVaultName": vault, "BackupVaultArn": arn, "Policy": policy})


def points_of_region(operation: Operation, state: State) -> list[dict[str, Any]]:
    with state.lock:
        return [p for p in state.recovery_points if p["BackupVaultArn"].split(":")[3] == operation.region]


def paged(operation: Operation, request: Request, name: str, items: list[dict[str, Any]]) -> Reply:
    try:
        shown, token = page(items, int(request.query.get("maxResults", 1000)), request.query.get("nextToken"))
    except ValueError:
        return error_reply(operation, 400, "InvalidParameterValueException", "Invalid token")
    return json_reply({name: shown} | ({"NextToken": token} if token else {}))


def no_such(operation: Operation, what: str) -> Reply:
    return error_reply(operation, 400, "ResourceNotFoundException", f"{what} does not exist")


SERVED = {
    ("backup", "ListBackupVaults"): list_vaults,
    ("backup", "DescribeBackupVault"): describe_vault,
    ("backup", "StartBackupJob"): start_job,
    ("backup", "ListBackupJobs"): list_jobs,
    ("backup", "ListRecoveryPointsByBackupVault"): points_of_vault,
    ("backup", "DescribeRecoveryPoint"): describe_point,
    ("backup", "ListProtectedResources"): protected_resources,
    ("backup", "CreateBackupSelection"): create_selection,
    ("backup", "ListBackupSelections"): list_selections,
    ("backup", "GetBackupSelection"): get_selection,
    ("backup", "PutBackupVaultAccessPolicy"): put_vault_policy,
    ("backup", "GetBackupVaultAccessPolicy"): get_vault_policy,
}
