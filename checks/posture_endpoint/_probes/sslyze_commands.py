"""Commands of sslyze on one endpoint, as plain data: all of them as evidence, or those for versions as a second view.

They run in a process of their own, which ends on time whatever a server does. What they call rejected counts as refused
only where every suite was refused by an alert: a reset or a silence is called rejected as well.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from posture_endpoint._probes.sslyze_client import tools
from posture_endpoint._probes.wire import ProbeFailed

SPOKEN = ("", "ftp", "imap", "ldap", "pop3", "postgres", "rdp", "smtp", "xmpp")
"""The protocols in which sslyze asks for TLS; there is no MySQL."""

_COMMANDS = {
    "SSLv2": "ssl_2_0_cipher_suites",
    "SSLv3": "ssl_3_0_cipher_suites",
    "TLS 1.0": "tls_1_0_cipher_suites",
    "TLS 1.1": "tls_1_1_cipher_suites",
    "TLS 1.2": "tls_1_2_cipher_suites",
    "TLS 1.3": "tls_1_3_cipher_suites",
}
# Whoever says this has understood the offer and does not take it up; the words are those of sslyze.
_REFUSALS = {"TLS alert: handshake failure", "TLS alert: protocol version", "TLS error: insufficient security"}
_GRACE = 0.5


def run_commands(
    host: str,
    port: int,
    address: str,
    *,
    versions_alone: bool,
    starttls: str | None = None,
    timeout: float = 5.0,
    deadline: float = 60.0,
    at_once: int = 2,
    most: int = 640,
) -> dict[str, Any]:
    """What each command found, or why it found nothing: `status`, `commands`, `connections`, `tools`.

    `at_once` connections are open at a time, `most` in all. Raises ProbeFailed where no report came, and ImportError
    where sslyze is not installed.
    """
    if find_spec("sslyze") is None:
        raise ImportError("No module named 'sslyze'", name="sslyze")
    if (starttls or "") not in SPOKEN:
        raise ProbeFailed("malformed-reply", f"sslyze does not speak {starttls}")
    asked = {
        "host": host,
        "port": port,
        "address": address,
        "starttls": starttls,
        "timeout": timeout,
        "at_once": at_once,
        "most": most,
        "versions_alone": versions_alone,
    }
    # -P: what lies in the working directory is no module of ours.
    command = [sys.executable, "-P", "-m", "posture_endpoint._probes.sslyze_run"]
    try:
        done = subprocess.run(
            command, input=json.dumps(asked), capture_output=True, text=True, timeout=max(_GRACE, deadline), check=True
        )
        report: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as late:
        raise ProbeFailed("timeout", f"sslyze did not end within {deadline:.3g} s") from late
    except subprocess.CalledProcessError as broken:
        last = broken.stderr.strip().splitlines()[-1:]
        raise ProbeFailed(
            "malformed-reply", f"sslyze ended with {broken.returncode}: {''.join(last)[:200]}"
        ) from broken
    except ValueError as error:
        raise ProbeFailed("malformed-reply", "sslyze left no report") from error
    return {**report, "tools": tools()}


def read_versions(report: dict[str, Any]) -> dict[str, str]:
    """Per version accepted, refused (each suite by an alert) or unclear."""
    return {version: _state(report["commands"].get(command)) for version, command in _COMMANDS.items()}


def _state(attempt: dict[str, Any] | None) -> str:
    found = attempt.get("found") if attempt is not None else None
    if not found:
        return "unclear"
    if found["accepted"]:
        return "accepted"
    return "refused" if found["rejected"] and set(found["rejected"]) <= _REFUSALS else "unclear"
