"""Cipher suites: code points, names, and which of them a promise of strong encryption allows.

Source: the TLS Cipher Suites registry of IANA (RFC 8447), the drafts whose code points went into servers (1024-bit
export, GOST of 1994 and 2001, ChaCha20 before RFC 7905, the FIPS suites of NSS), and the SSL 2.0 draft (Hickman, 1995).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

TLS_1_3_ONLY = "1.3"

_CERTIFIED = "RSA DH_DSS DH_RSA DHE_DSS DHE_RSA DH_anon"
_STATIC_AND_EPHEMERAL = "DH_DSS DH_RSA DHE_DSS DHE_RSA DH_anon"
_CURVES = "ECDHE_ECDSA ECDH_ECDSA ECDHE_RSA ECDH_RSA"
_PSK = "PSK DHE_PSK RSA_PSK"
_AEAD_ORDER = "RSA DHE_RSA DH_RSA DHE_DSS DH_DSS DH_anon"
_ECC_1 = "ECDH_ECDSA ECDHE_ECDSA ECDH_RSA ECDHE_RSA ECDH_anon"
_DES = "EXPORT_WITH_DES40_CBC_SHA WITH_DES_CBC_SHA WITH_3DES_EDE_CBC_SHA"

# First code point, key exchanges, ciphers: the codes run over the ciphers of one key exchange, then of the next.
_ROWS: tuple[tuple[int, str, str], ...] = (
    (0x0001, "RSA", "WITH_NULL_MD5 WITH_NULL_SHA EXPORT_WITH_RC4_40_MD5 WITH_RC4_128_MD5 WITH_RC4_128_SHA"),
    (0x0006, "RSA", f"EXPORT_WITH_RC2_CBC_40_MD5 WITH_IDEA_CBC_SHA {_DES}"),
    (0x000B, "DH_DSS DH_RSA DHE_DSS DHE_RSA", _DES),
    (0x0017, "DH_anon", f"EXPORT_WITH_RC4_40_MD5 WITH_RC4_128_MD5 {_DES}"),
    (0x001C, "FORTEZZA_KEA", "WITH_NULL_SHA WITH_FORTEZZA_CBC_SHA"),
    (0x001E, "KRB5", "WITH_DES_CBC_SHA WITH_3DES_EDE_CBC_SHA WITH_RC4_128_SHA WITH_IDEA_CBC_SHA"),
    (0x0022, "KRB5", "WITH_DES_CBC_MD5 WITH_3DES_EDE_CBC_MD5 WITH_RC4_128_MD5 WITH_IDEA_CBC_MD5"),
    (0x0026, "KRB5", "EXPORT_WITH_DES_CBC_40_SHA EXPORT_WITH_RC2_CBC_40_SHA EXPORT_WITH_RC4_40_SHA"),
    (0x0029, "KRB5", "EXPORT_WITH_DES_CBC_40_MD5 EXPORT_WITH_RC2_CBC_40_MD5 EXPORT_WITH_RC4_40_MD5"),
    (0x002C, _PSK, "WITH_NULL_SHA"),
    (0x002F, _CERTIFIED, "WITH_AES_128_CBC_SHA"),
    (0x0035, _CERTIFIED, "WITH_AES_256_CBC_SHA"),
    (0x003B, "RSA", "WITH_NULL_SHA256 WITH_AES_128_CBC_SHA256 WITH_AES_256_CBC_SHA256"),
    (0x003E, "DH_DSS DH_RSA DHE_DSS", "WITH_AES_128_CBC_SHA256"),
    (0x0041, _CERTIFIED, "WITH_CAMELLIA_128_CBC_SHA"),
    (0x0060, "RSA_EXPORT1024", "WITH_RC4_56_MD5 WITH_RC2_CBC_56_MD5 WITH_DES_CBC_SHA"),
    (0x0063, "DHE_DSS_EXPORT1024", "WITH_DES_CBC_SHA"),
    (0x0064, "RSA_EXPORT1024 DHE_DSS_EXPORT1024", "WITH_RC4_56_SHA"),
    (0x0066, "DHE_DSS", "WITH_RC4_128_SHA"),
    (0x0067, "DHE_RSA", "WITH_AES_128_CBC_SHA256"),
    (0x0068, _STATIC_AND_EPHEMERAL.removesuffix(" DH_anon"), "WITH_AES_256_CBC_SHA256"),
    (0x006C, "DH_anon", "WITH_AES_128_CBC_SHA256 WITH_AES_256_CBC_SHA256"),
    (0x0080, "GOSTR341094 GOSTR341001", "WITH_28147_CNT_IMIT"),
    (0x0082, "GOSTR341094 GOSTR341001", "WITH_NULL_GOSTR3411"),
    (0x0084, _CERTIFIED, "WITH_CAMELLIA_256_CBC_SHA"),
    (0x008A, _PSK, "WITH_RC4_128_SHA WITH_3DES_EDE_CBC_SHA WITH_AES_128_CBC_SHA WITH_AES_256_CBC_SHA"),
    (0x0096, _CERTIFIED, "WITH_SEED_CBC_SHA"),
    (0x009C, f"{_AEAD_ORDER} {_PSK}", "WITH_AES_128_GCM_SHA256 WITH_AES_256_GCM_SHA384"),
    (0x00AE, _PSK, "WITH_AES_128_CBC_SHA256 WITH_AES_256_CBC_SHA384 WITH_NULL_SHA256 WITH_NULL_SHA384"),
    (0x00BA, _CERTIFIED, "WITH_CAMELLIA_128_CBC_SHA256"),
    (0x00C0, _CERTIFIED, "WITH_CAMELLIA_256_CBC_SHA256"),
    (0x00C6, TLS_1_3_ONLY, "SM4_GCM_SM3 SM4_CCM_SM3"),
    (0x1301, TLS_1_3_ONLY, "AES_128_GCM_SHA256 AES_256_GCM_SHA384 CHACHA20_POLY1305_SHA256"),
    (0x1304, TLS_1_3_ONLY, "AES_128_CCM_SHA256 AES_128_CCM_8_SHA256 AEGIS_256_SHA512 AEGIS_128L_SHA256"),
    (
        0xC001,
        _ECC_1,
        "WITH_NULL_SHA WITH_RC4_128_SHA WITH_3DES_EDE_CBC_SHA WITH_AES_128_CBC_SHA WITH_AES_256_CBC_SHA",
    ),
    (0xC01A, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "WITH_3DES_EDE_CBC_SHA"),
    (0xC01D, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "WITH_AES_128_CBC_SHA"),
    (0xC020, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "WITH_AES_256_CBC_SHA"),
    (0xC023, _CURVES, "WITH_AES_128_CBC_SHA256 WITH_AES_256_CBC_SHA384"),
    (0xC02B, _CURVES, "WITH_AES_128_GCM_SHA256 WITH_AES_256_GCM_SHA384"),
    (0xC033, "ECDHE_PSK", "WITH_RC4_128_SHA WITH_3DES_EDE_CBC_SHA WITH_AES_128_CBC_SHA WITH_AES_256_CBC_SHA"),
    (0xC037, "ECDHE_PSK", "WITH_AES_128_CBC_SHA256 WITH_AES_256_CBC_SHA384"),
    (0xC039, "ECDHE_PSK", "WITH_NULL_SHA WITH_NULL_SHA256 WITH_NULL_SHA384"),
    (0xC03C, f"{_CERTIFIED} {_CURVES}", "WITH_ARIA_128_CBC_SHA256 WITH_ARIA_256_CBC_SHA384"),
    (0xC050, f"{_AEAD_ORDER} {_CURVES}", "WITH_ARIA_128_GCM_SHA256 WITH_ARIA_256_GCM_SHA384"),
    (0xC064, _PSK, "WITH_ARIA_128_CBC_SHA256 WITH_ARIA_256_CBC_SHA384"),
    (0xC06A, _PSK, "WITH_ARIA_128_GCM_SHA256 WITH_ARIA_256_GCM_SHA384"),
    (0xC070, "ECDHE_PSK", "WITH_ARIA_128_CBC_SHA256 WITH_ARIA_256_CBC_SHA384"),
    (0xC072, _CURVES, "WITH_CAMELLIA_128_CBC_SHA256 WITH_CAMELLIA_256_CBC_SHA384"),
    (0xC07A, f"{_AEAD_ORDER} {_CURVES} {_PSK}", "WITH_CAMELLIA_128_GCM_SHA256 WITH_CAMELLIA_256_GCM_SHA384"),
    (0xC094, f"{_PSK} ECDHE_PSK", "WITH_CAMELLIA_128_CBC_SHA256 WITH_CAMELLIA_256_CBC_SHA384"),
    (0xC09C, "RSA DHE_RSA", "WITH_AES_128_CCM WITH_AES_256_CCM"),
    (0xC0A0, "RSA DHE_RSA", "WITH_AES_128_CCM_8 WITH_AES_256_CCM_8"),
    (0xC0A4, "PSK DHE_PSK", "WITH_AES_128_CCM WITH_AES_256_CCM"),
    (0xC0A8, "PSK PSK_DHE", "WITH_AES_128_CCM_8 WITH_AES_256_CCM_8"),
    (0xC0AC, "ECDHE_ECDSA", "WITH_AES_128_CCM WITH_AES_256_CCM WITH_AES_128_CCM_8 WITH_AES_256_CCM_8"),
    (0xC0B0, "ECCPWD", "WITH_AES_128_GCM_SHA256 WITH_AES_256_GCM_SHA384"),
    (0xC0B2, "ECCPWD", "WITH_AES_128_CCM_SHA256 WITH_AES_256_CCM_SHA384"),
    (0xC0B4, TLS_1_3_ONLY, "SHA256_SHA256 SHA384_SHA384"),
    (0xC100, "GOSTR341112_256", "WITH_KUZNYECHIK_CTR_OMAC WITH_MAGMA_CTR_OMAC WITH_28147_CNT_IMIT"),
    (0xC103, TLS_1_3_ONLY, "GOSTR341112_256_WITH_KUZNYECHIK_MGM_L GOSTR341112_256_WITH_MAGMA_MGM_L"),
    (0xC105, TLS_1_3_ONLY, "GOSTR341112_256_WITH_KUZNYECHIK_MGM_S GOSTR341112_256_WITH_MAGMA_MGM_S"),
    (0xCC13, "ECDHE_RSA ECDHE_ECDSA DHE_RSA", "WITH_CHACHA20_POLY1305_SHA256_DRAFT"),
    (0xCCA8, "ECDHE_RSA ECDHE_ECDSA DHE_RSA", "WITH_CHACHA20_POLY1305_SHA256"),
    (0xCCAB, "PSK ECDHE_PSK DHE_PSK RSA_PSK", "WITH_CHACHA20_POLY1305_SHA256"),
    (0xD001, "ECDHE_PSK", "WITH_AES_128_GCM_SHA256 WITH_AES_256_GCM_SHA384 WITH_AES_128_CCM_8_SHA256"),
    (0xD005, "ECDHE_PSK", "WITH_AES_128_CCM_SHA256"),
    (0xFEFE, "RSA_FIPS", "WITH_DES_CBC_SHA WITH_3DES_EDE_CBC_SHA"),
    (0xFFE0, "RSA_FIPS", "WITH_3DES_EDE_CBC_SHA_OLD WITH_DES_CBC_SHA_OLD"),
)

# Kinds of SSL 2.0, of three bytes each.
SSL2_KINDS: dict[int, str] = {
    0x010080: "SSL_CK_RC4_128_WITH_MD5",
    0x020080: "SSL_CK_RC4_128_EXPORT40_WITH_MD5",
    0x030080: "SSL_CK_RC2_128_CBC_WITH_MD5",
    0x040080: "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
    0x050080: "SSL_CK_IDEA_128_CBC_WITH_MD5",
    0x060040: "SSL_CK_DES_64_CBC_WITH_MD5",
    0x060140: "SSL_CK_DES_64_CBC_WITH_SHA",
    0x0700C0: "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
    0x0701C0: "SSL_CK_DES_192_EDE3_CBC_WITH_SHA",
    0x080080: "SSL_CK_RC4_64_WITH_MD5",
}

_ALLOWED_CIPHER = re.compile(r"(?:WITH_)?(?:AES_(?:128|256)_(?:CBC|GCM|CCM|CCM_8)|CHACHA20_POLY1305)(?:_SHA\d*)?")
_SINCE_TLS_1_2 = re.compile(r"GCM|CCM|SHA256|SHA384|CHACHA20|OMAC")


@dataclass(frozen=True)
class Suite:
    """One suite; `exchange` is TLS_1_3_ONLY where the suite names no key exchange, `cipher` has the MAC in it."""

    code: int
    exchange: str
    cipher: str

    @cached_property
    def name(self) -> str:
        """The name in the registry."""
        return f"TLS_{self.cipher}" if self.is_tls13 else f"TLS_{self.exchange}_{self.cipher}"

    @property
    def is_tls13(self) -> bool:
        """Whether it belongs to TLS 1.3, and to no older version."""
        return self.exchange == TLS_1_3_ONLY

    @property
    def since_tls12(self) -> bool:
        """Whether a server may not choose it below TLS 1.2 (AEAD and SHA-2 suites)."""
        return not self.is_tls13 and _SINCE_TLS_1_2.search(self.cipher) is not None

    @property
    def without_certificate(self) -> bool:
        """Suites of keys shared beforehand: none of them serves a client that is not known yet."""
        return "PSK" in self.exchange

    @property
    def authentication(self) -> str:
        """RSA, ECDSA, or empty where the suite settles neither."""
        if self.exchange in ("RSA", "DHE_RSA", "ECDHE_RSA"):
            return "RSA"
        return "ECDSA" if self.exchange == "ECDHE_ECDSA" else ""

    @property
    def allowed(self) -> bool:
        """AES or ChaCha20 with a server that proves who it is: neither anonymous, export, NULL nor another cipher."""
        return "anon" not in self.exchange and _ALLOWED_CIPHER.fullmatch(self.cipher) is not None

    @property
    def forward_secret(self) -> bool:
        """Whether each connection has a key of its own that a stolen server key does not give away: DHE and ECDHE.

        Every suite of TLS 1.3 is; they name no key exchange.
        """
        return self.is_tls13 or self.exchange.startswith(("DHE_", "ECDHE_"))


def _all_suites() -> dict[int, Suite]:
    found: dict[int, Suite] = {}
    for first, exchanges, ciphers in _ROWS:
        pairs = [(exchange, cipher) for exchange in exchanges.split() for cipher in ciphers.split()]
        for code, (exchange, cipher) in enumerate(pairs, start=first):
            found[code] = Suite(code, exchange, cipher)
    return found


SUITES: dict[int, Suite] = _all_suites()
"""Every suite of SSL 3.0 to TLS 1.3 by its code point. The signalling values (0x00FF, 0x5600) are no suites."""


def name_of(code: int) -> str:
    """The name of a suite, of an SSL 2.0 kind where the code needs three bytes, else the code in hexadecimal."""
    if code in SUITES:
        return SUITES[code].name
    return SSL2_KINDS.get(code, f"{code:#06x}") if code > 0xFFFF else f"{code:#06x}"


_PREFERENCE = ("ECDHE_ECDSA", "ECDHE_RSA", "DHE_RSA", "RSA", "DHE_DSS")


def _by_likelihood(suite: Suite) -> tuple[bool, bool, int, int]:
    """What servers have most often comes first, so that the first list of a hello answers for most of them."""
    exchange = _PREFERENCE.index(suite.exchange) if suite.exchange in _PREFERENCE else len(_PREFERENCE)
    return suite.without_certificate, not suite.allowed, exchange, suite.code


_ORDERED = sorted(SUITES.values(), key=_by_likelihood)

TLS13_SUITES: tuple[int, ...] = tuple(
    suite.code for suite in sorted(_ORDERED, key=lambda one: one.code) if suite.is_tls13
)
"""The suites of TLS 1.3."""

UP_TO_TLS12: tuple[int, ...] = tuple(suite.code for suite in _ORDERED if not suite.is_tls13)
"""The suites of TLS 1.2 and older, likely ones first."""

BEFORE_TLS12: tuple[int, ...] = tuple(code for code in UP_TO_TLS12 if not SUITES[code].since_tls12)
"""The suites that a server may choose below TLS 1.2."""

FORBIDDEN: tuple[int, ...] = tuple(code for code in UP_TO_TLS12 if not SUITES[code].allowed)
"""The suites of TLS 1.2 and older that a promise of strong encryption rules out."""

FORBIDDEN_TLS13: tuple[int, ...] = tuple(code for code in TLS13_SUITES if not SUITES[code].allowed)
"""The suites of TLS 1.3 that it rules out: without encryption (RFC 9150), or with ciphers of national standards."""

STATIC: tuple[int, ...] = tuple(
    code for code in UP_TO_TLS12 if SUITES[code].allowed and not SUITES[code].forward_secret
)
"""The suites that a promise of strong encryption allows, and one of forward secrecy does not."""
