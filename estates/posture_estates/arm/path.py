"""What a path of Azure Resource Manager points at: scope, type, names."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

ROOT_NAMESPACE = "Microsoft.Resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One resource, or one collection when the last type has no name.

    Subscriptions, resource groups and their inventories count as types of Microsoft.Resources.
    """

    segments: tuple[str, ...]
    scope: str  # what the resource belongs to or extends, "" for the tenant
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def type(self) -> str:
        return "/".join((self.namespace, *self.types))

    @property
    def key(self) -> str:
        """The id, lower-cased: names in ids are case-insensitive."""
        return ("/" + "/".join(self.segments)).lower()

    @property
    def is_collection(self) -> bool:
        return len(self.names) < len(self.types)

    @property
    def parent(self) -> str:
        """Path of the collection's owner (for a collection), lower-cased."""
        return self.key.rpartition("/")[0] if len(self.types) > 1 else self.scope.lower()

    @property
    def subscription(self) -> str | None:
        named = len(self.segments) > 1 and self.segments[0].lower() == "subscriptions"
        return self.segments[1] if named else None

    @property
    def resource_group(self) -> str | None:
        named = len(self.segments) > 3 and self.segments[2].lower() == "resourcegroups"
        return self.segments[3] if self.subscription is not None and named else None

    @property
    def root(self) -> Target | None:
        """The top-level resource of a group in which this one lives, or which it extends."""
        if self.resource_group is None or len(self.segments) <= 8:
            return None
        return parse("/" + "/".join(self.segments[:8])) if self.segments[4].lower() == "providers" else None

    @property
    def permission_scope(self) -> str:
        """Where a role must be granted: the resource itself, or the owner of the collection."""
        path = "/" + "/".join(self.segments)
        if not self.is_collection:
            return path
        return path.rpartition("/")[0] if len(self.types) > 1 else self.scope or "/"


def parse(path: str) -> Target | None:
    """Read a path; None for one that is not of Azure Resource Manager's form."""
    segments = tuple(unquote(part) for part in path.split("/") if part)
    if not segments or segments[0].lower() not in {"subscriptions", "tenants", "providers"}:
        return None
    namespace, scope = ROOT_NAMESPACE, ""
    types: list[str] = []
    names: list[str] = []
    at = 0
    while at < len(segments):
        if segments[at].lower() == "providers" and at + 2 < len(segments):
            scope = "".join(f"/{part}" for part in segments[:at])
            namespace, types, names = segments[at + 1], [], []
            at += 2
        types.append(segments[at])
        names.extend(segments[at + 1 : at + 2])
        at += 2
    return Target(segments=segments, scope=scope, namespace=namespace, types=tuple(types), names=tuple(names))


def covers(scope: str, path: str) -> bool:
    """The path is the scope or lies below it (case-insensitive, whole segments)."""
    outer, inner = scope.lower().rstrip("/"), path.lower().rstrip("/")
    return inner == outer or inner.startswith(outer + "/")
