"""TLS of each address: which protocol versions and cipher suites it accepts, as shown by handshakes."""

import re
from enum import StrEnum
from typing import Any, ClassVar

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import StrongCipherSuites, TlsMinimum, TlsVersion
from posture.model import Cause, Fact, Value
from posture.reader import reader
from posture_endpoint.names import Address
from posture_endpoint.session import EndpointSession

_PROBED = {
    "SSLv2": TlsVersion.SSL2,
    "SSLv3": TlsVersion.SSL3,
    "TLS 1.0": TlsVersion.TLS10,
    "TLS 1.1": TlsVersion.TLS11,
    "TLS 1.2": TlsVersion.TLS12,
    "TLS 1.3": TlsVersion.TLS13,
}
_IANA = re.compile(r"(TLS|SSL_CK)_\w+")
_STRONG = re.compile(
    r"TLS_(?:(?P<exchange>\w+?)_WITH_)?(?:AES_(?:128|256)_(?:CBC|GCM|CCM|CCM_8)|CHACHA20_POLY1305)(?:_SHA\d*)?"
)
_EPHEMERAL = ("DHE_", "ECDHE_")


class State(StrEnum):
    """What hellos of one version showed. A reset or a silence refuses only when repeated between good answers."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class VersionSeen(Value):
    """One protocol version at one address. ``cause`` is set where the state is unknown, ``why`` always.

    ``suites`` are the accepted suites that were seen (IANA names); ``suites_complete`` when every other one that the
    probe knows was refused: those of IANA's registry, and of drafts that were in use.
    """

    version: TlsVersion
    state: State
    why: str
    cause: Cause | None
    suites: tuple[str, ...]
    suites_complete: bool


class ProtocolVersions(Fact):
    """The protocol versions of an address, oldest first; ``speaks_tls`` is false where the answer was not TLS."""

    kind: ClassVar[str] = Address.kind

    versions: tuple[VersionSeen, ...]
    speaks_tls: bool


class CipherSuites(Fact):
    """The versions of an address with all suites of the accepted ones: some 20 to 40 handshakes, one by one."""

    kind: ClassVar[str] = Address.kind

    versions: tuple[VersionSeen, ...]
    speaks_tls: bool


@reader(operation="tls:Versions", permission="")
def protocol_versions(endpoint: EndpointSession, address: Address) -> ProtocolVersions:
    """Eight hellos to a good endpoint, one by one. The bytes of every answer are kept as evidence."""
    report = endpoint.get(address=address.address).plain()
    return ProtocolVersions(resource=address.resource, versions=_versions(report), speaks_tls=report["speaks_tls"])


@reader(operation="tls:Suites", permission="")
def cipher_suites(endpoint: EndpointSession, address: Address) -> CipherSuites:
    """As for the versions, and one more handshake for each accepted suite."""
    report = endpoint.get(address=address.address).plain()
    return CipherSuites(resource=address.resource, versions=_versions(report), speaks_tls=report["speaks_tls"])


@check(
    id="endpoint.tls.minimum-version",
    title="Endpoints speak the promised TLS version",
    severity=Severity.HIGH,
    refutes="an address",
    remedy="Turn older protocol versions off where TLS ends: load balancer, CDN or web server.",
)
def minimum_version(seen: ProtocolVersions, claim: TlsMinimum) -> Outcome:
    """Whoever sits between client and server may choose the oldest version that both accept, and attack that."""
    if not seen.speaks_tls:
        return Fail("answers in clear text")
    if claim.reading == "supported":
        return _supports(next(one for one in seen.versions if one.version is claim.version))
    accepted = [one.version for one in seen.versions if one.state is State.ACCEPTED]
    older = [version for version in accepted if version.older_than(claim.version)]
    if older:
        return Fail(f"accepts {_listed(older)}")
    unclear = [one for one in seen.versions if one.state is State.UNKNOWN]
    for one in unclear:
        if one.version.older_than(claim.version):
            return _unclear(one)
    if accepted:
        return Pass(f"accepts {_listed(accepted)} and refuses every older version", Basis.OBSERVED)
    if unclear:
        return _unclear(unclear[-1])
    return Unknown(Cause.DISAGREEMENT, "refuses every version, so that nothing proves the refusals")


@check(
    id="endpoint.tls.cipher-suites",
    title="Endpoints accept strong cipher suites only",
    severity=Severity.HIGH,
    remedy="Choose a TLS policy with suites of AES or ChaCha20 alone; of ECDHE alone where forward secrecy is claimed.",
)
def strong_suites(seen: CipherSuites, claim: StrongCipherSuites) -> Outcome:
    """One weak suite is enough: a connection can be talked down to it, or a client may know no better one."""
    if not seen.speaks_tls:
        return Fail("answers in clear text")
    accepted = [one for one in seen.versions if one.state is State.ACCEPTED]
    suites = sorted({suite for one in accepted for suite in one.suites})
    weak = [suite for suite in suites if _IANA.fullmatch(suite) and not _is_strong(suite)]
    if weak:
        return Fail(f"accepts {_listed(weak)}")
    lasting = [suite for suite in suites if _is_strong(suite) and not _is_ephemeral(suite)]
    if claim.forward_secrecy and lasting:
        return Fail(f"accepts suites without forward secrecy: {_listed(lasting)}")
    return _doubt(seen, suites) or Pass(f"accepts strong suites alone ({len(suites)} of them)", Basis.OBSERVED)


def _doubt(seen: CipherSuites, suites: list[str]) -> Unknown | None:
    """Why the suites that were seen may not be all, or cannot be judged."""
    strange = [suite for suite in suites if not _IANA.fullmatch(suite)]
    if strange:
        return Unknown(Cause.NOT_SUPPORTED, f"accepts suites that posture does not know: {_listed(strange)}")
    for one in seen.versions:
        if one.state is State.UNKNOWN:
            return _unclear(one)
        if one.state is State.ACCEPTED and not (one.suites_complete and one.suites):
            return Unknown(Cause.CAPPED, f"accepts more suites with {one.version} than could be listed")
    return None if suites else Unknown(Cause.DISAGREEMENT, "accepts no version that suites could be listed for")


def _versions(report: dict[str, Any]) -> tuple[VersionSeen, ...]:
    return tuple(
        VersionSeen(
            version=version,
            state=State(report["versions"][name]["state"]),
            why=report["versions"][name]["why"],
            cause=None if report["versions"][name]["cause"] is None else Cause(report["versions"][name]["cause"]),
            suites=tuple(report["versions"][name]["suites"]),
            suites_complete=report["versions"][name]["suites_complete"],
        )
        for name, version in _PROBED.items()
    )


def _supports(one: VersionSeen) -> Outcome:
    match one.state:
        case State.ACCEPTED:
            return Pass(f"accepts {one.version}", Basis.OBSERVED)
        case State.REFUSED:
            return Fail(f"refuses {one.version}")
        case State.UNKNOWN:
            return _unclear(one)


def _unclear(one: VersionSeen) -> Unknown:
    return Unknown(one.cause or Cause.DISAGREEMENT, f"may accept {one.version} or not: {one.why}")


def _is_strong(suite: str) -> bool:
    """AES or ChaCha20 with a key of 128 bits or more, a server key, and no export or NULL part."""
    match = _STRONG.fullmatch(suite)
    exchange = match["exchange"] or "" if match else "anon"
    return not {"anon", "NULL", "EXPORT"} & set(exchange.split("_"))


def _is_ephemeral(suite: str) -> bool:
    """Every suite of TLS 1.3 is; they name no key exchange."""
    match = _STRONG.fullmatch(suite)
    return match is not None and (match["exchange"] is None or match["exchange"].startswith(_EPHEMERAL))


def _listed(words: list[Any]) -> str:
    return ", ".join(words)
