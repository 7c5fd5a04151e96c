"""Azure sessions: which paths operations ask, how listings page, and when they are cut short."""

from typing import Any

import pytest

from kit import Recorded, place, session_of
from posture.model import Cause
from posture.reply import Reply
from posture.session import Answer, GapFound
from posture_azure.session import UNREGISTERED, ArmSession, next_page, properties, type_of

SUB = "22222222-2222-4222-8222-222222222222"
GROUP = f"/subscriptions/{SUB}/resourceGroups/App/providers"
ACCOUNT = f"{GROUP}/Microsoft.Storage/storageAccounts/logs"
ARM = "https://management.azure.com"
LIST = "Microsoft.Storage/storageAccounts@2023-05-01"
PATH = f"/subscriptions/{SUB}/providers/Microsoft.Storage/storageAccounts"


def session(operation: str, replies: Any) -> tuple[ArmSession, Recorded]:
    source = Recorded({operation: replies})
    whole = session_of(ArmSession, source, place("azure", SUB, "global"))
    bound = whole.bound(operation, "p", shared=False, record=lambda call, body: None, before=lambda: None)
    return bound, source


def names(arm: ArmSession, parent: str = "") -> list[str]:
    return [item["name"] for item in arm.items(parent)]


def page(*found: str, link: str = "") -> dict[str, Any]:
    return {"value": [{"name": name} for name in found]} | ({"nextLink": link} if link else {})


def link(token: str, origin: str = ARM) -> str:
    return f"{origin}{PATH}?api-version=2023-05-01&$skiptoken={token}"


@pytest.mark.parametrize(
    ("operation", "parent", "path"),
    [
        (LIST, "", PATH),
        ("subscriptions/resources@2021-04-01", "", f"/subscriptions/{SUB}/resources"),
        ("Microsoft.Storage/storageAccounts@2023-05-01", ACCOUNT, ACCOUNT),
        ("Microsoft.Storage/storageAccounts/blobServices/default@1", ACCOUNT, f"{ACCOUNT}/blobServices/default"),
        (
            "Microsoft.Storage/storageAccounts/blobServices/default@1",
            ACCOUNT.lower(),
            f"{ACCOUNT.lower()}/blobServices/default",
        ),
        (
            "Microsoft.Sql/servers/databases/transparentDataEncryption/current@1",
            f"{GROUP}/Microsoft.Sql/servers/a/databases/b",
            f"{GROUP}/Microsoft.Sql/servers/a/databases/b/transparentDataEncryption/current",
        ),
        (
            "Microsoft.Insights/diagnosticSettings@1",
            ACCOUNT,
            f"{ACCOUNT}/providers/Microsoft.Insights/diagnosticSettings",
        ),
    ],
)
def test_an_operation_is_asked_of_its_parent_or_of_the_subscription(operation: str, parent: str, path: str) -> None:
    arm, source = session(operation, {"value": []})
    arm.get(parent)
    assert source.asked[0][1] == {"path": path, "query": {"api-version": operation.partition("@")[2]}}


def test_every_page_is_read_with_the_pinned_version() -> None:
    other = f"{ARM}{PATH}?api-version=2099-01-01&%24skiptoken=a%2Bb"
    arm, source = session(LIST, [page("a", link=other), page("b", link=link("c")), page("c")])
    assert names(arm) == ["a", "b", "c"]
    assert [asked[1] for asked in source.asked] == [
        {"path": PATH, "query": {"api-version": "2023-05-01"}},
        {"path": PATH, "query": {"$skiptoken": "a+b", "api-version": "2023-05-01"}, "origin": ARM},
        {"path": PATH, "query": {"$skiptoken": "c", "api-version": "2023-05-01"}, "origin": ARM},
    ]


@pytest.mark.parametrize(
    "pages",
    [
        [page("a", link=f"{ARM}{PATH}?api-version=2023-05-01")],
        [page("a", link=f"{ARM}{PATH.lower()}?api-version=2023-05-01")],
        [page("a", link=link("1")), page("b", link=link("1"))],
        [page("a", link=link("1")), page("b", link=link("2")), page("c", link=link("1"))],
    ],
)
def test_a_page_that_leads_back_is_a_gap_after_its_items(pages: list[Any]) -> None:
    arm, source = session(LIST, [*pages, page("never")])
    found: list[str] = []
    with pytest.raises(GapFound) as caught:
        collect(arm, found)
    assert caught.value.gap.cause is Cause.TRUNCATED
    assert found == [item["name"] for one in pages for item in one["value"]]
    assert len(source.asked) == len(pages)


def collect(arm: ArmSession, found: list[str]) -> None:
    for item in arm.items():
        found.append(item["name"])


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": {"a": 1}}, {"value": "a"}])
def test_a_listing_without_a_list_is_malformed(body: Any) -> None:
    arm, _ = session(LIST, body)
    with pytest.raises(GapFound) as caught:
        names(arm)
    assert caught.value.gap.cause is Cause.MALFORMED_REPLY
    assert caught.value.gap.permission == "p"


def test_a_provider_that_is_not_registered_has_nothing_to_list() -> None:
    arm, _ = session(LIST, Answer(absent=UNREGISTERED, status=409))
    assert names(arm) == []


@pytest.mark.parametrize(
    ("parent", "replies"),
    [(ACCOUNT, [Cause.NOT_SUPPORTED]), ("", [page("a", link=link("1")), Cause.NOT_SUPPORTED])],
)
def test_children_and_further_pages_are_never_said_to_be_unregistered(parent: str, replies: list[Any]) -> None:
    asked: list[frozenset[str]] = []

    class Noting(Recorded):
        def fetch(self, operation: str, params: Any, region: str, absent: frozenset[str]) -> Answer:
            asked.append(absent)
            return super().fetch(operation, params, region, absent)

    whole = session_of(ArmSession, Noting({LIST: replies}), place("azure", SUB, "global"))
    arm = whole.bound(LIST, "p", shared=False, record=lambda call, body: None, before=lambda: None)
    with pytest.raises(GapFound):
        names(arm, parent)
    assert asked[-1] == frozenset()


def test_an_absent_object_is_none() -> None:
    arm, _ = session(
        "Microsoft.Storage/storageAccounts/managementPolicies/default@1", Answer(absent="Gone", status=404)
    )
    assert arm.find("Gone Other", ACCOUNT) is None


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (
            "https://h:8/a%20b?x=1&Api-Version=0&y=",
            {"path": "/a b", "query": {"x": "1", "y": ""}, "origin": "https://h:8"},
        ),
        ("/a?x=1", {"path": "/a", "query": {"x": "1"}, "origin": ""}),
        ("//h/a", {"path": "/a", "query": {}, "origin": "://h"}),
    ],
)
def test_a_link_becomes_a_question_that_keeps_where_it_leads(link: str, expected: dict[str, Any]) -> None:
    expected["query"]["api-version"] = "v"
    assert next_page(link, "v") == expected


@pytest.mark.parametrize(
    ("id", "type"),
    [
        (ACCOUNT, "Microsoft.Storage/storageAccounts"),
        (f"{GROUP}/Microsoft.Sql/servers/a/databases/b", "Microsoft.Sql/servers/databases"),
        (f"{ACCOUNT}/providers/Microsoft.Insights/diagnosticSettings/d", "Microsoft.Insights/diagnosticSettings"),
        ("/providers/Microsoft.Management/managementGroups/m", "Microsoft.Management/managementGroups"),
    ],
)
def test_the_type_of_an_id_is_its_last_provider_and_every_other_segment(id: str, type: str) -> None:
    assert type_of(id) == type


def test_a_resource_has_a_lower_cased_id_and_a_plain_region_and_no_tags_where_arm_sends_none() -> None:
    arm, _ = session(LIST, {})
    found = arm.arm_resource(Reply({"id": ACCOUNT, "location": "West Europe", "tags": {"b": "2", "a": "1"}}), "k")
    assert (found.id, found.name, found.region) == (ACCOUNT.lower(), "logs", "westeurope")
    assert found.tags == (("a", "1"), ("b", "2"))
    assert arm.arm_resource(Reply({"id": ACCOUNT}), "k").tags == ()
    assert arm.arm_resource(Reply({"id": ACCOUNT}), "k").region == "global"


def test_an_object_without_properties_reads_as_one_with_none() -> None:
    assert properties(Reply({"properties": None})).get("a") is None
    assert properties(Reply({"properties": {"a": 1}}))["a"] == 1
