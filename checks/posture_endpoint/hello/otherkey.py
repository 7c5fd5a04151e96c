"""Whether a server of TLS 1.3 has a certificate for another kind of key, which it shows before it encrypts."""

from __future__ import annotations

import asyncio
from typing import Any

from posture_endpoint._probes.wire import Answer
from posture_endpoint.hello.connect import Caller
from posture_endpoint.hello.encode import SIGNATURES, ClientHello
from posture_endpoint.hello.suites import TLS13_SUITES

_BEGINNINGS = {"RSA": ("rsa_pss_",), "EC": ("ecdsa_", "ed25519", "ed448")}
"""How the names of the signature schemes begin that TLS 1.3 has for a key (RFC 8446 section 4.2.3)."""


def ask_for_other_key(caller: Caller, key_type: str) -> dict[str, Any]:
    """Two hellos: one that offers every signature scheme, one those alone that do not fit a key of `key_type`.

    `refused` is true where the server goes along with the first and refuses the second, so that it has no certificate
    for another key; where it goes along with both, or does something else, nothing is proven. `key_type` is RSA or EC.
    """
    return asyncio.run(_ask(caller, key_type))


async def _ask(caller: Caller, key_type: str) -> dict[str, Any]:
    unfit = tuple(
        code
        for code, name in SIGNATURES.items()
        if any(name.startswith(one) for kind, names in _BEGINNINGS.items() if kind != key_type for one in names)
    )
    tries = []
    for purpose, signatures in (("every signature", tuple(SIGNATURES)), (f"none for {key_type} keys", unfit)):
        hello = ClientHello(
            newest="TLS 1.3",
            suites=TLS13_SUITES,
            server_name=caller.server_name,
            signatures=signatures,
            key_shares=True,
        )
        tries.append(await caller.say(hello, purpose))
    control, other = tries
    goes_on = control.accepted and control.detail.startswith("ServerHello")
    return {"refused": goes_on and other.answer is Answer.REFUSED, "tries": [one.as_json() for one in tries]}
