"""A throw-away certificate authority for the endpoint estate: certificates with any fault on request."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KeyType = Literal["rsa3072", "rsa2048", "rsa1024", "ec256", "ec521"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Credential:
    """What a server needs: its certificate chain, leaf first, and its private key, both as PEM."""

    chain_pem: bytes
    key_pem: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authority:
    """A root that signs; `certificate_pem` is what a client trusts."""

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False)

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def new_authority(name: str = "Lab root") -> Authority:
    """A new self-signed root, valid from yesterday for ten years."""
    key = _new_key("ec256")
    subject = _name(name)
    now = _now()
    builder = _builder(subject, subject, key, now - datetime.timedelta(days=1), now + datetime.timedelta(days=3650))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    return Authority(builder.sign(key, hashes.SHA256()), key)


def issue(
    authority: Authority,
    names: Iterable[str],
    *,
    valid_from: datetime.datetime | None = None,
    valid_until: datetime.datetime | None = None,
    key_type: KeyType = "ec256",
    self_signed: bool = False,
) -> Credential:
    """A server certificate for `names` (host names and IP addresses).

    The window defaults to yesterday until 90 days from now; times are UTC. With `self_signed` the leaf is its own
    issuer and `authority` is left aside.
    """
    wanted = list(names)
    key = _new_key(key_type)
    subject = _name(wanted[0])
    issuer = subject if self_signed else authority.certificate.subject
    signer = key if self_signed else authority.key
    start = valid_from or _now() - datetime.timedelta(days=1)
    builder = _builder(subject, issuer, key, start, valid_until or _now() + datetime.timedelta(days=90))
    alternatives = x509.SubjectAlternativeName([_general_name(name) for name in wanted])
    builder = builder.add_extension(alternatives, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    return Credential(
        chain_pem=builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
        key_pem=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, start: datetime.datetime, end: datetime.datetime
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _new_key(key_type: KeyType) -> PrivateKey:
    match key_type:
        case "rsa3072":
            return rsa.generate_private_key(public_exponent=65537, key_size=3072)
        case "rsa2048":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        case "rsa1024":
            return rsa.generate_private_key(public_exponent=65537, key_size=1024)
        case "ec256":
            return ec.generate_private_key(ec.SECP256R1())
        case "ec521":
            return ec.generate_private_key(ec.SECP521R1())


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)
