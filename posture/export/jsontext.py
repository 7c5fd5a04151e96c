"""JSON text in which no character acts in a terminal or hides: such characters are written as JSON escapes."""

import json
from typing import Any

from posture.report.inert import ACTIVE


def line(data: Any) -> str:
    """``data`` on one line, with sorted keys: equal values have equal text."""
    return _plain(json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def indented(data: Any) -> str:
    """``data`` for people to read, with keys in the order in which they were put."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    return "\n".join(map(_plain, text.split("\n"))) + "\n"


def _plain(text: str) -> str:
    return ACTIVE.sub(lambda found: json.dumps(found[0])[1:-1], text)
