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
    CLIENT_CERTIFICATE_ASKED = "asks for a client certificate and serves without one"
    OLD_CLOSE = "closes after a hello that is older than TLS 1.2"
    OLD_INTERNAL_ERROR = "answers a hello older than TLS 1.2 with the alert internal_error"
    RATE_LIMITED_SILENCE = "serves some connections a minute, then says nothing"
    RATE_LIMITED_AT_ONCE = "serves some connections a minute, then resets before the hello"
    HANGS_ON_MIDDLE_SIZES = "never answers a hello of 256 to 511 bytes"
    RESETS_LONG_LISTS = "resets after a hello with more than 128 suites"
    WEAK_WITHOUT_NAME = "accepts old versions from clients that send no name"
    WEAK_BY_NAME = "accepts old versions from clients that send its name, and from no others"
    NEEDS_NAME = "refuses clients that send no name"
    SCRIPTED = "answers hellos of protocols that libraries have given up, and goes no further"
    START_TLS = "begins in clear text and offers TLS"
    CLEAR_TEXT = "speaks a protocol with STARTTLS and does not offer it"


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
    SERVES_THE_POLICY = "serves the policy page, and redirects every other path to https"
    ABSENT = "nothing listens"


class PageProblem(Enum):
    """What is wrong with a server's pages, or looks like it."""

    OPEN_COOKIE = "the sign-in page sets a cookie without Secure"
    READABLE_COOKIE = "the sign-in page sets a cookie without HttpOnly"
    MIXED_CONTENT = "the front page loads a picture over plain HTTP"
    UPGRADED_CONTENT = "the front page names a picture over plain HTTP, and has browsers ask for it over TLS"
    TRACKER = "the front page loads a script of a tracker"
    TRACKER_IN_SCRIPT = "a script in the front page names a tracker"
    NO_CONTENT_POLICY = "pages declare neither Content-Security-Policy nor Permissions-Policy"
    WEAK_CONTENT_POLICY = "the Content-Security-Policy allows all inline scripts"
    REPORTED_CONTENT_POLICY = "the Content-Security-Policy only reports"
    CHANGED_POLICY = "the text of the policy is another one"
    HSTS_BY_ITSELF = "HSTS is declared without subdomains and preload"
    FRONT_ELSEWHERE = "the front page redirects to a path that nobody names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is so, whatever a scanner says. `readable` is false where no TLS handshake can ever complete.

    `weak_suites`: a suite with another cipher than AES or ChaCha20, or without a certificate, is accepted.
    """

    versions: frozenset[str]
    weak_suites: bool = False
    certificate_problems: frozenset[CertificateProblem] = frozenset()
    hsts_max_age: int | None = None
    has_policy: bool = True
    page_problems: frozenset[PageProblem] = frozenset()
    plain: PlainHttp = PlainHttp.ABSENT
    readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSpec:
    """One server of the estate; servers that share a `label` are the addresses of one host name.

    `ciphers` is an OpenSSL cipher string, `security_level` what OpenSSL calls so. `script` maps versions to the suites
    that are answered without a library; where `scripted_alone` is false, one serves hellos for TLS 1.2 and newer.
    """

    name: str
    truth: Truth
    behaviour: Behaviour = Behaviour.SERVES
    label: str = ""
    key_type: KeyType = "ec256"
    starttls: str = ""
    ciphers: str = "DEFAULT"
    security_level: int = 0
    script: tuple[tuple[str, tuple[int, ...]], ...] = ()
    scripted_alone: bool = False


def _spec(name: str, versions: frozenset[str] = _MODERN, behaviour: Behaviour = Behaviour.SERVES, /) -> ServerSpec:
    return ServerSpec(name=name, truth=Truth(versions=versions), behaviour=behaviour)


def _hardened(name: str) -> ServerSpec:
    """As a careful operator sets a server up: forward secrecy and authenticated ciphers alone, and no SHA-1."""
    ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"
    return ServerSpec(name=name, truth=_GOOD, key_type="rsa2048", ciphers=ciphers, security_level=2)


def _faulty(name: str, problem: CertificateProblem, key_type: KeyType = "ec256") -> ServerSpec:
    truth = Truth(versions=_MODERN, certificate_problems=frozenset({problem}), hsts_max_age=ONE_YEAR)
    return ServerSpec(name=name, truth=truth, key_type=key_type)


def _paged(name: str, *problems: PageProblem, plain: PlainHttp = PlainHttp.REDIRECTS) -> ServerSpec:
    truth = Truth(versions=_MODERN, hsts_max_age=ONE_YEAR, plain=plain, page_problems=frozenset(problems))
    return ServerSpec(name=name, truth=truth)


def _mute(name: str, behaviour: Behaviour) -> ServerSpec:
    return ServerSpec(name=name, truth=Truth(versions=frozenset(), readable=False), behaviour=behaviour)


def _weak_suites(name: str, ciphers: str, key_type: KeyType = "rsa2048") -> ServerSpec:
    truth = Truth(versions=_MODERN, weak_suites=True)
    return ServerSpec(name=name, truth=truth, ciphers=ciphers, key_type=key_type)


def _scripted(name: str, script: dict[str, tuple[int, ...]], *, alone: bool = False) -> ServerSpec:
    truth = Truth(versions=frozenset(script) | (frozenset() if alone else _MODERN), weak_suites=True)
    behaviour = Behaviour.SCRIPTED
    return ServerSpec(name=name, truth=truth, behaviour=behaviour, script=tuple(script.items()), scripted_alone=alone)


def _start_tls(protocol: str, *, offers: bool = True) -> ServerSpec:
    if offers:
        truth, behaviour = Truth(versions=_WEAK_WITHOUT_1_3), Behaviour.START_TLS
    else:
        truth, behaviour = Truth(versions=frozenset(), readable=False), Behaviour.CLEAR_TEXT
    name = protocol if offers else f"{protocol}-clear"
    return ServerSpec(name=name, truth=truth, behaviour=behaviour, starttls=protocol)


_STARTTLS = ("smtp", "imap", "pop3", "ftp", "ldap", "postgres", "mysql", "xmpp", "rdp")
_RC4_MD5, _RC4_SHA, _3DES, _AES = 0x0004, 0x0005, 0x000A, 0x002F
_GOOD_ALONE = Truth(versions=_MODERN, hsts_max_age=ONE_YEAR)
_GOOD = Truth(versions=_MODERN, hsts_max_age=ONE_YEAR, plain=PlainHttp.REDIRECTS)
_NEGLECTED = frozenset(
    {
        PageProblem.OPEN_COOKIE,
        PageProblem.MIXED_CONTENT,
        PageProblem.TRACKER,
        PageProblem.NO_CONTENT_POLICY,
        PageProblem.CHANGED_POLICY,
    }
)

SERVERS = (
    ServerSpec(name="good", truth=_GOOD, key_type="rsa2048"),
    _hardened("classrooms"),
    _hardened("exams"),
    ServerSpec(
        name="weak",
        truth=Truth(versions=_WEAK, plain=PlainHttp.SERVES, page_problems=_NEGLECTED),
        key_type="rsa2048",
    ),
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
    _spec("client-certificate-13", frozenset({"TLS 1.3"}), Behaviour.CLIENT_CERTIFICATE),
    _spec("client-certificate-12", frozenset({"TLS 1.2"}), Behaviour.CLIENT_CERTIFICATE),
    _spec("client-certificate-asked", _MODERN, Behaviour.CLIENT_CERTIFICATE_ASKED),
    _spec("client-certificate-asked-weak", _WEAK_WITHOUT_1_3, Behaviour.CLIENT_CERTIFICATE_ASKED),
    ServerSpec(name="idn", truth=Truth(versions=_MODERN), label="xn--bcher-kva"),
    *(_start_tls(protocol) for protocol in _STARTTLS),
    *(_start_tls(protocol, offers=False) for protocol in _STARTTLS),
    _spec("rate-limited-silence", _WEAK_WITHOUT_1_3, Behaviour.RATE_LIMITED_SILENCE),
    _spec("rate-limited-at-once", _WEAK_WITHOUT_1_3, Behaviour.RATE_LIMITED_AT_ONCE),
    _spec("rate-limited-good", _MODERN, Behaviour.RATE_LIMITED),
    _spec("old-close", _MODERN, Behaviour.OLD_CLOSE),
    _spec("old-internal-error", _MODERN, Behaviour.OLD_INTERNAL_ERROR),
    _spec("hangs-on-middle-sizes", _WEAK, Behaviour.HANGS_ON_MIDDLE_SIZES),
    _spec("resets-long-lists", _WEAK, Behaviour.RESETS_LONG_LISTS),
    _spec("weak-without-name", _MODERN, Behaviour.WEAK_WITHOUT_NAME),
    _spec("weak-by-name", _WEAK_WITHOUT_1_3, Behaviour.WEAK_BY_NAME),
    _spec("needs-name", _MODERN, Behaviour.NEEDS_NAME),
    _spec("tls11-and-12", frozenset({"TLS 1.1", "TLS 1.2"})),
    _weak_suites("null-suites", "ECDHE+AESGCM:eNULL"),
    _weak_suites("anonymous-suites", "ECDHE+AESGCM:aNULL"),
    _weak_suites("camellia-suites", "ECDHE+AESGCM:CAMELLIA"),
    _weak_suites("aria-suites", "ECDHE+AESGCM:ARIA", "ec256"),
    _scripted("ssl2-hidden", {"SSLv2": (0x010080, 0x0700C0)}),
    _scripted("ssl2-without-kinds", {"SSLv2": (0xABCDEF,)}),
    _scripted("ssl3-hidden", {"SSLv3": (_RC4_SHA, _3DES)}),
    _scripted("tls10-with-3des-hidden", {"TLS 1.0": (_3DES,)}),
    _scripted("tls10-with-rc4-alone", {"TLS 1.0": (_RC4_MD5,)}, alone=True),
    _scripted("ssl3-and-tls10", {"SSLv3": (_RC4_SHA,), "TLS 1.0": (_AES, _RC4_SHA)}, alone=True),
    _scripted("tls12-with-rc4", {"TLS 1.2": (_AES, _RC4_SHA)}, alone=True),
    _paged("open-cookie", PageProblem.OPEN_COOKIE),
    _paged("readable-cookie", PageProblem.READABLE_COOKIE),
    _paged("mixed-content", PageProblem.MIXED_CONTENT),
    _paged("upgraded-content", PageProblem.UPGRADED_CONTENT),
    _paged("tracker", PageProblem.TRACKER),
    _paged("tracker-in-script", PageProblem.TRACKER_IN_SCRIPT),
    _paged("no-content-policy", PageProblem.NO_CONTENT_POLICY),
    _paged("weak-content-policy", PageProblem.WEAK_CONTENT_POLICY),
    _paged("reported-content-policy", PageProblem.REPORTED_CONTENT_POLICY),
    _paged("changed-policy", PageProblem.CHANGED_POLICY),
    _paged("hsts-by-itself", PageProblem.HSTS_BY_ITSELF),
    _paged("front-elsewhere", PageProblem.FRONT_ELSEWHERE),
    _paged("policy-in-clear-text", plain=PlainHttp.SERVES_THE_POLICY),
    ServerSpec(name="two-addresses-good", truth=_GOOD, label="two-addresses"),
    ServerSpec(
        name="two-addresses-weak",
        truth=Truth(versions=_WEAK, hsts_max_age=ONE_YEAR, plain=PlainHttp.REDIRECTS),
        label="two-addresses",
    ),
)

IPV6_SERVERS = (
    ServerSpec(name="ipv6-good", truth=_GOOD_ALONE),
    ServerSpec(name="ipv6-weak", truth=Truth(versions=_WEAK), label="dual-stack"),
)
"""Servers on ::1, each on a port of its own, since IPv6 has one loopback address."""

DUAL_STACK = ServerSpec(name="dual-stack-good", truth=_GOOD_ALONE, label="dual-stack")
"""The other address of the name whose IPv6 address is weak, on the same port."""
