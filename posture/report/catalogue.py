"""All findings of a run as one inert block of data, from which the page draws the rows that somebody asks for."""

from typing import Any

import msgspec

from posture.model import Value
from posture.report.inert import inert


class Catalogue(Value):
    """The block, how many findings it holds, and how many the run has: it may be bounded, the gravest first."""

    data: str
    held: int
    total: int


class Tables:
    """Texts and rows of one kind, each kept once and known by its place."""

    def __init__(self) -> None:
        self._places: dict[Any, int] = {}

    def place(self, row: Any) -> int:
        """Where ``row`` (a text, a number, or a tuple of these) stands."""
        return self._places.setdefault(row, len(self._places))

    def rows(self) -> list[Any]:
        """All of them, in the order of their places."""
        return list(self._places)


def block(value: Any) -> str:
    """JSON that can stand in a ``script`` element: no text in it acts, hides, or ends the element (HTML 4.12.1.3)."""
    text = msgspec.json.encode(_inert(value)).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _inert(value: Any) -> Any:
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, dict):
        return {key: _inert(item) for key, item in value.items()}
    return [_inert(item) for item in value] if isinstance(value, list | tuple) else value
