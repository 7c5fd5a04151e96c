"""Certificates of each address: whether a client can trust what the endpoint shows it, and for how long."""

from datetime import datetime
from typing import Any, ClassVar

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import CertificateValid
from posture.model import Cause, Fact, Value
from posture.reader import reader
from posture_endpoint.names import Address
from posture_endpoint.session import EndpointSession

DECIDING = ("own", "Mozilla")
"""The stores that settle trust: the target's ``ca_file``, and the public store in widest use."""

_DAY = 86_400
_EC_BITS = 256
_BROKEN_HASHES = ("md5", "sha1")
_SAID_OTHERWISE = ("expired", "not-yet-valid", "name-mismatch")


class StoreTrust(Value):
    """Whether a path leads from the certificate to a root of one store, and where not, why."""

    store: str
    trusted: bool
    reason: str | None


class Leaf(Value):
    """A server's own certificate. Times are the certificate's; ``seconds_*`` are counted at the run's instant.

    ``seconds_until_valid`` is above 0 before its time, ``seconds_left`` below 0 when it has expired.
    ``signature_hash`` is None where the signature scheme has its hash built in. ``signature_algorithm`` is named as in
    the registry of its kind: sha256WithRSAEncryption, ecdsa-with-SHA256, RSASSA-PSS, ed25519.
    """

    subject: str
    issuer: str
    not_before: str
    not_after: str
    seconds_until_valid: int
    seconds_left: int
    key_type: str
    key_bits: int
    signature_hash: str | None
    signature_algorithm: str
    name_matches: bool
    trust: tuple[StoreTrust, ...]


class Certificate(Fact):
    """The certificate of an address, and those of another key type that it has too.

    ``others`` is None where that could not be found out: a server of TLS 1.3 alone that has one, or one that did not
    answer.
    """

    kind: ClassVar[str] = Address.kind

    leaf: Leaf
    others: tuple[Leaf, ...] | None


@reader(operation="tls:Certificate", permission="")
def certificate(endpoint: EndpointSession, address: Address) -> Certificate:
    """Two handshakes: one with the newest version, one that asks for the other of RSA and ECDSA.

    A server of TLS 1.3 alone gets two hellos more, which show whether it has the other.
    """
    report = endpoint.get(address=address.address).plain()
    others = report["others"]
    return Certificate(
        resource=address.resource,
        leaf=_leaf(report, endpoint.now),
        others=None if others is None else tuple(_leaf(other, endpoint.now) for other in others),
    )


@check(
    id="endpoint.tls.certificate",
    title="Endpoints show certificates that clients can trust",
    severity=Severity.HIGH,
    refutes=("an expired", "a key below"),
    remedy="Install a certificate of a public authority for this host, with its chain, and renew it automatically.",
)
def valid_certificate(seen: Certificate, claim: CertificateValid) -> Outcome:
    """A certificate that clients must not trust keeps them out, or teaches them to trust anything.

    A path to the own roots or to Mozilla's settles trust. Where both lack one and another public store has it, clients
    differ, and the check does not decide between them.
    """
    leaves = (seen.leaf, *(seen.others or ()))
    broken = [f"shows a certificate that {problem}" for leaf in leaves for problem in _problems(leaf, claim)]
    if broken:
        return Fail("; ".join(dict.fromkeys(broken)))
    for leaf in leaves:
        doubt = _doubt(leaf)
        if doubt is not None:
            return doubt
    if seen.others is None:
        return Unknown(
            Cause.NOT_SUPPORTED,
            "shows a good certificate, but no handshake could tell whether it has one of another key type too",
        )
    days = min(leaf.seconds_left for leaf in leaves) // _DAY
    stores = " and ".join(dict.fromkeys(store for leaf in leaves for store in _trusting(leaf)[:1]))
    return Pass(
        f"shows a certificate for its name that leads to {stores} roots, with {days} days to go", Basis.OBSERVED
    )


def _problems(leaf: Leaf, claim: CertificateValid) -> list[str]:
    """What the certificate is not, each as the end of "a certificate that …"."""
    problems = []
    if leaf.seconds_left < 0:
        problems.append(f"expired at {leaf.not_after}")
    elif leaf.seconds_until_valid > 0:
        problems.append(f"is not valid before {leaf.not_before}")
    elif leaf.seconds_left < claim.days_left * _DAY:
        problems.append(f"expires at {leaf.not_after}, in {leaf.seconds_left // _DAY} days")
    if not leaf.name_matches:
        problems.append("is not for this host")
    if not any(store.trusted for store in leaf.trust):
        reasons = [store.reason for store in _deciding(leaf) if store.reason]
        if reasons and not (problems and reasons[0] in _SAID_OTHERWISE):
            problems.append(f"leads to no trusted root ({reasons[0]})")
    if leaf.key_type == "RSA" and leaf.key_bits < claim.rsa_bits:
        problems.append(f"has an RSA key of {leaf.key_bits} bits")
    if leaf.key_type.startswith("EC ") and leaf.key_bits < _EC_BITS:
        problems.append(f"has an elliptic-curve key of {leaf.key_bits} bits")
    if leaf.signature_hash in _BROKEN_HASHES:
        problems.append(f"is signed over {leaf.signature_hash}")
    return problems


def _doubt(leaf: Leaf) -> Unknown | None:
    """What keeps a certificate without problems from being a good one."""
    if not _trusting(leaf):
        others = ", ".join(store.store for store in leaf.trust if store.trusted)
        if not others:
            return Unknown(Cause.NOT_SUPPORTED, "shows a certificate that no store which settles trust was asked about")
        return Unknown(Cause.DISAGREEMENT, f"shows a certificate that is trusted by {others}, and not by Mozilla")
    if leaf.key_type.partition(" ")[0] not in ("RSA", "EC", "Ed25519", "Ed448"):
        return Unknown(Cause.NOT_SUPPORTED, f"shows a certificate with a key that is not judged: {leaf.key_type}")
    return None


def _deciding(leaf: Leaf) -> list[StoreTrust]:
    """The stores that settle trust, in the order of their weight."""
    return [store for name in DECIDING for store in leaf.trust if store.store == name]


def _trusting(leaf: Leaf) -> list[str]:
    return [store.store for store in _deciding(leaf) if store.trusted]


def _leaf(report: dict[str, Any], now: datetime) -> Leaf:
    trust = sorted(report["trust"].items())
    return Leaf(
        subject=report["subject"],
        issuer=report["issuer"],
        not_before=report["not_before"],
        not_after=report["not_after"],
        seconds_until_valid=_seconds(now, report["not_before"]),
        seconds_left=_seconds(now, report["not_after"]),
        key_type=report["key_type"],
        key_bits=report["key_bits"],
        signature_hash=report["signature_hash"],
        signature_algorithm=report["signature_algorithm"],
        name_matches=report["name_matches"],
        trust=tuple(
            StoreTrust(store=name, trusted=verdict["trusted"], reason=verdict["reason"]) for name, verdict in trust
        ),
    )


def _seconds(now: datetime, moment: str) -> int:
    return int((datetime.fromisoformat(moment) - now).total_seconds())
