"""Single handshakes by the clients of sslyze (and through it nassl), and its words for STARTTLS.

sslyze is under the AGPL-3.0. The modules `sslyze_*` of this package are the only ones that import it: when a function
needs it, or in a process of its own.

What sslyze's own cipher commands report as rejected includes resets and timeouts, and they cost about 540 connections.
Here sslyze builds the client for one handshake with all suites offered, and the answer is read from the bytes on the
wire. nassl parses what the server sends with two OpenSSL generations that get no more fixes (1.0.2 and 1.1.1).
"""

from __future__ import annotations

import ssl
import struct
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

from posture_endpoint._probes.wire import (
    CONNECT_PATIENCE,
    RECONNECT_AFTER,
    RECONNECTS,
    Answer,
    Deadline,
    Reading,
    Wire,
    connect,
    is_ip_address,
    read_answer,
    read_network_error,
)
from posture_endpoint.hello.starttls import BORROWED, PROTOCOLS, StartTlsRefused, read_borrowed, start_tls

if TYPE_CHECKING:
    from nassl.ssl_client import BaseSslClient
    from sslyze import TlsVersionEnum

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
EVERY_SUITE = "ALL:COMPLEMENTOFALL:-PSK:-SRP"
_TLS_1_3_SUITES = (
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
)
_SSLYZE_NAMES = {
    "SSLv2": "SSL_2_0",
    "SSLv3": "SSL_3_0",
    "TLS 1.0": "TLS_1_0",
    "TLS 1.1": "TLS_1_1",
    "TLS 1.2": "TLS_1_2",
    "TLS 1.3": "TLS_1_3",
}


@dataclass(slots=True)
class Target:
    """One address of one host; ValueError when host, address or protocol make no sense.

    `timeout` bounds a connection with its handshake, `connect_timeout` the time until it is taken up, `deadline` all
    of them, in seconds.
    """

    host: str
    port: int
    address: str
    starttls: str | None
    timeout: float
    deadline: Deadline
    connect_timeout: float = CONNECT_PATIENCE
    connections: int = 0
    reached: bool = False

    def __post_init__(self) -> None:
        try:
            self.host.encode("idna")
        except UnicodeError as error:
            raise ValueError(f"host: {self.host!r} is not a host name") from error
        if not is_ip_address(self.address):
            raise ValueError(f"address: {self.address!r} is not an IP address")
        known = (*PROTOCOLS, *BORROWED)
        if self.starttls is not None and self.starttls not in known:
            raise ValueError(f"starttls: {self.starttls!r} is not one of {', '.join(known)}")

    @property
    def server_name(self) -> str | None:
        """What is sent as SNI."""
        return None if is_ip_address(self.host) else self.host

    def open(self) -> Wire | Reading:
        """A connection on which TLS can start, or what stood in the way."""
        wire = None
        try:
            wire = self._connect()
            refusal = _start_tls(wire, self.starttls, self.host) if self.starttls else None
        except OSError as error:
            if wire is not None:
                wire.close()
            return read_network_error(error, wire)
        if refusal is not None:
            wire.close()
            return refusal
        return wire

    def _connect(self) -> Wire:
        """Tried again until one connection was taken up: one lost packet makes no address unreachable."""
        delay = RECONNECT_AFTER
        for tries_left in range(0 if self.reached else RECONNECTS, -1, -1):
            self.connections += 1
            try:
                patience = self.deadline.within(self.timeout)
                wire = connect(self.address, self.port, patience.within(self.connect_timeout))
            except OSError:
                if not tries_left or self.deadline.passed or self.deadline.remaining() <= delay:
                    raise
                time.sleep(delay)
                delay *= 2
            else:
                self.reached = True
                wire.deadline = patience
                return wire
        raise AssertionError("the last try returns or raises")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What one hello brought: the reading, and the certificate chain (PEM, leaf first) where one was seen."""

    version: str
    stack: str
    reading: Reading
    chain: tuple[str, ...] = ()


def say_hello(target: Target, version: str, stack: str, offer: str = EVERY_SUITE) -> Hello:
    """One handshake that offers this version alone; `offer` is an OpenSSL cipher string (for TLS 1.3 suite names)."""
    # Before the connection: the first client takes its time, which is not the server's.
    client = _client(target.host, version, stack)
    _set_offer(client, version, stack, offer)
    wire = target.open()
    if isinstance(wire, Reading):
        return Hello(version=version, stack=stack, reading=wire)
    with wire:
        wire.record()
        client.set_underlying_socket(wire)
        reading = _shake_hands(client, wire, version)
        if reading.answer is not Answer.ACCEPTED:
            return Hello(version=version, stack=stack, reading=reading)
        reading = replace(reading, suite=client.get_current_cipher_name() or None)
        return Hello(version=version, stack=stack, reading=reading, chain=_chain(client))


def tools() -> dict[str, str]:
    """The versions of what made an observation, for the evidence."""
    packages = {name: installed_version(name) for name in ("sslyze", "nassl", "cryptography")}
    return {**packages, "python-openssl": ssl.OPENSSL_VERSION}


def _client(host: str, version: str, stack: str) -> BaseSslClient:
    """sslyze's client for one version; its `connect` is not used, since it cannot be bounded in time."""
    from sslyze import ServerNetworkConfiguration, ServerNetworkLocation
    from sslyze.connection_helpers.tls_connection import SslConnection

    # The address is never connected to from here; with it sslyze resolves no name.
    location = ServerNetworkLocation(hostname=host, port=0, ip_address="127.0.0.1")
    return SslConnection(
        server_location=location,
        network_configuration=ServerNetworkConfiguration(tls_server_name_indication=location.hostname),
        tls_version=_tls_version(version),
        should_ignore_client_auth=False,
        should_use_legacy_openssl=stack == OLD,
        should_enable_server_name_indication=not is_ip_address(host),
    ).ssl_client


def _tls_version(version: str) -> TlsVersionEnum:
    from sslyze import TlsVersionEnum

    return TlsVersionEnum[_SSLYZE_NAMES[version]]


def _set_offer(client: BaseSslClient, version: str, stack: str, offer: str) -> None:
    """Security level 0 lets OpenSSL 1.1.1 offer what it would refuse itself."""
    from nassl.ssl_client import SslClient

    if version == "TLS 1.3" and isinstance(client, SslClient):
        client.set_cipher_list(f"{EVERY_SUITE}:@SECLEVEL=0")
        client.set_ciphersuites(":".join(_TLS_1_3_SUITES) if offer == EVERY_SUITE else offer)
    else:
        client.set_cipher_list(f"{offer}:@SECLEVEL=0" if stack == NEW else offer)


def _shake_hands(client: BaseSslClient, wire: Wire, version: str) -> Reading:
    from nassl._nassl import OpenSSLError
    from nassl.ssl_client import ClientCertificateRequested

    try:
        client.do_handshake()
        reason = f"completed a handshake with {version}"
    except ClientCertificateRequested:
        seen = read_answer(wire.first_bytes, version)
        if seen is None or (seen.answer is not Answer.ACCEPTED and version != "TLS 1.3") or wire.first_bytes[0] != 0x16:
            return seen or Reading(answer=Answer.UNCLEAR, detail="asked for a client certificate before its hello")
        reason = f"asked for a client certificate with {version}"
    except OpenSSLError as error:
        unclear = Reading(answer=Answer.UNCLEAR, detail=str(error).strip(), first_bytes=wire.first_bytes[:64].hex())
        return read_answer(wire.first_bytes, version) or unclear
    except OSError as error:
        seen = read_answer(wire.first_bytes, version)
        if seen is None and "peer did not send data back" in str(error):
            return Reading(answer=Answer.CLOSED, detail="closed without an answer")
        return seen or read_network_error(error, wire)
    return Reading(answer=Answer.ACCEPTED, detail=reason, first_bytes=wire.first_bytes[:64].hex())


def _chain(client: BaseSslClient) -> tuple[str, ...]:
    try:
        return tuple(client.get_received_chain())
    except ValueError:
        return ()  # an anonymous suite: the server showed no certificate


def borrow_words(wire: Wire, protocol: str, host: str) -> None:
    """Asks for TLS in one of BORROWED, in the words of sslyze. StartTlsRefused, or OSError when time is up."""
    from sslyze import ProtocolWithOpportunisticTlsEnum
    from sslyze.connection_helpers.opportunistic_tls_helpers import OpportunisticTlsError, get_opportunistic_tls_helper

    helper = get_opportunistic_tls_helper(ProtocolWithOpportunisticTlsEnum(protocol.upper()), host, "posture.invalid")
    complaint = ""
    wire.record()
    try:
        helper.prepare_socket_for_tls_handshake(wire)
    except (OpportunisticTlsError, UnicodeError, struct.error) as error:
        complaint = str(error)
    refused = read_borrowed(protocol, wire.first_bytes, complaint)
    if refused is not None:
        raise refused
    wire.forget()


class _Talk:
    """A blocking connection as our own dialogues talk on it."""

    def __init__(self, wire: Wire) -> None:
        self.received = bytearray()
        self.over = False
        self._wire = wire

    def send(self, data: bytes) -> None:
        self._wire.sendall(data)

    async def more(self) -> None:
        data = self._wire.recv(4096)
        self.received += data
        self.over = not data


def _start_tls(wire: Wire, protocol: str, host: str) -> Reading | None:
    """Asks for TLS in the protocol's own words; None when the server agreed."""
    try:
        if protocol in BORROWED:
            borrow_words(wire, protocol, host)
        else:
            # Nothing in it waits but the socket, so that one step runs it to its end.
            with suppress(StopIteration):
                start_tls(_Talk(wire), protocol).send(None)
    except StartTlsRefused as refused:
        answer = Answer.NOT_TLS if refused.not_offered else Answer.UNCLEAR
        return Reading(answer=answer, detail=f"STARTTLS: {refused}")
    return None
