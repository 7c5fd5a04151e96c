"""TLS and certificates: what is read of real servers and how it is judged."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Basis, Fail, Outcome, Pass, Unknown
from posture.claims import CertificateValid, StrongCipherSuites, TlsMinimum, TlsVersion
from posture.model import Cause, Fact
from posture.provider import Limits
from posture.reader import GapFound, Reader
from posture_endpoint import names, tls, trust
from posture_endpoint.session import EndpointSession
from posture_endpoint.source import EndpointSource
from posture_endpoint.target import EndpointTarget
from posture_endpoint.tls import FullListing, KeyExchange, ProtocolVersions, State, SuitesProof, VersionSeen
from posture_endpoint.trust import Certificate, Leaf, StoreTrust
from posture_estates.endpoints.catalogue import CertificateProblem
from posture_estates.endpoints.lab import EndpointLab

LIMITS = Limits(connect=1, read=1, call=20)
ADDRESS = names.Address(
    resource=session_of(EndpointSession, Recorded({}), place("endpoint", "a.example", "443")).resource(
        "endpoint.address", "a.example|192.0.2.1|443", "a.example:443@192.0.2.1"
    ),
    host="a.example",
    port=443,
    address="192.0.2.1",
)
ORDER = tuple(TlsVersion)


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.2) as running:
        yield running


def look(
    lab: EndpointLab, server: str, reader: Reader, now: datetime.datetime | None = None, limits: Limits = LIMITS
) -> Fact:
    """What a reader tells of a server of the lab."""
    endpoint = lab.endpoints[server]
    settings = EndpointTarget(
        hosts=(f"{endpoint.host}:{endpoint.port}",),
        ca_file=str(lab.ca_file),
        resolve={endpoint.host: (endpoint.address,)},
    )
    where = place("endpoint", endpoint.host, str(endpoint.port))
    session = EndpointSession(
        where, EndpointSource(where, settings, limits), now or datetime.datetime.now(datetime.UTC)
    )
    (address,) = read(names.addresses, session)
    (fact,) = read(reader, session, address)
    assert fact.resource == address.resource
    return fact


def version(name: str, state: State, *suites: str, complete: bool = True, cause: Cause | None = None) -> VersionSeen:
    if state is State.UNKNOWN:
        cause = cause or Cause.TIMEOUT
    return VersionSeen(
        version=TlsVersion(name),
        state=state,
        why="the reason",
        cause=cause,
        suites=suites,
        suites_complete=complete and state is State.ACCEPTED,
    )


LETTERS = {"a": State.ACCEPTED, "r": State.REFUSED, "u": State.UNKNOWN}


def proof(letter: str, *suites: str) -> SuitesProof:
    state = LETTERS[letter]
    return SuitesProof(
        state=state, why="the reason", cause=Cause.CAPPED if state is State.UNKNOWN else None, suites=suites
    )


REFUSED = proof("r")


def versions(
    states: str, weak: SuitesProof = REFUSED, lasting: SuitesProof = REFUSED, *, speaks_tls: bool = True
) -> ProtocolVersions:
    """One letter for each of the six versions, oldest first: a(ccepted), r(efused), u(nknown)."""
    seen = tuple(version(name, LETTERS[letter]) for name, letter in zip(ORDER, states, strict=True))
    return ProtocolVersions(
        resource=ADDRESS.resource, versions=seen, speaks_tls=speaks_tls, weak=weak, lasting=lasting, second=()
    )


MINIMUM = TlsMinimum()
MINIMUM_13 = TlsMinimum(version=TlsVersion.TLS13)
SUPPORTED = TlsMinimum(reading="supported")


@pytest.mark.parametrize(
    ("states", "claim", "expected"),
    [
        ("rrrraa", MINIMUM, Pass("accepts TLS 1.2, TLS 1.3 and refuses every older version", Basis.OBSERVED)),
        ("rrrrra", MINIMUM, Pass("accepts TLS 1.3 and refuses every older version", Basis.OBSERVED)),
        ("rrrrau", MINIMUM, Pass("accepts TLS 1.2 and refuses every older version", Basis.OBSERVED)),
        ("rrraaa", MINIMUM, Fail("accepts TLS 1.1")),
        ("raaaaa", MINIMUM, Fail("accepts SSL 3.0, TLS 1.0, TLS 1.1")),
        ("uuaruu", MINIMUM, Fail("accepts TLS 1.0")),
        ("rruraa", MINIMUM, Unknown(Cause.TIMEOUT, "may accept TLS 1.0 or not: the reason")),
        ("rrrruu", MINIMUM, Unknown(Cause.TIMEOUT, "may accept TLS 1.3 or not: the reason")),
        (
            "rrrrrr",
            MINIMUM,
            Unknown(Cause.DISAGREEMENT, "refuses every version, so that nothing proves the refusals"),
        ),
        ("rrrraa", MINIMUM_13, Fail("accepts TLS 1.2")),
        ("rrrrra", MINIMUM_13, Pass("accepts TLS 1.3 and refuses every older version", Basis.OBSERVED)),
        ("rrrrua", MINIMUM_13, Unknown(Cause.TIMEOUT, "may accept TLS 1.2 or not: the reason")),
        ("rraaar", SUPPORTED, Pass("accepts TLS 1.2", Basis.OBSERVED)),
        ("rrrrra", SUPPORTED, Fail("refuses TLS 1.2")),
        ("rraaua", SUPPORTED, Unknown(Cause.TIMEOUT, "may accept TLS 1.2 or not: the reason")),
    ],
)
def test_older_versions_are_refused(states: str, claim: TlsMinimum, expected: Outcome) -> None:
    assert judge(tls.minimum_version, versions(states), claim) == expected


@pytest.mark.parametrize("claim", [MINIMUM, SUPPORTED])
def test_an_answer_in_clear_text_speaks_no_version(claim: TlsMinimum) -> None:
    assert judge(tls.minimum_version, versions("uuuuuu", speaks_tls=False), claim) == Fail("answers in clear text")


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("good", Pass("accepts TLS 1.2, TLS 1.3 and refuses every older version", Basis.OBSERVED)),
        ("weak", Fail("accepts TLS 1.0, TLS 1.1")),
        ("tls10-only", Fail("accepts TLS 1.0")),
        ("tls13-only", Pass("accepts TLS 1.3 and refuses every older version", Basis.OBSERVED)),
        ("plain-http", Fail("answers in clear text")),
        ("client-certificate", Pass("accepts TLS 1.2, TLS 1.3 and refuses every older version", Basis.OBSERVED)),
        ("two-addresses-weak", Fail("accepts TLS 1.0, TLS 1.1")),
    ],
)
def test_the_minimum_of_real_servers_is_the_truth(lab: EndpointLab, server: str, expected: Outcome) -> None:
    assert judge(tls.minimum_version, look(lab, server, tls.protocol_versions), MINIMUM) == expected


@pytest.mark.parametrize("server", ["old-reset", "old-close", "old-silence", "old-internal-error"])
def test_an_old_hello_that_is_never_answered_is_refused_when_the_control_always_is(
    lab: EndpointLab, server: str
) -> None:
    fact = look(lab, server, tls.protocol_versions, limits=Limits(connect=1, read=0.3, call=20))
    passed = Pass("accepts TLS 1.2, TLS 1.3 and refuses every older version", Basis.OBSERVED)
    assert judge(tls.minimum_version, fact, MINIMUM) == passed
    assert isinstance(fact, ProtocolVersions)
    assert re.search(r"\(3 of 3, controls (4 of 4|5 of 5)\)", fact.versions[2].why)


def test_an_endpoint_that_cuts_connections_off_is_unknown(lab: EndpointLab) -> None:
    lab.rate_limit.restart(3)
    outcome = judge(tls.minimum_version, look(lab, "rate-limited-good", tls.protocol_versions), MINIMUM)
    assert isinstance(outcome, Unknown)
    assert outcome.cause is Cause.UNREACHABLE


def test_a_failed_probe_is_a_gap_and_no_fact() -> None:
    session = session_of(
        EndpointSession, Recorded({"tls:Versions": Cause.TIMEOUT}), place("endpoint", "a.example", "1")
    )
    with pytest.raises(GapFound, match="timeout"):
        read(tls.protocol_versions, session, ADDRESS)


def test_a_state_that_nobody_knows_is_no_fact() -> None:
    row: dict[str, Any] = {"state": "perhaps", "why": "", "cause": None, "suites": [], "suites_complete": False}
    kind = {"state": "refused", "why": "", "cause": None, "suites": []}
    report = {
        "versions": dict.fromkeys(tls._PROBED, row),
        "speaks_tls": True,
        "forbidden_suites": kind,
        "lasting_suites": kind,
    }
    session = session_of(EndpointSession, Recorded({"tls:Versions": report}), place("endpoint", "a.example", "1"))
    with pytest.raises(ValueError, match="perhaps"):
        read(tls.protocol_versions, session, ADDRESS)


RC4, STATIC = "TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"
STRONG, SECRET = StrongCipherSuites(), StrongCipherSuites(forward_secrecy=True)
ALONE = Pass("accepts suites of AES or ChaCha20 alone", Basis.OBSERVED)
SECRET_ALONE = Pass("accepts suites of AES or ChaCha20 with forward secrecy alone", Basis.OBSERVED)
MAYBE_STATIC = "may accept suites without forward secrecy or not: the reason"


@pytest.mark.parametrize(
    ("fact", "claim", "expected"),
    [
        (versions("rrrraa"), STRONG, ALONE),
        (versions("rrrraa"), SECRET, SECRET_ALONE),
        (versions("rrrraa", lasting=proof("a", STATIC)), STRONG, ALONE),
        (versions("rrrraa", lasting=proof("u")), STRONG, ALONE),
        (
            versions("rrrraa", lasting=proof("a", STATIC)),
            SECRET,
            Fail(f"accepts suites without forward secrecy: {STATIC}"),
        ),
        (versions("rrrraa", lasting=proof("u")), SECRET, Unknown(Cause.CAPPED, MAYBE_STATIC)),
        (versions("rrrraa", proof("a", RC4)), STRONG, Fail(f"accepts {RC4}")),
        (versions("rrrraa", proof("a", RC4), proof("a", STATIC)), SECRET, Fail(f"accepts {RC4}")),
        (versions("rruraa", proof("a", RC4)), STRONG, Fail(f"accepts {RC4}")),
        (versions("rrrraa", proof("u")), STRONG, Unknown(Cause.CAPPED, "may accept weak suites or not: the reason")),
        (versions("rruraa"), STRONG, Unknown(Cause.TIMEOUT, "may accept TLS 1.0 or not: the reason")),
        (
            versions("rrrrrr"),
            STRONG,
            Unknown(Cause.DISAGREEMENT, "accepts no version that suites could be offered with"),
        ),
        (versions("uuuuuu", speaks_tls=False), STRONG, Fail("answers in clear text")),
    ],
)
def test_one_weak_suite_fails_and_a_proof_that_is_open_is_unknown(
    fact: ProtocolVersions, claim: StrongCipherSuites, expected: Outcome
) -> None:
    assert judge(tls.strong_suites, fact, claim) == expected


@pytest.mark.parametrize(
    ("server", "strong", "secret"),
    [
        ("good", ALONE, Fail("accepts suites without forward secrecy: TLS_RSA_WITH_AES_256_GCM_SHA384")),
        (
            "weak",
            ALONE,
            Fail(
                "accepts suites without forward secrecy: TLS_RSA_WITH_AES_256_CBC_SHA, TLS_RSA_WITH_AES_256_GCM_SHA384"
            ),
        ),
        ("tls13-only", ALONE, SECRET_ALONE),
        ("expired", ALONE, SECRET_ALONE),
        ("plain-http", Fail("answers in clear text"), Fail("answers in clear text")),
        ("ssl2-without-kinds", Fail("accepts SSL 2.0"), Fail("accepts SSL 2.0")),
        ("tls12-with-rc4", Fail("accepts TLS_RSA_WITH_RC4_128_SHA"), Fail("accepts TLS_RSA_WITH_RC4_128_SHA")),
    ],
)
def test_the_suites_of_real_servers_are_judged_without_a_list(
    lab: EndpointLab, server: str, strong: Outcome, secret: Outcome
) -> None:
    fact = look(lab, server, tls.protocol_versions)
    assert (judge(tls.strong_suites, fact, STRONG), judge(tls.strong_suites, fact, SECRET)) == (strong, secret)


def test_a_full_listing_holds_suites_groups_and_signatures(lab: EndpointLab) -> None:
    fact = look(lab, "expired", tls.full_listing)
    assert isinstance(fact, FullListing)
    new = [one for one in fact.versions if one.state is State.ACCEPTED]
    assert [(one.version, len(one.suites), one.suites_complete) for one in new] == [
        (TlsVersion.TLS12, 7, True),
        (TlsVersion.TLS13, 3, True),
    ]
    assert fact.exchanges == (
        KeyExchange(
            version=TlsVersion.TLS12,
            order="server",
            # Every client has to offer the certificate's own curve, and the server prefers that to its other ones.
            groups=("x25519", "secp256r1"),
            groups_complete=True,
            dh_bits=None,
            signatures=(
                "ecdsa_secp256r1_sha256",
                "ecdsa_secp384r1_sha384",
                "ecdsa_secp521r1_sha512",
                "ecdsa_sha224",
                "ecdsa_sha1",
            ),
            signatures_complete=True,
            encrypt_then_mac=True,
        ),
        KeyExchange(
            version=TlsVersion.TLS13,
            order="server",
            groups=(
                *("x25519", "secp256r1", "x448", "secp521r1", "secp384r1"),
                *("ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"),
            ),
            groups_complete=True,
            dh_bits=None,
            signatures=None,
            signatures_complete=False,
            encrypt_then_mac=None,
        ),
    )


DAY = 86_400
STORES = {"Apple": True, "Mozilla": True}


def leaf(stores: dict[str, bool] = STORES, reason: str = "unknown-issuer", **changes: Any) -> Leaf:
    fields: dict[str, Any] = {
        "subject": "CN=a.example",
        "issuer": "CN=root",
        "not_before": "2026-11-01T00:00:00Z",
        "not_after": "2026-12-04T12:00:00Z",
        "seconds_until_valid": -23 * DAY,
        "seconds_left": 10 * DAY,
        "key_type": "EC secp256r1",
        "key_bits": 256,
        "signature_hash": "sha256",
        "signature_algorithm": "ecdsa-with-SHA256",
        "name_matches": True,
        "trust": tuple(
            StoreTrust(store=name, trusted=trusted, reason=None if trusted else reason)
            for name, trusted in stores.items()
        ),
    }
    return Leaf(**fields | changes)


def shown(first: Leaf, *others: Leaf, known: bool = True) -> Certificate:
    return Certificate(resource=ADDRESS.resource, leaf=first, others=others if known else None)


def good(stores: str = "Mozilla") -> Pass:
    return Pass(f"shows a certificate for its name that leads to {stores} roots, with 10 days to go", Basis.OBSERVED)


NOWHERE = {"Apple": False, "Mozilla": False}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (shown(leaf()), good()),
        (shown(leaf({"Mozilla": False, "own": True})), good("own")),
        (shown(leaf({"Mozilla": True, "own": False})), good()),
        (shown(leaf({"Apple": False, "Mozilla": True})), good()),
        (shown(leaf(), leaf({"Mozilla": False, "own": True})), good("Mozilla and own")),
        (shown(leaf(key_type="RSA", key_bits=2048)), good()),
        (shown(leaf(key_type="Ed25519", key_bits=256, signature_hash=None)), good()),
        (shown(leaf(seconds_left=-1)), Fail("shows a certificate that expired at 2026-12-04T12:00:00Z")),
        (
            shown(leaf(NOWHERE, "expired", seconds_left=-1)),
            Fail("shows a certificate that expired at 2026-12-04T12:00:00Z"),
        ),
        (
            shown(leaf(seconds_until_valid=60)),
            Fail("shows a certificate that is not valid before 2026-11-01T00:00:00Z"),
        ),
        (
            shown(leaf(NOWHERE, "name-mismatch", name_matches=False)),
            Fail("shows a certificate that is not for this host"),
        ),
        (shown(leaf(NOWHERE)), Fail("shows a certificate that leads to no trusted root (unknown-issuer)")),
        (
            shown(leaf({"own": False} | NOWHERE, "self-signed")),
            Fail("shows a certificate that leads to no trusted root (self-signed)"),
        ),
        (
            shown(leaf(NOWHERE, key_type="RSA", key_bits=1024)),
            Fail(
                "shows a certificate that leads to no trusted root (unknown-issuer); "
                "shows a certificate that has an RSA key of 1024 bits"
            ),
        ),
        (
            shown(leaf(key_type="EC secp224r1", key_bits=224)),
            Fail("shows a certificate that has an elliptic-curve key of 224 bits"),
        ),
        (shown(leaf(signature_hash="sha1")), Fail("shows a certificate that is signed over sha1")),
        (
            shown(leaf(), leaf(seconds_left=-1, key_type="RSA", key_bits=2048)),
            Fail("shows a certificate that expired at 2026-12-04T12:00:00Z"),
        ),
        (
            shown(leaf(key_type="DSA", key_bits=2048)),
            Unknown(Cause.NOT_SUPPORTED, "shows a certificate with a key that is not judged: DSA"),
        ),
        (
            shown(leaf({"Apple": True, "Mozilla": False})),
            Unknown(Cause.DISAGREEMENT, "shows a certificate that is trusted by Apple, and not by Mozilla"),
        ),
        (
            shown(leaf({"Netscape": False})),
            Unknown(Cause.NOT_SUPPORTED, "shows a certificate that no store which settles trust was asked about"),
        ),
        (
            shown(leaf(), known=False),
            Unknown(
                Cause.NOT_SUPPORTED,
                "shows a good certificate, but no handshake could tell whether it has one of another key type too",
            ),
        ),
        (shown(leaf(signature_hash="md5"), known=False), Fail("shows a certificate that is signed over md5")),
    ],
)
def test_a_certificate_is_trusted_named_in_date_and_strong(fact: Certificate, expected: Outcome) -> None:
    assert judge(trust.valid_certificate, fact, CertificateValid()) == expected


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (CertificateValid(days_left=10), good()),
        (
            CertificateValid(days_left=11),
            Fail("shows a certificate that expires at 2026-12-04T12:00:00Z, in 10 days"),
        ),
    ],
)
def test_the_days_to_go_are_the_claims(claim: CertificateValid, expected: Outcome) -> None:
    assert judge(trust.valid_certificate, shown(leaf()), claim) == expected


def test_the_key_size_is_the_claims() -> None:
    fact = shown(leaf(key_type="RSA", key_bits=2048))
    outcome = judge(trust.valid_certificate, fact, CertificateValid(rsa_bits=3072))
    assert outcome == Fail("shows a certificate that has an RSA key of 2048 bits")


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ("expired", "expired at"),
        ("self-signed", "leads to no trusted root (self-signed)"),
        ("wrong-name", "is not for this host"),
        ("untrusted-root", "leads to no trusted root (unknown-issuer)"),
        ("short-key", "has an RSA key of 1024 bits"),
        ("two-certificates", "expired at"),
    ],
)
def test_the_faults_of_real_certificates_are_named(lab: EndpointLab, server: str, reason: str) -> None:
    assert lab.endpoints[server].truth.certificate_problems
    outcome = judge(trust.valid_certificate, look(lab, server, trust.certificate), CertificateValid())
    assert isinstance(outcome, Fail)
    assert outcome.reason.startswith(f"shows a certificate that {reason}")


def test_a_certificate_of_the_own_authority_is_good(lab: EndpointLab) -> None:
    for server in ("good", "weak", "client-certificate"):
        outcome = judge(trust.valid_certificate, look(lab, server, trust.certificate), CertificateValid())
        assert isinstance(outcome, Pass)
        assert "leads to own roots" in outcome.reason


def test_days_are_counted_from_the_run(lab: EndpointLab) -> None:
    now = datetime.datetime.now(datetime.UTC)
    assert CertificateProblem.EXPIRES_SOON in lab.endpoints["expires-soon"].truth.certificate_problems
    soon = look(lab, "expires-soon", trust.certificate, now)
    assert isinstance(judge(trust.valid_certificate, soon, CertificateValid(days_left=9)), Pass)
    assert isinstance(judge(trust.valid_certificate, soon, CertificateValid(days_left=30)), Fail)
    later = look(lab, "expires-soon", trust.certificate, now + datetime.timedelta(days=11))
    assert isinstance(judge(trust.valid_certificate, later, CertificateValid()), Fail)
    assert isinstance(soon, Certificate)
    assert isinstance(later, Certificate)
    assert soon.leaf.seconds_left - later.leaf.seconds_left in (11 * DAY, 11 * DAY - 1, 11 * DAY + 1)


def test_a_server_of_tls_13_alone_shows_that_it_has_no_second_certificate(lab: EndpointLab) -> None:
    fact = look(lab, "tls13-only", trust.certificate)
    assert isinstance(fact, Certificate)
    assert fact.others == ()
    assert isinstance(judge(trust.valid_certificate, fact, CertificateValid()), Pass)


def test_facts_are_plain_values(lab: EndpointLab) -> None:
    for fact in (look(lab, "two-certificates", trust.certificate), look(lab, "good", tls.protocol_versions)):
        assert msgspec.json.decode(msgspec.json.encode(fact), type=type(fact)) == fact
