"""posture profile: installed profiles are listed, shown and sound; drafts are not."""

from pathlib import Path

import pytest

from commands import ENDPOINTS, posture, written
from posture.registry import find_profile, profile_files

DRAFT = """
        reading:
          {words: TLS, meaning: TLS 1.2 at least, author: A. Editor, date: 2026-01-01, reason: usual, confirmed: false}
"""


def test_every_installed_profile_is_listed() -> None:
    done = posture("profile", "list")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[2:]] == list(profile_files())


@pytest.mark.parametrize("name", profile_files())
def test_every_installed_profile_is_sound(name: str) -> None:
    done = posture("profile", "lint", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{name}: {len(find_profile(name).statements)} statements")


@pytest.mark.parametrize("columns", ["60", "100"])
@pytest.mark.parametrize("name", profile_files())
def test_a_profile_is_shown_with_each_of_its_statements(
    name: str, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = posture("profile", "show", name)
    assert done.code == 0
    for statement in find_profile(name).statements:
        assert f"\n{statement.id}  [{statement.source.class_}]" in done.out
        for asserted in statement.asserted:
            assert f"claim {asserted.use.claim}" in done.out


def test_a_file_is_a_profile_too(tmp_path: Path) -> None:
    done = posture("profile", "lint", written(tmp_path / "mine.yaml", ENDPOINTS))
    assert done.code == 0
    assert "1 statements, 1 distinct claims, nothing to complain of" in done.out


def test_an_unconfirmed_reading_is_a_draft(tmp_path: Path) -> None:
    text = ENDPOINTS.replace(
        "      - {claim: tls-minimum, with: {version: TLS 1.2}}\n", f"      - claim: tls-minimum{DRAFT}"
    )
    done = posture("profile", "lint", written(tmp_path / "mine.yaml", text))
    assert (done.code, done.out) == (2, "")
    assert done.err == "mine.yaml:5: E1: the reading of 'TLS' is unconfirmed\n"
