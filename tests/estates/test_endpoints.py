"""The endpoint estate: each server is what its ground truth says, survives garbage, and leaves nothing behind."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from posture_estates.endpoints.authority import KeyType, issue, new_authority
from posture_estates.endpoints.behaviours import Admission, EveryThird, RateLimit
from posture_estates.endpoints.catalogue import SERVERS, Behaviour, PageProblem, PlainHttp
from posture_estates.endpoints.hello import newest_version_offered
from posture_estates.endpoints.lab import Endpoint, EndpointLab

TLS_VERSIONS = {
    "TLS 1.0": ssl.TLSVersion.TLSv1,
    "TLS 1.1": ssl.TLSVersion.TLSv1_1,
    "TLS 1.2": ssl.TLSVersion.TLSv1_2,
    "TLS 1.3": ssl.TLSVersion.TLSv1_3,
}
PLAINLY_SERVED = [spec.name for spec in SERVERS if spec.behaviour in (Behaviour.SERVES, Behaviour.DRIPS_BODY)]


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.05, rate_limit=3) as running:
        yield running


def client(version: str | None = None, ca_file: str | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    if ca_file is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    if version:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.maximum_version = context.minimum_version = TLS_VERSIONS[version]
    return context


def connected(endpoint: Endpoint, timeout: float = 2) -> socket.socket:
    return socket.create_connection((endpoint.address, endpoint.port), timeout=timeout)


def get(endpoint: Endpoint, path: str, *, context: ssl.SSLContext | None = None, plain: bool = False) -> bytes:
    port = endpoint.http_port if plain else endpoint.port
    with socket.create_connection((endpoint.address, port), timeout=2) as raw:
        stream = raw if plain else (context or client()).wrap_socket(raw, server_hostname=endpoint.host)
        with stream:
            stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {endpoint.host}\r\n\r\n".encode())
            reply = b""
            while chunk := stream.recv(4096):
                reply += chunk
            return reply


@pytest.mark.parametrize("name", PLAINLY_SERVED)
def test_a_server_accepts_the_versions_of_its_truth_and_no_others(lab: EndpointLab, name: str) -> None:
    endpoint = lab.endpoints[name]
    accepted = set()
    for version in TLS_VERSIONS:
        with connected(endpoint) as raw:
            try:
                with client(version).wrap_socket(raw, server_hostname=endpoint.host) as stream:
                    assert stream.version() == version.replace("TLS ", "TLSv").replace("v1.0", "v1")
                    accepted.add(version)
            except ssl.SSLError:
                pass
    assert accepted == endpoint.truth.versions


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("good", None),
        ("expires-soon", None),
        ("expired", "certificate has expired"),
        ("self-signed", "self-signed certificate"),
        ("wrong-name", "Hostname mismatch"),
        ("untrusted-root", "unable to get local issuer certificate"),
    ],
)
def test_a_client_that_trusts_the_lab_finds_the_problem(lab: EndpointLab, name: str, reason: str | None) -> None:
    context = client(ca_file=str(lab.ca_file))
    if reason is None:
        assert get(lab.endpoints[name], "/", context=context).startswith(b"HTTP/1.1 200 OK\r\n")
    else:
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            get(lab.endpoints[name], "/", context=context)


@pytest.mark.parametrize("name", ["good", "weak", "no-policy"])
def test_the_pages_are_those_of_the_truth(lab: EndpointLab, name: str) -> None:
    endpoint = lab.endpoints[name]
    policy, login = get(endpoint, "/privacy"), get(endpoint, "/login")
    assert policy.startswith(b"HTTP/1.1 200" if endpoint.truth.has_policy else b"HTTP/1.1 404")
    declared = b"Strict-Transport-Security: max-age=31536000; includeSubDomains; preload\r\n" in policy
    assert declared is (endpoint.truth.hsts_max_age is not None)
    assert (b"; Secure" in login) is (PageProblem.OPEN_COOKIE not in endpoint.truth.page_problems)
    assert b"; HttpOnly" in login


def test_a_server_of_each_page_problem_shows_it(lab: EndpointLab) -> None:
    assert b"; HttpOnly" not in get(lab.endpoints["readable-cookie"], "/login")
    assert b'<img src="http://' in get(lab.endpoints["mixed-content"], "/")
    assert b"upgrade-insecure-requests" in get(lab.endpoints["upgraded-content"], "/")
    assert b'<script async src="https://static.hotjar.com/' in get(lab.endpoints["tracker"], "/")
    assert b"Content-Security-Policy" not in get(lab.endpoints["no-content-policy"], "/")
    assert b"'unsafe-inline'" in get(lab.endpoints["weak-content-policy"], "/")
    assert b"Content-Security-Policy-Report-Only: " in get(lab.endpoints["reported-content-policy"], "/")
    assert b"<b>90</b> days" in get(lab.endpoints["changed-policy"], "/privacy")
    assert b"max-age=31536000\r\n" in get(lab.endpoints["hsts-by-itself"], "/")
    assert b"302 Found" in get(lab.endpoints["front-elsewhere"], "/")
    assert b"200 OK" in get(lab.endpoints["policy-in-clear-text"], "/privacy", plain=True)
    assert b"301 Moved" in get(lab.endpoints["policy-in-clear-text"], "/", plain=True)


def test_plain_http_redirects_on_the_good_server_and_serves_on_the_weak_one(lab: EndpointLab) -> None:
    good, weak = lab.endpoints["good"], lab.endpoints["weak"]
    assert (good.truth.plain, weak.truth.plain) == (PlainHttp.REDIRECTS, PlainHttp.SERVES)
    assert b"301 Moved Permanently" in get(good, "/privacy", plain=True)
    assert b"Location: https://good.lab.example:8443/privacy\r\n" in get(good, "/privacy", plain=True)
    assert get(weak, "/", plain=True).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_name_with_two_addresses_resolves_to_a_good_and_a_weak_server(lab: EndpointLab) -> None:
    first, second = lab.endpoints["two-addresses-good"], lab.endpoints["two-addresses-weak"]
    assert lab.resolve["two-addresses.lab.example"] == [first.address, second.address]
    assert "TLS 1.0" in second.truth.versions - first.truth.versions
    assert set(lab.resolve) == {endpoint.host for endpoint in lab.endpoints.values()}


def test_a_closed_port_refuses_and_a_silent_server_says_nothing(lab: EndpointLab) -> None:
    refused, silent = lab.endpoints["refused"], lab.endpoints["silent"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((refused.address, refused.port), timeout=2)
    with connected(silent, timeout=0.2) as raw, pytest.raises(TimeoutError):
        client().wrap_socket(raw)


@pytest.mark.parametrize("name", ["resets", "old-reset"])
def test_a_reset_comes_after_the_hello(lab: EndpointLab, name: str) -> None:
    endpoint = lab.endpoints[name]
    with connected(endpoint) as raw, pytest.raises(ConnectionResetError):
        client("TLS 1.0").wrap_socket(raw)


def test_old_hellos_get_no_answer_from_the_silent_middlebox(lab: EndpointLab) -> None:
    endpoint = lab.endpoints["old-silence"]
    with connected(endpoint, timeout=0.2) as raw, pytest.raises(TimeoutError):
        client("TLS 1.1").wrap_socket(raw)
    assert b"200 OK" in get(endpoint, "/", context=client("TLS 1.2"))


def test_a_dripping_body_never_ends(lab: EndpointLab) -> None:
    endpoint = lab.endpoints["dripping-body"]
    with connected(endpoint) as raw, client().wrap_socket(raw) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\n\r\n")
        received = b"".join(stream.recv(1024) for _ in range(6))
    assert received.endswith(b"\r\n\r\naaaaa")


def test_the_rate_limit_serves_three_connections_and_resets_the_fourth(lab: EndpointLab) -> None:
    endpoint = lab.endpoints["rate-limited"]
    lab.rate_limit.restart(3)
    for _ in range(3):
        assert b"200 OK" in get(endpoint, "/")
    with pytest.raises(ConnectionResetError):
        get(endpoint, "/")


def test_every_third_connection_is_reset() -> None:
    gate = EveryThird()
    assert [gate(b"") for _ in range(6)] == [Admission.SERVE, Admission.SERVE, Admission.RESET] * 2


def test_a_rate_limit_forgets_connections_after_its_window() -> None:
    gate = RateLimit(1, window=0.01)
    first = gate(b"")
    threading.Event().wait(0.03)
    assert (first, gate(b""), gate(b"")) == (Admission.SERVE, Admission.SERVE, Admission.RESET)


def test_a_client_certificate_is_demanded_in_tls_1_2(lab: EndpointLab) -> None:
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        get(lab.endpoints["client-certificate"], "/", context=client("TLS 1.2"))


def test_servers_survive_garbage_and_many_connections_at_once(lab: EndpointLab) -> None:
    good = lab.endpoints["good"]
    long_record = b"\x16\x03\x01\xff\xff" + b"\x00" * 400
    for name, garbage in [("good", long_record), ("good", b"GET / HTTP/1.1\r\n\r\n"), ("flaky", b"\xff")]:
        with connected(lab.endpoints[name]) as raw:
            raw.sendall(garbage)
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: get(good, "/"), range(60)))
    assert all(reply.startswith(b"HTTP/1.1 200 OK\r\n") for reply in replies)


def test_nothing_is_left_when_the_lab_closes() -> None:
    before = set(threading.enumerate())
    with EndpointLab(drip_interval=30) as lab:
        directory, endpoint = lab.ca_file.parent, lab.endpoints["dripping"]
        held = [connected(lab.endpoints[name]) for name in ("silent", "dripping", "good")]
        held[1].sendall(b"\x16\x03\x01\x00\x01\x01")
        assert held[1].recv(5) == b"\x16\x03\x03\x3f\xff"
        assert set(threading.enumerate()) - before
    for connection in held:
        connection.close()
    assert not set(threading.enumerate()) - before
    assert not directory.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((endpoint.address, endpoint.port), timeout=2)


def test_two_labs_run_side_by_side(lab: EndpointLab) -> None:
    with EndpointLab() as other:
        assert other.endpoints["good"].address != lab.endpoints["good"].address
        assert b"200 OK" in get(other.endpoints["good"], "/")


@pytest.mark.parametrize(("key_type", "bits"), [("rsa2048", 2048), ("rsa1024", 1024), ("ec256", 256)])
def test_an_issued_certificate_has_the_key_and_names_asked_for(key_type: KeyType, bits: int) -> None:
    credential = issue(new_authority(), ["a.example", "127.0.0.9"], key_type=key_type)
    certificate = x509.load_pem_x509_certificate(credential.chain_pem)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    assert key.key_size == bits
    assert names.get_values_for_type(x509.DNSName) == ["a.example"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.9"]


def test_the_newest_version_of_a_hello_is_read_from_its_extension() -> None:
    offered = {}
    for version in TLS_VERSIONS:
        outgoing = ssl.MemoryBIO()
        session = client(version).wrap_bio(ssl.MemoryBIO(), outgoing)
        with pytest.raises(ssl.SSLWantReadError):
            session.do_handshake()
        offered[version] = newest_version_offered(outgoing.read())
    assert offered == {"TLS 1.0": 0x301, "TLS 1.1": 0x302, "TLS 1.2": 0x303, "TLS 1.3": 0x304}


@pytest.mark.parametrize(
    "data",
    [b"", b"GET / HTTP/1.1", b"\x16\x03\x01\x00\x05\x01", b"\x16\x03\x01\x01\x00\x01" + b"\xff" * 60],
)
def test_bytes_that_are_no_hello_offer_nothing_readable(data: bytes) -> None:
    assert newest_version_offered(data) == 0


def test_an_sslv2_hello_offers_sslv2() -> None:
    assert newest_version_offered(b"\x80\x2e\x01\x00\x02" + b"\x00" * 43) == 2


def test_servers_on_ipv6_are_there_where_the_machine_has_its_loopback_address(lab: EndpointLab) -> None:
    if not lab.has_ipv6:
        pytest.skip("this machine has no ::1: nothing can be served over IPv6")
    good, weak, beside = (lab.endpoints[name] for name in ("ipv6-good", "ipv6-weak", "dual-stack-good"))
    assert (good.address, weak.address) == ("::1", "::1")
    assert b"200 OK" in get(good, "/", context=client("TLS 1.3"))
    assert (beside.host, beside.port) == (weak.host, weak.port)
    assert sorted(lab.resolve[weak.host]) == sorted([beside.address, "::1"])
    assert b"200 OK" in get(beside, "/", context=client("TLS 1.3"))
