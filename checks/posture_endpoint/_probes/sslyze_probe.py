"""Probes one address of an endpoint with sslyze's clients: certificates, and whole handshakes of one version, as data.

Which versions and suites a server accepts is judged by the hello engine (`posture_endpoint.hello`); a handshake that
completes here confirms what it saw.
"""

from __future__ import annotations

from typing import Any

from posture_endpoint._probes.certificate import describe_chain
from posture_endpoint._probes.sslyze_client import EVERY_SUITE, NEW, STACKS, Hello, Target, say_hello, tools
from posture_endpoint._probes.sslyze_stores import validate
from posture_endpoint._probes.wire import CONNECT_PATIENCE, Answer, Cause, Deadline, ProbeFailed, Reading, as_json

_VERSIONS = ("TLS 1.3", "TLS 1.2", "TLS 1.1", "TLS 1.0", "SSLv3")
_CAUSES: dict[Answer, Cause] = {
    Answer.RESET: "unreachable",
    Answer.CLOSED: "unreachable",
    Answer.UNREACHABLE: "unreachable",
    Answer.TIMEOUT: "timeout",
    Answer.NOT_TLS: "malformed-reply",
}
_TIMEOUTS_BORNE = 2


def confirm_version(
    host: str,
    port: int,
    address: str,
    version: str,
    *,
    timeout: float = 5.0,
    deadline: float = 15.0,
    starttls: str | None = None,
) -> dict[str, Any]:
    """Whether a handshake of this version alone completes with one of sslyze's clients: at most two connections.

    `confirmed` is false where none did, which refutes nothing: these clients lack suites that a server may insist on.
    """
    target = Target(host, port, address, starttls, timeout, Deadline(deadline))
    hellos = []
    capped = ""
    for stack in STACKS[version]:
        try:
            hellos.append(say_hello(target, version, stack))
        except ProbeFailed as enough:
            capped = enough.detail
            break
        if hellos[-1].reading.answer in (Answer.ACCEPTED, Answer.UNREACHABLE):
            break
    return {
        "version": version,
        "confirmed": any(hello.reading.answer is Answer.ACCEPTED for hello in hellos),
        "detail": capped or _counted([hello.reading for hello in hellos]),
        "tries": [{"client": hello.stack, "suite": hello.reading.suite, **as_json(hello.reading)} for hello in hellos],
        "connections": target.connections,
        "tools": tools(),
    }


def probe_certificate(
    host: str,
    port: int,
    address: str,
    *,
    ca_file: str | None = None,
    timeout: float = 5.0,
    connect_timeout: float = CONNECT_PATIENCE,
    deadline: float = 30.0,
    starttls: str | None = None,
) -> dict[str, Any]:
    """The certificate that `host` presents at `address`, and whether each trust store leads to it.

    `trust` maps a store (Mozilla, Apple, Android, Windows, Java, and `own` for `ca_file`) to `trusted`, `reason`
    (None, expired, not-yet-valid, name-mismatch, self-signed, untrusted-root, unknown-issuer, invalid-path) and the
    verifier's words in `detail`. `others` describes the leaf of another key type that the server also has; it is None
    when that could not be found out. Raises ProbeFailed when no certificate could be read.
    """
    target = Target(host, port, address, starttls, timeout, Deadline(deadline), connect_timeout)
    first = _first_chain(target)
    report = _describe(first.chain, host, ca_file)
    others = _other_chains(target, first, str(report["key_type"]))
    return {
        "host": host,
        "port": port,
        "address": address,
        "starttls": starttls,
        "version": first.version,
        **report,
        "others": None if others is None else [_describe(chain, host, ca_file) for chain in others],
        "connections": target.connections,
        "tools": tools(),
    }


def _counted(readings: list[Reading]) -> str:
    """The different outcomes, each with how often it was seen."""
    details = [reading.detail for reading in readings]
    return "; ".join(f"{detail} ({details.count(detail)} of {len(details)})" for detail in dict.fromkeys(details))


def _first_chain(target: Target) -> Hello:
    """The newest version that brings a certificate. ProbeFailed when none does."""
    readings = []
    for version in _VERSIONS:
        for stack in STACKS[version]:
            hello = say_hello(target, version, stack, _offer(version, ":-aNULL"))
            if hello.chain:
                return hello
            readings.append(hello.reading)
            if hello.reading.answer is Answer.NOT_TLS:
                raise ProbeFailed("malformed-reply", f"no certificate: {hello.reading.detail}")
            timeouts = [reading for reading in readings if reading.answer is Answer.TIMEOUT]
            if hello.reading.answer is Answer.UNREACHABLE or len(timeouts) == _TIMEOUTS_BORNE:
                raise ProbeFailed(_CAUSES[hello.reading.answer], hello.reading.detail)
    causes = [cause for reading in readings if (cause := _CAUSES.get(reading.answer))]
    raise ProbeFailed(causes[0] if causes else "malformed-reply", f"no certificate: {_counted(readings)}")


def _other_chains(target: Target, first: Hello, key_type: str) -> list[tuple[str, ...]] | None:
    """The chain for the other of RSA and ECDSA, asked for by suites of TLS 1.2; None when no answer tells."""
    authentication = {"RSA": "aECDSA", "EC": "aRSA"}.get(key_type.partition(" ")[0])
    if authentication is None:
        return None
    hello = say_hello(target, "TLS 1.2", NEW, f"{authentication}:-eNULL")
    if hello.chain:
        return [hello.chain] if hello.chain[0] != first.chain[0] else []
    return [] if hello.reading.detail == "alert handshake_failure" else None


def _offer(version: str, exclusion: str) -> str:
    return EVERY_SUITE if version == "TLS 1.3" else EVERY_SUITE + exclusion


def _describe(chain: tuple[str, ...], host: str, ca_file: str | None) -> dict[str, Any]:
    pems = list(chain)
    return {**describe_chain(pems, host), "trust": validate(pems, host, ca_file)}
