"""Hellos and suites: what is written is what a server reads, and the table of suites is the registry's."""

import ssl
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
from sslyze import TlsVersionEnum
from sslyze.plugins.openssl_cipher_suites.cipher_suites import CipherSuitesRepository

from posture_endpoint.hello import plan
from posture_endpoint.hello.encode import GROUPS, HYBRIDS, SIGNATURES, ClientHello, Ssl2Hello
from posture_endpoint.hello.parse import Alert, ServerHello, parse
from posture_endpoint.hello.suites import (
    BEFORE_TLS12,
    FORBIDDEN,
    SSL2_KINDS,
    SUITES,
    TLS13_SUITES,
    UP_TO_TLS12,
    name_of,
)
from posture_estates.endpoints.authority import issue, new_authority
from posture_estates.endpoints.hello import (
    kinds_offered,
    newest_version_offered,
    server_name_offered,
    suites_offered,
)

CODES = {"SSLv3": 0x300, "TLS 1.0": 0x301, "TLS 1.1": 0x302, "TLS 1.2": 0x303, "TLS 1.3": 0x304}


@pytest.mark.parametrize("newest", CODES)
@pytest.mark.parametrize("server_name", ["a.example", None])
def test_a_hello_says_what_it_was_told_to(newest: str, server_name: str | None) -> None:
    suites = TLS13_SUITES if newest == "TLS 1.3" else UP_TO_TLS12[:40]
    data = ClientHello(newest=newest, suites=suites, server_name=server_name).encode()
    assert newest_version_offered(data) == CODES[newest]
    assert suites_offered(data) == suites
    assert server_name_offered(data) == server_name
    assert (data[:2], len(data) - 5) == (b"\x16\x03", int.from_bytes(data[3:5], "big"))


@pytest.mark.parametrize("newest", CODES)
@pytest.mark.parametrize("count", [1, 60, 128])
@pytest.mark.parametrize("groups", [(0x1D,), tuple(GROUPS)])
@pytest.mark.parametrize("server_name", [None, "a" * 60 + ".example"])
def test_no_hello_is_shorter_than_512_bytes(
    newest: str, count: int, groups: tuple[int, ...], server_name: str | None
) -> None:
    hello = ClientHello(newest=newest, suites=UP_TO_TLS12[:count], server_name=server_name, groups=groups)
    assert 512 <= len(hello.encode()) - 5 < 900


def test_a_hello_brings_what_it_is_asked_to() -> None:
    plain = ClientHello(newest="TLS 1.2", suites=(1,), server_name=None).encode()
    joined = ClientHello(newest="TLS 1.2", suites=(1,), server_name=None, encrypt_then_mac=True).encode()
    assert (b"\x00\x16\x00\x00" in joined, b"\x00\x16\x00\x00" in plain) == (True, False)
    signed = ClientHello(newest="TLS 1.2", suites=(1,), server_name=None, signatures=(0x0804,)).encode()
    assert b"\x00\x0d\x00\x04\x00\x02\x08\x04" in signed
    every = b"".join(code.to_bytes(2, "big") for code in SIGNATURES)
    assert b"\x00\x32" + (len(every) + 2).to_bytes(2, "big") + len(every).to_bytes(2, "big") + every in signed
    modern = ClientHello(newest="TLS 1.3", suites=TLS13_SUITES, server_name=None, key_shares=True).encode()
    assert b"\x00\x33\x00\x6b\x00\x69\x00\x1d\x00\x20" in modern
    assert len(SIGNATURES) == len(set(SIGNATURES.values()))


def test_each_hello_is_random() -> None:
    hello = ClientHello(newest="TLS 1.2", suites=(1,), server_name=None)
    assert hello.encode()[11:43] != hello.encode()[11:43]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"suites": ()}, "0 is not 1 to 128"),
        ({"suites": UP_TO_TLS12[:129]}, "129 is not 1 to 128"),
        ({"newest": "SSLv2"}, "newest: 'SSLv2'"),
        ({"newest": "TLS 9"}, "newest: 'TLS 9'"),
    ],
)
def test_a_hello_that_makes_no_sense_is_refused(fields: dict[str, Any], message: str) -> None:
    settings: dict[str, Any] = {"newest": "TLS 1.2", "suites": (1,), "server_name": None} | fields
    with pytest.raises(ValueError, match=message):
        ClientHello(**settings)


def test_a_hello_of_ssl_2_lists_its_kinds() -> None:
    data = Ssl2Hello(kinds=tuple(SSL2_KINDS)).encode()
    assert newest_version_offered(data) == 2
    assert kinds_offered(data) == tuple(SSL2_KINDS)
    assert len(data) == 2 + (int.from_bytes(data[:2], "big") & 0x7FFF)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    credential = issue(new_authority(), ["a.example"])
    pair = tmp_path_factory.mktemp("key") / "pair.pem"
    pair.write_bytes(credential.chain_pem + credential.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(pair)
    return context


def answer_of(context: ssl.SSLContext, hello: bytes) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(hello)
    session = context.wrap_bio(incoming, outgoing, server_side=True)
    with pytest.raises(ssl.SSLError):
        session.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("newest", ["TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"])
def test_openssl_takes_up_each_hello(server: ssl.SSLContext, newest: str) -> None:
    suites = TLS13_SUITES if newest == "TLS 1.3" else UP_TO_TLS12[:128] if newest == "TLS 1.2" else BEFORE_TLS12[:128]
    answer = parse(answer_of(server, ClientHello(newest=newest, suites=suites, server_name="a.example").encode()))
    assert isinstance(answer, ServerHello)
    assert (answer.version, answer.suite in suites, answer.retry) == (CODES[newest], True, newest == "TLS 1.3")


def test_openssl_refuses_the_forbidden_suites_for_what_they_are(server: ssl.SSLContext) -> None:
    for start in (0, 128):
        hello = ClientHello(newest="TLS 1.2", suites=FORBIDDEN[start : start + 128], server_name="a.example")
        assert parse(answer_of(server, hello.encode())) == Alert(2, 40)


def test_the_names_are_those_of_openssl() -> None:
    listed = subprocess.run(
        ["openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    assert len(rows) > 100
    for code, _, name, *_ in rows:
        high, low = code.split(",")
        assert name_of(int(high, 16) << 8 | int(low, 16)) == name


def test_the_names_are_those_of_sslyze() -> None:
    known = {
        suite.name for version in TlsVersionEnum for suite in CipherSuitesRepository.get_all_cipher_suites(version)
    }
    assert known <= {suite.name for suite in SUITES.values()} | set(SSL2_KINDS.values())


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0x0000, "0x0000"),
        (0x000A, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
        (0x002B, "TLS_KRB5_EXPORT_WITH_RC4_40_MD5"),
        (0x0066, "TLS_DHE_DSS_WITH_RC4_128_SHA"),
        (0x00C5, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256"),
        (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
        (0xC022, "TLS_SRP_SHA_DSS_WITH_AES_256_CBC_SHA"),
        (0xC09B, "TLS_ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384"),
        (0xC0AF, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"),
        (0xCCAE, "TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256"),
        (0x0700C0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"),
        (0xFAFA, "0xfafa"),
    ],
)
def test_a_code_point_has_the_name_of_the_registry(code: int, name: str) -> None:
    assert name_of(code) == name


@pytest.mark.parametrize(
    ("name", "allowed", "secret"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", True, True),
        ("TLS_CHACHA20_POLY1305_SHA256", True, True),
        ("TLS_AES_128_CCM_8_SHA256", True, True),
        ("TLS_DHE_RSA_WITH_AES_256_CCM", True, True),
        ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", True, True),
        ("TLS_RSA_WITH_AES_256_CBC_SHA", True, False),
        ("TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", True, False),
        ("TLS_DH_DSS_WITH_AES_128_CBC_SHA", True, False),
        ("TLS_RSA_WITH_RC4_128_SHA", False, False),
        ("TLS_RSA_WITH_DES_CBC_SHA", False, False),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", False, False),
        ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", False, False),
        ("TLS_RSA_WITH_NULL_SHA256", False, False),
        ("TLS_SHA256_SHA256", False, True),
        ("TLS_SM4_GCM_SM3", False, True),
        ("TLS_DH_anon_WITH_AES_128_GCM_SHA256", False, False),
        ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", False, False),
        ("TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", False, False),
        ("TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384", False, True),
    ],
)
def test_a_suite_is_strong_and_forward_secret_by_its_parts(name: str, allowed: bool, secret: bool) -> None:
    (suite,) = (suite for suite in SUITES.values() if suite.name == name)
    assert (suite.allowed, suite.forward_secret) == (allowed, secret)


@pytest.mark.parametrize("version", plan.FORBIDDEN_OF)
def test_every_suite_is_allowed_or_in_the_lists_that_prove_its_refusal(version: str) -> None:
    """So that what refuses the lists of a version accepts allowed suites alone, and with them forward secret ones."""
    weak, lasting = offered(plan.FORBIDDEN_OF, version), offered(plan.LASTING_OF, version)
    old = version in ("TLS 1.1", "TLS 1.0", "SSLv3")
    for suite in SUITES.values():
        possible = suite.is_tls13 == (version == "TLS 1.3") and not (old and suite.since_tls12)
        assert (suite.code in weak) is (possible and not suite.allowed), suite.name
        assert (suite.code in lasting) is (possible and suite.allowed and not suite.forward_secret), suite.name


def offered(lists: Mapping[str, tuple[str, ...]], version: str) -> set[int]:
    """Every suite that the hellos for one version offer between them."""
    hellos = [plan.HELLOS[purpose]("a.example") for purpose in lists.get(version, ())]
    assert all(isinstance(hello, ClientHello) and hello.newest == version for hello in hellos)
    return {code for hello in hellos if isinstance(hello, ClientHello) for code in hello.suites}


def test_the_hellos_of_the_plan_offer_every_suite_there_is() -> None:
    offered: dict[str, set[int]] = {}
    for purpose, hello in plan.HELLOS.items():
        made = hello("a.example")
        if isinstance(made, ClientHello):
            offered.setdefault(purpose, set()).update(made.suites)
    assert offered[plan.FORBIDDEN_FIRST] | offered[plan.FORBIDDEN_REST] == set(FORBIDDEN)
    assert offered[plan.MODERN] == {code for code, suite in SUITES.items() if suite.is_tls13}
    certified = {code for code in BEFORE_TLS12 if not SUITES[code].without_certificate}
    assert certified <= offered[plan.OLD]
    assert {code for code in UP_TO_TLS12 if SUITES[code].allowed and not SUITES[code].without_certificate} <= offered[
        plan.CONTROL
    ]
    assert len(SUITES) == len({suite.name for suite in SUITES.values()}) > 350


def test_groups_have_one_name_each_and_the_hybrids_are_among_them() -> None:
    assert len(set(GROUPS.values())) == len(GROUPS)
    assert set(GROUPS) >= HYBRIDS
    assert GROUPS[0x11EC] == "X25519MLKEM768"
