"""The hello engine as posture calls it: one address in, a report of plain data out."""

from __future__ import annotations

import asyncio
import hashlib
import platform
import ssl
from collections.abc import Sequence
from typing import Any

from posture import __version__
from posture_endpoint._probes.wire import Deadline
from posture_endpoint.hello.answer import Try
from posture_endpoint.hello.connect import Caller, Manners
from posture_endpoint.hello.listing import list_accepted
from posture_endpoint.hello.plan import NAMELESS, prove
from posture_endpoint.hello.suites import name_of
from posture_endpoint.hello.verdict import VERSIONS, judge_forbidden, judge_lasting, judge_versions, speaks_tls

__all__ = ["VERSIONS", "Manners", "observe_versions", "probe_versions"]

LISTING_CONNECTIONS = 120
"""Connections that a full listing may open, when nothing else is said: a suite each, and those of the proof."""


def probe_versions(
    host: str,
    port: int,
    address: str,
    *,
    timeout: float = 5.0,
    deadline: float = 60.0,
    starttls: str | None = None,
    suites: bool = False,
    groups: bool = False,
    weak: bool = False,
    manners: Manners | None = None,
) -> dict[str, Any]:
    """Which protocol versions `host` accepts at `address`, an IP address; `host` is sent as SNI.

    `timeout` bounds one connection and its answer, `deadline` the whole call, in seconds. `starttls` is one of
    smtp, imap, pop3, ftp, ldap, postgres, mysql. With `weak`, or without `suites`, a few hellos prove whether any
    forbidden suite is accepted, and any without forward secrecy. With `suites` every accepted suite is listed in the
    server's order, with `groups` besides what else its key exchange has. `manners` says how many connections the
    address may see.

    Returns `versions`: for each of VERSIONS `state` (accepted, refused, unknown), `suites`, `suites_complete`, `why`,
    `cause` (of an unknown: a gap cause) and `tries` with the bytes of each answer. `speaks_tls` is None when no answer
    tells. ValueError for arguments that make no sense; never raises for what a server does.
    """
    return asyncio.run(
        observe_versions(
            host,
            port,
            address,
            timeout=timeout,
            deadline=deadline,
            starttls=starttls,
            suites=suites,
            groups=groups,
            weak=weak,
            manners=manners,
        )
    )


async def observe_versions(
    host: str,
    port: int,
    address: str,
    *,
    timeout: float = 5.0,
    deadline: float = 60.0,
    starttls: str | None = None,
    suites: bool = False,
    groups: bool = False,
    weak: bool = False,
    manners: Manners | None = None,
) -> dict[str, Any]:
    """As `probe_versions`, for a loop that looks at many addresses at once."""
    manners = manners or (Manners(most=LISTING_CONNECTIONS) if suites else Manners())
    caller = Caller(host, port, address, starttls, timeout, Deadline(deadline), manners)
    weak = weak or not suites
    proof = await prove(caller, suites=weak)
    versions = judge_versions(proof.tries, proof.control)
    if suites:
        for version, listed in (await list_accepted(caller, versions, groups=groups)).items():
            versions[version] |= listed
    return {
        "host": host,
        "port": port,
        "address": address,
        "starttls": starttls,
        "versions": versions,
        "speaks_tls": speaks_tls(proof.tries),
        "controls": [one.as_json() for one in proof.tries if one.purpose == proof.control],
        "handshake": proof.tries[0].as_json(),
        "forbidden_suites": judge_forbidden(proof.tries, proof.control) if weak else None,
        "lasting_suites": judge_lasting(proof.tries, proof.control) if weak else None,
        "certificates": _certificates(proof.tries),
        "without_name": next((one.as_json() for one in proof.tries if one.purpose == NAMELESS), None),
        "connections": caller.connections,
        "most_connections": manners.most,
        "tools": {"posture": __version__, "python": platform.python_version(), "openssl": ssl.OPENSSL_VERSION},
    }


def _certificates(tries: Sequence[Try]) -> list[dict[str, Any]]:
    """Each chain once, as fingerprints, with the suite that it came with."""
    found = {
        tuple(hashlib.sha256(der).hexdigest() for der in one.chain): name_of(one.suite)
        for one in tries
        if one.chain and one.suite is not None
    }
    return [{"suite": suite, "chain": list(chain)} for chain, suite in found.items()]
