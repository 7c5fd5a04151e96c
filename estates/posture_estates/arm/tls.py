"""Throw-away certificate authorities and the certificates they issue, for servers on loopback."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
KeyKind = Literal["rsa1024", "rsa2048", "rsa3072", "rsa4096", "ec256", "ec384"]
DigestKind = Literal["sha256", "sha384", "sha512"]

_DIGESTS: dict[DigestKind, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_SKEW = timedelta(days=1)  # clocks of clients may run behind


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate that may sign others, with its key and the intermediates between it and its root."""

    certificate: x509.Certificate
    key: PrivateKey
    intermediates: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> bytes:
        """This authority's own certificate: the trust anchor, when it is a root."""
        return _pem(self.certificate)


@dataclass(frozen=True, slots=True)
class Issued:
    """A server's certificate and key as PEM; `chain` holds the intermediates to be sent after it."""

    certificate: bytes
    key: bytes
    chain: bytes = b""

    @property
    def bundle(self) -> bytes:
        """Key, certificate and chain in one file, as `ssl.SSLContext.load_cert_chain` reads it."""
        return self.key + self.certificate + self.chain


def new_authority(
    name: str = "Throw-away root",
    *,
    key: KeyKind = "ec256",
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    digest: DigestKind = "sha256",
) -> Authority:
    """A self-signed root, by default valid from yesterday for 30 days."""
    private = _new_key(key)
    subject = _common_name(name)
    builder = _builder(subject, subject, private, not_before, not_after)
    builder = _as_authority(builder, private, private, path_length=None)
    return Authority(builder.sign(private, _DIGESTS[digest]), private)


def intermediate(
    authority: Authority,
    name: str = "Throw-away intermediate",
    *,
    key: KeyKind = "ec256",
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    digest: DigestKind = "sha256",
) -> Authority:
    """An authority signed by another one; what it issues carries it in its chain."""
    private = _new_key(key)
    builder = _builder(_common_name(name), authority.certificate.subject, private, not_before, not_after)
    builder = _as_authority(builder, private, authority.key, path_length=0)
    certificate = builder.sign(authority.key, _DIGESTS[digest])
    return Authority(certificate, private, (certificate, *authority.intermediates))


def issue(
    authority: Authority | None,
    names: Sequence[str],
    *,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    key: KeyKind = "ec256",
    digest: DigestKind = "sha256",
    common_name: str | None = None,
) -> Issued:
    """A server certificate for host names and IP addresses; self-signed without an authority.

    The first name becomes the subject unless `common_name` is given. Wildcards are host names.
    """
    private = _new_key(key)
    subject = _common_name(common_name if common_name is not None else names[0])
    issuer = authority.certificate.subject if authority else subject
    signer = authority.key if authority else private
    builder = (
        _builder(subject, issuer, private, not_before, not_after)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True, key_encipherment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    chain = authority.intermediates if authority else ()
    return Issued(
        certificate=_pem(builder.sign(signer, _DIGESTS[digest])),
        key=private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        chain=b"".join(map(_pem, chain)),
    )


def _new_key(kind: KeyKind) -> PrivateKey:
    if kind == "ec256":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "ec384":
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa")))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    not_before: datetime | None,
    not_after: datetime | None,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before or min(now, not_after or now) - _SKEW)
        .not_valid_after(not_after or max(now, not_before or now) + timedelta(days=30))
    )


def _as_authority(
    builder: x509.CertificateBuilder, own: PrivateKey, signer: PrivateKey, *, path_length: int | None
) -> x509.CertificateBuilder:
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )


def _key_usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
