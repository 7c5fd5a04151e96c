"""The tenant's subscriptions and groups, and how ids and times in them are written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Body = dict[str, Any]

NAME = "Fernhill Exams"
REGION = "westeurope"
TENANT = "c0a5f1de-3b7e-4d59-9a64-2f1f6a0be9d1"
PRODUCTION = "7d1f0c36-58a2-4f0b-8f5e-1c9d2ab4e601"
STAGING = "2b9e44a7-0c1d-4e5a-b1f3-60d7c8a95f02"

GROUPS = {  # subscription → its groups
    PRODUCTION: ("exam-data", "exam-machines", "exam-keys", "exam-backups"),
    STAGING: ("rehearsal",),
}


def subscriptions() -> list[Body]:
    names = {PRODUCTION: "Exams production", STAGING: "Exams staging"}
    return [
        {
            "id": subscription,
            "name": names[subscription],
            "locations": [REGION, "northeurope"],
            "resource_groups": [{"name": group, "location": REGION} for group in groups],
        }
        for subscription, groups in GROUPS.items()
    ]


def located(group: str, kind: str, name: str, subscription: str = PRODUCTION) -> str:
    """The id of a top-level resource, spelled as Resource Manager spells it."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}/{name}"


def known_as(name: str) -> str:
    """The directory's id for somebody or something, the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"https://fernhill.example/{name}"))


def ago(now: datetime, **span: float) -> str:
    """An instant as Resource Manager writes it, with seven decimals."""
    return f"{now - timedelta(**span):%Y-%m-%dT%H:%M:%S}.0000000Z"
