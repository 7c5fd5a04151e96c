"""A large run of the campus, for what must not grow with a run."""

from datetime import UTC, datetime
from pathlib import Path

from posture import yamlfile
from posture.config import Target
from posture.plan import Scoped
from posture.profile import build_profile
from posture.provider import Limits
from posture.run.directory import Run
from posture.scan import Order, scan
from report import campus

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PROFILE = """
id: campus
title: Campus, privacy page
statements:
  - id: C-1
    section: storage
    summary: Everything is kept under lock and key.
    class: testable
    claims: [{claim: encrypted-at-rest, with: {algorithm: AES-256}}]
"""
ARN = "arn:campus:lockers:north-1:123456789012:building/4f1d2c7a-77aa-4b8e-9d51-0c6f5f7f9c11/locker/"
"""As long as ids of real clouds are."""


def run(findings: int, folder: Path) -> Run:
    """A run with at least so many findings: two checks judge each locker, and of three lockers two stand open."""
    lockers = [
        {
            "id": f"{ARN}locker-{number:05}",
            "name": f"locker-{number:05}",
            "state": "open" if number % 3 else "locked",
            "detail": f"since day {number % 365}",
        }
        for number in range((findings + 1) // 2)
    ]
    profile = build_profile(yamlfile.parse(PROFILE, "campus.yaml"))
    estate = campus.Estate(replies={"ListLockers": lockers}, regions=("north",))
    scan(
        Order(
            scoped=(Scoped(profile=profile, scopes=(profile.source.scope,)),),
            targets=(Target(name="campus", provider="campus", settings=estate),),
            limits=Limits(threads=2, places=1),
        ),
        folder,
        campus.registry(),
        now=NOW,
    )
    return Run.open(folder)
