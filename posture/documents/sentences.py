"""Sentences: text split into them, and each one's anchor, a hash of its normalised words."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_QUOTES = {ord("\u2018"): "'", ord("\u2019"): "'", ord("\u201c"): '"', ord("\u201d"): '"', ord("\u2032"): "'"}
_DASHES = {ord(char): "-" for char in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"}
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))
# What converters from word processors leave in the text where a mark or a picture stood.
_LEFTOVER = re.compile(r"\[(?:bookmark|image): [^\]]{0,1000}\]")
_BULLET = re.compile(r"(?:[•●▪■◦‣·➢✓✔\uf0b7*-]\s+|\(?(?:[0-9]{1,2}|[A-Za-z]|[ivx]{2,5})[.)]\s+)+")
# An end mark, what closes after it, perhaps a footnote's number; a number after a digit is a version: "1.2".
_END = re.compile(r"""(?:(?<=[.!?])|(?<=[a-z]{2}[.!?])["')\]]*[0-9]{1,2})["')\]]*\s+""")
_FIRST_WORD = re.compile(r"\W{0,3}(\w+)")
_INNER_CAPITAL = re.compile(r"[a-z]{1,3}[A-Z]")
_ABBREVIATION = re.compile(r"""\b(?:(?i:e\.g|i\.e|cf|vs|inc|ltd|co|corp|u\.s|u\.k)|Mr|Mrs|Ms|Dr|St|[A-Z])\.["')\]]*$""")
_BEFORE_A_NUMBER = re.compile(r"\b(?:no|nos|art|arts|sec|fig|para|ch)\.$", re.IGNORECASE)
# Words that end in a full stop without ending a sentence are looked for in so many characters before it.
_BEFORE = 40
# A line shorter than this, in characters, is a heading, an item or a cell, and is not wrapped.
_WRAPPED_FROM = 60


def normalise(text: str) -> str:
    """The words of a sentence as they are anchored.

    Compatibility forms, quotes, dashes, invisible characters, converters' leftovers, bullets and white space do not
    count; wording and case do.
    """
    return _unmarked(_plain(text))


def anchor(sentence: str) -> str:
    """SHA-256 of the normalised sentence, in hexadecimal."""
    return hashlib.sha256(normalise(sentence).encode()).hexdigest()


def sketch(sentence: str) -> str:
    """One character per word, its hash cut down to 6 bits: enough to tell an edited sentence from another.

    It is no text: some hundreds of words share each character.
    """
    words = re.findall(r"\w+", normalise(sentence).casefold())
    return "".join(_BASE64[hashlib.sha256(word.encode()).digest()[0] & 63] for word in words)


def sentences(text: str) -> list[str]:
    """The sentences, items, headings and table cells of a text, normalised, in order.

    Each line is a paragraph, a heading, an item or a cell, except one that was wrapped: a long line without an end
    mark, which the next line takes up in lower case and without a bullet.
    """
    parts = (_unmarked(part) for paragraph in _paragraphs(text) for part in _split(paragraph))
    return [part for part in parts if re.search(r"\w", part)]


def document_hash(text: str) -> str:
    """SHA-256 over the normalised sentences of a document: layout changes leave it alone, wording does not."""
    return hashlib.sha256("\n".join(sentences(text)).encode()).hexdigest()


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).translate(_QUOTES).translate(_DASHES)
    return " ".join(_LEFTOVER.sub(" ", plain).split())


def _unmarked(plain: str) -> str:
    bullet = _BULLET.match(plain)
    return plain[bullet.end() :] if bullet else plain


def _paragraphs(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in map(_plain, text.splitlines()):
        if lines and not _continues(lines[-1], line):
            yield _unmarked(" ".join(lines))
            lines.clear()
        lines.append(line)
    yield _unmarked(" ".join(lines))


def _continues(last: str, line: str) -> bool:
    wrapped = len(last) >= _WRAPPED_FROM and last[-1] not in ".!?:;"
    return wrapped and bool(line) and not _opens(line) and not _BULLET.match(line)


def _split(paragraph: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(paragraph):
        head = paragraph[max(start, end.start() - _BEFORE) : end.start()]
        if _opens(paragraph, end.end()) and not _is_abbreviated(head, paragraph[end.end() : end.end() + 1]):
            yield paragraph[start : end.end()].strip()
            start = end.end()
    yield paragraph[start:]


def _opens(text: str, place: int = 0) -> bool:
    """Whether a new sentence may start here: anything but a word in lower case, bar names such as ``eBay``."""
    word = _FIRST_WORD.match(text, place)
    return word is None or not word[1][0].islower() or _INNER_CAPITAL.match(word[1]) is not None


def _is_abbreviated(head: str, following: str) -> bool:
    if _BEFORE_A_NUMBER.search(head):
        return following.isdigit()
    return _ABBREVIATION.search(head) is not None
