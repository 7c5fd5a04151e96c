"""The table: every statement has a row, every verdict is the assessment's, and no cell is computed."""

import csv
import io

import pytest

from export.conftest import statement
from posture.export import csvrows
from posture.export.entries import entries
from posture.report.view import View
from posture.run.directory import Run


def table(run: Run, view: View) -> list[dict[str, str]]:
    text = "".join(csvrows.lines(view, entries(run)))
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_the_header_names_the_columns_and_every_row_has_them_all(run: Run, view: View) -> None:
    text = "".join(csvrows.lines(view, entries(run)))
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert tuple(found[0]) == csvrows.COLUMNS
    assert {len(row) for row in found} == {len(csvrows.COLUMNS)}
    assert text.count("\r\n") == len(found) == text.count("\n")


def test_there_is_a_row_for_each_finding_and_statement_that_it_bears_on(run: Run, view: View) -> None:
    found = [(row["finding"], row["statement"], row["reading"]) for row in table(run, view) if row["finding"]]
    wanted = [
        (entry.finding.id, bearing.statement.id, "adopted" if bearing.adopted else "other")
        for entry in entries(run)
        for bearing in entry.bearings
    ]
    assert found == wanted
    assert len(set(found)) == len(found)


def test_every_statement_has_a_row_with_its_verdict(run: Run, view: View) -> None:
    found = {(row["profile"], row["statement"]): row["statement_verdict"] for row in table(run, view)}
    assert found == {(p.id, s.id): s.verdict for p in view.profiles for s in p.statements}


def test_a_claim_that_nothing_bears_on_has_a_row_without_a_finding(run: Run, view: View) -> None:
    (row,) = [row for row in table(run, view) if row["statement"] == "C-5"]
    assert (row["claim"], row["claim_verdict"], row["finding"], row["outcome"]) == (
        "backups-encrypted",
        "unknown",
        "",
        "",
    )
    assert statement(view, "C-5").verdict == row["statement_verdict"]


def test_an_unknown_is_an_unknown(run: Run, view: View) -> None:
    causes = {(row["cause"], row["outcome"]) for row in table(run, view) if row["cause"]}
    assert {outcome for _, outcome in causes} == {"unknown"}
    assert "access-denied" in {cause for cause, _ in causes}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("", ""),
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\\t=1"),
        ("\r=1", "'\\r=1"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("a\nb", "a\\nb"),
        ('say "x", y', 'say "x", y'),
        ("\u202efdp", "\\u202efdp"),
    ],
)
def test_no_cell_is_computed(text: str, cell: str) -> None:
    assert csvrows.guarded(text) == cell
