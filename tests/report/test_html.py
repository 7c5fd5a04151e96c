"""The page: it stands alone, forbids everything but its own style, and is complete."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib.resources import files

import msgspec

from posture.export.entries import entries
from posture.export.pagedata import catalogue
from posture.model import Verdict
from posture.report import html
from posture.report.view import View, build
from posture.run.directory import Run
from posture.scope import Match
from report import campus
from report.conftest import PROFILE, Scan, agrees_with_page, settled

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Outline(HTMLParser):
    """Elements left open, ids, and the links between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_the_stored_page(view: View, run: Run) -> None:
    assert agrees_with_page("report.html", html.render(settled(view), catalogue(view, entries(run))))


def test_the_policy_admits_the_style_and_the_script_of_the_page_and_nothing_else(view: View) -> None:
    page = html.render(view)
    marks = []
    for element in ("style", "script"):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        marks.append(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'")
    expected = f"default-src 'none'; style-src {marks[0]}; script-src {marks[1]}; base-uri 'none'; form-action 'none'"
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy.replace("&#39;", "'").replace("&#43;", "+") == expected


def test_the_page_asks_for_nothing_and_runs_one_script_that_holds_nothing_of_the_run(view: View, run: Run) -> None:
    listed = catalogue(view, entries(run))
    page = html.render(view, listed)
    outline = Outline(page)
    assert not outline.elements & {"link", "img", "iframe", "object", "form", "base", "input", "button"}
    assert not {name for name in outline.attributes if name.startswith("on") or name == "style"}
    assert all(link.startswith("#") for link in outline.links)
    assert not re.search(r"url\(|@import|https?:|fetch\(|innerHTML|eval\(", page)
    stored = "".join(
        files("posture.report").joinpath("templates", name).read_text(encoding="utf-8")
        for name in ("findings.js", "report.js")
    )
    assert re.findall(r"<script.*?</script>", page, re.DOTALL) == [
        f'<script type="application/json" id="catalogue">{listed.data}</script>',
        f"<script>{stored}</script>",
    ]


def test_printed_sheets_name_the_run_and_its_instant(view: View) -> None:
    shown = html.render(settled(view))
    unsealed = html.render(msgspec.structs.replace(view, run=msgspec.structs.replace(view.run, seal="")))
    assert '@top-right { content: "run 5ea15ea15ea15ea1 · 2026-11-24 12:00 UTC"; }' in shown
    assert '@top-right { content: "a run without seal · 2026-11-24 12:00 UTC"; }' in unsealed


def test_the_key_explains_every_verdict(view: View) -> None:
    assert set(html.MEANINGS) == set(Verdict)
    page = html.render(view)
    assert all(meaning in page for meaning in html.MEANINGS.values())


def test_on_paper_a_closed_statement_shows_reading_obstacles_and_first_findings(view: View) -> None:
    article = re.search(r'<article[^>]*data-statement="C-1".*?</article>', html.render(view), re.DOTALL)
    assert article is not None
    short = " ".join(re.sub(r"<[^>]*>", "", article[0].partition('<div class="paper">')[2]).split())
    assert short.startswith("“everything” is read as: Every locker. Between it and “verified”: 25 findings against: ")
    assert short.count("✘ breaks it: ") == 3
    assert short.endswith("more in the run")


def test_the_page_says_where_all_findings_are(view: View, run: Run) -> None:
    bare, whole = html.render(view), html.render(view, catalogue(view, entries(run)))
    bounded = html.render(view, catalogue(view, entries(run), room=5))
    for page in (bare, whole, bounded):
        assert f"The run holds {view.run.findings:,} findings." in page
        assert "posture report RUN -f csv" in page
    assert "data-held" not in bare.partition("<script>")[0]
    assert f'id="findings" data-held="{view.run.findings}"' in whole
    assert ["lists the gravest 5:" in page for page in (bare, whole, bounded)] == [False, False, True]


def test_a_claim_about_one_class_of_data_says_which_stores_hold_it(scanned: Scan) -> None:
    asked = "claims: [{claim: encrypted-at-rest, with: {algorithm: any}, data: coats}]"
    profile = PROFILE.replace("claims: [{claim: encrypted-at-rest, with: {algorithm: any}}]", asked)
    held = {"coats": (Match(name="locker-*"),)}
    shown = build(scanned(campus.Estate(), profile=profile, holds=held), campus.registry())
    page = html.render(shown)
    assert "encrypted at rest of <bdi>coats</bdi>" in page
    assert "0 stores hold coats" in page


def test_elements_are_closed_and_every_link_leads_somewhere(view: View, scanned: Scan) -> None:
    other = PROFILE.replace("id: campus\n", "id: annex\n")
    both = build(scanned(campus.Estate(replies={"ListDoors": "throttled"}), more=(other,)), campus.registry())
    for shown in (view, both):
        outline = Outline(html.render(shown))
        assert outline.open == []
        assert len(outline.ids) == len(set(outline.ids))
        assert {link[1:] for link in outline.links} <= set(outline.ids)


def test_only_https_addresses_become_links(scanned: Scan) -> None:
    for url, linked in (("https://example.org/privacy", True), ("javascript:alert(1)", False)):
        profile = PROFILE.replace("dated: May 2026", f'dated: May 2026, url: "{url}"')
        page = html.render(build(scanned(campus.Estate(), profile=profile), campus.registry()))
        assert (url in Outline(page).links) is linked


def test_a_verdict_is_never_shown_by_colour_alone(view: View) -> None:
    page = html.render(view)
    for statement in view.profiles[0].statements:
        article = re.search(rf'<article[^>]*data-statement="{statement.id}".*?</article>', page, re.DOTALL)
        assert article is not None
        assert f"</span> {statement.verdict.replace('-', ' ')}</span>" in article[0]


def test_the_page_of_a_run_without_sign_in_says_so(scanned: Scan) -> None:
    page = html.render(build(scanned(campus.Estate(shut=True)), campus.registry()))
    assert "could not sign in" in page
    assert 'data-verdict="verified"' not in page
