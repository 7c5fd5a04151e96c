"""Machines with their disks and snapshots, which a disk encryption set encrypts twice."""

from __future__ import annotations

from datetime import datetime

from posture_estates.azure.places import Body, ago, located
from posture_estates.azure.vaults import KEYS

GROUP = "exam-machines"
DISK = "Microsoft.Compute/disks"
SET = located(GROUP, "Microsoft.Compute/diskEncryptionSets", "exam-disks")
GATEWAY, GRADER = (located(GROUP, "Microsoft.Compute/virtualMachines", name) for name in ("gateway-01", "grader-01"))
GATEWAY_DISK, GRADER_DISK, MODELS = (located(GROUP, DISK, name) for name in ("gateway-01-os", "grader-01-os", "models"))
SCRATCH = located(GROUP, DISK, "scratch")
NIGHTLY = located(GROUP, "Microsoft.Compute/snapshots", "models-nightly")

TWICE = {"type": "EncryptionAtRestWithPlatformAndCustomerKeys", "diskEncryptionSetId": SET}
ONCE = {"type": "EncryptionAtRestWithPlatformKey"}
CLOSED = {"networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Disabled"}
OPEN = {"networkAccessPolicy": "AllowAll", "publicNetworkAccess": "Enabled"}


def good(now: datetime) -> list[Body]:
    return [
        encryption_set(),
        machine(GATEWAY, GATEWAY_DISK),
        machine(GRADER, GRADER_DISK),
        disk(GATEWAY_DISK, now, owner=GATEWAY),
        disk(GRADER_DISK, now, owner=GRADER),
        disk(MODELS, now, owner=GRADER),
        snapshot(NIGHTLY, MODELS, now),
    ]


def drifted(now: datetime) -> list[Body]:
    """Somebody attached a disk of the default kind, then left it lying about."""
    return [*good(now), disk(SCRATCH, now, encryption=ONCE, reach=OPEN)]


def encryption_set() -> Body:
    return {
        "id": SET,
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "activeKey": {"sourceVault": {"id": KEYS.id}, "keyUrl": f"{KEYS.uri}keys/disks"},
            "encryptionType": TWICE["type"],
            "rotationToLatestKeyVersionEnabled": True,
            "provisioningState": "Succeeded",
        },
    }


def machine(id: str, disk: str) -> Body:
    return {
        "id": id,
        "properties": {
            "provisioningState": "Succeeded",
            "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
            "securityProfile": {"encryptionAtHost": True},
            "storageProfile": {
                "osDisk": {"osType": "Linux", "managedDisk": {"id": disk, "diskEncryptionSet": {"id": SET}}},
                "dataDisks": [],
            },
        },
    }


def disk(id: str, now: datetime, *, owner: str = "", encryption: Body = TWICE, reach: Body = CLOSED) -> Body:
    return {
        "id": id,
        "sku": {"name": "Premium_ZRS", "tier": "Premium"},
        **({"managedBy": owner} if owner else {}),
        "properties": {
            "timeCreated": ago(now, days=300),
            "provisioningState": "Succeeded",
            "creationData": {"createOption": "Empty"},
            "diskSizeGB": 128,
            "diskState": "Attached" if owner else "Unattached",
            "encryption": encryption,
            **reach,
        },
    }


def snapshot(id: str, source: str, now: datetime) -> Body:
    return {
        "id": id,
        "sku": {"name": "Standard_ZRS", "tier": "Standard"},
        "properties": {
            "timeCreated": ago(now, hours=11),
            "provisioningState": "Succeeded",
            "creationData": {"createOption": "Copy", "sourceResourceId": source},
            "incremental": True,
            "diskSizeGB": 128,
            "diskState": "Unattached",
            "encryption": TWICE,
            **CLOSED,
        },
    }
