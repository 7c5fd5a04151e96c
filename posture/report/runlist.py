"""The runs of a folder as text for a terminal and as JSON for programs."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from posture.model import Verdict
from posture.report.inert import inert, inert_value
from posture.report.jsontext import json_text
from posture.report.pen import Pen
from posture.report.words import SYMBOLS, listing, moment, number
from posture.run.listing import RunRow

SCHEMA = "posture-runs/1"

NAMED = 4
"""Names that stand for a group; the others are counted."""


def render(rows: Sequence[RunRow], folder: Path, width: int = 80) -> str:
    """Two lines or a little more for each run, in at most ``width`` columns."""
    pen = Pen(width, colour=False)
    lines: list[str] = []
    for row in rows:
        lines += _row(pen, inert_value(row))
    where = inert(str(folder))
    lines += pen.wrap(f"{number(len(rows), 'run')} in {where}" if rows else f"There are no runs in {where}.")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def render_json(rows: Sequence[RunRow]) -> str:
    """The rows as JSON."""
    return json_text({"schema": SCHEMA, "runs": msgspec.to_builtins(rows)})


def _row(pen: Pen, row: RunRow) -> list[str]:
    when = moment(row.started) if row.started else "unreadable"
    lines = pen.wrap(f"{when}  {row.folder}", hang=2)
    if row.started:
        what = f"{listing(row.profiles, NAMED)} on {listing(row.targets, NAMED) or 'no target'}"
        lines += pen.wrap(what, indent=2, hang=2)
        state = ["complete" if row.complete else "partial", row.seal, _size(row.size)]
        counts = "  ".join(f"{SYMBOLS[verdict]} {row.verdicts[verdict]}" for verdict in Verdict if row.verdicts)
        lines += pen.wrap(", ".join(state) + (f"    {counts}" if counts else ""), indent=2, hang=2)
    if row.problem:
        lines += pen.wrap(row.problem, indent=2, hang=2)
    return lines


def _size(size: int) -> str:
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size //= 1000
    return f"{size:,.0f} GB"
