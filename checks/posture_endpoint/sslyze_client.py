"""The one module that imports sslyze (and through it nassl): single handshakes, STARTTLS, suite names, trust stores.

sslyze is under the AGPL-3.0. It is imported when a function needs it, never when this module is imported.

What sslyze's own cipher commands report as rejected includes resets and timeouts, and they cost about 540 connections.
Here sslyze builds the client for one handshake with all suites offered, and the answer is read from the bytes on the
wire. nassl parses what the server sends with two OpenSSL generations that get no more fixes (1.0.2 and 1.1.1).
"""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posture_endpoint.certificate import explain_distrust
from posture_endpoint.wire import (
    Answer,
    Deadline,
    ProbeFailed,
    Reading,
    Wire,
    connect,
    is_ip_address,
    read_answer,
    read_network_error,
)

if TYPE_CHECKING:
    from nassl.ssl_client import BaseSslClient
    from sslyze.plugins.certificate_info.trust_stores.trust_store import TrustStore

OLD, NEW = "OpenSSL 1.0.2", "OpenSSL 1.1.1"
# Their suites, curves and signature schemes differ: a server may refuse the one and accept the other.
STACKS = {
    "SSLv2": (OLD,),
    "SSLv3": (OLD,),
    "TLS 1.0": (OLD, NEW),
    "TLS 1.1": (OLD, NEW),
    "TLS 1.2": (NEW, OLD),
    "TLS 1.3": (NEW,),
}
_EVERY_SUITE = "ALL:COMPLEMENTOFALL:-PSK:-SRP"
_TLS_1_3_SUITES = (
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
)
_STORES_LOCK = threading.Lock()


@dataclass(slots=True)
class Target:
    """One address of one host; `timeout` bounds a connection with its handshake, `deadline` all of them (seconds)."""

    host: str
    port: int
    address: str
    starttls: str | None
    timeout: float
    deadline: Deadline
    connections: int = 0

    def __post_init__(self) -> None:
        if not is_ip_address(self.address):
            raise ValueError(f"address: {self.address!r} is not an IP address")
        if self.starttls is not None and self.starttls not in starttls_protocols():
            raise ValueError(f"starttls: {self.starttls!r} is not one of {', '.join(starttls_protocols())}")

    @property
    def server_name(self) -> str | None:
        """What is sent as SNI."""
        return None if is_ip_address(self.host) else self.host

    def open(self) -> Wire | Reading:
        """A connection on which TLS can start, or what stood in the way."""
        wire = None
        try:
            patience = self.deadline.within(self.timeout)
            self.connections += 1
            wire = connect(self.address, self.port, patience)
            refusal = _start_tls(wire, self.starttls, self.host) if self.starttls else None
        except OSError as error:
            if wire is not None:
                wire.close()
            return read_network_error(error, wire)
        if refusal is not None:
            wire.close()
            return refusal
        return wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What one hello brought: the reading, and the certificate chain (PEM, leaf first) where one was seen."""

    version: str
    stack: str
    reading: Reading
    chain: tuple[str, ...] = ()


def starttls_protocols() -> tuple[str, ...]:
    """The protocols in which sslyze can ask for TLS; there is no MySQL."""
    from sslyze import ProtocolWithOpportunisticTlsEnum

    return tuple(protocol.value.lower() for protocol in ProtocolWithOpportunisticTlsEnum)


def say_hello(target: Target, version: str, stack: str, suites: Iterable[str] = ()) -> Hello:
    """One handshake that offers this version alone, with every suite that the stack knows or only with `suites`."""
    wire = target.open()
    if isinstance(wire, Reading):
        return Hello(version=version, stack=stack, reading=wire)
    with wire:
        wire.record()
        client = _client(target, version, stack)
        _offer(client, version, stack, suites)
        client.set_underlying_socket(wire)
        reading = _shake_hands(client, wire, version)
        if reading.answer is not Answer.ACCEPTED:
            return Hello(version=version, stack=stack, reading=reading)
        return Hello(version=version, stack=stack, reading=_name_suite(client, reading), chain=_chain(client))


def suites_of(version: str, stack: str) -> list[str]:
    """The OpenSSL names of all suites that the stack can offer for a version."""
    if version == "TLS 1.3":
        return list(_TLS_1_3_SUITES)
    client = _client(Target("localhost", 0, "127.0.0.1", None, 0, Deadline(0)), version, stack)
    client.set_cipher_list(_EVERY_SUITE)
    return [suite for suite in client.get_cipher_list() if suite not in _TLS_1_3_SUITES]


def suite_name(version: str, openssl_name: str) -> str:
    """The IANA name of a suite; the OpenSSL name where sslyze knows no other."""
    from sslyze.plugins.openssl_cipher_suites.cipher_suites import CipherSuitesRepository

    known = CipherSuitesRepository.get_all_cipher_suites(_tls_version(version))
    return next((suite.name for suite in known if suite.openssl_name == openssl_name), openssl_name)


def validate(pems: list[str], host: str, ca_file: str | None) -> dict[str, dict[str, Any]]:
    """Looks for a path from the chain to a root of each store, now; `own` is the store of `ca_file`.

    ProbeFailed("malformed-reply") when the verifier cannot read the chain; OSError or ValueError for a bad `ca_file`.
    """
    from cryptography import x509

    subject = x509.DNSName(host.encode("idna").decode("ascii"))
    if is_ip_address(host):
        subject = x509.IPAddress(ipaddress.ip_address(host))
    now = datetime.datetime.now(datetime.UTC)
    stores = {store.name: store for store in _bundled_stores()}
    if ca_file is not None:
        from sslyze.plugins.certificate_info.trust_stores.trust_store import TrustStore

        stores["own"] = TrustStore(Path(ca_file), "own", "")
    report = {}
    for name, store in stores.items():
        try:
            result = store.verify_certificate_chain(pems, subject, now)
        except ValueError as error:
            raise ProbeFailed("malformed-reply", f"the certificate cannot be verified: {error}") from error
        trusted = result.was_validation_successful
        report[name] = {
            "trusted": trusted,
            "reason": None if trusted else explain_distrust(pems, host, _roots(store), now),
            "detail": result.validation_error,
            "store_version": store.version,
        }
    return report
