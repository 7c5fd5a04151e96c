"""A snapshot of providers' address ranges: a text file, and the longest prefix in it that holds an address.

The file has a section for each provider: ``[aws] 2026-10-26`` with the day on which its list was as it stands here,
then a line for each prefix with its region and service, blanks between, ``-`` for none. Lines that begin with ``#``
are notes. It may be compressed with gzip.
"""

import gzip
import ipaddress
import os
import re
import socket
import threading
import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from posture.model import Value
from posture.yamlfile import FileError

SHIPPED = "shipped.txt.gz"
"""The snapshot that posture brings. ``posture ranges refresh`` makes such a file."""

MOST_BYTES = 50_000_000
"""More than any list of ranges has, before or after it is unpacked."""

_HEADING = re.compile(r"\[([a-z][a-z0-9-]*)\]\s+(\d{4}-\d\d-\d\d)")
_GZIP = b"\x1f\x8b"
_loading = threading.Lock()

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Row = tuple[str, str, str]
"""A prefix, its region and its service; "-" where there is none."""


class Listed(Value):
    """A prefix that a provider lists. ``region`` is None where it has none; ``date`` is the day of the list."""

    provider: str
    prefix: str
    region: str | None
    service: str
    date: str


class Section:
    """The list of one provider as of a day. ``notes`` say where it comes from. Raises ValueError for no prefix."""

    def __init__(self, provider: str, day: date, rows: Iterable[Row], notes: Iterable[str] = ()) -> None:
        self.provider = provider
        self.day = day
        self.notes = list(notes)
        self.rows: list[Row] = []
        self._found: dict[tuple[int, int], dict[int, Row]] = {}
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """One more prefix. ValueError when it is none, or is there already."""
        width, length, number = parse_prefix(row[0])
        known = self._found.setdefault((width, length), {})
        if known.setdefault(number >> (width - length), row) is not row:
            raise ValueError(f"{row[0]} is listed twice")
        self.rows.append(row)

    def find(self, address: Address) -> Listed | None:
        """The longest prefix that holds the address."""
        width, number = address.max_prefixlen, int(address)
        for length in range(width, -1, -1):
            row = self._found.get((width, length), {}).get(number >> (width - length))
            if row is not None:
                prefix, region, service = row
                return Listed(
                    provider=self.provider,
                    prefix=prefix,
                    region=None if region == "-" else region,
                    service="" if service == "-" else service,
                    date=self.day.isoformat(),
                )
        return None


class Snapshot:
    """The lists of several providers, each of its own day."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self.sections = {section.provider: section for section in sections}

    def find(self, address: str) -> tuple[Listed, ...]:
        """For each provider that lists the address, its longest prefix. ValueError when it is no address."""
        number = plain_address(address)
        found = (section.find(number) for section in self.sections.values())
        return tuple(one for one in found if one is not None)

    def dates(self) -> dict[str, str]:
        """The day of each provider's list."""
        return {provider: section.day.isoformat() for provider, section in sorted(self.sections.items())}


def plain_address(text: str) -> Address:
    """The address; IPv4 that is written as IPv6 is IPv4 (RFC 4291, 2.5.5.2). ValueError when it is none."""
    address = ipaddress.ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def snapshot(file: str = "") -> Snapshot:
    """The snapshot in a file of the user's, or the shipped one. Read once a process. Raises FileError."""
    with _loading:
        return _read(file, _stamp(file)) if file else _shipped()


@lru_cache(maxsize=1)
def _shipped() -> Snapshot:
    return parse(_unpacked((files(__package__) / SHIPPED).read_bytes(), SHIPPED), SHIPPED)


@lru_cache(maxsize=4)
def _read(file: str, stamp: tuple[int, int]) -> Snapshot:
    """``stamp`` changes with the file, so that one that was renewed is read again."""
    return parse(_unpacked(contents(Path(file)), file), file)


def _stamp(file: str) -> tuple[int, int]:
    try:
        seen = os.stat(file)
    except OSError as error:
        raise FileError(f"{file}:1: cannot be read: {error.strerror}") from None
    return seen.st_mtime_ns, seen.st_size


def contents(path: Path) -> bytes:
    """The bytes of a file of ranges. Raises FileError."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise FileError(f"{path}:1: cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise FileError(f"{path}:1: the file has more than {MOST_BYTES} bytes, which no list of ranges has")
    return data


def _unpacked(data: bytes, name: str) -> str:
    try:
        if data.startswith(_GZIP):
            unpacker = zlib.decompressobj(wbits=31)
            data = unpacker.decompress(data, MOST_BYTES)
            if not unpacker.eof:
                raise FileError(f"{name}:1: the file breaks off, or unpacks to more than {MOST_BYTES} bytes")
        return data.decode("utf-8")
    except (zlib.error, UnicodeDecodeError):
        raise FileError(f"{name}:1: not a file of ranges; `posture ranges refresh` writes one") from None


def parse(text: str, name: str) -> Snapshot:
    """The sections of a file. Raises FileError with the line."""
    sections: dict[str, Section] = {}
    section: Section | None = None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        try:
            if line.startswith("["):
                section = _heading(line, sections)
                sections[section.provider] = section
            elif line.startswith("#") and section is not None:
                section.notes.append(line[1:].strip())
            elif words and section is not None:
                section.add(_row(words))
            elif words and not line.startswith("#"):
                raise ValueError("a prefix stands before the first [provider] YYYY-MM-DD")
        except ValueError as error:
            raise FileError(f"{name}:{number}: {error}") from None
    for section in sections.values():
        if not section.rows:
            raise FileError(f"{name}:1: [{section.provider}] lists no prefix")
    if not sections:
        raise FileError(f"{name}:1: the file has no section; one begins with [provider] YYYY-MM-DD")
    return Snapshot(sections.values())


def _heading(line: str, known: Iterable[str]) -> Section:
    match = _HEADING.fullmatch(line.strip())
    if match is None:
        raise ValueError(f"{line.strip()[:60]!r} is not a heading such as [aws] 2026-10-26")
    if match[1] in known:
        raise ValueError(f"[{match[1]}] stands there twice")
    return Section(match[1], date.fromisoformat(match[2]), ())


def _row(words: list[str]) -> Row:
    if len(words) > 3:
        raise ValueError(f"{' '.join(words)[:60]!r} is not a prefix, its region and its service")
    prefix, region, service = (*words, "-", "-")[:3]
    return prefix, region, service


def written(snapshot: Snapshot) -> str:
    """The snapshot as a file's text: sections by name, prefixes in the order of their numbers."""
    return "".join(f"{line}\n" for line in _lines(snapshot))


def _lines(snapshot: Snapshot) -> Iterator[str]:
    for provider, section in sorted(snapshot.sections.items()):
        yield f"[{provider}] {section.day.isoformat()}"
        yield from (f"# {note}".rstrip() for note in section.notes)
        for row in sorted(section.rows, key=lambda row: _order(row[0])):
            yield "\t".join(row)


def packed(text: str) -> bytes:
    """The text in gzip; equal texts give equal bytes."""
    return gzip.compress(text.encode("utf-8"), 9, mtime=0)


def _order(prefix: str) -> tuple[int, int, int]:
    width, length, number = parse_prefix(prefix)
    return width, number, length


def parse_prefix(text: str) -> tuple[int, int, int]:
    """Width in bits of its family, length and number of a prefix. ValueError when it is none, or has host bits."""
    address, slash, bits = text.partition("/")
    try:
        raw = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    except OSError:
        raise ValueError(f"{text[:60]!r} is not a prefix such as 192.0.2.0/24") from None
    width, number = len(raw) * 8, int.from_bytes(raw)
    if not (slash and bits.isascii() and bits.isdigit() and int(bits) <= width):
        raise ValueError(f"{text[:60]!r} is not a prefix such as 192.0.2.0/24")
    length = int(bits)
    if number & ((1 << (width - length)) - 1):
        raise ValueError(f"{text[:60]!r} has bits set past its length")
    return width, length, number
