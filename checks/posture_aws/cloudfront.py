"""CloudFront: what viewers may speak to a distribution, and what it speaks to its origins."""

import re
from collections.abc import Iterator
from typing import ClassVar

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import HostedBy, HttpsOnly, TlsMinimum, TlsVersion
from posture.model import Cause, Exposed, Fact, Value
from posture.place import Where
from posture.reader import reader
from posture.reply import Reply
from posture_aws.session import TLS_VERSIONS, AwsSession

POLICY = re.compile(r"(SSLv3|TLSv1(?:\.[123])?)(?:_\d{4})?")
"""CloudFront's security policies are named after the oldest version that they accept, and their year."""
ELSEWHERE = "elsewhere"
TLS_ONLY = frozenset({"https-only", "redirect-to-https"})


class Origin(Value):
    """Where a distribution fetches from; ``protocol`` and ``versions`` are None for buckets, which have no such field.

    ``protocol`` is CloudFront's word: http-only, https-only or match-viewer; ELSEWHERE where the distribution does not
    say it, as for origins in a VPC, whose protocol is a setting of the VPC origin.
    """

    name: str
    protocol: str | None
    versions: frozenset[str] | None


class Distribution(Fact):
    """A distribution (ListDistributions).

    ``viewers`` are the viewer protocol policies of all its cache behaviours. ``policy`` is its security policy, which
    does not count where ``own_certificate`` is false: the certificate of cloudfront.net comes with TLSv1. It is None
    where the reply does not tell.
    """

    kind: ClassVar[str] = "aws.cloudfront.distribution"

    enabled: bool
    host: str
    aliases: tuple[str, ...]
    viewers: frozenset[str]
    own_certificate: bool | None
    policy: str
    origins: tuple[Origin, ...]

    def exposes(self) -> tuple[Exposed, ...]:
        """Its own name and its aliases, while it is switched on."""
        names = (self.host, *self.aliases) if self.enabled else ()
        return tuple(Exposed(host=name, ports=(443,), resource=self.resource) for name in names)


@reader(operation="cloudfront:ListDistributions", where=Where.ACCOUNT)
def distributions(aws: AwsSession) -> Iterator[Distribution]:
    """All distributions of the account, 100 a page. A list that is cut short names the next page."""
    marker = ""
    while True:
        page = aws.get(MaxItems="100", **({"Marker": marker} if marker else {}))["DistributionList"]
        for found in page["Items"] if page["Quantity"] else ():
            yield _distribution(aws, found)
        marker = page["NextMarker"] if page["IsTruncated"] else page.get("NextMarker") or ""
        if not marker:
            return


def _distribution(aws: AwsSession, found: Reply) -> Distribution:
    others = found["CacheBehaviors"]
    behaviours = (found["DefaultCacheBehavior"], *(others["Items"] if others["Quantity"] else ()))
    certificate = found["ViewerCertificate"]
    return Distribution(
        resource=aws.resource(Distribution.kind, found["ARN"], found["DomainName"]),
        enabled=found["Enabled"],
        host=found["DomainName"].lower(),
        aliases=tuple(name.lower() for name in (found.get("Aliases") or {}).get("Items") or ()),
        viewers=frozenset(behaviour["ViewerProtocolPolicy"] for behaviour in behaviours),
        own_certificate=_owns(certificate),
        policy=certificate.get("MinimumProtocolVersion") or "",
        origins=tuple(_origin(origin) for origin in found["Origins"]["Items"]),
    )


def _owns(certificate: Reply) -> bool | None:
    if certificate.get("ACMCertificateArn") or certificate.get("IAMCertificateId"):
        return True
    return False if certificate.get("CloudFrontDefaultCertificate") else None


def _origin(found: Reply) -> Origin:
    custom = found.get("CustomOriginConfig")
    if custom is None:
        protocol = None if found.get("S3OriginConfig") is not None else ELSEWHERE
        return Origin(name=found["DomainName"], protocol=protocol, versions=None)
    return Origin(
        name=found["DomainName"],
        protocol=custom["OriginProtocolPolicy"],
        versions=frozenset((custom.get("OriginSslProtocols") or {}).get("Items") or ()),
    )


@check(
    id="aws.cloudfront.tls-version",
    title="Distributions speak the promised TLS version",
    severity=Severity.HIGH,
    refutes="a listener whose policy",
    remedy="Give the distribution a certificate of its own and a security policy such as TLSv1.2_2021.",
)
def tls_version(distribution: Distribution, claim: TlsMinimum) -> Outcome:
    """Viewers are given CloudFront's whole range from the policy's version upwards.

    With the certificate of cloudfront.net the policy is TLSv1, whatever is stored (CloudFront, DistributionConfig).
    """
    if not distribution.enabled:
        return NotApplicable("is switched off")
    if distribution.own_certificate is None:
        return Unknown(Cause.NOT_SUPPORTED, "does not say which certificate it shows, on which its policy depends")
    if not distribution.own_certificate:
        oldest: TlsVersion | None = TlsVersion.TLS10
        where = "with the certificate of cloudfront.net"
    else:
        match = POLICY.fullmatch(distribution.policy)
        oldest = TLS_VERSIONS.get(match[1]) if match else None
        where = f"by its policy {distribution.policy}"
    if oldest is None:
        return Unknown(Cause.NOT_SUPPORTED, f"has the security policy {distribution.policy!r}, which is not known here")
    if claim.reading == "supported":
        if claim.version.older_than(oldest):
            return Fail(f"does not accept {claim.version} ({where})")
        return Pass(f"accepts {claim.version} ({where})")
    if oldest.older_than(claim.version):
        return Fail(f"accepts {oldest} ({where})")
    return Pass(f"accepts nothing older than {oldest} ({where})")


@check(
    id="aws.cloudfront.https-only",
    title="Distributions serve nothing over plain HTTP",
    severity=Severity.HIGH,
    refutes="content served over plain HTTP",
    remedy="Set the viewer protocol policy of every cache behaviour to redirect-to-https or https-only.",
)
def https_only(distribution: Distribution, claim: HttpsOnly) -> Outcome:
    """One behaviour that allows all serves its paths in clear text, whatever the default says."""
    if not distribution.enabled:
        return NotApplicable("is switched off")
    if "allow-all" in distribution.viewers:
        return Fail("serves plain HTTP: a cache behaviour allows all protocols")
    strange = sorted(distribution.viewers - TLS_ONLY)
    if strange:
        return Unknown(Cause.NOT_SUPPORTED, f"has viewer protocol policies not known here: {', '.join(strange)}")
    if claim.hsts_days:
        return Unknown(Cause.NOT_SUPPORTED, "answers over TLS alone, and HSTS shows on the wire only")
    return Pass("answers over TLS alone")


@check(
    id="aws.cloudfront.origin-protocol",
    title="Distributions fetch from their origins over TLS",
    severity=Severity.HIGH,
    refutes="an HTTP listener that forwards",
    remedy="Set the origin protocol policy to https-only; website endpoints of buckets speak plain HTTP only.",
)
def origin_protocol(distribution: Distribution, claim: HttpsOnly) -> Outcome:
    """What viewers fetch over TLS is in the clear again behind a distribution that asks its origin over HTTP.

    Buckets are asked in the way that viewers ask.
    """
    if not distribution.enabled:
        return NotApplicable("is switched off")
    follows = [origin for origin in distribution.origins if origin.protocol in (None, "match-viewer")]
    plain = [origin.name for origin in distribution.origins if origin.protocol == "http-only"]
    if "allow-all" in distribution.viewers:
        plain += [origin.name for origin in follows]
    if plain:
        return Fail(f"fetches from {', '.join(sorted(plain))} over plain HTTP")
    known = {None, "match-viewer", "https-only"}
    strange = [origin.name for origin in distribution.origins if origin.protocol not in known]
    if strange:
        return Unknown(Cause.NOT_SUPPORTED, f"fetches from {', '.join(sorted(strange))} in a way not known here")
    if follows and distribution.viewers - TLS_ONLY:
        return Unknown(Cause.NOT_SUPPORTED, "fetches as viewers ask, by a viewer protocol policy not known here")
    return Pass("fetches from its origins over TLS alone")


@check(
    id="aws.cloudfront.origin-tls-version",
    title="Distributions speak the promised TLS version with their origins",
    severity=Severity.MEDIUM,
    refutes="a listener whose policy",
    remedy="Leave TLSv1.2 alone in the origin's SSL protocols.",
)
def origin_tls_version(distribution: Distribution, claim: TlsMinimum) -> Outcome:
    """The versions are a set: an old one in it may be what an origin chooses."""
    if not distribution.enabled:
        return NotApplicable("is switched off")
    asked = [o for o in distribution.origins if o.protocol in ("https-only", "match-viewer")]
    hidden = sorted(o.name for o in distribution.origins if o.protocol not in (None, "http-only") and o not in asked)
    if not asked and not hidden:
        return NotApplicable("has no origin whose TLS versions are chosen here")
    names = {name for origin in asked for name in origin.versions or ()}
    versions = {name: TLS_VERSIONS.get(name) for name in sorted(names)}
    if claim.reading == "supported":
        without = [o.name for o in asked if claim.version not in {TLS_VERSIONS.get(name) for name in o.versions or ()}]
        if without:
            return Unknown(Cause.NOT_SUPPORTED, f"does not name {claim.version} for {', '.join(without)}")
        return _untold(hidden) or Pass(f"speaks {claim.version} with its origins")
    old = [name for name, version in versions.items() if version is not None and version.older_than(claim.version)]
    if old:
        return Fail(f"speaks {', '.join(old)} with an origin")
    if None in versions.values() or any(not origin.versions for origin in asked):
        return Unknown(Cause.NOT_SUPPORTED, "has an origin whose TLS versions are not known here")
    return _untold(hidden) or Pass(f"speaks {', '.join(versions)} with its origins")


def _untold(hidden: list[str]) -> Unknown | None:
    """Unknown where there are origins of which the distribution does not say how they are asked."""
    if not hidden:
        return None
    return Unknown(Cause.NOT_SUPPORTED, f"does not say which TLS versions it speaks with {', '.join(hidden)}")


@check(
    id="aws.cloudfront.provider",
    title="Distributions run at the promised provider",
    severity=Severity.MEDIUM,
    remedy="Move the distribution to the provider that was named, or correct the statement.",
)
def provider(distribution: Distribution, claim: HostedBy) -> Outcome:
    """CloudFront runs on AWS's machines; where its origins are is told by their own checks."""
    if claim.provider == "aws":
        return Pass("runs on AWS", Basis.PROVIDER_GUARANTEE)
    return Fail(f"runs on AWS, not on {claim.provider}")
