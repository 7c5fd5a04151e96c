"""Tracker lists: which rules are kept, which addresses fall under them, and the list that posture brings."""

import gzip
import subprocess
import sys
import time
from pathlib import Path

import pytest

from posture_endpoint.trackerlist.listing import ListUnusable, Match, load, parse_list, unpacked
from posture_endpoint.trackerlist.rules import KINDS, Rule, fits, parse_rule


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ads.example", Rule("ads.example")),
        ("  Ads.Example  # a comment", Rule("ads.example")),
        ("0.0.0.0 ads.example", Rule("ads.example")),
        ("127.0.0.1\tads.example", Rule("ads.example")),
        ("||ads.example^", Rule("ads.example")),
        ("||ads.example^$third-party", Rule("ads.example")),
        ("||ads.example^$3p,important,redirect=noopjs", Rule("ads.example")),
        ("||ads.example^$script,image", Rule("ads.example", "", frozenset({"script", "image"}))),
        ("||ads.example/pixel?id=", Rule("ads.example", "/pixel?id=")),
        ("||ads.example^*/x.js$third-party", Rule("ads.example", "^*/x.js")),
        ("@@||ads.example/good", Rule("ads.example", "/good", frozenset(), True)),
        ("@@||ads.example/good$script", None),
        ("||ads.example^$domain=a.example", None),
        ("||ads.example^$popup", None),
        ("||ads.example^$document", None),
        ("||ads.example^$~third-party", None),
        ("||ads.example^$script,badfilter", None),
        ("||ads.*^", None),
        ("||ads.example", None),
        ("||localhost^", None),
        ("localhost", None),
        ("news.example##.advert", None),
        ("news.example#@#.advert", None),
        ("/banner.js", Rule("", "/banner.js")),
        ("/fbevents.js$third-party", Rule("", "/fbevents.js")),
        ("/banner.js$domain=a.example", None),
        ("/ads/", None),
        ("||ads.example^$third-party,domain=~a.example|~b.*", Rule("ads.example")),
        ("||ads.example^$domain=~a.example|b.example", None),
        ("! ads.example", None),
        ("# ads.example", None),
        ("", None),
        ("|https://ads.example^", None),
    ],
)
def test_a_rule_is_kept_when_it_says_which_addresses_it_is_about(line: str, expected: Rule | None) -> None:
    assert parse_rule(line) == expected
    if expected is not None:
        assert parse_rule(expected.text()) == expected


@pytest.mark.parametrize(
    ("pattern", "rest", "expected"),
    [
        ("", "/", True),
        ("/a", "/abc", True),
        ("/a", "/b/a", False),
        ("/a^", "/a", True),
        ("/a^", "/a/b", True),
        ("/a^", "/ab", False),
        ("/a^", "/a-b", False),
        ("/*/x.js", "/1/2/x.js?v=1", True),
        ("/*/x.js", "/x.js", False),
        ("^*=gtm-", "/gtm.js?id=gtm-1", True),
        ("/a|", "/a", True),
        ("/a|", "/ab", False),
        ("/*.gif|", "/a.gif.gif", True),
        ("/*.gif|", "/a.gif?x", False),
        ("/*a*b*c", "/a-b-c", True),
        ("/*a*b*c", "/c-b-a", False),
        ("/(+)[.", "/(+)[.x", True),
    ],
)
def test_a_pattern_fits_what_follows_the_host(pattern: str, rest: str, expected: bool) -> None:
    assert fits(pattern, rest) is expected


def test_no_pattern_takes_long() -> None:
    start = time.monotonic()
    assert not fits("/" + "*a" * 50 + "*b", "/" + "a" * 8000)
    assert time.monotonic() - start < 1


LIST = parse_list(
    "\n".join(
        [
            "! Title: Small list",
            "! Last modified: 20 Mar 2026 10:16 UTC",
            "||ads.example^",
            "||mixed.example/pixel",
            "||mixed.example/script$script",
            "||deep.mixed.example/script",
            "@@||ads.example/consent",
            "@@||fine.ads.example^",
            "@@||good.example^",
            "/pixel.js",
        ]
    ),
    "small",
)


@pytest.mark.parametrize(
    ("kind", "address", "page", "expected"),
    [
        ("image", "https://ads.example/x", "a.example", Match("ads.example", True)),
        ("image", "https://SUB.ads.example./x", "a.example", Match("ads.example", True)),
        ("image", "https://bads.example/x", "a.example", None),
        ("image", "https://ads.example.org/x", "a.example", None),
        ("image", "https://ads.example/consent?x", "a.example", Match("ads.example", False)),
        ("image", "https://fine.ads.example/x", "a.example", Match("ads.example", False)),
        ("image", "https://good.example/x", "a.example", None),
        ("script", "https://cdn.example/2/Pixel.js?x", "a.example", Match("/pixel.js", False)),
        ("script", "https://good.example/pixel.js", "a.example", Match("/pixel.js", False)),
        ("script", "https://cdn.example/2/pixel.js/x", "a.example", None),
        ("script", "https://a.example/pixel.js", "a.example", None),
        ("script", "https://cdn.a.example/pixel.js", "a.example", None),
        ("image", "https://cdn.ads.example/x", "www.ads.example", None),
        ("image", "https://ads.example/x", "ads.example", None),
        ("image", "https://mixed.example/", "a.example", None),
        ("image", "https://mixed.example/Pixel.gif", "a.example", Match("||mixed.example/pixel", True)),
        ("script", "https://mixed.example/script", "a.example", Match("||mixed.example/script$script", True)),
        ("image", "https://mixed.example/script", "a.example", Match("||mixed.example/script$script", False)),
        ("image", "https://deep.mixed.example/script", "a.example", Match("||deep.mixed.example/script", True)),
        ("image", "https://192.0.2.1/x", "a.example", None),
    ],
)
def test_an_address_is_listed_by_its_host_or_a_domain_above_it(
    kind: str, address: str, page: str, expected: Match | None
) -> None:
    assert LIST.match(kind, address, page) == expected


@pytest.mark.parametrize(
    ("head", "name", "date"),
    [
        ("! Title: One\n! TimeUpdated: 2026-03-20T12:17:08+00:00\n! Title: Other", "One", "2026-03-20"),
        ("# Title: One\n# Date: 2026-03-20\n# TimeUpdated: 2020-01-01", "One", "2026-03-20"),
        ("! Last modified: %timestamp%", "own", ""),
        ("! Last modified: 2026-13-45", "own", ""),
        ("! Last modified: 45 Mar 2026", "own", ""),
        ("", "own", ""),
    ],
)
def test_a_list_says_what_it_is_and_of_what_day(head: str, name: str, date: str) -> None:
    parsed = parse_list(f"{head}\nads.example", "own")
    assert (parsed.name, parsed.date, parsed.rules) == (name, date, 1)


def test_what_is_no_list_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html>404</html>")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"ads.example\n" * 100)[:-12])
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b\x08\x00" + b"x" * 40)
    for name in ("page.html", "bytes", "cut.gz", "broken.gz", "absent"):
        with pytest.raises(ListUnusable):
            load(str(tmp_path / name))


def test_a_list_that_unpacks_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posture_endpoint.trackerlist.listing.MOST_BYTES", 1000)
    assert unpacked(gzip.compress(b"a" * 1000)) == "a" * 1000
    with pytest.raises(ListUnusable, match="longer than 1000 bytes"):
        unpacked(gzip.compress(b"a" * 10_000_000))


def test_a_list_that_changes_is_read_again(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("ads.example\n")
    assert load(str(own)).match("image", "https://ads.example/", "a.example") == Match("ads.example", True)
    time.sleep(0.02)
    own.write_text("other.example\n")
    assert load(str(own)).match("image", "https://ads.example/", "a.example") is None


def test_the_list_that_posture_brings_knows_its_date_and_the_trackers_of_the_world() -> None:
    shipped = load()
    assert shipped.date == "2026-03-20"
    assert shipped.name == "AdGuard Base filter + AdGuard Tracking Protection filter"
    assert shipped.rules > 150_000
    for kind, address in [
        ("script", "https://www.googletagmanager.com/gtag/js?id=G-1"),
        ("script", "https://www.google-analytics.com/analytics.js"),
        ("image", "https://www.facebook.com/tr?id=1&ev=PageView&noscript=1"),
        ("script", "https://static.hotjar.com/c/hotjar-1.js"),
        ("script", "https://securepubads.g.doubleclick.net/tag/js/gpt.js"),
    ]:
        found = shipped.match(kind, address, "www.example.com")
        assert found is not None, address
        assert found.certain, address
    pixel = shipped.match("script", "https://connect.facebook.net/en_US/fbevents.js", "www.example.com")
    assert pixel == Match("/fbevents.js", False)
    for kind, address in [
        ("script", "https://code.jquery.com/jquery.js"),
        ("stylesheet", "https://fonts.googleapis.com/css?family=x"),
        ("subdocument", "https://www.youtube.com/embed/x"),
        ("script", "https://js.stripe.com/v3/"),
        ("image", "https://www.example.com/logo.png"),
    ]:
        assert shipped.match(kind, address, "www.example.com") is None, address


def test_a_list_is_made_from_filter_lists(tmp_path: Path) -> None:
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text(
        "! Title: One\n! Version: 7\n! TimeUpdated: 2026-03-20T12:17:08+00:00\n||b.example^\n||x.b.example^\n"
        "||b.example/path\n||a.example/path$script,third-party\n@@||x.b.example^\nnews.example##.ad\n"
    )
    other.write_text(
        "! Title: Other\n! TimeUpdated: 2026-03-19T12:17:08+00:00\n||c.example^\n||b.example^$third-party\n"
    )
    command = [sys.executable, "-m", "posture_endpoint.trackerlist", str(one), str(other)]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert made.splitlines() == [
        "# Title: One + Other",
        "# Date: 2026-03-19",
        "#",
        "# Title: One",
        "# Version: 7",
        "# TimeUpdated: 2026-03-20T12:17:08+00:00",
        "#",
        "# Title: Other",
        "# TimeUpdated: 2026-03-19T12:17:08+00:00",
        "#",
        "# Kept are the rules about hosts. Made by: python -m posture_endpoint.trackerlist",
        "b.example",
        "c.example",
        "||a.example/path$script",
        "@@||x.b.example^",
    ]
    assert parse_list(made, "made").date == "2026-03-19"


def test_the_kinds_of_elements_are_words_of_the_syntax() -> None:
    assert {"script", "image", "subdocument", "stylesheet"} < KINDS
    assert "form" not in KINDS
