"""What the gate itself remembers of the account, and how its long lists are cut into pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, TypeVar

from posture_estates.aws.exchange import Forward, Reply, Request
from posture_estates.aws.operations import Operation

Item = TypeVar("Item")
TOKEN = "page-from-"


@dataclass(slots=True)
class State:
    """Settings of an account that moto does not keep. Written and read under `lock`."""

    lock: RLock = field(default_factory=RLock)
    unblocked_buckets: set[str] = field(default_factory=set)  # their public access block was deleted
    snapshot_sharing: dict[str, str] = field(default_factory=dict)  # region → state of the EBS snapshot block
    image_sharing: dict[str, str] = field(default_factory=dict)  # region → state of the AMI block
    scanned_types: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # region → Inspector types
    last_scans: dict[str, float] = field(default_factory=dict)  # region → when Inspector scanned its resources
    macie_regions: set[str] = field(default_factory=set)
    recovery_points: list[dict[str, Any]] = field(default_factory=list)
    backup_jobs: list[dict[str, Any]] = field(default_factory=list)
    backup_selections: list[dict[str, Any]] = field(default_factory=list)
    vault_policies: dict[tuple[str, str], str] = field(default_factory=dict)  # (region, vault) → policy


Serve = Callable[[Operation, Request, State, Forward], Reply]


def page(items: Sequence[Item], size: int, token: str | None) -> tuple[Sequence[Item], str | None]:
    """The part of a list that a token asks for, and the token of the next part (None: this was the last).

    Raises ValueError for a token that no list gave.
    """
    if token and not token.startswith(TOKEN):
        raise ValueError(f"{token!r} is not a token of this service")
    start = int(token.removeprefix(TOKEN)) if token else 0
    end = start + size
    return items[start:end], f"{TOKEN}{end}" if end < len(items) else None
