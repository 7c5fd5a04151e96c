"""What tests of the command line share: running it as a user would, estates to point it at, small profiles."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from posture.cli import main
from posture_estates.endpoints.lab import EndpointLab

PROGRAM = "import sys; sys.argv[0] = 'posture'; from posture.cli import main; main()"

LIMITS = {"connect": 2.0, "read": 1.0, "call": 8.0, "kind": 20.0, "place": 30.0, "run": 60.0, "attempts": 1}

ENDPOINTS = """
id: endpoints
title: Endpoints
statements:
  - id: E1
    summary: Endpoints speak TLS 1.2 or newer.
    class: testable
    claims:
      - {claim: tls-minimum, with: {version: TLS 1.2}}
"""

VOLUMES = """
id: volumes
title: Volumes
statements:
  - id: V1
    summary: New volumes are encrypted.
    class: testable
    claims:
      - {claim: encryption-by-default}
"""

AWS_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIATEST",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line that was said on standard error."""
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        assert self.err.startswith("posture: ")
        return self.err.removeprefix("posture: ").rstrip("\n")


def posture(*arguments: object) -> Done:
    """The command in this process: quick, and all of it but the process."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "argv", ["posture", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    assert isinstance(code, int)
    return Done(code, out.getvalue(), err.getvalue())


def process(
    *arguments: object, environment: Mapping[str, str] | None = None, program: str = PROGRAM, cwd: Path | None = None
) -> Done:
    """The command in a process of its own, with nothing of this machine's cloud configuration."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=clean(environment if environment is not None else AWS_ENVIRONMENT),
        timeout=60,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def clean(more: Mapping[str, str]) -> dict[str, str]:
    """The environment without clouds, terminals and homes, and with what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AZURE_"))}
    for name in ("COLUMNS", "NO_COLOR", "POSTURE_DEBUG"):
        kept.pop(name, None)
    return {**kept, "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", **more}


def azure_environment(server: Any, **changed: str) -> dict[str, str]:
    """Credentials that the Resource Manager estate accepts."""
    return {
        "AZURE_TENANT_ID": server.tenant_id,
        "AZURE_CLIENT_ID": server.client_id,
        "AZURE_CLIENT_SECRET": server.client_secret,
        **changed,
    }


def aws_settings(url: str, **settings: Any) -> dict[str, Any]:
    """The embedded account as a configuration names it."""
    return {"aws": {"endpoint_url": url, "regions": ["us-east-1"], **settings}}


def azure_settings(server: Any, **settings: Any) -> dict[str, Any]:
    """The embedded tenant as a configuration names it."""
    own = {"tenant": server.tenant_id, "arm_endpoint": server.url, "authority": server.url}
    return {"azure": {**own, "ca_bundle": server.ca_file, "credential": "environment", **settings}}


def endpoint_settings(lab: EndpointLab, *names: str) -> dict[str, Any]:
    """Servers of the endpoint lab as a configuration names them."""
    chosen = [lab.endpoints[name] for name in names]
    return {
        "endpoint": {
            "hosts": [f"{endpoint.host}:{endpoint.port}" for endpoint in chosen],
            "http_port": chosen[0].http_port,
            "ca_file": str(lab.ca_file),
            "resolve": {endpoint.host: [endpoint.address] for endpoint in chosen},
        }
    }


def written(path: Path, text: str) -> Path:
    """A file with that text."""
    path.write_text(text, encoding="utf-8")
    return path


def configuration(path: Path, targets: Mapping[str, Any], profiles: Sequence[Path | str] = (), **more: Any) -> Path:
    """A configuration file. JSON is YAML."""
    limits = {**LIMITS, **more.pop("limits", {})}
    uses = [{"use": str(profile)} for profile in profiles]
    return written(path, json.dumps({"profiles": uses, "targets": targets, "limits": limits, **more}, indent=1))


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder with its bytes."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()
