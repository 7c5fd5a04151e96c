"""The chapter of the text report on what was seen and what was not: targets, places, stores, names, reads."""

from collections.abc import Iterator, Sequence

from posture.report.ledger import NAMED, Coverage, LeftOutRow, Shut, StoreRow, UnreadRow
from posture.report.pen import Pen
from posture.report.publicnames import PublicName
from posture.report.view import View
from posture.report.words import listing, number, spoken


def seen(pen: Pen, view: View) -> Iterator[str]:
    """The chapter, in lines."""
    yield pen.rule("what was seen, and what was not")
    yield from _targets(pen, view.coverage)
    for profile in view.profiles:
        named = f" for {profile.title}" if len(view.profiles) > 1 else ""
        if profile.stores:
            yield from ("", pen.short(f"Stores{named}"))
            yield from pen.table(
                _by_kind(profile.stores), headers=("kind", "listed", "in scope", "judged", "where"), right=(1, 2, 3)
            )
        if profile.left_out:
            yield from ("", pen.short(f"Left out{named}"))
            yield from pen.table([_left_out(row) for row in profile.left_out], headers=("count", "reason", "which"))
    yield from _names(pen, view.coverage.names)
    if view.coverage.unread:
        yield from ("", "Reads without an answer")
        for row in view.coverage.unread:
            yield from pen.wrap(_unread(row), indent=8, lead=f"{row.count:>6,}")
    yield ""


def _names(pen: Pen, names: Sequence[PublicName]) -> Iterator[str]:
    """Public names of the accounts that no target names: nobody has looked at what answers there."""
    if not names:
        return
    missed = [row for row in names if not row.looked_at]
    yield ""
    yield pen.short(f"Public names of the accounts: {len(names):,}, of which {len(missed):,} were not looked at")
    rows = [
        (row.host, listing(map(str, row.ports)), row.kind, row.region, "settings" if row.judged else "nothing")
        for row in missed[:NAMED]
    ]
    if rows:
        yield from pen.table(rows, headers=("not looked at", "ports", "kind", "where", "judged"))
    if len(missed) > NAMED:
        yield from pen.wrap(f"and {len(missed) - NAMED:,} more; `posture report RUN -f json` has them all", indent=2)


def _targets(pen: Pen, coverage: Coverage) -> Iterator[str]:
    rows = [
        (target.name, target.provider, f"as {target.identity}" if target.identity else "could not sign in")
        for target in coverage.targets
    ]
    if rows:
        yield from pen.table(rows, headers=("target", "provider", "identity"))
        yield ""
    looked = [
        (
            place.account,
            place.provider,
            f"{number(place.calls, 'call')}, {place.gaps:,} unanswered",
            listing(place.regions),
        )
        for place in coverage.looked
    ]
    if looked:
        yield from pen.table(looked, headers=("looked at", "provider", "calls", "where"))
    for shut in coverage.shut:
        yield from pen.wrap(_shut(shut), indent=2, lead="- ")


def _shut(shut: Shut) -> str:
    harm = "nothing can be there" if shut.harmless else f"not seen: {shut.detail}"
    return f"{shut.where}: {spoken(shut.cause)}; {harm}"


def _by_kind(rows: tuple[StoreRow, ...]) -> list[tuple[str, ...]]:
    found = []
    for kind in dict.fromkeys(row.kind for row in rows):
        mine = [row for row in rows if row.kind == kind]
        unlisted = [row.region for row in mine if row.unlisted]
        sums = [sum(row.listed for row in mine), sum(row.in_scope for row in mine)]
        counts = [_counted(count, open_ended=bool(unlisted)) for count in sums]
        short = [row.region for row in mine if row.judged < row.in_scope]
        told = [f"unjudged in {listing(short, 4)}"] if short else []
        told += [f"? not listed in {listing(unlisted, 4)}"] if unlisted else []
        where = "; ".join(told) or listing((row.region for row in mine), 4)
        found.append((kind, *counts, f"{sum(row.judged for row in mine):,}", where))
    return found


def _counted(count: int, *, open_ended: bool) -> str:
    """A count, with a question mark where there may be more."""
    if not open_ended:
        return f"{count:,}"
    return f"{count:,} + ?" if count else "?"


def _left_out(row: LeftOutRow) -> tuple[str, ...]:
    return f"{row.count:,}", row.reason, listing(row.names, 4) + (" …" if row.count > 4 else "")


def _unread(row: UnreadRow) -> str:
    where = f"{listing(row.accounts, 2)} in {listing(row.regions, 4)}"
    return f"{row.permission or listing(row.facts, 2)}: {spoken(row.cause)} ({where})"
