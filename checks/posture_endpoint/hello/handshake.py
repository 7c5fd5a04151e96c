"""One whole handshake by Python's `ssl`: the newest version that both sides know, and the certificate shown with it."""

from __future__ import annotations

import hashlib
import ssl
import warnings
from dataclasses import replace
from functools import cache

from posture_endpoint._probes.wire import Answer
from posture_endpoint.hello.answer import Try, read_meaning
from posture_endpoint.hello.connect import Caller, read_ending, with_meaning
from posture_endpoint.hello.encode import VERSION_NAMES, ClientHello
from posture_endpoint.hello.parse import ServerHello, parse
from posture_endpoint.hello.suites import SUITES, TLS13_SUITES
from posture_endpoint.hello.wire import Wire

_NAMES = {"SSLv3": "SSLv3", "TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1", "TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3"}
PURPOSE = "handshake"
# What an alert means does not depend on the offer.
_ANY = ClientHello(newest="TLS 1.3", suites=TLS13_SUITES, server_name=None)


async def shake_hands(caller: Caller) -> Try:
    """A handshake that offers all versions and suites of the library; no certificate is verified here.

    A ServerHello counts as accepted even when the server then asks for a client certificate and gives up.
    """
    blank = Try(purpose=PURPOSE, answer=Answer.UNCLEAR, detail="")
    return await caller.converse(blank, lambda wire: _shake(wire, caller.server_name, blank))


async def _shake(wire: Wire, server_name: str | None, blank: Try) -> Try:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = _offer_everything().wrap_bio(incoming, outgoing, server_hostname=server_name)
    fed = 0
    try:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                data = outgoing.read()
                if not blank.hello_sha256:
                    blank = replace(blank, hello_sha256=hashlib.sha256(data).hexdigest())
                wire.send(data)
                if len(wire.received) == fed and not wire.over:
                    await wire.more()
                if len(wire.received) == fed:
                    incoming.write_eof()
                incoming.write(wire.received[fed:])
                fed = len(wire.received)
    except (ssl.SSLError, TimeoutError) as error:
        seen = _seen(wire, blank)
        if seen is None and isinstance(error, TimeoutError):
            raise
        return seen or read_ending(wire, blank)
    wire.send(outgoing.read())
    leaf = tls.getpeercert(binary_form=True)
    version = _NAMES.get(tls.version() or "")
    hello = parse(bytes(wire.received))
    return replace(
        blank,
        answer=Answer.ACCEPTED,
        detail=f"completed a handshake with {version}",
        version=version,
        suite=hello.suite if isinstance(hello, ServerHello) else None,
        group=hello.group if isinstance(hello, ServerHello) else None,
        chain=(leaf,) if leaf else (),
    )


@cache
def _offer_everything() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:COMPLEMENTOFALL:-PSK:-SRP:@SECLEVEL=0")
    return context


def _seen(wire: Wire, blank: Try) -> Try | None:
    """What the answer says although the handshake failed: its ServerHello takes the offer up all the same."""
    parsed = parse(bytes(wire.received))
    if isinstance(parsed, ServerHello):
        if parsed.version not in VERSION_NAMES or parsed.suite not in SUITES:
            return replace(blank, detail="ServerHello with a choice that nobody offers")
        version = VERSION_NAMES[parsed.version]
        detail = f"ServerHello for {version}"
        return replace(blank, answer=Answer.ACCEPTED, detail=detail, version=version, suite=parsed.suite)
    return None if parsed is None else with_meaning(blank, read_meaning(parsed, _ANY))
