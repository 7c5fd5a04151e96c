"""An examination asks each planned listing once and no more, and tells which statements a refusal costs."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine import lab
from engine.scans import QUICK, estate, order, profile
from posture.clock import Clock
from posture.doctor import Attempt, Diagnosis, State, Surrounding, examine, surroundings
from posture.gate import Exit
from posture.model import Cause
from posture.provider import Limits
from posture.registry import Registry
from posture.session import GapFound

REGISTRY = Registry([lab])
PAGE = profile("encrypted-at-rest", "configuration-recorded")


def examined(limits: Limits = QUICK, **targets: Any) -> Diagnosis:
    named = {name: {"lab": settings} for name, settings in targets.items()}
    return examine(order(REGISTRY, PAGE, Path(), targets=named, limits=limits), REGISTRY, {})


def attempts(found: Diagnosis) -> dict[str, Attempt]:
    (visit,) = found.visits
    return {attempt.operation: attempt for attempt in visit.attempts}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Every question that the cloud was asked, with its place."""
    questions: list[tuple[str, str]] = []

    class Noted(lab.Script):
        def __init__(self, answers: Any, place: str) -> None:
            super().__init__(answers)
            self.place = place

        def fetch(self, operation: str, params: Any, region: str, absent: frozenset[str]) -> Any:
            questions.append((self.place, " ".join([operation, *map(str, params.values())])))
            return super().fetch(operation, params, region, absent)

    monkeypatch.setattr(lab.Lab, "source", lambda self, place, target, limits: Noted(target.answers, place.region))
    return questions


def test_where_all_is_well_every_listing_answered() -> None:
    found = examined(t={"answers": estate("a")})
    assert found.exit() == Exit.COMPLETE
    (visit,) = found.visits
    assert (visit.identity, visit.places) == ("lab/1111/reader", 2)
    assert {attempt.state for attempt in visit.attempts} == {State.OK}
    assert {"lab:ListBoxes", "lab:GetRecorder"} <= set(attempts(found))
    assert visit.untried == ("lab:ReadLock",)


def test_each_listing_is_asked_once_for_its_first_page_in_the_first_region(asked: list[tuple[str, str]]) -> None:
    answers = estate("a", ListBoxes={"boxes": [{"id": "a"}], "next": "2"})
    found = examined(t={"answers": answers, "regions": ["north", "south"]})
    assert found.exit() == Exit.COMPLETE
    assert len(asked) == len(set(asked))
    assert {place for place, _ in asked} <= {"home", "north"}
    assert {question for _, question in asked} == set(attempts(found))


@pytest.mark.parametrize(
    ("reply", "state", "cause"),
    [
        ({"$gap": "access-denied"}, State.REFUSED, Cause.ACCESS_DENIED),
        ({"$gap": "denied-by-organisation-policy"}, State.REFUSED, Cause.DENIED_BY_ORGANISATION),
        ({"$gap": "throttled"}, State.ERROR, Cause.THROTTLED),
        ({"$raise": "boom"}, State.ERROR, Cause.TOOL_ERROR),
        ({"boxes": [{"no": "id"}]}, State.ERROR, Cause.MALFORMED_REPLY),
        ({"$body": [], "boxes": []}, State.ERROR, Cause.MALFORMED_REPLY),
    ],
)
def test_what_does_not_answer_costs_the_statements_that_hang_on_it(
    reply: dict[str, Any], state: State, cause: Cause
) -> None:
    found = examined(t={"answers": estate("a", ListBoxes=reply)})
    assert found.exit() == Exit.INCOMPLETE
    boxes = found.visits[0].attempts[0]
    assert (boxes.operation, boxes.state, boxes.gap and boxes.gap.cause) == ("lab:ListBoxes", state, cause)
    assert boxes.statements == ("page/encrypted-at-rest",)
    assert attempts(found)["lab:GetRecorder"].state == State.OK


def test_what_does_not_come_back_in_time_is_an_error() -> None:
    limits = Limits(call=20, kind=20, place=0.2, run=20, threads=4, places=4)
    found = examined(limits, t={"answers": estate("a", GetRecorder={"on": True, "$sleep": 1})})
    recorder = attempts(found)["lab:GetRecorder"]
    assert (recorder.state, recorder.gap and recorder.gap.cause) == (State.ERROR, Cause.TIMEOUT)
    assert recorder.statements == ("page/configuration-recorded",)


def test_a_service_that_is_not_offered_in_a_region_is_no_complaint() -> None:
    assert examined(t={"answers": estate("a", ListBoxes={"$gap": "region-not-enabled"})}).exit() == Exit.COMPLETE


@pytest.mark.parametrize(
    ("cause", "states"),
    [("region-not-enabled", []), ("access-denied", [State.REFUSED]), ("region-unreachable", [State.ERROR])],
)
def test_a_closed_region_counts_unless_it_is_not_enabled(cause: str, states: list[State]) -> None:
    found = examined(t={"answers": estate("a"), "closed": {"south": cause}})
    assert [a.state for a in found.visits[0].attempts if a.operation == "lab:ListRegions"] == states
    assert found.exit() == (Exit.INCOMPLETE if states else Exit.COMPLETE)


def test_nobody_reached_is_worse_than_some() -> None:
    shut = {"refuses": "access-denied"}
    none = examined(one=shut, two=shut)
    some = examined(one=shut, two={"answers": estate("a")})
    assert (none.exit(), some.exit()) == (Exit.UNREACHED, Exit.INCOMPLETE)
    assert "the door stays shut (access-denied). Bring the right key." in none.visits[0].failure
    assert none.visits[0].statements == ("page/encrypted-at-rest", "page/configuration-recorded")


def test_what_bends_connections_is_told_without_its_secrets(tmp_path: Path) -> None:
    environment = {
        "HTTPS_PROXY": "http://me:hunter2@proxy.example:3128",
        "http_proxy": "me:hunter2@proxy.example:3128",
        "NO_PROXY": "",
        "AWS_CA_BUNDLE": str(tmp_path),
        "SSL_CERT_FILE": str(tmp_path / "gone.pem"),
        "PATH": "/bin",
    }
    assert list(surroundings(environment)) == [
        Surrounding(name="HTTPS_PROXY", value="http://***@proxy.example:3128"),
        Surrounding(name="http_proxy", value="***@proxy.example:3128"),
        Surrounding(name="AWS_CA_BUNDLE", value=str(tmp_path)),
        Surrounding(name="SSL_CERT_FILE", value=str(tmp_path / "gone.pem"), problem="there is no such file or folder"),
    ]


@pytest.mark.parametrize(
    ("least", "most", "within", "off", "is_off"),
    [
        (-0.9, 0.1, 0.9, 0.0, False),
        (-61.0, -59.0, 61.0, 59.0, False),
        (-62.0, -61.0, 62.0, 61.0, True),
        (60.0, 61.0, 61.0, 60.0, False),
        (60.1, 61.1, 61.1, 60.1, True),
        (-90.0, 5.0, 90.0, 0.0, False),
    ],
)
def test_a_clock_is_off_when_it_cannot_be_within_a_minute(
    least: float, most: float, within: float, off: float, is_off: bool
) -> None:
    clock = Clock(least=least, most=most)
    assert (clock.within, clock.off, clock.is_off) == (within, off, is_off)


class Dated(lab.Script):
    """A source whose replies carry this Date header."""

    date = ""

    def fetch(self, operation: str, params: Any, region: str, absent: frozenset[str]) -> Any:
        try:
            answer = super().fetch(operation, params, region, absent)
        except GapFound as found:
            raise GapFound(found.gap, self.date) from found
        return msgspec.structs.replace(answer, date=self.date)


def clock_told(monkeypatch: pytest.MonkeyPatch, date: str, **answers: Any) -> tuple[Clock | None, Exit]:
    monkeypatch.setattr(Dated, "date", date)
    monkeypatch.setattr(lab.Lab, "source", lambda self, place, target, limits: Dated(target.answers))
    found = examined(t={"answers": estate("a", **answers)})
    return found.visits[0].clock, found.exit()


@pytest.mark.parametrize(("ahead", "code"), [(0, 0), (50, 0), (-50, 0), (70, 3), (-70, 3), (86_400, 3)])
def test_the_clock_is_compared_with_the_replies(monkeypatch: pytest.MonkeyPatch, ahead: int, code: int) -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(seconds=ahead), usegmt=True)
    clock, ended = clock_told(monkeypatch, date)
    assert clock is not None
    assert clock.least - 0.1 <= ahead <= clock.most + 0.1
    assert clock.most - clock.least < 5
    assert ended == code


def test_a_refusal_tells_the_time_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    date = format_datetime(datetime.now(UTC), usegmt=True)
    denied = {name: {"$gap": "access-denied"} for name in ("ListBoxes", "GetRecorder", "ListSeals", "ListShelves")}
    clock, _ = clock_told(monkeypatch, date, **denied)
    assert clock is not None
    assert not clock.is_off


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 24 Nov 2026 12:00:00 -0000", "2026-11-24T12:00:00Z", "\x00"])
def test_a_date_that_is_none_tells_nothing(monkeypatch: pytest.MonkeyPatch, date: str) -> None:
    assert clock_told(monkeypatch, date) == (None, Exit.COMPLETE)
