"""The page on documents: its commands, run in its order, print what it shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from commands import clean, posture

PAGE = (Path(__file__).parents[2] / "docs" / "documents.md").read_text(encoding="utf-8")
(DOCUMENT,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
STEPS = [
    (command, shown)
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


def test_the_commands_of_the_page_print_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(DOCUMENT, encoding="utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    assert len(STEPS) >= 6
    for command, shown in STEPS:
        done = subprocess.run(
            ["bash", "-c", command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd=tmp_path,
            env=clean({"PATH": path}),
            timeout=60,
        )
        assert done.stdout == shown, command


def test_the_recipe_for_ci_names_commands_and_options_that_exist() -> None:
    (recipe,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    steps = yaml.safe_load(recipe)["jobs"]["documents"]["steps"]
    commands = [step["run"].split() for step in steps if step.get("run", "").startswith("posture ")]
    assert len(commands) == 2
    for _, group, word, *rest in commands:
        shown = posture(group, word, "--help").out
        assert all(option in shown for option in rest if option.startswith("--"))


@pytest.mark.parametrize("word", ["same", "moved", "edited", "removed", "unaccounted"])
def test_every_word_of_the_check_is_explained(word: str) -> None:
    assert re.search(rf"^\| {word} \| \w", PAGE, re.MULTILINE)
