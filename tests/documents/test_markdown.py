"""Markdown: sentences read as they are shown."""

import pytest

from posture.documents.markdown import plain_text
from posture.documents.sentences import sentences


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# Keys\nThey rotate.", ["Keys", "They rotate."]),
        ("**All** keys _rotate_ and `logs` stay.", ["All keys rotate and logs stay."]),
        ("See [our keys](https://example.org/a_b) rotate.", ["See our keys rotate."]),
        ("![a picture](x.png) Keys rotate.", ["Keys rotate."]),
        ("* Keys rotate.\n* Logs stay.", ["Keys rotate.", "Logs stay."]),
        ("> Keys rotate.", ["Keys rotate."]),
        ("| Store | State |\n|---|---|\n| disk | encrypted |", ["Store", "State", "disk", "encrypted"]),
        ("Keys\n===\nLogs\n---\n", ["Keys", "Logs"]),
        ("<!-- never -->Keys rotate.", ["Keys rotate."]),
        ("A snake_case_name and 2 * 3 * 4.", ["A snake_case_name and 2 * 3 * 4."]),
        ("```\nKeys rotate.\n```", ["Keys rotate."]),
    ],
)
def test_marks_are_taken_off(text: str, shown: list[str]) -> None:
    assert sentences(plain_text(text)) == shown
