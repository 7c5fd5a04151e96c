"""The commands of the pages, run in their order, print what the pages show; and so does the tool that runs them."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from demos import Demo
from docs.pages import assert_prints_what_it_shows, examples, page

SERVED = ("walk.md", "start-engineer.md", "start-ci.md", "permissions.md", "add-a-service.md")
MADE = "posture demo --state refused -o demo 2> talk.txt > table.txt"


@pytest.mark.parametrize("name", ["allowances.md", "documents.md", *SERVED])
def test_the_commands_of_a_page_print_what_it_shows(name: str, tmp_path: Path) -> None:
    assert_prints_what_it_shows(name, tmp_path)


@pytest.mark.xdist_group("demo")
def test_the_commands_for_an_auditor_print_what_the_page_shows(demo: Demo, tmp_path: Path) -> None:
    shutil.copytree(demo.folder / "refused", tmp_path / "demo" / "refused")
    assert MADE in [step.command for step in examples.steps(page("start-auditor.md"))]
    assert_prints_what_it_shows("start-auditor.md", tmp_path, done=(MADE,))


@pytest.mark.parametrize("name", ["start-engineer.md", "start-auditor.md", "start-ci.md"])
def test_a_first_page_is_short(name: str) -> None:
    assert len(page(name).splitlines()) <= 80


SMALL = """Say `own/word.txt` is there:

```text
hello
```

```console
$ export WORD=$(cat own/word.txt)
$ echo "$WORD" \\
  again
hello again
$ false
$ echo "was $?, took 5 s"; read -r next; echo "next: $next"
was 1, took 7 s
next:
$ echo told >&2; echo new
old
```

```console terminal=2 until="ready"
$ sh -c 'trap "echo stopped; exit 3" INT; echo ready; while :; do sleep 0.1; done'; echo "ends with $?"
^C
```
"""


def ran(folder: Path) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = examples.run(SMALL, folder)
    return found


def test_all_commands_of_a_page_run_in_one_shell_and_none_reads_the_next(tmp_path: Path) -> None:
    printed = [printed for _, printed in ran(tmp_path)]
    assert printed == [
        "",
        "hello again\n",
        "",
        "was 1, took 5 s\nnext: \n",
        "told\nnew\n",
        "ready\n",
        "stopped\nends with 3\n",
    ]


def test_a_page_is_rewritten_where_it_shows_something_else_and_nowhere_else(tmp_path: Path) -> None:
    again = examples.rewritten(SMALL, ran(tmp_path))
    assert "took 7 s" in again
    assert "$ echo told >&2; echo new\ntold\nnew\n```" in again
    assert again.endswith("\nready\n^C\nstopped\nends with 3\n```\n")


@pytest.mark.parametrize(
    ("shown", "printed", "alike"),
    [
        ("at 2026-11-24T01:02:03Z\n", "at 2027-01-02T03:04:05.678+00:00\n", True),
        ("http://127.0.0.1:4000 in 3.2 s", "http://127.0.0.1:51234 in 10 s", True),
        ("a longer line that\n  is broken", "a longer line\n  that is broken", True),
        (f"seal {'a' * 64}", f"seal {'b' * 64}", True),
        ("3 of 8 verified", "4 of 8 verified", False),
        ("port 443", "port 80", False),
        ("", "posture: internal error", False),
    ],
)
def test_what_no_two_runs_have_alike_is_not_compared(shown: str, printed: str, alike: bool) -> None:
    step = examples.Step("c", shown, 0, 0, "", "")
    assert examples.Ran(step, printed).alike is alike


def test_nothing_that_a_page_started_is_left(tmp_path: Path) -> None:
    started = "sh -c 'trap \"rm alive; exit\" TERM; touch alive; echo ready; while :; do sleep 0.1; done'"
    examples.run(f'```console terminal=2 until="ready"\n$ {started}\n```\n', tmp_path)
    assert not (tmp_path / "alive").exists()


def test_the_tool_says_what_differs_and_rewrites_it_when_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.md"
    path.write_text("```console\n$ echo new\nold\n```\n", encoding="utf-8")
    assert examples.main([str(path)]) == 1
    assert "--- shown\nold\n--- printed\nnew\n" in capsys.readouterr().out
    assert examples.main(["--write", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == "```console\n$ echo new\nnew\n```\n"
    assert examples.main([str(path)]) == 0


def test_a_command_that_broke_is_not_written_into_a_page(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("```console\n$ echo posture: internal error\nfine\n```\n", encoding="utf-8")
    assert examples.main(["--write", str(path)]) == 1
    assert "fine" in path.read_text(encoding="utf-8")
