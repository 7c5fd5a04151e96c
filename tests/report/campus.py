"""A check package for tests of reports: rooms of a campus, kept in memory, with answers as a test wants them."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import BackupsEncrypted, EncryptedAtRest, TlsMinimum
from posture.model import Cause, Fact, Gap, Store, Value
from posture.place import Closed, Place, Where
from posture.provider import Discovery, Limits, SignInFailed
from posture.reader import reader
from posture.registry import Registry
from posture.session import Answer, GapFound, Session, Source

__path__: list[str] = []


class Estate(Value):
    """What a target holds: replies by operation and region, and regions that stay closed."""

    replies: dict[str, Any] = {}
    regions: tuple[str, ...] = ("north", "south")
    closed: dict[str, str] = {}
    shut: bool = False


class Memory:
    """A source that answers from an estate; a reply that is a text is the cause of a gap."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        reply = self._estate.replies.get(f"{operation} {region}", self._estate.replies.get(operation, []))
        if isinstance(reply, str):
            raise GapFound(Gap(cause=Cause(reply), detail=f"{reply} in {region}", operation=operation))
        return Answer(body={"rows": reply})


class Campus:
    """The provider."""

    name = "campus"
    target_type = Estate

    def permissions(self) -> tuple[str, ...]:
        return ()

    def operations(self) -> tuple[str, ...]:
        return ()

    def discover(self, name: str, target: Estate, limits: Limits) -> Discovery:
        if target.shut:
            raise SignInFailed(
                Gap(cause=Cause.CREDENTIALS_EXPIRED, detail="the key is old", operation="SignIn"), "Renew."
            )
        return Discovery(
            identity="campus/auditor",
            places=tuple(self._place(name, region) for region in target.regions),
            closed=tuple(
                Closed(place=self._place(name, region), gap=Gap(cause=Cause(cause), detail="closed", operation="Enter"))
                for region, cause in target.closed.items()
            ),
        )

    def _place(self, name: str, region: str) -> Place:
        return Place(provider=self.name, target=name, account="4711", region=region, where=Where.REGION)

    def source(self, place: Place, target: Estate, limits: Limits) -> Source:
        return Memory(target)

    def session(self, place: Place, source: Source, now: datetime) -> "CampusSession":
        return CampusSession(place, source, now)

    def policy(self, permissions: Iterable[str]) -> Mapping[str, Any]:
        return {"allow": sorted(permissions)}


class CampusSession(Session):
    """A session of the campus."""

    def rows(self) -> Iterator[Any]:
        """The rows of the reply."""
        reply = self.call({})
        assert reply is not None
        yield from reply["rows"]


class Locker(Fact):
    """A locker."""

    kind: ClassVar[str] = "campus.locker"
    store: ClassVar[Store | None] = Store.OBJECT

    state: str
    detail: str


class Shelf(Fact):
    """A shelf, which no check judges, by the inventory."""

    kind: ClassVar[str] = "campus.inventory"
    store: ClassVar[Store | None] = Store.FILE
    inventory: ClassVar[bool] = True


class Door(Fact):
    """A door that speaks TLS."""

    kind: ClassVar[str] = "campus.door"

    oldest: str


@reader(operation="ListLockers", permission="lockers:List")
def lockers(campus: CampusSession) -> Iterator[Locker]:
    """All lockers."""
    for row in campus.rows():
        yield Locker(
            resource=campus.resource(Locker.kind, row["id"], row["name"]), state=row["state"], detail=row["detail"]
        )


@reader(operation="ListShelves", permission="shelves:List")
def shelves(campus: CampusSession) -> Iterator[Shelf]:
    """All shelves."""
    for row in campus.rows():
        yield Shelf(resource=campus.resource("campus.shelf", row["id"], row["name"]))


@reader(operation="ListDoors", permission="doors:List")
def doors(campus: CampusSession) -> Iterator[Door]:
    """All doors."""
    for row in campus.rows():
        yield Door(resource=campus.resource(Door.kind, row["id"], row["name"]), oldest=row["oldest"])


@check(
    id="campus.locker.locked",
    title="Lockers are locked",
    severity=Severity.HIGH,
    remedy="Lock the locker with a key of 256 bits.",
)
def locked(locker: Locker, claim: EncryptedAtRest) -> Outcome:
    """An open locker can be read by whoever passes."""
    match locker.state:
        case "open":
            return Fail(f"stands open: {locker.detail}" if locker.detail else "stands open")
        case "locked":
            return Pass("is locked")
        case "empty":
            return NotApplicable("holds nothing")
        case _:
            return Unknown(Cause.NOT_SUPPORTED, f"is in an unknown state: {locker.state}")


@check(
    id="campus.locker.sealed",
    title="Lockers are sealed",
    severity=Severity.LOW,
    remedy="Seal the locker.",
)
def sealed(locker: Locker, claim: EncryptedAtRest) -> Outcome:
    """The maker seals every locker."""
    return Pass("is sealed by its maker", basis=Basis.PROVIDER_GUARANTEE)


@check(
    id="campus.door.version",
    title="Doors speak TLS 1.2 or newer",
    severity=Severity.CRITICAL,
    remedy="Refuse older versions at the door.",
)
def version(door: Door, claim: TlsMinimum) -> Outcome:
    """Whoever may fall back is not protected."""
    if claim.reading == "supported" or door.oldest >= claim.version:
        return Pass(f"accepts {door.oldest} and newer", basis=Basis.OBSERVED)
    return Fail(f"accepts {door.oldest}")


PROVIDER = Campus()
UNTESTED = BackupsEncrypted
"""A claim that no check of the campus bears on."""


def registry() -> Registry:
    """The registry of the campus alone."""
    return Registry([sys.modules[__name__]])
