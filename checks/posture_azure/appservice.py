"""App Service: web apps, function apps and their slots, and what their sites speak on the wire."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import HostedBy, HostedIn, HttpsOnly, TlsMinimum, TlsVersion
from posture.model import Cause, Exposed, Fact
from posture.reader import Where, reader
from posture.reply import Reply
from posture_azure.answers import by_minimum, hosted_by, hosted_in, unfamiliar
from posture_azure.session import ArmSession, properties

SITES = "Microsoft.Web/sites"
VERSION = "2023-12-01"
VERSIONS = {"1.0": TlsVersion.TLS10, "1.1": TlsVersion.TLS11, "1.2": TlsVersion.TLS12, "1.3": TlsVersion.TLS13}


class Site(Fact):
    """A web app, function app or standard logic app (sites list); None where ARM left a setting out.

    ``state`` is Running or Stopped; ``hosts`` are its host names, that of its administration (scm) included.
    """

    kind: ClassVar[str] = "microsoft.web/sites"

    state: str
    https_only: bool | None
    public_network: str | None
    hosts: tuple[str, ...]

    def exposes(self) -> tuple[Exposed, ...]:
        """Its host names, while it is open to the internet."""
        return _exposed(self)


class Slot(Fact):
    """A deployment slot of a site, with host names and settings of its own."""

    kind: ClassVar[str] = "microsoft.web/sites/slots"

    state: str
    https_only: bool | None
    public_network: str | None
    hosts: tuple[str, ...]

    def exposes(self) -> tuple[Exposed, ...]:
        """Its host names, while it is open to the internet."""
        return _exposed(self)


class SiteTls(Fact):
    """The least TLS versions of a site and of its administration (config/web); None where ARM left them out."""

    kind: ClassVar[str] = Site.kind

    oldest: str | None
    oldest_admin: str | None


class SlotTls(Fact):
    """The least TLS versions of a slot and of its administration (slots/config/web)."""

    kind: ClassVar[str] = Slot.kind

    oldest: str | None
    oldest_admin: str | None


@reader(operation=f"{SITES}@{VERSION}", permission=f"{SITES}/read", where=Where.ACCOUNT)
def sites(arm: ArmSession) -> Iterator[Site]:
    """All sites of the subscription. Their siteConfig is empty here: it is read one by one."""
    for item in arm.items():
        found = properties(item)
        yield Site(
            resource=arm.arm_resource(item, Site.kind),
            state=found["state"],
            https_only=found.get("httpsOnly"),
            public_network=found.get("publicNetworkAccess"),
            hosts=_hosts(found),
        )


@reader(operation=f"{SITES}/slots@{VERSION}", permission=f"{SITES}/slots/read", where=Where.ACCOUNT)
def slots(arm: ArmSession, site: Site) -> Iterator[Slot]:
    """The slots of a site beside its production slot."""
    for item in arm.items(site.resource.id):
        found = properties(item)
        yield Slot(
            resource=arm.arm_resource(item, Slot.kind),
            state=found["state"],
            https_only=found.get("httpsOnly"),
            public_network=found.get("publicNetworkAccess"),
            hosts=_hosts(found),
        )


@reader(operation=f"{SITES}/config/web@{VERSION}", permission=f"{SITES}/config/read", where=Where.ACCOUNT)
def site_tls(arm: ArmSession, site: Site) -> SiteTls:
    """The configuration of one site; no setting of the application is in it."""
    found = properties(arm.get(site.resource.id))
    return SiteTls(
        resource=site.resource, oldest=found.get("minTlsVersion"), oldest_admin=found.get("scmMinTlsVersion")
    )


@reader(operation=f"{SITES}/slots/config/web@{VERSION}", permission=f"{SITES}/slots/config/read", where=Where.ACCOUNT)
def slot_tls(arm: ArmSession, slot: Slot) -> SlotTls:
    """The configuration of one slot."""
    found = properties(arm.get(slot.resource.id))
    return SlotTls(
        resource=slot.resource, oldest=found.get("minTlsVersion"), oldest_admin=found.get("scmMinTlsVersion")
    )


def _hosts(found: Reply) -> tuple[str, ...]:
    names = (*(found.get("enabledHostNames") or ()), *(found.get("hostNames") or ()))
    return tuple(dict.fromkeys(name.lower() for name in names))


def _exposed(site: Site | Slot) -> tuple[Exposed, ...]:
    if site.public_network == "Disabled" or site.state != "Running":
        return ()
    return tuple(Exposed(host=host, ports=(443,), resource=site.resource) for host in site.hosts)


@check(
    id="azure.web.https-only",
    title="Web apps serve nothing over plain HTTP",
    severity=Severity.HIGH,
    refutes="content served over plain HTTP",
    remedy="Turn on HTTPS only for the app.",
)
def https_only(site: Site, claim: HttpsOnly) -> Outcome:
    """Without HTTPS only, an app answers on port 80 as well, with the same content."""
    return _https_only(site, claim)


@check(
    id="azure.web.slot-https-only",
    title="Slots of web apps serve nothing over plain HTTP",
    severity=Severity.MEDIUM,
    refutes="content served over plain HTTP",
    remedy="Turn on HTTPS only for the slot; it does not take it over from the app.",
)
def slot_https_only(slot: Slot, claim: HttpsOnly) -> Outcome:
    """A slot has host names and settings of its own, and often the data of the app."""
    return _https_only(slot, claim)


@check(
    id="azure.web.tls-version",
    title="Web apps speak the promised TLS version",
    severity=Severity.HIGH,
    refutes="a listener whose policy",
    remedy="Set the least TLS version of the app, and of its scm site, to 1.2 or newer.",
)
def tls_version(config: SiteTls, claim: TlsMinimum) -> Outcome:
    """The administration site takes deployments and shows logs; it has a least version of its own."""
    return _tls_version(config, claim)


@check(
    id="azure.web.slot-tls-version",
    title="Slots of web apps speak the promised TLS version",
    severity=Severity.MEDIUM,
    refutes="a listener whose policy",
    remedy="Set the least TLS version of the slot, and of its scm site, to 1.2 or newer.",
)
def slot_tls_version(config: SlotTls, claim: TlsMinimum) -> Outcome:
    """Settings of the app do not hold for its slots."""
    return _tls_version(config, claim)


@check(
    id="azure.web.provider",
    title="Web apps run at the promised provider",
    severity=Severity.MEDIUM,
    remedy="Move the app to the provider that was named, or correct the statement.",
)
def provider(site: Site, claim: HostedBy) -> Outcome:
    """What is in a subscription runs in Azure."""
    return hosted_by(site.resource, claim)


@check(
    id="azure.web.region",
    title="Web apps lie in the promised regions",
    severity=Severity.MEDIUM,
    remedy="Move the app to a promised region.",
)
def region(site: Site, claim: HostedIn) -> Outcome:
    """An app handles its data where its plan is."""
    return hosted_in(site.resource, claim)


def _https_only(site: Site | Slot, claim: HttpsOnly) -> Outcome:
    if site.state == "Stopped":
        return NotApplicable("is stopped")
    if site.https_only is None:
        return Unknown(Cause.NOT_SUPPORTED, "does not say whether it answers over HTTPS only")
    if not site.https_only:
        return Fail("answers plain HTTP: HTTPS only is off")
    if claim.hsts_days:
        return Unknown(Cause.NOT_SUPPORTED, "redirects plain HTTP, and HSTS shows on the wire only")
    return Pass("redirects plain HTTP to HTTPS")


def _tls_version(config: SiteTls | SlotTls, claim: TlsMinimum) -> Outcome:
    """The older of the two sites decides."""
    outcomes: list[Outcome] = []
    for setting, what in ((config.oldest, "the app"), (config.oldest_admin, "the scm site")):
        if setting is None:
            outcomes.append(Unknown(Cause.NOT_SUPPORTED, f"does not say its least TLS version for {what}"))
        elif setting not in VERSIONS:
            outcomes.append(unfamiliar(f"least TLS version of {what}", setting))
        else:
            outcomes.append(by_minimum(VERSIONS[setting], claim, what))
    order = (Fail, Unknown, Pass)
    return min(outcomes, key=lambda outcome: order.index(type(outcome)))
