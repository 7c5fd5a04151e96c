"""Measures how the HTML report of a large run opens and is searched in headless Chromium, several times over.

    python bench/report_page.py [--findings 20000 --rounds 5]

The run is one of the campus of the report's tests. Chromium and Node are needed, and what ``npm ci --ignore-scripts``
puts into tests/report/validators; CHROMIUM names another Chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tabulate import tabulate

TESTS = Path(__file__).parent.parent / "tests"
STEPS = ("interactive", "search", "list", "whole", "next", "sort", "narrow")


def written(findings: int, folder: Path) -> tuple[Path, float]:
    """The page of a run with at least so many findings, and the seconds that rendering took."""
    sys.path.insert(0, str(TESTS))
    from posture.export.entries import entries
    from posture.export.pagedata import catalogue
    from posture.report import html
    from posture.report.view import build
    from report import campus, large  # type: ignore[import-not-found]

    run = large.run(findings, folder / "run")
    started = time.perf_counter()
    view = build(run, campus.registry())
    page = folder / "report.html"
    page.write_text(html.render(view, catalogue(view, entries(run))), encoding="utf-8")
    return page, time.perf_counter() - started


def opened(page: Path, words: str) -> dict[str, Any]:
    """What the browser took for each step, in milliseconds."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
    script = TESTS / "report" / "validators" / "opens.mjs"
    done = subprocess.run(
        ["node", str(script), page.as_uri(), words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "CHROMIUM": chromium},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Write a page, open it in each round in a fresh browser, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        page, seconds = written(asked.findings, Path(folder))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rounds = [opened(page, "locker-00042") for _ in range(asked.rounds)]
    print(f"rendered in {seconds:.1f} s, peak {peak:.0f} MiB with the scan, {rounds[0]['bytes'] / 1e6:.1f} MB")
    rows = [(number, *(round(found[step]) for step in STEPS)) for number, found in enumerate(rounds, 1)]
    print(tabulate(rows, headers=("round", *STEPS), tablefmt="github"))


if __name__ == "__main__":
    main()
