"""Every posture command that a page shows is one that the command line takes: its options exist, its words too."""

import click
import pytest

from docs.commandlines import Shown, check_accepted, shown
from docs.pages import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = [(path, one) for path in PAGES for one in shown(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("path", "one"), COMMANDS, ids=[f"{path.name}: {one}" for path, one in COMMANDS])
def test_a_command_that_a_page_shows_is_accepted(path: object, one: Shown) -> None:
    check_accepted(one)


def test_the_commands_of_the_pages_are_found() -> None:
    counted = {path.name: sum(where is path for where, _ in COMMANDS) for path in PAGES}
    named = ("README.md", "walk.md", "start-engineer.md", "start-auditor.md", "start-ci.md", "documents.md")
    assert all(counted[name] >= 5 for name in named), counted
    assert {words[0] for _, (words, _) in COMMANDS if words} >= {"scan", "plan", "doctor", "diff", "runs", "explain"}


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("```console\n$ A=1 posture runs x 2>&1 | head -3; echo done\nposture plan\n```", [("runs", "x")]),
        (
            "```sh\nif posture verify r >/dev/null; then posture runs; fi # posture diff\n```",
            [("verify", "r"), ("runs",)],
        ),
        ('```sh\nposture plan \\\n  --aws\na "$(posture runs x)"\n```', [("plan", "--aws"), ("runs", "x")]),
        ("```yaml\njobs: {a: {steps: [{run: posture runs}, {run: 'pip install posture'}]}}\n```", [("runs",)]),
        ("Say `posture runs\nx`, `posture …` or `posture`.", [("runs", "x")]),
        ("```text\nposture runs\n```", []),
    ],
)
def test_a_command_is_found_wherever_a_reader_sees_one(text: str, commands: list[tuple[str, ...]]) -> None:
    assert [one.words for one in shown(f"{text}\n")] == commands


@pytest.mark.parametrize(
    "words",
    [
        ("scans",),
        ("plan", "--no-such-option"),
        ("report", "run", "--format", "word"),
        ("document",),
        ("document", "chekc"),
        ("diff", "one"),
    ],
)
def test_a_command_that_does_not_exist_is_told(words: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError):
        check_accepted(Shown(words, mention=False))
