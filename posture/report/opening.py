"""What a report says first: what the run itself wants said, whether it is partial, and whose accounts it looked at."""

from posture.report.view import View
from posture.report.words import listing, spoken

NAMED = 4
"""Places or accounts that are named; the others are counted."""

SUMMARIES = "Summaries in posture's words, not the document's."


def partial(view: View) -> str:
    """Why the run did not see all that it was to see, in a line; empty where every place was read to its end."""
    told = []
    if view.run.stopped:
        told.append(f"stopped by {view.run.stopped}")
    elif view.run.interrupted and all(shut.harmless for shut in view.coverage.shut):
        told.append("ended before it was complete")
    shut = [f"{row.where} ({spoken(row.cause)})" for row in view.coverage.shut if not row.harmless]
    if shut:
        told.append(f"not entered: {listing(shut, NAMED)}")
    return f"partial: {'; '.join(told)}" if told else ""


def whose(view: View) -> tuple[str, ...]:
    """The targets, each with who the scan was there and the accounts that it looked at."""
    found = []
    for target in view.coverage.targets:
        looked = view.coverage.looked
        accounts = dict.fromkeys(place.account for place in looked if place.target == target.name)
        known = f", {listing(accounts, NAMED)}" if accounts else ""
        who = f"as {target.identity}" if target.identity else "could not sign in"
        found.append(f"{target.name} ({target.provider}{known}) {who}")
    return tuple(found)
