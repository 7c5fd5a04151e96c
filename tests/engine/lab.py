"""A cloud that does not exist: facts, readers, checks and a scripted provider, for tests of the engine.

The module is a whole check package. Tests use it as it is, or write its text into a folder of check packages; with
its name replaced it is a second cloud.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import (
    BackupsExist,
    ConfigurationRecorded,
    CustomerManagedKeys,
    DeletedWithin,
    DoubleEncrypted,
    EncryptedAtRest,
    NoPublicAccess,
    VaultProtected,
)
from posture.model import Cause, Fact, Gap, Resource, Store, Value
from posture.place import Closed, Place, Where
from posture.provider import Discovery, Limits, SignInFailed
from posture.reader import reader
from posture.reply import Reply
from posture.session import Answer, GapFound, Session

__path__: list[str] = []


class LabSession(Session):
    """A session that pages by ``page`` and ``next``."""

    def get(self, **params: Any) -> Reply:
        reply = self.call(params)
        assert reply is not None
        return reply

    def pages(self) -> Iterator[Reply]:
        page = ""
        while True:
            reply = self.get(**({"page": page} if page else {}))
            yield reply
            page = reply.get("next") or ""
            if not page:
                return

    def thing(self, kind: str, item: Reply) -> Resource:
        tags = item["tags"].plain().items() if "tags" in item else None
        return self.resource(kind, f"lab/{item['id']}", item.get("name") or item["id"], tags=tags)


class Box(Fact):
    """A box, as it is listed."""

    kind: ClassVar[str] = "lab.box"
    store: ClassVar[Store | None] = Store.OBJECT

    box: str
    public: bool


@reader(operation="lab:ListBoxes")
def boxes(lab: LabSession) -> Iterator[Box]:
    """All boxes of a region, paged."""
    for page in lab.pages():
        for item in page["boxes"]:
            yield Box(resource=lab.thing(Box.kind, item), box=item["id"], public=item.get("public", False))


class Lock(Fact):
    """How a box is locked."""

    kind: ClassVar[str] = "lab.box"

    cipher: str | None
    key: str
    grade: str
    copy: str


@reader(operation="lab:GetLock", permission="lab:ReadLock")
def lock(lab: LabSession, box: Box) -> Lock:
    """The lock of a box; a box without one is a fact."""
    reply = lab.call({"box": box.box}, absent="NoLock")
    if reply is None:
        return Lock(resource=box.resource, cipher=None, key="", grade="none", copy="")
    return Lock(
        resource=box.resource,
        cipher=reply["cipher"],
        key=reply.get("key", ""),
        grade=reply.get("grade", "plain"),
        copy=reply.get("copy", ""),
    )


class Grade(Fact):
    """How many layers a grade of locks has."""

    kind: ClassVar[str] = "lab.box"

    layers: int


@reader(operation="lab:GetGrade", shared=True)
def grade(lab: LabSession, lock: Lock) -> Grade:
    """The grade of a lock; many locks share one."""
    return Grade(resource=lock.resource, layers=lab.get(grade=lock.grade)["layers"])


class Key(Fact):
    """A key, as it is listed."""

    kind: ClassVar[str] = "lab.key"

    key: str


@reader(operation="lab:ListKeys")
def keys(lab: LabSession) -> Iterator[Key]:
    """All keys of a region, paged."""
    for page in lab.pages():
        for item in page["keys"]:
            yield Key(resource=lab.thing(Key.kind, item), key=item["id"])


class KeyOwner(Fact):
    """Who owns a key."""

    kind: ClassVar[str] = "lab.key"

    key: str
    owner: str


@reader(operation="lab:GetKey")
def key_owner(lab: LabSession, key: Key) -> KeyOwner:
    """The owner of a key."""
    return KeyOwner(resource=key.resource, key=key.key, owner=lab.get(key=key.key)["owner"])


class Recorder(Fact):
    """Whether a region records."""

    kind: ClassVar[str] = "lab.recorder"

    on: bool


@reader(operation="lab:GetRecorder")
def recorder(lab: LabSession) -> Recorder:
    """The recorder of a region."""
    here = lab.resource(Recorder.kind, f"lab/{lab.place.region}/recorder", "the recorder")
    return Recorder(resource=here, on=lab.get()["on"])


class Seal(Fact):
    """A seal of the account."""

    kind: ClassVar[str] = "lab.seal"

    broken: bool


@reader(operation="lab:ListSeals", where=Where.ACCOUNT)
def seals(lab: LabSession) -> Iterator[Seal]:
    """All seals of an account, wherever they lie."""
    for item in lab.get()["seals"]:
        where = item.get("region", "home")
        yield Seal(
            resource=lab.resource(Seal.kind, f"lab/{item['id']}", item["id"], region=where), broken=item["broken"]
        )


class Shelf(Fact):
    """A shelf: something that holds data and that no check judges."""

    kind: ClassVar[str] = "lab.shelf"
    store: ClassVar[Store | None] = Store.FILE
    inventory: ClassVar[bool] = True


@reader(operation="lab:ListShelves")
def shelves(lab: LabSession) -> Iterator[Shelf]:
    """All shelves of a region."""
    for item in lab.get()["shelves"]:
        yield Shelf(resource=lab.thing(Shelf.kind, item))


@check(id="lab.box.encryption", title="Boxes are locked", severity=Severity.HIGH, remedy="Lock it.")
def encryption(lock: Lock, claim: EncryptedAtRest) -> Outcome:
    """Who opens a box that is not locked sees what is in it."""
    match lock.cipher:
        case None:
            return Fail("has no lock")
        case "AES-256":
            return Pass("is locked with AES-256")
        case "break":
            raise RuntimeError("the check is broken")
        case other:
            return Unknown(Cause.NOT_SUPPORTED, f"has a lock of a kind that is not known: {other}")


@check(id="lab.box.public", title="Boxes are closed", severity=Severity.HIGH, remedy="Close it.")
def public(box: Box, claim: NoPublicAccess) -> Outcome:
    """Anybody may look into an open box."""
    return Fail("is open") if box.public else Pass("is closed")


@check(id="lab.box.layers", title="Boxes have two locks", severity=Severity.LOW, remedy="Add a lock.")
def layers(grade: Grade, claim: DoubleEncrypted) -> Outcome:
    """One lock may fail."""
    return Pass("has two locks") if grade.layers > 1 else Fail("has one lock")


@check(id="lab.box.own-key", title="Boxes are under keys of ours", severity=Severity.LOW, remedy="Change the key.")
def own_key(lock: Lock, claim: CustomerManagedKeys, owners: tuple[KeyOwner, ...]) -> Outcome:
    """Whose key it is, is seen from the key."""
    if not lock.key:
        return Fail("has no key of its own")
    owner = next((owner for owner in owners if owner.key == lock.key), None)
    if owner is None:
        return Fail("is under a key that does not exist")
    return Pass("is under a key of ours") if owner.owner == "us" else Fail("is under a foreign key")


@check(id="lab.box.copied", title="Boxes have a copy", severity=Severity.LOW, remedy="Copy it.")
def copied(lock: Lock, claim: BackupsExist, boxes: tuple[Box, ...]) -> Outcome:
    """The copy is another box of the region."""
    return Pass("has a copy") if any(box.box == lock.copy for box in boxes) else Fail("has no copy")


@check(id="lab.box.graded", title="Boxes have a grade", severity=Severity.LOW, remedy="Grade it.")
def graded(lock: Lock, claim: DeletedWithin, grades: tuple[Grade, ...]) -> Outcome:
    """The grade is of the box's own lock."""
    own = list(grades)
    return Pass("has a grade of its own") if len(own) == 1 else Fail(f"has {len(own)} grades")


@check(id="lab.recorder.on", title="Regions record", severity=Severity.LOW, remedy="Switch it on.")
def recorder_on(recorder: Recorder, claim: ConfigurationRecorded) -> Outcome:
    """What is not recorded cannot be looked up."""
    return Pass("records") if recorder.on else Fail("does not record")


@check(id="lab.seal.unbroken", title="Seals are whole", severity=Severity.LOW, remedy="Seal it again.")
def unbroken(seal: Seal, claim: VaultProtected) -> Outcome:
    """A broken seal proves nothing."""
    return Fail("is broken") if seal.broken else Pass("is whole")


class LabTarget(Value):
    """What a target holds: everything that the cloud answers, so that any process can play it.

    ``answers`` maps ``operation parameters@region``, or less of it, to a reply. In a reply ``$gap`` names a cause,
    ``$raise`` an error to break with, ``$absent`` a code; ``$body`` stands for the reply, ``$sleep`` is waited first.
    """

    account: str = "1111"
    regions: tuple[str, ...] = ("north",)
    closed: dict[str, str] = {}
    refuses: str = ""
    answers: dict[str, Any] = {}


class Script:
    """A source that answers as a target says, and notes what it was asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        question = " ".join([operation, *map(str, params.values())])
        self.asked.append(question)
        names = (f"{question}@{region}", question, f"{operation} *@{region}", f"{operation} *")
        reply = next((self.answers[name] for name in names if name in self.answers), None)
        if reply is None:
            raise GapFound(
                Gap(cause=Cause.NOT_SUPPORTED, detail=f"nothing is scripted for {question}", operation=operation)
            )
        time.sleep(reply.get("$sleep", 0))
        if "$gap" in reply:
            raise GapFound(Gap(cause=Cause(reply["$gap"]), detail="scripted", operation=operation))
        if "$raise" in reply:
            raise RuntimeError(reply["$raise"])
        if "$absent" in reply:
            assert reply["$absent"] in absent
            return Answer(absent=reply["$absent"], status=404)
        return Answer(body=reply.get("$body", {name: value for name, value in reply.items() if name != "$sleep"}))


class Lab:
    """The provider."""

    name = "lab"
    target_type = LabTarget

    def permissions(self) -> tuple[str, ...]:
        return ("lab:ListRegions",)

    def operations(self) -> tuple[str, ...]:
        return ("lab:ListRegions",)

    def discover(self, name: str, target: LabTarget, limits: Limits) -> Discovery:
        if target.refuses:
            gap = Gap(cause=Cause(target.refuses), detail="the door stays shut", operation="lab:SignIn")
            raise SignInFailed(gap, "Bring the right key.")

        def place(region: str, where: Where = Where.REGION) -> Place:
            return Place(provider="lab", target=name, account=target.account, region=region, where=where)

        return Discovery(
            identity=f"lab/{target.account}/reader",
            places=(place("home", Where.ACCOUNT), *map(place, target.regions)),
            closed=tuple(
                Closed(place=place(region), gap=Gap(cause=Cause(cause), detail="closed", operation="lab:ListRegions"))
                for region, cause in target.closed.items()
            ),
        )

    def source(self, place: Place, target: LabTarget, limits: Limits) -> Script:
        return Script(target.answers)

    def session(self, place: Place, source: Any, now: datetime) -> LabSession:
        return LabSession(place, source, now)

    def policy(self, permissions: Iterable[str]) -> Mapping[str, Any]:
        return {"allow": sorted(permissions)}


PROVIDER = Lab()
