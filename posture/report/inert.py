"""Makes text from clouds, certificates and documents harmless to look at: what would act or hide is spelled out."""

import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

ACTIVE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls: escape sequences begin with one of them
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # shown as nothing
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # joiners, line ends, directions
    "\ufe00-\ufe0f\U000e0000-\U000e0fff"  # variation selectors and tags
    "\ud800-\udfff"  # halves of a character, which no encoder takes
    "]"
)
"""Characters that steer a terminal, turn the direction of text, end a line, or cannot be seen (Unicode 16, ch. 23)."""

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def inert(text: str) -> str:
    """``text`` with every active character as an escape that can be read: ``\\n``, ``\\x1b``, ``\\u202e``."""
    return ACTIVE.sub(lambda found: _SHORT.get(found[0]) or _escape(ord(found[0])), text)


def inert_value(value: T) -> T:
    """A copy of ``value`` in which all text, at any depth, is inert."""
    return msgspec.convert(_all(msgspec.to_builtins(value)), type(value))


def _all(data: Any) -> Any:
    if isinstance(data, str):
        return inert(data)
    if isinstance(data, dict):
        return {_all(key): _all(item) for key, item in data.items()}
    if isinstance(data, list | tuple):
        return [_all(item) for item in data]
    return data


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
