"""Keeps the estates of the demo alive, and writes beside them what a scan of them needs."""

import os
import random
import shlex
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
import msgspec
import yaml

from posture.provider import Limits

CONFIGURATION, ENVIRONMENT = "posture.yaml", "environment.sh"

CLOUDS = ("AWS_", "AZURE_")
"""How the variables begin that the SDKs of the clouds read."""

SEED = 8443
"""The web server's address is drawn by ``random``: the same each time, so that runs of two states compare."""

HEAD = """\
# Three estates of this machine: an AWS account, an Azure tenant and a web server. They are gone when
# `posture demo --serve` ends, and this file leads nowhere then.
"""

Scopes = Callable[[Mapping[str, Mapping[str, Any]]], Mapping[str, Mapping[str, Any]]]
Estates = Callable[[str], AbstractContextManager[Mapping[str, Mapping[str, Any]]]]


def serve(
    folder: Path, state: str, estates: Estates, scopes: Scopes, profiles: tuple[str, ...], limits: Limits, note: str
) -> None:
    """Start the estates, write the two files into ``folder``, and stay until Ctrl-C or SIGTERM.

    Raises click.UsageError where one of the files is there already.
    """
    for name in (CONFIGURATION, ENVIRONMENT):
        if os.path.lexists(folder / name):
            raise click.UsageError(f"{folder / name} exists already; name another folder with --serve")
    folder.mkdir(parents=True, exist_ok=True)
    before = {name for name in os.environ if name.startswith(CLOUDS)}
    for name in before:
        del os.environ[name]  # what is left of the clouds in here belongs to the estates, and may be written down
    random.seed(SEED)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with estates(state) as targets:
            (folder / CONFIGURATION).write_text(
                _configuration(targets, scopes(targets), profiles, limits, note), encoding="utf-8"
            )
            (folder / ENVIRONMENT).write_text(_environment(before), encoding="utf-8")
            click.echo(_next(folder), err=True)
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


def _configuration(
    targets: Mapping[str, Any], scopes: Mapping[str, Any], profiles: tuple[str, ...], limits: Limits, note: str
) -> str:
    usual = msgspec.to_builtins(Limits())
    own = {name: value for name, value in msgspec.to_builtins(limits).items() if value != usual[name]}
    data = {
        "note": note,
        "profiles": [{"use": name, "scope": scopes[name]} for name in profiles],
        "targets": dict(targets),
        "limits": own,
    }
    return HEAD + yaml.safe_dump(data, sort_keys=False)


def _environment(before: set[str]) -> str:
    """What a shell must export, and what it must forget: credentials of the caller's own would go first."""
    own = {name: value for name, value in sorted(os.environ.items()) if name.startswith(CLOUDS)}
    others = sorted({"AWS_PROFILE", "AWS_SESSION_TOKEN", *before} - set(own))
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in own.items())
    return f"# Credentials that the estates of the demo take, and nobody else.\n{exports}unset {' '.join(others)}\n"


def _next(folder: Path) -> str:
    configuration, environment = (shlex.quote(str(folder / name)) for name in (CONFIGURATION, ENVIRONMENT))
    return (
        f"written: {configuration} and {environment}\n"
        f"In another terminal:  . {environment}\n"
        f"                      posture doctor -c {configuration}\n"
        f"                      posture scan -c {configuration}\n"
        "Ctrl-C stops the estates."
    )
