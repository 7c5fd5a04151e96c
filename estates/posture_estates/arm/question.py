"""A read put to the tenant, and the permission it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from posture_estates.arm.access import Principal
from posture_estates.arm.path import Target
from posture_estates.arm.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A read by a known principal; `url` is the address asked for, without its query."""

    target: Target
    query: Mapping[str, str]
    principal: Principal
    url: str
    denied: bool = False  # a fault takes the permission away


def action_of(target: Target, tenant: Tenant, verb: str = "read") -> str:
    """The permission a request needs: the type in its published spelling, and what is done to it."""
    return f"{tenant.versions.spelled(target.type)}/{verb}"
