"""posture scan as people and programs meet it: output, progress, hints, and the ways to sign in."""

import json
import os
import pty
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import click
import pytest

from commands import (
    AWS_ENVIRONMENT,
    ENDPOINTS,
    PROGRAM,
    VOLUMES,
    aws_settings,
    azure_environment,
    azure_settings,
    clean,
    configuration,
    endpoint_settings,
    files,
    posture,
    process,
    written,
)
from posture.cli import app
from posture.run.directory import Run
from posture_estates.arm import ArmServer
from posture_estates.aws import AwsServer
from posture_estates.endpoints.lab import EndpointLab

ROLE = "arn:aws:iam::123456789012:role/"


@pytest.fixture
def endpoints(tmp_path: Path) -> Path:
    return written(tmp_path / "endpoints.yaml", ENDPOINTS)


@pytest.fixture
def config(tmp_path: Path, lab: EndpointLab, endpoints: Path) -> Path:
    """One endpoint that is good, one that is not, one that refuses."""
    targets = {"web": endpoint_settings(lab, "good", "weak", "refused")}
    return configuration(tmp_path / "posture.yaml", targets, [endpoints])


def on_a_terminal(*arguments: object, columns: int = 80, **environment: str) -> tuple[int, str]:
    """Exit code and everything that a terminal of so many columns got to see."""
    mine, theirs = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    env = clean({"TERM": "xterm", "COLUMNS": str(columns), **environment})
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env) as started:
        os.close(theirs)
        seen = b"".join(chunks(mine))
    os.close(mine)
    return started.returncode, seen.decode()


def chunks(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:  # Linux ends a terminal whose other side is closed with EIO
            return
        if not chunk:
            return
        yield chunk


# -- what is printed


def test_progress_and_colour_are_for_a_terminal(tmp_path: Path, lab: EndpointLab, endpoints: Path) -> None:
    targets = {"web": endpoint_settings(lab, "good", "weak", "silent")}
    config = configuration(tmp_path / "posture.yaml", targets, [endpoints])
    code, seen = on_a_terminal("scan", "-c", config, "-o", tmp_path / "run")
    assert code == 1
    assert "signing in …" in seen
    assert re.search(r"\d/3 places, \d+ calls \(\d+/s\), \d+ findings", seen)
    assert re.search(r"about \d+ s left", seen)
    assert "\x1b[2K" in seen
    assert "✘ contradicted" in re.sub(r"\x1b\[[0-9;]*m", "", seen)
    assert re.search(r"\x1b\[[0-9;]*m", seen)


NOTED = """
profiles:
  - use: {profile}
scope:
  exclude:
    - {{name: "www.*", reason: not ours}}
    - {{cloud: aws, reason: not this time}}
holds:
  exams:
    - {{name: "*"}}
    - {{name: nobody, account: good.*}}
attestations: vouched.yaml
"""

VOUCHED = """
attestations:
  - {{id: A1, statement: {statement}, who: me, issued: 2026-01-01, valid_until: 2099-01-01, document: d.pdf,
     document_sha256: "{digest}"}}
"""


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("endpoints/E1", ""),
        ("coding-rooms/CR-1", ""),
        ("endpoints/E7", "attestation A1: there is no statement 'endpoints/E7'; did you mean 'endpoints/E1'?"),
        ("endpiont/E1", "attestation A1: there is no statement 'endpiont/E1'; did you mean 'endpoints/E1'?"),
    ],
)
def test_what_has_no_effect_is_told(tmp_path: Path, lab: EndpointLab, statement: str, told: str) -> None:
    reading = "\n    reading: {words: w, meaning: m, author: a, date: 2026-01-01, reason: r, confirmed: false}"
    profile = written(tmp_path / "drafted.yaml", ENDPOINTS.rstrip() + reading + "\n")
    settings = json.dumps({"web": endpoint_settings(lab, "good")})
    config = written(tmp_path / "c.yaml", NOTED.format(profile=profile) + f"targets: {settings}\n")
    written(tmp_path / "vouched.yaml", VOUCHED.format(statement=statement, digest="0" * 64))
    done = posture("scan", "-c", config, "-o", tmp_path / "run")
    lines = [
        "drafted.yaml: 1 reading not confirmed by a person: what rests on one is at best partly verified",
        *([told] if told else []),
        "scope exclude {name: www.*} matched no resource that was judged or left out",
        "scope exclude {cloud: aws} matched no resource that was judged or left out",
        "holds exams {account: good.*, name: nobody} matched no resource that was judged or left out",
    ]
    assert done.err.splitlines() == [f"posture: {line}" for line in lines]
    assert "1 partly verified" in done.out


@pytest.mark.parametrize(
    "arguments",
    [("plan", "-p", "baseline", "--aws"), ("--help",), ("checks", "list"), ("explain", "--help"), ("profile", "list")],
    ids=" ".join,
)
def test_a_reader_that_has_seen_enough_is_no_failure(arguments: tuple[str, ...]) -> None:
    theirs, mine = os.pipe()
    os.close(theirs)
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, stdout=mine, stderr=subprocess.PIPE, check=False, env=clean({}), timeout=60)
    os.close(mine)
    assert (done.returncode, done.stderr) == (0, b"")


def test_no_color_is_honoured_and_a_dumb_terminal_gets_no_line_that_moves(tmp_path: Path, config: Path) -> None:
    code, seen = on_a_terminal("scan", "-c", config, "-o", tmp_path / "run", NO_COLOR="1", TERM="dumb")
    assert code == 1
    assert "\x1b" not in seen
    assert "✘ contradicted" in seen


def test_piped_there_is_no_progress_no_colour_and_no_line_past_80_columns(
    tmp_path: Path, config: Path, endpoints: Path
) -> None:
    done = process("scan", "-c", config, "-o", "run", environment={"COLUMNS": "80"}, cwd=tmp_path)
    assert done.code == 1
    assert "\x1b" not in done.out + done.err
    assert "places" not in done.err
    assert max(map(len, done.out.splitlines())) <= 80


def test_every_command_that_is_hinted_at_exists_and_works(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = posture("scan", "-c", config, "-o", "my run")
    hints = re.findall(r"^(?:Report|Page|Again): +posture (.*)$", done.out, re.MULTILINE)
    assert len(hints) == 3
    for hint in hints:
        followed = posture(*shlex.split(hint))
        assert followed.code in (0, 1), hint
    assert (tmp_path / "report.html").read_text().startswith("<!")


def test_commands_that_help_and_remedies_mention_exist() -> None:
    context = click.Context(app, info_name="posture")
    texts = [path.read_text() for path in Path(sys.modules["posture.cli"].__path__[0]).glob("*.py")]
    named = {word for text in texts for word in re.findall(r"`posture ([a-z]+)", text)}
    assert named
    assert named <= set(app.list_commands(context))


def test_json_is_all_of_standard_output(tmp_path: Path, config: Path) -> None:
    done = process("scan", "-c", config, "-o", tmp_path / "run", "--json")
    found = json.loads(done.out)
    assert [profile["id"] for profile in found["profiles"]] == ["endpoints"]
    assert found == json.loads((tmp_path / "run" / "verdicts.json").read_text())
    assert all(line.startswith("posture: ") for line in done.err.splitlines())
    assert "refused.lab.example: " in done.err


def test_runs_without_a_name_lie_beside_the_configuration(tmp_path: Path, config: Path) -> None:
    done = process("scan", "-c", config, "--json", "--fail-on", "never")
    assert done.code == 0, done.err
    (run,) = (tmp_path / "posture-runs").iterdir()
    assert posture("verify", run).code == 0


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-c", PROGRAM, "checks", "list", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean({})) as started:
        assert started.stdout
        assert started.stderr
        started.stdout.read(1)
        started.stdout.close()
        assert started.stderr.read() == b""
    assert started.returncode == 0


def test_a_terminal_without_the_characters_is_no_error(tmp_path: Path, config: Path) -> None:
    done = process("scan", "-c", config, "-o", tmp_path / "run", environment={"PYTHONIOENCODING": "ascii"})
    assert done.code == 1
    assert "contradicted" in done.out


def test_hostile_text_from_a_cloud_cannot_steer_the_terminal(tmp_path: Path, tenant: ArmServer) -> None:
    tenant.faults.fail("*", 400, code="Boom", message="one\ntwo \u202e \x1b]0;title\x07")
    config = configuration(tmp_path / "c.yaml", {"tenant": azure_settings(tenant)}, ["baseline"])
    done = process("scan", "-c", config, "-o", tmp_path / "run", environment=azure_environment(tenant))
    assert done.code == 4
    assert "one two \\u202e \\x1b]0;title\\x07" in done.complaint
    assert not {"\x1b", "\u202e", "\x07"} & set(done.out + done.err)


def test_the_overview_comes_at_once() -> None:
    taken = []
    for _ in range(5):
        began = time.monotonic()
        assert process("--help").code == 0
        taken.append(time.monotonic() - began)
    assert min(taken) < 0.3


# -- ways to sign in to AWS


class Keys:
    """Stands between the gate and the emulator: which access keys signed requests, which external ids were told.

    Who calls, and which regions there are, the gate answers itself.
    """

    def __init__(self, behind: Any) -> None:
        self.behind = behind
        self.used: list[tuple[str, str]] = []
        self.external: list[str] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        found = re.search(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        self.used.append((found[2], found[1]) if found else ("", "unsigned"))
        body = environ["wsgi.input"].read()
        self.external += re.findall(r"ExternalId=([^&]+)", body.decode())
        return self.behind({**environ, "wsgi.input": BytesIO(body)}, start_response)

    def of(self, service: str) -> list[str]:
        return [key for name, key in self.used if name == service]


@pytest.fixture
def keys(account: AwsServer) -> Iterator[Keys]:
    watched = Keys(account.gate.application)
    account.gate.application = watched
    yield watched
    account.gate.application = watched.behind


def sign_in(tmp_path: Path, account: AwsServer, environment: dict[str, str], **settings: Any) -> Path:
    volumes = written(tmp_path / "volumes.yaml", VOLUMES)
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(account.url, **settings)}, [volumes])
    done = process("scan", "-c", config, "-o", tmp_path / "run", environment=environment)
    assert done.code in (0, 1), done.err
    assert sum(1 for _ in Run.open(tmp_path / "run").calls()) == 1
    return tmp_path / "run"


@pytest.mark.parametrize("way", ["configuration", "environment", "option"])
def test_a_named_profile(tmp_path: Path, account: AwsServer, keys: Keys, way: str) -> None:
    own = "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = x\n"
    own += "[audit]\naws_access_key_id = AKIAAUDIT\naws_secret_access_key = x\n"
    environment = {"AWS_SHARED_CREDENTIALS_FILE": str(written(tmp_path / "credentials", own))}
    match way:
        case "configuration":
            sign_in(tmp_path, account, environment, profile="audit")
        case "environment":
            sign_in(tmp_path, account, {**environment, "AWS_PROFILE": "audit"})
        case "option":
            environment["AWS_ENDPOINT_URL"] = account.url
            volumes = written(tmp_path / "volumes.yaml", VOLUMES)
            more = ("--aws-profile", "audit", "--region", "us-east-1", "-p", volumes, "-o", tmp_path / "run")
            done = process("scan", *more, environment=environment)
            assert done.code in (0, 1), done.err
    assert keys.of("ec2") == ["AKIAAUDIT"]


def test_a_chain_of_roles_with_an_external_id(tmp_path: Path, account: AwsServer, keys: Keys) -> None:
    chain = [{"arn": f"{ROLE}hub"}, {"arn": f"{ROLE}posture", "external_id_env": "EXTERNAL"}]
    environment = {**AWS_ENVIRONMENT, "EXTERNAL": "between-us-two"}
    run = sign_in(tmp_path, account, environment, assume=chain)
    first, second = keys.of("sts")
    (scanner,) = keys.of("ec2")
    assert first == "AKIATEST"
    assert second.startswith("ASIA")
    assert scanner.startswith("ASIA")
    assert scanner != second
    assert keys.external == ["between-us-two"]
    for name, content in files(run):
        assert b"between-us-two" not in content, name
        assert scanner.encode() not in content, name


def test_a_federated_sign_in_with_a_token_file(tmp_path: Path, account: AwsServer, keys: Keys) -> None:
    token = written(tmp_path / "token", "header.claims-of-mine.signature")
    settings = {"web_identity_role": f"{ROLE}web", "web_identity_token_file": str(token)}
    run = sign_in(tmp_path, account, {}, **settings)
    (scanner,) = keys.of("ec2")
    assert scanner.startswith("ASIA")
    assert keys.of("") == ["unsigned"]
    assert all(b"claims-of-mine" not in content for _, content in files(run))
