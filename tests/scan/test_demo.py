"""The demo, run as a user runs it: its verdict of every statement in every state is the one written down here."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import yaml

from demos import STATES, Demo
from posture.assess import Assessment
from posture.cli.demo import NOTE, PROFILES
from posture.model import Fail, Finding, Unknown, Verdict
from posture.registry import find_profile

TABLE = Path(__file__).with_name("demo_verdicts.yaml")


def adopted(demo: Demo, state: str) -> list[Finding]:
    """The findings under adopted readings: what another reading asks for is shown beside them, whatever it finds."""
    claims = {a.claim.key() for name in PROFILES for s in find_profile(name).statements for a in s.asserted}
    return [finding for finding in demo.findings(state) if finding.claim in claims]


@pytest.mark.xdist_group("demo")
class TestDemo:
    @pytest.mark.parametrize("state", STATES)
    def test_every_statement_has_the_verdict_that_is_written_down(self, demo: Demo, state: str) -> None:
        written = yaml.safe_load(TABLE.read_text())[state]
        found = {
            profile.id: {statement.id: str(statement.verdict) for statement in profile.statements}
            for profile in demo.assessment(state).profiles
        }
        assert found == written

    @pytest.mark.parametrize("state", STATES)
    def test_the_page_says_first_that_the_estates_are_emulated(self, demo: Demo, state: str) -> None:
        assert demo.run(state).head().note == NOTE
        page = (demo.folder / f"{state}.html").read_text(encoding="utf-8")
        assert NOTE in page.partition("<main>")[0]

    def test_a_reader_sees_every_kind_of_verdict_for_both_documents(self, demo: Demo) -> None:
        for place in range(2):
            seen = {s.verdict for state in STATES for s in demo.assessment(state).profiles[place].statements}
            assert seen == set(Verdict)

    def test_nothing_is_unknown_about_the_good_estates(self, demo: Demo) -> None:
        assert [f for f in adopted(demo, "good") if isinstance(f.outcome, Unknown | Fail)] == []

    def test_a_narrower_reading_is_shown_beside_the_adopted_one(self, demo: Demo) -> None:
        others = [f for f in demo.findings("good") if isinstance(f.outcome, Fail)]
        assert [(f.check, "CHACHA20" in f.outcome.reason) for f in others] == [("endpoint.tls.policy", True)]

    def test_what_is_refused_is_never_a_failure(self, demo: Demo) -> None:
        assert [f for f in adopted(demo, "refused") if isinstance(f.outcome, Fail)] == []

    @pytest.mark.parametrize("state", STATES)
    def test_each_run_is_judged_alike_offline(self, demo: Demo, state: str) -> None:
        folder = demo.folder / state
        command = [sys.executable, "-c", "from posture.cli import main; main()", "evaluate", str(folder), "--json"]
        done = subprocess.run(command, capture_output=True, check=False)
        again = msgspec.json.decode(done.stdout, type=Assessment)
        encode = msgspec.json.Encoder(order="deterministic").encode
        assert encode(again) + b"\n" == (folder / "verdicts.json").read_bytes(), done.stderr.decode()

    def test_the_reports_stand_beside_the_runs(self, demo: Demo) -> None:
        for state in STATES:
            page = (demo.folder / f"{state}.html").read_text()
            assert page.lower().startswith("<!doctype html>")
            assert f"{demo.folder / state}.html" in demo.done.stdout

    def test_no_temporary_file_is_left(self, demo: Demo) -> None:
        assert [path for path in demo.temporary.rglob("*") if path.is_file()] == []
