"""sslyze's own commands: kept as evidence, a second view of the versions, and never a verdict of their own."""

import json
import socket
import ssl
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kit import judge, place, read, session_of
from loopback import server
from posture.check import Fail, Outcome, Pass, Unknown
from posture.claims import TlsMinimum
from posture.model import Cause
from posture.provider import Limits
from posture_endpoint import names, tls
from posture_endpoint._probes.sslyze_commands import read_versions, run_commands
from posture_endpoint._probes.wire import ProbeFailed
from posture_endpoint.manners import allowance
from posture_endpoint.session import EndpointSession
from posture_endpoint.source import EndpointSource
from posture_endpoint.target import EndpointTarget, HostPort, sample
from posture_estates.endpoints.authority import issue, new_authority
from posture_estates.endpoints.hello import await_hello, newest_version_offered, suites_offered
from posture_estates.endpoints.lab import EndpointLab
from posture_estates.endpoints.listening import drain
from posture_estates.endpoints.scripted import send_alert

LIMITS = Limits(connect=1, read=1, call=30)
ALL = {
    "certificate_info",
    "elliptic_curves",
    "heartbleed",
    "http_headers",
    "openssl_ccs_injection",
    "robot",
    "session_renegotiation",
    "session_resumption",
    "ssl_2_0_cipher_suites",
    "ssl_3_0_cipher_suites",
    "tls_1_0_cipher_suites",
    "tls_1_1_cipher_suites",
    "tls_1_2_cipher_suites",
    "tls_1_3_cipher_suites",
    "tls_1_3_early_data",
    "tls_compression",
    "tls_extended_master_secret",
    "tls_fallback_scsv",
}


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.1) as running:
        yield running


def run(lab: EndpointLab, name: str, **options: Any) -> dict[str, Any]:
    endpoint = lab.endpoints[name]
    settings: dict[str, Any] = {"versions_alone": True, "timeout": 1.0, "deadline": 20.0} | options
    return run_commands(endpoint.host, endpoint.port, endpoint.address, **settings)


def fact(host: str, port: int, address: str, **fields: Any) -> tuple[tls.ProtocolVersions, EndpointTarget]:
    """What the reader of the versions tells, and the settings that it was asked with."""
    settings = EndpointTarget(hosts=(f"{host}:{port}",), resolve={host: (address,)}, **fields)
    where = place("endpoint", host, str(port))
    session = session_of(EndpointSession, EndpointSource(where, settings, LIMITS), where)
    (there,) = read(names.addresses, session)
    (seen,) = read(tls.protocol_versions, session, there)
    assert isinstance(seen, tls.ProtocolVersions)
    return seen, settings


def second(seen: tls.ProtocolVersions) -> dict[str, str]:
    return {str(one.version): str(one.state) for one in seen.second}


def test_all_commands_are_kept_as_plain_data(lab: EndpointLab) -> None:
    report = run(lab, "weak", versions_alone=False)
    assert report["status"] == "completed"
    assert set(report["commands"]) == ALL
    assert json.loads(json.dumps(report)) == report
    assert report["commands"]["heartbleed"]["found"] == {"is_vulnerable_to_heartbleed": False}
    assert "TLS_RSA_WITH_AES_256_CBC_SHA" in report["commands"]["tls_1_0_cipher_suites"]["found"]["accepted"]
    assert report["commands"]["certificate_info"]["found"][0]["received_chain_has_valid_order"] is True
    assert 500 < report["connections"] <= 640
    assert set(report["tools"]) >= {"sslyze", "nassl"}


def test_the_versions_are_read_and_what_is_no_alert_is_unclear(lab: EndpointLab) -> None:
    good, reset = read_versions(run(lab, "good")), read_versions(run(lab, "old-reset"))
    accepted = {"TLS 1.2": "accepted", "TLS 1.3": "accepted"}
    assert good == {"SSLv2": "unclear", "SSLv3": "refused", "TLS 1.0": "refused", "TLS 1.1": "refused", **accepted}
    assert reset == {**dict.fromkeys(("SSLv2", "SSLv3", "TLS 1.0", "TLS 1.1"), "unclear"), **accepted}


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (None, "unclear"),
        ({"accepted": [], "rejected": {}}, "unclear"),
        ({"accepted": ["TLS_AES_128_GCM_SHA256"], "rejected": {"Server rejected the connection": 3}}, "accepted"),
        ({"accepted": [], "rejected": {"TLS alert: protocol version": 80}}, "refused"),
        ({"accepted": [], "rejected": {"TLS alert: handshake failure": 79, "TLS alert: Internal error": 1}}, "unclear"),
        ({"accepted": [], "rejected": {"TLS alert: handshake failure": 79, "Server rejected": 1}}, "unclear"),
    ],
)
def test_a_version_is_refused_where_each_suite_met_an_alert(found: Any, state: str) -> None:
    attempt = {"status": "ERROR"} if found is None else {"status": "COMPLETED", "found": found}
    assert read_versions({"commands": {"tls_1_0_cipher_suites": attempt}})["TLS 1.0"] == state


@pytest.mark.parametrize("name", ["silent", "dripping"])
def test_a_server_that_says_nothing_ends_on_time(lab: EndpointLab, name: str) -> None:
    start = time.monotonic()
    with pytest.raises(ProbeFailed, match="timeout: sslyze did not end within 3 s"):
        run(lab, name, timeout=1, deadline=3)
    assert time.monotonic() - start < 6


def test_a_server_that_refuses_has_no_views(lab: EndpointLab) -> None:
    report = run(lab, "refused")
    assert (report["status"], report["commands"], report["connections"]) == ("no connectivity", {}, 1)
    assert set(read_versions(report).values()) == {"unclear"}


def test_no_more_connections_are_opened_than_allowed(lab: EndpointLab) -> None:
    report = run(lab, "good", most=100)
    assert report["connections"] == 100
    assert "unclear" in read_versions(report).values()


@pytest.mark.parametrize("protocol", ["smtp", "imap", "pop3", "ftp", "ldap", "postgres", "xmpp", "rdp"])
def test_sslyze_speaks_the_protocols_with_starttls(lab: EndpointLab, protocol: str) -> None:
    assert read_versions(run(lab, protocol, starttls=protocol))["TLS 1.0"] == "accepted"


def test_it_does_not_speak_mysql(lab: EndpointLab) -> None:
    with pytest.raises(ProbeFailed, match="sslyze does not speak mysql"):
        run(lab, "mysql", starttls="mysql")


def test_the_sample_is_the_same_in_each_scan_whatever_the_order() -> None:
    hosts = tuple(f"host{number}.example" for number in range(20))
    chosen = sample(EndpointTarget(hosts=hosts, cross_check=5), ())
    assert chosen == sample(EndpointTarget(hosts=hosts[::-1], cross_check=5), ())
    assert len(chosen) == 5
    assert chosen < sample(EndpointTarget(hosts=hosts, cross_check=6), ())
    assert sample(EndpointTarget(hosts=hosts[:2], cross_check=5), ()) == {
        HostPort(host=host, port=443) for host in hosts[:2]
    }


def test_deep_and_cross_check_leave_verdicts_as_they_are(lab: EndpointLab) -> None:
    for name, kind in (("good", Pass), ("weak", Fail), ("old-reset", Pass)):
        endpoint = lab.endpoints[name]
        where = (endpoint.host, endpoint.port, endpoint.address)
        plain, _ = fact(*where)
        seen, settings = fact(*where, deep=True, cross_check=1)
        outcome = judge(tls.minimum_version, seen, TlsMinimum())
        assert isinstance(outcome, kind)
        assert outcome == judge(tls.minimum_version, plain, TlsMinimum())
        assert second(plain) == {}
        assert second(seen)["TLS 1.2"] == "accepted"
        assert 500 < allowance(settings, endpoint.address).opened < 700


def test_a_second_view_that_fails_decides_nothing_and_counts_as_all_that_it_might_open(
    lab: EndpointLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: Any, **__: Any) -> dict[str, Any]:
        raise ProbeFailed("timeout", "sslyze did not end within 5 s")

    monkeypatch.setattr("posture_endpoint._probes.sslyze_commands.run_commands", late)
    endpoint = lab.endpoints["good"]
    seen, settings = fact(endpoint.host, endpoint.port, endpoint.address, cross_check=1)
    assert set(second(seen).values()) == {"unknown"}
    assert isinstance(judge(tls.minimum_version, seen, TlsMinimum()), Pass)
    assert 560 < allowance(settings, endpoint.address).opened < 590


# -- servers that treat clients differently


def old_for(few: bool, folder: Path) -> Callable[[socket.socket], None]:
    """TLS 1.0 only for hellos with few suites, as sslyze sends, or only for those with many, as posture sends."""
    credential = issue(new_authority(), ["a.example"])
    pair = folder / "pair.pem"
    pair.write_bytes(credential.chain_pem + credential.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(pair)

    def serve(connection: socket.socket) -> None:
        hello = await_hello(connection)
        if newest_version_offered(hello) < 0x0303 and (len(suites_offered(hello)) < 10) is not few:
            send_alert(connection, 70)
            return
        try:
            with context.wrap_socket(connection, server_side=True) as stream:
                drain(stream)
        except OSError:
            connection.close()

    return serve


@pytest.mark.parametrize(
    ("few", "expected"),
    [
        (
            True,
            Unknown(
                Cause.DISAGREEMENT, "refuses TLS 1.0 to posture's hellos and completes handshakes with it for sslyze"
            ),
        ),
        (False, Fail("accepts TLS 1.0, TLS 1.1 (sslyze was refused TLS 1.0 by alert)")),
    ],
)
def test_a_disagreement_is_told(tmp_path: Path, few: bool, expected: Outcome) -> None:
    with server(old_for(few, tmp_path)) as port:
        seen, _ = fact("a.example", port, "127.0.0.1", cross_check=1)
    assert judge(tls.minimum_version, seen, TlsMinimum()) == expected


def test_without_the_second_view_nobody_knows_better(tmp_path: Path) -> None:
    with server(old_for(True, tmp_path)) as port:
        seen, _ = fact("a.example", port, "127.0.0.1")
    assert isinstance(judge(tls.minimum_version, seen, TlsMinimum()), Pass)
