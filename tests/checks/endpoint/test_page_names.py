"""What is read of a page's markup: every address that it names, whatever the markup looks like, and in bounded time."""

import json
import random
import time

import pytest

from posture_endpoint._probes.markup import tags
from posture_endpoint._probes.page_names import MOST_ADDRESSES, read_names
from posture_endpoint._probes.page_report import describe

URL = "https://www.a.example/dir/page"


def named(page: str) -> list[tuple[str, str, str]]:
    return [(one.element, one.kind, one.address) for one in read_names(page, URL).named]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<script src="HTTP://S.Example/a.js?x=1">', ("script", "script", "http://s.example/a.js?x=1")),
        ("<SCRIPT\nSRC = //s.example/a.js ></SCRIPT>", ("script", "script", "https://s.example/a.js")),
        ("<img src='b.png'/>", ("img", "image", "https://www.a.example/dir/b.png")),
        ("<img/src=/b.png>", ("img", "image", "https://www.a.example/b.png")),
        ('<img alt="a > b" src="/b.png">', ("img", "image", "https://www.a.example/b.png")),
        ('<img src="/b.png" src="/c.png">', ("img", "image", "https://www.a.example/b.png")),
        ('<img src="&#47;b&amp;c">', ("img", "image", "https://www.a.example/b&c")),
        ('<img src=" ht\ntp:\\\\b.example\\c ">', ("img", "image", "http://b.example/c")),
        ('<img src="https://exa%6dple.org:444/">', ("img", "image", "https://example.org:444/")),
        ('<img src="https://bücher.example/">', ("img", "image", "https://xn--bcher-kva.example/")),
        ('<img src="https://[2001:DB8::1]/x">', ("img", "image", "https://[2001:db8::1]/x")),
        ("<iframe src=/f></iframe>", ("iframe", "subdocument", "https://www.a.example/f")),
        ('<iframe srcdoc="&lt;img src=//b.example/&gt;">', ("iframe", "image", "https://b.example/")),
        ("<video poster=/p>", ("video", "image", "https://www.a.example/p")),
        ("<source src=/s>", ("source", "media", "https://www.a.example/s")),
        ("<audio src=/s>", ("audio", "media", "https://www.a.example/s")),
        ("<object data=/o>", ("object", "object", "https://www.a.example/o")),
        ("<embed src=/e>", ("embed", "object", "https://www.a.example/e")),
        ("<link rel='x STYLESHEET' href=/l>", ("link", "stylesheet", "https://www.a.example/l")),
        ("<link rel=preconnect href=//b.example>", ("link", "hint", "https://b.example")),
        ("<link rel=preload as=font href=/f>", ("link", "font", "https://www.a.example/f")),
        ("<form action=http://f.example/>", ("form", "form", "http://f.example/")),
        ("<button formaction=/f>", ("button", "form", "https://www.a.example/f")),
        ("<a href=/x ping=/p>", ("a", "ping", "https://www.a.example/p")),
        ("<noscript><img src=//b.example/t.gif></noscript>", ("img", "image", "https://b.example/t.gif")),
        ("<style>@import 'http://b.example/a.css'</style>", ("style", "stylesheet", "http://b.example/a.css")),
        ("<p style='background: url( \"/u\" )'>", ("p", "image", "https://www.a.example/u")),
        ("<svg><use xlink:href=//b.example/i.svg#x>", ("use", "image", "https://b.example/i.svg")),
        ("<script>u = 'https:\\/\\/t.example\\/b.js'</script>", ("script", "text", "https://t.example/b.js")),
        ("<template><img src=//t.example/b></template>", ("template", "text", "https://t.example/b")),
        ("<body background=/b>", ("body", "image", "https://www.a.example/b")),
        ("<img src=ws://b.example/x>", ("img", "image", "ws://b.example/x")),
        ("<!--><img src=/b>", ("img", "image", "https://www.a.example/b")),
        ("<!-- x --!><img src=/b>", ("img", "image", "https://www.a.example/b")),
        ("<script><img src=/c></scripty></script ><img src=/b>", ("img", "image", "https://www.a.example/b")),
        ("</p title='>'><img src=/b>", ("img", "image", "https://www.a.example/b")),
        ("<base href=https://c.example/x/><img src=b>", ("img", "image", "https://c.example/x/b")),
        ("<img src=http:b.example/x>", ("img", "image", "http://b.example/x")),
        ("<img src=http:/b.example/x>", ("img", "image", "http://b.example/x")),
        ("<img src=HTTP:\\\\\\b.example/x>", ("img", "image", "http://b.example/x")),
        ("<img src=https:/x>", ("img", "image", "https://www.a.example/x")),
        ("<img src=https:x>", ("img", "image", "https://www.a.example/dir/x")),
        ("<img src=////b.example/x>", ("img", "image", "https://b.example/x")),
        ("<img src=//\U0001fae0.example/x>", ("img", "image", "https://xn--129h.example/x")),
        ("<script type=' Text/JavaScript ' src=/b></script>", ("script", "script", "https://www.a.example/b")),
        ("<script type=text/plain src=//t.example/b></script>", ("script", "text", "https://t.example/b")),
        ("<p onclick=\"fetch('//t.example/b')\">", ("p", "text", "https://t.example/b")),
        (
            "<div><template shadowrootmode=OPEN><img src=//b.example/></template>",
            ("img", "image", "https://b.example/"),
        ),
        ("<style>/* ' */ a{background:url(/u)} /* ' */</style>", ("style", "image", "https://www.a.example/u")),
        ("<base><base href=//c.example/><base href=//d.example/><img src=b>", ("img", "image", "https://c.example/b")),
    ],
)
def test_an_element_names_an_address(page: str, expected: tuple[str, str, str]) -> None:
    assert named(page) == [expected]


@pytest.mark.parametrize(
    "page",
    [
        "<a href=http://b.example/>",
        "<link rel=canonical href=http://b.example/>",
        "<meta property=og:image content=http://b.example/>",
        "<!-- <img src=http://b.example/> -->",
        "<textarea><img src=http://b.example/></textarea>",
        "<title><img src=http://b.example/></title>",
        "<script>'<img src=x>'</script>",
        '<script type=\'application/ld+json\'>{"@context": "http://schema.example"}</script>',
        "<img src='data:image/png;base64,AAAA'>",
        "<img src=javascript:x>",
        "<img src=about:blank>",
        "<img src='http://[bad/'>",
        "<img src='https://a..b/'>",
        "<img src=''>",
        "<img src=ftp://b.example/>",
        "<img src='/never closed",
        "<img src=/never-closed",
        "< img src=/b>",
        "&lt;img src=/b&gt;",
        "<img src='https://b.example/" + "a" * 9000 + "'>",
        "<style>/* a{background:url(http://b.example/)} */</style>",
        "<style>/* a{background:url(http://b.example/)}</style>",
        "<style>@namespace svg url(http://www.w3.org/2000/svg);</style>",
        "<style>a:before{content:'url(http://b.example/)'}</style>",
        "<template shadowrootmode=other><img src=/b></template>",
    ],
)
def test_what_is_not_loaded_is_not_named(page: str) -> None:
    assert named(page) == []


def test_a_srcset_names_all_its_candidates() -> None:
    page = "<img srcset='a.png 1x, https://i.example/b,c.png 2x,d.png, ,e.png,'>"
    assert [address for _, _, address in named(page)] == [
        "https://www.a.example/dir/a.png",
        "https://i.example/b,c.png",
        "https://www.a.example/dir/d.png",
        "https://www.a.example/dir/e.png",
    ]


def test_policies_in_the_page_are_read() -> None:
    page = (
        "<META http-equiv=' Content-Security-Policy' content=\"script-src 'self'\"><meta http-equiv=refresh content=0>"
    )
    assert read_names(page, URL).policies == ("script-src 'self'",)


@pytest.mark.parametrize(
    ("before", "counts"),
    [
        ("<!DOCTYPE html><html><head><title>x</title><link rel=icon href=/i>", True),
        ("<script>x</script><style>y</style></head>", True),
        ("<body>", False),
        ("<p>x</p>", False),
        ("<template>", False),
        ("<!--", False),
    ],
)
def test_a_policy_counts_in_the_head_alone(before: str, counts: bool) -> None:
    page = f"{before}<meta http-equiv=Content-Security-Policy content='upgrade-insecure-requests'>"
    assert read_names(page, URL).policies == (("upgrade-insecure-requests",) if counts else ())


@pytest.mark.parametrize(
    ("page", "complete"),
    [
        ("<img src='http://b.example/" + "a" * 9000 + "'>", False),
        ("<base href='http://b.example/" + "a" * 9000 + "'>", False),
        ("<img src='data:" + "a" * 9000 + "'>", True),
        ("<img src='/b" + " " * 9000 + "'>", True),
        ("<script>'//b.example/" + "a" * 9000 + "'</script>", True),
    ],
)
def test_an_address_that_is_too_long_to_be_looked_at_is_told(page: str, complete: bool) -> None:
    assert read_names(page, URL).complete is complete


def test_a_page_with_too_many_addresses_is_not_complete() -> None:
    few = read_names("<img src=x>" * MOST_ADDRESSES, URL)
    many = read_names("".join(f"<img src={number}>" for number in range(MOST_ADDRESSES + 1)), URL)
    assert (few.complete, len(few.named)) == (True, 1)
    assert (many.complete, len(many.named)) == (False, MOST_ADDRESSES)


@pytest.mark.parametrize(
    "page",
    [
        "<" * 500_000,
        "<a " * 150_000,
        '<a b="' * 80_000,
        "<!--" * 120_000,
        "<script>" * 60_000,
        "<script>" + "</scrip" * 60_000,
        "<a =" + "=" * 500_000,
        "<a" + " " * 500_000,
        "<a b" + " =" * 250_000,
        '<img srcset="' + "a," * 250_000 + '">',
        '<img srcset="' + ", " * 250_000 + '">',
        "<script>" + "//a." * 120_000,
        "<script>//" + "a." * 250_000,
        "<style>" + "url( " * 100_000,
        "<style>" + '@import "' * 50_000,
        "<style>@import" + " " * 500_000,
        "<style>" + "/*" * 250_000,
        "<style>" + "@namespace" * 50_000,
        "<style>" + "\"\n'\n" * 120_000,
        "<style>" + "\"'" * 250_000,
        "<img src='" + "/" * 500_000 + "'>",
        '<a b="' + "&amp" * 120_000 + '">',
        "<img src=x>" * 45_000,
        "<iframe srcdoc='" + "<iframe srcdoc=x>" * 25_000 + "'>",
        "\u0130<SCRIPT>" * 50_000,
        "\x00" * 500_000,
    ],
)
def test_a_hostile_page_costs_time_by_its_length(page: str) -> None:
    start = time.monotonic()
    read_names(page, URL)
    assert time.monotonic() - start < 4


def test_names_of_any_case_and_letters_that_change_their_length_hide_nothing() -> None:
    assert [tag.name for tag in tags("\u0130<SCRIPT>x</sCrIpT\t><IMG>")] == ["script", "img"]


def test_a_report_has_hosts_and_rules_and_neither_queries_nor_content() -> None:
    page = (
        "secret words <img src='http://b.example/p;session=secret?user=secret'><script>secret='//t.example/secret'</script>"
        "<link rel=icon href=/own><form action=https://f.example/?secret>"
    )
    report = describe(
        page, URL, lambda kind, address, host: ("rule", kind != "form") if "example/" in address else None
    )
    assert report == {
        "complete": True,
        "hosts": ["b.example", "f.example"],
        "hosts_count": 2,
        "insecure": ["img http://b.example/p"],
        "insecure_count": 1,
        "policies": [],
        "listed": [{"host": "b.example", "rule": "rule"}, {"host": "www.a.example", "rule": "rule"}],
        "doubtful": [{"host": "f.example", "rule": "rule"}, {"host": "t.example", "rule": "rule"}],
    }
    assert "secret" not in json.dumps(report)


PIECES = [
    "<", ">", "<!--", "-->", "<script ", "</script>", "<style>", "</style>", "<img src=", "<base href=",
    "<link rel=icon href=", "<iframe srcdoc='", "'", '"', "=", " ", "\n", "\x00", "//a.example/x",
    "http://", "https://[", "]", ":99999", "%", "\\",
    "&#x3c;", "&amp", "url(", ")", "@import '", ",", " 2x", "\u0130", "\ud800", "é", "srcset=", "/", "javascript:",
    "ws://b.example",
    "<meta http-equiv=content-security-policy content=", "<template>", "<a ping=", "a.b.c", "?x#y", ";",
]  # fmt: skip


def test_no_markup_makes_the_reading_fail() -> None:
    chance = random.Random(20261125)
    for _ in range(4000):
        page = "".join(chance.choices(PIECES, k=chance.randint(1, 30)))
        for one in read_names(page, URL).named:
            assert one.address.startswith(("http://", "https://", "ws://", "wss://"))
            assert one.host
        json.dumps(describe(page, URL, lambda kind, address, host: None))
