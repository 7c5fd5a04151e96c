"""TLS of each address: which protocol versions and cipher suites it accepts, as shown by handshakes."""

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


class SuitesProof(Value):
    """Whether hellos that offer nothing but suites of one kind were taken up. ``cause`` is set where that is unknown.

    Refused is what every accepted version refuses. ``suites`` are those that were chosen (IANA names), of which a
    server may have more; SSL 2.0 stands for its own where the server named none.
    """

    state: State
    why: str
    cause: Cause | None
    suites: tuple[str, ...]


class SecondView(Value):
    """One protocol version as commands of sslyze see it; refused is what met an alert with each suite by itself."""

    version: TlsVersion
    state: State


class ProtocolVersions(Fact):
    """The protocol versions of an address, oldest first; ``speaks_tls`` is false where the answer was not TLS.

    ``weak`` tells of the suites with another cipher than AES or ChaCha20, with shorter keys than 128 bits or without a
    server key; ``lasting`` of the others without forward secrecy. ``second`` is what another tool saw, where it was
    asked too.
    """

    kind: ClassVar[str] = Address.kind

    versions: tuple[VersionSeen, ...]
    speaks_tls: bool
    weak: SuitesProof
    lasting: SuitesProof
    second: tuple[SecondView, ...]


class KeyExchange(Value):
    """All that an accepted version holds, as far as handshakes tell it. What they do not tell is None.

    ``order`` is whose preference decides among the suites, server or client. ``groups`` are those of TLS 1.3 or of
    ECDHE that a handshake can come to, post-quantum hybrids included. ``dh_bits`` is the shortest prime of DHE that was
    seen. ``signatures`` are the algorithms that sign the key exchange of TLS 1.2: TLS 1.3 encrypts its own, which its
    key implies, and older versions have but one. ``encrypt_then_mac`` says whether suites of CBC come with RFC 7366.
    """

    version: TlsVersion
    order: str | None
    groups: tuple[str, ...]
    groups_complete: bool
    dh_bits: int | None
    signatures: tuple[str, ...] | None
    signatures_complete: bool
    encrypt_then_mac: bool | None


class FullListing(Fact):
    """The versions of an address with all suites of the accepted ones, and their ``exchanges``: 20 to 90 handshakes."""

    kind: ClassVar[str] = Address.kind

    versions: tuple[VersionSeen, ...]
    speaks_tls: bool
    exchanges: tuple[KeyExchange, ...]


@reader(operation="tls:Versions", permission="")
def protocol_versions(endpoint: EndpointSession, address: Address) -> ProtocolVersions:
    """Ten hellos to a good endpoint, one by one. The bytes of every answer are kept as evidence."""
    report = endpoint.get(address=address.address).plain()
    return ProtocolVersions(
        resource=address.resource,
        versions=_versions(report),
        speaks_tls=report["speaks_tls"],
        weak=_proof(report["forbidden_suites"]),
        lasting=_proof(report["lasting_suites"]),
        second=_second(report.get("cross_check")),
    )


@reader(operation="tls:Suites", permission="")
def full_listing(endpoint: EndpointSession, address: Address) -> FullListing:
    """As for the versions, and one more handshake for each accepted suite, group and signature algorithm."""
    report = endpoint.get(address=address.address).plain()
    return FullListing(
        resource=address.resource,
        versions=_versions(report),
        speaks_tls=report["speaks_tls"],
        exchanges=tuple(
            _exchange(version, report["versions"][name])
            for name, version in _PROBED.items()
            if "order" in report["versions"][name]
        ),
    )


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
        if claim.version in _disputed(seen, State.REFUSED, State.ACCEPTED):
            return _disagree(claim.version)
        return _supports(next(one for one in seen.versions if one.version is claim.version))
    accepted = [one.version for one in seen.versions if one.state is State.ACCEPTED]
    older = [version for version in accepted if version.older_than(claim.version)]
    if older:
        return Fail(f"accepts {_listed(older)}{_remark(seen, older)}")
    for version in _disputed(seen, State.REFUSED, State.ACCEPTED):
        if version.older_than(claim.version):
            return _disagree(version)
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
    revision=2,
)
def strong_suites(seen: ProtocolVersions, claim: StrongCipherSuites) -> Outcome:
    """One weak suite is enough: a connection can be talked down to it, or a client may know no better one.

    Decided without a list of the suites: hellos that offer nothing else than weak ones have to be refused.
    """
    if not seen.speaks_tls:
        return Fail("answers in clear text")
    if seen.weak.suites:
        return Fail(f"accepts {_listed(list(seen.weak.suites))}")
    if claim.forward_secrecy and seen.lasting.suites:
        return Fail(f"accepts suites without forward secrecy: {_listed(list(seen.lasting.suites))}")
    for one in seen.versions:
        if one.state is State.UNKNOWN:
            return _unclear(one)
    if all(one.state is State.REFUSED for one in seen.versions):
        return Unknown(Cause.DISAGREEMENT, "accepts no version that suites could be offered with")
    if seen.weak.state is not State.REFUSED:
        return Unknown(seen.weak.cause or Cause.DISAGREEMENT, f"may accept weak suites or not: {seen.weak.why}")
    if not claim.forward_secrecy:
        return Pass("accepts suites of AES or ChaCha20 alone", Basis.OBSERVED)
    if seen.lasting.state is not State.REFUSED:
        return Unknown(
            seen.lasting.cause or Cause.DISAGREEMENT,
            f"may accept suites without forward secrecy or not: {seen.lasting.why}",
        )
    return Pass("accepts suites of AES or ChaCha20 with forward secrecy alone", Basis.OBSERVED)


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


def _proof(report: dict[str, Any]) -> SuitesProof:
    return SuitesProof(
        state=State(report["state"]),
        why=report["why"],
        cause=None if report["cause"] is None else Cause(report["cause"]),
        suites=tuple(str(_PROBED.get(name, name)) for name in report["suites"]),
    )


def _exchange(version: TlsVersion, listed: dict[str, Any]) -> KeyExchange:
    return KeyExchange(
        version=version,
        order=listed["order"],
        groups=tuple(listed["groups"]),
        groups_complete=listed["groups_complete"],
        dh_bits=listed["dh_bits"],
        signatures=None if listed["signatures"] is None else tuple(listed["signatures"]),
        signatures_complete=listed["signatures_complete"],
        encrypt_then_mac=listed["encrypt_then_mac"],
    )


def _second(report: dict[str, Any] | None) -> tuple[SecondView, ...]:
    states = {} if report is None else report["versions"]
    words = {"accepted": State.ACCEPTED, "refused": State.REFUSED, "unclear": State.UNKNOWN}
    return tuple(SecondView(version=version, state=words[states[name]]) for name, version in _PROBED.items() if states)


def _disputed(seen: ProtocolVersions, ours: State, theirs: State) -> list[TlsVersion]:
    """The versions of which we saw the one and sslyze the other."""
    mine = {one.version for one in seen.versions if one.state is ours}
    return [one.version for one in seen.second if one.state is theirs and one.version in mine]


def _disagree(version: TlsVersion) -> Unknown:
    reason = f"refuses {version} to posture's hellos and completes handshakes with it for sslyze"
    return Unknown(Cause.DISAGREEMENT, reason)


def _remark(seen: ProtocolVersions, accepted: list[TlsVersion]) -> str:
    """A ServerHello proves acceptance whatever others meet; that they met something else is said."""
    refused = [version for version in _disputed(seen, State.ACCEPTED, State.REFUSED) if version in accepted]
    return f" (sslyze was refused {_listed(refused)} by alert)" if refused else ""


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


def _listed(words: list[Any]) -> str:
    return ", ".join(words)
