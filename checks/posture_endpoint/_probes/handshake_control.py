"""The positive control of a probe: does this server still answer a modern TLS hello with a ServerHello?"""

from __future__ import annotations

import ssl

from posture_endpoint._probes.wire import Answer, Reading, Wire, read_answer, read_network_error

_NAMES = {"SSLv3": "SSLv3", "TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1", "TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3"}


def shake_hands(wire: Wire, server_name: str | None) -> tuple[Reading, str | None]:
    """One handshake by Python's `ssl` on a connected socket, all its versions and suites offered.

    Returns the reading and the version of a completed handshake. A ServerHello counts as accepted even when the
    server then asks for a client certificate and gives up.
    """
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = _offer_everything().wrap_bio(incoming, outgoing, server_hostname=server_name)
    wire.record()
    try:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                wire.sendall(outgoing.read())
                data = wire.recv(16_384)
                if data:
                    incoming.write(data)
                else:
                    incoming.write_eof()
        wire.sendall(outgoing.read())
    except ssl.SSLError as error:
        return _seen(wire) or _ended(error, wire), None
    except OSError as error:
        return _seen(wire) or read_network_error(error, wire), None
    version = _NAMES.get(tls.version() or "")
    cipher = tls.cipher()
    detail = f"completed a handshake with {version}"
    return Reading(answer=Answer.ACCEPTED, detail=detail, suite=cipher[0] if cipher else None), version


def _offer_everything() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return context


def _seen(wire: Wire) -> Reading | None:
    """The answer on the wire; the hello offers TLS 1.2 or below in the old field, so any version is an acceptance."""
    reading = read_answer(wire.first_bytes, "TLS 1.2")
    if reading is None or reading.answer is not Answer.REFUSED or "ServerHello" not in reading.detail:
        return reading
    return Reading(answer=Answer.ACCEPTED, detail=reading.detail, first_bytes=reading.first_bytes)


def _ended(error: ssl.SSLError, wire: Wire) -> Reading:
    if not wire.first_bytes:
        return Reading(answer=Answer.CLOSED, detail="closed without an answer")
    return Reading(answer=Answer.UNCLEAR, detail=str(error.reason or error), first_bytes=wire.first_bytes[:64].hex())
