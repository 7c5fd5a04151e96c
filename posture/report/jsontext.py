"""JSON that may be looked at: whole text, with what would act in a terminal written as JSON escapes."""

import json
from typing import Any

from posture.report.inert import ACTIVE


def json_text(data: Any, *, indent: int | None = 2) -> str:
    """``data`` as JSON with sorted keys, on one line where ``indent`` is None; a reader gets every character back."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=indent)
    return "\n".join(ACTIVE.sub(_escaped, line) for line in text.split("\n")) + "\n"


def _escaped(found: Any) -> str:
    return json.dumps(found[0])[1:-1]
