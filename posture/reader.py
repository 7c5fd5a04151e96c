"""Readers: functions that make one call and turn its replies into facts. All else derives from their signatures."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args, get_origin, get_type_hints

from posture.model import Fact
from posture.place import Where
from posture.session import GapFound, Session

__all__ = ["GapFound", "Reader", "ReaderError", "Session", "Where", "reader"]


class ReaderError(TypeError):
    """A reader whose signature does not say what it reads."""


class Reader:
    """One call and the facts it yields.

    ``parent`` is the fact read before, one call each; None for a listing, made once per ``where``. ``many`` tells
    a reader that yields facts from one that returns a single fact.
    """

    __slots__ = (
        "api",
        "doc",
        "fact",
        "function",
        "many",
        "name",
        "operation",
        "parent",
        "permission",
        "shared",
        "where",
    )

    def __init__(
        self, function: Callable[..., Any], operation: str, permission: str, where: Where, shared: bool
    ) -> None:
        self.function = function
        self.name = f"{function.__module__}.{function.__name__}"
        self.doc = inspect.getdoc(function) or ""
        self.operation = operation
        self.permission = permission
        self.where = where
        self.shared = shared
        self.fact, self.many = _result(function)
        self.parent = _parent(function)

    def __repr__(self) -> str:
        return f"<reader {self.name}>"

    def read(self, session: Session, parent: Fact | None) -> Iterator[Fact]:
        """The facts, as the function gives them."""
        result = self.function(session) if self.parent is None else self.function(session, parent)
        if self.many:
            yield from result
        else:
            yield result


def reader(
    *, operation: str, permission: str | None = None, where: Where = Where.REGION, shared: bool = False
) -> Callable[[Callable[..., Any]], Reader]:
    """Declare a reader: the one operation it performs and the permission which that needs.

    ``permission`` defaults to the operation, which is right where the provider names both alike; an empty one means
    that none is needed. ``shared`` is for readers that ask the same question for many resources (the parameter group
    of a hundred databases): it is asked once, and such a reader reads the same fields whoever asks.
    """

    def declare(function: Callable[..., Any]) -> Reader:
        return Reader(function, operation, operation if permission is None else permission, where, shared)

    return declare


def _result(function: Callable[..., Any]) -> tuple[type[Fact], bool]:
    result = get_type_hints(function).get("return")
    if isinstance(result, type) and issubclass(result, Fact):
        return result, False
    if get_origin(result) in (Iterator, Iterable):
        (item,) = get_args(result)
        if isinstance(item, type) and issubclass(item, Fact):
            return item, True
    raise ReaderError(f"{function.__qualname__}: must return a Fact or Iterator[Fact], not {result}")


def _parent(function: Callable[..., Any]) -> type[Fact] | None:
    hints = get_type_hints(function)
    names = list(inspect.signature(function).parameters)
    session = hints.get(names[0]) if names else None
    if not (isinstance(session, type) and issubclass(session, Session)):
        raise ReaderError(f"{function.__qualname__}: its first parameter must be a session")
    if len(names) == 1:
        return None
    parent = hints.get(names[1])
    if len(names) > 2 or not (isinstance(parent, type) and issubclass(parent, Fact)):
        raise ReaderError(f"{function.__qualname__}: takes a session and at most one fact")
    return parent
