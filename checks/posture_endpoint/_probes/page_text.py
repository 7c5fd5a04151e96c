"""The visible text of a page, normalised, so that its hash changes when the words change and not when markup does."""

from __future__ import annotations

import html
import re
import unicodedata

_UNSEEN = ("script", "style", "template", "noscript", "title")
_MARKUP = re.compile(r"<[a-zA-Z/!?]")
_INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "mark", "small", "span", "strong", "sub", "sup", "u"})


def visible_text(page: str) -> str:
    """Text outside tags, comments, scripts and the title; one space between words; NFC.

    What else may stand in the head has no words, and its end tag may be left out. A ``<`` before anything but a name
    is a word, as in browsers. Every search goes forward only, so a hostile page costs time in proportion to its length.
    """
    lowered = page.lower() if len(page.lower()) == len(page) else page
    kept, at = [], 0
    while (start := page.find("<", at)) >= 0:
        kept.append(page[at:start])
        if not _MARKUP.match(page, start):
            kept.append("<")
            at = start + 1
            continue
        closing = "-->" if page.startswith("<!--", start) else ">"
        end = page.find(closing, start + 1)
        if end < 0:
            return _normalised(kept)
        at = end + len(closing)
        name = _tag_name(lowered[start + 1 : min(end, start + 32)])
        if name in _UNSEEN:
            at = lowered.find(f"</{name}", at)
            if at < 0:
                return _normalised(kept)
        elif name.lstrip("/") not in _INLINE:
            kept.append(" ")
    kept.append(page[at:])
    return _normalised(kept)


def _tag_name(tag: str) -> str:
    words = tag.replace("/>", " ").split(None, 1)
    return words[0] if words else ""


def _normalised(parts: list[str]) -> str:
    text = html.unescape("".join(parts))
    return unicodedata.normalize("NFC", " ".join(text.split()))
