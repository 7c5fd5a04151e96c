"""Writes and reads a run directory. Lines go to disk as they come; a seal at the end proves that nothing changed."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from posture.coverage import LeftOut, Listed, Unread
from posture.identity import digest
from posture.model import Exposed, Finding, Gap
from posture.place import Place
from posture.run.record import FORMAT, Head, PlaceResult, ReplyRecord
from posture.session import Call

T = TypeVar("T")

ADDED = "added-places.json"
"""The file of the places that were found while a run went on."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class RunError(Exception):
    """A run that cannot be made or used as asked: its directory is not there or in the way, its targets are at odds."""


class IntegrityError(Exception):
    """A run directory that is cut short or was altered."""


class PlaceWriter:
    """The files of one place. One thread writes them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[str, IO[bytes]] = {}
        self._replies: set[str] = set()

    def call(self, call: Call, body: Any) -> None:
        """A line of the call ledger, and its redacted reply unless an equal one is there already."""
        if call.reply and call.reply not in self._replies:
            self._replies.add(call.reply)
            self._line("replies.jsonl", ReplyRecord(sha256=call.reply, body=body))
        self._line("calls.jsonl", call)

    def finding(self, finding: Finding) -> None:
        """A finding, as soon as it is made."""
        self._line("findings.jsonl", finding)

    def note(self, note: LeftOut | Unread) -> None:
        """A line of the coverage ledger."""
        self._line("left-out.jsonl" if isinstance(note, LeftOut) else "unread.jsonl", note)

    def flush(self) -> None:
        """Hand everything to the operating system."""
        for file in self._files.values():
            file.flush()

    def close(self, listed: list[Listed], result: PlaceResult) -> None:
        """Finish the place."""
        for row in listed:
            self._line("listed.jsonl", row)
        for file in self._files.values():
            file.close()
        (self._folder / "result.json").write_bytes(_encode(result))

    def _line(self, name: str, value: Any) -> None:
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = (self._folder / name).open("ab")
        file.write(_encode(value) + b"\n")


class Run:
    """A run directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, head: Head) -> "Run":
        """Start a new run. An existing folder is never written into."""
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            raise RunError(f"{folder} exists already; name another folder") from None
        except OSError as error:
            raise RunError(f"{folder} cannot be made: {error.strerror}") from None
        run = cls(folder)
        run.write("run.json", head)
        return run

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """An existing run, unverified."""
        if not (folder / "run.json").is_file():
            raise RunError(f"{folder} is not a run directory (it has no run.json)")
        return cls(folder)

    def write(self, name: str, value: Any) -> None:
        """A JSON file of the run, whole or not at all."""
        partial = self.folder / f".{name}.partial"
        partial.write_bytes(_encode(value) + b"\n")
        partial.replace(self.folder / name)

    def place(self, id: str) -> Path:
        """The folder of one place."""
        return self.folder / "places" / id

    def head(self) -> Head:
        """What the run was asked to do. Raises IntegrityError."""
        head = self.read("run.json", Head)
        if head.format != FORMAT:
            raise RunError(f"{self.folder} has run format {head.format}; this posture reads format {FORMAT}")
        return head

    def read(self, name: str, kind: type[T]) -> T:
        """A JSON file of the run as ``kind``."""
        path = self.folder / name
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise IntegrityError(f"{path}: cannot be read: {error}") from None

    def lines(self, place: str, name: str, kind: type[T]) -> Iterator[T]:
        """The lines of a file of one place, one at a time."""
        path = self.place(place) / name
        if not path.exists():
            return
        decoder = msgspec.json.Decoder(kind)
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    raise IntegrityError(f"{path}:{number}: cut short or altered: {error}") from None

    def findings(self) -> Iterator[Finding]:
        """All findings, place by place."""
        for id in self.place_ids():
            yield from self.lines(id, "findings.jsonl", Finding)

    def coverage(self) -> list[Listed]:
        """The counts of all places."""
        return [row for id in self.place_ids() for row in self.lines(id, "listed.jsonl", Listed)]

    def calls(self) -> Iterator[Call]:
        """The call ledger, place by place."""
        for id in self.place_ids():
            yield from self.lines(id, "calls.jsonl", Call)

    def left_out(self) -> Iterator[LeftOut]:
        """Every resource that a profile does not speak about."""
        for id in self.place_ids():
            yield from self.lines(id, "left-out.jsonl", LeftOut)

    def unread(self) -> Iterator[Unread]:
        """Every read that did not answer."""
        for id in self.place_ids():
            yield from self.lines(id, "unread.jsonl", Unread)

    def place_ids(self) -> list[str]:
        """The places that left files, in order of their names."""
        folder = self.folder / "places"
        return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []

    def discard(self, place: str) -> None:
        """Remove what a place left that broke down half-way."""
        shutil.rmtree(self.place(place), ignore_errors=True)

    def finished(self, place: str) -> PlaceResult | None:
        """How the place ended, or None where it never did."""
        path = self.place(place) / "result.json"
        return self.read(str(path.relative_to(self.folder)), PlaceResult) if path.exists() else None

    def exposed(self) -> tuple[Exposed, ...]:
        """The public names that were seen at the places that are finished, each with its resource once."""
        results = (self.finished(id) for id in self.place_ids())
        return tuple(dict.fromkeys(name for result in results if result is not None for name in result.exposed))

    def unnamed(self) -> Gap | None:
        """Why there may be public names that were not seen, by the first place that hides some; None if none does."""
        results = (self.finished(id) for id in self.place_ids())
        return next((result.unnamed for result in results if result is not None and result.unnamed is not None), None)

    def add_places(self, places: Sequence[Place]) -> None:
        """Record places that were found while the run went on."""
        self.write(ADDED, places)

    def places(self) -> tuple[Place, ...]:
        """All places of the run: those it began with, and those that were found on the way."""
        added = self.read(ADDED, tuple[Place, ...]) if (self.folder / ADDED).exists() else ()
        return (*self.head().places, *added)

    def seal(self) -> str:
        """Record the digest of every file; returns the digest of the record itself."""
        files = {
            str(path.relative_to(self.folder)): _file_digest(path)
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name != "manifest.json"
        }
        self.write("manifest.json", files)
        return digest(files)

    def seal_digest(self) -> str:
        """The digest of the seal: who holds it can tell whether this is the run that he was told of."""
        return digest(self.read("manifest.json", dict[str, str]))

    def verify(self) -> None:
        """Raise IntegrityError unless every file is there and is what was sealed, and every reply has its digest."""
        if not (self.folder / "manifest.json").exists():
            raise IntegrityError(f"{self.folder} is not sealed: the scan ended before it was complete")
        sealed = self.read("manifest.json", dict[str, str])
        for name, mark in sealed.items():
            path = self.folder / name
            if not path.is_file():
                raise IntegrityError(f"{path}: missing since the run was sealed")
            if _file_digest(path) != mark:
                raise IntegrityError(f"{path}: altered since the run was sealed")
        for path in self.folder.rglob("*"):
            name = str(path.relative_to(self.folder))
            if path.is_file() and name != "manifest.json" and name not in sealed:
                raise IntegrityError(f"{path}: added since the run was sealed")
        for id in self.place_ids():
            for reply in self.lines(id, "replies.jsonl", ReplyRecord):
                if digest(reply.body) != reply.sha256:
                    raise IntegrityError(f"{self.place(id)}/replies.jsonl: reply {reply.sha256[:12]} is not its digest")


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
