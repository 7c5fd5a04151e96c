"""Quantities in sentences: spans of time, how often something is done, TLS versions, lengths of keys and passwords."""

import math
import re

from posture.claims import TlsVersion

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_NUMBERS = {word: value for value, word in enumerate([*_ONES.split(" "), "eighteen", "nineteen"], start=1)} | _TENS
NUMBER = rf"(\d{{1,4}}|an?|(?:{'|'.join(_TENS)})-(?:{'|'.join(_ONES.split(' ')[:9])})|{'|'.join(_NUMBERS)})"
"""A number in figures or in words, as a pattern."""
_SPAN = re.compile(
    rf"\b{NUMBER}(?:\s*\(\s*\d{{1,4}}\s*\))?[\s-]+(?:calendar |(business |working ))?(minute|hour|day|week|month"
    rf"|year)s?\b",
    re.IGNORECASE,
)
_UNIT_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0}
_EACH = r"\b(?:each|every|per|a)"
_OFTEN = (
    (rf"\b(?:continuous|real[- ]time|point[- ]in[- ]time|hourly|daily|nightly)|{_EACH} (?:hour|day|night)\b", 1),
    (rf"\bweekly\b|{_EACH} week\b|{_EACH} (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", 7),
    (rf"\bmonthly\b|{_EACH} month\b", 31),
    (rf"\bquarterly\b|{_EACH} quarter\b", 92),
    (rf"\b(?:annual|yearly)|{_EACH} year\b", 365),
)
OFTEN = "|".join(f"(?:{pattern})" for pattern, _ in _OFTEN) + rf"|\b(?:every|each) {NUMBER}[ -]\w+"
"""Words for how often something is done."""
_VERSION = re.compile(
    r"\b(?:TLS|SSL|Transport Layer Security)\W*(?:v|version)?\.?\s*(1\.[0-3]|[23]\.0)\b", re.IGNORECASE
)
_PROTOCOL = re.compile(r"\b(?:TLS|SSL)\b")
_VERSION_ALONE = re.compile(r"\bversion (1\.[0-3])\b(?! of)", re.IGNORECASE)
_FURTHER = re.compile(r"(?:\s*(?:,|/|and|or|&)\s*(?:TLS\s*)?v?(1\.[0-3]))", re.IGNORECASE)
_LENGTH = re.compile(rf"\b{NUMBER}(?:\s*\(\s*\d{{1,4}}\s*\))?[\s-]+(?:or more )?characters?\b", re.IGNORECASE)
_HOLDERS = re.compile(
    rf"\b(?:no more than|at most|not more than|up to|a maximum of)\s+{NUMBER}\s+"
    r"(?:people|persons|users|accounts|admin|owner|employee|engineer|principal)",
    re.IGNORECASE,
)


def number(word: str) -> int:
    """The value of a number in figures or in words up to ninety-nine; an article counts as one."""
    word = word.lower()
    if word.isdigit():
        return int(word)
    return 1 if word in ("a", "an") else sum(_NUMBERS[part] for part in word.split("-"))


def days(sentence: str) -> int | None:
    """The first span of time in days, rounded up.

    A month has 30, twelve of them and a year 365; five business days are a week.
    """
    span = _SPAN.search(sentence)
    if span is None:
        return None
    count, unit = number(span[1]), span[3].lower()
    if unit == "month" and count % 12 == 0:
        count, unit = count // 12, "year"
    length = _UNIT_DAYS[unit] * (7 / 5 if span[2] else 1)
    return max(1, math.ceil(count * length - 1e-9))


def interval(sentence: str) -> int | None:
    """How often something is done, in days between two times: "every 90 days", "weekly", "nightly"."""
    every = re.search(
        r"\b(?:every|each|intervals? (?:of|not exceeding|no longer than))\s+(?=\d"
        r"|[a-z]+[ -])",
        sentence,
        re.IGNORECASE,
    )
    span = days(sentence[every.start() :]) if every else None
    if span is not None:
        return span
    return next((length for pattern, length in _OFTEN if re.search(pattern, sentence, re.IGNORECASE)), None)


def tls_versions(sentence: str) -> list[TlsVersion]:
    """The versions that a sentence names, oldest first: "TLS 1.0 and 1.1" names two."""
    alone = _VERSION_ALONE.findall(sentence) if _PROTOCOL.search(sentence) else []
    found = {_tls(figure) for figure in alone}
    for named in _VERSION.finditer(sentence):
        found.add(_tls(named[1]))
        further = _FURTHER.match(sentence, named.end())
        while further is not None:
            found.add(_tls(further[1]))
            further = _FURTHER.match(sentence, further.end())
    return sorted(found, key=lambda version: version.age)


def _tls(figure: str) -> TlsVersion:
    return TlsVersion(f"{'TLS' if figure.startswith('1') else 'SSL'} {figure}")


def key_bits(sentence: str) -> int | None:
    """The size of an RSA key in bits."""
    bits = re.search(r"\b(1,?024|2,?048|3,?072|4,?096)\b", sentence)
    return int(bits[1].replace(",", "")) if bits else None


def characters(sentence: str) -> int | None:
    """A length in characters."""
    length = _LENGTH.search(sentence)
    return number(length[1]) if length else None


def holders(sentence: str) -> int | None:
    """The greatest number of people that may hold a right."""
    most = _HOLDERS.search(sentence)
    return number(most[1]) if most else None
