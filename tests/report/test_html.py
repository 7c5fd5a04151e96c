"""The page: it stands alone, forbids everything but its own style, and is complete."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib.resources import files

from posture.report import html
from posture.report.view import View, build
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


def test_the_page_is_the_stored_page(view: View) -> None:
    assert agrees_with_page("report.html", html.render(settled(view)))


def test_the_policy_admits_the_style_and_the_script_of_the_page_and_nothing_else(view: View) -> None:
    page = html.render(view)
    marks = []
    for element in ("style", "script"):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        marks.append(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'")
    expected = f"default-src 'none'; style-src {marks[0]}; script-src {marks[1]}; base-uri 'none'; form-action 'none'"
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy.replace("&#39;", "'").replace("&#43;", "+") == expected


def test_the_page_asks_for_nothing_and_runs_one_script_that_holds_nothing_of_the_run(view: View) -> None:
    page = html.render(view)
    outline = Outline(page)
    assert not outline.elements & {"link", "img", "iframe", "object", "form", "base", "input", "button"}
    assert not {name for name in outline.attributes if name.startswith("on") or name == "style"}
    assert all(link.startswith("#") for link in outline.links)
    assert not re.search(r"url\(|@import|https?:|fetch\(|innerHTML|eval\(", page)
    stored = files("posture.report").joinpath("templates", "report.js").read_text(encoding="utf-8")
    assert re.findall(r"<script.*?</script>", page, re.DOTALL) == [f"<script>{stored}</script>"]


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
