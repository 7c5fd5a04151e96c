"""The page on adding a service: its own examples run with all others; here, its last part, in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands import clean
from docs.pages import ROOT, examples, page
from posture.registry import installed

PAGE = page("add-a-service.md")
FILES = examples.files(PAGE)


def test_posture_does_not_judge_what_the_page_adds() -> None:
    judged = {check.fact.kind for check in installed().checks.values()}
    message = "posture judges queues now: docs/add-a-service.md needs another service as its example"
    assert "aws.sqs.queue" not in judged, message


def test_the_page_shows_every_file_that_it_needs() -> None:
    assert sorted(FILES) == [
        "make_queues.py",
        "own/acme_queues/__init__.py",
        "own/acme_queues/sqs.py",
        "queues.yaml",
        "test_acme_queues.py",
        "tests/checks/aws/test_sqs.py",
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The check packages as the page's last part has them: one file more, and queues not only counted."""
    for name in ("posture_aws", "posture_azure", "posture_endpoint"):
        shutil.copytree(ROOT / "checks" / name, tmp_path / "checks" / name)
    added = FILES["own/acme_queues/sqs.py"].replace("acme.sqs.queue-encryption", "aws.sqs.queue-encryption")
    (tmp_path / "checks/posture_aws/sqs.py").write_text(added, encoding="utf-8")
    inventory = tmp_path / "checks/posture_aws/inventory.py"
    counted = inventory.read_text(encoding="utf-8")
    parts = re.split(r"\n\n\n(?=class |@reader)", counted)
    kept = [part for part in parts if not re.search(r'^class Queue\(|operation="sqs:ListQueues"', part, re.MULTILINE)]
    assert len(kept) == len(parts) - 2
    inventory.write_text("\n\n\n".join(kept), encoding="utf-8")
    (tmp_path / "test_sqs.py").write_text(FILES["tests/checks/aws/test_sqs.py"], encoding="utf-8")
    return tmp_path


def ran(project: Path, *command: str) -> str:
    paths = os.pathsep.join(map(str, (project / "checks", ROOT / "tests", ROOT)))
    done = subprocess.run(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=project,
        env=clean({"PYTHONPATH": paths}),
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_same_file_works_in_the_project(project: Path) -> None:
    assert "7 passed" in ran(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_sqs.py")
    program = "from posture.cli import main; import posture_aws.sqs as own; print(own.__file__); main()"
    shown = ran(project, "-c", program, "checks", "show", "aws.sqs.queue-encryption")
    assert str(project) in shown.splitlines()[0]
    assert "sqs:GetQueueAttributes" in shown
    plan = ran(project, "-c", program, "plan", "-p", "baseline", "--aws")
    assert len(re.findall(r"^sqs:ListQueues", plan, re.MULTILINE)) == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("checks/posture_aws/sqs.py", "own/acme_queues/sqs.py"),
        ("tests/checks/aws/test_sqs.py", "tests/checks/aws/test_sqs.py"),
    ],
)
@pytest.mark.parametrize("command", [("check",), ("format", "--check")])
def test_a_file_of_the_page_is_written_as_the_project_is(command: tuple[str, ...], name: str, shown: str) -> None:
    pytest.importorskip("ruff")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--stdin-filename", name, "-"],
        input=FILES[shown],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
