"""Files that cannot be used end in one line that names the file and the line, and never in a traceback."""

import time
from pathlib import Path
from typing import Literal

import pytest

from posture import yamlfile
from posture.model import Severity, Value
from posture.yamlfile import FileError


class Part(Value):
    """A part of the file."""

    name: str
    severity: Severity = Severity.LOW
    days: int = 0


class Like(Value):
    """What the file is like."""

    shade: Literal["dark", "light"] = "dark"
    least: int = 0

    def __post_init__(self) -> None:
        if self.least > 1:
            raise ValueError("`least` is too much")


class Whole(Value):
    """The file."""

    title: str
    parts: tuple[Part, ...] = ()
    named: dict[str, Part] = {}
    like: Like | None = None


def failure(text: str | bytes, tmp_path: Path) -> str:
    path = tmp_path / "some.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FileError) as raised:
        yamlfile.load(path, Whole)
    return str(raised.value)


LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ntitle: *c\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "title: x\nparts: !!python/object:os.system {}\n",
            "some.yaml:2: the tag tag:yaml.org,2002:python/object:os.system is not allowed",
        ),
        ("title: !!str x\n", "some.yaml:1: the tag tag:yaml.org,2002:str is not allowed"),
        ("title: !local x\n", "some.yaml:1: the tag !local is not allowed"),
        ("title: &anchor x\n", "some.yaml:1: anchors and aliases are not allowed"),
        ("title: x\nparts: *nothing\n", "some.yaml:2: anchors and aliases are not allowed"),
        (LAUGHS, "some.yaml:1: anchors and aliases are not allowed"),
        (
            "title: x\nparts:\n- {name: a}\n- <<: {name: b}\n",
            "some.yaml:4: could not determine a constructor for the tag 'tag:yaml.org,2002:merge'",
        ),
        ("title: x\ntitle: y\n", "some.yaml:2: the key 'title' stands here twice"),
        ("title: x\nparts:\n- name: a\n  name: b\n", "some.yaml:4: the key 'name' stands here twice"),
        ("title: x\nparts: 5\n", "some.yaml:2: parts: 5: expected `array`, got `int`"),
        ("title: [x]\n", "some.yaml:1: title: ['x']: expected `str`, got `array`"),
        ("title: 5\n", "some.yaml:1: title: 5: expected `str`, got `int`"),
        (
            "title: x\nparts:\n- name: a\n- name: b\n  days: soon\n",
            "some.yaml:5: days: 'soon': expected `int`, got `str`",
        ),
        (
            "title: x\nparts:\n- name: a\n- name: b\n  dais: 3\n",
            "some.yaml:4: unknown key 'dais'; did you mean 'days'?",
        ),
        ("tilte: x\n", "some.yaml:1: unknown key 'tilte'; did you mean 'title'?"),
        ("title: x\nparts:\n- days: 3\n", "some.yaml:3: the key 'name' is missing"),
        (
            "title: x\nparts:\n- name: a\n  severity: hihg\n",
            "some.yaml:4: severity: 'hihg' is not one of the words allowed here; did you mean 'high'?",
        ),
        ("title: x\nnamed:\n  one:\n    name: a\n    days: soon\n", "some.yaml:2: days: expected `int`, got `str`"),
        (
            "title: x\nparts:\n- name: a\n  title: b\n",
            "some.yaml:3: unknown key 'title'; it belongs further out: indent it less",
        ),
        (
            "title: x\nlike: {shade: hihg}\n",
            "some.yaml:2: shade: 'hihg' is not one of the words allowed here; valid are dark",
        ),
        (
            "title: x\nparts:\n- name: a\n  severity: darkk\n",
            "some.yaml:4: severity: 'darkk' is not one of the words allowed here; valid are critical, high, ",
        ),
        ("title: x\nlike: {shade: dark, least: 2}\n", "some.yaml:2: like: `least` is too much"),
        ("title: x\nnamed:\n  one: 5\n", "some.yaml:2: a value here: expected `object`, got `int`"),
        ("- a\n- b\n", "some.yaml:1: the file: ['a', 'b']: expected `object`, got `array`"),
        ("", "some.yaml:1: the file is empty"),
        ("# nothing but a remark\n", "some.yaml:1: the file is empty"),
        ("title: x\n---\ntitle: y\n", "some.yaml:2: but found another document"),
        ("title: 2026-13-45\n", "some.yaml:1: '2026-13-45': month must be in 1..12"),
        ("2026-13-45: x\n", "some.yaml:1: '2026-13-45': month must be in 1..12"),
        ("? [a, b]\n: x\n", "some.yaml:1: unknown key"),
        ("title: x\n  y: z\n", "some.yaml:2: mapping values are not allowed here"),
        ("title: 'open\n", "some.yaml:2: found unexpected end of stream"),
        (
            "title: \x00\n",
            "some.yaml:1: not valid YAML: unacceptable character #x0000: special characters are not allowed",
        ),
        (
            "title: \x1b[2J\n",
            "some.yaml:1: not valid YAML: unacceptable character #x001b: special characters are not allowed",
        ),
        ("\t- x\n", "some.yaml:1: found character '\\t' that cannot start any token"),
    ],
)
def test_an_unusable_file_is_answered_with_one_line(text: str, line: str, tmp_path: Path) -> None:
    message = failure(text, tmp_path)
    assert message.startswith(line)
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "title: " + "[" * 5000 + "]" * 5000,
        "title: " + "{a: " * 5000 + "}" * 5000,
        "".join("  " * depth + "a:\n" for depth in range(200)),
        "- " * 500 + "x",
    ],
)
def test_deep_nesting_is_refused_and_does_not_exhaust_the_stack(text: str, tmp_path: Path) -> None:
    message = failure(text, tmp_path)
    assert message.startswith("some.yaml:")
    assert message.endswith("nested deeper than 40")


def test_a_hundred_megabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    began = time.monotonic()
    with pytest.raises(FileError, match=r"^some\.yaml:1: the file has 100000000 bytes; posture reads at most 500000$"):
        yamlfile.read(path)
    assert time.monotonic() - began < 1


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    message = failure(b"title: \xff\xfe\n", tmp_path)
    assert message == "some.yaml:1: not a text file in UTF-8; posture reads YAML"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"nowhere\.yaml: no such file$"):
        yamlfile.read(tmp_path / "nowhere.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"(?<!:1): cannot be read: "):
        yamlfile.read(tmp_path)


def test_a_good_file_is_typed_and_every_value_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text("\ufefftitle: x\nparts:\n  - name: a\n    severity: high\n", encoding="utf-8")
    assert yamlfile.load(path, Whole) == Whole(title="x", parts=(Part(name="a", severity=Severity.HIGH),))
    loaded = yamlfile.read(path)
    assert loaded.line(("parts", 0, "severity")) == 4
    assert loaded.line(("parts", 0, "absent")) == 3
    assert str(loaded.error(("title",), "wrong")) == "some.yaml:1: wrong"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("tite", "; did you mean 'title'?"),
        ("zzz", "; valid are parts, title"),
    ],
)
def test_a_word_that_is_not_known_gets_a_hint(word: str, hint: str) -> None:
    assert yamlfile.nearest(word, ["title", "parts"]) == hint


def test_many_words_without_a_near_one_are_not_listed() -> None:
    assert yamlfile.nearest("zzz", [f"word{n}" for n in range(20)]) == ""
