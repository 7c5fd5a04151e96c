"""Writes the first message of a TLS or SSL client, every field chosen here: nothing of it is left to a library."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

MOST_SUITES = 128
"""Suites in one hello: some servers reset the connection when there are more."""

PADDED_TO = 512
"""Bytes of a handshake message: load balancers are known that hang on 256 to 511 of them (RFC 7685)."""

VERSION_CODES = {
    "SSLv2": 0x0002,
    "SSLv3": 0x0300,
    "TLS 1.0": 0x0301,
    "TLS 1.1": 0x0302,
    "TLS 1.2": 0x0303,
    "TLS 1.3": 0x0304,
}
VERSION_NAMES = {code: name for name, code in VERSION_CODES.items()}

GROUPS: dict[int, str] = {
    0x001D: "x25519",
    0x0017: "secp256r1",
    0x0018: "secp384r1",
    0x0019: "secp521r1",
    0x001E: "x448",
    0x11EC: "X25519MLKEM768",
    0x11EB: "SecP256r1MLKEM768",
    0x11ED: "SecP384r1MLKEM1024",
    0x11EE: "curveSM2MLKEM768",
    0x6399: "X25519Kyber768Draft00",
    0x639A: "SecP256r1Kyber768Draft00",
    0x0200: "MLKEM512",
    0x0201: "MLKEM768",
    0x0202: "MLKEM1024",
    0x0100: "ffdhe2048",
    0x0101: "ffdhe3072",
    0x0102: "ffdhe4096",
    0x0103: "ffdhe6144",
    0x0104: "ffdhe8192",
    0x001A: "brainpoolP256r1",
    0x001B: "brainpoolP384r1",
    0x001C: "brainpoolP512r1",
    0x001F: "brainpoolP256r1tls13",
    0x0020: "brainpoolP384r1tls13",
    0x0021: "brainpoolP512r1tls13",
    0x0029: "curveSM2",
    0x0016: "secp256k1",
    0x0015: "secp224r1",
    0x0014: "secp224k1",
    0x0013: "secp192r1",
    0x0012: "secp192k1",
    0x0011: "secp160r2",
    0x0010: "secp160r1",
    0x000F: "secp160k1",
    0x0001: "sect163k1",
    0x0002: "sect163r1",
    0x0003: "sect163r2",
    0x0004: "sect193r1",
    0x0005: "sect193r2",
    0x0006: "sect233k1",
    0x0007: "sect233r1",
    0x0008: "sect239k1",
    0x0009: "sect283k1",
    0x000A: "sect283r1",
    0x000B: "sect409k1",
    0x000C: "sect409r1",
    0x000D: "sect571k1",
    0x000E: "sect571r1",
}
"""Named groups of the TLS Supported Groups registry of IANA, and drafts of post-quantum hybrids that were in use."""

HYBRIDS = frozenset({0x11EC, 0x11EB, 0x11ED, 0x11EE, 0x6399, 0x639A})
"""Groups that join an elliptic curve with a lattice, against computers to come."""

SIGNATURES: dict[int, str] = {
    0x0403: "ecdsa_secp256r1_sha256",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x081A: "ecdsa_brainpoolP256r1tls13_sha256",
    0x081B: "ecdsa_brainpoolP384r1tls13_sha384",
    0x081C: "ecdsa_brainpoolP512r1tls13_sha512",
    0x0804: "rsa_pss_rsae_sha256",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0809: "rsa_pss_pss_sha256",
    0x080A: "rsa_pss_pss_sha384",
    0x080B: "rsa_pss_pss_sha512",
    0x0904: "mldsa44",
    0x0905: "mldsa65",
    0x0906: "mldsa87",
    0x0401: "rsa_pkcs1_sha256",
    0x0501: "rsa_pkcs1_sha384",
    0x0601: "rsa_pkcs1_sha512",
    0x0303: "ecdsa_sha224",
    0x0301: "rsa_pkcs1_sha224",
    0x0203: "ecdsa_sha1",
    0x0201: "rsa_pkcs1_sha1",
    0x0101: "rsa_pkcs1_md5",
    0x0402: "dsa_sha256",
    0x0502: "dsa_sha384",
    0x0602: "dsa_sha512",
    0x0302: "dsa_sha224",
    0x0202: "dsa_sha1",
    0x0709: "gostr34102012_256a",
    0x070A: "gostr34102012_256b",
    0x070B: "gostr34102012_256c",
    0x0708: "sm2sig_sm3",
}
"""Signature schemes: the TLS SignatureScheme registry of IANA (RFC 8446 section 4.2.3), and the pairs of hash and
signature of RFC 5246 section 7.4.1.4.1 down to SHA-1 and MD5, the strong ones first."""


_P256_BASE_POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHello:
    """What one hello offers: versions up to `newest`, suites, and groups; `server_name` is the SNI.

    A hello for TLS 1.3 offers that version alone and brings no key share, so that a server which accepts it answers
    with a HelloRetryRequest, or with an alert, and never has to compute. `signatures` are those for the handshake;
    certificates may be signed with any. `encrypt_then_mac` offers RFC 7366. With `key_shares` a hello for TLS 1.3 does
    bring keys, of which nobody has the private ones, so that a server shows whether it could go on.
    """

    newest: str
    suites: tuple[int, ...]
    server_name: str | None
    groups: tuple[int, ...] = tuple(GROUPS)
    signatures: tuple[int, ...] = tuple(SIGNATURES)
    encrypt_then_mac: bool = False
    key_shares: bool = False

    def __post_init__(self) -> None:
        if not 0 < len(self.suites) <= MOST_SUITES:
            raise ValueError(f"suites: {len(self.suites)} is not 1 to {MOST_SUITES}")
        if self.newest not in VERSION_CODES or self.newest == "SSLv2":
            raise ValueError(f"newest: {self.newest!r} is not SSLv3 to TLS 1.3")

    def encode(self) -> bytes:
        """The bytes of one record, with randomness of its own each time."""
        code = min(VERSION_CODES[self.newest], VERSION_CODES["TLS 1.2"])
        is_tls13 = self.newest == "TLS 1.3"
        body = b"".join(
            (
                code.to_bytes(2, "big"),
                os.urandom(32),
                _vector(os.urandom(32) if is_tls13 else b"", 1),
                _vector(_codes(self.suites), 2),
                _vector(b"\x00", 1),
            )
        )
        extensions = b"".join(self._extensions())
        # Behind the body and the extensions come four bytes of message header and two of length.
        missing = PADDED_TO - len(body) - len(extensions) - 6
        if missing > 0:
            extensions += _extension(21, bytes(max(1, missing - 4)))
        message = b"\x01" + _vector(body + _vector(extensions, 2), 3)
        record_version = min(code, VERSION_CODES["TLS 1.0"])
        return b"\x16" + record_version.to_bytes(2, "big") + _vector(message, 2)

    def _extensions(self) -> list[bytes]:
        named = self.server_name.encode("ascii") if self.server_name else b""
        found = [_extension(0, _vector(b"\x00" + _vector(named, 2), 2))] if named else []
        found += [
            _extension(0xFF01, b"\x00"),  # renegotiation_info: some servers insist on RFC 5746
            _extension(11, _vector(b"\x00\x01\x02", 1)),  # point formats
            _extension(10, _vector(_codes(self.groups), 2)),
            _extension(23, b""),  # extended_master_secret: some servers insist on RFC 7627
        ]
        if VERSION_CODES[self.newest] >= VERSION_CODES["TLS 1.2"]:
            found.append(_extension(13, _vector(_codes(self.signatures), 2)))
        if self.signatures != tuple(SIGNATURES):
            found.append(_extension(50, _vector(_codes(tuple(SIGNATURES)), 2)))  # signature_algorithms_cert
        if self.encrypt_then_mac:
            found.append(_extension(22, b""))
        if self.newest == "TLS 1.3":
            shares = _key_shares() if self.key_shares else b""
            found += [_extension(43, _vector(b"\x03\x04", 1)), _extension(45, b"\x01\x01")]
            found.append(_extension(51, _vector(shares, 2)))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssl2Hello:
    """The CLIENT-HELLO of SSL 2.0 with all its kinds."""

    kinds: tuple[int, ...]

    def encode(self) -> bytes:
        """The bytes of one record with a two-byte header."""
        specs = b"".join(kind.to_bytes(3, "big") for kind in self.kinds)
        lengths = len(specs).to_bytes(2, "big") + b"\x00\x00" + b"\x00\x10"
        message = b"\x01\x00\x02" + lengths + specs + os.urandom(16)
        return (0x8000 | len(message)).to_bytes(2, "big") + message


def _key_shares() -> bytes:
    """Any 32 bytes are a key of X25519 (RFC 7748 section 5); the base point is one of P-256 (FIPS 186-5)."""
    shares = ((0x001D, os.urandom(32)), (0x0017, _P256_BASE_POINT))
    return b"".join(group.to_bytes(2, "big") + _vector(key, 2) for group, key in shares)


def _codes(codes: tuple[int, ...]) -> bytes:
    return struct.pack(f"!{len(codes)}H", *codes)


def _extension(kind: int, data: bytes) -> bytes:
    return kind.to_bytes(2, "big") + _vector(data, 2)


def _vector(data: bytes, size: int) -> bytes:
    """The data behind its length in `size` bytes."""
    return len(data).to_bytes(size, "big") + data
