"""One connection to one address: opened, a hello sent, read until its answer decides or time is up, and dropped."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from posture_endpoint._probes.wire import (
    CONNECT_PATIENCE,
    RECONNECT_AFTER,
    RECONNECTS,
    Answer,
    Deadline,
    ProbeFailed,
    connect,
    is_ip_address,
    take_connection,
)
from posture_endpoint._probes.wire import Wire as BlockingWire
from posture_endpoint.hello.answer import KEPT_OF_A_HELLO, KEPT_OF_A_REFUSAL, Meaning, Try, read_meaning
from posture_endpoint.hello.encode import ClientHello, Ssl2Hello
from posture_endpoint.hello.parse import (
    Flight,
    named_curve,
    parse,
    parse_flight,
    prime_bits,
    signature_scheme,
)
from posture_endpoint.hello.starttls import BORROWED, PROTOCOLS, StartTlsRefused, start_tls
from posture_endpoint.hello.suites import name_of
from posture_endpoint.hello.wire import Wire

_CAPPED = "the limit of {} connections to the address was reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How an address is treated: `most` connections in all, `pause` seconds between them.

    `backoff` is the pause after a connection that was not answered; it doubles with each further one. `connect` seconds
    may pass until a connection is taken up.
    """

    most: int = 20
    pause: float = 0.0
    backoff: float = 0.0
    connect: float = CONNECT_PATIENCE


@dataclass(slots=True)
class Caller:
    """Says hello to one address of one host, one connection at a time, and counts them.

    `timeout` bounds a connection with its answer, `deadline` all of them, in seconds; `reached` is whether any
    connection was taken up. ValueError when host, address or protocol make no sense.
    """

    host: str
    port: int
    address: str
    starttls: str | None
    timeout: float
    deadline: Deadline
    manners: Manners = field(default_factory=Manners)
    connections: int = 0
    reached: bool = False
    _unanswered: int = 0

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
        """What is sent as SNI: IP addresses are not (RFC 6066 section 3)."""
        return None if is_ip_address(self.host) else self.host.encode("idna").decode("ascii").rstrip(".")

    @property
    def left(self) -> int:
        """Connections that the address may still see."""
        return self.manners.most - self.connections

    async def say(
        self, hello: ClientHello | Ssl2Hello, purpose: str, judges: tuple[str, ...] = (), *, whole: bool = False
    ) -> Try:
        """One hello and its answer; with `whole` the certificate and key exchange behind a ServerHello too."""
        data = hello.encode()
        blank = Try(
            purpose=purpose,
            judges=judges,
            answer=Answer.UNCLEAR,
            detail="",
            hello_sha256=hashlib.sha256(data).hexdigest(),
        )
        return await self.converse(blank, lambda wire: _exchange(wire, data, hello, blank, whole=whole))

    async def converse(self, blank: Try, talk: Callable[[Wire], Awaitable[Try]]) -> Try:
        """Opens a connection, lets `talk` go on from there, and classifies what ends it.

        Until one was taken up, connections are tried again: one lost packet makes no address unreachable.
        """
        found = await self._converse(blank, talk)
        for tried in range(RECONNECTS):
            delay = RECONNECT_AFTER * 2**tried
            if self.reached or self.left <= 0 or self.deadline.passed or self.deadline.remaining() <= delay:
                break
            await asyncio.sleep(delay)
            found = await self._converse(blank, talk)
        return found

    async def _converse(self, blank: Try, talk: Callable[[Wire], Awaitable[Try]]) -> Try:
        if self.left <= 0:
            return replace(blank, detail=_CAPPED.format(self.manners.most), capped=True)
        await self._wait()
        if self.deadline.passed:
            detail = f"the deadline of {self.deadline.seconds:g} s has passed"
            return replace(blank, answer=Answer.TIMEOUT, detail=detail)
        start = time.monotonic()
        wire, stage = Wire(), "connect"
        patience = self.deadline.within(self.timeout)
        timer = asyncio.get_running_loop().call_later(patience.seconds, wire.expire)
        try:
            self.connections += 1
            opening = min(self.manners.connect, patience.seconds)
            async with asyncio.timeout(opening):
                opened = await self._connect(wire, patience.within(opening))
            self.reached = True
            stage = "starttls"
            await self._start_tls(wire, opened, patience)
            stage = "hello"
            found = await talk(wire)
        except ProbeFailed as enough:
            self.connections -= 1
            return replace(blank, detail=enough.detail, capped=True)
        except StartTlsRefused as refused:
            answer = Answer.NOT_TLS if refused.not_offered else Answer.UNCLEAR
            found = replace(blank, answer=answer, detail=f"STARTTLS: {refused}")
        except TimeoutError:
            detail = f"no answer within {patience.seconds:.3g} s" if stage == "hello" else f"timed out ({stage})"
            mute = stage == "hello" and not wire.received and patience.seconds == self.timeout
            found = replace(blank, answer=Answer.TIMEOUT, detail=detail, implicit=mute)
        except OSError as error:
            answer = Answer.UNREACHABLE if stage == "connect" else Answer.RESET
            detail = os.strerror(error.errno) if error.errno else str(error)
            found = replace(blank, answer=answer, detail=detail)
        finally:
            timer.cancel()
            wire.abort()
        self._unanswered = self._unanswered + 1 if found.implicit or found.answer is Answer.UNREACHABLE else 0
        kept = KEPT_OF_A_HELLO if found.accepted else KEPT_OF_A_REFUSAL
        return replace(
            found,
            first_bytes=bytes(wire.received[:kept]).hex(),
            milliseconds=round((time.monotonic() - start) * 1000),
        )

    async def _connect(self, wire: Wire, patience: Deadline) -> BlockingWire | None:
        """Opens a connection; as a socket of its own where sslyze is to talk on it first."""
        if self.starttls in BORROWED:
            return await asyncio.to_thread(connect, self.address, self.port, patience)
        take_connection()
        await asyncio.get_running_loop().create_connection(lambda: wire, self.address, self.port)
        return None

    async def _start_tls(self, wire: Wire, opened: BlockingWire | None, patience: Deadline) -> None:
        """Comes to where the server awaits a hello. StartTlsRefused when it does not come there."""
        if self.starttls is None:
            return
        if opened is None:
            await start_tls(wire, self.starttls)
            wire.received.clear()
            return
        from posture_endpoint._probes.sslyze_client import borrow_words

        with opened:
            opened.deadline = patience
            await asyncio.to_thread(borrow_words, opened, self.starttls, self.host)
            ready = socket.socket(fileno=opened.detach())
        await asyncio.get_running_loop().create_connection(lambda: wire, sock=ready)

    async def _wait(self) -> None:
        if not self.connections:
            return
        delay = self.manners.pause
        if self._unanswered and self.manners.backoff:
            delay = max(delay, self.manners.backoff * 2.0 ** (self._unanswered - 1))
        if delay > 0:
            await asyncio.sleep(min(delay, 0.0 if self.deadline.passed else self.deadline.remaining()))


async def _exchange(wire: Wire, data: bytes, hello: ClientHello | Ssl2Hello, blank: Try, *, whole: bool) -> Try:
    wire.send(data)
    while (parsed := parse(bytes(wire.received), ssl2=isinstance(hello, Ssl2Hello))) is None:
        if wire.over:
            return read_ending(wire, blank)
        await wire.more()
    found = with_meaning(blank, read_meaning(parsed, hello))
    if whole and found.accepted and found.version not in ("SSLv2", "TLS 1.3"):
        flight = await _flight(wire)
        return _with_key_exchange(replace(found, chain=flight.chain), flight.key_exchange)
    return found


def _with_key_exchange(found: Try, key_exchange: bytes) -> Try:
    """The try with what a ServerKeyExchange names: group or prime, and in TLS 1.2 the algorithm that signs it."""
    name = name_of(found.suite or 0)
    curves = "_ECDH" in name
    if not key_exchange or not (curves or "_DH" in name):
        return found
    signs = found.version == "TLS 1.2" and "_anon" not in name
    return replace(
        found,
        group=named_curve(key_exchange) if curves else None,
        prime_bits=None if curves else prime_bits(key_exchange),
        signature=signature_scheme(key_exchange, curves=curves) if signs else None,
    )


async def _flight(wire: Wire) -> Flight:
    """What follows the ServerHello, as far as it comes in time."""
    while not (flight := parse_flight(bytes(wire.received))).complete and not wire.over:
        try:
            await wire.more()
        except TimeoutError:
            break
    return flight


def with_meaning(blank: Try, meaning: Meaning) -> Try:
    """The try with what its answer means."""
    return replace(
        blank,
        answer=meaning.answer,
        detail=meaning.detail,
        implicit=meaning.implicit,
        version=meaning.version,
        suite=meaning.suite,
        group=meaning.group,
        kinds=meaning.kinds,
        encrypt_then_mac=meaning.encrypt_then_mac,
    )


def read_ending(wire: Wire, blank: Try) -> Try:
    """A connection that ended before its answer said anything."""
    if wire.received:
        return replace(blank, answer=Answer.UNCLEAR, detail="ended in the middle of an answer")
    if isinstance(wire.error, ConnectionError):
        return replace(blank, answer=Answer.RESET, detail="reset after the hello", implicit=True)
    return replace(blank, answer=Answer.CLOSED, detail="closed without an answer", implicit=True)
