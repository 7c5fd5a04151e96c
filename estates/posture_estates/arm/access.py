"""Who may do what in a tenant: principals and the roles granted to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from posture_estates.arm.path import covers


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A service principal: signs in with client id and secret, appears in refusals by both ids."""

    client_id: str
    client_secret: str = field(repr=False)
    object_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role given at a scope: action patterns with `*`, less those taken out again."""

    client_id: str
    scope: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        return any(matches(pattern, action) for pattern in self.actions) and not any(
            matches(pattern, action) for pattern in self.not_actions
        )


def matches(pattern: str, action: str) -> bool:
    """Azure's action patterns: `*` stands for any run of characters, case does not count."""
    return _compiled(pattern.lower()).fullmatch(action.lower()) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))))


def allows(grants: tuple[Grant, ...], principal: Principal, action: str, scope: str) -> bool:
    """Some grant at the scope or above it allows the action."""
    return any(
        grant.client_id == principal.client_id and grant.allows(action) and covers(grant.scope, scope)
        for grant in grants
    )


def reaches(grants: tuple[Grant, ...], principal: Principal, scope: str) -> bool:
    """The principal holds some role at, above or below the scope."""
    return any(
        grant.client_id == principal.client_id and (covers(grant.scope, scope) or covers(scope, grant.scope))
        for grant in grants
    )
