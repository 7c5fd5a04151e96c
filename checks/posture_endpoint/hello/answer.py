"""What one connection brought: the hello that was sent, how the server met it, and the bytes that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from posture_endpoint._probes.wire import Answer
from posture_endpoint.hello.encode import GROUPS, SIGNATURES, VERSION_CODES, VERSION_NAMES, ClientHello, Ssl2Hello
from posture_endpoint.hello.parse import Alert, Malformed, NotTls, Parsed, ServerHello, Ssl2Error, Ssl2ServerHello
from posture_endpoint.hello.suites import name_of

KEPT_OF_A_REFUSAL, KEPT_OF_A_HELLO = 64, 256

# RFC 8446 section 6: these say that the offer itself was refused. Any other alert may have another reason.
_REFUSALS = {40: "handshake_failure", 70: "protocol_version", 71: "insufficient_security"}
_OTHER_ALERTS = {
    10: "unexpected_message",
    47: "illegal_parameter",
    50: "decode_error",
    80: "internal_error",
    86: "inappropriate_fallback",
    109: "missing_extension",
    112: "unrecognized_name",
    116: "certificate_required",
}
# A TLS stack that answers a hello of SSL 2.0 with one of these has taken it for no hello at all.
_SSL2_REFUSALS = (10, 47, 50, 112)
_CAUSES = {
    Answer.RESET: "unreachable",
    Answer.CLOSED: "unreachable",
    Answer.UNREACHABLE: "unreachable",
    Answer.TIMEOUT: "timeout",
    Answer.NOT_TLS: "malformed-reply",
    Answer.UNCLEAR: "malformed-reply",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One connection. `purpose` names the hello, `judges` the versions that its refusal refuses.

    `implicit` marks a refusal without words: a reset, a close, silence, or an alert of another kind, on a hello that
    was sent whole and got nothing else. `capped` marks what was not sent, since the address has seen enough.
    `version`, `suite`, `group`, `signature` are the server's choice; `chain` is DER, leaf first.
    """

    purpose: str
    judges: tuple[str, ...] = ()
    answer: Answer
    detail: str
    implicit: bool = False
    capped: bool = False
    version: str | None = None
    suite: int | None = None
    group: int | None = None
    kinds: tuple[int, ...] = ()
    chain: tuple[bytes, ...] = ()
    prime_bits: int | None = None
    signature: int | None = None
    encrypt_then_mac: bool = False
    first_bytes: str = ""
    hello_sha256: str = ""
    milliseconds: int = 0

    @property
    def accepted(self) -> bool:
        """Whether a ServerHello came that takes the offer up."""
        return self.answer is Answer.ACCEPTED

    @property
    def cause(self) -> str:
        """The gap cause of a try that decides nothing."""
        return "capped" if self.capped else _CAUSES.get(self.answer, "disagreement")

    def as_json(self) -> dict[str, Any]:
        """The try as evidence."""
        found: dict[str, Any] = {
            "client": self.purpose,
            "answer": self.answer.value,
            "detail": self.detail,
            "first_bytes": self.first_bytes,
            "hello_sha256": self.hello_sha256,
            "milliseconds": self.milliseconds,
        }
        if self.suite is not None:
            found["suite"] = name_of(self.suite)
        if self.group is not None:
            found["group"] = group_name(self.group)
        if self.prime_bits is not None:
            found["prime_bits"] = self.prime_bits
        if self.signature is not None:
            found["signature"] = signature_name(self.signature)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an answer says about the hello it followed."""

    answer: Answer
    detail: str
    implicit: bool = False
    version: str | None = None
    suite: int | None = None
    group: int | None = None
    kinds: tuple[int, ...] = ()
    encrypt_then_mac: bool = False


def read_meaning(parsed: Parsed, hello: ClientHello | Ssl2Hello) -> Meaning:
    """Judges an answer by the offer. A choice that was not offered proves neither acceptance nor refusal."""
    match parsed:
        case Alert(code=0):
            return Meaning(answer=Answer.CLOSED, detail="closed with close_notify", implicit=True)
        case Alert(code=code) if code in _REFUSALS:
            return Meaning(answer=Answer.REFUSED, detail=f"alert {_REFUSALS[code]}")
        case Alert(code=code) if isinstance(hello, Ssl2Hello) and code in _SSL2_REFUSALS:
            return Meaning(answer=Answer.REFUSED, detail=f"alert {_OTHER_ALERTS[code]}")
        case Alert(code=code):
            return Meaning(answer=Answer.OTHER_ALERT, detail=f"alert {_OTHER_ALERTS.get(code, code)}", implicit=True)
        case Ssl2ServerHello(kinds=kinds) if isinstance(hello, Ssl2Hello):
            detail = "SSLv2 SERVER-HELLO" if kinds else "SSLv2 SERVER-HELLO that names no kind"
            return Meaning(answer=Answer.ACCEPTED, detail=detail, version="SSLv2", kinds=kinds)
        case Ssl2Error(code=code) if isinstance(hello, Ssl2Hello):
            answer = Answer.REFUSED if code == 1 else Answer.UNCLEAR
            return Meaning(answer=answer, detail=f"SSLv2 ERROR {code}")
        case ServerHello() if isinstance(hello, ClientHello):
            return _server_hello(parsed, hello)
        case NotTls() if isinstance(hello, Ssl2Hello):
            return Meaning(answer=Answer.REFUSED, detail="an answer that is neither SSLv2 nor TLS")
        case NotTls():
            return Meaning(answer=Answer.NOT_TLS, detail="the answer is not TLS")
        case Malformed(why=why):
            return Meaning(answer=Answer.UNCLEAR, detail=f"malformed answer: {why}")
        case _:
            return Meaning(answer=Answer.UNCLEAR, detail="the answer belongs to another hello")


def group_name(code: int) -> str:
    """The name of a group, or its code in hexadecimal."""
    return GROUPS.get(code, f"{code:#06x}")


def signature_name(code: int) -> str:
    """The name of a signature scheme, or its code in hexadecimal."""
    return SIGNATURES.get(code, f"{code:#06x}")


def _server_hello(chosen: ServerHello, hello: ClientHello) -> Meaning:
    version = VERSION_NAMES.get(chosen.version)
    if version is None:
        return Meaning(answer=Answer.UNCLEAR, detail=f"ServerHello for version {chosen.version:#06x}")
    if hello.newest == "TLS 1.3" and version != "TLS 1.3":
        # The hello offers TLS 1.3 alone: whoever answers with an older one does not know the newer.
        return Meaning(answer=Answer.REFUSED, detail=f"ServerHello for {version} instead")
    if VERSION_CODES[version] > VERSION_CODES[hello.newest]:
        return Meaning(answer=Answer.UNCLEAR, detail=f"ServerHello for {version}, above what was offered")
    if chosen.suite not in hello.suites:
        detail = f"ServerHello for {version} with {name_of(chosen.suite)}, which was not offered"
        return Meaning(answer=Answer.UNCLEAR, detail=detail)
    kind = "HelloRetryRequest" if chosen.retry else "ServerHello"
    return Meaning(
        answer=Answer.ACCEPTED,
        detail=f"{kind} for {version}",
        version=version,
        suite=chosen.suite,
        group=chosen.group,
        encrypt_then_mac=chosen.encrypt_then_mac,
    )
