"""Runs for tests of commands that read runs: the lab of the engine's tests, scanned in this process."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine import lab, scans
from posture.profile import Profile
from posture.registry import Registry
from posture.run.directory import Run
from posture.scan import scan

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LOCKS = "encrypted-at-rest"
NO_LOCK = {"GetLock a": {"$absent": "NoLock"}}


def lab_run(
    folder: Path,
    answers: dict[str, Any],
    *claims: str,
    profile: Profile | None = None,
    now: datetime = NOON,
    settings: dict[str, Any] | None = None,
    **rest: Any,
) -> Run:
    """A run over one account of the lab."""
    registry = Registry([lab])
    use = profile or scans.profile(*(claims or (LOCKS,)))
    targets = {"t": {"lab": {"answers": answers, **(settings or {})}}}
    ordered = scans.order(registry, use, Path(), targets=targets, **rest)
    return scans.run_of(scan(ordered, folder, registry, now=now))
