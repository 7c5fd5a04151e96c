"""Observation: a stream of facts and gaps, with deadlines that lose what hangs and nothing else."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from engine import lab, scans
from engine.lab import Box, Grade, KeyOwner, LabSession, Lock, Script
from kit import NOW
from posture.events import Event, Lost, Missed, Ready, Seen
from posture.model import Cause, Resource
from posture.observe import TICK, Observation
from posture.place import Place, Where
from posture.plan import Work, plan
from posture.pool import Pool
from posture.provider import Limits
from posture.registry import Registry
from posture.session import Answer, Call, question
from posture.stop import Stop, StoppedBy

HERE = Place(provider="lab", target="t", account="1111", region="north", where=Where.REGION)
SOON = 0.25
"""A deadline that a hang meets within a test, in seconds."""
HANG = {"$sleep": 3}


def work(*claims: str) -> Work:
    made = plan(Registry([lab]), [scans.scoped(scans.profile(*claims))], ["lab"])  # type: ignore[list-item]
    return made.works["lab"]


ENCRYPTION = work("encrypted-at-rest")


class Watch:
    """An observation together with what it told of calls and losses."""

    def __init__(self, answers: Mapping[str, Any], of: Work = ENCRYPTION, **options: Any) -> None:
        self.source = options.pop("source", None) or Script(answers)
        self.calls: list[Call] = []
        self.bodies: dict[str, Any] = {}
        self.lost: list[Lost] = []
        self.stop = Stop()
        limits = scans.QUICK
        wanted: Callable[[Resource], bool] = options.pop("wanted", lambda resource: True)
        replayed = options.pop("replayed", None)
        for name, value in options.items():
            limits = Limits(**({field: getattr(limits, field) for field in limits.__struct_fields__} | {name: value}))
        self.pool = Pool(limits.threads)
        self.observation = Observation(
            of,
            LabSession(HERE, self.source, NOW),
            self.pool,
            limits,
            record=self._record,
            lose=self.lost.append,
            wanted=wanted,
            stop=self.stop,
            lost=replayed,
        )

    def _record(self, call: Call, body: Any) -> None:
        self.calls.append(call)
        self.bodies[call.question()] = body

    def events(self) -> list[Event]:
        """Everything, as it came."""
        return list(self.observation.events())


def facts(events: list[Event], kind: type[Any] = object) -> list[str]:
    return sorted(
        event.fact.resource.id for event in events if isinstance(event, Seen) and isinstance(event.fact, kind)
    )


def missed(events: list[Event]) -> dict[tuple[str, str], Cause]:
    return {(e.fact.__name__, e.resource.id): e.gap.cause for e in events if isinstance(e, Missed)}


def paged(*pages: list[str], **more: Any) -> dict[str, Any]:
    """Answers of a listing of boxes in pages."""
    answers = scans.estate(**more)
    for number, ids in enumerate(pages, 1):
        name = "lab:ListBoxes" if number == 1 else f"lab:ListBoxes {number}"
        answers[name] = {"boxes": [{"id": id} for id in ids]} | (
            {"next": str(number + 1)} if number < len(pages) else {}
        )
    return answers


def test_every_page_is_read_and_every_fact_descended_from() -> None:
    watch = Watch(paged(["a", "b"], [], ["c"]))
    events = watch.events()
    assert facts(events, Box) == facts(events, Lock) == ["lab/a", "lab/b", "lab/c"]
    assert sorted(watch.source.asked) == sorted(
        ["lab:ListBoxes", "lab:ListBoxes 2", "lab:ListBoxes 3", "lab:ListShelves"]
        + [f"lab:GetLock {id}" for id in "abc"]
    )
    assert len(watch.calls) == len(watch.source.asked)
    assert missed(events) == {}


def test_facts_of_a_page_are_delivered_before_the_next_page_is_answered() -> None:
    answers = paged(["a"], ["b"])
    answers["lab:ListBoxes 2"]["$sleep"] = 1
    watch = Watch(answers)
    began = time.monotonic()
    first = next(
        event for event in watch.observation.events() if isinstance(event, Seen) and isinstance(event.fact, Box)
    )
    assert first.fact.resource.id == "lab/a"
    assert time.monotonic() - began < 0.8


def test_a_hang_on_the_second_page_keeps_the_first() -> None:
    answers = paged(["a", "b"], ["c"])
    answers["lab:ListBoxes 2"] |= HANG
    watch = Watch(answers, call=SOON)
    events = watch.events()
    assert facts(events, Box) == facts(events, Lock) == ["lab/a", "lab/b"]
    whole = HERE.whole("lab.box").id
    assert missed(events) == {("Box", whole): Cause.TIMEOUT, ("Lock", whole): Cause.TIMEOUT}
    assert [(lost.reader, lost.parent, lost.delivered) for lost in watch.lost] == [("engine.lab.boxes", "", 2)]


def test_a_hang_in_one_detail_leaves_the_others() -> None:
    watch = Watch(paged(["a", "b", "c"], **{"GetLock b": HANG}), call=SOON)
    events = watch.events()
    assert facts(events, Box) == ["lab/a", "lab/b", "lab/c"]
    assert facts(events, Lock) == ["lab/a", "lab/c"]
    assert missed(events) == {("Lock", "lab/b"): Cause.TIMEOUT}
    assert [(lost.parent, lost.delivered) for lost in watch.lost] == [("lab/b", 0)]


@pytest.mark.parametrize("limit", ["call", "kind", "place"])
def test_each_deadline_ends_what_hangs(limit: str) -> None:
    watch = Watch(paged(["a"], **{"GetLock a": HANG}), **{limit: SOON})
    began = time.monotonic()
    events = watch.events()
    assert time.monotonic() - began < SOON + 4 * TICK
    assert missed(events) == {("Lock", "lab/a"): Cause.TIMEOUT}
    assert f"{SOON:g} s" in watch.lost[0].gap.detail


def test_the_deadline_of_a_kind_ends_what_drips_and_leaves_other_kinds() -> None:
    ids = [f"b{n}" for n in range(40)]
    watch = Watch(paged(ids, **{"GetLock *": {"cipher": "AES-256", "$sleep": 0.1}}), kind=SOON)
    events = watch.events()
    read = facts(events, Lock)
    assert 0 < len(read) < 40, "no call is slow, all of them together are"
    assert len(missed(events)) == 40 - len(read)
    assert "lab:ListShelves" in watch.source.asked


def test_an_interruption_ends_soon_and_as_gaps() -> None:
    watch = Watch(paged(["a", "b"], ["c"], **{"GetLock a": HANG, "GetLock b": HANG}))
    threading.Timer(0.1, watch.stop.end, [StoppedBy.USER]).start()
    began = time.monotonic()
    events = watch.events()
    assert time.monotonic() - began < 0.1 + 4 * TICK
    found = missed(events)
    assert found["Lock", "lab/a"] is found["Lock", "lab/b"] is Cause.CAPPED
    assert set(found.values()) == {Cause.CAPPED}


def test_nothing_is_asked_after_an_interruption() -> None:
    watch = Watch(paged(["a"]))
    watch.stop.end(StoppedBy.USER)
    events = watch.events()
    assert watch.source.asked == []
    assert set(missed(events).values()) == {Cause.CAPPED}
    assert {fact for fact, _ in missed(events)} == {"Box", "Lock", "Shelf"}


def test_a_refused_listing_reaches_every_fact_below_it() -> None:
    watch = Watch(scans.estate(ListBoxes={"$gap": "access-denied"}), work("double-encrypted"))
    events = watch.events()
    whole = HERE.whole("lab.box").id
    assert missed(events) == dict.fromkeys([("Box", whole), ("Lock", whole), ("Grade", whole)], Cause.ACCESS_DENIED)
    assert {e.gap.permission for e in events if isinstance(e, Missed)} == {"lab:ListBoxes"}
    assert watch.lost == [], "it answered: it was not given up"


def test_a_refused_detail_reaches_what_is_below_it_and_nothing_beside_it() -> None:
    watch = Watch(paged(["a", "b"], **{"GetLock a": {"$gap": "throttled"}}), work("double-encrypted"))
    events = watch.events()
    assert missed(events) == {("Lock", "lab/a"): Cause.THROTTLED, ("Grade", "lab/a"): Cause.THROTTLED}
    assert facts(events, Grade) == ["lab/b"]


@pytest.mark.parametrize(
    "reply",
    [{}, {"boxes": None}, {"boxes": 7}, {"boxes": [{}]}, {"boxes": ["text"]}, {"boxes": [[]]}, {"boxes": "text"}]
    + [{"$body": body} for body in (None, [], "text", 7)],
)
def test_a_poisoned_reply_is_malformed(reply: dict[str, Any]) -> None:
    events = Watch(scans.estate(ListBoxes=reply)).events()
    assert missed(events)["Box", HERE.whole("lab.box").id] is Cause.MALFORMED_REPLY


def test_what_a_malformed_page_held_before_the_poison_is_kept() -> None:
    events = Watch(scans.estate(ListBoxes={"boxes": [{"id": "a"}, {}, {"id": "c"}]})).events()
    assert facts(events, Lock) == ["lab/a"]
    assert missed(events)["Box", HERE.whole("lab.box").id] is Cause.MALFORMED_REPLY


def test_a_source_that_breaks_is_a_tool_error() -> None:
    events = Watch(scans.estate(ListBoxes={"$raise": "boom"})).events()
    assert missed(events)["Box", HERE.whole("lab.box").id] is Cause.TOOL_ERROR


@pytest.mark.parametrize("gives", [RuntimeError("boom"), None, "text"])
def test_a_reader_that_breaks_loses_its_own_reads(gives: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def lock(lab: LabSession, box: Box) -> Any:
        if box.box == "b" and isinstance(gives, Exception):
            raise gives
        good = Lock(resource=box.resource, cipher=None, key="", grade="none", copy="")
        return gives if box.box == "b" else good

    monkeypatch.setattr(lab.lock, "function", lock)
    events = Watch(paged(["a", "b"])).events()
    assert missed(events) == {("Lock", "lab/b"): Cause.TOOL_ERROR}
    assert facts(events, Lock) == ["lab/a"]


def test_hanging_calls_do_not_use_the_pool_up() -> None:
    ids = [f"b{n}" for n in range(8)]
    hangs = {f"GetLock b{n}": HANG for n in range(4)}
    watch = Watch(paged(ids, **hangs), threads=2, call=SOON)
    began = time.monotonic()
    events = watch.events()
    assert facts(events, Lock) == ["lab/b4", "lab/b5", "lab/b6", "lab/b7"]
    assert set(missed(events).values()) == {Cause.TIMEOUT}
    assert time.monotonic() - began < 2.5, "all were read while four calls still hang"


def test_facts_of_what_no_profile_speaks_about_are_seen_and_not_descended_from() -> None:
    watch = Watch(paged(["a", "b"]), wanted=lambda resource: resource.id == "lab/a")
    events = watch.events()
    assert facts(events, Box) == ["lab/a", "lab/b"]
    assert facts(events, Lock) == ["lab/a"]


def test_consulted_facts_are_complete_before_checks_can_judge() -> None:
    answers = paged(["a"], ListKeys={"keys": [{"id": "k"}], "next": "2"}, **{"ListKeys 2": {"keys": [{"id": "l"}]}})
    answers |= {"lab:GetKey l": {"owner": "us", "$sleep": 0.1}}
    events = Watch(answers, work("customer-managed-keys")).events()
    (ready,) = [place for place, event in enumerate(events) if isinstance(event, Ready)]
    assert facts(events[:ready], KeyOwner) == ["lab/k", "lab/l"]
    assert facts(events[:ready], Box) == []
    assert facts(events[ready:], Lock) == ["lab/a"]


def test_consulted_facts_are_read_of_things_that_no_profile_speaks_about_too() -> None:
    watch = Watch(paged(["a"]), work("customer-managed-keys"), wanted=lambda resource: resource.kind == "lab.box")
    assert facts(watch.events(), KeyOwner) == ["lab/k"]


def test_evidence_of_a_fact_includes_that_of_its_parents() -> None:
    watch = Watch(paged(["a"]), work("double-encrypted"))
    events = watch.events()
    evidence = {type(e.fact).__name__: e.evidence for e in events if isinstance(e, Seen)}
    replies = {call.operation: call.reply for call in watch.calls}
    way = [replies[f"lab:{name}"] for name in ("ListBoxes", "GetLock", "GetGrade")]
    assert [list(evidence[name]) for name in ("Box", "Lock", "Grade")] == [way[:1], way[:2], way]


def test_a_shared_question_is_asked_once_for_many_parents() -> None:
    watch = Watch(paged([f"b{n}" for n in range(12)]), work("double-encrypted"))
    assert len(facts(watch.events(), Grade)) == 12
    assert watch.source.asked.count("lab:GetGrade double") == 1


class Taped:
    """Answers from what a watch recorded."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._gaps = {call.question(): call.gap for call in watch.calls}
        self.asked: list[str] = []

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        from posture.model import Gap
        from posture.session import GapFound, NotRecorded

        asked = question(operation, region, dict(params))
        if asked not in self._gaps:
            raise NotRecorded(Gap(cause=Cause.TOOL_ERROR, detail="not recorded", operation=operation))
        gap = self._gaps[asked]
        if gap is not None:
            raise GapFound(gap)
        return Answer(body=self._watch.bodies[asked])


def told(events: list[Event]) -> tuple[list[tuple[str, str]], dict[tuple[str, str], Cause]]:
    seen = sorted((type(e.fact).__name__, e.fact.resource.id) for e in events if isinstance(e, Seen))
    return seen, missed(events)


LOSSES = [
    pytest.param(paged(["a", "b"], ["c"]) | {"lab:ListBoxes 2": {"boxes": [{"id": "c"}]} | HANG}, id="second page"),
    pytest.param(paged(["a", "b"]) | {"lab:GetLock a": HANG}, id="detail"),
]


@pytest.mark.parametrize("answers", LOSSES)
def test_a_lost_read_is_lost_at_the_same_point_in_a_replay(answers: dict[str, Any]) -> None:
    live = Watch(answers, call=SOON)
    first = live.events()
    assert live.lost
    replayed = {(lost.reader, lost.parent): lost for lost in live.lost}
    for _ in range(5):
        again = Watch({}, source=Taped(live), replayed=replayed)
        assert told(again.events()) == told(first)


def test_what_answers_after_it_was_given_up_is_on_record_and_stays_lost() -> None:
    answers = paged(*[[f"b{n}"] for n in range(9)])
    for number in range(2, 10):
        answers[f"lab:ListBoxes {number}"]["$sleep"] = 0.12
    late = {"$sleep": 0.75}
    answers |= {"lab:GetLock b0": {"cipher": None} | late, "lab:GetLock b1": {"$gap": "throttled"} | late}
    live = Watch(answers, call=0.35)
    first = live.events()
    assert sorted(lost.parent for lost in live.lost) == ["lab/b0", "lab/b1"]
    late_calls = {call.params["box"]: call.gap for call in live.calls if call.params.get("box") in ("b0", "b1")}
    assert late_calls["b0"] is None
    assert late_calls["b1"] is not None
    replayed = {(lost.reader, lost.parent): lost for lost in live.lost}
    again = Watch({}, source=Taped(live), replayed=replayed)
    assert told(again.events()) == told(first)
    assert missed(first)["Lock", "lab/b1"] is Cause.TIMEOUT
