"""posture init: a configuration that loads, from answers or from options, and never over another file."""

import io
import re
from pathlib import Path
from typing import Any

import pytest

from commands import Done, posture, written
from posture.config import ConfigSource, load_config
from posture.registry import installed
from posture.scope import Match
from posture.starter import Start, configuration
from posture.yamlfile import parse

PROVIDERS = installed().providers
TENANT = "11111111-1111-4111-8111-111111111111"
HOSTILE = ['"', "a: b", "{x", "# no comment", "a\nb: c", "\u202e", "'", "\U0001f600", "- a", "\\"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(*arguments: object, answers: str | None = None) -> Done:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(answers or ""))
        return posture("init", *arguments)


def settings(name: str = "posture.yaml") -> dict[str, Any]:
    """What the file that was written sets for each provider, once it has been loaded."""
    loaded = load_config(Path(name), PROVIDERS)
    assert [target.name for target in loaded.targets] == [target.provider for target in loaded.targets]
    return {name: targets[name] for name, targets in loaded.source.targets.items()}


def profiles(name: str = "posture.yaml") -> list[str]:
    return [use.use for use in load_config(Path(name), PROVIDERS).source.profiles]


def held(name: str = "posture.yaml") -> dict[str, Any]:
    return load_config(Path(name), PROVIDERS).source.holds


def test_with_nothing_but_returns_the_file_judges_plain_promises_and_looks_nowhere() -> None:
    done = init(answers="\n\n\n\n\n")
    assert (done.code, done.out) == (0, "")
    assert (profiles(), settings(), held()) == (["baseline"], {}, {})


def test_answers_become_targets() -> None:
    aws = "y\n123456789012\naudit\neu-west-1 us-east-1\n"
    answers = f"coding-rooms proctorio\n{aws}y\n{TENANT}\n\nwww.example.org a.example:8443\ndata=people classroom-*\n"
    done = init(answers=answers)
    assert done.code == 0, done.err
    assert profiles() == ["coding-rooms", "proctorio"]
    assert settings() == {
        "aws": {"account": "123456789012", "profile": "audit", "regions": ["eu-west-1", "us-east-1"]},
        "azure": {"tenant": TENANT},
        "endpoint": {"hosts": ["www.example.org", "a.example:8443"]},
    }
    assert held() == {"people": (Match(tag="data=people"), Match(name="classroom-*"))}


def test_an_answer_that_cannot_be_is_asked_for_again() -> None:
    done = init(answers="base-line\nbaseline\ny\n12\n123456789012\n\n\nn\nx.example:99999\nx.example\n\n")
    assert done.code == 0, done.err
    assert "did you mean 'baseline'?" in done.err
    assert "`account` is an id of twelve digits, not '12'" in done.err
    assert settings() == {"aws": {"account": "123456789012"}, "endpoint": {"hosts": ["x.example"]}}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((), {}),
        (("--aws",), {"aws": {}}),
        (
            ("--aws-account", "123456789012", "--region", "r-1"),
            {"aws": {"account": "123456789012", "regions": ["r-1"]}},
        ),
        (("--aws-profile", "audit", "--azure"), {"aws": {"profile": "audit"}, "azure": {}}),
        (("--tenant", TENANT, "--subscription", "s"), {"azure": {"tenant": TENANT, "subscriptions": ["s"]}}),
        (("--endpoint", "a.example", "--endpoint", "b.example"), {"endpoint": {"hosts": ["a.example", "b.example"]}}),
    ],
)
def test_with_yes_options_say_all_and_nothing_is_asked(arguments: tuple[str, ...], found: dict[str, Any]) -> None:
    done = init("--yes", "-p", "proctorio", *arguments)
    assert done.code == 0, done.err
    assert "?" not in done.err
    assert (profiles(), settings()) == (["proctorio"], found)


def test_a_mark_that_an_option_names_is_kept_and_not_asked() -> None:
    assert init("--yes", "--people", "data=people", "--people", " ").code == 0
    assert held() == {"people": (Match(tag="data=people"),)}
    done = init("--people", "db-?", "-o", "other.yaml", answers="\n\n\n\n")
    assert (done.code, held("other.yaml")) == (0, {"people": (Match(name="db-?"),)})
    assert "Which tag or name" not in done.err


def test_what_an_option_says_is_not_asked() -> None:
    done = init("-p", "baseline", "--aws", answers="n\nwww.example.org\n\n")
    assert done.code == 0, done.err
    assert not re.search("Which documents|AWS account", done.err)
    assert settings() == {"aws": {}, "endpoint": {"hosts": ["www.example.org"]}}


def test_a_file_that_is_there_is_never_touched(folder: Path) -> None:
    mine = written(folder / "posture.yaml", "mine")
    done = init("--yes", "--aws")
    assert (done.code, mine.read_text()) == (2, "mine")
    assert "posture.yaml exists already; name another file with --out" in done.complaint
    assert init("--yes", "--aws", "-o", "other.yaml").code == 0
    assert settings("other.yaml") == {"aws": {}}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-p", "base-line"), "did you mean 'baseline'?"),
        (("--aws-account", "12"), "`account` is an id of twelve digits, not '12'"),
        (("--endpoint", "x.example:99999"), "'x.example:99999' is not a host"),
        (("--region", "eu-west-1"), "--region goes with --aws, --aws-account or --aws-profile"),
    ],
)
def test_an_option_that_cannot_be_leaves_no_file(arguments: tuple[str, ...], told: str, folder: Path) -> None:
    done = init("--yes", *arguments)
    assert done.code == 2
    assert told in done.complaint
    assert not list(folder.iterdir())


def test_who_stops_answering_leaves_no_file(folder: Path) -> None:
    assert init(answers="baseline\ny\n").code == 130
    assert not list(folder.iterdir())


def test_the_commands_that_come_next_work() -> None:
    done = init("--yes", "-p", "coding-rooms", "--aws", "-o", "my posture.yaml")
    assert "posture plan -c 'my posture.yaml'" in done.err
    assert posture("plan", "-c", "my posture.yaml").code == 0


@pytest.mark.parametrize("targets", [{}, {"aws": {}}, {"azure": {}, "endpoint": {"hosts": ["h.example"]}}])
def test_every_example_in_the_comments_loads_once_it_is_none(targets: dict[str, Any], folder: Path) -> None:
    text = configuration(Start(profiles=("baseline",), targets=targets))
    example = re.compile(r"^# ( +\S.*|(scope|holds|targets|exceptions|attestations|limits):.*)$", re.MULTILINE)
    loaded = load_config(written(folder / "c.yaml", example.sub(r"\1", text)), PROVIDERS)
    assert {target.provider for target in loaded.targets} == {"aws", "azure", "endpoint"}
    assert loaded.source.scope.include
    assert loaded.source.scope.exclude
    assert loaded.source.holds["people"] == (Match(tag="data=people"), Match(kind="aws.rds.*", name="classroom-*"))
    assert (loaded.source.exceptions, loaded.source.attestations) == ("exceptions.yaml", "attestations.yaml")


@pytest.mark.parametrize("value", HOSTILE)
def test_whatever_is_typed_stays_a_value(value: str) -> None:
    start = Start(profiles=(value,), targets={"azure": {"tenant": value, "subscriptions": (value,)}}, marks=(value,))
    source = parse(configuration(start), "c.yaml").typed(ConfigSource)
    assert [use.use for use in source.profiles] == [value]
    assert source.targets == {"azure": {"azure": {"tenant": value, "subscriptions": [value]}}}
    assert source.holds == {"people": (Match(name=value),)}
