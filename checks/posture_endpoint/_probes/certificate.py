"""Describes a certificate chain as plain data: names, dates, key, and why a path to a root does not hold."""

from __future__ import annotations

import datetime
import ipaddress
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from posture_endpoint._probes.wire import ProbeFailed

_UNREADABLE = (ValueError, x509.InvalidVersion, x509.DuplicateExtension, UnsupportedAlgorithm)


def describe_chain(pems: list[str], host: str) -> dict[str, Any]:
    """The leaf in detail, the chain as fingerprints. ProbeFailed("malformed-reply") when it cannot be parsed."""
    try:
        chain = [x509.load_pem_x509_certificate(pem.encode("ascii")) for pem in pems]
        leaf = chain[0]
        names = alternative_names(leaf)
        key_type, key_bits = _key(leaf)
        algorithm = leaf.signature_hash_algorithm
        return {
            "chain": [certificate.fingerprint(hashes.SHA256()).hex() for certificate in chain],
            "subject": leaf.subject.rfc4514_string(),
            "issuer": leaf.issuer.rfc4514_string(),
            "serial": format(leaf.serial_number, "x"),
            "sans": names,
            "not_before": _iso(leaf.not_valid_before_utc),
            "not_after": _iso(leaf.not_valid_after_utc),
            "key_type": key_type,
            "key_bits": key_bits,
            "signature_hash": algorithm.name if algorithm else None,
            "signature_algorithm": leaf.signature_algorithm_oid._name,
            "name_matches": matches_name(names, host),
            "leaf_pem": leaf.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        }
    except _UNREADABLE as error:
        raise ProbeFailed("malformed-reply", f"the certificate cannot be parsed: {error}") from error


def alternative_names(certificate: x509.Certificate) -> list[str]:
    """DNS names and IP addresses of the subjectAltName extension; the common name does not count (RFC 6125)."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = [str(address) for address in extension.get_values_for_type(x509.IPAddress)]
    return [*extension.get_values_for_type(x509.DNSName), *addresses]


def matches_name(names: list[str], host: str) -> bool:
    """Whether a certificate with these alternative names is for `host`; a wildcard stands for one whole label."""
    try:
        wanted = str(ipaddress.ip_address(host))
    except ValueError:
        wanted = host.encode("idna").decode("ascii").rstrip(".").lower()
        parent = wanted.partition(".")[2]
        wildcard = f"*.{parent}" if "." in parent else None
        return any(name.rstrip(".").lower() in (wanted, wildcard) for name in names)
    return wanted in names


def explain_distrust(pems: list[str], host: str, roots: frozenset[x509.Name], now: datetime.datetime) -> str:
    """The first reason that holds for a path that did not validate; the verifier's own message names none."""
    chain = [x509.load_pem_x509_certificate(pem.encode("ascii")) for pem in pems]
    leaf, last = chain[0], chain[-1]
    if leaf.not_valid_after_utc < now:
        return "expired"
    if leaf.not_valid_before_utc > now:
        return "not-yet-valid"
    if not matches_name(alternative_names(leaf), host):
        return "name-mismatch"
    if leaf.issuer == leaf.subject:
        return "self-signed"
    if last.issuer in roots:
        return "invalid-path"
    return "untrusted-root" if last.issuer == last.subject else "unknown-issuer"


def _key(certificate: x509.Certificate) -> tuple[str, int]:
    match certificate.public_key():
        case rsa.RSAPublicKey() as key:
            return "RSA", key.key_size
        case ec.EllipticCurvePublicKey() as key:
            return f"EC {key.curve.name}", key.key_size
        case dsa.DSAPublicKey() as key:
            return "DSA", key.key_size
        case ed25519.Ed25519PublicKey():
            return "Ed25519", 256
        case ed448.Ed448PublicKey():
            return "Ed448", 456
        case other:
            return type(other).__name__, 0


def _iso(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
