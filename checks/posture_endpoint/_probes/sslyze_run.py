"""Runs commands of sslyze in a process of its own: `sslyze_commands` starts it, and ends it when its time is up.

The request is JSON on standard input, the report JSON on standard output. What a server sends is parsed here by OpenSSL
1.0.2 and 1.1.1, which get no more fixes; should one of them break, this process alone breaks.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections import Counter
from typing import Any

from sslyze import (
    ProtocolWithOpportunisticTlsEnum,
    ScanCommand,
    Scanner,
    ServerNetworkConfiguration,
    ServerNetworkLocation,
    ServerScanRequest,
    ServerScanResult,
)
from sslyze.json.json_output import AllScanCommandsAttemptsAsJson

VERSIONS = {
    "SSLv2": ScanCommand.SSL_2_0_CIPHER_SUITES,
    "SSLv3": ScanCommand.SSL_3_0_CIPHER_SUITES,
    "TLS 1.0": ScanCommand.TLS_1_0_CIPHER_SUITES,
    "TLS 1.1": ScanCommand.TLS_1_1_CIPHER_SUITES,
    "TLS 1.2": ScanCommand.TLS_1_2_CIPHER_SUITES,
    "TLS 1.3": ScanCommand.TLS_1_3_CIPHER_SUITES,
}


class Watch:
    """Counts connections as the interpreter announces them, and lets none go elsewhere or above the limit."""

    def __init__(self, address: str, port: int, most: int) -> None:
        self.opened = 0
        self._there = (address, port)
        self._most = most

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook (PEP 578)."""
        if event != "socket.connect":
            return
        if arguments[1][:2] != self._there:
            raise ConnectionRefusedError("sslyze may connect to the endpoint alone")
        if self.opened >= self._most:
            raise ConnectionRefusedError("the limit of connections to the address was reached")
        self.opened += 1


def main() -> None:
    """One request, one report."""
    asked = json.load(sys.stdin)
    watch = Watch(asked["address"], asked["port"], asked["most"])
    sys.addaudithook(watch)
    scanner = Scanner(per_server_concurrent_connections_limit=asked["at_once"], concurrent_server_scans_limit=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # roots with serial number 0 are old but in use
        scanner.queue_scans([_request(asked)])
        (scanned,) = scanner.get_results()
    json.dump({**_report(scanned), "connections": watch.opened}, sys.stdout)


def _request(asked: dict[str, Any]) -> ServerScanRequest:
    location = ServerNetworkLocation(hostname=asked["host"], port=asked["port"], ip_address=asked["address"])
    protocol = asked["starttls"]
    return ServerScanRequest(
        server_location=location,
        network_configuration=ServerNetworkConfiguration(
            # An IP address is sent as a name too, which RFC 6066 does not allow: sslyze has no way to send none.
            tls_server_name_indication=location.hostname,
            tls_opportunistic_encryption=ProtocolWithOpportunisticTlsEnum(protocol.upper()) if protocol else None,
            network_timeout=max(1, round(asked["timeout"])),
            network_max_retries=1,
        ),
        scan_commands=set(VERSIONS.values()) if asked["versions_alone"] else set(ScanCommand),
    )


def _report(scanned: ServerScanResult) -> dict[str, Any]:
    if scanned.scan_result is None:
        trace = scanned.connectivity_error_trace
        return {"status": "no connectivity", "detail": "" if trace is None else str(trace), "commands": {}}
    attempts = AllScanCommandsAttemptsAsJson.model_validate(scanned.scan_result).model_dump(mode="json")
    made = {name: _attempt(name, one) for name, one in attempts.items() if one["status"] != "NOT_SCHEDULED"}
    return {"status": "completed", "detail": "", "commands": made}


def _attempt(name: str, attempt: dict[str, Any]) -> dict[str, Any]:
    """What a command found; of an error its kind and the last line of its trace."""
    found = attempt["result"]
    if found is None:
        last = (attempt["error_trace"] or "").strip().splitlines()[-1:]
        return {"status": attempt["status"], "error": attempt["error_reason"], "detail": "".join(last)[:300]}
    if name.endswith("_cipher_suites"):
        found = _suites(found)
    elif name == ScanCommand.CERTIFICATE_INFO:
        found = [_deployment(one) for one in found["certificate_deployments"]]
    return {"status": attempt["status"], "found": found}


def _suites(found: dict[str, Any]) -> dict[str, Any]:
    """The accepted suites; of the others how often each thing was said of them."""
    said = Counter(one["error_message"].strip() for one in found["rejected_cipher_suites"])
    return {
        "accepted": [one["cipher_suite"]["name"] for one in found["accepted_cipher_suites"]],
        "rejected": dict(sorted(said.items())),
    }


def _deployment(one: dict[str, Any]) -> dict[str, Any]:
    """A certificate with its judgement; the certificates themselves are in the report of tls:Certificate."""
    return {
        "chain": [certificate["fingerprint_sha256"] for certificate in one["received_certificate_chain"]],
        "paths": {path["trust_store"]["name"]: path["validation_error"] for path in one["path_validation_results"]},
        **{name: value for name, value in one.items() if isinstance(value, bool | int | None)},
    }


if __name__ == "__main__":
    main()
