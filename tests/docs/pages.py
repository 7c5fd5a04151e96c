"""What the tests of the pages share: the tool that runs their examples, and their tables."""

import fcntl
import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("examples", ROOT / "docs" / "examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


examples: Any = _loaded()


def page(name: str) -> str:
    """The text of a page of docs."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def assert_prints_what_it_shows(name: str, folder: Path, *, done: tuple[str, ...] = ()) -> None:
    """Run the page's commands in ``folder``, in its order, and compare.

    Two pages may want the same estates, which have addresses of their own: one page runs at a time.
    """
    with (ROOT / "docs" / "examples.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = examples.run(page(name), folder, done=done)
    wrong = [
        f"$ {step.command}\n--- the page shows\n{step.shown}--- the command printed\n{printed}"
        for step, printed in ran
        if not examples.Ran(step, printed).alike
    ]
    assert ran
    assert not wrong, "\n".join(
        (f"docs/{name} is stale; if what is printed is right: python docs/examples.py --write docs/{name}", *wrong)
    )


def table(name: str, heading: str) -> list[dict[str, str]]:
    """The rows of the one table of a page whose heading begins so; cells by the words of the heading."""
    rows = re.findall(rf"^\| {re.escape(heading)}.*\n(?:\|.*\n)*", page(name), re.MULTILINE)
    (found,) = rows
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in found.splitlines()]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]
