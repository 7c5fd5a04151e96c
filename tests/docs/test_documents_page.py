"""The page on documents: its recipe for CI works, and every word of the check is explained."""

import re

import pytest
import yaml

from commands import posture
from docs.pages import page

PAGE = page("documents.md")


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
