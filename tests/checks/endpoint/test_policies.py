"""TLS policies: their data against what is known of the sources, and real servers against each on both levels."""

import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import sslyze.mozilla_tls_profile
from hypothesis import given
from hypothesis import strategies as st

import posture.context
import posture_endpoint
from kit import Recorded, judge, place, read, session_of
from opensslserver import serving
from posture.assess import ClaimVerdict
from posture.check import Basis, Fail, Incomplete, Pass, Unknown
from posture.claims import MeetsTlsPolicy, TlsPolicyName, TlsVersion
from posture.config import Target
from posture.model import Cause, Gap
from posture.plan import Scoped
from posture.profile import build_profile
from posture.provider import Limits
from posture.reader import GapFound
from posture.registry import Registry
from posture.report import terminal
from posture.report.view import build
from posture.run.directory import Run
from posture.scan import Order, plan_of, scan
from posture.yamlfile import parse
from posture_endpoint import names, tls, trust
from posture_endpoint.hello.encode import GROUPS, SIGNATURES
from posture_endpoint.hello.suites import SUITES
from posture_endpoint.policy.check import meets_policy
from posture_endpoint.policy.rules import Choice, Level, SuiteChoice, policies
from posture_endpoint.session import EndpointSession
from posture_endpoint.source import EndpointSource
from posture_endpoint.target import EndpointTarget
from posture_endpoint.tls import FullListing, KeyExchange, State, VersionSeen
from posture_endpoint.trust import Certificate, Leaf
from posture_estates.endpoints.authority import issue
from posture_estates.endpoints.lab import EndpointLab

POLICIES = (
    "tls12-minimum",
    "mozilla-intermediate",
    "mozilla-modern",
    "nist-sp-800-52r2",
    "bsi-tr-02102-2",
    "pci-dss-4",
)
LEVELS = ("lenient", "strict")
LIMITS = Limits(connect=1, read=1, call=40)
Claims = dict[tuple[str, str], MeetsTlsPolicy]
CLAIMS: Claims = {
    (policy, level): msgspec.convert({"policy": policy, "level": level}, MeetsTlsPolicy)
    for policy in POLICIES
    for level in LEVELS
}


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(rate_limit=100_000) as running:
        yield running


def test_each_policy_that_a_profile_can_name_has_its_file_and_its_sources() -> None:
    assert set(policies()) == set(get_args(TlsPolicyName)) == set(POLICIES)
    for policy in policies().values():
        assert policy.sources
        assert policy.checked
        assert policy.version
        for source in policy.sources:
            assert source.url.startswith("https://"), policy.id
            assert re.fullmatch(r"\d{4}(-\d\d)?", source.date), policy.id


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_names_only_what_there_is(policy: str, level: str) -> None:
    rules = policies()[policy].level(level)
    parts = {part for suite in SUITES.values() for part in (suite.cipher, *suite.cipher.split("_"), suite.exchange)}
    for rule, known in (
        (rules.versions, set(map(str, TlsVersion))),
        (rules.groups, set(GROUPS.values())),
        (rules.signatures, set(SIGNATURES.values())),
    ):
        if rule is not None:
            assert {*rule.only, *rule.without, *rule.undecided, *rule.one_of} <= known
            assert not set(rule.undecided).intersection((*rule.only, *rule.without))
    assert rules.suites is not None
    assert {*rules.suites.only, *rules.suites.undecided} <= {suite.name for suite in SUITES.values()}
    assert {
        *(part.removeprefix("WITH_") for part in rules.suites.without_ciphers),
        *rules.suites.without_exchanges,
        *rules.suites.undecided_ciphers,
    } <= parts


def says(rule: Choice | SuiteChoice | None, name: str) -> bool | None:
    return True if rule is None else rule.allows(name)


@pytest.mark.parametrize("policy", POLICIES)
def test_what_the_strict_level_allows_the_lenient_one_allows_too(policy: str) -> None:
    lenient, strict = (policies()[policy].level(level) for level in LEVELS)
    for field, known in (
        ("versions", list(map(str, TlsVersion))),
        ("suites", [suite.name for suite in SUITES.values()]),
        ("groups", list(GROUPS.values())),
        ("signatures", list(SIGNATURES.values())),
        ("key_types", ["RSA", "EC", "DSA", "Ed25519", "Ed448"]),
        ("curves", ["secp256r1", "secp384r1", "secp521r1", "brainpoolP256r1"]),
        ("certificate_hashes", ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]),
        ("certificate_signatures", ["sha256WithRSAEncryption", "RSASSA-PSS", "ecdsa-with-SHA256"]),
    ):
        for name in known:
            if says(getattr(strict, field), name) is True:
                assert says(getattr(lenient, field), name) is True, (field, name)
            if says(getattr(lenient, field), name) is False:
                assert says(getattr(strict, field), name) is False, (field, name)
    for field in ("dh_bits", "rsa_bits", "ec_bits"):
        low, high = getattr(lenient, field), getattr(strict, field)
        assert low is None or low.least <= high.least
    assert (
        strict.validity_days is None
        or lenient.validity_days is None
        or (strict.validity_days.most <= lenient.validity_days.most)
    )


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("policy", POLICIES)
def test_no_policy_allows_ssl_or_suites_without_encryption_or_key(policy: str, level: str) -> None:
    rules = policies()[policy].level(level)
    assert [
        str(one) for one in TlsVersion if says(rules.versions, one) is True and one.age < TlsVersion.TLS11.age
    ] == []
    wrong = [
        suite.name
        for suite in SUITES.values()
        if re.search(r"NULL|EXPORT|anon|RC4|RC2|DES40|_DES_|FORTEZZA|TLS_SHA\d+", suite.name)
        and says(rules.suites, suite.name) is not False
    ]
    assert wrong == []


def test_mozillas_configurations_are_version_five_seven_without_dhe_and_with_one_hybrid() -> None:
    """sslyze carries version 5.7 as Mozilla published it; 6.0 is what came after it."""
    folder = Path(sslyze.mozilla_tls_profile.__file__).parent
    old = json.loads((folder / "5.7.json").read_text())["configurations"]
    for name in ("modern", "intermediate"):
        before, strict = old[name], policies()[f"mozilla-{name}"].level("strict")
        lenient = policies()[f"mozilla-{name}"].level("lenient")
        assert strict.versions is not None
        assert {one.replace("TLS ", "TLSv") for one in strict.versions.only} == set(before["tls_versions"])
        assert strict.suites is not None
        suites = {*before["ciphersuites"], *before["ciphers"]["iana"]}
        assert set(strict.suites.only) == {one for one in suites if "_DHE_" not in one}
        assert strict.groups is not None
        curves = {"X25519": "x25519", "prime256v1": "secp256r1"}
        assert set(strict.groups.only) == {curves.get(one, one) for one in before["tls_curves"]} | {"X25519MLKEM768"}
        assert strict.curves is not None
        assert set(strict.curves.only) == {curves.get(one, one) for one in before["certificate_curves"]}
        assert strict.certificate_signatures is not None
        assert list(strict.certificate_signatures.only) == before["certificate_signatures"]
        assert strict.key_types is not None
        assert {one.replace("EC", "ECDSA").lower() for one in strict.key_types.only} == set(before["certificate_types"])
        assert (strict.rsa_bits and strict.rsa_bits.least) == before["rsa_key_size"]
        assert (strict.dh_bits and strict.dh_bits.least) == before["dh_param_size"]
        assert lenient.validity_days is not None
        assert strict.validity_days is not None
        assert lenient.validity_days.most == before["maximum_certificate_lifespan"]
        assert strict.validity_days.most == before["recommended_certificate_lifespan"]


def test_nists_suites_are_those_of_aes_that_are_not_static_rsa() -> None:
    """SP 800-52r2 section 3.3.1.1: AES in GCM, CCM and CBC with (EC)DHE, or with DH keys in certificates."""
    rules = policies()["nist-sp-800-52r2"].level("lenient").suites
    assert rules is not None
    exchanges = ["ECDHE_ECDSA", "ECDHE_RSA", "DHE_RSA", "DHE_DSS", "DH_DSS", "DH_RSA", "ECDH_ECDSA", "ECDH_RSA"]
    named = {
        suite.name
        for suite in SUITES.values()
        if (suite.is_tls13 or suite.exchange in exchanges) and re.match(r"(WITH_)?AES", suite.cipher)
    }
    assert set(rules.only) == named


def test_bsis_suites_have_sha2_and_no_short_tags() -> None:
    """TR-02102-2: no CCM_8, no SHA-1, no ChaCha20; what has no forward secrecy is left to the lenient level."""
    lenient, strict = (policies()["bsi-tr-02102-2"].level(level).suites for level in LEVELS)
    assert lenient is not None
    assert strict is not None
    assert [
        one
        for one in lenient.only
        if re.search(r"CCM_8|_SHA$|CHACHA20|_RSA_WITH|PSK", one.replace("E_RSA", ""))
        and not re.search(r"DHE_RSA|DH_RSA", one)
    ] == []
    by_name = {suite.name: suite for suite in SUITES.values()}
    assert all(by_name[one].forward_secret for one in strict.only)
    assert set(strict.only) == {one for one in lenient.only if by_name[one].forward_secret}


RESOURCE = session_of(EndpointSession, Recorded({}), place("endpoint", "a.example", "443")).resource(
    "endpoint.address", "a.example|192.0.2.1|443", "a.example:443@192.0.2.1"
)
GCM, GCM13 = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"


def version(which: TlsVersion, state: State, *suites: str, complete: bool = True) -> VersionSeen:
    unknown = state is State.UNKNOWN
    return VersionSeen(
        version=which,
        state=state,
        why="the reason",
        cause=Cause.TIMEOUT if unknown else None,
        suites=suites,
        suites_complete=complete and state is State.ACCEPTED,
    )


def exchange(which: TlsVersion, **changes: Any) -> KeyExchange:
    new = which is TlsVersion.TLS13
    fields: dict[str, Any] = {
        "version": which,
        "order": "server",
        "groups": ("secp256r1",),
        "groups_complete": True,
        "dh_bits": None,
        "signatures": None if new else ("rsa_pss_rsae_sha256",),
        "signatures_complete": not new,
        "encrypt_then_mac": None,
    }
    return KeyExchange(**fields | changes)


def listing(
    *suites: str,
    others: dict[TlsVersion, State] | None = None,
    complete: bool = True,
    new: bool = True,
    speaks_tls: bool = True,
    **changes: Any,
) -> FullListing:
    """TLS 1.2 with these suites (an acceptable one if none), TLS 1.3, and no other version unless it is named."""
    states = dict.fromkeys(TlsVersion, State.REFUSED) | {TlsVersion.TLS12: State.ACCEPTED}
    states |= {TlsVersion.TLS13: State.ACCEPTED} if new else {}
    states |= others or {}
    held = {TlsVersion.TLS12: suites or (GCM,), TlsVersion.TLS13: (GCM13,)}
    seen = tuple(
        version(one, state, *(held.get(one, (GCM,)) if state is State.ACCEPTED else ()), complete=complete)
        for one, state in states.items()
    )
    taken = [one for one, state in states.items() if state is State.ACCEPTED and one is not TlsVersion.SSL2]
    exchanges = tuple(exchange(one, **(changes if one is TlsVersion.TLS12 else {})) for one in taken)
    return FullListing(resource=RESOURCE, versions=seen, speaks_tls=speaks_tls, exchanges=exchanges)


def leaf(**changes: Any) -> Leaf:
    fields: dict[str, Any] = {
        "subject": "CN=a.example",
        "issuer": "CN=root",
        "not_before": "2026-11-01T00:00:00Z",
        "not_after": "2027-01-30T00:00:00Z",
        "seconds_until_valid": -1,
        "seconds_left": 1,
        "key_type": "RSA",
        "key_bits": 3072,
        "signature_hash": "sha256",
        "signature_algorithm": "ecdsa-with-SHA256",
        "name_matches": True,
        "trust": (),
    }
    return Leaf(**fields | changes)


def shown(first: Leaf, *others: Leaf, known: bool = True) -> tuple[Certificate, ...]:
    return (Certificate(resource=RESOURCE, leaf=first, others=others if known else None),)


def letters(seen: FullListing, certificates: tuple[Certificate, ...] = shown(leaf())) -> str:
    """The outcomes of all policies, each on its lenient and its strict level: P(ass), F(ail), U(nknown)."""
    outcomes = [type(judge(meets_policy, seen, claim, certificates)).__name__[0] for claim in CLAIMS.values()]
    return " ".join("".join(outcomes[at : at + 2]) for at in range(0, len(outcomes), 2))


@pytest.mark.parametrize(
    ("seen", "certificates", "expected"),
    [
        (listing(), shown(leaf()), "PP PP FF PP PP PP"),
        (listing(others={TlsVersion.TLS11: State.ACCEPTED}), shown(leaf()), "FF FF FF PF FF UF"),
        (listing(others={TlsVersion.TLS10: State.ACCEPTED}), shown(leaf()), "FF FF FF FF FF FF"),
        (listing(others={TlsVersion.SSL2: State.ACCEPTED}), shown(leaf()), "FF FF FF FF FF FF"),
        (listing(others={TlsVersion.TLS10: State.UNKNOWN}), shown(leaf()), "UU UU FF UU UU UU"),
        (listing(new=False), shown(leaf()), "PP PP FF FF PP PP"),
        (listing(new=False, others={TlsVersion.TLS13: State.UNKNOWN}), shown(leaf()), "UU UU FF UU UU UU"),
        (listing(complete=False), shown(leaf()), "UU UU FF UU UU UU"),
        (listing(speaks_tls=False), shown(leaf()), "FF FF FF FF FF FF"),
        (listing(GCM, "TLS_RSA_WITH_AES_128_GCM_SHA256"), shown(leaf()), "PF FF FF FF FF PP"),
        (listing(GCM, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"), shown(leaf()), "PF FF FF FF FF UF"),
        (listing(GCM, "TLS_RSA_WITH_RC4_128_SHA"), shown(leaf()), "FF FF FF FF FF FF"),
        (listing("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"), shown(leaf()), "PP PP FF FF FF PP"),
        (listing("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", dh_bits=3072), shown(leaf()), "PF FF FF PP PP PP"),
        (listing("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", dh_bits=2048), shown(leaf()), "PF FF FF PP FF PF"),
        (listing("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", dh_bits=1024), shown(leaf()), "FF FF FF FF FF FF"),
        (listing("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"), shown(leaf()), "UF FF FF UU UU UU"),
        (listing("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", encrypt_then_mac=True), shown(leaf()), "PP FF FF PP PP PP"),
        (listing("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", encrypt_then_mac=False), shown(leaf()), "PP FF FF FF FF PP"),
        (listing("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"), shown(leaf()), "PP FF FF UU UU PP"),
        (listing("TLS_DH_RSA_WITH_AES_128_GCM_SHA256"), shown(leaf()), "PF FF FF PP PF PP"),
        (listing("0x1234"), shown(leaf()), "UU UU FF UU UU UU"),
        (listing(groups=("x25519", "secp256r1")), shown(leaf()), "PP PP FF UF FF PP"),
        (listing(groups=("X25519MLKEM768", "secp256r1")), shown(leaf()), "PP PP FF UU FF PP"),
        (listing(groups=("SecP256r1MLKEM768", "secp256r1")), shown(leaf()), "PP PF FF UU UU PP"),
        (listing(groups=("brainpoolP256r1", "secp256r1")), shown(leaf()), "PP PF FF FF PP PP"),
        (listing(groups=("secp224r1", "secp256r1")), shown(leaf()), "PP FF FF PP FF PF"),
        (listing(groups=("secp192r1", "secp256r1")), shown(leaf()), "FF FF FF FF FF FF"),
        (listing(groups_complete=False), shown(leaf()), "UU UU FF UU UU UU"),
        (listing(signatures=("rsa_pss_rsae_sha256", "rsa_pkcs1_sha256")), shown(leaf()), "PP PP FF PP PF PP"),
        (listing(signatures=("rsa_pkcs1_sha1",)), shown(leaf()), "FF PP FF FF FF UF"),
        (listing(signatures_complete=False), shown(leaf()), "UU PP FF UU UU UU"),
        (listing(), shown(leaf(key_bits=2048)), "PP PP FF PP FF PF"),
        (listing(), shown(leaf(key_bits=1024)), "FF FF FF FF FF FF"),
        (listing(), shown(leaf(), leaf(key_bits=1024)), "FF FF FF FF FF FF"),
        (listing(), shown(leaf(key_type="EC secp256r1", key_bits=256)), "PP PP FF PP PP PP"),
        (listing(), shown(leaf(key_type="EC secp521r1", key_bits=521)), "PP PF FF PF PP PP"),
        (listing(), shown(leaf(key_type="EC secp224r1", key_bits=224)), "PP PF FF PF FF PF"),
        (listing(), shown(leaf(key_type="Ed25519", key_bits=256, signature_hash=None)), "PP FF FF PP FF PP"),
        (listing(), shown(leaf(signature_algorithm="sha256WithRSAEncryption")), "PP PP FF PP PF PP"),
        (
            listing(),
            shown(leaf(signature_algorithm="ecdsa-with-SHA1", signature_hash="sha1")),
            "FF FF FF FF FF FF",
        ),
        (listing(), shown(leaf(not_after="2027-11-02T00:00:00Z")), "PP PF FF PP PP PP"),
        (listing(), shown(leaf(not_after="2027-11-02T00:00:01Z")), "PP FF FF PP PP PP"),
        (listing(), shown(leaf(not_after="2029-11-02T00:00:00Z")), "PP FF FF PF PP PP"),
        (listing(), shown(leaf(), known=False), "UU UU FF UU UU UU"),
    ],
)
def test_each_rule_is_broken_by_what_its_source_rules_out(
    seen: FullListing, certificates: tuple[Certificate, ...], expected: str
) -> None:
    assert letters(seen, certificates) == expected


NO_CERTIFICATE = Incomplete.of((), Gap(cause=Cause.UNREACHABLE, detail="reset", operation="tls:Certificate"))


@pytest.mark.parametrize(
    ("seen", "expected"), [(listing(), "UU UU FF UU UU UU"), (listing("TLS_RSA_WITH_NULL_SHA"), "FF FF FF FF FF FF")]
)
def test_a_certificate_that_was_not_read_leaves_open_what_nothing_else_decides(
    seen: FullListing, expected: str
) -> None:
    assert letters(seen, NO_CERTIFICATE) == expected


def test_the_words_name_the_policy_its_version_the_level_and_each_broken_rule() -> None:
    seen = listing(GCM, "TLS_RSA_WITH_RC4_128_SHA", others={TlsVersion.TLS11: State.ACCEPTED}, new=False)
    certificates = shown(leaf(key_bits=1024, not_after="2030-11-02T00:00:00Z"))
    assert judge(meets_policy, seen, CLAIMS["nist-sp-800-52r2", "strict"], certificates) == Fail(
        "breaks nist-sp-800-52r2 Revision 2 (strict): accepts TLS 1.1 (3.1); does not accept TLS 1.3 (3.1); "
        "accepts TLS_RSA_WITH_RC4_128_SHA (3.3.1.1 and 3.3.1.2); "
        "shows a certificate with a key of 1024 bits (RSA) (3.2: 112 bits of security); "
        "shows a certificate for 1462 days, over 1096 (3.2.1, certificate profile: three years)"
    )
    assert judge(meets_policy, listing(), CLAIMS["bsi-tr-02102-2", "lenient"], shown(leaf())) == Pass(
        "meets bsi-tr-02102-2 2026-01 (lenient)", Basis.OBSERVED
    )
    assert judge(meets_policy, listing(groups=("x25519",)), CLAIMS["nist-sp-800-52r2", "lenient"], shown(leaf())) == (
        Unknown(
            Cause.NOT_SUPPORTED,
            "may meet nist-sp-800-52r2 Revision 2 (lenient) or not: "
            "it has x25519, of which the policy does not decide (3.4.2.2, and SP 800-56A appendix D)",
        )
    )


@given(data=st.data())
def test_what_is_seen_less_of_never_passes_more(data: st.DataObject) -> None:
    """A version that turns unknown, a listing that turns incomplete or a proof that is lost improves no outcome."""
    suites = data.draw(st.lists(st.sampled_from(sorted(suite.name for suite in SUITES.values())), max_size=3))
    whole = listing(GCM, *suites, dh_bits=data.draw(st.sampled_from([None, 1024, 4096])))
    less = msgspec.structs.replace(
        whole,
        versions=tuple(
            msgspec.structs.replace(one, suites_complete=one.suites_complete and data.draw(st.booleans()))
            if data.draw(st.booleans())
            else version(one.version, State.UNKNOWN)
            for one in whole.versions
        ),
    )
    known = {one.version for one in less.versions if one.state is State.ACCEPTED}
    less = msgspec.structs.replace(less, exchanges=tuple(one for one in whole.exchanges if one.version in known))
    for before, after in zip(letters(whole).replace(" ", ""), letters(less).replace(" ", ""), strict=True):
        assert after != "P" or before == "P"


def look(lab: EndpointLab, host: str, port: int, address: str, **settings: Any) -> str:
    target = EndpointTarget(hosts=(f"{host}:{port}",), ca_file=str(lab.ca_file), resolve={host: (address,)}, **settings)
    where = place("endpoint", host, str(port))
    session = EndpointSession(where, EndpointSource(where, target, LIMITS), datetime.datetime.now(datetime.UTC))
    (at,) = read(names.addresses, session)
    (seen,) = read(tls.full_listing, session, at)
    assert isinstance(seen, FullListing)
    certificates: tuple[Any, ...]
    try:
        certificates = tuple(read(trust.certificate, session, at))
    except GapFound as found:
        certificates = Incomplete.of((), found.gap)
    return letters(seen, certificates)


# The servers of the lab are Python's ssl over OpenSSL 3 at security level 0: with "DEFAULT" they have CBC, ChaCha20
# and, for RSA keys, static RSA; groups down to ffdhe2048 in TLS 1.3; and they sign TLS 1.2 with SHA-1 where a client
# offers nothing else (RFC 9325 rules that out, PCI DSS names it nowhere). The certificates last 91 days; RSA keys have
# 2048 bits; the authority signs with ECDSA and SHA-256.
DEFAULT = "FF FF FF FF FF UF"
NOTHING = "FF FF FF FF FF FF"
TRUTH = {
    "good": DEFAULT,
    # Forward secrecy, AEAD, no SHA-1; but ChaCha20 for NIST and the BSI, TLS 1.2 for modern, 112 bits of RSA-2048.
    "classrooms": "PP PF FF FF FF PF",
    "expired": DEFAULT,
    "self-signed": DEFAULT,
    "wrong-name": DEFAULT,
    "untrusted-root": DEFAULT,
    "expires-soon": DEFAULT,
    "two-certificates": DEFAULT,
    "no-policy": DEFAULT,
    "client-certificate": DEFAULT,
    "old-reset": DEFAULT,
    "old-close": DEFAULT,
    "old-internal-error": DEFAULT,
    "needs-name": DEFAULT,
    "weak-without-name": DEFAULT,
    "two-addresses-good": DEFAULT,
    # Strong enough by strength, though with ciphers that only the two IETF-like policies leave alone.
    "camellia-suites": DEFAULT,
    "aria-suites": DEFAULT,
    # TLS 1.1 is in no list but NIST's lenient one, which asks for TLS 1.3; PCI DSS does not name it.
    "tls11-and-12": DEFAULT,
    # No SHA-1 in TLS 1.3; x448 and ffdhe2048 among the groups, ChaCha20 among the suites; 91 days, where 90 are most.
    "tls13-only": "PP PF FF FF FF PF",
    "short-key": NOTHING,
    "null-suites": NOTHING,
    "anonymous-suites": NOTHING,
    "weak": NOTHING,
    "tls10-only": NOTHING,
    "weak-by-name": NOTHING,
    "ssl2-hidden": NOTHING,
    "ssl2-without-kinds": NOTHING,
    "ssl3-hidden": NOTHING,
    "tls10-with-3des-hidden": NOTHING,
    "tls10-with-rc4-alone": NOTHING,
    "ssl3-and-tls10": NOTHING,
    "tls12-with-rc4": NOTHING,
    "client-certificate-weak": NOTHING,
    "two-addresses-weak": NOTHING,
    "plain-http": NOTHING,
}


@pytest.mark.parametrize("server", TRUTH)
def test_the_outcomes_of_the_labs_servers_follow_from_their_configuration(lab: EndpointLab, server: str) -> None:
    endpoint = lab.endpoints[server]
    assert look(lab, endpoint.host, endpoint.port, endpoint.address) == TRUTH[server]


NEW = ("-no_tls1", "-no_tls1_1")
AES13 = ("-ciphersuites", "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384")
NIST_CURVES = ("-groups", "P-256:P-384")
PSS = ("-sigalgs", "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:ecdsa_secp256r1_sha256:ecdsa_secp521r1_sha512")
CONFIGURED: dict[str, tuple[str, tuple[str, ...], str]] = {
    # TLS 1.3 alone with all three of Mozilla's suites: ChaCha20 is approved by neither NIST nor BSI.
    "modern": ("ec256", ("-tls1_3", *NIST_CURVES), "PP PP PP FF FF PP"),
    # What all of them have in common, except that modern is TLS 1.3 alone.
    "common": (
        "rsa3072",
        (*NEW, *AES13, *NIST_CURVES, *PSS, "-cipher", "ECDHE+AESGCM"),
        "PP PP FF PP PP PP",
    ),
    # CBC with encrypt-then-MAC, and an RSA key of 2048 bits: too short for BSI, and for 128 bits of security.
    "tls12-cbc": (
        "rsa2048",
        (*NEW, *AES13, *NIST_CURVES, *PSS, "-cipher", "ECDHE-RSA-AES128-SHA256"),
        "PP FF FF PP FF PF",
    ),
    # The same with TLS 1.2 alone: NIST asks for TLS 1.3.
    "tls12-cbc-alone": (
        "rsa2048",
        ("-tls1_2", *NIST_CURVES, *PSS, "-cipher", "ECDHE-RSA-AES128-SHA256"),
        "PP FF FF FF FF PF",
    ),
    # Static RSA: a SHOULD NOT of the IETF, and in no list but that of PCI DSS, which has none.
    "static-rsa": (
        "rsa3072",
        (*NEW, *AES13, *NIST_CURVES, *PSS, "-cipher", "AES128-GCM-SHA256"),
        "PF FF FF FF FF PP",
    ),
    # A key on P-521: in the certificate profiles of Mozilla and NIST only P-256 and P-384.
    "p521-key": ("ec521", ("-tls1_3", *AES13, *NIST_CURVES), "PP PF PF PF PP PP"),
    # X25519, of which SP 800-52r2 does not decide, and which BSI does not list.
    "x25519": (
        "rsa3072",
        (*NEW, *AES13, "-groups", "X25519:P-256", *PSS, "-cipher", "ECDHE+AESGCM"),
        "PP PP FF UF FF PP",
    ),
    # An ECDSA key alone, whose own curve every client of TLS 1.2 has to offer.
    "ecdsa-alone": (
        "ec256",
        (*NEW, *AES13, *NIST_CURVES, *PSS, "-cipher", "ECDHE+AESGCM"),
        "PP PP FF PP PP PP",
    ),
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_a_server_that_is_set_up_for_a_policy_meets_it_and_those_that_ask_for_no_more(
    lab: EndpointLab, tmp_path: Path, name: str
) -> None:
    key_type, options, expected = CONFIGURED[name]
    with serving(credential(lab, key_type), tmp_path, *options) as port:
        assert look(lab, "shop.example", port, "127.0.0.1") == expected


def test_a_listing_that_is_cut_short_is_unknown_where_it_decides_nothing(lab: EndpointLab, tmp_path: Path) -> None:
    key_type, options, truth = CONFIGURED["common"]
    with serving(credential(lab, key_type), tmp_path, *options) as port:
        for most in (4, 7, 12, 17, 60):
            seen = look(lab, "shop.example", port, "127.0.0.1", most_connections_listing=most)
            decided = [(after, before) for after, before in zip(seen, truth, strict=True) if after not in ("U", before)]
            assert decided == []
            assert ("U" in seen) is (most < 20)


def credential(lab: EndpointLab, key_type: Any) -> Any:
    """A certificate for shop.example that lasts 90 days."""
    start = datetime.datetime.now(datetime.UTC).replace(microsecond=0) - datetime.timedelta(hours=1)
    return issue(
        lab.authority,
        ["shop.example"],
        key_type=key_type,
        valid_from=start,
        valid_until=start + datetime.timedelta(days=90),
    )


PROFILE = """
id: shop
title: What a shop says of TLS
statements:
  - id: nist
    summary: TLS as NIST asks for
    class: testable
    claims:
      - claim: meets-tls-policy
        with: {policy: nist-sp-800-52r2, level: strict}
        reading:
          {words: TLS, meaning: what is recommended counts, author: a tester, date: 2026-11-25, reason: it is open}
        alternative: {level: lenient}
  - id: mozilla
    summary: TLS as Mozilla recommends
    class: testable
    claims:
      - claim: meets-tls-policy
        with: {policy: mozilla-modern, level: lenient}
        alternative: {level: strict}
"""


def order(settings: EndpointTarget, profile: str) -> Order:
    return Order(
        scoped=(Scoped(profile=build_profile(parse(profile, "shop.yaml")), scopes=()),),
        targets=(Target(name="web", provider="endpoint", settings=settings),),
        limits=LIMITS,
    )


def test_both_readings_are_shown_where_they_differ(
    lab: EndpointLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry([posture_endpoint])
    monkeypatch.setattr(posture.context, "installed", lambda folder=None: registry)
    key_type, options, _ = CONFIGURED["p521-key"]
    with serving(credential(lab, key_type), tmp_path, *options) as port:
        settings = EndpointTarget(
            hosts=(f"shop.example:{port}",), ca_file=str(lab.ca_file), resolve={"shop.example": ("127.0.0.1",)}
        )
        scanned = scan(order(settings, PROFILE), tmp_path / "run", registry)
    nist, mozilla = (verdicts(one.claims) for one in scanned.assessment.profiles[0].statements)
    assert (nist, mozilla) == (("contradicted", "verified"), ("verified", "contradicted"))
    text = re.sub(r"\s+", " ", terminal.render(build(Run.open(tmp_path / "run"), registry), 200))
    assert "breaks nist-sp-800-52r2 Revision 2 (strict): shows a certificate with a key on secp521r1" in text
    assert "read as level lenient; policy nist-sp-800-52r2: verified" in text
    assert "read as level strict; policy mozilla-modern: contradicted" in text


CHEAP = """
id: shop
title: What a shop says of TLS
statements:
  - id: tls
    summary: TLS 1.2 or newer with strong suites alone
    class: testable
    claims: [{claim: tls-minimum}, {claim: strong-cipher-suites, with: {forward_secrecy: true}}]
"""


def test_strong_suites_cost_no_connection_besides_those_for_the_versions(lab: EndpointLab) -> None:
    good = lab.endpoints["good"]
    settings = EndpointTarget(hosts=(f"{good.host}:{good.port}",), resolve={good.host: (good.address,)})
    steps = plan_of(order(settings, CHEAP), Registry([posture_endpoint])).steps
    assert [step.operation for step in steps] == ["dns:Resolve", "tls:Versions"]
    assert asked(lab, "tls:Versions")["connections"] == 10


def test_a_target_of_full_depth_has_everything_listed_with_the_versions(lab: EndpointLab) -> None:
    report = asked(lab, "tls:Versions", depth="full", most_connections_listing=90)
    listed = report["versions"]["TLS 1.2"]
    assert (listed["suites_complete"], listed["groups_complete"], listed["signatures_complete"]) == (True, True, True)
    assert (report["forbidden_suites"]["state"], report["lasting_suites"]["state"]) == ("refused", "accepted")
    assert report["most_connections"] == 90


def asked(lab: EndpointLab, operation: str, **settings: Any) -> dict[str, Any]:
    """What the good server answers to an operation."""
    good = lab.endpoints["good"]
    target = EndpointTarget(hosts=(f"{good.host}:{good.port}",), **settings)
    answers = EndpointSource(place("endpoint", good.host, str(good.port)), target, LIMITS)
    params = {"host": good.host, "port": good.port, "address": good.address}
    return dict(answers.fetch(operation, params, str(good.port), frozenset()).body)


def verdicts(claims: tuple[ClaimVerdict, ...]) -> tuple[str, str]:
    (claim,) = claims
    assert claim.alternative is not None
    return str(claim.verdict), str(claim.alternative.verdict)


def test_levels_hold_no_more_rules_than_their_pages_show() -> None:
    """Every field of a level is judged by a table above: a new one needs a row there."""
    assert set(Level.__struct_fields__) == {
        *("versions", "suites", "groups", "dh_bits", "signatures", "key_types", "curves", "rsa_bits", "ec_bits"),
        *("certificate_signatures", "certificate_hashes", "validity_days"),
    }
