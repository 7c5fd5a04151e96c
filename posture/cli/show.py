"""How output looks: how wide and how colourful the terminal is, and how values are written as JSON."""

import os
import shutil
import sys
from typing import Any

import msgspec

from posture.model import Value


class Paper(Value):
    """Width in columns, and whether colour may be used. Colour is never the only sign."""

    width: int
    colour: bool


def paper() -> Paper:
    """The terminal of standard output; 100 columns and no colour where it is none. NO_COLOR is honoured."""
    tty = sys.stdout.isatty()
    width = shutil.get_terminal_size((100, 40)).columns if tty or "COLUMNS" in os.environ else 100
    return Paper(width=max(60, width), colour=tty and "NO_COLOR" not in os.environ)


def as_json_text(value: Any) -> str:
    """``value`` as indented JSON; equal values have equal text."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic")).decode()
