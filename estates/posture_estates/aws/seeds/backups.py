"""AWS Backup: in each region a locked vault under the customer's key, a plan, and recovery points that expire."""

from __future__ import annotations

from posture_estates.aws.exchange import ACCOUNT
from posture_estates.aws.seeds.account import AWAY, HOME, REGIONS, ROLE, Account

VAULT = "classrooms"
LIFE = {"DeleteAfterDays": 35}


def build(account: Account) -> None:
    for region in REGIONS:
        backup = account.client("backup", region)
        backup.create_backup_vault(BackupVaultName=VAULT, EncryptionKeyArn=account.keys[region])
        backup.put_backup_vault_lock_configuration(BackupVaultName=VAULT, MinRetentionDays=7, MaxRetentionDays=35)
        rule = {
            "RuleName": "nightly",
            "TargetBackupVaultName": VAULT,
            "ScheduleExpression": "cron(0 3 * * ? *)",
            "Lifecycle": LIFE,
        }
        plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "nightly", "Rules": [rule]})
        backup.create_backup_selection(
            BackupPlanId=plan["BackupPlanId"],
            BackupSelection={"SelectionName": "everything", "IamRoleArn": ROLE, "Resources": ["*"]},
        )
        for resource in (*volumes(account, region), *databases(region)):
            save(account, region, resource)


def volumes(account: Account, region: str, name: str = "classroom-*") -> list[str]:
    found = account.client("ec2", region).describe_volumes(Filters=[{"Name": "tag:Name", "Values": [name]}])
    return [f"arn:aws:ec2:{region}:{ACCOUNT}:volume/{volume['VolumeId']}" for volume in found["Volumes"]]


def databases(region: str) -> list[str]:
    names = {HOME: ("db:classrooms", "cluster:chat"), AWAY: ("db:gradebook",)}[region]
    return [f"arn:aws:rds:{region}:{ACCOUNT}:{name}" for name in names]


def save(account: Account, region: str, resource: str) -> None:
    account.client("backup", region).start_backup_job(
        BackupVaultName=VAULT, ResourceArn=resource, IamRoleArn=ROLE, Lifecycle=LIFE
    )


def drift(account: Account) -> None:
    for volume in volumes(account, AWAY, "scratch"):
        save(account, AWAY, volume)
