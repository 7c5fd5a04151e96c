"""Full listings: the suites that sslyze finds too, in the server's order, and the groups."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dh
from cryptography.hazmat.primitives.serialization import Encoding, ParameterFormat
from sslyze import ScanCommand, Scanner, ServerNetworkLocation, ServerScanRequest

from loopback import server
from opensslserver import serving
from posture_endpoint._probes.wire import Deadline
from posture_endpoint.hello.connect import Caller
from posture_endpoint.hello.otherkey import ask_for_other_key
from posture_endpoint.hello.probe import Manners, probe_versions
from posture_estates.endpoints.authority import KeyType, issue
from posture_estates.endpoints.catalogue import SERVERS, Behaviour
from posture_estates.endpoints.hello import groups_offered, newest_version_offered, suites_offered
from posture_estates.endpoints.lab import Endpoint, EndpointLab

COMMANDS = {
    "SSLv2": ScanCommand.SSL_2_0_CIPHER_SUITES,
    "SSLv3": ScanCommand.SSL_3_0_CIPHER_SUITES,
    "TLS 1.0": ScanCommand.TLS_1_0_CIPHER_SUITES,
    "TLS 1.1": ScanCommand.TLS_1_1_CIPHER_SUITES,
    "TLS 1.2": ScanCommand.TLS_1_2_CIPHER_SUITES,
    "TLS 1.3": ScanCommand.TLS_1_3_CIPHER_SUITES,
}
COMPARED = ("good", "weak", "tls13-only", "null-suites", "anonymous-suites", "camellia-suites", "two-certificates")


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(rate_limit=1000) as running:
        yield running


def listed(endpoint: Endpoint, **options: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {"timeout": 2.0, "deadline": 20.0, "suites": True} | options
    return probe_versions(endpoint.host, endpoint.port, endpoint.address, **settings)


def suites(result: dict[str, Any]) -> dict[str, set[str]]:
    return {version: set(verdict["suites"]) for version, verdict in result["versions"].items()}


@pytest.mark.parametrize("name", COMPARED)
def test_sslyze_finds_the_same_suites(lab: EndpointLab, name: str) -> None:
    endpoint = lab.endpoints[name]
    scanner = Scanner(per_server_concurrent_connections_limit=5)
    location = ServerNetworkLocation(hostname=endpoint.host, port=endpoint.port, ip_address=endpoint.address)
    scanner.queue_scans([ServerScanRequest(server_location=location, scan_commands=set(COMMANDS.values()))])
    (scanned,) = scanner.get_results()
    assert scanned.scan_result is not None
    theirs = {
        version: {
            one.cipher_suite.name for one in getattr(scanned.scan_result, command.value).result.accepted_cipher_suites
        }
        for version, command in COMMANDS.items()
    }
    ours = listed(endpoint)
    assert suites(ours) == theirs
    assert all(one["suites_complete"] for one in ours["versions"].values() if one["state"] == "accepted")
    assert {version for version in theirs if theirs[version]} == endpoint.truth.versions


@pytest.mark.parametrize(
    "name", [spec.name for spec in SERVERS if spec.behaviour is Behaviour.SERVES and spec.truth.readable]
)
def test_every_accepted_version_has_its_suites_and_no_other(lab: EndpointLab, name: str) -> None:
    endpoint = lab.endpoints[name]
    result = listed(endpoint)
    assert {version for version, found in suites(result).items() if found} == endpoint.truth.versions
    assert all(result["versions"][version]["suites_complete"] for version in endpoint.truth.versions)
    assert result["connections"] <= 80


def test_a_listing_that_was_cut_off_is_not_complete(lab: EndpointLab) -> None:
    result = listed(lab.endpoints["good"], manners=Manners(most=12))
    assert (result["connections"], result["versions"]["TLS 1.2"]["suites_complete"]) == (12, False)


def test_a_listing_under_a_rate_limit_is_complete_only_where_it_is_whole(lab: EndpointLab) -> None:
    whole = suites(listed(lab.endpoints["rate-limited-good"]))
    for limit in range(6, 24):
        lab.rate_limit.restart(limit)
        for version, seen in listed(lab.endpoints["rate-limited-good"], timeout=0.5)["versions"].items():
            assert set(seen["suites"]) <= whole[version]
            assert not seen["suites_complete"] or set(seen["suites"]) == whole[version]


@contextmanager
def shop(lab: EndpointLab, folder: Path, *, ordered: bool = True, curve: str = "") -> Iterator[int]:
    """A server of TLS 1.2 with three suites of RSA, whose preference counts when it is `ordered`."""
    credential = issue(lab.authority, ["shop.example"], key_type="rsa2048")
    pair = folder / "pair.pem"
    pair.write_bytes(credential.chain_pem + credential.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA")
    context.load_cert_chain(pair)
    if ordered:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    if curve:
        context.set_ecdh_curve(curve)
    with server(lambda connection: context.wrap_socket(connection, server_side=True).close()) as port:
        yield port


@pytest.mark.parametrize(("ordered", "order"), [(True, "server"), (False, "client")])
def test_the_order_of_the_suites_is_the_servers_where_it_has_one(
    lab: EndpointLab, tmp_path: Path, ordered: bool, order: str
) -> None:
    with shop(lab, tmp_path, ordered=ordered) as port:
        result = probe_versions("shop.example", port, "127.0.0.1", timeout=2, suites=True)["versions"]["TLS 1.2"]
    assert (result["order"], len(result["suites"]), result["suites_complete"]) == (order, 3, True)
    if ordered:
        assert result["suites"] == [
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
        ]


@pytest.mark.parametrize(("curve", "group"), [("prime256v1", "secp256r1"), ("secp521r1", "secp521r1")])
def test_the_groups_are_those_that_the_server_has(lab: EndpointLab, tmp_path: Path, curve: str, group: str) -> None:
    with shop(lab, tmp_path, curve=curve) as port:
        result = probe_versions("shop.example", port, "127.0.0.1", timeout=2, suites=True, groups=True)
    listed_groups = result["versions"]["TLS 1.2"]
    assert (listed_groups["groups"], listed_groups["groups_complete"], listed_groups["hybrids"]) == (
        [group],
        True,
        False,
    )


@pytest.mark.parametrize(
    ("option", "groups"),
    [((), ["secp256r1", "x25519", "secp384r1"]), (("-serverpref",), ["secp384r1", "secp256r1"])],
)
def test_the_groups_beside_an_ecdsa_key_are_those_that_a_handshake_can_come_to(
    lab: EndpointLab, tmp_path: Path, option: tuple[str, ...], groups: list[str]
) -> None:
    """Its own curve is P-256. Where the server prefers that to X25519, no client of TLS 1.2 gets to X25519."""
    credential = issue(lab.authority, ["shop.example"], key_type="ec256")
    options = ("-tls1_2", "-cipher", "ECDHE+AESGCM", "-groups", "P-384:P-256:X25519", *option)
    with serving(credential, tmp_path, *options) as port:
        result = probe_versions("shop.example", port, "127.0.0.1", timeout=2, suites=True, groups=True)
    found = result["versions"]["TLS 1.2"]
    assert (sorted(found["groups"]), found["groups_complete"]) == (sorted(groups), True)


def retry_with(group: int) -> bytes:
    random = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
    extensions = b"\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x02" + group.to_bytes(2, "big")
    body = b"\x03\x03" + random + b"\x00\x13\x01\x00" + len(extensions).to_bytes(2, "big") + extensions
    return b"\x16\x03\x03" + (len(body) + 4).to_bytes(2, "big") + b"\x02" + len(body).to_bytes(3, "big") + body


def test_a_post_quantum_hybrid_is_seen() -> None:
    """No library here has one yet, so the server is written out: it has one suite and two groups."""

    def choose(connection: socket.socket) -> None:
        hello = connection.recv(4096)
        group = next((code for code in (0x11EC, 0x001D) if code in groups_offered(hello)), None)
        refusal = bytes.fromhex("15030300020228")
        takes = newest_version_offered(hello) == 0x304 and 0x1301 in suites_offered(hello) and group is not None
        connection.sendall(retry_with(group) if takes and group else refusal)

    with server(choose) as port:
        result = probe_versions("pq.example", port, "127.0.0.1", timeout=2, suites=True, groups=True)
    found = result["versions"]["TLS 1.3"]
    assert (found["groups"], found["groups_complete"], found["hybrids"]) == (["X25519MLKEM768", "x25519"], True, True)
    assert (found["suites"], found["suites_complete"]) == (["TLS_AES_128_GCM_SHA256"], True)


OAKLEY_2 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
    16,
)
"""The prime of 1024 bits that servers had for years (RFC 2409 section 6.2)."""


def test_the_prime_of_dhe_is_told_in_bits(lab: EndpointLab, tmp_path: Path) -> None:
    pem = tmp_path / "dh.pem"
    parameters = dh.DHParameterNumbers(OAKLEY_2, 2).parameters()
    pem.write_bytes(parameters.parameter_bytes(Encoding.PEM, ParameterFormat.PKCS3))
    credential = issue(lab.authority, ["shop.example"], key_type="rsa2048")
    options = ("-tls1_2", "-cipher", "DHE-RSA-AES128-SHA256:@SECLEVEL=0", "-dhparam", str(pem))
    with serving(credential, tmp_path, *options) as port:
        result = probe_versions("shop.example", port, "127.0.0.1", timeout=2, suites=True, groups=True)
    found = result["versions"]["TLS 1.2"]
    assert found["suites"] == ["TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"]
    assert (found["dh_bits"], found["groups"], found["groups_complete"]) == (1024, [], True)
    assert (found["signatures_complete"], found["encrypt_then_mac"]) == (True, True)
    assert found["signatures"][0] == "rsa_pss_rsae_sha256"


@pytest.mark.parametrize(
    ("key_type", "sigalgs"),
    [
        ("rsa2048", ["rsa_pss_rsae_sha384", "rsa_pkcs1_sha256"]),
        ("ec256", ["ecdsa_secp384r1_sha384", "ecdsa_secp256r1_sha256"]),
    ],
)
def test_the_algorithms_that_sign_the_key_exchange_are_listed(
    lab: EndpointLab, tmp_path: Path, key_type: KeyType, sigalgs: list[str]
) -> None:
    credential = issue(lab.authority, ["shop.example"], key_type=key_type)
    options = ("-tls1_2", "-cipher", "ECDHE+AESGCM", "-sigalgs", ":".join(sigalgs))
    with serving(credential, tmp_path, *options) as port:
        result = probe_versions("shop.example", port, "127.0.0.1", timeout=2, suites=True, groups=True)
    found = result["versions"]["TLS 1.2"]
    assert (sorted(found["signatures"]), found["signatures_complete"]) == (sorted(sigalgs), True)
    assert (found["encrypt_then_mac"], found["dh_bits"]) == (None, None)


@pytest.mark.parametrize(("option", "joined"), [((), True), (("-no_etm",), False)])
def test_whether_cbc_comes_with_encrypt_then_mac_is_told(
    lab: EndpointLab, tmp_path: Path, option: tuple[str, ...], joined: bool
) -> None:
    credential = issue(lab.authority, ["shop.example"], key_type="rsa2048")
    with serving(credential, tmp_path, "-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256", *option) as port:
        result = probe_versions("shop.example", port, "127.0.0.1", timeout=2, suites=True, groups=True)
    assert result["versions"]["TLS 1.2"]["encrypt_then_mac"] is joined


@pytest.mark.parametrize("most", range(5, 54, 4))
def test_a_listing_that_runs_out_of_connections_calls_nothing_complete_that_is_not(lab: EndpointLab, most: int) -> None:
    whole = listed(lab.endpoints["good"], groups=True)["versions"]
    part = listed(lab.endpoints["good"], groups=True, manners=Manners(most=most))
    assert part["connections"] <= most
    for version, found in part["versions"].items():
        for kind in ("suites", "groups", "signatures"):
            assert set(found.get(kind) or []) <= set(whole[version].get(kind) or [])
            if found.get(f"{kind}_complete"):
                assert found[kind] == whole[version][kind]


@pytest.mark.parametrize(
    ("server", "key_type", "refused"),
    [
        ("tls13-only", "EC", True),
        ("good", "RSA", True),
        ("client-certificate", "EC", True),
        ("two-certificates", "EC", False),
        ("two-certificates", "RSA", False),
        ("weak-by-name", "EC", False),
        ("plain-http", "EC", False),
        ("silent", "EC", False),
    ],
)
def test_a_server_of_tls_13_refuses_what_does_not_fit_its_only_key(
    lab: EndpointLab, server: str, key_type: str, refused: bool
) -> None:
    endpoint = lab.endpoints[server]
    caller = Caller(endpoint.host, endpoint.port, endpoint.address, None, 0.5, Deadline(5))
    found = ask_for_other_key(caller, key_type)
    assert (found["refused"], len(found["tries"])) == (refused, 2)
