"""The posture commands that a page shows, in blocks and in sentences, and whether the command line takes them."""

import contextlib
import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

import click
import pytest
import yaml

from docs.pages import examples
from posture.cli import app

CONTROL = {"|", "||", "|&", "&&", "&", ";", "(", ")"}
KEYWORDS = {"if", "then", "else", "elif", "do", "while", "until", "!", "time"}


class Shown(NamedTuple):
    """The words of a command after `posture`. A mention within a sentence may leave arguments out."""

    words: tuple[str, ...]
    mention: bool

    def __str__(self) -> str:
        return shlex.join(self.words)


def shown(page: str) -> list[Shown]:
    """The posture commands of a page, each once, without those that stand for a family (`posture …`)."""
    lines = [(line, False) for block in examples.blocks(page) for line in _lines(block["info"], block["body"])]
    prose = examples.BLOCK.sub("", page)
    lines += [(span.replace("\n", " "), True) for span in re.findall(r"`(posture [^`]+)`", prose)]
    found = [Shown(tuple(words), mention) for line, mention in lines for words in _commands(line) if words]
    return list(dict.fromkeys(one for one in found if not any("…" in word or word == "·" for word in one.words)))


def _lines(info: str, body: str) -> Iterator[str]:
    match info.partition(" ")[0]:
        case "console":
            yield from (step["command"].removeprefix("$ ") for step in examples.STEP.finditer(body))
        case "sh":
            yield from body.replace("\\\n", " ").splitlines()
        case "yaml":
            yield from (line for text in _runs(yaml.safe_load(body)) for line in text.splitlines())


def _runs(data: Any) -> Iterator[str]:
    """The scripts of a workflow, wherever they stand."""
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in children:
        if key == "run" and isinstance(value, str):
            yield value
        else:
            yield from _runs(value)


def _commands(line: str) -> Iterator[list[str]]:
    """What follows `posture` in each command of a line of shell."""
    for inner in re.findall(r"\$\(([^()]*)\)", line):
        yield from _commands(inner)
    lexer = shlex.shlex(re.sub(r"\d?>&\d|\d(?=>)", " ", line), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for token in [*lexer, ";"]:
        if token not in CONTROL:
            words.append(token)
            continue
        command = list(_plain(words))
        if command and command[0] == "posture":
            yield command[1:]
        words = []


def _plain(words: list[str]) -> Iterator[str]:
    """The words of one command without redirections, assignments and keywords before it."""
    began = False
    rest = iter(words)
    for word in rest:
        if set(word) & set("<>"):
            next(rest, None)
        elif began or not (word in KEYWORDS or re.fullmatch(r"\w+=.*", word)):
            began = True
            yield word


def check_accepted(one: Shown) -> None:
    """Let click parse the command, and run nothing; its files need not be there. Raises click.UsageError."""
    context = click.Context(app, info_name="posture", help_option_names=app.context_settings["help_option_names"])
    command: click.Command = app
    words = list(one.words)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            raise click.UsageError(f"no command {words[0]!r}")
        command = found
        del words[0]
    if isinstance(command, click.Group) and not words:
        if one.mention:
            return
        raise click.UsageError("a group without a command")
    try:
        with contextlib.suppress(click.exceptions.Exit), pytest.MonkeyPatch.context() as patch:
            patch.setattr(click.Path, "convert", lambda self, value, param, context: value)
            command.make_context(command.name, words, parent=context)
    except (click.MissingParameter, click.BadOptionUsage):
        if not one.mention:
            raise
