"""Where an address is hosted: by the ranges that providers publish, and by the accounts that were scanned.

A CDN in front tells where the CDN answers, not where the servers behind it are.
"""

from datetime import date
from typing import ClassVar, Literal

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import HostedBy, HostedIn
from posture.model import Cause, Fact, Value
from posture.reader import reader
from posture_endpoint.names import Address
from posture_endpoint.session import EndpointSession

OLDEST = 180
"""Days after which a list of ranges no longer decides: prefixes move between regions, services and owners."""


class Range(Value):
    """A provider's prefix that holds an address. ``date`` is the day of the list, ``age`` its days at the scan.

    ``region`` is None where what answers is not tied to one: at the edge, or by anycast.
    """

    provider: str
    prefix: str
    region: str | None
    service: str
    date: str
    age: int


class AddressRange(Fact):
    """The published ranges that hold an address: one, or none; several where lists contradict each other.

    ``scope`` is public, or what the address is instead; ``dates`` has the day of each provider's list.
    """

    kind: ClassVar[str] = Address.kind

    scope: str
    ranges: tuple[Range, ...]
    dates: tuple[tuple[str, str], ...]


class Owner(Value):
    """A resource of a scanned account, and by what the endpoint is its: address, name, or an alias in DNS."""

    by: Literal["address", "name", "alias"]
    id: str
    cloud: str
    account: str
    region: str
    name: str


class OwnedBy(Fact):
    """The resources of the scanned accounts that an address or its host was seen to belong to."""

    kind: ClassVar[str] = Address.kind

    owners: tuple[Owner, ...]


@reader(operation="ranges:Find", permission="")
def address_range(endpoint: EndpointSession, address: Address) -> AddressRange:
    """Looked up in a snapshot of what the providers publish; contacts nobody."""
    reply = endpoint.get(ip=address.address)
    today = endpoint.now.date()
    return AddressRange(
        resource=address.resource,
        scope=reply["scope"],
        ranges=tuple(
            Range(
                provider=found["provider"],
                prefix=found["prefix"],
                region=found["region"],
                service=found["service"],
                date=found["date"],
                age=(today - date.fromisoformat(found["date"])).days,
            )
            for found in reply["found"]
        ),
        dates=tuple(reply["dates"].items()),
    )


@reader(operation="account:Names", permission="")
def owned_by(endpoint: EndpointSession, address: Address) -> OwnedBy:
    """Looked up in what the accounts told; an alias is what DNS gives as the host's canonical name."""
    reply = endpoint.get(ip=address.address)
    return OwnedBy(
        resource=address.resource,
        owners=tuple(
            Owner(
                by=found["by"],
                id=found["id"],
                cloud=found["cloud"],
                account=found["account"],
                region=found["region"],
                name=found["name"],
            )
            for found in reply["owners"]
        ),
    )


class _Sign(Value):
    """One sign of where an address is: a provider or a region, and the words for it."""

    at: str
    says: str


@check(
    id="endpoint.hosting.provider",
    title="Endpoints answer from the promised provider",
    severity=Severity.MEDIUM,
    remedy="Move the endpoint to the provider that was named, or name the one in front of it in the statement.",
)
def provider(seen: AddressRange, claim: HostedBy, owned: tuple[OwnedBy, ...]) -> Outcome:
    """An address that an account calls its own is where that account is; else its range tells whose it is.

    A host that is only named by an account may still lead elsewhere, so there the range goes first. Behind a CDN the
    servers may be anywhere: this tells where the CDN answers.
    """
    owners = _owners(seen, owned)
    signs = [(owner, _Sign(at=owner.cloud, says=_belonging(owner))) for owner in owners]
    found = _range(seen, claim.provider)
    wire = found if isinstance(found, Unknown) else _Sign(at=found.provider, says=_place(found))
    return _weigh(frozenset({claim.provider}), seen, signs, wire)


@check(
    id="endpoint.hosting.region",
    title="Endpoints answer from the promised regions",
    severity=Severity.MEDIUM,
    remedy="Move the endpoint to a promised region, or name its region in the statement.",
)
def region(seen: AddressRange, claim: HostedIn, owned: tuple[OwnedBy, ...]) -> Outcome:
    """TLS ends where the address answers, so traffic is in the clear in that region.

    What answers at the edge or by anycast (CloudFront, Global Accelerator, Azure Front Door) is in no one region.
    """
    signs = [
        (owner, _Sign(at=owner.region, says=f"{_belonging(owner)}, in {owner.region}"))
        for owner in _owners(seen, owned)
        if _is_regional(owner)
    ]
    found = _range(seen, "")
    if isinstance(found, Unknown):
        wire: _Sign | Unknown = found
    elif found.region is None:
        wire = Unknown(Cause.NOT_SUPPORTED, f"{_place(found)}, which is in no one region")
    else:
        wire = _Sign(at=found.region, says=_place(found))
    return _weigh(frozenset(region.replace(" ", "").lower() for region in claim.regions), seen, signs, wire)


def _owners(seen: AddressRange, owned: tuple[OwnedBy, ...]) -> tuple[Owner, ...]:
    return next((one.owners for one in owned if one.resource.id == seen.resource.id), ())


def _is_regional(owner: Owner) -> bool:
    """Whether the resource lies in a region: ARNs of global ones name none, and ARM says so in so many words."""
    arn = owner.id.split(":")
    return owner.region not in ("", "global") and not (arn[0] == "arn" and arn[3:4] == [""])


def _range(seen: AddressRange, provider: str) -> Range | Unknown:
    """The one range that holds the address, or why none decides: too old a list speaks neither for nor against."""
    match seen.ranges:
        case ():
            return _unlisted(seen, provider)
        case (found,) if found.age <= OLDEST:
            return found
        case (found,):
            reason = f"lay in {found.prefix} of {found.provider} on {found.date}, {found.age} days before the scan"
            return Unknown(Cause.STALE, reason, "a newer snapshot: posture ranges refresh")
        case several:
            listed = " and ".join(f"{one.prefix} of {one.provider}" for one in several)
            return Unknown(Cause.DISAGREEMENT, f"lies in {listed} at once")


def _unlisted(seen: AddressRange, provider: str) -> Unknown:
    """What is known of an address that lies in no range, as far as the list of ``provider`` (or any) reaches."""
    if seen.scope != "public":
        return Unknown(Cause.NOT_SUPPORTED, f"has a {seen.scope} address, which no provider lists")
    dates = dict(seen.dates)
    if provider and provider not in dates:
        return Unknown(Cause.NOT_SUPPORTED, f"lies in no known range, and none of {provider} are known")
    known = sorted({dates[provider]} if provider else dates.values())
    span = known[0] if known[0] == known[-1] else f"{known[0]} to {known[-1]}"
    return Unknown(Cause.NOT_SUPPORTED, f"lies in no range known to the snapshot of {span}")


def _place(found: Range) -> str:
    details = (found.service.replace(",", " and "), found.region, f"as listed on {found.date}")
    return f"lies in {found.prefix} of {found.provider} ({', '.join(filter(None, details))})"


def _belonging(owner: Owner) -> str:
    how = {"address": "has an address", "name": "has a name", "alias": "is an alias"}[owner.by]
    return f"{how} of {owner.name} in the {owner.cloud} account {owner.account}"


def _weigh(
    accepted: frozenset[str], seen: AddressRange, signs: list[tuple[Owner, _Sign]], wire: _Sign | Unknown
) -> Outcome:
    """The address in an account first, the range next, the name last.

    A name decides only where the address is not public, so that no list could have it: a public address in no list may
    be anybody's, whatever account has the name.
    """
    sure = [sign for owner, sign in signs if owner.by == "address"]
    named = [sign for owner, sign in signs if owner.by != "address"]
    if sure:
        return _agreed(accepted, sure)
    if isinstance(wire, Unknown):
        if not named or seen.ranges:
            return wire
        if seen.scope == "public":
            return Unknown(wire.cause, f"{wire.reason}; yet it {named[0].says}")
        return _agreed(accepted, named)
    if wire.at not in accepted:
        return Fail("; ".join([wire.says, *(f"yet it {sign.says}" for sign in named[:1])]))
    away = next((sign for sign in named if sign.at not in accepted), None)
    if away:
        return Unknown(Cause.DISAGREEMENT, f"{wire.says}; yet it {away.says}")
    return Pass("; ".join([wire.says, *(f"it {sign.says}" for sign in named[:1])]), Basis.OBSERVED)


def _agreed(accepted: frozenset[str], signs: list[_Sign]) -> Outcome:
    """What signs of one rank say; nothing where they contradict each other."""
    inside = [sign for sign in signs if sign.at in accepted]
    outside = [sign for sign in signs if sign.at not in accepted]
    if inside and outside:
        return Unknown(Cause.DISAGREEMENT, f"{inside[0].says}; yet it {outside[0].says}")
    return Fail(outside[0].says) if outside else Pass(inside[0].says, Basis.CONFIGURATION)
