"""posture diff: its exit codes, its two forms, and what a large or a hostile run does to it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from cli.labruns import LOCKS, NO_LOCK, lab_run
from commands import PROGRAM, clean, posture
from engine import scans
from posture.model import Fail, Finding, Pass
from posture.report.inert import ACTIVE
from posture.run.directory import Run
from report.test_inert import HOSTILE

LOST = {"GetLock a": {"$gap": "access-denied"}}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    estates = {"good": {}, "bad": NO_LOCK, "lost": LOST}
    made = {name: lab_run(folder / name, scans.estate("a", "b", **more)) for name, more in estates.items()}
    return {name: run.folder for name, run in made.items()}


@pytest.mark.parametrize(
    ("before", "after", "more", "code"),
    [
        ("good", "good", (), 0),
        ("good", "bad", (), 1),
        ("bad", "good", (), 0),
        ("bad", "bad", (), 0),
        ("good", "lost", (), 1),
        ("lost", "good", (), 0),
        ("bad", "lost", (), 1),
        ("good", "lost", ("--fail-on", "contradicted"), 0),
        ("good", "bad", ("--fail-on", "incomplete"), 0),
        ("good", "lost", ("--fail-on", "incomplete"), 1),
        ("good", "bad", ("--fail-on", "never"), 0),
    ],
)
def test_a_turn_for_the_worse_ends_with_1(
    known: dict[str, Path], before: str, after: str, more: tuple[str, ...], code: int
) -> None:
    for form in ((), ("--json",)):
        done = posture("diff", known[before], known[after], *more, *form)
        assert (done.code, done.err) == (code, "")


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_text_fits_and_says_what_turned_and_why(
    known: dict[str, Path], columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = posture("diff", known["good"], known["bad"])
    told = " ".join(done.out.split())
    assert max(map(len, done.out.splitlines())) <= int(columns)
    assert f"✔ verified → ✘ contradicted {LOCKS} A sentence about {LOCKS}." in told
    assert "cause: environment (environment 1); the gate now sees it contradicted" in told
    assert "a: ✔ is locked with AES-256 → ✘ has no lock environment: the replies differ (lab.box.encryption, " in told
    assert "1 statement and 1 finding changed: environment 1." in told


def test_nothing_changed_is_said(known: dict[str, Path]) -> None:
    done = posture("diff", known["good"], known["good"])
    assert "Both runs were made alike" in done.out
    assert done.out.endswith("page: 0 of 1 statement changed\n\nNothing changed.\n")


def test_json_holds_the_statements_and_every_finding(known: dict[str, Path]) -> None:
    found = json.loads(posture("diff", known["good"], known["bad"], "--json").out)
    assert (found["schema"], found["equal"], found["causes"]) == ("posture-diff/1", False, {"environment": 1})
    (statement,) = found["profiles"][0]["changed"]
    assert (statement["before"], statement["after"], statement["worse"]) == (
        "verified",
        "contradicted",
        ["contradicted"],
    )
    (finding,) = found["findings"]
    assert (finding["cause"], finding["after"]["outcome"], finding["resource"]["id"]) == (
        "environment",
        "fail",
        "lab/a",
    )
    same = json.loads(posture("diff", known["good"], known["good"], "--json").out)
    assert (same["equal"], same["findings"]) == (True, [])


@pytest.mark.parametrize(("before", "after"), [("good", "good"), ("good", "bad"), ("bad", "lost"), ("lost", "good")])
def test_json_keeps_the_published_schema(known: dict[str, Path], before: str, after: str) -> None:
    found = json.loads(posture("diff", known[before], known[after], "--json").out)
    validator = Draft202012Validator(json.loads(posture("schema", "diff").out))
    validator.validate(found)
    for broken in ({"schema": "posture-diff/2"}, {"equal": "no"}, {"causes": None}, {"more": 1}):
        assert not validator.is_valid(found | broken)
    assert not validator.is_valid({name: value for name, value in found.items() if name != "findings"})


def test_a_run_that_was_altered_is_not_compared(tmp_path: Path, known: dict[str, Path]) -> None:
    run = lab_run(tmp_path / "run", scans.estate("a"))
    (run.folder / "verdicts.json").write_text("{}")
    done = posture("diff", known["good"], run.folder)
    assert (done.code, done.out) == (5, "")
    assert "verdicts.json: altered since the run was sealed" in done.complaint


def test_what_is_no_run_is_a_usage_error(tmp_path: Path, known: dict[str, Path]) -> None:
    done = posture("diff", known["good"], tmp_path)
    assert done.code == 2
    assert done.complaint.endswith("is not a run directory (it has no run.json)")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_text_neither_acts_nor_hides(tmp_path: Path, text: str) -> None:
    def run(name: str, cipher: dict[str, Any]) -> Run:
        answers = scans.estate(ListBoxes={"boxes": [{"id": text, "name": text}]})
        profile = scans.profile(LOCKS, title=text)
        return lab_run(tmp_path / name, answers | {"lab:GetLock *": cipher}, profile=profile)

    old, new = run("old", {"cipher": "AES-256"}), run("new", {"cipher": text})
    for form in ((), ("--json",)):
        done = posture("diff", old.folder, new.folder, *form)
        assert done.code == 1
        assert not ACTIVE.search(done.out.replace("\n", ""))
        if form:
            assert json.loads(done.out)["findings"][0]["resource"]["name"] == text
        else:
            assert all(len(line) <= 100 for line in done.out.splitlines())
            assert not [line for line in done.out.splitlines() if line.startswith("✔ verified         C-9")]


def many(run: Run, count: int, fails: int) -> Path:
    """The run with ``count`` findings more, of which every so many fail, under a new seal."""
    (path,) = run.folder.glob("places/*region*/findings.jsonl")
    first = msgspec.json.decode(path.read_bytes().splitlines()[0], type=Finding)
    with path.open("ab") as file:
        for number in range(count):
            box = msgspec.structs.replace(first.resource, id=f"lab/more-{number}", name=f"more-{number}")
            outcome = Fail("has no lock") if number % fails == 0 else Pass("is locked with AES-256")
            finding = msgspec.structs.replace(first, id=f"{number:064x}", resource=box, outcome=outcome)
            file.write(msgspec.json.encode(finding) + b"\n")
    run.seal()
    return run.folder


MEASURED = f"""
try:
    {PROGRAM}
finally:
    status = open("/proc/self/status").read()
    print("peak", status.partition("VmHWM:")[2].split()[0], file=sys.stderr)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process its own peak")
def test_a_hundred_thousand_findings_are_compared_in_little_memory(tmp_path: Path) -> None:
    runs = [many(lab_run(tmp_path / f"r{each}", scans.estate("a")), 100_000, each) for each in (3, 2)]
    command = [sys.executable, "-c", MEASURED, "diff", *map(str, runs), "--json"]
    with (tmp_path / "out.json").open("wb") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, env=clean({}), timeout=120)
    assert done.returncode == 0, "the verdicts that were sealed are the same"
    found = json.loads((tmp_path / "out.json").read_text())
    changed = sum((number % 3 == 0) != (number % 2 == 0) for number in range(100_000))
    assert len(found["findings"]) == sum(found["causes"].values()) == changed
    peak = int(done.stderr.split()[-1]) / 1024
    assert peak < 80, f"{peak:.0f} MB"
