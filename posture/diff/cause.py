"""Why a finding differs between two runs: one cause for each change, and a few words that ground it."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from posture.model import ANY, Cause, Finding, Unknown, Value
from posture.place import Place
from posture.profile import Profile, from_data
from posture.run.record import Head
from posture.scope import Match, Scope


class Why(StrEnum):
    """What made the difference.

    ``environment``: what was read differs, or time went by. ``new-resource``, ``gone-resource``: the resource is in
    one run only. ``document``: the published text, or what the profile takes from it. ``scope``: targets, regions or
    rules of scope. ``check-revision``: a check judges otherwise, came or went. ``permission``: access was lost or
    gained. ``availability``: a read did not answer for another reason. ``exception``: an exception or attestation
    began, ended or was changed. ``tool``: posture itself is another version, or broke.
    """

    ENVIRONMENT = "environment"
    NEW = "new-resource"
    GONE = "gone-resource"
    DOCUMENT = "document"
    SCOPE = "scope"
    CHECK = "check-revision"
    PERMISSION = "permission"
    AVAILABILITY = "availability"
    EXCEPTION = "exception"
    TOOL = "tool"


READS: dict[Cause, Why] = {
    Cause.ACCESS_DENIED: Why.PERMISSION,
    Cause.DENIED_BY_ORGANISATION: Why.PERMISSION,
    Cause.CREDENTIALS_EXPIRED: Why.PERMISSION,
    Cause.TOOL_ERROR: Why.TOOL,
    Cause.THROTTLED: Why.AVAILABILITY,
    Cause.TIMEOUT: Why.AVAILABILITY,
    Cause.UNREACHABLE: Why.AVAILABILITY,
    Cause.REGION_NOT_ENABLED: Why.AVAILABILITY,
    Cause.REGION_UNREACHABLE: Why.AVAILABILITY,
    Cause.TRUNCATED: Why.AVAILABILITY,
    Cause.CAPPED: Why.AVAILABILITY,
    Cause.MALFORMED_REPLY: Why.AVAILABILITY,
}
"""Causes of the unknown that explain a change by themselves; the others are judgements about what was read."""

_RANK = (Why.PERMISSION, Why.TOOL, Why.AVAILABILITY)

UNLISTED = "could not be listed"
"""How the detail of a change begins whose finding one run could not make, for want of a listing."""

Told = tuple[Why, str]


class Standing(Value):
    """A finding as it stands in one run, the place where it was made, and the exceptions that cover it."""

    finding: Finding
    place: str
    target: str
    exceptions: tuple[str, ...]

    @property
    def unknown(self) -> Cause | None:
        """Why the finding is unknown, or None."""
        outcome = self.finding.outcome
        return outcome.cause if isinstance(outcome, Unknown) else None


class Ground:
    """What one run was asked, and what its findings stand on.

    ``seen`` tells whether any finding of the run is about a resource, ``left_out`` whether a profile left one out.
    """

    def __init__(
        self,
        head: Head,
        places: Sequence[Place],
        seen: Callable[[str], bool],
        left_out: Callable[[str, str], bool],
        covers: "Covers",
    ) -> None:
        self.head = head
        self.seen = seen
        self.left_out = left_out
        self.covers = covers
        self.profiles: dict[str, Profile] = {
            str(record.data["id"]): from_data(record.data, record.file) for record in head.profiles
        }
        self.claims = {id: {claim.key() for claim in found.claims()} for id, found in self.profiles.items()}
        self.scopes: dict[str, tuple[Scope, ...]] = {str(use.data["id"]): use.scopes for use in head.profiles}
        self.targets: dict[str, dict[str, Any]] = {target["name"]: target for target in head.targets}
        self.places: dict[str, Place] = {
            place.id: place for place in (*places, *(closed.place for closed in head.closed))
        }

    def held(self, profile: str) -> dict[str, tuple[Match, ...]]:
        """The map of the data that stores hold, as far as a profile narrows its claims by it."""
        return self.head.holds if self.profiles[profile].narrows() else {}


class Covers:
    """Findings that stand for others: a listing that was not read leaves one unknown for all that it would show.

    ``kinds`` holds what each check was ever seen to judge; what it leaves unknown of another kind is a parent, below
    which the listing is missing.
    """

    def __init__(self, kinds: dict[str, set[str]]) -> None:
        self._kinds = kinds
        self._found: dict[tuple[str, str, str], dict[tuple[bool, str], Cause]] = {}

    def add(self, standing: Standing) -> None:
        """Take note of a finding that may stand for others."""
        finding, cause = standing.finding, standing.unknown
        if cause is None or cause not in READS:
            return
        resource = finding.resource
        where = standing.target if resource.account == ANY else standing.place
        known = self._found.setdefault((finding.check, finding.claim, where), {})
        known.setdefault((resource.stands_for_all, resource.kind), cause)

    def cause(self, standing: Standing) -> Cause | None:
        """Why a finding could not be made in this run, where something stands for it."""
        for where in (standing.place, standing.target):
            found = self._found.get((standing.finding.check, standing.finding.claim, where), {})
            causes = [cause for (whole, kind), cause in found.items() if whole or self._is_parent(standing, kind)]
            if causes:
                return min(causes, key=lambda cause: _RANK.index(READS[cause]))
        return None

    def stands_for_others(self, standing: Standing) -> bool:
        """Whether a finding is about what could not be listed."""
        resource = standing.finding.resource
        whole = resource.stands_for_all or self._is_parent(standing, resource.kind)
        return standing.unknown is not None and whole

    def _is_parent(self, standing: Standing, kind: str) -> bool:
        judged = self._kinds.get(standing.finding.check, set())
        return bool(judged) and kind not in judged


def why_changed(before: Standing, after: Standing, old: Ground, new: Ground) -> Told:
    """Why a finding that both runs made came out otherwise."""
    missing = [cause for cause in (after.unknown, before.unknown) if cause in READS]
    if missing:
        cause = min(missing, key=lambda cause: _RANK.index(READS[cause]))
        return _read(cause, before, after, old, new)
    check = after.finding.check
    was, now = old.head.checks.get(check), new.head.checks.get(check)
    alike = set(before.finding.evidence) == set(after.finding.evidence)
    if was != now:
        aside = "the replies are the same" if alike else "the replies differ as well"
        return Why.CHECK, f"{check} went from revision {was} to {now}; {aside}"
    if not alike:
        also = "" if old.head.tool == new.head.tool else "; posture is another version as well"
        return Why.ENVIRONMENT, f"the replies differ{also}"
    if old.head.tool != new.head.tool:
        return Why.TOOL, f"the replies are the same; posture went from {old.head.tool} to {new.head.tool}"
    return Why.ENVIRONMENT, "the replies are the same, judged at a later time"


def _read(cause: Cause, before: Standing, after: Standing, old: Ground, new: Ground) -> Told:
    lost = after.unknown is cause
    outcome = (after if lost else before).finding.outcome
    needs = f" ({outcome.needs})" if isinstance(outcome, Unknown) and outcome.needs else ""
    why = READS[cause]
    if cause is Cause.MALFORMED_REPLY and old.head.tool != new.head.tool:
        why = Why.TOOL
    return why, f"{cause}{needs} {'now' if lost else 'before'}"


def why_absent(present: Standing, profile: str, there: Ground, here: Ground, *, gone: bool) -> Told:
    """Why a profile has a finding in the run ``there`` and none in the run ``here``.

    ``gone`` says that ``here`` is the later run. What could not be read is never taken for gone.
    """
    finding, resource = present.finding, present.finding.resource
    when = "now" if gone else "before"
    if finding.claim not in here.claims[profile]:
        return Why.DOCUMENT, f"the profile {'does' if gone else 'did'} not make this claim {when}"
    if finding.check in there.head.checks and finding.check not in here.head.checks:
        return Why.CHECK, f"there {'is' if gone else 'was'} no check {finding.check} {when}"
    if present.target not in here.targets:
        return Why.SCOPE, "other targets were scanned"
    if any(scope.leaves_out(resource) for scope in here.scopes[profile]):
        return Why.SCOPE, f"out of scope {when}"
    if here.left_out(profile, resource.id):
        same = here.scopes[profile] == there.scopes[profile]
        return (Why.ENVIRONMENT if same else Why.SCOPE), f"out of scope {when}" + (
            " by what it is like" if same else ""
        )
    return _unlisted(present, there, here, gone=gone)


def _unlisted(present: Standing, there: Ground, here: Ground, *, gone: bool) -> Told:
    resource, when = present.finding.resource, "now" if gone else "before"
    missing = here.covers.cause(present)
    if missing is not None:
        return READS[missing], f"{UNLISTED} {when}: {missing}"
    if there.covers.stands_for_others(present) and present.unknown in READS:
        return READS[present.unknown], f"{UNLISTED} {'before' if gone else 'now'}: {present.unknown}"
    if present.place not in here.places and here.targets[present.target] != there.targets[present.target]:
        return Why.SCOPE, f"other places of the target {present.target} were scanned"
    also = "" if there.head.tool == here.head.tool else "; posture is another version as well"
    if here.seen(resource.id):
        return (
            Why.ENVIRONMENT,
            f"the resource is in both runs; there {'is' if gone else 'was'} nothing to judge {when}{also}",
        )
    return (Why.GONE, f"no longer there{also}") if gone else (Why.NEW, f"not there before{also}")
