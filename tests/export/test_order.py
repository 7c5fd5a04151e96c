"""Exports of equal runs are equal, whatever the order in which their findings were written."""

import random
import shutil
from pathlib import Path

import pytest

from export.conftest import exported
from posture.run.directory import Run

FORMATS = ("csv", "jsonl", "junit", "sarif", "markdown", "github")


@pytest.mark.parametrize("form", FORMATS)
def test_the_order_of_findings_changes_no_byte(run: Run, tmp_path: Path, form: str) -> None:
    other = tmp_path / "shuffled"
    shutil.copytree(run.folder, other)
    for path in other.glob("places/*/findings.jsonl"):
        lines = path.read_bytes().splitlines(keepends=True)
        random.Random(3).shuffle(lines)
        path.write_bytes(b"".join(lines))
    assert exported(Run.open(other))[form] == exported(run)[form]


@pytest.mark.parametrize("form", FORMATS)
def test_a_run_has_one_export(run: Run, form: str) -> None:
    assert exported(run)[form] == exported(Run.open(run.folder))[form]
