"""posture runs: each run in a line or two, and none taken for sound that is not."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cli.labruns import NO_LOCK, NOON, lab_run
from commands import posture
from engine import lab, scans
from posture.registry import Registry
from posture.report import terminal
from posture.report.inert import ACTIVE
from posture.report.view import build
from posture.run.directory import Run
from report.test_inert import HOSTILE

LATER = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lab_run(tmp_path / "runs" / "first", scans.estate("a"))
    lab_run(tmp_path / "runs" / "second", scans.estate("a", **NO_LOCK), now=LATER)
    (tmp_path / "runs" / "notes").mkdir()
    (tmp_path / "runs" / "notes.txt").write_text("mine")
    return tmp_path / "runs"


def listed(*arguments: object) -> tuple[int, list[dict[str, Any]]]:
    done = posture("runs", *arguments, "--json")
    found = json.loads(done.out)
    assert found["schema"] == "posture-runs/1"
    return done.code, found["runs"]


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_runs_are_listed_with_what_they_say_of_themselves_the_latest_first(folder: Path) -> None:
    code, (second, first) = listed(folder)
    assert code == 0
    assert first == {
        "folder": str(folder / "first"),
        "started": NOON.isoformat(),
        "tool": Run.open(folder / "first").head().tool,
        "profiles": ["page"],
        "targets": ["t"],
        "verdicts": {"verified": 1, "contradicted": 0, "partly-verified": 0, "unknown": 0, "not-testable": 0},
        "complete": True,
        "seal": "sealed",
        "size": size(folder / "first"),
        "problem": "",
    }
    assert (second["folder"], second["verdicts"]["contradicted"]) == (str(folder / "second"), 1)


def test_the_text_fits_in_80_columns(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = posture("runs", folder)
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert next(line for line in lines if "complete, sealed, " in line).endswith("✔ 0  ✘ 1  ◐ 0  ? 0  – 0")
    assert " ".join(done.out.split()).startswith("2026-11-25 12:00 UTC ")
    assert "2 runs in" in done.out


def test_the_usual_folder_needs_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = posture("runs")
    assert done.code == 2
    assert done.complaint == "posture-runs is no folder; name the one that holds your runs"
    lab_run(tmp_path / "posture-runs" / "one", scans.estate("a"))
    assert "1 run in posture-runs" in posture("runs").out


def test_an_empty_folder_has_no_runs_and_a_run_is_its_own_list(folder: Path) -> None:
    assert "There are no runs in " in posture("runs", folder / "notes").out
    assert [row["folder"] for row in listed(folder / "first")[1]] == [str(folder / "first")]


def alter(run: Path) -> None:
    data = (run / "plan.json").read_bytes()
    (run / "plan.json").write_bytes(data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])


def remove(run: Path) -> None:
    (run / "plan.json").unlink()


def add(run: Path) -> None:
    (run / "more.json").write_text("{}")


def unseal(run: Path) -> None:
    (run / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("harm", "quick", "verified"),
    [
        (lambda run: None, (0, "sealed"), (0, "intact")),
        (alter, (0, "sealed"), (5, "altered")),
        (remove, (5, "altered"), (5, "altered")),
        (add, (5, "altered"), (5, "altered")),
        (unseal, (0, "unsealed"), (0, "unsealed")),
        (lambda run: (run / "manifest.json").write_text("{"), (5, "altered"), (5, "altered")),
    ],
    ids=["nothing", "alter", "remove", "add", "unseal", "cut the seal"],
)
def test_only_verify_says_that_a_run_is_intact(
    tmp_path: Path, harm: Callable[[Path], Any], quick: tuple[int, str], verified: tuple[int, str]
) -> None:
    harm(lab_run(tmp_path / "runs" / "one", scans.estate("a")).folder)
    for more, expected in (((), quick), (("--verify",), verified)):
        code, (row,) = listed(tmp_path / "runs", *more)
        assert (code, row["seal"]) == expected
        assert bool(row["problem"]) is (row["seal"] == "altered")


def test_a_run_that_ended_early_is_partial(folder: Path) -> None:
    (folder / "first" / "verdicts.json").unlink()
    unseal(folder / "first")
    for result in (folder / "second").glob("places/*region*/result.json"):
        result.unlink()
    _, (second, first) = listed(folder)
    assert (first["complete"], first["verdicts"], first["problem"]) == (False, {}, "ended before its verdicts")
    assert (second["complete"], second["verdicts"]["contradicted"]) == (False, 1)


def test_an_interrupted_run_is_partial(tmp_path: Path) -> None:
    from posture.provider import Limits

    limits = Limits(call=20, kind=20, place=20, run=0.3, threads=2, places=1)
    answers = scans.estate("a", **{"GetLock a": {"cipher": "AES-256", "$sleep": 1}})
    run = lab_run(tmp_path / "run", answers, limits=limits)
    assert [row["complete"] for row in listed(tmp_path / "run")[1]] == [False]
    told = " ".join(terminal.render(build(run, Registry([lab]))).split())
    assert told.startswith("partial: stopped by the time limit")
    assert "interrupted" not in told


@pytest.mark.parametrize(
    ("settings", "complete"),
    [
        ({"refuses": "unreachable"}, False),
        ({"closed": {"far": "unreachable"}}, False),
        ({"closed": {"far": "region-not-enabled"}}, True),
    ],
    ids=["a target", "a place", "a place where nothing can be"],
)
def test_a_run_that_could_not_enter_everything_is_partial(
    tmp_path: Path, settings: dict[str, Any], complete: bool
) -> None:
    lab_run(tmp_path / "run", scans.estate("a"), settings=settings)
    assert [row["complete"] for row in listed(tmp_path / "run")[1]] == [complete]
    assert ("complete, sealed" if complete else "partial, sealed") in posture("runs", tmp_path / "run").out


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "cannot be read"),
        ("", "cannot be read"),
        ('{"format":1}', "missing required field"),
    ],
)
def test_a_run_that_cannot_be_read_is_listed_with_the_reason_beside_the_others(
    folder: Path, text: str, problem: str
) -> None:
    (folder / "first" / "run.json").write_text(text)
    code, rows = listed(folder)
    assert (code, [row["started"] for row in rows]) == (5, [LATER.isoformat(), ""])
    assert problem in rows[1]["problem"]
    assert "unreadable" in posture("runs", folder).out


def test_another_format_is_said(folder: Path) -> None:
    path = folder / "first" / "run.json"
    path.write_bytes(path.read_bytes().replace(b'"format":1', b'"format":2'))
    assert "has run format 2; this posture reads format 1" in listed(folder)[1][1]["problem"]


@pytest.mark.parametrize("text", [text for text in HOSTILE.values() if len(text) < 200])
def test_hostile_names_neither_act_nor_hide(tmp_path: Path, text: str) -> None:
    run = lab_run(tmp_path / "run", scans.estate("a"), profile=scans.profile("encrypted-at-rest", id=text))
    named = tmp_path / "runs" / text.replace("/", "_")
    named.parent.mkdir()
    shutil.move(run.folder, named)
    for form in ((), ("--json",), ("--verify",)):
        done = posture("runs", named.parent, *form)
        assert done.code == 0
        assert not ACTIVE.search(done.out.replace("\n", ""))
    assert listed(named.parent)[1][0]["profiles"] == [text]


def test_a_name_that_is_no_text_is_no_error(tmp_path: Path) -> None:
    run = lab_run(tmp_path / "run", scans.estate("a"))
    os.rename(os.fsencode(run.folder), os.fsencode(tmp_path) + b"/r\xff\xfe")
    for form in ((), ("--json",)):
        done = posture("runs", tmp_path, *form)
        assert done.code == 0
        assert "\\udcff\\udcfe" in done.out


def test_json_keeps_the_published_schema(folder: Path) -> None:
    (folder / "second" / "run.json").write_text("{")
    found = json.loads(posture("runs", folder, "--json").out)
    validator = Draft202012Validator(json.loads(posture("schema", "runs").out))
    validator.validate(found)
    assert [bool(row["problem"]) for row in found["runs"]].count(True) == 1
    row = found["runs"][0]
    for broken in ({"seal": "waxed"}, {"size": "1"}, {"verdicts": None}, {"more": 1}):
        assert not validator.is_valid({**found, "runs": [row | broken]})
    assert not validator.is_valid({**found, "schema": "posture-runs/2"})
