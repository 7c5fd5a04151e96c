"""posture document: the check's table, its exit codes, its JSON; the draft, and what the lint says of it."""

import json
from pathlib import Path

import pytest

from commands import ENDPOINTS, posture, process, written

TEXT = """Security

All data at rest is encrypted with AES-256.
Backups are taken every night.
Our staff are trained once a year.
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return written(tmp_path / "page.txt", TEXT)


@pytest.fixture
def profile(tmp_path: Path, document: Path) -> Path:
    path = tmp_path / "mine.yaml"
    done = posture("document", "draft", "-f", document, "-o", path, "--vendor", "Us")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("posture: 4 sentences: 2 testable, ")
    return path


def test_a_document_that_is_as_it_was_ends_with_0(profile: Path, document: Path) -> None:
    done = posture("document", "check", "-p", profile, "-f", document)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("page.txt is the document that page read (")
    assert done.out.endswith(
        "\n4 anchors: 4 same, 0 moved, 0 edited, 0 removed\n4 sentences, 0 of them unaccounted for\n"
    )


@pytest.mark.parametrize(
    ("was", "now", "told", "counts"),
    [
        (
            "once",
            "twice",
            "edited       S-4  sentence 4: 86% of its words stayed",
            "3 same, 0 moved, 1 edited, 0 removed",
        ),
        (
            "Backups are taken every night.\n",
            "",
            "removed      S-3  sentence 3:",
            "3 same, 0 moved, 0 edited, 1 removed",
        ),
        ("a year.\n", "a year.\nWe\x1b[2J care.\n", "unaccounted  sentence 5", "4 same, 0 moved, 0 edited, 0 removed"),
        ("Security\n", "", "removed      S-1  sentence 1:", "3 same, 0 moved, 0 edited, 1 removed"),
    ],
    ids=["edited", "removed", "new", "short"],
)
def test_drift_ends_with_6_and_is_named(
    profile: Path, document: Path, was: str, now: str, told: str, counts: str
) -> None:
    changed = TEXT.replace(was, now, 1).replace("\x1b", "\N{RIGHT-TO-LEFT OVERRIDE}")
    document.write_text(changed, encoding="utf-8")
    done = posture("document", "check", "-p", profile, "-f", document)
    assert (done.code, done.err) == (6, "")
    assert told in done.out
    assert counts in done.out
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in done.out


def test_a_moved_sentence_is_drift(profile: Path, document: Path) -> None:
    lines = TEXT.split("\n")
    document.write_text("\n".join([*lines[:2], lines[4], lines[2], lines[3]]), encoding="utf-8")
    done = posture("document", "check", "-p", profile, "-f", document)
    assert done.code == 6
    assert "moved        S-4  sentence 4: from sentence 4 to 2\n" in done.out


def test_the_new_anchor_can_be_pasted(profile: Path, document: Path) -> None:
    document.write_text(TEXT.replace("once", "twice"), encoding="utf-8")
    (found,) = (
        mark["sentence"]
        for mark in json.loads(posture("document", "check", "-p", profile, "-f", document, "--json").out)["drift"][
            "anchors"
        ]
        if mark["standing"] == "edited"
    )
    text = profile.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "locator: sentence 4," in line)
    new = f'      - {{locator: sentence 4, sha256: {found["sha256"]}, place: 4, sketch: "{found["sketch"]}"}}'
    profile.write_text(text.replace(line, new), encoding="utf-8")
    done = posture("document", "check", "-p", profile, "-f", document)
    assert "4 anchors: 4 same" in done.out
    assert done.out.startswith("page.txt is not the document")  # its recorded hash is still the old one
    assert done.code == 6


def test_json_says_the_same(profile: Path, document: Path) -> None:
    same = json.loads(posture("document", "check", "-p", profile, "-f", document, "--json").out)
    assert (same["drifted"], same["same_document"], same["counts"]["same"]) == (False, True, 4)
    document.write_text(f"{TEXT}\nOne more.\n", encoding="utf-8")
    done = posture("document", "check", "-p", profile, "-f", document, "--json")
    data = json.loads(done.out)
    assert done.code == 6
    assert data["counts"] == {"same": 4, "moved": 0, "edited": 0, "removed": 0, "unaccounted": 1}
    assert [sentence["text"] for sentence in data["drift"]["unaccounted"]] == ["One more."]


def test_a_profile_that_keeps_neither_place_nor_sketch_says_what_cannot_be_told(tmp_path: Path, document: Path) -> None:
    bare = written(
        tmp_path / "bare.yaml",
        ENDPOINTS.replace("    class:", f"    anchors: [{{locator: a, sha256: {'a' * 64}}}]\n    class:"),
    )
    done = posture("document", "check", "-p", bare, "-f", document)
    assert done.code == 6
    assert "those without are never called moved" in done.out
    assert "an edited sentence of those without counts as removed" in done.out


def test_a_draft_is_refused_by_the_lint_until_every_reading_is_confirmed(profile: Path) -> None:
    done = posture("profile", "lint", profile)
    assert done.code == 2
    assert done.err.count("is unconfirmed") == 4
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("confirmed: false", "confirmed: true"), encoding="utf-8")
    assert posture("profile", "lint", profile).code == 0


def test_a_draft_goes_to_standard_output_and_no_file_is_overwritten(profile: Path, document: Path) -> None:
    shown = posture("document", "draft", "-f", document, "--vendor", "Us")
    assert shown.out == profile.read_text(encoding="utf-8")
    again = posture("document", "draft", "-f", document, "-o", profile)
    assert again.code == 2
    assert str(profile) in again.complaint


@pytest.mark.parametrize("command", [("check", "-p", "coding-rooms"), ("draft",)], ids=" ".join)
@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"", "a.txt: is empty"),
        ("a.bin", bytes(range(256)), "a.bin: is no text in UTF-8"),
        ("a.pdf", b"%PDF-1.7\n", "a.pdf: is a damaged PDF"),
        ("a.txt", b"word " * 10_000, "a.txt: holds a sentence of 10,000 words"),
        ("a.html", b"<html><script>f()</script>", "a.html: holds no words"),
    ],
)
def test_a_document_that_cannot_be_read_is_one_line_and_2(
    tmp_path: Path, command: tuple[str, ...], name: str, data: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    done = posture("document", *command, "-f", path)
    assert (done.code, done.out) == (2, "")
    assert done.complaint.startswith(told)


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ((), 2, "name the document with --file or with --url"),
        (("-f", __file__, "--url", "https://localhost:1/"), 2, "name the document with --file or with --url"),
        (("--url", "http://localhost:1/"), 4, "only https:// is fetched"),
        (("--url", "https://localhost:1/"), 4, "cannot be fetched"),
        (("-f", "/nowhere.txt"), 2, "/nowhere.txt"),
    ],
)
def test_where_the_document_is_must_be_said(options: tuple[str, ...], code: int, told: str) -> None:
    done = posture("document", "check", "-p", "coding-rooms", *options)
    assert (done.code, done.out) == (code, "")
    assert told in done.complaint


@pytest.mark.parametrize(
    ("name", "module", "data"),
    [("a.html", "lxml", b"<p>Keys rotate."), ("a.pdf", "pypdf", b"%PDF-1.7\n"), ("a.docx", "docx", b"PK\x03\x04")],
)
def test_a_missing_library_names_its_extra(tmp_path: Path, name: str, module: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    program = (
        f"import sys; sys.modules[{module!r}] = None; sys.argv[0] = 'posture'; from posture.cli import main; main()"
    )
    done = process("document", "draft", "-f", tmp_path / name, program=program)
    assert done.code == 2
    assert done.complaint == f"{module} is not installed; it comes with the extra: pip install 'posture[documents]'"


def test_plain_text_needs_no_library(document: Path) -> None:
    blocked = "".join(f"sys.modules[{name!r}] = None; " for name in ("lxml", "pypdf", "docx"))
    program = f"import sys; {blocked}sys.argv[0] = 'posture'; from posture.cli import main; main()"
    assert process("document", "draft", "-f", document, program=program).code == 0
