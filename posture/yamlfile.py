"""Typed loading of YAML files: safe, bounded, with errors that name file, line, value and the nearest valid word."""

import difflib
import enum
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import yaml

MAX_BYTES = 500_000
MAX_DEPTH = 40

T = TypeVar("T")
Step = str | int
Where = tuple[Step, ...]


class FileError(Exception):
    """A file that cannot be used. The message starts with ``file:line:`` and ends with what to do.

    A file that is not there has no lines: its message starts with ``file:``.
    """


class Loaded:
    """Plain data of a YAML file together with the line of every value in it."""

    def __init__(self, name: str, data: Any, lines: dict[Where, int]) -> None:
        self.name = name
        self.data = data
        self._lines = lines

    def line(self, where: Where) -> int:
        """The line of a value, or of the nearest value around it."""
        while where and where not in self._lines:
            where = where[:-1]
        return self._lines.get(where, 1)

    def error(self, where: Where, message: str) -> FileError:
        """An error at a place of this file."""
        return FileError(f"{self.name}:{self.line(where)}: {message}")

    def typed(self, kind: type[T], data: Any = None, where: Where = ()) -> T:
        """``data`` (found at ``where``; all of it by default) as ``kind``."""
        if self.data is None:
            raise self.error((), "the file is empty")
        try:
            return msgspec.convert(self.data if data is None and not where else data, kind)
        except msgspec.ValidationError as error:
            message, inner = _split(str(error))
            value = _at(data if where or data is not None else self.data, inner)
            raise self.error(where + inner, _helpful(message, value, kind, inner, _field(where + inner))) from None


def load(path: Path, kind: type[T]) -> T:
    """The file as ``kind``. Raises FileError."""
    return read(path).typed(kind)


def read(path: Path) -> Loaded:
    """The file as plain data with lines. Tags, anchors, aliases, duplicate keys and excess are refused."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileError(f"{path.name}:1: the file has {size} bytes; posture reads at most {MAX_BYTES}")
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise FileError(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise FileError(f"{path.name}:1: not a text file in UTF-8; posture reads YAML") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None
    return parse(text, path.name)


def parse(text: str, name: str) -> Loaded:
    """YAML text as plain data with lines."""
    try:
        loader = _Composer(text)
        node = loader.get_single_node()
        lines: dict[Where, int] = {}
        data = None if node is None else _plain(loader, node, (), lines, name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise FileError(f"{name}:{line}: {error.problem or 'not valid YAML'}") from None
    except yaml.YAMLError as error:
        raise FileError(f"{name}:1: not valid YAML: {str(error).splitlines()[0]}") from None
    return Loaded(name, data, lines)


class _Composer(yaml.SafeLoader):
    """Composes nodes while refusing what a configuration never needs."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(problem="anchors and aliases are not allowed", problem_mark=event.start_mark)
        if getattr(event, "tag", None):
            raise yaml.MarkedYAMLError(problem=f"the tag {event.tag} is not allowed", problem_mark=event.start_mark)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested deeper than {MAX_DEPTH}", problem_mark=event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _plain(loader: _Composer, node: Any, where: Where, lines: dict[Where, int], name: str) -> Any:
    lines[where] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(_scalar(loader, key_node, name))
            if key in result:
                raise FileError(f"{name}:{key_node.start_mark.line + 1}: the key {key!r} stands here twice")
            result[key] = _plain(loader, value_node, (*where, key), lines, name)
            lines[(*where, key)] = key_node.start_mark.line + 1
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*where, place), lines, name) for place, item in enumerate(node.value)]
    return _scalar(loader, node, name)


def _scalar(loader: _Composer, node: Any, name: str) -> Any:
    try:
        return loader.construct_object(node)
    except ValueError as error:
        raise FileError(f"{name}:{node.start_mark.line + 1}: {node.value!r}: {error}") from None


_SOME_KEY = "a value here"
"""The step to a value of a mapping: msgspec does not say under which key it found the value wanting."""


def _split(message: str) -> tuple[str, Where]:
    text, _, path = message.partition(" - at `")
    steps: list[Step] = []
    for name, index in re.findall(r"\.([\w-]+)|\[(\d+|\.\.\.)\]", path):
        steps.append(name or (_SOME_KEY if index == "..." else int(index)))
    return text, tuple(steps)


_NOWHERE = object()


def _at(data: Any, where: Where) -> Any:
    for step in where:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return _NOWHERE
    return data


def _field(where: Where) -> str:
    """What a place is called: its key, or that of the list it stands in."""
    return next((step for step in reversed(where) if isinstance(step, str)), "the file")


def _helpful(message: str, value: Any, kind: Any, where: Where, field: str) -> str:
    unknown = re.search(r"unknown field `([^`]+)`", message)
    if unknown:
        return f"unknown key {unknown[1]!r}{_instead(unknown[1], kind, where)}"
    missing = re.search(r"missing required field `([^`]+)`", message)
    if missing:
        return f"the key {missing[1]!r} is missing"
    if message.startswith("Invalid enum value"):
        words = sorted({word for hint in _kinds_at(kind, where) for word in _words(hint)} or choices(kind))
        return f"{field}: {value!r} is not one of the words allowed here{nearest(str(value), words)}"
    shown = "" if value is _NOWHERE or isinstance(value, dict) else f" {value!r}:"
    return f"{field}:{shown} {message[0].lower()}{message[1:]}"


def _instead(word: str, kind: Any, where: Where) -> str:
    """Where an unknown key belongs, or which key of the place where it stands was meant."""
    own = {field for struct in _structs_among(_kinds_at(kind, where)) for field in struct.__struct_encode_fields__}
    if where and word in {field for struct in _structs_among([kind]) for field in struct.__struct_encode_fields__}:
        return "; it belongs further out: indent it less"
    return nearest(word, (own or field_names(kind)) - {word})


def _structs_among(kinds: list[Any]) -> list[Any]:
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]


def _kinds_at(kind: Any, where: Where) -> list[Any]:
    """The types that may stand at a place of a file of this kind; none where the place is not known."""
    kinds = _plain_kinds(kind)
    for step in where:
        kinds = [plain for one in kinds for hint in _inside(one, step) for plain in _plain_kinds(hint)]
    return kinds


def _plain_kinds(hint: Any) -> list[Any]:
    """The alternatives of a union, without what only annotates them."""
    if get_origin(hint) in (Union, types.UnionType):
        return [plain for one in get_args(hint) for plain in _plain_kinds(one)]
    return [hint]


def _inside(kind: Any, step: Step) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        names = dict(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True))
        return [get_type_hints(kind)[names[step]]] if step in names else []
    arguments = [argument for argument in get_args(kind) if argument is not Ellipsis]
    return arguments[-1:]


def nearest(word: str, words: Iterator[str] | list[str] | set[str]) -> str:
    """A hint: the valid words nearest to ``word``, or the valid words themselves where they are few."""
    known = sorted(set(words))
    close = difflib.get_close_matches(word, known, n=3, cutoff=0.5)
    if close:
        return f"; did you mean {', '.join(map(repr, close))}?"
    return f"; valid are {', '.join(known)}" if 0 < len(known) <= 12 else ""


def field_names(kind: Any) -> set[str]:
    """Every key that may stand somewhere in a file of this kind."""
    return {field for struct in _structs(kind, set()) for field in struct.__struct_encode_fields__}


def choices(kind: Any) -> set[str]:
    """Every word of the enumerations that may stand somewhere in a file of this kind."""
    words: set[str] = set()
    for struct in _structs(kind, set()):
        for hint in get_type_hints(struct).values():
            words |= _words(hint)
    return words


def _structs(kind: Any, known: set[Any]) -> set[Any]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in known:
        known.add(kind)
        for hint in get_type_hints(kind).values():
            _structs(hint, known)
    for argument in get_args(kind):
        _structs(argument, known)
    return known


def _words(hint: Any) -> set[str]:
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {str(member.value) for member in hint}
    if get_origin(hint) is Literal:
        return {str(word) for word in get_args(hint)}
    return {word for argument in get_args(hint) for word in _words(argument)}
