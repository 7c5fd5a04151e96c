"""What stood in a scan's way, in a few lines for standard error: place, cause, and what to do about it."""

from collections.abc import Iterator
from pathlib import Path

from posture.model import ANY, Cause, Gap
from posture.place import Place
from posture.remedy import fitting
from posture.report.inert import inert
from posture.report.words import number
from posture.run.directory import Run
from posture.scan import Scanned

MOST = 6
"""Lines about reads that did not answer; the report has all of them."""

REMEDIES = {
    Cause.ACCESS_DENIED: "`posture permissions` prints the policy to grant",
    Cause.DENIED_BY_ORGANISATION: "ask who keeps the organisation's policies",
    Cause.THROTTLED: "scan again, later or with fewer `limits.threads`",
    Cause.TIMEOUT: "raise `limits` in the configuration if it is slow and not down",
    Cause.UNREACHABLE: "check its name and the network",
    Cause.REGION_UNREACHABLE: "check its name and the network",
    Cause.CREDENTIALS_EXPIRED: "sign in again and repeat the scan",
}
"""What a user may do about a read that did not answer, where there is anything."""


def obstacles(result: Scanned) -> Iterator[str]:
    """One line for each target that could not be entered, each place that stayed closed, and each kind of refusal.

    A region that an account has not switched on holds nothing and is no obstacle.
    """
    yield from map(_line, result.failures)
    run = Run.open(Path(result.folder))
    entered = {"", *run.head().identities}
    shut = [closed for closed in run.head().closed if closed.place.target in entered]
    yield from dict.fromkeys(
        _line(f"{_named(closed.place)}: {_told(closed.gap)}")
        for closed in shut
        if closed.gap.cause is not Cause.REGION_NOT_ENABLED
    )
    places = {closed.gap for closed in run.head().closed}
    alike: dict[tuple[str, Cause, str], list[Gap]] = {}
    for unread in run.unread():
        if unread.gap not in places:
            gap = unread.gap
            needs = gap.permission if gap.cause is Cause.ACCESS_DENIED else ""
            alike.setdefault((unread.resource.account, gap.cause, needs), []).append(gap)
    for (who, _, _), gaps in list(alike.items())[:MOST]:
        yield _line(f"{who}: {number(len(gaps), 'read')} without an answer: {_told(gaps[0])}")
    if len(alike) > MOST:
        yield f"and {number(len(alike) - MOST, 'more line')} like these; the report has all"


def _named(place: Place) -> str:
    names = (place.target or place.provider, place.account, place.region)
    return " ".join(name for name in names if name not in (ANY, "global"))


def _told(gap: Gap) -> str:
    needs = f", needs {gap.permission}" if gap.permission and gap.cause is Cause.ACCESS_DENIED else ""
    own = fitting(gap.detail)
    remedy = own[:1].lower() + own[1:].rstrip(".") if own else REMEDIES.get(gap.cause, "")
    return f"{gap.detail.rstrip('.')} ({gap.cause}{needs}){f'; {remedy}' if remedy else ''}"


def _line(text: str) -> str:
    """On one line, and harmless to a terminal: clouds have a say in it."""
    return inert(" ".join(text.split()))
