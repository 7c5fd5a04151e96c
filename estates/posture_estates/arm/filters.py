"""The part of OData's `$filter` that collections understand: equalities joined by `and`, and `atScope()`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from posture_estates.arm.path import Target, covers
from posture_estates.arm.refusal import Refusal
from posture_estates.arm.tenant import Resource

_EQUALITY = re.compile(r"\(?\s*([\w./]+)\s+eq\s+'((?:[^']|'')*)'\s*\)?", re.IGNORECASE)

# Providers whose filters mean a property where the envelope has a field of the same name: type eq 'CustomRole'.
_BY_PROPERTIES = {"microsoft.authorization"}


@dataclass(frozen=True, slots=True)
class Filter:
    """Values wanted by lower-cased field; `at_scope` keeps what holds at the scope and above it."""

    equal: tuple[tuple[str, str], ...] = ()
    at_scope: bool = False

    def admits(self, resource: Resource, asked: Target) -> bool:
        if self.at_scope and covers(asked.scope, resource.target.scope):
            return resource.target.scope.lower() == asked.scope.lower() and self._equals(resource)
        return self._equals(resource)

    def _equals(self, resource: Resource) -> bool:
        return all(_field(resource, name).lower() == value.lower() for name, value in self.equal)


def parse_filter(text: str | None) -> Filter:
    """Read a `$filter`. Raises Refusal (400) for what is not understood, rather than list everything."""
    if not text or not text.strip():
        return Filter()
    equal: list[tuple[str, str]] = []
    at_scope = False
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE):
        if part.lower().replace(" ", "") == "atscope()":
            at_scope = True
        elif found := _EQUALITY.fullmatch(part):
            equal.append((found[1].lower(), found[2].replace("''", "'")))
        else:
            raise Refusal(400, "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string.")
    return Filter(tuple(equal), at_scope)


def _field(resource: Resource, name: str) -> str:
    derived = {"resourcetype": resource.target.type, "resourcegroup": resource.target.resource_group or ""}
    if name in derived:
        return derived[name]
    properties = resource.body.get("properties") or {}
    own = resource.target.namespace.lower() in _BY_PROPERTIES
    fields = {**resource.body, **properties} if own else {**properties, **resource.body}
    return str(next((value for key, value in fields.items() if key.lower() == name), ""))
