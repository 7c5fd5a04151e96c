"""The demo as tests look at it: run once as a user runs it, by whichever test process comes first."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from posture.assess import Assessment
from posture.model import Finding
from posture.run.directory import Run

STATES = ("good", "drifted", "refused")


class Ended(NamedTuple):
    """How the command ended."""

    returncode: int
    stdout: str
    stderr: str


class Demo:
    """What the demo left: its output, its folder, and the folder that it was given for temporary files.

    Test processes that name one ``base`` share one demo.
    """

    def __init__(self, base: Path) -> None:
        self.folder = base / "demo"
        self.temporary = base / "temporary"
        base.mkdir(exist_ok=True)
        with (base / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            told = base / "ended.json"
            if not told.exists():
                told.write_text(json.dumps(self._run(base)), encoding="utf-8")
            self.done = Ended(*json.loads(told.read_text(encoding="utf-8")))

    def _run(self, base: Path) -> Ended:
        self.temporary.mkdir()
        environment = {**os.environ, "TMPDIR": str(self.temporary), "COLUMNS": "100"}
        command = [sys.executable, "-c", "from posture.cli import main; main()", "demo", "--out", str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=base)
        return Ended(done.returncode, done.stdout, done.stderr)

    def run(self, state: str) -> Run:
        return Run.open(self.folder / state)

    def assessment(self, state: str) -> Assessment:
        return self.run(state).read("verdicts.json", Assessment)

    def findings(self, state: str) -> list[Finding]:
        return list(self.run(state).findings())
