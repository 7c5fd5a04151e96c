"""The tenant in order, drifted, or empty, as documents of the local Resource Manager; and refusing to be read."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Literal

from posture_estates.arm import Faults
from posture_estates.azure import access, backups, databases, disks, storage, vaults, web
from posture_estates.azure.places import NAME, TENANT, Body, subscriptions

State = Literal["good", "drifted", "empty"]

REFUSED = (
    "Microsoft.Authorization/roleAssignments/read",
    "Microsoft.Authorization/roleDefinitions/read",
    "Microsoft.KeyVault/vaults/read",
    "Microsoft.RecoveryServices/vaults/backupProtectedItems/read",
    "Microsoft.Sql/servers/databases/transparentDataEncryption/read",
    "Microsoft.Storage/storageAccounts/blobServices/read",
)


def tenant(state: State, now: datetime | None = None) -> dict[str, Any]:
    """A document for `ArmServer`; what happened lately in it happened before `now`, by default the real one.

    What `drifted` has wrong is told by `truth.WRONG`; `good` has nothing wrong; `empty` is subscriptions and groups.
    """
    return {
        "tenant": TENANT,
        "name": NAME,
        "subscriptions": subscriptions(),
        "resources": deepcopy(_resources(state, now or datetime.now(UTC))),
    }


def refuse(faults: Faults) -> None:
    """Withhold a few reads, of each service one or two, from whoever scans."""
    for action in REFUSED:
        faults.deny(action)


def _resources(state: State, now: datetime) -> list[Body]:
    match state:
        case "good":
            return [
                *storage.good(now),
                *disks.good(now),
                *databases.good(),
                *vaults.good(),
                *backups.good(now),
                *access.good(),
                *web.good(),
            ]
        case "drifted":
            return [
                *storage.drifted(now),
                *disks.drifted(now),
                *databases.drifted(),
                *vaults.drifted(),
                *backups.drifted(now),
                *access.drifted(),
                *web.drifted(),
            ]
        case "empty":
            return []
