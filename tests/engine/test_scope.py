"""Scope: which resources a profile speaks about; a rule that cannot be decided never leaves anything out."""

from typing import Any

import msgspec
import pytest

from posture.model import ANY, Resource
from posture.place import Place, Where
from posture.scope import Exclusion, Match, Scope

BOX = Resource(
    id="lab/Box-1",
    kind="lab.box",
    cloud="lab",
    account="1111",
    region="north",
    name="Prod-box",
    tags=(("Team", "Red"),),
)
UNTAGGED = msgspec.structs.replace(BOX, tags=None)


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ({}, True),
        ({"cloud": "lab"}, True),
        ({"cloud": "LAB"}, True),
        ({"cloud": "barn"}, False),
        ({"account": "1111"}, True),
        ({"account": "111?"}, True),
        ({"account": "111"}, False),
        ({"region": "nor*"}, True),
        ({"region": "south"}, False),
        ({"kind": "lab.*"}, True),
        ({"name": "prod-*"}, True),
        ({"name": "test-*"}, False),
        ({"id": "LAB/BOX-1"}, True),
        ({"tag": "team=red"}, True),
        ({"tag": "team"}, True),
        ({"tag": "team=*"}, True),
        ({"tag": "team=blue"}, False),
        ({"tag": "owner"}, False),
        ({"cloud": "lab", "name": "test-*"}, False),
        ({"name": "prod-*", "tag": "team=blue"}, False),
    ],
)
def test_a_pattern_fits_a_resource(pattern: dict[str, str], fits: bool) -> None:
    assert Match(**pattern).matches(BOX) is fits


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [({"tag": "team=red"}, None), ({"tag": "team"}, None), ({"tag": "team", "cloud": "barn"}, False), ({}, True)],
)
def test_a_rule_about_tags_that_were_not_read_cannot_be_decided(pattern: dict[str, str], fits: bool | None) -> None:
    assert Match(**pattern).matches(UNTAGGED) is fits


@pytest.mark.parametrize(
    ("scope", "resource", "reason"),
    [
        (Scope(), BOX, ""),
        (Scope(include=(Match(cloud="lab"),)), BOX, ""),
        (Scope(include=(Match(cloud="barn"),)), BOX, "in no scope"),
        (Scope(include=(Match(cloud="barn"), Match(name="prod*"))), BOX, ""),
        (Scope(exclude=(Exclusion(name="prod*", reason="not ours"),)), BOX, "not ours"),
        (Scope(include=(Match(cloud="lab"),), exclude=(Exclusion(name="prod*", reason="out"),)), BOX, "out"),
        (Scope(exclude=(Exclusion(tag="team=red", reason="out"),)), UNTAGGED, ""),
        (Scope(include=(Match(tag="team=red"),)), UNTAGGED, ""),
        (Scope(include=(Match(tag="team=red", cloud="barn"),)), UNTAGGED, "in no scope"),
    ],
)
def test_a_scope_says_why_a_resource_is_left_out(scope: Scope, resource: Resource, reason: str) -> None:
    assert scope.leaves_out(resource) == reason


def place(where: Where = Where.REGION, **changes: Any) -> Place:
    given = {"provider": "lab", "target": "t", "account": "1111", "region": "north"} | changes
    return Place(where=where, **given)


REGIONAL = place().whole("lab.box")
ACCOUNT_WIDE = place(Where.ACCOUNT).whole("lab.box")
UNENTERED = place(account=ANY, region=ANY).whole("lab.box")
OF_ANY_KIND = place().whole("")


@pytest.mark.parametrize("whole", [REGIONAL, ACCOUNT_WIDE, UNENTERED, OF_ANY_KIND])
@pytest.mark.parametrize("pattern", [{"name": "prod-*"}, {"id": "lab/*"}, {"tag": "team=red"}])
def test_what_could_not_be_listed_may_bear_any_name(whole: Resource, pattern: dict[str, str]) -> None:
    assert whole.stands_for_all
    assert Match(**pattern).matches(whole) is None
    assert Scope(include=(Match(**pattern),)).leaves_out(whole) == ""
    assert Scope(exclude=(Exclusion(**pattern, reason="out"),)).leaves_out(whole) == ""
    assert Scope(include=(Match(cloud="barn", **pattern),)).leaves_out(whole) == "in no scope"


@pytest.mark.parametrize(
    ("whole", "pattern", "fits"),
    [
        (REGIONAL, {"region": "south"}, False),
        (REGIONAL, {"region": "north"}, True),
        (ACCOUNT_WIDE, {"region": "south"}, None),
        (ACCOUNT_WIDE, {"account": "2222"}, False),
        (UNENTERED, {"region": "south"}, None),
        (UNENTERED, {"account": "2222"}, None),
        (UNENTERED, {"account": "2222", "kind": "lab.key"}, False),
        (OF_ANY_KIND, {"kind": "lab.box"}, None),
        (REGIONAL, {"kind": "lab.key"}, False),
    ],
)
def test_of_what_could_not_be_listed_only_what_is_known_decides(
    whole: Resource, pattern: dict[str, str], fits: bool | None
) -> None:
    assert Match(**pattern).matches(whole) is fits


def test_a_thing_is_not_taken_for_a_stand_in() -> None:
    group = msgspec.structs.replace(BOX, id="arn:aws:logs:north:1111:log-group:/app:*")
    assert not group.stands_for_all
    assert not BOX.stands_for_all


def test_targets_that_could_not_be_entered_have_places_of_their_own() -> None:
    shut = [place(account=ANY, region=ANY, target=name) for name in ("one", "two", "")]
    assert len({where.id for where in shut}) == 3
    assert len({where.whole("lab.box").id for where in shut}) == 3


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        (Scope(), True),
        (Scope(include=(Match(cloud="lab", name="x"),)), True),
        (Scope(include=(Match(name="x"),)), True),
        (Scope(include=(Match(cloud="barn"),)), False),
        (Scope(exclude=(Exclusion(cloud="lab", reason="out"),)), False),
        (Scope(exclude=(Exclusion(cloud="Lab", reason="out"),)), False),
        (Scope(exclude=(Exclusion(cloud="lab", region="north", reason="out"),)), True),
        (Scope(exclude=(Exclusion(reason="all"),)), False),
    ],
)
def test_a_scope_knows_whether_a_cloud_can_be_in_it(scope: Scope, may: bool) -> None:
    assert scope.may_hold("lab") is may
