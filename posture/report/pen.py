"""Lays out text in a fixed number of columns: wrapping, tables, and colour where it is wanted."""

import textwrap
from collections.abc import Sequence

from tabulate import tabulate

from posture.model import Verdict
from posture.report.words import verdict_label

_COLOURS = {
    Verdict.VERIFIED: "32",
    Verdict.CONTRADICTED: "1;31",
    Verdict.PARTLY_VERIFIED: "33",
    Verdict.UNKNOWN: "36",
    Verdict.NOT_TESTABLE: "2",
}
NARROWEST = 48
"""Columns below which nothing is laid out any narrower."""

_SHARE = 8
"""Columns that every cell of a table gets, however narrow the terminal."""


class Pen:
    """Writes in ``width`` columns; escape sequences only where ``colour`` is set. Text must be inert already."""

    def __init__(self, width: int, colour: bool) -> None:
        self.width = max(width, NARROWEST)
        self._colour = colour

    def verdict(self, verdict: str, columns: int = 0) -> str:
        """Symbol and word of a verdict, filled up to ``columns``."""
        return self._paint(verdict_label(verdict), _COLOURS[Verdict(verdict)]).ljust(
            columns + (len(self._paint("", _COLOURS[Verdict(verdict)])))
        )

    def strong(self, line: str) -> str:
        """A line that stands out."""
        return self._paint(line, "1")

    def faint(self, lines: list[str]) -> list[str]:
        """Lines that step back."""
        return [self._paint(line, "2") for line in lines]

    def rule(self, title: str) -> str:
        """A heading with a line to the right margin."""
        text = self.short(title or "statements")
        return self.strong(f"{text} {'─' * max(0, self.width - len(text) - 1)}")

    def short(self, text: str, taken: int = 0) -> str:
        """``text`` on one line; what does not fit beside ``taken`` columns is cut, and the cut is shown."""
        room = self.width - taken
        return text if len(text) <= room else text[: room - 1] + "…"

    def wrap(self, text: str, indent: int = 0, *, hang: int = 0, lead: str = "") -> list[str]:
        """``text`` in lines that begin at column ``indent``; ``lead`` stands in front of the first."""
        return textwrap.wrap(
            text,
            min(self.width, indent + 110),
            initial_indent=lead.ljust(indent),
            subsequent_indent=" " * (indent + hang),
            break_on_hyphens=False,
        ) or [" " * indent]

    def table(
        self,
        rows: Sequence[Sequence[str]],
        headers: Sequence[str] = (),
        *,
        right: Sequence[int] = (),
        indent: int = 2,
    ) -> list[str]:
        """A table whose cells wrap so that it fits; columns in ``right`` are set flush right."""
        lines = [headers, *rows] if headers else list(rows)
        wanted = [max(len(_bare(cell)) for cell in column) for column in zip(*lines, strict=True)]
        widths = _fit(wanted, self.width - indent)
        text = tabulate(
            [[_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)] for row in lines],
            tablefmt="plain",
            disable_numparse=True,
            colalign=["right" if place in right else "left" for place in range(len(widths))],
        )
        return [" " * indent + line for line in text.split("\n")]

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


def _wrapped(cell: str, width: int) -> str:
    if len(_bare(cell)) <= width:
        return cell
    return "\n".join(textwrap.wrap(cell, width, break_on_hyphens=False))


def _bare(cell: str) -> str:
    """The cell without our own escape sequences; text from elsewhere is inert and has none."""
    while "\x1b[" in cell:
        head, _, rest = cell.partition("\x1b[")
        cell = head + rest.partition("m")[2]
    return cell


def _fit(wanted: list[int], width: int) -> list[int]:
    """Column widths, two blanks apart, in ``width`` columns: wide columns give way until all fit."""
    widths = list(wanted)
    room = width - 2 * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _SHARE:
        widths[widths.index(max(widths))] -= 1
    return [max(1, size) for size in widths]
