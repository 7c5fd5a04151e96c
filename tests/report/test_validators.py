"""The page before judges of its own: the Nu HTML checker, axe, and a browser in which it is used.

They come from npm and are not in this repository: ``npm ci --ignore-scripts`` in ``tests/report/validators`` puts
them in place. Where they, Node, Java or Chromium are missing, these tests are skipped and say what is missing.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from posture.cli.demo import demo
from posture.export.entries import entries
from posture.export.pagedata import catalogue
from posture.report import html
from posture.report.view import build
from posture.run.directory import Run
from report import campus, large
from report.conftest import PROFILE, Scan

HERE = Path(__file__).parent / "validators"
VNU = HERE / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
UNHASHED = re.compile(r"Inline (style|script) violates Content Security Policy .*nonce/hash")
"""The checker does not compare hashes; the browser does, and the tests with a browser find no fault."""

pytestmark = [
    pytest.mark.validators,
    pytest.mark.skipif(
        not (HERE / "node_modules").is_dir(), reason="run `npm ci --ignore-scripts` in tests/report/validators first"
    ),
]
needs_checker = pytest.mark.skipif(shutil.which("java") is None, reason="the Nu HTML checker needs Java 17")
needs_browser = pytest.mark.skipif(
    shutil.which("node") is None or not CHROMIUM, reason="axe needs Node 20 and Chromium (CHROMIUM names another path)"
)


@pytest.fixture
def pages(run: Run, scanned: Scan, tmp_path: Path) -> list[Path]:
    """The page with everything, that of two documents, and that of a run without sign-in."""
    second = PROFILE.replace("id: campus\n", "id: annex\n").replace("section: ", "section: annex ")
    runs = {
        "full": run,
        "two": scanned(campus.Estate(replies={"ListDoors": "throttled"}), more=(second,)),
        "shut": scanned(campus.Estate(shut=True)),
    }
    return [written(known, tmp_path / f"{name}.html") for name, known in runs.items()]


def written(run: Run, page: Path) -> Path:
    """The page of a run, with its list of findings."""
    view = build(run, campus.registry())
    page.write_text(html.render(view, catalogue(view, entries(run))), encoding="utf-8")
    return page


def browse(script: str, *given: Path | str) -> Any:
    """What a script of the validators prints about pages."""
    addresses = [one.as_uri() if isinstance(one, Path) else one for one in given]
    command = ["node", str(HERE / script), *addresses]
    environment = {**os.environ, "CHROMIUM": CHROMIUM}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_checker
def test_the_nu_checker_finds_nothing(pages: list[Path]) -> None:
    command = ["java", "-jar", str(VNU), "--format", "json", "--exit-zero-always", *map(str, pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    messages = json.loads(done.stderr or done.stdout)["messages"]
    found = [(one["type"], one.get("url", ""), one.get("lastLine"), one["message"]) for one in messages]
    assert [one for one in found if not UNHASHED.match(one[3])] == []


@needs_browser
def test_axe_finds_no_violation_in_light_and_dark_on_desk_and_phone(pages: list[Path]) -> None:
    assert browse("accessible.mjs", *pages) == []


@needs_browser
def test_the_page_is_searched_filtered_opened_and_sorted(pages: list[Path]) -> None:
    everything = [f"C-{number}" for number in range(8)]
    order = ["breaks it", "unknown", "holds", "does not apply"]
    seen = browse("behaves.mjs", pages[0])
    assert seen.pop("controlsWithoutScript") == 0
    assert seen.pop("shownWithoutScript") == everything
    outcomes = [next(word for word in order if word in text) for text in seen.pop("sorted")]
    assert outcomes == sorted(outcomes, key=order.index)
    assert len(set(outcomes)) > 1
    turned = [next(word for word in order if word in text) for text in seen.pop("turned")]
    assert turned == sorted(outcomes, key=order.index, reverse=True)
    resources = seen.pop("resources")
    assert resources == sorted(resources, key=str.lower)
    assert seen == {
        "faultsWithoutScript": [],
        "all": everything,
        "searchReached": True,
        "byStatement": ["C-6"],
        "state": "1 of 8 statements shown",
        "byFinding": ["C-1", "C-2"],
        "rowsByFinding": 2,
        "openedByFinding": True,
        "listOffered": "List the 4 findings that fit",
        "visibleByFinding": True,
        "byNothing": [],
        "closedAgain": 0,
        "byVerdict": ["C-5"],
        "pressed": "true",
        "byTwoVerdicts": ["C-1", "C-2", "C-3", "C-5"],
        "afterLink": everything,
        "open": 0,
        "ariaSort": [None, "ascending", None, None],
        "ofClaim": "1–121 of 121 findings that fit, of 254",
        "claimChosen": "C-1 · encrypted at rest – 121",
        "narrowedTwice": "1–9 of 9 findings that fit, of 254",
        "drawn": 9,
        "ledTo": "C-1",
        "noneFits": "no finding fits, of 254",
        "closed": 0,
        "faults": [],
    }


@needs_browser
def test_20000_findings_open_within_two_seconds_and_each_can_be_found(tmp_path: Path) -> None:
    page = written(large.run(20_000, tmp_path / "run"), tmp_path / "large.html")
    seen = browse("opens.mjs", page, "locker-00042")
    assert seen["interactive"] < 2000
    assert all(seen[step] < 2000 for step in ("search", "list", "whole", "next", "sort", "narrow"))
    assert seen["bytes"] < 10_000_000
    assert seen["faults"] == []
    assert seen["statements"] == 1
    assert seen["fitting"] == ["1–2 of 2 findings that fit, of 20,000", 2]
    assert seen["first"] == ["1–200 of 20,000 findings", 200]
    assert seen["second"] == ["201–400 of 20,000 findings", 200]
    assert seen["narrowed"] == ["1–200 of 6,666 findings that fit, of 20,000", 200]


@needs_browser
def test_on_paper_what_is_open_is_whole_and_what_is_closed_is_short(pages: list[Path]) -> None:
    seen = browse("prints.mjs", pages[0])
    assert seen["plain"] == seen["scriptless"]
    assert seen["plain"].pop("sheets") <= 4
    assert seen["opened"].pop("sheets") >= 3
    short = {"statements": 8, "short": 8, "claims": 0, "controls": 0, "background": "rgb(255, 255, 255)"}
    assert seen["plain"] == short
    assert seen["opened"] == {**short, "short": 7, "claims": 1}


@needs_browser
def test_the_drifted_demo_prints_on_at_most_30_sheets(tmp_path: Path) -> None:
    pytest.importorskip("moto")
    done = CliRunner().invoke(demo, ["--state", "drifted", "-o", str(tmp_path / "demo")])
    assert done.exit_code == 0, done.output
    seen = browse("prints.mjs", tmp_path / "demo" / "drifted.html")
    assert max(seen["plain"]["sheets"], seen["scriptless"]["sheets"]) <= 30


@needs_browser
def test_pictures_are_taken_of_all_forms(pages: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    command = ["node", str(HERE / "pictures.mjs"), str(folder), str(pages[0])]
    subprocess.run(command, check=True, timeout=240, env={**os.environ, "CHROMIUM": CHROMIUM})
    taken = {path.name for path in folder.iterdir()}
    assert taken >= {"full-light.png", "full-dark.png", "full-phone.png", "full.pdf"}
