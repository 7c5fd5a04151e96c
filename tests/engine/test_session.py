"""Sessions: one operation, one answer, every call on record."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

from engine.lab import LabSession, Script
from kit import NOW
from posture.model import Cause, Gap
from posture.place import Place, Where
from posture.session import Answer, Call, GapFound, NotRecorded

HERE = Place(provider="lab", target="t", account="1111", region="north", where=Where.REGION)


class Book:
    """A ledger of calls."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.bodies: list[Any] = []

    def __call__(self, call: Call, body: Any) -> None:
        self.calls.append(call)
        self.bodies.append(body)


def bound(source: Any, book: Book, *, operation: str = "lab:Get", shared: bool = False) -> LabSession:
    session = LabSession(HERE, source, NOW)
    return session.bound(operation, "lab:Permit", shared=shared, record=book, before=lambda: None)


def test_a_session_performs_the_operation_of_its_reader_and_no_other() -> None:
    source, book = Script({"lab:Get *": {"a": 1}, "lab:Get": {"a": 1}}), Book()
    session = bound(source, book)
    session.get(id="x")
    session.call({}, region="south")
    session.close_replies()
    assert source.asked == ["lab:Get x", "lab:Get"]
    assert {call.operation for call in book.calls} == {"lab:Get"}
    assert [call.region for call in book.calls] == ["north", "south"]
    assert not [name for name in vars(LabSession) if "operation" in name], "no method takes an operation"


def test_the_ledger_holds_the_call_and_the_digest_of_what_was_read_of_its_reply() -> None:
    book = Book()
    session = bound(Script({"lab:Get *": {"read": 1, "secret": 2}}), book)
    assert session.get(id="x")["read"] == 1
    (mark,) = session.close_replies()
    assert book.bodies == [{"read": 1}]
    assert book.calls[0].reply == mark
    assert book.calls[0].params == {"id": "x"}


def test_an_expected_absence_is_an_answer() -> None:
    book = Book()
    session = bound(Script({"lab:Get": {"$absent": "NoSuchThing"}}), book)
    assert session.call({}, absent="Other NoSuchThing") is None
    session.close_replies()
    assert (book.calls[0].absent, book.calls[0].status, book.bodies) == (
        "NoSuchThing",
        404,
        [{"absent": "NoSuchThing"}],
    )


def test_a_gap_is_on_record_and_carries_the_permission() -> None:
    book = Book()
    with pytest.raises(GapFound) as raised:
        bound(Script({"lab:Get": {"$gap": "access-denied"}}), book).get()
    expected = Gap(cause=Cause.ACCESS_DENIED, detail="scripted", operation="lab:Get", permission="lab:Permit")
    assert raised.value.gap == expected
    assert [(call.gap, call.reply) for call in book.calls] == [(expected, "")]


def test_a_permission_that_the_source_names_is_kept() -> None:
    class Source:
        def fetch(self, operation: str, params: Any, region: str, absent: Any) -> Answer:
            gap = Gap(cause=Cause.ACCESS_DENIED, detail="", operation=operation, permission="lab:Deeper")
            raise GapFound(gap)

    with pytest.raises(GapFound) as raised:
        bound(Source(), Book()).get()
    assert raised.value.gap.permission == "lab:Deeper"


def test_an_exception_in_a_source_is_a_recorded_tool_error() -> None:
    book = Book()
    with pytest.raises(GapFound) as raised:
        bound(Script({"lab:Get": {"$raise": "boom"}}), book).get()
    assert raised.value.gap == Gap(
        cause=Cause.TOOL_ERROR, detail="RuntimeError: boom", operation="lab:Get", permission="lab:Permit"
    )
    assert [call.gap for call in book.calls] == [raised.value.gap]


@pytest.mark.parametrize("body", [None, [], "text", 7, ["on"]])
def test_a_reply_that_is_not_an_object_is_malformed(body: Any) -> None:
    book = Book()
    with pytest.raises(GapFound) as raised:
        bound(Script({"lab:Get": {"$body": body}}), book).get()
    assert raised.value.gap.cause is Cause.MALFORMED_REPLY
    assert [call.gap for call in book.calls] == [raised.value.gap]


def test_a_question_that_was_not_recorded_is_not_recorded_again() -> None:
    class Source:
        def fetch(self, operation: str, params: Any, region: str, absent: Any) -> Answer:
            raise NotRecorded(Gap(cause=Cause.TOOL_ERROR, detail="", operation=operation))

    book = Book()
    with pytest.raises(NotRecorded):
        bound(Source(), book).get()
    assert book.calls == []


class Slow:
    """A source that takes a while, and counts."""

    def __init__(self, gap: Cause | None = None) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self._gap = gap

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: Any) -> Answer:
        self.asked.append(params)
        time.sleep(0.02)
        if self._gap is not None:
            raise GapFound(Gap(cause=self._gap, detail="slow", operation=operation))
        return Answer(body={"layers": 2})


def ask_from_threads(source: Slow, *, shared: bool, count: int = 8) -> tuple[Book, list[Any]]:
    book, answers = Book(), []
    session = LabSession(HERE, source, NOW)

    def ask() -> None:
        mine = session.bound("lab:Get", "p", shared=shared, record=book, before=lambda: None)
        try:
            answers.append((mine.get(grade="g")["layers"], mine.close_replies()))
        except GapFound as found:
            answers.append(found.gap.cause)

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return book, answers


def test_a_shared_answer_is_asked_for_once_by_many_threads() -> None:
    source = Slow()
    book, answers = ask_from_threads(source, shared=True)
    assert source.asked == [{"grade": "g"}]
    assert len(book.calls) == 1
    assert answers == [(2, (book.calls[0].reply,))] * 8


def test_a_shared_gap_is_asked_for_once_and_given_to_all() -> None:
    source = Slow(Cause.THROTTLED)
    book, answers = ask_from_threads(source, shared=True)
    assert (len(source.asked), len(book.calls), answers) == (1, 1, [Cause.THROTTLED] * 8)


def test_answers_that_are_not_shared_are_asked_for_each_time() -> None:
    source = Slow()
    book, _ = ask_from_threads(source, shared=False, count=3)
    assert (len(source.asked), len(book.calls)) == (3, 3)


def test_a_shared_answer_belongs_to_one_operation_and_one_region() -> None:
    source = Script({"a *": {"x": 1}, "b *": {"x": 2}})
    session = LabSession(HERE, source, NOW)
    for operation in ("a", "b"):
        mine = session.bound(operation, "", shared=True, record=Book(), before=lambda: None)
        mine.get(id="1")
        mine.call({"id": "1"}, region="south")
        mine.get(id="1")
    assert source.asked == ["a 1", "a 1", "b 1", "b 1"]


def test_a_page_is_closed_before_the_next_call() -> None:
    order: list[str] = []
    source = Script({"lab:Get": {"next": "2"}, "lab:Get 2": {}})
    session = LabSession(HERE, source, NOW).bound(
        "lab:Get", "", shared=False, record=lambda c, b: None, before=lambda: order.append(f"after {len(source.asked)}")
    )
    assert len(list(session.pages())) == 2
    assert order == ["after 0", "after 1"]
