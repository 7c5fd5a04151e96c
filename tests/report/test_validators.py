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

from posture.report import html
from posture.report.view import View, build
from report import campus
from report.conftest import PROFILE, Scan, locker

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
def pages(view: View, scanned: Scan, tmp_path: Path) -> list[Path]:
    """The page with everything, that of two documents, and that of a run without sign-in."""
    second = PROFILE.replace("id: campus\n", "id: annex\n").replace("section: ", "section: annex ")
    views = {
        "full": view,
        "two": build(scanned(campus.Estate(replies={"ListDoors": "throttled"}), more=(second,)), campus.registry()),
        "shut": build(scanned(campus.Estate(shut=True)), campus.registry()),
    }
    found = []
    for name, shown in views.items():
        found.append(tmp_path / f"{name}.html")
        found[-1].write_text(html.render(shown), encoding="utf-8")
    return found


def browse(script: str, *pages: Path, **more: str) -> Any:
    """What a script of the validators prints about pages."""
    command = ["node", str(HERE / script), *(page.as_uri() for page in pages)]
    environment = {**os.environ, "CHROMIUM": CHROMIUM, **more}
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
        "visibleByFinding": True,
        "byNothing": [],
        "closedAgain": 0,
        "byVerdict": ["C-5"],
        "pressed": "true",
        "byTwoVerdicts": ["C-1", "C-2", "C-3", "C-5"],
        "afterLink": everything,
        "open": 0,
        "ariaSort": [None, "ascending", None, None],
        "closed": 0,
        "faults": [],
    }


@needs_browser
def test_the_page_of_a_run_with_20000_findings_opens_within_two_seconds(scanned: Scan, tmp_path: Path) -> None:
    lockers = [locker(f"locker-{number:05}", "open" if number % 3 else "locked") for number in range(10_000)]
    view = build(scanned(campus.Estate(replies={"ListLockers north": lockers})), campus.registry())
    assert view.run.findings >= 20_000
    page = tmp_path / "large.html"
    page.write_text(html.render(view), encoding="utf-8")
    assert browse("opens.mjs", page)["interactive"] < 2000
