"""What tests of exports share: the runs of tests/report, whole and as their exporters take them, and their places."""

from pathlib import Path
from typing import Any

import pytest

from posture import yamlfile
from posture.export import annotations, csvrows, jsonlines, junit, markdown, sarif
from posture.export.entries import entries
from posture.export.places import Placed, placed, places
from posture.profile import build_profile
from posture.report.view import View, build
from posture.run.directory import Run
from report import campus
from report.conftest import PROFILE, run, scanned, view

__all__ = ["exported", "run", "scanned", "standing", "view"]

SCHEMAS = Path(__file__).parent / "schemas"


@pytest.fixture
def standing() -> dict[str, Placed]:
    """Where the statements of the campus stand."""
    return {"campus": placed("profiles/campus.yaml", build_profile(yamlfile.parse(PROFILE, "campus.yaml")))}


def exported(run: Run, registry: Any = None) -> dict[str, str]:
    """A run in every format of posture.export."""
    view = build(run, registry or campus.registry())
    standing = places(run.head().profiles, {})
    return {
        "csv": "".join(csvrows.lines(view, entries(run))),
        "jsonl": "".join(jsonlines.lines(view, entries(run))),
        "junit": junit.render(view),
        "sarif": sarif.render(view, entries(run), standing),
        "markdown": markdown.render(view),
        "github": annotations.render(view, standing),
    }


def statement(view: View, id: str) -> Any:
    """A statement of the first profile."""
    return next(found for found in view.profiles[0].statements if found.id == id)
