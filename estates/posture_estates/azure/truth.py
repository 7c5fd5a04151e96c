"""What is wrong with the drifted tenant, as data; every other resource of it is in order as far as anybody can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from posture_estates.azure.access import ANYTHING, role_id
from posture_estates.azure.backups import VAULT
from posture_estates.azure.databases import ARCHIVE, CHAT, MASTER, RESULTS, SERVER, SESSIONS
from posture_estates.azure.disks import SCRATCH
from posture_estates.azure.places import PRODUCTION
from posture_estates.azure.storage import EXPORTS, IDENTITY
from posture_estates.azure.vaults import TOOLS
from posture_estates.azure.web import APP, ROUTE

Property = Literal[
    "encrypted-at-rest",
    "double-encrypted",
    "backups-encrypted",
    "tls-minimum",
    "https-only",
    "no-public-access",
    "network-restricted",
    "named-principals-only",
    "role-based-access",
    "vault-protected",
    "deleted-within",
]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One violated property of a resource. `id` is its ARM id; ids are the same in any case of letters."""

    id: str
    property: Property
    reason: str


_ADMITS = "its server's firewall admits every address"

WRONG = (
    Wrong(IDENTITY, "double-encrypted", "has no infrastructure encryption"),
    Wrong(EXPORTS, "no-public-access", "lets everybody read the container handbooks"),
    Wrong(EXPORTS, "network-restricted", "answers every network"),
    Wrong(EXPORTS, "named-principals-only", "accepts its account keys"),
    Wrong(SCRATCH, "double-encrypted", "is encrypted under a platform key alone"),
    Wrong(SERVER, "tls-minimum", "accepts TLS 1.0"),
    Wrong(APP, "tls-minimum", "its scm site accepts TLS 1.0"),
    Wrong(APP, "https-only", "answers plain HTTP"),
    Wrong(ROUTE, "https-only", "takes plain HTTP and forwards it"),
    *(Wrong(database, "network-restricted", _ADMITS) for database in (MASTER, SESSIONS, RESULTS, ARCHIVE)),
    Wrong(ARCHIVE, "encrypted-at-rest", "has transparent data encryption off"),
    Wrong(ARCHIVE, "double-encrypted", "has transparent data encryption off"),
    Wrong(ARCHIVE, "backups-encrypted", "has transparent data encryption off, and its backups with it"),
    Wrong(RESULTS, "deleted-within", "has a yearly backup that is kept for ten years"),
    Wrong(TOOLS.id, "vault-protected", "has no purge protection"),
    Wrong(VAULT, "vault-protected", "has soft delete switched off"),
    Wrong(f"/subscriptions/{PRODUCTION}", "role-based-access", "has seven owners and a contributor"),
    Wrong(role_id(ANYTHING), "role-based-access", "is a role whose actions are a wildcard"),
)

BLIND = (CHAT,)
"""Stores of the drifted tenant that no check judges, so that nothing of them is verified."""
