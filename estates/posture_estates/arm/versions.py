"""Which api-versions each resource type of a tenant accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from posture_estates.arm.published import PUBLISHED

_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z]+)?")


def is_dated(version: str) -> bool:
    """An api-version is a date, for previews with a suffix."""
    return _SHAPE.fullmatch(version) is not None


@dataclass(frozen=True, slots=True)
class Versions:
    """Accepted versions by lower-cased type, with each type in its published spelling."""

    accepted: Mapping[str, tuple[str, ...]]
    spelling: Mapping[str, str]

    @classmethod
    def published(cls) -> Versions:
        accepted: dict[str, tuple[str, ...]] = {}
        spelling: dict[str, str] = {}
        for kind, (versions, below) in PUBLISHED.items():
            for name in (kind, *(f"{kind}/{child}" for child in below.split())):
                accepted[name.lower()] = tuple(versions.split())
                spelling[name.lower()] = name
        return cls(accepted, spelling)

    def extended(self, own: Mapping[str, Iterable[str]], present: Iterable[str]) -> Versions:
        """With the versions a tenant names itself, and types it holds below a known one."""
        accepted, spelling = dict(self.accepted), dict(self.spelling)
        for kind, versions in own.items():
            accepted[kind.lower()] = tuple(versions)
            spelling.setdefault(kind.lower(), kind)
        for kind in present:
            parent = kind
            while parent.lower() not in accepted and parent.count("/") > 1:
                parent = parent.rpartition("/")[0]
            if parent.lower() in accepted:
                accepted.setdefault(kind.lower(), accepted[parent.lower()])
                spelling.setdefault(kind.lower(), kind)
        return Versions(accepted, spelling)

    def of(self, kind: str) -> tuple[str, ...]:
        """Versions the type accepts; none for a type nobody knows."""
        return self.accepted.get(kind.lower(), ())

    def knows(self, namespace: str) -> bool:
        """Some type of the namespace is known."""
        return any(kind.startswith(f"{namespace.lower()}/") for kind in self.accepted)

    def spelled(self, kind: str) -> str:
        """The type as published; as asked when unknown."""
        return self.spelling.get(kind.lower(), kind)

    def namespaces(self) -> dict[str, list[str]]:
        """Published types (without namespace) of each namespace, in the namespace's spelling."""
        found: dict[str, list[str]] = {}
        for kind in self.spelling.values():
            namespace, _, rest = kind.partition("/")
            found.setdefault(namespace, []).append(rest)
        return found
