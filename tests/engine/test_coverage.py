"""The coverage ledger counts what was listed and what is in scope, and finds the stores that nothing judges."""

from engine.lab import Box, Shelf
from posture.coverage import Ledger, LeftOut, Listed, blind_kinds
from posture.events import Seen
from posture.model import Resource, Store

OBJECTS = frozenset({Store.OBJECT, Store.FILE})


def resource(id: str, kind: str) -> Resource:
    return Resource(id=id, kind=kind, cloud="lab", account="1111", region="north", name=id)


def box(id: str) -> Seen:
    return Seen(fact=Box(resource=resource(id, "lab.box"), box=id, public=False), evidence=())


def shelf(id: str, kind: str = "lab.shelf") -> Seen:
    return Seen(fact=Shelf(resource=resource(id, kind)), evidence=())


def row(kind: str, count: int, *, inventory: bool = False, store: Store | None = Store.OBJECT, **scope: int) -> Listed:
    return Listed(
        fact="F", kind=kind, store=store, inventory=inventory, listed=count, in_scope=scope or {"page": count}
    )


def test_what_is_listed_and_what_is_in_scope_are_counted_apart() -> None:
    ledger = Ledger()
    for event in (box("a"), box("b"), shelf("s")):
        ledger.seen(event, {"one": "", "two": "in no scope" if event.fact.resource.id == "a" else ""})
    assert ledger.rows() == [
        Listed(
            fact="Box", kind="lab.box", store=Store.OBJECT, inventory=False, listed=2, in_scope={"one": 2, "two": 1}
        ),
        Listed(
            fact="Shelf", kind="lab.shelf", store=Store.FILE, inventory=True, listed=1, in_scope={"one": 1, "two": 1}
        ),
    ]


def test_what_a_profile_leaves_out_is_told_once_with_the_reason() -> None:
    ledger = Ledger()
    first = ledger.seen(box("a"), {"one": "a test box", "two": ""})
    assert first == [LeftOut(profile="one", resource=resource("a", "lab.box"), reason="a test box")]
    assert ledger.seen(box("a"), {"one": "a test box", "two": ""}) == []


def test_the_order_of_facts_changes_nothing() -> None:
    events = [box("a"), shelf("s"), box("b"), shelf("t", "lab.crate")]
    rows = []
    for order in (events, events[::-1]):
        ledger = Ledger()
        for event in order:
            ledger.seen(event, {"one": "", "two": ""})
        rows.append(ledger.rows())
    assert rows[0] == rows[1]


def test_a_store_that_nothing_judges_is_blind() -> None:
    rows = [row("lab.box", 3), row("lab.shelf", 2, inventory=True, store=Store.FILE)]
    assert blind_kinds(rows, "page", OBJECTS, {"lab.box"}) == {"lab.shelf": 2}


def test_a_listed_store_that_nothing_judges_is_blind_too() -> None:
    assert blind_kinds([row("lab.box", 3)], "page", OBJECTS, set()) == {"lab.box": 3}


def test_stores_of_which_an_inventory_shows_more_than_their_listing_are_blind_by_the_difference() -> None:
    rows = [row("lab.box", 3), row("lab.box", 5, inventory=True)]
    assert blind_kinds(rows, "page", OBJECTS, {"lab.box"}) == {"lab.box": 2}
    fewer = [row("lab.box", 3), row("lab.box", 2, inventory=True)]
    assert blind_kinds(fewer, "page", OBJECTS, {"lab.box"}) == {}


def test_counts_of_several_places_add_up() -> None:
    rows = [row("lab.shelf", 2, inventory=True), row("lab.shelf", 1, inventory=True)]
    assert blind_kinds(rows, "page", OBJECTS, set()) == {"lab.shelf": 3}


def test_stores_that_the_claim_does_not_speak_about_and_stores_out_of_scope_do_not_count() -> None:
    rows = [
        row("lab.tape", 4, store=Store.BACKUP),
        row("lab.recorder", 4, store=None),
        row("lab.shelf", 4, other=4),
        row("lab.crate", 4, page=0),
    ]
    assert blind_kinds(rows, "page", OBJECTS, set()) == {}
