"""Places that follow others: names that accounts tell add places, and names that could not be read leave a mark."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

import posture.context
from engine import scans
from posture.assess import Assessment
from posture.check import Outcome, Pass, Severity, check
from posture.claims import HttpsOnly, NoTrackers
from posture.model import ANY, Cause, Exposed, Fact, Finding, Gap, Unknown, Value, Verdict
from posture.place import Closed, Place, Where
from posture.plan import plan
from posture.provider import Discovery, Limits
from posture.reader import reader
from posture.registry import Registry
from posture.report.tracks import Tracks
from posture.run.directory import Run
from posture.scan import evaluate_run, scan
from posture.scope import Exclusion, Scope
from posture.session import Answer, GapFound, Session

__path__: list[str] = []


class TownSession(Session):
    """A session of either cloud."""


class Door(Fact):
    """A door of a town, which has a public name."""

    kind: ClassVar[str] = "town.door"

    def exposes(self) -> tuple[Exposed, ...]:
        return (Exposed(host=self.resource.name, ports=(443,), resource=self.resource),)


@reader(operation="town:ListDoors")
def doors(town: TownSession) -> Iterator[Door]:
    """All doors of a region."""
    reply = town.call({})
    assert reply is not None
    for name in reply["doors"]:
        yield Door(resource=town.resource(Door.kind, f"town/{name}", name))


class TownTarget(Value):
    """What a region answers, by its name: doors, or the cause of a gap."""

    regions: dict[str, Any]
    closed: dict[str, str] = {}


class Script:
    """Answers alike whatever is asked."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        if self.reply == "interrupt":
            raise RuntimeError("broken")
        if isinstance(self.reply, str):
            raise GapFound(Gap(cause=Cause(self.reply), detail="scripted", operation=operation))
        return Answer(body=self.reply)


class Town:
    """A cloud with doors."""

    name = "town"
    target_type: type[Value] = TownTarget

    def permissions(self) -> tuple[str, ...]:
        return ()

    def operations(self) -> tuple[str, ...]:
        return ()

    def discover(self, name: str, target: Any, limits: Limits) -> Discovery:
        def place(region: str) -> Place:
            return Place(provider="town", target=name, account="1", region=region, where=Where.REGION)

        shut = {
            region: Gap(cause=Cause(cause), detail="shut", operation="x") for region, cause in target.closed.items()
        }
        return Discovery(
            identity=name,
            places=tuple(map(place, target.regions)),
            closed=tuple(Closed(place=place(region), gap=gap) for region, gap in shut.items()),
        )

    def source(self, place: Place, target: Any, limits: Limits) -> Script:
        found = target.regions[place.region]
        return Script(found if isinstance(found, str) else {"doors": found})

    def session(self, place: Place, source: Any, now: datetime) -> TownSession:
        return TownSession(place, source, now)

    def policy(self, permissions: Iterable[str]) -> Mapping[str, Any]:
        return {}


class Watched(Fact):
    """A name that is looked at."""

    kind: ClassVar[str] = "watch.name"


@reader(operation="watch:Look")
def watched(watch: TownSession) -> Iterator[Watched]:
    """The name of the place."""
    reply = watch.call({})
    assert reply is not None
    if reply["there"]:
        yield Watched(resource=watch.resource(Watched.kind, watch.place.account, watch.place.account))


@check(id="watch.https", title="Names are closed", severity=Severity.LOW, remedy="Close it.")
def closed(name: Watched, claim: HttpsOnly) -> Outcome:
    """All of them are."""
    return Pass("is closed")


@check(id="watch.trackers", title="Names name nobody", severity=Severity.LOW, remedy="Name nobody.")
def alone(name: Watched, claim: NoTrackers) -> Outcome:
    """None of them does."""
    return Pass("names nobody")


class WatchTarget(Value):
    """Hosts that are looked at; with ``all`` the names of the accounts too."""

    hosts: tuple[str, ...] = ()
    all: bool = False


class Watch(Town):
    """What looks at names."""

    name = "watch"
    target_type = WatchTarget

    def _place(self, target: str, host: str) -> Place:
        return Place(provider="watch", target=target, account=host, region="443", where=Where.REGION)

    def discover(self, name: str, target: Any, limits: Limits) -> Discovery:
        return Discovery(identity=name, places=tuple(self._place(name, host) for host in target.hosts))

    def source(self, place: Place, target: Any, limits: Limits) -> Script:
        raise NotImplementedError

    def follow(self, name: str, target: Any, exposed: Sequence[Exposed]) -> tuple[Place, ...]:
        return tuple(self._place(name, one.host) for one in exposed) if target.all else ()

    def told_source(self, place: Place, target: Any, limits: Limits, exposed: Sequence[Exposed]) -> Script:
        return Script({"there": True})


def package(name: str, provider: Town, *parts: Any) -> Any:
    """A check package of some values of this module."""
    found = type(sys)(name)
    found.__path__ = []
    found.PROVIDER = provider  # type: ignore[attr-defined]
    for part in parts:
        setattr(found, part.function.__name__, part)
    return found


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    for part in (doors, watched, closed, alone):
        monkeypatch.setattr(part.function, "__module__", "town" if part is doors else "watch")
    made = Registry([package("town", Town(), doors), package("watch", Watch(), watched, closed, alone)])
    monkeypatch.setattr(posture.context, "installed", lambda folder=None: made)
    return made


def scanned(
    registry: Registry, folder: Path, town: dict[str, Any], watch: dict[str, Any], *scopes: Scope, **more: Any
) -> tuple[Assessment, Run]:
    order = scans.order(
        registry,
        scans.scoped(scans.profile("https-only"), *scopes),
        Path(),
        targets={"cloud": {"town": town}, "web": {"watch": watch}},
    )
    order = msgspec.structs.replace(order, checks_dir="")
    found = scan(order, folder, registry, **more)
    run = Run.open(folder)
    run.verify()
    assert msgspec.json.encode(evaluate_run(run, registry)) == msgspec.json.encode(found.assessment)
    return found.assessment, run


def verdict(assessment: Assessment) -> Verdict:
    return scans.claim(assessment, "https-only").verdict


ALL = {"hosts": ("a.example",), "all": True}
GAP = "access-denied"


@pytest.mark.parametrize(
    ("town", "watch", "expected"),
    [
        ({"regions": {"north": ["b.example"], "south": []}}, ALL, Verdict.VERIFIED),
        ({"regions": {"north": ["b.example"], "south": GAP}}, ALL, Verdict.PARTLY_VERIFIED),
        ({"regions": {"north": GAP}}, {"all": True}, Verdict.UNKNOWN),
        ({"regions": {"north": []}, "closed": {"east": "region-unreachable"}}, ALL, Verdict.PARTLY_VERIFIED),
        ({"regions": {"north": []}, "closed": {"east": "region-not-enabled"}}, ALL, Verdict.VERIFIED),
        ({"regions": {"north": "region-not-enabled"}}, ALL, Verdict.VERIFIED),
        ({"regions": {"north": "interrupt"}}, ALL, Verdict.PARTLY_VERIFIED),
        ({"regions": {"north": GAP}}, {"hosts": ("a.example",)}, Verdict.VERIFIED),
    ],
)
def test_names_that_could_not_be_read_are_missing_where_all_names_are_asked_for(
    registry: Registry, tmp_path: Path, town: dict[str, Any], watch: dict[str, Any], expected: Verdict
) -> None:
    assessment, _ = scanned(registry, tmp_path / "run", town, watch)
    assert verdict(assessment) is expected


def test_names_are_read_for_every_claim_that_is_judged_where_they_lead(registry: Registry) -> None:
    asked = scans.scoped(scans.profile("secure-cookies"))
    judged = scans.scoped(scans.profile("no-trackers"))
    assert plan(registry, [judged], ["town", "watch"]).works["town"].exposing == {Door}
    assert plan(registry, [judged], ["town"]).works["town"].exposing == frozenset()
    assert plan(registry, [asked], ["town", "watch"]).works["town"].exposing == frozenset()


def test_what_hides_names_is_told_and_interrupts_nothing(registry: Registry, tmp_path: Path) -> None:
    _, run = scanned(registry, tmp_path / "run", {"regions": {"north": GAP}}, ALL)
    (unknown,) = [finding for finding in run.findings() if isinstance(finding.outcome, Unknown)]
    assert unknown.resource.account == ANY
    assert unknown.outcome == Unknown(
        Cause.ACCESS_DENIED,
        "could not be read: town:ListDoors: public names of the accounts: scripted",
        "town:ListDoors",
    )
    tracks = Tracks(run, run.head())
    assert [(place.target, gap.cause) for place, gap in tracks.closed()] == [("web", Cause.ACCESS_DENIED)]
    assert not tracks.interrupted


def test_names_out_of_scope_hide_nothing(registry: Registry, tmp_path: Path) -> None:
    south = Scope(exclude=(Exclusion(cloud="town", region="south", reason="not ours"),))
    regions = {"regions": {"north": ["b.example"], "south": GAP}}
    assessment, run = scanned(registry, tmp_path / "run", regions, ALL, south)
    assert verdict(assessment) is Verdict.VERIFIED
    assert {finding.resource.id for finding in run.findings()} == {"a.example", "b.example"}


class Elsewhere(ThreadPoolExecutor):
    """Workers that do not hear of a scan's end."""

    def __init__(self) -> None:
        super().__init__(1)
        self.places: list[str] = []

    def submit(self, call: Any, /, *parts: Any, **more: Any) -> Future[Any]:
        self.places.append(parts[1])
        return super().submit(call, *parts, **more)


def test_places_that_follow_are_not_begun_after_the_user_broke_off(registry: Registry, tmp_path: Path) -> None:
    left = [KeyboardInterrupt]

    def break_off(_: Any) -> None:
        if left:
            raise left.pop()

    regions = {"regions": {"north": ["b.example"]}}
    with Elsewhere() as workers:
        assessment, run = scanned(registry, tmp_path / "run", regions, ALL, executor=workers, progress=break_off)
    assert workers.places == ["town-1-region-north"]
    assert verdict(assessment) is Verdict.UNKNOWN
    found: list[Finding] = list(run.findings())
    assert {finding.outcome.cause for finding in found if isinstance(finding.outcome, Unknown)} == {Cause.CAPPED}
