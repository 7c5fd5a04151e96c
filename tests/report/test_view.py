"""The view: nothing is judged in it, everything has its denominator, and it does not grow with the run."""

import json
import re
from typing import Any

import msgspec
import pytest

from posture.assess import Assessment
from posture.model import Severity, Store, Verdict
from posture.report import html, jsonreport, terminal
from posture.report.ledger import LeftOutRow, StoreRow, UnreadRow
from posture.report.obstacles import Kind
from posture.report.sample import SHOWN, Missing
from posture.report.statement import CheckView, ClaimView
from posture.report.view import Counts, View, build
from posture.run.directory import Run
from posture.verdict import Tally
from report import campus
from report.conftest import PROFILE, Scan, door, locker


def claim(view: View, statement: str, place: int = 0) -> ClaimView:
    found = next(s for s in view.profiles[0].statements if s.id == statement)
    return found.claims[place]


def words_in_terminal(text: str) -> dict[str, str]:
    label = re.compile(r"^\S (verified|contradicted|partly verified|unknown|not testable) +(C-\d)  ", re.MULTILINE)
    return {id: word.replace(" ", "-") for word, id in label.findall(text)}


def words_in_page(text: str) -> dict[str, str]:
    return dict(re.findall(r'data-statement="([^"]+)" data-verdict="([^"]+)"', text))


def words_in_json(text: str) -> dict[str, str]:
    return {s["id"]: s["verdict"] for s in json.loads(text)["profiles"][0]["statements"]}


def test_all_renderers_say_the_verdicts_of_the_run(run: Run, view: View) -> None:
    assessed = run.read("verdicts.json", Assessment).profiles[0].statements
    expected = {statement.id: str(statement.verdict) for statement in assessed}
    assert set(expected.values()) >= {"contradicted", "partly-verified", "unknown", "not-testable"}
    assert words_in_terminal(terminal.render(view, 80)) == expected
    assert words_in_terminal(terminal.render(view, 200)) == expected
    assert words_in_page(html.render(view)) == expected
    assert words_in_json(jsonreport.render(view)) == expected


def test_counts_have_denominators(view: View) -> None:
    counts = Counts(
        statements=8,
        testable=5,
        verified=0,
        contradicted=3,
        partly_verified=1,
        unknown=1,
        not_testable=3,
        attested=1,
        background=1,
    )
    assert view.profiles[0].counts == counts
    assert sum(counts.of(verdict) for verdict in Verdict) == counts.statements


def test_counts_of_a_claim_are_those_of_the_assessment(run: Run, view: View) -> None:
    assessed = run.read("verdicts.json", Assessment).profiles[0].statements
    for statement, shown in zip(assessed, view.profiles[0].statements, strict=True):
        assert [c.tally for c in shown.claims] == [c.tally for c in statement.claims]
        assert [c.causes for c in shown.claims] == [c.causes for c in statement.claims]
        for shown_claim in shown.claims:
            judged = sum((check.tally for check in shown_claim.checks), Tally(blind=shown_claim.tally.blind))
            assert judged == shown_claim.tally


def test_findings_are_bounded_and_the_worst_come_first(view: View) -> None:
    findings = claim(view, "C-1").findings
    assert len(findings) == SHOWN
    assert [finding.outcome for finding in findings] == ["fail"] * SHOWN
    door_findings = claim(view, "C-3").findings
    assert [finding.outcome for finding in door_findings] == ["fail", "unknown", "unknown", "pass"]


def test_every_failing_check_has_its_turn(scanned: Scan) -> None:
    estate = campus.Estate(
        replies={
            "ListLockers": [locker(f"l-{number:03}", "odd") for number in range(200)],
            "ListDoors": [door("gate", "TLS 1.3")],
        },
        regions=("north",),
    )
    found = claim(build(scanned(estate), campus.registry()), "C-1")
    assert found.tally == Tally(passed=200, unknown=200)
    assert [finding.outcome for finding in found.findings] == ["unknown"] * SHOWN
    assert [check.id for check in found.checks] == ["campus.locker.locked", "campus.locker.sealed"]


def test_a_check_is_shown_with_title_remedy_and_counts(view: View) -> None:
    assert claim(view, "C-3").checks == (
        CheckView(
            id="campus.door.version",
            title="Doors speak TLS 1.2 or newer",
            remedy="Refuse older versions at the door.",
            severity=Severity.CRITICAL,
            tally=Tally(passed=1, failed=1, unknown=2),
        ),
    )


def test_without_a_registry_checks_go_by_their_ids(run: Run) -> None:
    (check,) = claim(build(run, None), "C-3").checks
    assert (check.title, check.remedy) == ("campus.door.version", "")


def test_unknowns_name_cause_and_permission(view: View) -> None:
    assert claim(view, "C-1").missing == (
        Missing(cause="credentials-expired", needs="", count=3),
        Missing(cause="unreachable", needs="", count=3),
        Missing(cause="access-denied", needs="lockers:List", count=2),
        Missing(cause="throttled", needs="shelves:List", count=1),
    )


def test_parameters_and_meaning_are_in_plain_words(view: View) -> None:
    shown = claim(view, "C-3")
    assert shown.meaning == "Every endpoint and listener speaks TLS 1.2 or newer."
    assert dict(shown.parameters) == {"version": "TLS 1.2", "reading": "minimum"}


def test_the_other_reading_is_shown_where_its_verdict_differs(view: View, scanned: Scan) -> None:
    other = claim(view, "C-3").alternative
    assert other is not None
    assert other.verdict == Verdict.PARTLY_VERIFIED
    sound = scanned(campus.Estate(replies={"ListDoors": [door("gate", "TLS 1.3")]}))
    assert claim(build(sound, campus.registry()), "C-3").alternative is None


def test_an_attestation_shows_its_term_and_a_lapsed_one_says_so(view: View) -> None:
    shown = {s.id: [(a.who, a.until, a.lapsed) for a in s.attested] for s in view.profiles[0].statements if s.attested}
    assert shown == {
        "C-6": [("Head of staff", "2027-01-01", False)],
        "C-7": [("Registrar", "2025-01-01", True)],
    }


def test_an_exception_is_named_at_the_finding_and_changes_no_count(view: View) -> None:
    shown = claim(view, "C-1")
    assert [f.resource.name for f in shown.findings if f.exceptions == ("E-1",)] == ["open-00"]
    assert (shown.tally.failed, shown.excepted, shown.verdict) == (25, 1, Verdict.CONTRADICTED)
    assert [(e.id, e.matches, e.expired) for e in view.exceptions] == [("E-1", 2, False), ("E-2", 0, True)]


def unlisted(store: Store, kind: str, region: str) -> StoreRow:
    return StoreRow(store=store, kind=kind, region=region, listed=0, in_scope=0, judged=0, unlisted=True)


def test_stores_are_counted_by_kind_and_region_and_what_was_not_listed_keeps_its_row(view: View) -> None:
    closed = ("east", "regions not known", "south")
    assert view.profiles[0].stores == (
        *(unlisted(Store.FILE, "campus.inventory", region) for region in closed),
        unlisted(Store.OBJECT, "campus.locker", "east"),
        StoreRow(store=Store.OBJECT, kind="campus.locker", region="north", listed=57, in_scope=56, judged=56),
        unlisted(Store.OBJECT, "campus.locker", "regions not known"),
        unlisted(Store.OBJECT, "campus.locker", "south"),
        StoreRow(store=Store.FILE, kind="campus.shelf", region="north", listed=1, in_scope=1, judged=0),
    )


def test_a_kind_that_was_listed_nowhere_keeps_its_row(scanned: Scan) -> None:
    refused = build(scanned(campus.Estate(replies={"ListLockers": "access-denied"})), campus.registry())
    regions = ("north", "south")
    assert refused.profiles[0].stores == tuple(unlisted(Store.OBJECT, "campus.locker", region) for region in regions)
    text = " ".join(terminal.render(refused, 120).split())
    assert "campus.locker ? ? 0 ? not listed in north, south" in text


def test_a_target_that_could_not_be_entered_lists_no_kinds_of_its_own(scanned: Scan) -> None:
    assert build(scanned(campus.Estate(shut=True)), campus.registry()).profiles[0].stores == ()


def test_what_is_left_out_has_its_reason(view: View) -> None:
    row = LeftOutRow(reason="belongs to nobody", count=1, kinds={"campus.locker": 1}, names=("lost-1",))
    assert view.profiles[0].left_out == (row,)


def test_unread_reads_are_grouped_by_permission_and_cause(view: View) -> None:
    assert view.coverage.unread == (
        UnreadRow(
            permission="lockers:List",
            cause="access-denied",
            count=1,
            facts=("Locker",),
            accounts=("4711",),
            regions=("south",),
            detail="access-denied in south",
        ),
        UnreadRow(
            permission="shelves:List",
            cause="throttled",
            count=1,
            facts=("Shelf",),
            accounts=("4711",),
            regions=("south",),
            detail="throttled in south",
        ),
    )


def test_closed_places_are_shown_with_their_cause(view: View) -> None:
    assert [(row.where, row.cause, row.harmless) for row in view.coverage.shut] == [
        ("target-0 4711 west", "region-not-enabled", True),
        ("target-0 4711 east", "unreachable", False),
        ("target-1", "credentials-expired", False),
    ]
    assert [(t.name, t.identity) for t in view.coverage.targets] == [("target-0", "campus/auditor"), ("target-1", "")]


def test_fixes_come_first_by_severity_then_permissions(view: View) -> None:
    assert [(action.kind, action.subject) for action in view.actions] == [
        (Kind.FIX, "campus.door.version"),
        (Kind.FIX, "campus.locker.locked"),
        (Kind.GRANT, "lockers:List"),
        (Kind.RESOLVE, "credentials-expired"),
        (Kind.RESOLVE, "unreachable"),
        (Kind.RESOLVE, "throttled"),
        (Kind.COVER, "campus.shelf"),
        (Kind.UNTESTED, "backups-encrypted"),
        (Kind.ATTEST, "lapsed"),
    ]


def test_findings_of_a_claim_made_twice_count_once(scanned: Scan) -> None:
    again = PROFILE.replace("{version: SSL 2.0}", "{version: TLS 1.2, reading: minimum}")
    estate = campus.Estate(replies={"ListDoors north": [door("gate", "TLS 1.0")]})
    view = build(scanned(estate, profile=again), campus.registry())
    fix = next(action for action in view.actions if action.kind is Kind.FIX)
    assert (fix.count, fix.statements) == (1, ("C-3", "C-4"))


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("C-0", []),
        ("C-1", [Kind.FIX, Kind.GRANT, Kind.RESOLVE, Kind.RESOLVE, Kind.RESOLVE, Kind.COVER]),
        ("C-2", [Kind.FIX, Kind.GRANT, Kind.RESOLVE, Kind.RESOLVE, Kind.RESOLVE, Kind.COVER, Kind.REMAINDER]),
        ("C-4", [Kind.RESOLVE, Kind.RESOLVE]),
        ("C-5", [Kind.UNTESTED]),
        ("C-6", [Kind.UNTESTABLE]),
        ("C-7", [Kind.ATTEST]),
    ],
)
def test_what_stands_between_a_statement_and_verified(view: View, statement: str, kinds: list[Kind]) -> None:
    found = next(s for s in view.profiles[0].statements if s.id == statement)
    assert [obstacle.kind for obstacle in found.between] == kinds


def test_an_empty_estate_has_nothing_to_judge(scanned: Scan) -> None:
    view = build(scanned(campus.Estate()), campus.registry())
    found = next(s for s in view.profiles[0].statements if s.id == "C-3")
    assert (found.verdict, [o.kind for o in found.between]) == (Verdict.UNKNOWN, [Kind.EMPTY])


def test_nothing_stands_before_a_verified_statement(scanned: Scan) -> None:
    view = build(scanned(campus.Estate(replies={"ListDoors": [door("gate", "TLS 1.3")]})), campus.registry())
    found = next(s for s in view.profiles[0].statements if s.id == "C-3")
    assert (found.verdict, found.between) == (Verdict.VERIFIED, ())


def test_statements_of_two_documents_are_told_apart(scanned: Scan) -> None:
    other = PROFILE.replace("id: campus\n", "id: annex\n")
    view = build(scanned(campus.Estate(replies={"ListDoors": "throttled"}), more=(other,)), campus.registry())
    assert [profile.id for profile in view.profiles] == ["campus", "annex"]
    throttled = next(action for action in view.actions if action.kind is Kind.RESOLVE)
    assert throttled.statements == ("campus/C-3", "campus/C-4", "annex/C-3", "annex/C-4")


def test_the_seal_is_that_of_the_run_and_an_unsealed_run_has_none(run: Run, view: View) -> None:
    assert re.fullmatch("[0-9a-f]{64}", view.run.seal)
    assert build(run, None).run.seal == run.seal() == view.run.seal
    (run.folder / "manifest.json").unlink()
    assert build(run, None).run.seal == ""
    assert "NOT SEALED" in terminal.render(build(run, None))


def test_the_view_of_a_run_is_the_same_every_time(run: Run, view: View) -> None:
    assert build(run, campus.registry()) == view


def test_the_view_does_not_grow_with_the_findings(scanned: Scan) -> None:
    def size(lockers: int) -> int:
        rows: list[Any] = [locker(f"l-{number:05}", "open") for number in range(lockers)]
        run = scanned(campus.Estate(replies={"ListLockers": rows}, regions=("north",)))
        return len(msgspec.json.encode(build(run, campus.registry())))

    assert abs(size(2_000) - size(200)) < 200
