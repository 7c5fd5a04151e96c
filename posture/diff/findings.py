"""What changed of a finding: its outcome, the exceptions that cover it, or that it is there at all."""

from collections.abc import Iterator

from posture.diff.cause import UNLISTED, Ground, Standing, Told, Why, why_absent, why_changed
from posture.model import Fail, NotApplicable, Outcome, Pass, Resource, Severity, Unknown, Value

ABSENT = "absent"
_WORDS: dict[type, str] = {Fail: "fail", Unknown: "unknown", Pass: "pass", NotApplicable: "not-applicable"}
GRAVITY = ("fail", "unknown", ABSENT, "pass", "not-applicable")


class Side(Value):
    """A finding in one of the runs. ``outcome`` is ``absent`` where the run has no such finding."""

    outcome: str
    reason: str = ""
    exceptions: tuple[str, ...] = ()


class FindingChange(Value):
    """A finding that differs, for the profiles in ``profiles``, and why: ``cause``, grounded by ``detail``."""

    id: str
    check: str
    claim: str
    resource: Resource
    severity: Severity
    profiles: tuple[str, ...]
    before: Side
    after: Side
    cause: Why
    detail: str

    @property
    def unlisted(self) -> bool:
        """Whether one of the runs lacks the finding because a listing was not read, or it stands for that listing."""
        return self.detail.startswith(UNLISTED)

    @property
    def stands_for_others(self) -> bool:
        """Whether it is the unknown that a listing left which was not read: the others hang on it."""
        return self.unlisted and "unknown" in (self.before.outcome, self.after.outcome)


def alike(before: Standing, after: Standing) -> bool:
    return (
        type(before.finding.outcome) is type(after.finding.outcome)
        and before.unknown == after.unknown
        and before.exceptions == after.exceptions
        and set(before.finding.profiles) == set(after.finding.profiles)
    )


def changes_of(before: Standing | None, after: Standing | None, old: Ground, new: Ground) -> Iterator[FindingChange]:
    """One change for the profiles that have the finding in both runs, and one for each that has it in one."""
    was = before.finding.profiles if before else ()
    now = after.finding.profiles if after else ()
    if before is not None and after is not None:
        both = tuple(profile for profile in was if profile in now)
        same = type(before.finding.outcome) is type(after.finding.outcome) and before.unknown == after.unknown
        if both and not (same and before.exceptions == after.exceptions):
            told = _excepted(before, after) if same else why_changed(before, after, old, new)
            yield _change(after, both, _side(before), _side(after), told)
    for profile in was:
        if before is not None and profile not in now:
            told = why_absent(before, profile, old, new, gone=True)
            yield _change(before, (profile,), _side(before), Side(outcome=ABSENT), told)
    for profile in now:
        if after is not None and profile not in was:
            told = why_absent(after, profile, new, old, gone=False)
            yield _change(after, (profile,), Side(outcome=ABSENT), _side(after), told)


def _excepted(before: Standing, after: Standing) -> Told:
    began = [id for id in after.exceptions if id not in before.exceptions]
    ended = [id for id in before.exceptions if id not in after.exceptions]
    words = [
        f"{', '.join(ids)} {word}" for ids, word in ((began, "covers it now"), (ended, "covers it no more")) if ids
    ]
    return Why.EXCEPTION, "; ".join(words)


def _change(of: Standing, profiles: tuple[str, ...], before: Side, after: Side, told: Told) -> FindingChange:
    finding = of.finding
    return FindingChange(
        id=finding.id,
        check=finding.check,
        claim=finding.claim,
        resource=finding.resource,
        severity=finding.severity,
        profiles=profiles,
        before=before,
        after=after,
        cause=told[0],
        detail=told[1],
    )


def _side(standing: Standing) -> Side:
    outcome: Outcome = standing.finding.outcome
    return Side(outcome=_WORDS[type(outcome)], reason=outcome.reason, exceptions=standing.exceptions)
