"""What tests of whole scans share: profiles and orders over the lab, and ways to look at what came of them."""

from pathlib import Path
from typing import Any

from posture.assess import Assessment, ClaimVerdict
from posture.config import Target
from posture.model import Verdict
from posture.plan import Scoped
from posture.profile import Profile, from_data
from posture.provider import Limits
from posture.registry import Registry
from posture.run.directory import Run
from posture.scan import Order, Scanned
from posture.scope import Scope

QUICK = Limits(call=20, kind=20, place=20, run=20, threads=4, places=4)
"""Limits that a test never meets, unless it sets one lower."""


def no_entry_points(group: str) -> list[Any]:
    """Stands in for ``entry_points`` where nothing else shall be installed."""
    return []


def isolate_worker(paths: list[str]) -> None:
    """Make a worker process see what the test sees: its import path, and no other check packages."""
    import sys

    import posture.registry

    sys.path[:] = paths
    posture.registry.entry_points = no_entry_points  # type: ignore[assignment]


def profile(*claims: str | dict[str, Any], id: str = "page", **more: Any) -> Profile:
    """A profile with one testable statement per claim, whose id is the claim's word."""
    uses = [{"claim": claim} if isinstance(claim, str) else claim for claim in claims]
    statements = [
        {"id": use["claim"], "summary": f"A sentence about {use['claim']}.", "class": "testable", "claims": [use]}
        for use in uses
    ]
    return from_data({"id": id, "title": "A page", "statements": statements} | more, f"{id}.yaml")


def scoped(which: Profile, *scopes: Scope) -> Scoped:
    """A profile with its own scope and further ones."""
    return Scoped(profile=which, scopes=(which.source.scope, *scopes))


def order(
    registry: Registry,
    which: Profile | Scoped,
    checks_dir: Path,
    *more: Profile | Scoped,
    targets: dict[str, dict[str, Any]],
    **rest: Any,
) -> Order:
    """An order to scan targets, given as name to ``{provider: settings}`` as in a configuration."""
    made = []
    for name, settings in targets.items():
        ((provider, values),) = settings.items()
        made.append(Target(name=name, provider=provider, settings=registry.providers[provider].target_type(**values)))
    return Order(
        scoped=tuple(use if isinstance(use, Scoped) else scoped(use) for use in (which, *more)),
        targets=tuple(made),
        checks_dir=str(checks_dir),
        **({"limits": QUICK} | rest),
    )


def estate(*ids: str, cloud: str = "lab", **answers: Any) -> dict[str, Any]:
    """Answers of a region whose boxes are all in order; ``answers`` replace them, by operation name without cloud."""
    boxes = [{"id": id} for id in ids]
    found = {
        "ListBoxes": {"boxes": boxes},
        "GetLock *": {"cipher": "AES-256", "key": "k", "grade": "double"},
        "GetGrade *": {"layers": 2},
        "ListKeys": {"keys": [{"id": "k"}]},
        "GetKey *": {"owner": "us"},
        "GetRecorder": {"on": True},
        "ListSeals": {"seals": [{"id": "s", "broken": False}]},
        "ListShelves": {"shelves": []},
    } | answers
    return {f"{cloud}:{name}": reply for name, reply in found.items()}


def claim(assessment: Assessment, statement: str, of: str = "page") -> ClaimVerdict:
    """The first claim of a statement."""
    (found,) = [s for p in assessment.profiles if p.id == of for s in p.statements if s.id == statement]
    return found.claims[0]


def verdicts(assessment: Assessment) -> dict[str, Verdict]:
    """The verdict of each statement."""
    return {s.id: s.verdict for p in assessment.profiles for s in p.statements}


def run_of(scanned: Scanned) -> Run:
    """The directory of a scan."""
    return Run.open(Path(scanned.folder))


def outcomes(scanned: Scanned) -> dict[tuple[str, str], str]:
    """Check and resource of each finding with its outcome, for scans in which a pair stands once."""
    found = {(f.check, f.resource.id): type(f.outcome).__name__.lower() for f in run_of(scanned).findings()}
    assert len(found) == sum(1 for _ in run_of(scanned).findings())
    return found
