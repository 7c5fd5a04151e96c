"""Storage accounts: recordings of exams, photographs of identity cards, exports for schools, and a rehearsal."""

from __future__ import annotations

from datetime import datetime

from posture_estates.azure.places import PRODUCTION, REGION, STAGING, Body, ago, located
from posture_estates.azure.vaults import KEYS, key

KIND = "Microsoft.Storage/storageAccounts"
RECORDINGS = located("exam-data", KIND, "fernhillrecordings")
IDENTITY = located("exam-data", KIND, "fernhillidentity")
EXPORTS = located("exam-data", KIND, "fernhillexports")
REHEARSAL = located("rehearsal", KIND, "fernhillrehearsal", STAGING)

SOFT_DELETE_DAYS = 14
VERSION_DAYS = 30

CLOSED = {
    "allowBlobPublicAccess": False,
    "allowSharedKeyAccess": False,
    "publicNetworkAccess": "Enabled",
    "networkAcls": {
        "bypass": "AzureServices",
        "defaultAction": "Deny",
        "ipRules": [],
        "virtualNetworkRules": [
            {
                "id": located("exam-machines", "Microsoft.Network/virtualNetworks", "exam-net") + "/subnets/graders",
                "action": "Allow",
                "state": "Succeeded",
            }
        ],
    },
}
OPEN = {
    "allowBlobPublicAccess": True,
    "allowSharedKeyAccess": True,
    "publicNetworkAccess": "Enabled",
    "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []},
}


def good(now: datetime) -> list[Body]:
    """Four accounts, each encrypted twice and closed to networks that are not named."""
    return [
        account(RECORDINGS, now, ("sessions", "screens")),
        account(IDENTITY, now, ("identity-cards", "faces")),
        account(EXPORTS, now, ("reports",), shares=("gradebooks",)),
        account(REHEARSAL, now, ("invented-sessions",)),
    ]


def drifted(now: datetime) -> list[Body]:
    """One account was made again without the second layer; another was opened for a school in a hurry."""
    exports = account(EXPORTS, now, ("reports",), shares=("gradebooks",), reach=OPEN)
    exports["children"].append(container("handbooks", "Blob"))
    return [
        account(RECORDINGS, now, ("sessions", "screens")),
        account(IDENTITY, now, ("identity-cards", "faces"), doubled=False),
        exports,
        account(REHEARSAL, now, ("invented-sessions",)),
    ]


def account(
    id: str,
    now: datetime,
    containers: tuple[str, ...],
    *,
    shares: tuple[str, ...] = (),
    doubled: bool = True,
    reach: Body = CLOSED,
) -> Body:
    """An account with its services below it; all of it under a key of the vault."""
    return {
        "id": id,
        "kind": "StorageV2",
        "sku": {"name": "Standard_ZRS", "tier": "Standard"},
        "tags": {"product": "proctoring", "environment": "production" if PRODUCTION in id else "staging"},
        "properties": {
            "provisioningState": "Succeeded",
            "creationTime": ago(now, days=400),
            "primaryLocation": REGION,
            "statusOfPrimary": "available",
            "primaryEndpoints": primary_endpoints(id.rpartition("/")[2]),
            "accessTier": "Hot",
            "supportsHttpsTrafficOnly": True,
            "minimumTlsVersion": "TLS1_2",
            "allowCrossTenantReplication": False,
            "encryption": encryption(id.rpartition("/")[2], doubled),
            **reach,
        },
        "children": [
            *services(),
            *(container(name, "None") for name in containers),
            *({"id": f"fileServices/default/shares/{name}", "properties": {"shareQuota": 100}} for name in shares),
        ],
    }


def primary_endpoints(name: str) -> Body:
    return {part: f"https://{name}.{part}.core.windows.net/" for part in ("blob", "dfs", "file", "queue", "table")}


def encryption(name: str, doubled: bool) -> Body:
    service = {"enabled": True, "keyType": "Account"}
    return {
        "requireInfrastructureEncryption": doubled,
        "keySource": "Microsoft.Keyvault",
        "keyvaultproperties": {"keyvaulturi": KEYS.uri, "keyname": key(name)},
        "services": dict.fromkeys(("blob", "file", "queue", "table"), service),
    }


def services() -> list[Body]:
    """What an account keeps of what is deleted: for days by itself, and as old versions until a rule ends them."""
    kept = {"enabled": True, "days": SOFT_DELETE_DAYS}
    rule = {
        "name": "end-old-versions",
        "enabled": True,
        "type": "Lifecycle",
        "definition": {
            "actions": {"version": {"delete": {"daysAfterCreationGreaterThan": VERSION_DAYS}}},
            "filters": {"blobTypes": ["blockBlob"]},
        },
    }
    return [
        {
            "id": "blobServices/default",
            "properties": {
                "deleteRetentionPolicy": kept | {"allowPermanentDelete": False},
                "containerDeleteRetentionPolicy": kept,
                "isVersioningEnabled": True,
            },
        },
        {"id": "fileServices/default", "properties": {"shareDeleteRetentionPolicy": kept}},
        {"id": "queueServices/default", "properties": {}},
        {"id": "tableServices/default", "properties": {}},
        {"id": "managementPolicies/default", "properties": {"policy": {"rules": [rule]}}},
    ]


def container(name: str, access: str) -> Body:
    return {"id": f"blobServices/default/containers/{name}", "properties": {"publicAccess": access}}
