"""The picture of the whole says what the statements and the ledger say."""

import msgspec
import pytest

from posture.model import Store, Verdict
from posture.report import html, picture
from posture.report.ledger import StoreRow
from posture.report.picture import Grid, Reach
from posture.report.view import ProfileView, View


def with_stores(view: View, *rows: tuple[Store, str, int, int]) -> ProfileView:
    """The profile of the view with these stores: type, region, in scope, judged."""
    return msgspec.structs.replace(
        view.profiles[0],
        stores=tuple(
            StoreRow(
                store=store, kind=f"campus.{place}", region=region, listed=scope + 1, in_scope=scope, judged=judged
            )
            for place, (store, region, scope, judged) in enumerate(rows)
        ),
    )


def test_sections_stand_in_the_order_of_the_document_with_their_counts(view: View) -> None:
    found = [(section.title, section.counts, section.told) for section in picture.sections(view.profiles[0])]
    assert found == [
        ("headings", {Verdict.NOT_TESTABLE: 1}, "1 not testable"),
        ("storage", {Verdict.CONTRADICTED: 2}, "2 contradicted"),
        (
            "doors",
            {Verdict.CONTRADICTED: 1, Verdict.PARTLY_VERIFIED: 1},
            "1 contradicted, 1 partly verified",
        ),
        ("copies", {Verdict.UNKNOWN: 1}, "1 unknown"),
        ("people", {Verdict.NOT_TESTABLE: 2}, "2 not testable"),
    ]


def test_the_bars_of_a_section_add_up_to_its_statements(view: View) -> None:
    for section in picture.sections(view.profiles[0]):
        end = 0
        for _, start, length in section.bars:
            assert start == end
            end += length
        assert end == len(section.statements)
        assert end <= picture.widest(picture.sections(view.profiles[0]))


def test_stores_are_summed_by_type_and_region(view: View) -> None:
    profile = with_stores(
        view,
        (Store.DATABASE, "north", 3, 3),
        (Store.DATABASE, "north", 2, 1),
        (Store.OBJECT, "south", 5, 5),
        (Store.OBJECT, "north", 0, 0),
    )
    assert picture.grid(profile) == Grid(
        regions=("north", "south"),
        rows=(
            (str(Store.DATABASE), (Reach(in_scope=5, judged=4), None)),
            (str(Store.OBJECT), (None, Reach(in_scope=5, judged=5))),
        ),
    )


def test_regions_with_few_stores_share_a_column(view: View) -> None:
    profile = with_stores(view, *((Store.DATABASE, f"region-{place}", 9 - place, 1) for place in range(8)))
    found = picture.grid(profile)
    assert found.regions == (*(f"region-{place}" for place in range(6)), picture.ELSEWHERE)
    assert found.rows == (
        (
            str(Store.DATABASE),
            (*(Reach(in_scope=9 - place, judged=1) for place in range(6)), Reach(in_scope=5, judged=2)),
        ),
    )


@pytest.mark.parametrize(("judged", "shown"), [(2, "? 2 of 5"), (5, "5 of 5")])
def test_a_type_that_was_not_judged_whole_is_marked(view: View, judged: int, shown: str) -> None:
    profile = with_stores(view, (Store.DATABASE, "north", 5, judged))
    page = html.render(msgspec.structs.replace(view, profiles=(profile,)))
    cell = page.split("Stores judged, of those in scope", 1)[1].split("</table>", 1)[0]
    assert shown in cell
    assert ("?" in cell) is (judged < 5)
    assert "there may be more" not in page


def test_a_kind_that_was_not_listed_shows_in_the_cell_of_its_type(view: View) -> None:
    listed = StoreRow(store=Store.SNAPSHOT, kind="campus.a", region="north", listed=7, in_scope=7, judged=7)
    refused = [
        StoreRow(store=Store.SNAPSHOT, kind="campus.b", region=region, listed=0, in_scope=0, judged=0, unlisted=True)
        for region in ("north", "south")
    ]
    profile = msgspec.structs.replace(view.profiles[0], stores=(listed, *refused))
    (row,) = picture.grid(profile).rows
    assert [cell.told for cell in row[1] if cell is not None] == ["7 of 7 + ?", "? not listed"]
    page = html.render(msgspec.structs.replace(view, profiles=(profile,)))
    cells, _, after = page.split("Stores judged, of those in scope", 1)[1].partition("</table>")
    assert '<span class="unknown">7 of 7 + ?</span>' in cells
    assert '<span class="unknown">? not listed</span>' in cells
    assert after.partition("<section")[0].count("so there may be more") == 1


def test_without_a_store_in_scope_the_page_says_so(view: View) -> None:
    page = html.render(msgspec.structs.replace(view, profiles=(with_stores(view),)))
    assert "No store of the document’s scope was listed." in page
