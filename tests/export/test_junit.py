"""JUnit: the schema is kept, counts add up, and nothing unknown looks like a pass."""

from collections import Counter
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from lxml import etree

from export.conftest import SCHEMAS
from posture.export import junit
from posture.report.view import View, build
from report import campus
from report.conftest import Scan, locker


def suites(view: View) -> list[Element]:
    text = junit.render(view)
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd"))
    schema.assertValid(etree.fromstring(text.encode()))
    return list(ElementTree.fromstring(text.encode()))


def results(suite: Element) -> dict[str, tuple[str, str]]:
    """Each case with the element that says how it ended, and its type."""
    found = {}
    for case in suite.iter("testcase"):
        ends = list(case)
        assert len(ends) <= 1
        found[case.attrib["name"]] = (ends[0].tag, ends[0].attrib["type"]) if ends else ("", "")
    return found


def test_each_claim_of_each_statement_is_a_case(view: View) -> None:
    (suite,) = suites(view)
    assert results(suite) == {
        "C-0 The title.": ("skipped", "not-testable"),
        "C-1 encrypted-at-rest (algorithm AES-256)": ("failure", "contradicted"),
        "C-2 encrypted-at-rest (algorithm any)": ("failure", "contradicted"),
        "C-2 the rest": ("skipped", "not-testable"),
        "C-3 tls-minimum (reading minimum; version TLS 1.2)": ("failure", "contradicted"),
        "C-4 tls-minimum (reading minimum; version SSL 2.0)": ("error", "partly-verified"),
        "C-5 backups-encrypted": ("error", "unknown"),
        "C-6 Staff are trained every year.": ("skipped", "not-testable"),
        "C-7 The campus is certified.": ("skipped", "not-testable"),
    }


def test_counts_add_up(view: View) -> None:
    for suite in suites(view):
        found = Counter(tag for tag, _ in results(suite).values())
        told = [int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")]
        assert told == [found.total(), found["failure"], found["error"], found["skipped"]]


def test_the_suite_says_the_verdict_of_every_statement(view: View) -> None:
    (suite,) = suites(view)
    told = {row.attrib["name"]: row.attrib["value"] for row in suite.iter("property")}
    for statement in view.profiles[0].statements:
        assert told[f"verdict {statement.id}"] == statement.verdict


def test_who_vouches_for_a_statement_is_said_and_when_that_ended(view: View) -> None:
    (suite,) = suites(view)
    told = {case.attrib["name"]: case[0].attrib["message"] for case in suite.iter("testcase") if len(case)}
    assert "attested by Head of staff until 2027-01-01" in told["C-6 Staff are trained every year."]
    assert "lapsed on 2025-01-01" in told["C-7 The campus is certified."]


EMPTY = """
id: empty
title: Empty
statements:
  - id: E-1
    summary: Lockers are locked, if there are any.
    class: testable
    claims:
      - {claim: encrypted-at-rest, with: {algorithm: any}, empty: acceptable, empty_reason: Nothing is kept.}
DOORS
"""
DOORS = "      - {claim: tls-minimum, with: {version: TLS 1.2}}"
ONE_DOOR = [{"id": "campus:door/1", "name": "one", "oldest": "TLS 1.3"}]


@pytest.mark.parametrize(
    ("more", "doors", "ended"),
    [("", [], ("error", "unknown")), (DOORS, ONE_DOOR, ("skipped", "nothing-to-judge"))],
    ids=["nothing else holds", "something else holds"],
)
def test_nothing_to_judge_is_no_pass(scanned: Scan, more: str, doors: list[object], ended: tuple[str, str]) -> None:
    estate = campus.Estate(replies={"ListLockers": [], "ListShelves": [], "ListDoors north": doors}, regions=("north",))
    view = build(scanned(estate, profile=EMPTY.replace("DOORS", more)), campus.registry())
    (suite,) = suites(view)
    assert results(suite)["E-1 encrypted-at-rest (algorithm any)"] == ended


def test_partly_verified_is_an_error(scanned: Scan) -> None:
    estate = campus.Estate(replies={"ListLockers north": [locker("a")], "ListLockers south": "throttled"})
    view = build(scanned(estate), campus.registry())
    (suite,) = suites(view)
    assert results(suite)["C-2 encrypted-at-rest (algorithm any)"] == ("error", "partly-verified")


def test_only_what_is_verified_passes(scanned: Scan) -> None:
    estate = campus.Estate(replies={"ListLockers north": [locker("a")]}, regions=("north",))
    (suite,) = suites(build(scanned(estate), campus.registry()))
    assert [name for name, (end, _) in results(suite).items() if not end] == [
        "C-1 encrypted-at-rest (algorithm AES-256)",
        "C-2 encrypted-at-rest (algorithm any)",
    ]


def test_characters_that_xml_forbids_do_not_break_it(scanned: Scan) -> None:
    estate = campus.Estate(replies={"ListLockers north": [locker("\x00\ufffe\uffff]]>", "open", "\x0b")]})
    (suite,) = suites(build(scanned(estate), campus.registry()))
    assert "\\x00\\ufffe\\uffff]]>" in "".join(suite.itertext())
