"""The tags of a page with their attributes, read forward only, so that a hostile page costs time by its length."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

RAW = frozenset({"iframe", "noembed", "noframes", "script", "style", "template", "textarea", "title", "xmp"})
"""Elements whose content is not read as tags: text in the standard, and templates, which show nothing by themselves.

A template with ``shadowrootmode`` is no such one: browsers show its content at once (HTML, declarative shadow roots).
"""

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_COMMENT_END = re.compile(r"--!?>")
_NAME = re.compile(r"[^ \t\n\f\r/>]+")
_GAP = re.compile(r"[ \t\n\f\r/]*")
_ATTRIBUTE = re.compile(r"(=?[^ \t\n\f\r/>=]*)[ \t\n\f\r]*(=?)[ \t\n\f\r]*")
_UNQUOTED = re.compile(r"[^ \t\n\f\r>]*")
_CLOSING = re.compile(r"[ \t\n\f\r/>]")


class Tag(NamedTuple):
    """A start tag. Names are in lower case, entities in values are read; ``text`` is the content of a RAW element."""

    name: str
    attributes: dict[str, str]
    text: str


def tags(page: str) -> Iterator[Tag]:
    """The start tags of a page in their order, as the HTML standard tells them apart."""
    lowered = page.translate(_LOWER)
    at = 0
    while (start := page.find("<", at)) >= 0:
        at = start + 1
        first = lowered[at : at + 1]
        if page.startswith("<!--", start):
            at = _after_comment(page, start + 4)
        elif first in ("!", "?"):
            at = _after(page, ">", at)
        elif first == "/" and lowered[at + 1 : at + 2].isalpha():
            at = _attributes(page, _NAME.match(page, at + 1), {})
        elif "a" <= first <= "z":
            name = _NAME.match(lowered, at)
            attributes: dict[str, str] = {}
            at = _attributes(page, name, attributes)
            if at < 0 or name is None:
                return
            end = _raw_end(lowered, name[0], at) if _is_raw(name[0], attributes) else at
            yield Tag(name[0], attributes, page[at:end])
            at = end
        if at < 0:
            return


def _after(page: str, mark: str, at: int) -> int:
    """The place after the mark; -1 where the page ends before."""
    found = page.find(mark, at)
    return -1 if found < 0 else found + len(mark)


def _after_comment(page: str, at: int) -> int:
    if page.startswith(">", at):
        return at + 1
    if page.startswith("->", at):
        return at + 2
    found = _COMMENT_END.search(page, at)
    return found.end() if found else -1


def _attributes(page: str, name: re.Match[str] | None, into: dict[str, str]) -> int:
    """Reads the attributes that follow a tag's name; gives the place after the tag, -1 where it never ends."""
    at = name.end() if name else len(page)
    while True:
        gap = _GAP.match(page, at)
        at = gap.end() if gap else at
        if at >= len(page):
            return -1
        if page[at] == ">":
            return at + 1
        found = _ATTRIBUTE.match(page, at)
        if found is None or found.end() == at:
            return -1
        at, value = found.end(), ""
        if found[2]:
            quote = page[at : at + 1]
            if quote in ("'", '"') and quote:
                end = page.find(quote, at + 1)
                if end < 0:
                    return -1
                value, at = page[at + 1 : end], end + 1
            elif unquoted := _UNQUOTED.match(page, at):
                value, at = unquoted[0], unquoted.end()
        into.setdefault(found[1].translate(_LOWER), html.unescape(value))


def _is_raw(name: str, attributes: dict[str, str]) -> bool:
    shown = name == "template" and attributes.get("shadowrootmode", "").lower() in ("open", "closed")
    return name in RAW and not shown


def _raw_end(lowered: str, name: str, at: int) -> int:
    """Where the content of a RAW element ends: at its end tag, or with the page."""
    while (found := lowered.find(f"</{name}", at)) >= 0:
        after = found + 2 + len(name)
        if after >= len(lowered) or _CLOSING.match(lowered, after):
            return found
        at = after
    return len(lowered)
