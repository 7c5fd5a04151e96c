"""A tracker list as it is asked: whether an address of a page is in it, and of what date the list is."""

import gzip
import hashlib
import io
import re
import threading
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from posture_endpoint.trackerlist.rules import Rule, fits, parse_rule

MOST_BYTES = 64 * 1024 * 1024
"""A list that is longer is not read."""

_HEAD_LINES = 60
_TITLE = re.compile(r"[!#]\s*title:\s*(\S.*)", re.IGNORECASE)
_DATE = re.compile(r"[!#]\s*(?:date|last modified|timeupdated|updated):\s*(\S.*)", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}")
_loading = threading.Lock()


class ListUnusable(Exception):
    """A file that is no tracker list, or cannot be read."""


class Match(NamedTuple):
    """A rule that an address falls under.

    ``certain`` is False where the rule is about other kinds of elements, or names a script and no host, and where the
    list takes the address out again: it does so for pages that would break, not for hosts that follow nobody.
    """

    rule: str
    certain: bool


class TrackerList:
    """Rules by host. ``date`` is the day of the list as ISO text, empty where its head names none."""

    def __init__(self, name: str, date: str, sha256: str, rules: Iterable[Rule]) -> None:
        self.name, self.date, self.sha256 = name, date, sha256
        self._whole: set[str] = set()
        self._partial: dict[str, list[Rule]] = {}
        self._exceptions: dict[str, list[Rule]] = {}
        self._scripts: set[str] = set()
        self.rules = 0
        for rule in rules:
            self.rules += 1
            if not rule.host:
                self._scripts.add(rule.pattern)
            elif rule.exception:
                self._exceptions.setdefault(rule.host, []).append(rule)
            elif rule.pattern or rule.kinds:
                self._partial.setdefault(rule.host, []).append(rule)
            else:
                self._whole.add(rule.host)

    def match(self, kind: str, address: str, page_host: str) -> Match | None:
        """The rule for an absolute address that an element of ``kind`` names on a page of ``page_host``.

        A host that the page itself belongs to does not count: what a tracker shows on its own pages is no third party.
        """
        address = address.lower()
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".")
        rest = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        found, excepted = None, False
        for name in suffixes(host):
            if name == page_host or page_host.endswith(f".{name}"):
                break
            excepted = excepted or any(fits(rule.pattern, rest) for rule in self._exceptions.get(name, ()))
            found = _better(found, self._match_at(name, kind, rest))
        script = parts.path[parts.path.rfind("/") :]
        if found is None and script in self._scripts and not f".{host}".endswith(f".{page_host}"):
            found = Match(script, certain=False)
        return Match(found.rule, certain=False) if found is not None and excepted else found

    def _match_at(self, name: str, kind: str, rest: str) -> Match | None:
        if name in self._whole:
            return Match(name, certain=True)
        found = None
        for rule in self._partial.get(name, ()):
            if fits(rule.pattern, rest):
                found = _better(found, Match(rule.text(), certain=not rule.kinds or kind in rule.kinds))
        return found


def suffixes(host: str) -> Iterator[str]:
    """The host and the domains above it, down to two labels."""
    labels = host.split(".")
    for start in range(max(len(labels) - 1, 1)):
        yield ".".join(labels[start:])


def parse_list(text: str, name: str) -> TrackerList:
    """A list from its text; ``name`` is used where its head has no title. ListUnusable when it has no rule."""
    lines = text.splitlines()
    titles = [match[1].strip()[:100] for line in lines[:_HEAD_LINES] if (match := _TITLE.match(line))]
    days = [_day(match[1]) for line in lines[:_HEAD_LINES] if (match := _DATE.match(line))]
    rules = dict.fromkeys(rule for line in lines if (rule := parse_rule(line)) is not None)
    if not rules:
        raise ListUnusable(f"{name} has no rule that names a host")
    return TrackerList((titles or [name])[0], (days or [""])[0], hashlib.sha256(text.encode()).hexdigest(), rules)


def load(path: str = "") -> TrackerList:
    """The list in a file, or the one that posture brings. ListUnusable when there is none to be had."""
    try:
        changed = Path(path).stat().st_mtime_ns if path else 0
        with _loading:
            return _loaded(path, changed)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ListUnusable(f"trackers: {path!r} cannot be read: {error}") from error


@lru_cache(maxsize=4)
def _loaded(path: str, changed: int) -> TrackerList:
    source = Path(path) if path else files("posture_endpoint.trackerlist").joinpath("shipped.txt.gz")
    return parse_list(unpacked(source.read_bytes()), f"trackers: {path!r}")


def unpacked(data: bytes) -> str:
    """The text of a list, which may be compressed with gzip. ListUnusable when it is too long."""
    if data.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            data = packed.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ListUnusable(f"a tracker list is longer than {MOST_BYTES} bytes")
    return data.decode("utf-8")


def _better(one: Match | None, other: Match | None) -> Match | None:
    return other if one is None or (other is not None and other.certain and not one.certain) else one


def _day(text: str) -> str:
    """The day that a head names, as ISO text; empty where it is none."""
    try:
        if match := _ISO.search(text):
            return date.fromisoformat(match[0]).isoformat()
        if match := _WORDS.search(text):
            return datetime.strptime(match[0], "%d %b %Y").date().isoformat()
    except ValueError:
        return ""
    return ""
