"""Probes one address of an endpoint with sslyze's clients: TLS versions, suites and certificates, as plain data.

A version is refused only by an alert that says so, or by a ServerHello of a lower version, and only between two
controls that succeeded. A reset, a timeout or a silent close is unknown. A version that both of nassl's OpenSSL
generations can speak counts as refused when both were refused. A server that answers with alerts costs 9 to 11
connections, one at a time. PSK and SRP suites are not offered and so never seen.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from posture_endpoint._probes.certificate import describe_chain
from posture_endpoint._probes.handshake_control import shake_hands
from posture_endpoint._probes.sslyze_client import (
    EVERY_SUITE,
    NEW,
    OLD,
    STACKS,
    Hello,
    Target,
    say_hello,
    suite_name,
    suites_of,
    tools,
    validate,
)
from posture_endpoint._probes.wire import Answer, Cause, Deadline, ProbeFailed, Reading, as_json

VERSIONS = ("SSLv2", "SSLv3", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")
# Old versions first: when a server limits connections, the answers that can contradict a claim are there already.
_ORDER = ("TLS 1.0", "TLS 1.1", "SSLv3", "SSLv2", "TLS 1.2", "TLS 1.3")
_PYTHON = "Python ssl"
_CAUSES: dict[Answer, Cause] = {
    Answer.RESET: "unreachable",
    Answer.CLOSED: "unreachable",
    Answer.UNREACHABLE: "unreachable",
    Answer.TIMEOUT: "timeout",
    Answer.NOT_TLS: "malformed-reply",
}
_SPEAKS_TLS = {Answer.ACCEPTED, Answer.REFUSED, Answer.OTHER_ALERT}
_SILENCE_FLOOR = 2.0
_SILENCE_FACTOR = 20
_TIMEOUTS_BORNE = 2


@dataclass(slots=True)
class _Record:
    """What was seen of one version so far."""

    hellos: list[Hello] = field(default_factory=list)
    suites: list[str] = field(default_factory=list)
    complete: bool = False

    @property
    def accepted(self) -> bool:
        return any(hello.reading.answer is Answer.ACCEPTED for hello in self.hellos)

    @property
    def unrefused(self) -> list[Hello]:
        """The hellos of those clients that never got a refusal."""
        refused = {hello.stack for hello in self.hellos if hello.reading.answer is Answer.REFUSED}
        return [hello for hello in self.hellos if hello.stack not in refused]


def probe_versions(
    host: str,
    port: int,
    address: str,
    *,
    timeout: float = 5.0,
    deadline: float = 60.0,
    starttls: str | None = None,
    suites: bool = False,
) -> dict[str, Any]:
    """Which protocol versions `host` accepts at `address`, an IP address; `host` is sent as SNI.

    `timeout` bounds one connection and its handshake, `deadline` the whole call, in seconds. `starttls` is one of
    smtp, xmpp, xmpp_server, ftp, pop3, ldap, imap, rdp, postgres. With `suites` every accepted suite is listed (one
    more connection for each, and one or two more for a version); else only the negotiated one.

    Returns `versions`: for each of VERSIONS `state` (accepted, refused, unknown), `suites`, `suites_complete`, `why`,
    `cause` (of an unknown: unreachable, timeout, disagreement, malformed-reply) and `tries` with the bytes of each
    answer. `speaks_tls` is None when no answer tells. ValueError for arguments that make no sense; never raises for
    what a server does.
    """
    target = Target(host, port, address, starttls, timeout, Deadline(deadline))
    records = {version: _Record() for version in VERSIONS}
    opening = _opening_control(target, records)
    controls = [opening]
    if _speaks(records, controls):
        for version in _ORDER:
            _probe_version(target, version, records[version])
        if suites:
            for version in _ORDER:
                _list_suites(target, version, records[version])
        controls.append(_closing_control(target, opening, records))
    proven = len(controls) == 2 and controls[1].answer is Answer.ACCEPTED
    return {
        "host": host,
        "port": port,
        "address": address,
        "starttls": starttls,
        "versions": {version: _judge(records[version], controls, proven) for version in VERSIONS},
        "speaks_tls": _speaks(records, controls),
        "controls": [as_json(reading) for reading in controls],
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
    deadline: float = 30.0,
    starttls: str | None = None,
) -> dict[str, Any]:
    """The certificate that `host` presents at `address`, and whether each trust store leads to it.

    `trust` maps a store (Mozilla, Apple, Android, Windows, Java, and `own` for `ca_file`) to `trusted`, `reason`
    (None, expired, not-yet-valid, name-mismatch, self-signed, untrusted-root, unknown-issuer, invalid-path) and the
    verifier's words in `detail`. `others` describes the leaf of another key type that the server also has; it is None
    when that could not be found out. Raises ProbeFailed when no certificate could be read.
    """
    target = Target(host, port, address, starttls, timeout, Deadline(deadline))
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


def _control(target: Target) -> tuple[Reading, str | None]:
    """A modern handshake and the version it settled on; tried twice, since one reset is no sign of a limit."""
    for _ in range(2):
        wire = target.open()
        if isinstance(wire, Reading):
            reading, version = wire, None
        else:
            with wire:
                reading, version = shake_hands(wire, target.server_name)
        if reading.answer in (Answer.ACCEPTED, Answer.REFUSED, Answer.TIMEOUT, Answer.UNREACHABLE):
            break
    return reading, version


def _opening_control(target: Target, records: dict[str, _Record]) -> Reading:
    """Counts a completed handshake as an acceptance of its version; a server that stays mute gets one old hello."""
    start = time.monotonic()
    opening, version = _control(target)
    if opening.answer is Answer.ACCEPTED:
        # A server that drops old hellos in silence is not waited for much longer than it took to answer a good one.
        target.timeout = min(target.timeout, max(_SILENCE_FLOOR, _SILENCE_FACTOR * (time.monotonic() - start)))
    elif opening.answer not in _SPEAKS_TLS and opening.answer is not Answer.UNREACHABLE:
        records["TLS 1.0"].hellos.append(say_hello(target, "TLS 1.0", OLD))
    if version is not None:
        records[version].hellos.append(Hello(version=version, stack=_PYTHON, reading=opening))
        records[version].suites = [suite_name(version, opening.suite)] if opening.suite else []
    return opening


def _closing_control(target: Target, opening: Reading, records: dict[str, _Record]) -> Reading:
    """Once more what succeeded before: the opening control, or where that never did, the newest accepted version."""
    if opening.answer is Answer.ACCEPTED:
        return _control(target)[0]
    for version in reversed(VERSIONS):
        for hello in records[version].hellos:
            if hello.reading.answer is Answer.ACCEPTED:
                return say_hello(target, version, hello.stack).reading
    return Reading(answer=Answer.UNCLEAR, detail="no version was accepted, so nothing proves a refusal")


def _speaks(records: dict[str, _Record], controls: list[Reading]) -> bool | None:
    hellos = [hello.reading for record in records.values() for hello in record.hellos]
    answers = {reading.answer for reading in [*controls, *hellos]}
    if answers & _SPEAKS_TLS:
        return True
    return False if Answer.NOT_TLS in answers else None


def _probe_version(target: Target, version: str, record: _Record) -> None:
    """Says hello with each OpenSSL generation until one is accepted; what was no refusal is tried a second time."""
    stacks = STACKS[version]
    said = {hello.stack for hello in record.hellos}
    for stack in stacks:
        if not record.accepted and stack not in said:
            record.hellos.append(say_hello(target, version, stack))
    unrefused = [hello.stack for hello in record.unrefused]
    if len(unrefused) < 2:  # where neither generation was refused, the second hello was the repetition
        for stack in unrefused:
            if not record.accepted:
                record.hellos.append(say_hello(target, version, stack))
    for hello in record.hellos:
        if hello.reading.suite and not record.suites:
            record.suites = [suite_name(version, hello.reading.suite)]


def _list_suites(target: Target, version: str, record: _Record) -> None:
    """Offers every suite, drops the chosen one, and again until refused; complete when each generation was refused."""
    if not record.accepted:
        return
    found, exhausted = set(record.suites), []
    for stack in STACKS[version]:
        left = [suite for suite in suites_of(version, stack) if suite_name(version, suite) not in found]
        answer = Answer.REFUSED
        while left:
            reading = say_hello(target, version, stack, ":".join(left)).reading
            answer = reading.answer
            if answer is not Answer.ACCEPTED or reading.suite not in left:
                break
            found.add(suite_name(version, reading.suite))
            left.remove(reading.suite)
        exhausted.append(answer is Answer.REFUSED or not left)
    record.suites, record.complete = sorted(found), all(exhausted)


def _judge(record: _Record, controls: list[Reading], proven: bool) -> dict[str, Any]:
    """The state of one version. Without hellos of its own the failed control speaks for it."""
    tries = [{"client": hello.stack, **as_json(hello.reading)} for hello in record.hellos]
    shared = {"suites": record.suites, "suites_complete": record.complete, "tries": tries}
    for hello in record.hellos:
        if hello.reading.answer is Answer.ACCEPTED:
            return {"state": "accepted", "why": hello.reading.detail, "cause": None, **shared}
    if record.hellos and not record.unrefused:
        refusal = next(hello.reading for hello in record.hellos if hello.reading.answer is Answer.REFUSED)
        if proven:
            return {"state": "refused", "why": refusal.detail, "cause": None, **shared}
        why = f"refused with {refusal.detail}, but the control afterwards failed: {controls[-1].detail}"
        return {"state": "unknown", "why": why, "cause": "disagreement", **shared}
    readings = [hello.reading for hello in record.hellos] or controls[:1]
    causes = {_CAUSES.get(reading.answer, "disagreement") for reading in readings}
    cause = causes.pop() if len(causes) == 1 else "disagreement"
    return {"state": "unknown", "why": _counted(readings), "cause": cause, **shared}


def _counted(readings: list[Reading]) -> str:
    """The different outcomes, each with how often it was seen."""
    details = [reading.detail for reading in readings]
    return "; ".join(f"{detail} ({details.count(detail)} of {len(details)})" for detail in dict.fromkeys(details))


def _first_chain(target: Target) -> Hello:
    """The newest version that brings a certificate. ProbeFailed when none does."""
    readings = []
    for version in reversed(VERSIONS[1:]):
        for stack in STACKS[version]:
            hello = say_hello(target, version, stack, _offer(version, ":-aNULL"))
            if hello.chain:
                return hello
            readings.append(hello.reading)
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
