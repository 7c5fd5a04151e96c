"""What stands for a statement that nobody opened, and what stands between statements and "verified"."""

from posture.report.brief import FOREMOST, foremost, standing, stands
from posture.report.statement import StatementView
from posture.report.view import View


def statement(view: View, id: str) -> StatementView:
    return next(one for one in view.profiles[0].statements if one.id == id)


def test_the_foremost_findings_are_bounded_and_the_others_counted(view: View) -> None:
    shown = statement(view, "C-1")
    found = foremost(shown)
    tally = shown.claims[0].tally
    assert [finding.outcome for finding in found.findings] == ["fail"] * FOREMOST
    assert found.more == tally.failed + tally.unknown - FOREMOST


def test_what_holds_is_not_among_the_foremost(view: View) -> None:
    found = foremost(statement(view, "C-3"))
    assert [finding.outcome for finding in found.findings] == ["fail", "unknown", "unknown"]
    assert found.more == 0


def test_a_statement_without_claims_has_no_foremost_findings(view: View) -> None:
    found = foremost(statement(view, "C-6"))
    assert (found.findings, found.more) == ((), 0)


def test_each_obstacle_of_a_statement_is_told_once_and_the_remainder_apart(view: View) -> None:
    told = stands(statement(view, "C-2"))
    assert len(told) == len(set(told))
    assert not [what for what in told if what.startswith("no scan can see")]


def test_statements_that_the_same_things_keep_open_stand_together(view: View) -> None:
    profile = view.profiles[0]
    groups = standing(profile)
    assert len({(group.verdict, group.what) for group in groups}) == len(groups)
    told = [id for group in groups for _, id in group.statements]
    assert sorted(told) == [one.id for one in profile.statements if one.between]
    for group in groups:
        for number, id in group.statements:
            shown = profile.statements[number - 1]
            assert (shown.id, shown.verdict) == (id, group.verdict)
            assert set(group.what) <= {obstacle.what for obstacle in shown.between}
