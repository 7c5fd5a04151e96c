"""A provider's reply that remembers which of its fields were read, so that evidence keeps those and no others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

_UNREAD: Any = object()


class ReadTooLate(LookupError):
    """A field was read of a reply whose evidence is already recorded: it would be missing there."""


class Book:
    """Whether fields of a reply may still be read for the first time. All views of a reply share one."""

    __slots__ = ("closed",)

    def __init__(self) -> None:
        self.closed = False

    def check(self, key: object) -> None:
        """Refuse what would not be recorded."""
        if self.closed:
            raise ReadTooLate(f"{key!r} was first read after a later call; read it before, or keep it")


def view(value: Any, book: Book) -> Any:
    """``value`` as a reader sees it: mappings and lists become tracked views, scalars stay what they are."""
    if isinstance(value, dict):
        return Reply(value, book)
    if isinstance(value, list):
        return Items(value, book)
    return value


def seen(value: Any) -> Any:
    """What was read of a view, as plain JSON values; lists keep their length."""
    if isinstance(value, Reply | Items):
        return value.seen()
    return value


def plain(value: Any) -> Any:
    """The whole of a view as plain JSON values; all of it counts as read."""
    if isinstance(value, Reply | Items):
        return value.plain()
    return value


class Reply(Mapping[str, Any]):
    """A mapping of a reply. Asking for an absent field is recorded too: absent it was, absent it stays on replay."""

    __slots__ = ("_book", "_raw", "_read", "_whole")

    def __init__(self, raw: dict[str, Any], book: Book | None = None) -> None:
        self._book = book or Book()
        self._raw = raw
        self._read: dict[str, Any] = {}
        self._whole = False

    def __getitem__(self, key: str) -> Any:
        known = self._read.get(key, _UNREAD)
        if known is not _UNREAD:
            return known
        value = self._raw[key]
        self._book.check(key)
        return self._read.setdefault(key, view(value, self._book))

    def get(self, key: str, default: Any = None) -> Any:
        """The field, or ``default`` where the reply has none."""
        return self[key] if key in self._raw else default

    def __contains__(self, key: object) -> bool:
        if key not in self._raw:
            return False
        self[str(key)]
        return True

    def __iter__(self) -> Iterator[str]:
        """The names, sorted: a replayed reply gives them in the order of the live one."""
        for key in sorted(self._raw):
            self[key]
            yield key

    def __len__(self) -> int:
        return len(list(iter(self)))

    def plain(self) -> dict[str, Any]:
        """All of it, unwrapped, for code that wants a dictionary; all of it counts as read."""
        if not self._whole:
            self._book.check("the whole")
            self._whole = True
        return self._raw

    def close(self) -> dict[str, Any]:
        """What was read; from here on nothing new may be."""
        self._book.closed = True
        return self.seen()

    def seen(self) -> dict[str, Any]:
        """The fields that were read, in the order of their names."""
        if self._whole:
            return self._raw
        return {key: seen(self._read[key]) for key in sorted(self._read)}


class Items(Sequence[Any]):
    """A list of a reply. Its length always counts as read."""

    __slots__ = ("_book", "_raw", "_read", "_whole")

    def __init__(self, raw: list[Any], book: Book | None = None) -> None:
        self._book = book or Book()
        self._raw = raw
        self._read: dict[int, Any] = {}
        self._whole = False

    @overload
    def __getitem__(self, index: int) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self._raw)))]
        place = index if index >= 0 else index + len(self._raw)
        if not 0 <= place < len(self._raw):
            raise IndexError(f"the list has {len(self._raw)} items, none at {index}")
        known = self._read.get(place, _UNREAD)
        if known is not _UNREAD:
            return known
        self._book.check(place)
        return self._read.setdefault(place, view(self._raw[place], self._book))

    def __len__(self) -> int:
        return len(self._raw)

    def plain(self) -> list[Any]:
        """All of it, unwrapped; all of it counts as read."""
        if not self._whole:
            self._book.check("the whole")
            self._whole = True
        return self._raw

    def seen(self) -> list[Any]:
        """One entry per item: what was read of it. An unread scalar is masked, an unread container is empty."""
        if self._whole:
            return self._raw
        return [
            seen(self._read[place]) if place in self._read else _blank(item) for place, item in enumerate(self._raw)
        ]


def _blank(item: Any) -> Any:
    if isinstance(item, dict):
        return {}
    return [] if isinstance(item, list) else None
