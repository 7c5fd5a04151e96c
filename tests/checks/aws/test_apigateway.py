"""API Gateway: what is read of APIs and their names, and how security policies are judged."""

from typing import Any

import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Fail, NotApplicable, Outcome, Pass, Unknown
from posture.claims import Claim, HttpsOnly, TlsMinimum, TlsVersion
from posture.model import Cause, Gap, Resource
from posture.reader import GapFound, Reader
from posture_aws import apigateway
from posture_aws.apigateway import CustomDomain, HttpApi, RestApi
from posture_aws.session import AwsSession

PREFIX = "arn:aws:apigateway:us-east-1::"
HOST = "a1.execute-api.us-east-1.amazonaws.com"


def resource(kind: str, rest: str, name: str) -> Resource:
    return Resource(
        id=f"{PREFIX}/{rest}", kind=kind, cloud="aws", account="123456789012", region="us-east-1", name=name, tags=None
    )


def rest_api(**changes: Any) -> RestApi:
    fields: dict[str, Any] = {"host": HOST, "switched_off": False, "reach": ("REGIONAL",), "policy": "TLS_1_2"}
    return RestApi(resource=resource(RestApi.kind, "restapis/a1", "api"), **fields | changes)


def domain(**changes: Any) -> CustomDomain:
    fields: dict[str, Any] = {"private": False, "policy": "TLS_1_2"}
    return CustomDomain(resource=resource(CustomDomain.kind, "domainnames/Api.example.org", "Api.example.org"),
                        **fields | changes)  # fmt: skip


def http_api(**changes: Any) -> HttpApi:
    fields: dict[str, Any] = {"host": HOST, "switched_off": False}
    return HttpApi(resource=resource(HttpApi.kind, "apis/a1", "api"), **fields | changes)


REST = {"id": "a1", "name": "api", "endpointConfiguration": {"types": ["REGIONAL"]}, "securityPolicy": "TLS_1_2"}
DOMAIN = {"domainName": "Api.example.org", "securityPolicy": "TLS_1_2"}
HTTP = {"ApiId": "a1", "Name": "api", "ApiEndpoint": f"https://{HOST}"}
LISTINGS = [
    (apigateway.rest_apis, "items", "position", REST, rest_api()),
    (apigateway.custom_domains, "items", "position", DOMAIN, domain()),
    (apigateway.http_apis, "Items", "NextToken", HTTP, http_api()),
]


@pytest.mark.parametrize(("reader", "field", "token", "found", "fact"), LISTINGS, ids=lambda value: str(value)[:30])
def test_every_page_of_a_listing_is_read(reader: Reader, field: str, token: str, found: Any, fact: Any) -> None:
    source = Recorded({reader.operation: [{field: [found], token: "m"}, {field: [found]}]})
    assert read(reader, session_of(AwsSession, source)) == [fact, fact]
    assert [asked[1].get(token) for asked in source.asked] == [None, "m"]


@pytest.mark.parametrize(("reader", "field", "token", "found", "fact"), LISTINGS, ids=lambda value: str(value)[:30])
def test_a_refused_listing_is_a_gap(reader: Reader, field: str, token: str, found: Any, fact: Any) -> None:
    gap = Gap(cause=Cause.ACCESS_DENIED, detail="no", operation=reader.operation)
    with pytest.raises(GapFound):
        read(reader, session_of(AwsSession, Recorded({reader.operation: gap})))


def test_what_an_api_does_not_say_is_not_made_up() -> None:
    bare = {"id": "a1", "name": "api"}
    (fact,) = read(
        apigateway.rest_apis, session_of(AwsSession, Recorded({"apigateway:GetRestApis": {"items": [bare]}}))
    )
    assert fact == rest_api(reach=(), policy=None)


@pytest.mark.parametrize(
    ("fact", "hosts"),
    [
        (rest_api(), [HOST]),
        (rest_api(switched_off=True), []),
        (rest_api(reach=("PRIVATE",)), []),
        (domain(), ["api.example.org"]),
        (domain(private=True), []),
        (http_api(), [HOST]),
        (http_api(switched_off=True), []),
    ],
)
def test_apis_tell_the_names_at_which_the_internet_reaches_them(fact: Any, hosts: list[str]) -> None:
    assert [name.host for name in fact.exposes()] == hosts


TLS12, TLS13 = TlsMinimum(), TlsMinimum(version=TlsVersion.TLS13)


def supported(version: TlsVersion) -> TlsMinimum:
    return TlsMinimum(version=version, reading="supported")


POLICIES = [
    ("TLS_1_2", TLS12, Pass),
    ("TLS_1_0", TLS12, Fail),
    ("TLS_1_2", TLS13, Fail),
    ("SecurityPolicy_TLS13_1_3_2025_09", TLS13, Pass),
    ("SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", TLS12, Pass),
    ("SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", TLS13, Fail),
    ("SecurityPolicy_TLS14_1_4_2030_01", TLS12, Unknown),
    (None, TLS12, Unknown),
    ("TLS_1_0", supported(TlsVersion.TLS12), Pass),
    ("TLS_1_2", supported(TlsVersion.TLS10), Fail),
    ("TLS_1_2", supported(TlsVersion.TLS13), Unknown),
    ("SecurityPolicy_TLS13_1_2_2021_06", supported(TlsVersion.TLS13), Pass),
]


@pytest.mark.parametrize(("policy", "claim", "outcome"), POLICIES)
def test_security_policies_are_judged(policy: str | None, claim: Claim, outcome: type[Outcome]) -> None:
    assert type(judge(apigateway.tls_version, rest_api(policy=policy), claim)) is outcome
    assert type(judge(apigateway.domain_tls_version, domain(policy=policy), claim)) is outcome


@pytest.mark.parametrize(
    ("changes", "claim", "outcome"),
    [
        ({}, HttpsOnly(), Pass),
        ({}, HttpsOnly(hsts_days=1), Unknown),
        ({"switched_off": True}, HttpsOnly(), NotApplicable),
    ],
)
def test_rest_apis_have_no_plain_http(changes: Any, claim: Claim, outcome: type[Outcome]) -> None:
    assert type(judge(apigateway.https_only, rest_api(**changes), claim)) is outcome


def test_an_endpoint_that_is_off_is_not_judged() -> None:
    assert type(judge(apigateway.tls_version, rest_api(switched_off=True), TLS12)) is NotApplicable


@pytest.mark.parametrize(("changes", "outcome"), [({}, Unknown), ({"switched_off": True}, NotApplicable)])
def test_of_the_default_endpoint_of_an_http_api_nothing_is_guessed(changes: Any, outcome: type[Outcome]) -> None:
    assert type(judge(apigateway.http_api_tls_version, http_api(**changes), TLS12)) is outcome
