"""API Gateway: REST APIs and custom domains with their security policies; HTTP and WebSocket APIs for their names."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import HttpsOnly, TlsMinimum, TlsVersion
from posture.model import Cause, Exposed, Fact
from posture.reader import reader
from posture_aws.session import AwsSession

POLICIES = {"TLS_1_0": TlsVersion.TLS10, "TLS_1_2": TlsVersion.TLS12}
"""The two old security policies and the oldest version that each accepts (API Gateway, DomainName.securityPolicy)."""

NAMED = re.compile(r"SecurityPolicy_TLS1[23]_1_(?P<oldest>[23])_[\w-]+")
"""The newer policies say the oldest version in their name: SecurityPolicy_TLS13_1_2_… accepts TLS 1.2."""


class RestApi(Fact):
    """A REST API (GetRestApis) and its default endpoint. ``policy`` is None where the API names none.

    ``reach`` are the kinds of its endpoint: EDGE, REGIONAL or PRIVATE.
    """

    kind: ClassVar[str] = "aws.apigateway.rest-api"

    host: str
    switched_off: bool
    reach: tuple[str, ...]
    policy: str | None

    def exposes(self) -> tuple[Exposed, ...]:
        """Its default endpoint, unless that is switched off or private."""
        if self.switched_off or "PRIVATE" in self.reach:
            return ()
        return (Exposed(host=self.host, ports=(443,), resource=self.resource),)


class CustomDomain(Fact):
    """A custom domain name of APIs (GetDomainNames); ``policy`` is None where it names none."""

    kind: ClassVar[str] = "aws.apigateway.domain-name"

    private: bool
    policy: str | None

    def exposes(self) -> tuple[Exposed, ...]:
        """The name itself."""
        if self.private:
            return ()
        return (Exposed(host=self.resource.name.lower(), ports=(443,), resource=self.resource),)


class HttpApi(Fact):
    """An HTTP or WebSocket API (GetApis); ``switched_off`` speaks of its default endpoint."""

    kind: ClassVar[str] = "aws.apigateway.http-api"

    host: str
    switched_off: bool

    def exposes(self) -> tuple[Exposed, ...]:
        """Its default endpoint, unless that is switched off."""
        return () if self.switched_off else (Exposed(host=self.host, ports=(443,), resource=self.resource),)


@reader(operation="apigateway:GetRestApis", permission="apigateway:GET")
def rest_apis(aws: AwsSession) -> Iterator[RestApi]:
    """All REST APIs of the region, 500 a page."""
    for page in aws.pages("position", limit=500):
        for found in page["items"]:
            id = found["id"]
            yield RestApi(
                resource=aws.resource(RestApi.kind, _arn(aws, f"restapis/{id}"), found["name"]),
                host=_default_host(aws, id),
                switched_off=bool(found.get("disableExecuteApiEndpoint")),
                reach=tuple((found.get("endpointConfiguration") or {}).get("types") or ()),
                policy=found.get("securityPolicy"),
            )


@reader(operation="apigateway:GetDomainNames", permission="apigateway:GET")
def custom_domains(aws: AwsSession) -> Iterator[CustomDomain]:
    """All custom domain names of the region, 500 a page, those that HTTP APIs use included."""
    for page in aws.pages("position", limit=500):
        for found in page["items"]:
            name = found["domainName"]
            reach = (found.get("endpointConfiguration") or {}).get("types") or ()
            yield CustomDomain(
                resource=aws.resource(CustomDomain.kind, _arn(aws, f"domainnames/{name}"), name),
                private="PRIVATE" in tuple(reach),
                policy=found.get("securityPolicy"),
            )


@reader(operation="apigatewayv2:GetApis", permission="apigateway:GET")
def http_apis(aws: AwsSession) -> Iterator[HttpApi]:
    """All HTTP and WebSocket APIs of the region, 100 a page."""
    for page in aws.pages("NextToken", MaxResults="100"):
        for found in page["Items"]:
            id = found["ApiId"]
            yield HttpApi(
                resource=aws.resource(HttpApi.kind, _arn(aws, f"apis/{id}"), found["Name"]),
                host=_default_host(aws, id),
                switched_off=bool(found.get("DisableExecuteApiEndpoint")),
            )


def _arn(aws: AwsSession, rest: str) -> str:
    return aws.arn("apigateway", f"/{rest}", account="")


def _default_host(aws: AwsSession, id: str) -> str:
    suffix = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
    return f"{id.lower()}.execute-api.{aws.place.region}.{suffix}"


@check(
    id="aws.apigateway.tls-version",
    title="REST APIs speak the promised TLS version at their default endpoint",
    severity=Severity.HIGH,
    refutes="a listener whose policy",
    remedy="Switch the default endpoint off, or give the API a security policy of TLS 1.2 or newer.",
)
def tls_version(api: RestApi, claim: TlsMinimum) -> Outcome:
    """A strict custom domain does not close the default endpoint beside it."""
    return NotApplicable("has its default endpoint switched off") if api.switched_off else _judged(api.policy, claim)


@check(
    id="aws.apigateway.domain-tls-version",
    title="Custom domains of APIs speak the promised TLS version",
    severity=Severity.HIGH,
    refutes="a listener whose policy",
    remedy="Set the domain's security policy to TLS_1_2 or newer.",
)
def domain_tls_version(domain: CustomDomain, claim: TlsMinimum) -> Outcome:
    """TLS_1_0 accepts TLS 1.0 and 1.1 beside the newer versions."""
    return _judged(domain.policy, claim)


@check(
    id="aws.apigateway.http-api-tls-version",
    title="HTTP and WebSocket APIs speak the promised TLS version at their default endpoint",
    severity=Severity.HIGH,
    refutes="a listener whose policy",
    remedy="Switch the default endpoint off and use a custom domain, or look at the endpoint on the wire.",
)
def http_api_tls_version(api: HttpApi, claim: TlsMinimum) -> Outcome:
    """The default endpoint has no setting that tells what it accepts; nothing is guessed about it."""
    if api.switched_off:
        return NotApplicable("has its default endpoint switched off")
    return Unknown(Cause.NOT_SUPPORTED, "has a default endpoint without a security policy: only a handshake can tell")


@check(
    id="aws.apigateway.https-only",
    title="REST APIs answer over TLS alone",
    severity=Severity.LOW,
    refutes="content served over plain HTTP",
    remedy="Nothing to do: API Gateway has no plain HTTP for REST APIs.",
)
def https_only(api: RestApi, claim: HttpsOnly) -> Outcome:
    """API Gateway offers REST APIs over HTTPS endpoints only (API Gateway, data protection)."""
    if api.switched_off:
        return NotApplicable("has its default endpoint switched off")
    if claim.hsts_days:
        return Unknown(Cause.NOT_SUPPORTED, "answers over TLS alone, and HSTS shows on the wire only")
    return Pass("answers over TLS alone", Basis.PROVIDER_GUARANTEE)


def _judged(policy: str | None, claim: TlsMinimum) -> Outcome:
    oldest = _oldest(policy)
    if oldest is None:
        return Unknown(
            Cause.NOT_SUPPORTED,
            "names no security policy, so that only a handshake can tell"
            if policy is None
            else f"has the security policy {policy}, which is not known here",
        )
    if claim.reading == "supported":
        if claim.version.older_than(oldest):
            return Fail(f"does not accept {claim.version} (by its policy {policy})")
        if claim.version is TlsVersion.TLS13 and oldest is not TlsVersion.TLS13 and policy in POLICIES:
            return Unknown(Cause.NOT_SUPPORTED, f"has the policy {policy}, which does not tell about {claim.version}")
        return Pass(f"accepts {claim.version} (by its policy {policy})")
    if oldest.older_than(claim.version):
        return Fail(f"accepts {oldest} (by its policy {policy})")
    return Pass(f"accepts nothing older than {oldest} (by its policy {policy})")


def _oldest(policy: Any) -> TlsVersion | None:
    if policy in POLICIES:
        return POLICIES[policy]
    match = NAMED.fullmatch(policy or "")
    return None if match is None else {"2": TlsVersion.TLS12, "3": TlsVersion.TLS13}[match["oldest"]]
