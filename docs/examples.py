"""Runs the `console` examples of a page in its order, and compares what they print with what the page shows.

python docs/examples.py docs/walk.md             says what differs; ends with 1 when anything does
python docs/examples.py --write docs/walk.md     puts what was printed into the page

All blocks marked `console` are entered into one shell. One marked `console terminal=2 until="…"` is a second terminal:
a command there is left running once it has printed that text, and a line `^C` stops it. A block under a line such as
"`own/checks.py`:" is the content of that file. What differs from run to run (times, ports, digests) is not compared.
"""

import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^(?P<command>\$ (?:.*\\\n)*.*|\^C)\n(?P<shown>(?:(?!\$ |\^C$).*\n)*)", re.MULTILINE)
LEAD = re.compile(r"`([\w./-]+\.\w+)`[^`\n]*:\n+\Z")
WAIT = 120.0
"""Seconds that one command may take."""

VARIES = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:?\d\d(:?\d\d)?(\.\d+)?(Z|\+00:00)?"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d-\d\d-\d\d"), "TIME"),
    (re.compile(r"\b\d+(\.\d+)? ?s\b"), "DURATION"),
    (re.compile(r"127\.0\.0\.1:\d+"), "PORT"),
    (re.compile(r"127\.\d+\.\d+\.\d+"), "ADDRESS"),
    (re.compile(r"\b(client|object) [0-9a-f]{8}-[0-9a-f-]{27}"), r"\1 ID"),
    (re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|(?<=, )[0-9a-f]{12}(?=\))"), "DIGEST"),
    (re.compile(r"replies\.jsonl line \d+"), "LINE"),
    (re.compile(r"posture \d+\.\d+\.\d+\S*"), "VERSION"),
)
"""What no two runs have alike, and the word that stands for it while they are compared."""


class Step(NamedTuple):
    """A command of a page and what the page shows of its output; ``begin`` and ``end`` are where that stands."""

    command: str
    shown: str
    begin: int
    end: int
    terminal: str
    until: str


class Ran(NamedTuple):
    """A step and what it really printed."""

    step: Step
    printed: str

    @property
    def alike(self) -> bool:
        """Whether the page shows what was printed, but for what varies and for where lines break."""
        return steady(self.step.shown).split() == steady(self.printed).split()


def steady(text: str) -> str:
    """The text with a word in the place of all that varies."""
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return text


def blocks(page: str) -> Iterator[re.Match[str]]:
    """The fenced blocks of a page, each with ``info`` and ``body``."""
    yield from BLOCK.finditer(page)


def files(page: str) -> dict[str, str]:
    """The files whose content the page shows, under the path by which it names them."""
    found = ((LEAD.search(page[: block.start()]), block) for block in blocks(page))
    return {lead[1]: block["body"] for lead, block in found if lead and not block["info"].startswith("console")}


def steps(page: str) -> list[Step]:
    """The commands of the page's `console` blocks in their order."""
    found = []
    for block in blocks(page):
        kind, _, options = block["info"].partition(" ")
        if kind == "console":
            terminal = re.search(r"terminal=(\w+)", options)
            until = re.search(r'until="([^"]*)"', options)
            for step in STEP.finditer(block["body"]):
                begin, end = (block.start("body") + place for place in step.span("shown"))
                found.append(
                    Step(
                        command=step["command"].removeprefix("$ "),
                        shown=step["shown"],
                        begin=begin,
                        end=end,
                        terminal=terminal[1] if terminal else "",
                        until=until[1] if until else "",
                    )
                )
    return found


def run(page: str, folder: Path, *, done: Collection[str] = ()) -> list[Ran]:
    """Write the files of the page into ``folder`` and run its commands there, without those that are ``done`` already.

    All that was started is stopped at the end.
    """
    for name, content in files(page).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    ran = []
    terminals: dict[str, Terminal] = {}
    try:
        for step in steps(page):
            if step.command not in done:
                terminal = terminals.setdefault(step.terminal, Terminal(folder))
                ran.append(Ran(step, terminal.enter(step)))
    finally:
        for terminal in terminals.values():
            terminal.close()
    return ran


def rewritten(page: str, ran: list[Ran]) -> str:
    """The page with what was printed wherever it shows something else."""
    for step, printed in reversed(ran):
        if not Ran(step, printed).alike:
            ended = printed if not printed or printed.endswith("\n") else f"{printed}\n"
            page = page[: step.begin] + ended + page[step.end :]
    return page


def environment() -> Mapping[str, str]:
    """The environment of the examples: no clouds and no home of whoever runs them, and the posture of this Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AZURE_", "PYTEST_"))}
    for name in ("COLUMNS", "NO_COLOR", "POSTURE_DEBUG"):
        kept.pop(name, None)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}


class Terminal:
    """A shell that is fed one command after the other; both of its streams come out as one."""

    MARK = "\x1e"

    def __init__(self, folder: Path) -> None:
        self._shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment(),
            start_new_session=True,
        )
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._in, self._out = self._shell.stdin, self._shell.stdout
        self._folder = tempfile.TemporaryDirectory()
        self._entered = Path(self._folder.name) / "entered.sh"
        self._in.write(b"trap : INT\n")  # an interrupt is for the command that runs

    def enter(self, step: Step) -> str:
        """What a command prints until it ends, or until it has printed what it is waited for."""
        if step.command == "^C":
            os.killpg(self._shell.pid, signal.SIGINT)
        else:
            self._entered.write_text(f"{step.command}\n", encoding="utf-8")
            # read from a file, so that a command does not eat the next one, and `$?` is that of the one before
            line = f"(exit $ended); . {self._entered} </dev/null; ended=$?; printf '{self.MARK}'\n"
            self._in.write(line.encode())
            self._in.flush()
        return self._read(step)

    def _read(self, step: Step) -> str:
        printed = b""
        until = step.until if step.until and step.command != "^C" else self.MARK
        deadline = time.monotonic() + WAIT
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            while until not in printed.decode(errors="replace") or not printed.endswith((b"\n", self.MARK.encode())):
                if not selector.select(deadline - time.monotonic()):
                    raise TimeoutError(f"{step.command}: nothing more after {WAIT:.0f} s than {printed.decode()!r}")
                piece = os.read(self._out.fileno(), 65536)
                if not piece:
                    raise EOFError(f"{step.command}: the shell ended after {printed.decode()!r}")
                printed += piece
        return printed.decode().replace(self.MARK, "")

    def close(self) -> None:
        """End the shell and all that it started, which hold its output open as long as they live."""
        os.killpg(self._shell.pid, signal.SIGTERM)
        try:
            self._shell.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(self._shell.pid, signal.SIGKILL)
            self._shell.communicate()
        self._folder.cleanup()


def main(arguments: list[str]) -> int:
    """Compare or rewrite the pages that are named."""
    wrong = 0
    for path in (Path(argument) for argument in arguments if argument != "--write"):
        page = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            ran = run(page, Path(folder))
        for step, printed in ran:
            if not Ran(step, printed).alike:
                wrong += 1
                print(f"{path}: {step.command}\n--- shown\n{step.shown}--- printed\n{printed}")
        if any("internal error" in printed for _, printed in ran):
            print(f"{path}: a command broke, and its page is left as it is")
            return 1
        if "--write" in arguments:
            path.write_text(rewritten(page, ran), encoding="utf-8")
    return 1 if wrong and "--write" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
