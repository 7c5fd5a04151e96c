"""Front Door: what is read of domains, endpoints and routes, and how they are judged."""

from collections.abc import Mapping
from typing import Any

import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Unknown
from posture.claims import Claim, HostedBy, HttpsOnly, TlsMinimum, TlsVersion
from posture.model import Cause, Gap, Resource
from posture.reader import GapFound
from posture_azure import frontdoor
from posture_azure.frontdoor import DoorDomain, DoorEndpoint, DoorProfile, DoorRoute
from posture_azure.session import ArmSession

ID = "/subscriptions/s1/resourceGroups/G/providers/Microsoft.Cdn/profiles/Door"
DOMAIN, ENDPOINT, ROUTE = f"{ID}/customDomains/www", f"{ID}/afdEndpoints/e", f"{ID}/afdEndpoints/e/routes/all"
PROFILES, DOMAINS, ENDPOINTS, ROUTES = (
    f"Microsoft.Cdn/profiles{below}@2024-02-01"
    for below in ("", "/customDomains", "/afdEndpoints", "/afdEndpoints/routes")
)


def arm(replies: Mapping[str, object]) -> ArmSession:
    session: ArmSession = session_of(ArmSession, Recorded(replies), place("azure", "s1", "global"))
    return session


def resource(kind: str, id: str) -> Resource:
    return Resource(
        id=id.lower(), kind=kind, cloud="azure", account="s1", region="global", name=id.rpartition("/")[2], tags=()
    )


def body(id: str, **properties: Any) -> dict[str, Any]:
    return {"id": id, "location": "Global", "tags": {}, "properties": properties}


PROFILE = DoorProfile(resource=resource(DoorProfile.kind, ID), sku="standard_azurefrontdoor")
OLD_CDN = DoorProfile(resource=resource(DoorProfile.kind, ID), sku="standard_microsoft")


def domain(**changes: Any) -> DoorDomain:
    fields: dict[str, Any] = {"host": "www.example.org", "suites": "tls12_2023", "oldest": "TLS12"}
    return DoorDomain(resource=resource(DoorDomain.kind, DOMAIN), **fields | changes)


def endpoint(enabled: bool = True) -> DoorEndpoint:
    return DoorEndpoint(resource=resource(DoorEndpoint.kind, ENDPOINT), host="e-1.azurefd.net", enabled=enabled)


def route(**changes: Any) -> DoorRoute:
    fields: dict[str, Any] = {"enabled": True, "protocols": frozenset({"Http", "Https"}), "redirects": "Enabled"}
    fields |= {"forwards": "HttpsOnly"}
    return DoorRoute(resource=resource(DoorRoute.kind, ROUTE), **fields | changes)


def test_profiles_are_read_whatever_their_sku() -> None:
    found = body(ID) | {"sku": {"name": "Standard_AzureFrontDoor"}}
    assert read(frontdoor.profiles, arm({PROFILES: {"value": [found]}})) == [PROFILE]


def test_domains_endpoints_and_routes_are_read() -> None:
    settings = {"cipherSuiteSetType": "TLS12_2023", "minimumTlsVersion": "TLS12"}
    replies = {DOMAINS: {"value": [body(DOMAIN, hostName="WWW.example.org", tlsSettings=settings)]}}
    assert read(frontdoor.domains, arm(replies), PROFILE) == [domain()]
    replies = {ENDPOINTS: {"value": [body(ENDPOINT, hostName="e-1.azurefd.net", enabledState="Enabled")]}}
    assert read(frontdoor.endpoints, arm(replies), PROFILE) == [endpoint()]
    found = body(
        ROUTE, enabledState="Enabled", supportedProtocols=["Http", "Https"], httpsRedirect="Enabled",
        forwardingProtocol="HttpsOnly",
    )  # fmt: skip
    assert read(frontdoor.routes, arm({ROUTES: {"value": [found]}}), endpoint()) == [route()]


def test_a_route_of_an_endpoint_that_is_off_is_off() -> None:
    found = body(ROUTE, enabledState="Enabled", supportedProtocols=["Https"])
    (fact,) = read(frontdoor.routes, arm({ROUTES: {"value": [found]}}), endpoint(enabled=False))
    assert not fact.enabled


def test_profiles_of_the_older_cdn_are_asked_for_nothing() -> None:
    assert read(frontdoor.domains, arm({}), OLD_CDN) == []
    assert read(frontdoor.endpoints, arm({}), OLD_CDN) == []


@pytest.mark.parametrize(("state", "on"), [("Enabled", True), ("Disabled", False), ("Paused", True)])
def test_only_what_says_that_it_is_off_is_off(state: str, on: bool) -> None:
    replies = {
        ENDPOINTS: {"value": [body(ENDPOINT, hostName="e-1.azurefd.net", enabledState=state)]},
        ROUTES: {"value": [body(ROUTE, enabledState=state, supportedProtocols=["Http"])]},
    }
    (seen,) = read(frontdoor.endpoints, arm(replies), PROFILE)
    (way,) = read(frontdoor.routes, arm(replies), endpoint())
    assert (getattr(seen, "enabled", None), getattr(way, "enabled", None)) == (on, on)


def test_a_refused_listing_is_a_gap() -> None:
    gap = Gap(cause=Cause.ACCESS_DENIED, detail="no", operation=DOMAINS)
    with pytest.raises(GapFound):
        read(frontdoor.domains, arm({DOMAINS: gap}), PROFILE)


def test_names_are_told_while_they_are_on() -> None:
    assert [name.host for name in domain().exposes()] == ["www.example.org"]
    assert [name.host for name in endpoint().exposes()] == ["e-1.azurefd.net"]
    assert endpoint(enabled=False).exposes() == ()


TLS12, TLS13 = TlsMinimum(), TlsMinimum(version=TlsVersion.TLS13)


@pytest.mark.parametrize(
    ("changes", "claim", "outcome"),
    [
        ({}, TLS12, Pass),
        ({}, TLS13, Fail),
        ({"suites": "tls12_2022", "oldest": None}, TLS12, Pass),
        ({"suites": "tls10_2019", "oldest": "TLS12"}, TLS12, Unknown),
        ({"suites": "tls10_2019", "oldest": "TLS12"}, TLS13, Fail),
        ({"suites": "tls10_2019"}, TlsMinimum(version=TlsVersion.TLS11), Unknown),
        ({"suites": "tls10_2019"}, TlsMinimum(reading="supported"), Pass),
        ({"suites": "customized", "oldest": "TLS13"}, TLS13, Pass),
        ({"suites": "customized", "oldest": "TLS10"}, TLS12, Unknown),
        ({"suites": "customized", "oldest": None}, TLS12, Unknown),
        ({"suites": None, "oldest": "TLS12"}, TLS12, Pass),
        ({"suites": None, "oldest": None}, TLS12, Unknown),
        ({"suites": "tls14_2030"}, TLS12, Unknown),
        ({"suites": None, "oldest": "TLS14"}, TLS12, Unknown),
    ],
)
def test_the_set_of_cipher_suites_decides(changes: dict[str, Any], claim: Claim, outcome: type[Outcome]) -> None:
    assert type(judge(frontdoor.tls_version, domain(**changes), claim)) is outcome


HTTPS, BOTH = frozenset({"Https"}), frozenset({"Http", "Https"})


@pytest.mark.parametrize(
    ("changes", "claim", "outcome"),
    [
        ({}, HttpsOnly(), Pass),
        ({"protocols": HTTPS, "redirects": None}, HttpsOnly(), Pass),
        ({"redirects": "Disabled"}, HttpsOnly(), Fail),
        ({"redirects": None}, HttpsOnly(), Unknown),
        ({"redirects": "Sometimes"}, HttpsOnly(), Unknown),
        ({"protocols": frozenset()}, HttpsOnly(), Unknown),
        ({"protocols": frozenset({"Gopher"})}, HttpsOnly(), Unknown),
        ({}, HttpsOnly(hsts_days=1), Unknown),
        ({"enabled": False}, HttpsOnly(), NotApplicable),
    ],
)
def test_routes_are_judged_by_what_they_do_with_plain_http(
    changes: dict[str, Any], claim: Claim, outcome: type[Outcome]
) -> None:
    assert type(judge(frontdoor.https_only, route(**changes), claim)) is outcome


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Pass),
        ({"forwards": "HttpOnly"}, Fail),
        ({"forwards": "MatchRequest"}, Pass),
        ({"forwards": "MatchRequest", "redirects": "Disabled"}, Fail),
        ({"forwards": "MatchRequest", "redirects": "Disabled", "protocols": HTTPS}, Pass),
        ({"forwards": "MatchRequest", "redirects": None}, Unknown),
        ({"forwards": "MatchRequest", "protocols": frozenset()}, Unknown),
        ({"forwards": "MatchRequest", "protocols": frozenset({"Gopher"})}, Unknown),
        ({"forwards": None}, Unknown),
        ({"forwards": "ByPigeon"}, Unknown),
        ({"enabled": False}, NotApplicable),
    ],
)
def test_routes_are_judged_by_how_they_reach_their_origins(changes: dict[str, Any], outcome: type[Outcome]) -> None:
    assert type(judge(frontdoor.origin_protocol, route(**changes), HttpsOnly())) is outcome


def test_front_door_is_microsoft_s() -> None:
    found = judge(frontdoor.provider, PROFILE, HostedBy(provider="azure"))
    assert isinstance(found, Pass)
    assert found.basis is Basis.PROVIDER_GUARANTEE
    assert type(judge(frontdoor.provider, PROFILE, HostedBy(provider="aws"))) is Fail


@pytest.mark.parametrize(
    ("enabled", "claim", "outcome"),
    [
        (True, TLS12, Pass),
        (True, TLS13, Fail),
        (True, TlsMinimum(version=TlsVersion.TLS13, reading="supported"), Unknown),
        (False, TLS12, NotApplicable),
    ],
)
def test_a_name_under_azurefd_refuses_what_the_service_refuses(
    enabled: bool, claim: Claim, outcome: type[Outcome]
) -> None:
    found = judge(frontdoor.endpoint_tls_version, endpoint(enabled), claim)
    assert type(found) is outcome
    assert not isinstance(found, Pass) or found.basis is Basis.PROVIDER_GUARANTEE
