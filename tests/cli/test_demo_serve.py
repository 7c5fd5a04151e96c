"""posture demo --serve: the estates stay until they are stopped, and a configuration beside them leads there."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from commands import PROGRAM, clean, posture, process
from posture.cli.demo import NOTE
from posture.config import load_config
from posture.registry import installed
from posture_estates.demo import HOSTS

SECRETS = {"AWS_SECRET_ACCESS_KEY": "of-my-own", "AWS_SESSION_TOKEN": "token-of-my-own", "AWS_PROFILE": "mine"}
OWN = {**SECRETS, "AZURE_CLIENT_SECRET": "secret-of-my-own", "AZURE_CLIENT_CERTIFICATE_PASSWORD": "also-of-my-own"}


@contextmanager
def served(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, from the moment at which it says that all is there."""
    command = [sys.executable, "-c", PROGRAM, "demo", "--serve", str(folder), *options]
    temporary = folder.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    environment = clean({**OWN, "TMPDIR": str(temporary)})
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as started:
        try:
            assert started.stderr is not None
            said = []
            for line in started.stderr:
                said.append(line)
                if line.startswith("Ctrl-C"):
                    break
            assert said[-1:] == ["Ctrl-C stops the estates.\n"], "".join(said)
            yield started
        finally:
            if started.poll() is None:
                started.kill()


def exported(folder: Path) -> dict[str, str]:
    """What a shell has after it read the file, that it had not before."""
    printed = subprocess.run(
        ["sh", "-c", f". {shlex.quote(str(folder / 'environment.sh'))} && env"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], **OWN},
    ).stdout
    pairs = dict(line.partition("=")[::2] for line in printed.splitlines())
    return {name: value for name, value in pairs.items() if name.startswith(("AWS_", "AZURE_"))}


def listens(url: str) -> bool:
    where = urlsplit(url)
    with socket.socket() as tried:
        return tried.connect_ex((str(where.hostname), int(where.port or 0))) == 0


@pytest.mark.parametrize(("state", "stop"), [("drifted", signal.SIGINT), ("good", signal.SIGTERM)])
def test_the_estates_of_a_state_are_served_until_a_signal_and_all_is_gone_then(
    state: str, stop: signal.Signals, tmp_path: Path
) -> None:
    folder = tmp_path / "estate"
    options = () if state == "good" else ("--state", state)
    with served(folder, *options) as started:
        config = load_config(folder / "posture.yaml", installed().providers)
        assert [use.use for use in config.source.profiles] == ["coding-rooms", "proctorio"]
        assert config.source.note == NOTE
        targets = {target.provider: target.settings for target in config.targets}
        assert sorted(targets) == ["aws", "azure", "endpoint"]
        hosts = [host for target in config.targets if target.provider == "endpoint" for host in target.settings.hosts]
        assert len(hosts) == sum(map(len, HOSTS[state].values()))
        urls = (targets["aws"].endpoint_url, targets["azure"].arm_endpoint)
        assert all(map(listens, urls))
        found = process("doctor", "-c", folder / "posture.yaml", environment=exported(folder))
        assert found.code == 0, found.out + found.err
        assert len(re.findall("signed in as", found.out)) == len(config.targets)
        started.send_signal(stop)
        assert started.wait(20) == 0
        assert started.stderr is not None
        assert started.stderr.read() == "stopped\n"
    assert not any(map(listens, urls))
    assert [path for path in (tmp_path / "temporary").rglob("*") if path.is_file()] == []
    again = process("demo", "--serve", folder)
    assert again.code == 2
    assert "exists already" in again.err


def test_credentials_of_the_caller_are_neither_used_nor_written(tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    with served(folder):
        written = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
        assert "of-my-own" not in written
        kept = exported(folder)
        assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(kept)
        assert kept["AWS_ACCESS_KEY_ID"] == "AKIADEMO"
        assert not set(kept.values()) & set(OWN.values())
        tenant = yaml.safe_load((folder / "posture.yaml").read_text(encoding="utf-8"))["targets"]["tenant"]["azure"]
        assert kept["AZURE_TENANT_ID"] == tenant["tenant"]


@pytest.mark.parametrize("name", ["posture.yaml", "environment.sh"])
def test_a_file_that_is_there_is_not_overwritten(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    done = posture("demo", "--serve", tmp_path)
    assert done.code == 2
    assert f"{tmp_path / name} exists already" in done.err
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--state", "good", "--state", "drifted"), "takes one --state"), (("--out", "x"), "takes no --out")],
)
def test_options_that_do_not_go_together_are_refused(options: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = posture("demo", "--serve", tmp_path / "estate", *options)
    assert done.code == 2
    assert said in done.complaint
    assert not (tmp_path / "estate").exists()
