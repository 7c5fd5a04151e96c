"""Trackers: whether pages name hosts that a maintained list knows to advertise or to follow people."""

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import NoTrackers
from posture.model import Cause
from posture_endpoint.http.pages import Listed, SecurePage, Tracked
from posture_endpoint.http.unseen import shown, unread

FRESH_DAYS = 365
"""A list that is older still convicts; it no longer clears."""

_NAMED = 8


@check(
    id="endpoint.http.trackers",
    title="Pages name no host of advertisers or trackers",
    severity=Severity.HIGH,
    remedy="Take the element out of the page, or permit its host in the claim where the document's words allow it.",
)
def no_trackers(page: SecurePage, claim: NoTrackers) -> Outcome:
    """What a page loads from a tracker tells the tracker who reads the page.

    Judged by the page as it is served, against the tracker list: what a script adds later is not seen, and a listed
    host in the text of a script settles nothing. Finding none refutes no promise; it does not prove one either.
    """
    unseen = unread(page)
    if unseen is not None or page.markup is None:
        return unseen or Unknown(Cause.TOOL_ERROR, "was not read")
    tracked = page.markup.tracked
    listed = [one for one in tracked.listed if not _is_allowed(one.host, claim)]
    if listed:
        return Fail(f"names {_hosts(listed)} at {page.path}: in the list {_titled(tracked)}")
    if tracked.problem:
        return Unknown(Cause.TOOL_ERROR, f"was held against no list: {shown(tracked.problem)}")
    if tracked.days is None or tracked.days > FRESH_DAYS:
        since = f"is {tracked.days} days old" if tracked.days is not None else "names no date"
        return Unknown(Cause.STALE, f"names no host at {page.path} of the list {shown(tracked.name)}, which {since}")
    if not page.markup.complete:
        return Unknown(Cause.TRUNCATED, f"names more addresses at {page.path} than were looked at")
    doubtful = [one for one in tracked.doubtful if not _is_allowed(one.host, claim)]
    if doubtful:
        return Unknown(
            Cause.NOT_SUPPORTED,
            f"names {_hosts(doubtful)} at {page.path} in a script that was not run, or otherwise than the list "
            f"{_titled(tracked)} means",
        )
    return Pass(
        f"names no host of the list {_titled(tracked)} in {page.path} as it is served "
        f"({page.markup.hosts_count} hosts besides its own)",
        Basis.OBSERVED,
    )


def _is_allowed(host: str, claim: NoTrackers) -> bool:
    """Whether the claim permits a host, by its name or by a domain above it."""
    return any(host == allowed or host.endswith(f".{allowed}") for allowed in map(str.lower, claim.allowed))


def _hosts(found: list[Listed]) -> str:
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(shown(one.host) for one in found[:_NAMED]) + more


def _titled(tracked: Tracked) -> str:
    return f"{shown(tracked.name)} of {tracked.date or 'no date'}"
