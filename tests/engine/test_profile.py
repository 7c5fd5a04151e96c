"""Profiles: statements, readings and claims are typed, and what is wrong is named with its line."""

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from posture.claims import HostedIn, TlsMinimum, TlsVersion
from posture.profile import from_data, load_profile, to_data
from posture.yamlfile import FileError

GOOD = """\
id: page
title: A page
document: {title: T, vendor: V}
statements:
- id: S-1
  summary: It speaks TLS 1.2.
  class: testable
  anchors:
  - locator: p. 1
    sha256: SHA
  claims:
  - claim: tls-minimum
    with: {version: TLS 1.2}
    alternative: {reading: supported}
- id: S-2
  summary: It is hosted in the north.
  class: partly-testable
  remainder: Where its makers sit.
  anchors: [{locator: p. 2, sha256: SHA}]
  claims:
  - claim: hosted-in
    with: {regions: [north]}
    reading: {words: w, meaning: m, author: a, date: 2026-11-24, reason: r}
  - claim: tls-minimum
""".replace("SHA", "0123456789abcdef" * 4)


def profile_of(text: str, tmp_path: Path) -> Path:
    path = tmp_path / "page.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_is_typed_and_its_claims_stand_once(tmp_path: Path) -> None:
    profile = load_profile(profile_of(GOOD, tmp_path))
    assert profile.claims() == [
        TlsMinimum(version=TlsVersion.TLS12),
        TlsMinimum(version=TlsVersion.TLS12, reading="supported"),
        HostedIn(regions=("north",)),
    ]
    assert [(statement.id, statement.line) for statement in profile.statements] == [("S-1", 5), ("S-2", 15)]
    reading = profile.statements[1].asserted[0].use.reading
    assert reading is not None
    assert reading.date == date(2026, 11, 24)


def test_a_profile_comes_back_from_a_run_as_it_was(tmp_path: Path) -> None:
    profile = load_profile(profile_of(GOOD, tmp_path))
    again = from_data(msgspec.json.decode(msgspec.json.encode(to_data(profile))), profile.file)
    assert again.claims() == profile.claims()
    assert again.source == profile.source


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "claim: hosted-in",
            "claim: hosted-inn",
            "page.yaml:21: there is no claim 'hosted-inn'; did you mean 'hosted-in'",
        ),
        (
            "TLS 1.2}",
            "TLS 9}",
            "page.yaml:13: version: 'TLS 9' is not one of the words allowed here; did you mean 'TLS 1",
        ),
        (
            "reading: supported",
            "reading: perhaps",
            "page.yaml:14: reading: 'perhaps' is not one of the words allowed here",
        ),
        ("{regions: [north]}", "{region: [north]}", "page.yaml:22: unknown key 'region'; did you mean 'regions'?"),
        ("{regions: [north]}", "{}", "page.yaml:22: the key 'regions' is missing"),
        ("{regions: [north]}", "{regions: north}", "page.yaml:22: regions: 'north': expected `array`, got `str`"),
        ("id: S-2", "id: S-1", "page.yaml:15: the statement id 'S-1' stands here twice"),
        (
            "  remainder: Where its makers sit.\n",
            "",
            "page.yaml:15: S-2: a partly testable statement says in `remainder`",
        ),
        ("class: testable", "class: organisational", "page.yaml:5: S-1: class organisational makes no claims"),
        ("class: testable", "class: vague", "page.yaml:5: S-1: a vague statement makes claims only under a written"),
        (
            "class: testable",
            "class: testabel",
            "page.yaml:7: class: 'testabel' is not one of the words allowed here; did",
        ),
        ("    sha256: 0123", "    sha256: X123", "page.yaml:10: 'X123456789abcdef"),
        ("  anchors: [{locator", "  anchor: [{locator", "page.yaml:15: unknown key 'anchor'; did you mean 'anchors'"),
        (
            "- claim: tls-minimum\n    with",
            "- claim: tls-minimum\n    empty: acceptable\n    with",
            "page.yaml:13: `empty: acceptable` needs an `empty_reason`",
        ),
        ("date: 2026-11-24", "date: yesterday", "page.yaml:23: date: 'yesterday': "),
        ("title: A page", "titel: A page", "page.yaml:2: unknown key 'titel'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in GOOD
    with pytest.raises(FileError) as raised:
        load_profile(profile_of(GOOD.replace(old, new, 1), tmp_path))
    expected = message if "unknown key" not in message else re.sub(r"^page\.yaml:\d+: ", "", message)
    assert expected in str(raised.value)
    assert str(raised.value).startswith("page.yaml:")
    assert len(str(raised.value).splitlines()) == 1


def test_a_testable_statement_makes_a_claim(tmp_path: Path) -> None:
    text = "id: p\ntitle: t\nstatements:\n- id: S\n  summary: s\n  class: testable\n"
    with pytest.raises(FileError, match=r"page\.yaml:4: S: class testable needs at least one claim"):
        load_profile(profile_of(text, tmp_path))


def test_a_statement_of_a_document_has_an_anchor(tmp_path: Path) -> None:
    text = "id: p\ntitle: t\ndocument: {title: t, vendor: v}\nstatements:\n- {id: S, summary: s, class: background}\n"
    with pytest.raises(FileError, match=r"page\.yaml:5: S: a statement of a document needs at least one anchor"):
        load_profile(profile_of(text, tmp_path))
