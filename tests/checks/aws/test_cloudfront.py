"""CloudFront: what is read of distributions, and how viewers' and origins' protocols are judged."""

from typing import Any

import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Fail, NotApplicable, Outcome, Pass, Unknown
from posture.claims import Claim, HostedBy, HttpsOnly, TlsMinimum, TlsVersion
from posture.model import Cause, Gap, Resource
from posture.reader import GapFound
from posture_aws import cloudfront
from posture_aws.cloudfront import Distribution, Origin
from posture_aws.session import AwsSession

ARN = "arn:aws:cloudfront::123456789012:distribution/E1"
HOST = "d1.cloudfront.net"
CUSTOM = Origin(name="app.example.org", protocol="https-only", versions=frozenset({"TLSv1.2"}))
BUCKET = Origin(name="b.s3.amazonaws.com", protocol=None, versions=None)
ITEM: dict[str, Any] = {
    "ARN": ARN,
    "DomainName": "D1.cloudfront.net",
    "Enabled": True,
    "Aliases": {"Quantity": 1, "Items": ["App.example.org"]},
    "DefaultCacheBehavior": {"ViewerProtocolPolicy": "redirect-to-https"},
    "CacheBehaviors": {"Quantity": 1, "Items": [{"ViewerProtocolPolicy": "https-only"}]},
    "ViewerCertificate": {"ACMCertificateArn": "arn:aws:acm:x", "MinimumProtocolVersion": "TLSv1.2_2021"},
    "Origins": {
        "Items": [
            {
                "DomainName": "app.example.org",
                "CustomOriginConfig": {
                    "OriginProtocolPolicy": "https-only",
                    "OriginSslProtocols": {"Items": ["TLSv1.2"]},
                },
            },
            {"DomainName": "b.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}},
        ]
    },
}


def distribution(**changes: Any) -> Distribution:
    fields: dict[str, Any] = {"enabled": True, "host": HOST, "aliases": ("app.example.org",), "own_certificate": True}
    fields |= {"viewers": frozenset({"redirect-to-https", "https-only"}), "policy": "TLSv1.2_2021"}
    fields |= {"origins": (CUSTOM, BUCKET)}
    resource = Resource(
        id=ARN, kind=Distribution.kind, cloud="aws", account="123456789012", region="us-east-1",
        name="D1.cloudfront.net", tags=None,
    )  # fmt: skip
    return Distribution(resource=resource, **fields | changes)


def origin(protocol: str | None, *versions: str) -> Origin:
    return Origin(name="o", protocol=protocol, versions=frozenset(versions))


def listing(items: list[dict[str, Any]] | None, following: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"IsTruncated": bool(following)} | ({"NextMarker": following} if following else {})
    found["Quantity"] = len(items or ())
    return {"DistributionList": found | ({} if items is None else {"Items": items})}


def readings(*replies: Any) -> tuple[list[Any], Recorded]:
    source = Recorded({"cloudfront:ListDistributions": list(replies)})
    return read(cloudfront.distributions, session_of(AwsSession, source)), source


def test_every_page_of_distributions_is_read() -> None:
    facts, source = readings(listing([ITEM], "m"), listing([ITEM]))
    assert facts == [distribution(), distribution()]
    assert [asked[1] for asked in source.asked] == [{"MaxItems": "100"}, {"MaxItems": "100", "Marker": "m"}]


def test_an_account_without_distributions_has_none() -> None:
    assert readings(listing(None))[0] == []


def test_a_list_that_is_cut_short_without_a_marker_is_not_the_end() -> None:
    with pytest.raises(LookupError):
        readings({"DistributionList": {"IsTruncated": True, "Items": [], "Quantity": 0}})


def test_distributions_that_are_counted_and_not_listed_are_no_empty_list() -> None:
    with pytest.raises(LookupError):
        readings({"DistributionList": {"IsTruncated": False, "Quantity": 1}})


def test_a_refused_listing_is_a_gap() -> None:
    gap = Gap(cause=Cause.ACCESS_DENIED, detail="no", operation="cloudfront:ListDistributions")
    with pytest.raises(GapFound):
        readings(gap)


def test_a_distribution_without_a_certificate_of_its_own_is_seen_as_that() -> None:
    default = {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1.2_2021"}
    (fact,), _ = readings(listing([ITEM | {"ViewerCertificate": default}]))
    assert not fact.own_certificate


VPC: dict[str, Any] = {"DomainName": "in.example.org", "VpcOriginConfig": {"VpcOriginId": "vo_1"}}
HIDDEN = Origin(name="in.example.org", protocol=cloudfront.ELSEWHERE, versions=None)


@pytest.mark.parametrize("item", [VPC, {"DomainName": "in.example.org"}])
def test_an_origin_in_a_vpc_is_no_bucket(item: dict[str, Any]) -> None:
    (fact,), _ = readings(listing([ITEM | {"Origins": {"Items": [item]}}]))
    assert fact.origins == (HIDDEN,)


@pytest.mark.parametrize(
    "certificate", [{}, {"CloudFrontDefaultCertificate": False}, {"MinimumProtocolVersion": "TLSv1"}]
)
def test_a_certificate_that_is_not_told_settles_nothing(certificate: dict[str, Any]) -> None:
    (fact,), _ = readings(listing([ITEM | {"ViewerCertificate": certificate}]))
    assert type(judge(cloudfront.tls_version, fact, TlsMinimum())) is Unknown


@pytest.mark.parametrize("field", ["ViewerCertificate", "DefaultCacheBehavior", "CacheBehaviors", "Origins", "Enabled"])
def test_a_distribution_without_a_part_that_decides_is_a_malformed_reply(field: str) -> None:
    with pytest.raises(LookupError):
        readings(listing([{name: value for name, value in ITEM.items() if name != field}]))


def test_behaviours_that_are_counted_and_not_listed_are_a_malformed_reply() -> None:
    with pytest.raises(LookupError):
        readings(listing([ITEM | {"CacheBehaviors": {"Quantity": 1}}]))


def test_a_distribution_tells_its_names_while_it_is_on() -> None:
    assert [name.host for name in distribution().exposes()] == [HOST, "app.example.org"]
    assert distribution(enabled=False).exposes() == ()


TLS12, TLS13 = TlsMinimum(), TlsMinimum(version=TlsVersion.TLS13)
SUPPORTED = TlsMinimum(reading="supported")
HSTS = HttpsOnly(hsts_days=1)
OFF = {"enabled": False}


@pytest.mark.parametrize(
    ("check", "changes", "claim", "outcome"),
    [
        (cloudfront.tls_version, {}, TLS12, Pass),
        (cloudfront.tls_version, {"policy": "TLSv1.3_2025"}, TLS13, Pass),
        (cloudfront.tls_version, {}, TLS13, Fail),
        (cloudfront.tls_version, {"policy": "TLSv1.1_2016"}, TLS12, Fail),
        (cloudfront.tls_version, {"policy": "TLSv1_2016"}, TLS12, Fail),
        (cloudfront.tls_version, {"policy": "SSLv3"}, TLS12, Fail),
        (cloudfront.tls_version, {"own_certificate": False}, TLS12, Fail),
        (cloudfront.tls_version, {"policy": "TLSv2_2030"}, TLS12, Unknown),
        (cloudfront.tls_version, {"policy": ""}, TLS12, Unknown),
        (cloudfront.tls_version, {"policy": "SSLv3"}, SUPPORTED, Pass),
        (cloudfront.tls_version, {"policy": "TLSv1.3_2025"}, SUPPORTED, Fail),
        (cloudfront.tls_version, OFF, TLS12, NotApplicable),
        (cloudfront.https_only, {}, HttpsOnly(), Pass),
        (cloudfront.https_only, {"viewers": frozenset({"https-only", "allow-all"})}, HttpsOnly(), Fail),
        (cloudfront.https_only, {"viewers": frozenset({"https-only", "maybe"})}, HttpsOnly(), Unknown),
        (cloudfront.https_only, {}, HSTS, Unknown),
        (cloudfront.https_only, OFF, HttpsOnly(), NotApplicable),
        (cloudfront.origin_protocol, {}, HttpsOnly(), Pass),
        (cloudfront.origin_protocol, {"origins": (origin("http-only"),)}, HttpsOnly(), Fail),
        (cloudfront.origin_protocol, {"origins": (origin("match-viewer"),)}, HttpsOnly(), Pass),
        (
            cloudfront.origin_protocol,
            {"origins": (origin("match-viewer"),), "viewers": frozenset({"allow-all"})},
            HttpsOnly(),
            Fail,
        ),
        (
            cloudfront.origin_protocol,
            {"origins": (origin("match-viewer"),), "viewers": frozenset({"maybe"})},
            HttpsOnly(),
            Unknown,
        ),
        (cloudfront.origin_protocol, {"origins": (origin("by-pigeon"),)}, HttpsOnly(), Unknown),
        (cloudfront.origin_protocol, {"origins": (CUSTOM, HIDDEN)}, HttpsOnly(), Unknown),
        (cloudfront.origin_protocol, {"origins": (HIDDEN, origin("http-only"))}, HttpsOnly(), Fail),
        (cloudfront.origin_protocol, OFF, HttpsOnly(), NotApplicable),
        (cloudfront.origin_tls_version, {}, TLS12, Pass),
        (cloudfront.origin_tls_version, {"origins": (origin("https-only", "TLSv1", "TLSv1.2"),)}, TLS12, Fail),
        (cloudfront.origin_tls_version, {"origins": (origin("https-only", "TLSv1.2"),)}, TLS13, Fail),
        (cloudfront.origin_tls_version, {"origins": (origin("https-only"),)}, TLS12, Unknown),
        (cloudfront.origin_tls_version, {"origins": (origin("https-only", "TLSv9"),)}, TLS12, Unknown),
        (cloudfront.origin_tls_version, {"origins": (BUCKET, origin("http-only"))}, TLS12, NotApplicable),
        (cloudfront.origin_tls_version, {}, SUPPORTED, Pass),
        (cloudfront.origin_tls_version, {"origins": (origin("https-only", "TLSv1"),)}, SUPPORTED, Unknown),
        (cloudfront.origin_tls_version, {"origins": (HIDDEN,)}, TLS12, Unknown),
        (cloudfront.origin_tls_version, {"origins": (CUSTOM, HIDDEN)}, TLS12, Unknown),
        (cloudfront.origin_tls_version, {"origins": (CUSTOM, HIDDEN)}, SUPPORTED, Unknown),
        (cloudfront.origin_tls_version, {"origins": (HIDDEN, origin("https-only", "TLSv1"))}, TLS12, Fail),
        (cloudfront.origin_tls_version, OFF, TLS12, NotApplicable),
        (cloudfront.provider, {}, HostedBy(provider="aws"), Pass),
        (cloudfront.provider, {}, HostedBy(provider="azure"), Fail),
    ],
)
def test_distributions_are_judged(check: Any, changes: dict[str, Any], claim: Claim, outcome: type[Outcome]) -> None:
    assert type(judge(check, distribution(**changes), claim)) is outcome
