"""The coverage part of a report: where a scan looked, what it could not enter or read, what was left out."""

from collections import Counter
from collections.abc import Iterable

from posture.coverage import LeftOut, Listed, Unread
from posture.model import ANY, Cause, Gap, Store, Value
from posture.place import Place, Where
from posture.report.publicnames import PublicName, public_names
from posture.report.sample import Survey
from posture.report.tracks import Tracks
from posture.report.words import listing
from posture.run.directory import Run
from posture.run.record import Head, PlaceResult

NAMED = 12
"""How many names stand for a group; the others are counted."""

ACCOUNT_WIDE = "account-wide"
UNKNOWN_REGION = "regions not known"


class TargetView(Value):
    """A target of the configuration, and who the scan was there; ``identity`` is empty where it could not sign in."""

    name: str
    provider: str
    identity: str


class Looked(Value):
    """An account of a target and the regions that were read."""

    provider: str
    target: str
    account: str
    regions: tuple[str, ...]
    calls: int
    gaps: int
    findings: int


class Shut(Value):
    """Places of one account that could not be entered for one cause. ``harmless`` ones can hold nothing.

    ``target`` is empty where the profile speaks about a provider and no target of the scan is
    there; ``regions`` is empty where none is known.
    """

    provider: str
    target: str
    account: str
    cause: str
    detail: str
    regions: tuple[str, ...]
    harmless: bool

    @property
    def where(self) -> str:
        """The place in words: target, account and regions, as far as they are known."""
        account = "" if self.account == ANY else self.account
        known = (self.target or f"all of {self.provider}", account, listing(self.regions, 8))
        return " ".join(part for part in known if part)


class StoreRow(Value):
    """A kind of store in one region: listed, of which in a profile's scope, of which some check judged.

    ``listed`` takes the larger of the kind's own listing and an independent inventory. ``unlisted`` says that a listing
    of the kind did not answer there, so that there may be more; or any, where nothing is listed.
    """

    store: Store
    kind: str
    region: str
    listed: int
    in_scope: int
    judged: int
    unlisted: bool = False


class LeftOutRow(Value):
    """Resources that a profile does not speak about, for one reason; ``names`` holds some of them."""

    reason: str
    count: int
    kinds: dict[str, int]
    names: tuple[str, ...]


class UnreadRow(Value):
    """Reads without an answer, for one permission (or operation where none is needed) and one cause."""

    permission: str
    cause: str
    count: int
    facts: tuple[str, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    detail: str


class Coverage(Value):
    """Where the scan looked, and what it did not see."""

    targets: tuple[TargetView, ...]
    looked: tuple[Looked, ...]
    shut: tuple[Shut, ...]
    unread: tuple[UnreadRow, ...]
    names: tuple[PublicName, ...]


def coverage(run: Run, head: Head, tracks: Tracks) -> Coverage:
    """What a run looked at, whatever the profile."""
    return Coverage(
        targets=tuple(
            TargetView(
                name=target["name"], provider=target["provider"], identity=head.identities.get(target["name"], "")
            )
            for target in head.targets
        ),
        looked=tuple(_looked(tracks)),
        shut=tuple(_shut(tracks.closed())),
        unread=tuple(_unread(run.unread())),
        names=_names(run, tracks),
    )


def _names(run: Run, tracks: Tracks) -> tuple[PublicName, ...]:
    exposed = run.exposed()
    behind = {name.resource.id for name in exposed}
    judged = {finding.resource.id for finding in run.findings() if finding.resource.id in behind} if behind else set()
    return public_names(exposed, tracks.open, judged)


def stores(run: Run, tracks: Tracks, survey: Survey, profile: str) -> tuple[StoreRow, ...]:
    """The kinds of store by region, summed over accounts."""
    counted: Counter[tuple[Store, str, str, str]] = Counter()
    for id, place in tracks.places.items():
        for (store, kind), (listed, in_scope) in _place_stores(run.lines(id, "listed.jsonl", Listed), profile).items():
            for column, count in (("listed", listed), ("in_scope", in_scope)):
                counted[store, kind, _label(place), column] += count
            counted[store, kind, _label(place), "judged"] += survey.judged[id, profile, kind]
    unlisted = _unlisted(tracks, survey, profile, {(store, kind) for store, kind, *_ in counted})
    return tuple(
        StoreRow(
            store=store,
            kind=kind,
            region=region,
            listed=counted[store, kind, region, "listed"],
            in_scope=counted[store, kind, region, "in_scope"],
            judged=counted[store, kind, region, "judged"],
            unlisted=(store, kind, region) in unlisted,
        )
        for store, kind, region in sorted(
            {key[:3] for key in counted} | unlisted, key=lambda key: (key[1], key[2], key[0])
        )
    )


def left_out(lines: Iterable[LeftOut], profile: str) -> tuple[LeftOutRow, ...]:
    """What the profile does not speak about, grouped by reason."""
    kinds: dict[str, Counter[str]] = {}
    names: dict[str, list[str]] = {}
    for line in lines:
        if line.profile == profile:
            kinds.setdefault(line.reason, Counter())[line.resource.kind] += 1
            shown = names.setdefault(line.reason, [])
            if len(shown) < NAMED:
                shown.append(line.resource.name)
    rows = [
        LeftOutRow(
            reason=reason, count=found.total(), kinds=dict(sorted(found.items())), names=tuple(sorted(names[reason]))
        )
        for reason, found in kinds.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.reason)))


def _unlisted(
    tracks: Tracks, survey: Survey, profile: str, listed: set[tuple[Store, str]]
) -> set[tuple[Store, str, str]]:
    """Where a listing of stores did not answer.

    A place that was not entered counts for the kinds that others show: of it no more can be said than that.
    """
    missed = [(tracks.places[id], store, kind) for id, of, store, kind in survey.unlisted if of == profile]
    inside = [(place, store, kind) for place, store, kind in missed if tracks.entered(place) is not None]
    shown = listed | {(store, kind) for _, store, kind in inside}
    outside = [row for row in missed if tracks.entered(row[0]) is None and row[1:] in shown]
    return {(store, kind, _label(place)) for place, store, kind in (*inside, *outside)}


def _place_stores(rows: Iterable[Listed], profile: str) -> dict[tuple[Store, str], tuple[int, int]]:
    """Listed and in scope, per kind. What an inventory shows and a listing lacks counts as listed."""
    known: dict[tuple[Store, str], Counter[tuple[bool, str]]] = {}
    for row in rows:
        if row.store is not None:
            counts = known.setdefault((row.store, row.kind), Counter())
            counts[row.inventory, "listed"] += row.listed
            counts[row.inventory, "in scope"] += row.in_scope.get(profile, 0)
    return {
        key: (
            max(counts[True, "listed"], counts[False, "listed"]),
            max(counts[True, "in scope"], counts[False, "in scope"]),
        )
        for key, counts in known.items()
    }


def _looked(tracks: Tracks) -> list[Looked]:
    groups: dict[tuple[str, str, str], list[tuple[Place, PlaceResult]]] = {}
    for place in tracks.open:
        result = tracks.entered(place)
        if result is not None:
            groups.setdefault((place.provider, place.target, place.account), []).append((place, result))
    return [
        Looked(
            provider=provider,
            target=target,
            account=account,
            regions=tuple(sorted({_label(place) for place, _ in group})),
            calls=sum(result.calls for _, result in group),
            gaps=sum(result.gaps for _, result in group),
            findings=sum(result.findings for _, result in group),
        )
        for (provider, target, account), group in sorted(groups.items())
    ]


def _shut(closed: list[tuple[Place, Gap]]) -> list[Shut]:
    groups: dict[tuple[str, str, str, str], list[tuple[Place, Gap]]] = {}
    for place, gap in closed:
        groups.setdefault((place.provider, place.target, place.account, str(gap.cause)), []).append((place, gap))
    return [
        Shut(
            provider=provider,
            target=target,
            account=account,
            cause=cause,
            detail=group[0][1].detail,
            regions=tuple(sorted({_label(place) for place, _ in group if place.region != ANY})),
            harmless=cause == Cause.REGION_NOT_ENABLED,
        )
        for (provider, target, account, cause), group in sorted(groups.items())
    ]


def _unread(lines: Iterable[Unread]) -> list[UnreadRow]:
    groups: dict[tuple[str, str], _UnreadGroup] = {}
    for line in lines:
        key = (line.gap.permission or line.gap.operation, str(line.gap.cause))
        groups.setdefault(key, _UnreadGroup(line.gap.detail)).add(line)
    return [
        UnreadRow(
            permission=permission,
            cause=cause,
            count=group.count,
            facts=tuple(sorted(group.facts)),
            accounts=tuple(sorted(group.accounts)),
            regions=tuple(sorted(group.regions)),
            detail=group.detail,
        )
        for (permission, cause), group in sorted(groups.items(), key=lambda item: (-item[1].count, item[0]))
    ]


class _UnreadGroup:
    def __init__(self, detail: str) -> None:
        self.detail = detail
        self.count = 0
        self.facts: set[str] = set()
        self.accounts: set[str] = set()
        self.regions: set[str] = set()

    def add(self, line: Unread) -> None:
        self.count += 1
        self.detail = min(self.detail, line.gap.detail)
        self.facts.add(line.fact)
        self.accounts.add(line.resource.account)
        self.regions.add(line.resource.region)


def _label(place: Place) -> str:
    if place.region == ANY and place.where is not Where.ACCOUNT:
        return UNKNOWN_REGION
    return ACCOUNT_WIDE if place.where is Where.ACCOUNT else place.region
