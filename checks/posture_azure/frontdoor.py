"""Front Door (Standard and Premium): custom domains, endpoints, and the protocols of their routes."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import HostedBy, HttpsOnly, TlsMinimum, TlsVersion
from posture.model import Cause, Exposed, Fact
from posture.reader import Where, reader
from posture_azure.answers import by_minimum, hosted_by, unfamiliar
from posture_azure.bodies import part
from posture_azure.session import ArmSession, properties

PROFILES = "Microsoft.Cdn/profiles"
VERSION = "2024-02-01"
SKUS = frozenset({"standard_azurefrontdoor", "premium_azurefrontdoor"})
"""The profiles of this file; profiles of other SKUs are those of the older CDN."""

SUITES = {"tls10_2019": TlsVersion.TLS10, "tls12_2022": TlsVersion.TLS12, "tls12_2023": TlsVersion.TLS12}
"""Sets of cipher suites and the oldest version that comes with each (Microsoft Learn, Front Door TLS policy)."""

MINIMA = {"TLS10": TlsVersion.TLS10, "TLS12": TlsVersion.TLS12, "TLS13": TlsVersion.TLS13}


class DoorProfile(Fact):
    """A profile (profiles list); ``sku`` in lower case."""

    kind: ClassVar[str] = "microsoft.cdn/profiles"

    sku: str


class DoorDomain(Fact):
    """A custom domain of a profile (customDomains list); None where ARM left a setting out.

    ``suites`` is the set of cipher suites in lower case, ``oldest`` the least version, which counts for a set of
    one's own only.
    """

    kind: ClassVar[str] = "microsoft.cdn/profiles/customdomains"

    host: str
    suites: str | None
    oldest: str | None

    def exposes(self) -> tuple[Exposed, ...]:
        """The name itself."""
        return (Exposed(host=self.host, ports=(443,), resource=self.resource),)


class DoorEndpoint(Fact):
    """An endpoint of a profile (afdEndpoints list) under azurefd.net."""

    kind: ClassVar[str] = "microsoft.cdn/profiles/afdendpoints"

    host: str
    enabled: bool

    def exposes(self) -> tuple[Exposed, ...]:
        """Its name, while it is switched on."""
        return (Exposed(host=self.host, ports=(443,), resource=self.resource),) if self.enabled else ()


class DoorRoute(Fact):
    """A route of an endpoint (routes list): which protocols it takes, what it does with HTTP, how it forwards."""

    kind: ClassVar[str] = "microsoft.cdn/profiles/afdendpoints/routes"

    enabled: bool
    protocols: frozenset[str]
    redirects: str | None
    forwards: str | None


@reader(operation=f"{PROFILES}@{VERSION}", permission=f"{PROFILES}/read", where=Where.ACCOUNT)
def profiles(arm: ArmSession) -> Iterator[DoorProfile]:
    """All profiles of the subscription, of every SKU."""
    for item in arm.items():
        yield DoorProfile(resource=arm.arm_resource(item, DoorProfile.kind), sku=item["sku"]["name"].lower())


@reader(operation=f"{PROFILES}/customDomains@{VERSION}", permission=f"{PROFILES}/customDomains/read")
def domains(arm: ArmSession, profile: DoorProfile) -> Iterator[DoorDomain]:
    """The custom domains of a Front Door profile; profiles of the older CDN are not asked."""
    if profile.sku not in SKUS:
        return
    for item in arm.items(profile.resource.id):
        found = properties(item)
        settings = part(found, "tlsSettings")
        suites = settings.get("cipherSuiteSetType")
        yield DoorDomain(
            resource=arm.arm_resource(item, DoorDomain.kind),
            host=found["hostName"].lower(),
            suites=None if suites is None else suites.lower(),
            oldest=settings.get("minimumTlsVersion"),
        )


@reader(operation=f"{PROFILES}/afdEndpoints@{VERSION}", permission=f"{PROFILES}/afdEndpoints/read")
def endpoints(arm: ArmSession, profile: DoorProfile) -> Iterator[DoorEndpoint]:
    """The endpoints of a Front Door profile."""
    if profile.sku not in SKUS:
        return
    for item in arm.items(profile.resource.id):
        found = properties(item)
        yield DoorEndpoint(
            resource=arm.arm_resource(item, DoorEndpoint.kind),
            host=found["hostName"].lower(),
            enabled=found["enabledState"] != "Disabled",
        )


@reader(operation=f"{PROFILES}/afdEndpoints/routes@{VERSION}", permission=f"{PROFILES}/afdEndpoints/routes/read")
def routes(arm: ArmSession, endpoint: DoorEndpoint) -> Iterator[DoorRoute]:
    """The routes of an endpoint."""
    for item in arm.items(endpoint.resource.id):
        found = properties(item)
        yield DoorRoute(
            resource=arm.arm_resource(item, DoorRoute.kind),
            enabled=found["enabledState"] != "Disabled" and endpoint.enabled,
            protocols=frozenset(found["supportedProtocols"]),
            redirects=found.get("httpsRedirect"),
            forwards=found.get("forwardingProtocol"),
        )


@check(
    id="azure.frontdoor.tls-version",
    title="Custom domains of Front Door speak the promised TLS version",
    severity=Severity.HIGH,
    refutes="a listener whose policy",
    remedy="Choose the cipher suite set TLS12_2022 or TLS12_2023, or a set of your own with TLS 1.2 at least.",
)
def tls_version(domain: DoorDomain, claim: TlsMinimum) -> Outcome:
    """The set of cipher suites decides; the least version counts only where the set is one's own.

    Front Door takes TLS 1.0 and 1.1 from nobody any more, while settings may still admit them (Microsoft Learn, Front
    Door TLS policy): what is admitted there alone convicts nobody. The name under azurefd.net has no such setting; a
    handshake tells about it.
    """
    if domain.suites in (None, "customized"):
        if domain.oldest is None:
            return Unknown(Cause.NOT_SUPPORTED, "does not say its least TLS version")
        if domain.oldest not in MINIMA:
            return unfamiliar("least TLS version", domain.oldest)
        return _by_setting(MINIMA[domain.oldest], claim, "by its least version")
    if domain.suites not in SUITES:
        return unfamiliar("set of cipher suites", str(domain.suites))
    return _by_setting(SUITES[domain.suites], claim, f"by its set of cipher suites, {domain.suites.upper()}")


def _by_setting(oldest: TlsVersion, claim: TlsMinimum, by: str) -> Outcome:
    outcome = by_minimum(oldest, claim, by)
    is_kept = not TlsVersion.TLS12.older_than(claim.version)
    if isinstance(outcome, Fail) and claim.reading == "minimum" and is_kept:
        return Unknown(Cause.DISAGREEMENT, f"{outcome.reason}, which Front Door takes no more: a handshake can tell")
    return outcome


@check(
    id="azure.frontdoor.endpoint-tls-version",
    title="Endpoints of Front Door speak the promised TLS version",
    severity=Severity.HIGH,
    refutes="a listener whose policy",
    remedy="Look at the endpoint on the wire; its name under azurefd.net has no setting of its own.",
)
def endpoint_tls_version(endpoint: DoorEndpoint, claim: TlsMinimum) -> Outcome:
    """The name under azurefd.net has no setting. Since March 2025 Front Door refuses TLS 1.0 and 1.1 (Azure news)."""
    if not endpoint.enabled:
        return NotApplicable("is switched off")
    outcome = by_minimum(TlsVersion.TLS12, claim, "of every endpoint of Front Door")
    return Pass(outcome.reason, Basis.PROVIDER_GUARANTEE) if isinstance(outcome, Pass) else outcome


@check(
    id="azure.frontdoor.https-only",
    title="Routes of Front Door serve nothing over plain HTTP",
    severity=Severity.HIGH,
    refutes="content served over plain HTTP",
    remedy="Redirect HTTP to HTTPS on the route, or take HTTP off its protocols.",
)
def https_only(route: DoorRoute, claim: HttpsOnly) -> Outcome:
    """A route that takes HTTP and does not redirect it serves its origin's content in clear text."""
    if not route.enabled:
        return NotApplicable("is switched off")
    serves = _serves_plain(route)
    if isinstance(serves, Unknown):
        return serves
    if serves:
        return Fail("takes plain HTTP and does not redirect it")
    if claim.hsts_days:
        return Unknown(Cause.NOT_SUPPORTED, "serves nothing over plain HTTP, and HSTS shows on the wire only")
    return Pass("serves nothing over plain HTTP")


@check(
    id="azure.frontdoor.origin-protocol",
    title="Routes of Front Door reach their origins over TLS",
    severity=Severity.HIGH,
    refutes="an HTTP listener that forwards",
    remedy="Set the forwarding protocol of the route to HTTPS only.",
)
def origin_protocol(route: DoorRoute, claim: HttpsOnly) -> Outcome:
    """What visitors send over TLS is in the clear again behind a route that forwards over HTTP."""
    if not route.enabled:
        return NotApplicable("is switched off")
    match route.forwards:
        case "HttpsOnly":
            return Pass("forwards over HTTPS alone")
        case "HttpOnly":
            return Fail("forwards to its origins over plain HTTP")
        case "MatchRequest":
            serves = _serves_plain(route)
            if isinstance(serves, Unknown):
                return serves
            if serves:
                return Fail("forwards as visitors ask, over plain HTTP too")
            return Pass("forwards as visitors ask, who come over HTTPS alone")
        case None:
            return Unknown(Cause.NOT_SUPPORTED, "does not say how it forwards")
        case other:
            return unfamiliar("forwarding protocol", other)


@check(
    id="azure.frontdoor.provider",
    title="Front Door profiles run at the promised provider",
    severity=Severity.MEDIUM,
    remedy="Move what answers there to the provider that was named, or correct the statement.",
)
def provider(profile: DoorProfile, claim: HostedBy) -> Outcome:
    """Front Door runs on Microsoft's machines; where its origins are is told by their own checks."""
    outcome = hosted_by(profile.resource, claim)
    return Pass(outcome.reason, Basis.PROVIDER_GUARANTEE) if isinstance(outcome, Pass) else outcome


def _serves_plain(route: DoorRoute) -> bool | Unknown:
    """Whether a route serves what is asked for over plain HTTP, or what keeps that from being known."""
    strange = sorted(route.protocols - {"Http", "Https"})
    if strange or not route.protocols:
        return Unknown(Cause.NOT_SUPPORTED, f"takes protocols not known here: {', '.join(strange) or 'none'}")
    if "Http" not in route.protocols or route.redirects == "Enabled":
        return False
    if route.redirects is None:
        return Unknown(Cause.NOT_SUPPORTED, "takes plain HTTP and does not say whether it redirects it")
    return True if route.redirects == "Disabled" else unfamiliar("redirection to HTTPS", route.redirects)
