"""posture report: every format to standard output and to a file, at the lines of the profile's file."""

import json
from pathlib import Path

import pytest

from commands import ENDPOINTS, configuration, endpoint_settings, posture, written
from posture.cli.report import FORMATS
from posture_estates.endpoints.lab import EndpointLab

NOTE = "Two endpoints of a lab."


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, lab: EndpointLab) -> Path:
    """A run over one endpoint that speaks TLS 1.0 and one that does not."""
    folder = tmp_path_factory.mktemp("report")
    profile = written(folder / "endpoints.yaml", ENDPOINTS)
    config = configuration(
        folder / "posture.yaml", {"web": endpoint_settings(lab, "good", "weak")}, [profile], note=NOTE
    )
    assert posture("scan", "-c", config, "-o", folder / "run").code == 1
    return folder / "run"


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_holds_what_standard_output_shows(run: Path, tmp_path: Path, form: str) -> None:
    shown = posture("report", run, "-f", form)
    out = tmp_path / "out"
    assert posture("report", run, "-f", form, "-o", out).code == 0
    assert (shown.code, shown.err) == (0, "")
    assert out.read_bytes() == shown.out.encode()
    assert shown.out.endswith("\n")
    assert not shown.out.endswith("\n\n")


@pytest.mark.parametrize("form", ["text", "html", "markdown", "json"])
def test_the_note_of_the_configuration_is_said_before_the_verdicts(run: Path, form: str) -> None:
    shown = posture("report", run, "-f", form).out
    assert NOTE in (shown if form == "json" else shown.partition("1 testable statement verified")[0])


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_results_stand_at_the_lines_of_the_file_that_is_named(run: Path, form: str) -> None:
    profile = run.parent / "endpoints.yaml"
    line = 1 + ENDPOINTS.splitlines().index("      - {claim: tls-minimum, with: {version: TLS 1.2}}")
    done = posture("report", run, "-f", form, "--profile", profile)
    if form == "github":
        assert f"::error file={profile},line={line},title=E1 contradicted%3A" in done.out
    else:
        place = json.loads(done.out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        assert place == {"artifactLocation": {"uri": str(profile)}, "region": {"startLine": line}}


def test_without_the_file_there_is_its_name(run: Path) -> None:
    assert "::error file=endpoints.yaml,line=1," in posture("report", run, "-f", "github").out


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        (ENDPOINTS.replace("TLS 1.2}", "TLS 1.3}"), "github", "the profile has changed since the run"),
        (ENDPOINTS.replace("id: endpoints", "id: endpoint"), "sarif", "did you mean 'endpoints'?"),
        (ENDPOINTS, "html", "--profile goes with -f sarif or -f github"),
        ("id: [", "sarif", "mine.yaml:1: "),
    ],
    ids=["changed", "another", "no lines", "broken"],
)
def test_a_file_that_the_run_did_not_judge_is_refused(
    run: Path, tmp_path: Path, text: str, form: str, told: str
) -> None:
    mine = written(tmp_path / "mine.yaml", text)
    done = posture("report", run, "-f", form, "--profile", mine)
    assert done.code == 2
    assert told in done.complaint
    assert not done.out


def test_lines_that_moved_are_no_change(run: Path, tmp_path: Path) -> None:
    mine = written(tmp_path / "mine.yaml", f"# moved\n{ENDPOINTS}")
    line = 2 + ENDPOINTS.splitlines().index("      - {claim: tls-minimum, with: {version: TLS 1.2}}")
    assert f"file={mine},line={line}," in posture("report", run, "-f", "github", "--profile", mine).out
