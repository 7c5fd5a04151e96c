"""The servers of the endpoint estate: for each one its ground truth and how it behaves on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from posture_estates.endpoints.authority import KeyType

VERSIONS = ("SSLv2", "SSLv3", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")
_MODERN = frozenset({"TLS 1.2", "TLS 1.3"})
_WEAK = frozenset({"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"})
_WEAK_WITHOUT_1_3 = _WEAK - {"TLS 1.3"}
ONE_YEAR = 31_536_000


class Behaviour(Enum):
    """How a server treats a connection."""

    SERVES = "completes handshakes and answers"
    CLOSED = "nothing listens"
    SILENT = "accepts and says nothing"
    DRIPS_HANDSHAKE = "answers a hello with a record that never ends, one byte at a time"
    DRIPS_BODY = "completes handshakes; its HTTP body never ends, one byte at a time"
    RESETS = "resets after the hello"
    FLAKY = "resets every third connection after the hello"
    RATE_LIMITED = "serves some connections a minute, then resets after the hello"
    PLAIN_HTTP = "speaks HTTP without TLS on the TLS port"
    OLD_RESET = "resets after a hello that is older than TLS 1.2"
    OLD_SILENCE = "never answers a hello that is older than TLS 1.2"
    CLIENT_CERTIFICATE = "demands a client certificate"
    SMTP = "speaks SMTP and offers STARTTLS"


class CertificateProblem(Enum):
    """What is wrong with a server's certificate."""

    EXPIRED = "expired"
    SELF_SIGNED = "self-signed"
    WRONG_NAME = "wrong-name"
    UNTRUSTED_ROOT = "untrusted-root"
    EXPIRES_SOON = "expires within ten days"
    SHORT_KEY = "RSA key of 1024 bits"
    SECOND_EXPIRED = "good ECDSA certificate; the RSA certificate beside it expired"


class PlainHttp(Enum):
    """What the plain-HTTP companion port does."""

    REDIRECTS = "redirects every path to https"
    SERVES = "serves content"
    ABSENT = "nothing listens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is so, whatever a scanner says. `readable` is false where no TLS handshake can ever complete."""

    versions: frozenset[str]
    certificate_problems: frozenset[CertificateProblem] = frozenset()
    hsts_max_age: int | None = None
    has_policy: bool = True
    plain: PlainHttp = PlainHttp.ABSENT
    readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSpec:
    """One server of the estate; servers that share a `label` are the addresses of one host name."""

    name: str
    truth: Truth
    behaviour: Behaviour = Behaviour.SERVES
    label: str = ""
    key_type: KeyType = "ec256"


def _spec(name: str, versions: frozenset[str] = _MODERN, behaviour: Behaviour = Behaviour.SERVES, /) -> ServerSpec:
    return ServerSpec(name=name, truth=Truth(versions=versions), behaviour=behaviour)


def _faulty(name: str, problem: CertificateProblem, key_type: KeyType = "ec256") -> ServerSpec:
    truth = Truth(versions=_MODERN, certificate_problems=frozenset({problem}), hsts_max_age=ONE_YEAR)
    return ServerSpec(name=name, truth=truth, key_type=key_type)


def _mute(name: str, behaviour: Behaviour) -> ServerSpec:
    return ServerSpec(name=name, truth=Truth(versions=frozenset(), readable=False), behaviour=behaviour)


_GOOD = Truth(versions=_MODERN, hsts_max_age=ONE_YEAR, plain=PlainHttp.REDIRECTS)

SERVERS = (
    ServerSpec(name="good", truth=_GOOD, key_type="rsa2048"),
    ServerSpec(name="weak", truth=Truth(versions=_WEAK, plain=PlainHttp.SERVES), key_type="rsa2048"),
    _spec("tls10-only", frozenset({"TLS 1.0"})),
    _spec("tls13-only", frozenset({"TLS 1.3"})),
    _faulty("expired", CertificateProblem.EXPIRED),
    _faulty("self-signed", CertificateProblem.SELF_SIGNED),
    _faulty("wrong-name", CertificateProblem.WRONG_NAME),
    _faulty("untrusted-root", CertificateProblem.UNTRUSTED_ROOT),
    _faulty("expires-soon", CertificateProblem.EXPIRES_SOON),
    _faulty("short-key", CertificateProblem.SHORT_KEY, "rsa1024"),
    _faulty("two-certificates", CertificateProblem.SECOND_EXPIRED),
    ServerSpec(name="no-policy", truth=Truth(versions=_MODERN, hsts_max_age=ONE_YEAR, has_policy=False)),
    _mute("refused", Behaviour.CLOSED),
    _mute("silent", Behaviour.SILENT),
    _mute("dripping", Behaviour.DRIPS_HANDSHAKE),
    _spec("dripping-body", _MODERN, Behaviour.DRIPS_BODY),
    _mute("resets", Behaviour.RESETS),
    _mute("plain-http", Behaviour.PLAIN_HTTP),
    _spec("flaky", _WEAK_WITHOUT_1_3, Behaviour.FLAKY),
    _spec("rate-limited", _WEAK_WITHOUT_1_3, Behaviour.RATE_LIMITED),
    _spec("old-reset", _MODERN, Behaviour.OLD_RESET),
    _spec("old-silence", _MODERN, Behaviour.OLD_SILENCE),
    _spec("client-certificate", _MODERN, Behaviour.CLIENT_CERTIFICATE),
    _spec("client-certificate-weak", _WEAK_WITHOUT_1_3, Behaviour.CLIENT_CERTIFICATE),
    _spec("smtp", _WEAK_WITHOUT_1_3, Behaviour.SMTP),
    ServerSpec(name="two-addresses-good", truth=_GOOD, label="two-addresses"),
    ServerSpec(
        name="two-addresses-weak",
        truth=Truth(versions=_WEAK, hsts_max_age=ONE_YEAR, plain=PlainHttp.REDIRECTS),
        label="two-addresses",
    ),
)
