"""Answers that Azure services give alike: who hosts, where, for which networks, and values nobody has documented."""

from posture.check import Basis, Fail, Outcome, Pass, Unknown
from posture.claims import HostedBy, HostedIn, NotShared, TlsMinimum, TlsVersion
from posture.model import Cause, Resource


def unfamiliar(field: str, value: object) -> Unknown:
    """A value that the check has no rule for decides nothing."""
    return Unknown(Cause.NOT_SUPPORTED, f"has the {field} {value!r}, for which there is no rule")


def network_setting(value: str | None) -> Outcome | None:
    """Judge ``publicNetworkAccess``; None where it is Enabled or absent, and rules of the service decide.

    A network security perimeter admits what its rules name, and nothing while there is no perimeter (Microsoft Learn,
    "What is a network security perimeter?").
    """
    match (value or "Enabled").lower():
        case "disabled":
            return Pass("is closed to the public network")
        case "securedbyperimeter":
            return Pass("is behind a network security perimeter, and so not open to all networks")
        case "enabled":
            return None
    return unfamiliar("public network access", value)


def by_minimum(oldest: TlsVersion, claim: TlsMinimum, what: str = "") -> Outcome:
    """Judge the oldest version that a setting admits; ``what`` tells which, where there are several.

    A minimum tells what is refused. Whether TLS 1.3 is spoken above it, it does not tell.
    """
    by = f" ({what})" if what else ""
    if claim.reading == "minimum":
        if oldest.older_than(claim.version):
            return Fail(f"admits {oldest}{by}")
        return Pass(f"admits {oldest} and newer only{by}")
    if claim.version.older_than(oldest):
        return Fail(f"refuses {claim.version}: its minimum is {oldest}{by}")
    if claim.version == TlsVersion.TLS13 and oldest != TlsVersion.TLS13:
        return Unknown(
            Cause.NOT_SUPPORTED, f"has the minimum {oldest}, which does not tell whether it speaks TLS 1.3{by}"
        )
    return Pass(f"has the minimum {oldest}{by}")


def hosted_by(resource: Resource, claim: HostedBy) -> Outcome:
    """What ARM lists runs at Azure."""
    if claim.provider == "azure":
        return Pass(f"runs at Azure in {resource.region}")
    return Fail(f"runs at Azure in {resource.region}")


def named(claim: HostedIn) -> frozenset[str]:
    """The regions of a claim as ARM writes them: in lower case, without blanks."""
    return frozenset(region.replace(" ", "").lower() for region in claim.regions)


def hosted_in(resource: Resource, claim: HostedIn) -> Outcome:
    """Judge by the region of the resource alone."""
    where = f"lies in {resource.region}"
    return Pass(where) if resource.region in named(claim) else Fail(where)


def never_shared(claim: NotShared) -> Outcome:
    """For types that ARM gives no way to share: other tenants have no part in them, whatever list is agreed."""
    return Pass("cannot be shared with another tenant: ARM has no such setting", Basis.PROVIDER_GUARANTEE)
