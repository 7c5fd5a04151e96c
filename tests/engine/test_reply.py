"""Replies keep what was read and nothing else, and a replay of that reads the same."""

import threading
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.reply import Book, Items, ReadTooLate, Reply, plain, seen, view

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3)
names = st.sampled_from(["a", "b", "c", "d"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)
replies = st.dictionaries(names, values, max_size=4)
acts = st.tuples(st.sampled_from(["item", "get", "in", "at", "each", "len", "bool", "plain", "slice", "back"]), names)
programs = st.lists(st.tuples(*[acts.map(lambda act: act[0]), names, st.integers(-4, 4)]), max_size=14)


def run(program: list[tuple[str, str, int]], reply: Reply) -> list[Any]:
    """What a reader that takes these steps finds; steps go down from the value that the last one gave."""
    found: list[Any] = []
    stack: list[Any] = [reply]
    for act, name, place in program:
        value = stack[-1]
        try:
            child = _step(act, name, place, value, stack)
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            found.append(type(error).__name__)
            continue
        if isinstance(child, Reply | Items):
            stack.append(child)
            found.append(type(child).__name__)
        else:
            found.append(child)
    return found


def _step(act: str, name: str, place: int, value: Any, stack: list[Any]) -> Any:
    match act:
        case "item":
            return value[name]
        case "get":
            return value.get(name, "none")
        case "in":
            return name in value
        case "at":
            return value[place]
        case "each":
            return [child if not isinstance(child, Reply | Items) else type(child).__name__ for child in value]
        case "len":
            return len(value)
        case "bool":
            return bool(value)
        case "plain":
            return plain(value) if isinstance(value, Reply | Items) else None
        case "slice":
            return [type(child).__name__ for child in value[:place]]
        case _:
            return stack.pop() is None if len(stack) > 1 else "top"


@settings(max_examples=300, deadline=None, database=None)
@given(replies, programs)
def test_replaying_the_evidence_reads_the_same(body: dict[str, Any], program: list[tuple[str, str, int]]) -> None:
    live = Reply(body)
    found = run(program, live)
    evidence = msgspec.json.decode(msgspec.json.encode(live.seen(), order="deterministic"))
    again = Reply(evidence)
    assert run(program, again) == found
    assert again.seen() == evidence, "the evidence of the replay is the evidence"


@settings(max_examples=100, deadline=None, database=None)
@given(replies, programs)
def test_evidence_holds_nothing_that_the_reply_does_not(
    body: dict[str, Any], program: list[tuple[str, str, int]]
) -> None:
    live = Reply(body)
    run(program, live)
    _within(live.seen(), body)


def _within(part: Any, whole: Any) -> None:
    if isinstance(part, dict):
        for name in part:
            _within(part[name], whole[name])
    elif isinstance(part, list):
        assert not part or len(part) == len(whole)
        for one, other in zip(part, whole, strict=False):
            _within(one, other)
    else:
        assert part is None or part == whole


BODY = {
    "secret": "do not keep",
    "name": "box",
    "deep": {"kept": 1, "dropped": 2},
    "list": [{"kept": 1, "dropped": 2}, {"dropped": 3}, "masked", ["x"]],
}


@pytest.mark.parametrize(
    ("read", "evidence"),
    [
        (lambda reply: None, {}),
        (lambda reply: reply["name"], {"name": "box"}),
        (lambda reply: reply.get("name"), {"name": "box"}),
        (lambda reply: reply.get("absent", 3), {}),
        (lambda reply: "name" in reply, {"name": "box"}),
        (lambda reply: reply["deep"]["kept"], {"deep": {"kept": 1}}),
        (lambda reply: reply["deep"], {"deep": {}}),
        (lambda reply: reply["deep"].plain(), {"deep": {"kept": 1, "dropped": 2}}),
        (lambda reply: dict(reply["deep"]), {"deep": {"kept": 1, "dropped": 2}}),
        (lambda reply: len(reply["list"]), {"list": [{}, {}, None, []]}),
        (lambda reply: reply["list"][0]["kept"], {"list": [{"kept": 1}, {}, None, []]}),
        (lambda reply: reply["list"][-2], {"list": [{}, {}, "masked", []]}),
        (lambda reply: [item.get("kept") for item in reply["list"][:2]], {"list": [{"kept": 1}, {}, None, []]}),
    ],
)
def test_evidence_keeps_exactly_the_fields_that_were_read(read: Any, evidence: dict[str, Any]) -> None:
    reply = Reply(BODY)
    read(reply)
    assert reply.seen() == evidence


def test_names_come_sorted_so_that_a_replay_gives_them_in_the_same_order() -> None:
    reply = Reply({"b": 1, "a": 2})
    assert list(reply) == ["a", "b"]
    assert list(Reply(reply.seen())) == ["a", "b"]


@pytest.mark.parametrize("place", [3, -4, 99, -99])
def test_a_place_outside_a_list_is_an_error_and_leaves_no_trace(place: int) -> None:
    items = Items([1, 2, 3])
    with pytest.raises(IndexError):
        items[place]
    assert items.seen() == [None, None, None]


def test_scalars_are_their_own_view() -> None:
    assert [view(value, Book()) for value in (1, "a", None, True)] == [1, "a", None, True]
    assert [seen(value) for value in (1, "a", None)] == [1, "a", None]
    assert plain(7) == 7


def test_fields_read_by_many_threads_at_once_are_all_kept() -> None:
    for _ in range(30):
        reply = Reply({"deep": {str(n): n for n in range(8)}})
        start = threading.Barrier(8)

        def read(name: str, reply: Reply = reply, start: threading.Barrier = start) -> None:
            start.wait()
            assert reply["deep"][name] == int(name)

        threads = [threading.Thread(target=read, args=(str(n),)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert reply.seen() == {"deep": {str(n): n for n in range(8)}}


@pytest.mark.parametrize(
    "read",
    [
        lambda reply: reply["name"],
        lambda reply: reply["deep"]["dropped"],
        lambda reply: reply["list"][1],
        lambda reply: reply["list"].plain(),
        lambda reply: reply.plain(),
        list,
    ],
)
def test_what_would_be_missing_in_the_evidence_can_no_longer_be_read(read: Any) -> None:
    reply = Reply(BODY)
    assert reply["deep"]["kept"] + len(reply["list"]) == 5
    assert reply.close() == {"deep": {"kept": 1}, "list": [{}, {}, None, []]}
    with pytest.raises(ReadTooLate):
        read(reply)


def test_what_is_in_the_evidence_can_be_read_again() -> None:
    reply = Reply(BODY)
    whole = reply["deep"].plain()
    evidence = reply.close()
    assert (reply["deep"].plain(), reply.get("absent"), evidence) == (whole, None, {"deep": whole})
