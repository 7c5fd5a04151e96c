"""The report as JSON, for programs: the view as it is, with sorted keys."""

import json

import msgspec

from posture.report.inert import ACTIVE
from posture.report.view import View

SCHEMA = "posture-report/1"


def render(view: View) -> str:
    """The view as JSON. Text is whole, and characters that would act in a terminal are written as JSON escapes."""
    data = {"schema": SCHEMA, **msgspec.to_builtins(view)}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=2)
    lines = (ACTIVE.sub(lambda found: json.dumps(found[0])[1:-1], line) for line in text.split("\n"))
    return "\n".join(lines) + "\n"
