"""Backups: a Recovery Services vault for machines and a file share; in the drifted tenant a Backup vault for disks."""

from __future__ import annotations

from datetime import datetime

from posture_estates.azure.disks import GATEWAY, GRADER, MODELS
from posture_estates.azure.places import Body, ago, located
from posture_estates.azure.storage import EXPORTS
from posture_estates.azure.vaults import KEYS, key

VAULT = located("exam-backups", "Microsoft.RecoveryServices/vaults", "exam-backups")
DISKS = located("exam-backups", "Microsoft.DataProtection/backupVaults", "disk-backups")
KEPT_DAYS = 30
SOFT_DELETE_DAYS = 14


def good(now: datetime) -> list[Body]:
    return [recovery_vault(now)]


def drifted(now: datetime) -> list[Body]:
    """Soft delete was switched off to empty a vault; a Backup vault, in order as far as ARM tells, was added."""
    return [recovery_vault(now, soft_delete="Disabled", immutability="Disabled"), backup_vault(now)]


def recovery_vault(now: datetime, *, soft_delete: str = "AlwaysON", immutability: str = "Locked") -> Body:
    """Encrypted under the customer's key and by the infrastructure, and closed to the public network."""
    own_key = f"{KEYS.uri}keys/{key('backups')}"
    deletion = {"softDeleteState": soft_delete, "softDeleteRetentionPeriodInDays": SOFT_DELETE_DAYS}
    encryption = {
        "encryptionAtRestType": "CustomerManaged",
        "keyUri": own_key,
        "infrastructureEncryptionState": "Enabled",
        "lastUpdateStatus": "Succeeded",
    }
    return {
        "id": VAULT,
        "sku": {"name": "RS0", "tier": "Standard"},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "provisioningState": "Succeeded",
            "publicNetworkAccess": "Disabled",
            "encryption": {
                "keyVaultProperties": {"keyUri": own_key},
                "kekIdentity": {"useSystemAssignedIdentity": True},
                "infrastructureEncryption": "Enabled",
            },
            "securitySettings": {"softDeleteSettings": deletion, "immutabilitySettings": {"state": immutability}},
            "redundancySettings": {"standardTierStorageRedundancy": "ZoneRedundant", "crossRegionRestore": "Disabled"},
        },
        "children": [
            {"id": "backupEncryptionConfigs/backupResourceEncryptionConfig", "properties": encryption},
            {"id": "backupconfig/vaultconfig", "properties": {"softDeleteFeatureState": soft_delete}},
            {"id": "backupstorageconfig/vaultstorageconfig", "properties": {"storageType": "ZoneRedundant"}},
            policy("machines", "AzureIaasVM"),
            policy("shares", "AzureStorage"),
            protected_machine(GATEWAY, now),
            protected_machine(GRADER, now),
            protected_share(EXPORTS, "gradebooks", now),
        ],
    }


def policy(name: str, management: str) -> Body:
    duration = {"count": KEPT_DAYS, "durationType": "Days"}
    retention = {"retentionPolicyType": "LongTermRetentionPolicy", "dailySchedule": {"retentionDuration": duration}}
    schedule = {"schedulePolicyType": "SimpleSchedulePolicy", "scheduleRunFrequency": "Daily"}
    return {
        "id": f"backupPolicies/{name}",
        "properties": {
            "backupManagementType": management,
            "schedulePolicy": schedule,
            "retentionPolicy": retention,
            "timeZone": "UTC",
        },
    }


def protected_machine(machine: str, now: datetime) -> Body:
    group, name = machine.split("/")[4], machine.rpartition("/")[2]
    place = f"iaasvmcontainerv2;{group};{name}"
    item = f"protectionContainers/IaasVMContainer;{place}/protectedItems/VM;{place}"
    return protected(item, machine, name, "AzureIaasVM", "machines", now)


def protected_share(account: str, share: str, now: datetime) -> Body:
    group, name = account.split("/")[4], account.rpartition("/")[2]
    item = f"protectionContainers/StorageContainer;Storage;{group};{name}/protectedItems/AzureFileShare;{share}"
    return protected(item, account, share, "AzureStorage", "shares", now)


def protected(item: str, source: str, name: str, management: str, policy: str, now: datetime) -> Body:
    """A protected item; its last backup was last night."""
    return {
        "id": f"backupFabrics/Azure/{item}",
        "properties": {
            "friendlyName": name,
            "backupManagementType": management,
            "sourceResourceId": source,
            "policyId": f"{VAULT}/backupPolicies/{policy}",
            "protectionState": "Protected",
            "protectionStatus": "Healthy",
            "lastBackupStatus": "Completed",
            "lastBackupTime": ago(now, hours=9),
            "lastRecoveryPoint": ago(now, hours=9),
            "isScheduledForDeferredDelete": False,
        },
    }


def backup_vault(now: datetime) -> Body:
    """It asks for no network, since Resource Manager has no such setting for this kind of vault."""
    encryption = {"state": "Enabled", "infrastructureEncryption": "Enabled"}
    deletion = {"state": "AlwaysOn", "retentionDurationInDays": float(SOFT_DELETE_DAYS)}
    instance_policy = {"policyId": f"{DISKS}/backupPolicies/disks"}
    return {
        "id": DISKS,
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "provisioningState": "Succeeded",
            "securitySettings": {
                "encryptionSettings": encryption
                | {"keyVaultProperties": {"keyUri": f"{KEYS.uri}keys/{key('disk-backups')}"}},
                "softDeleteSettings": deletion,
                "immutabilitySettings": {"state": "Locked"},
            },
            "storageSettings": [{"datastoreType": "OperationalStore", "type": "ZoneRedundant"}],
        },
        "children": [
            disk_policy(),
            {
                "id": "backupInstances/models",
                "properties": {
                    "friendlyName": "models",
                    "dataSourceInfo": {"resourceID": MODELS, "datasourceType": "Microsoft.Compute/disks"},
                    "policyInfo": instance_policy,
                    "protectionStatus": {"status": "ProtectionConfigured"},
                    "currentProtectionState": "ProtectionConfigured",
                },
                "children": [
                    {"id": f"recoveryPoints/night-{night}", "properties": recovery_point(now, 10 + 24 * night)}
                    for night in range(3)
                ],
            },
        ],
    }


def recovery_point(now: datetime, hours: int) -> Body:
    return {
        "objectType": "AzureBackupDiscreteRecoveryPoint",
        "recoveryPointType": "Incremental",
        "recoveryPointTime": ago(now, hours=hours),
    }


def disk_policy() -> Body:
    store = {"dataStoreType": "OperationalStore", "objectType": "DataStoreInfoBase"}
    lifecycle = {
        "deleteAfter": {"objectType": "AbsoluteDeleteOption", "duration": f"P{KEPT_DAYS}D"},
        "sourceDataStore": store,
    }
    rule = {"name": "Default", "objectType": "AzureRetentionRule", "isDefault": True, "lifecycles": [lifecycle]}
    return {
        "id": "backupPolicies/disks",
        "properties": {
            "objectType": "BackupPolicy",
            "datasourceTypes": ["Microsoft.Compute/disks"],
            "policyRules": [rule],
        },
    }
