"""App Service: what is read of sites and slots, and how HTTPS and TLS settings are judged."""

from collections.abc import Mapping
from typing import Any

import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Fail, NotApplicable, Outcome, Pass, Unknown
from posture.claims import Claim, HostedBy, HostedIn, HttpsOnly, TlsMinimum, TlsVersion
from posture.model import Cause, Gap, Resource
from posture.reader import GapFound
from posture_azure import appservice
from posture_azure.appservice import Site, SiteTls, Slot, SlotTls
from posture_azure.session import ArmSession

ID = "/subscriptions/s1/resourceGroups/G/providers/Microsoft.Web/sites/App"
SITES, SLOTS = "Microsoft.Web/sites@2023-12-01", "Microsoft.Web/sites/slots@2023-12-01"
CONFIG, SLOT_CONFIG = "Microsoft.Web/sites/config/web@2023-12-01", "Microsoft.Web/sites/slots/config/web@2023-12-01"
HOSTS = ["App.azurewebsites.net", "www.example.org"]


def arm(replies: Mapping[str, object]) -> ArmSession:
    session: ArmSession = session_of(ArmSession, Recorded(replies), place("azure", "s1", "global"))
    return session


def resource(kind: str, id: str = ID) -> Resource:
    return Resource(
        id=id.lower(), kind=kind, cloud="azure", account="s1", region="westeurope", name=id.rpartition("/")[2], tags=()
    )


FIELDS: dict[str, Any] = {
    "state": "Running",
    "https_only": True,
    "public_network": "Enabled",
    "hosts": ("app.azurewebsites.net", "www.example.org"),
}


def site(**changes: Any) -> Site:
    return Site(resource=resource(Site.kind), **FIELDS | changes)


def slot(**changes: Any) -> Slot:
    return Slot(resource=resource(Slot.kind, f"{ID}/slots/next"), **FIELDS | changes)


def body(id: str, **properties: Any) -> dict[str, Any]:
    return {"id": id, "location": "West Europe", "tags": {}, "properties": properties}


SETTINGS: dict[str, Any] = {"state": "Running", "httpsOnly": True, "publicNetworkAccess": "Enabled", "hostNames": HOSTS}


def test_sites_and_their_slots_are_read() -> None:
    session = arm({SITES: {"value": [body(ID, **SETTINGS)]}})
    assert read(appservice.sites, session) == [site()]
    session = arm({SLOTS: {"value": [body(f"{ID}/slots/next", **SETTINGS)]}})
    assert read(appservice.slots, session, site()) == [slot()]


def test_what_a_site_does_not_say_is_not_made_up() -> None:
    session = arm({SITES: {"value": [body(ID, state="Running")]}})
    assert read(appservice.sites, session) == [site(https_only=None, public_network=None, hosts=())]


def test_the_tls_settings_are_read_one_by_one() -> None:
    reply = body(f"{ID}/config/web", minTlsVersion="1.2", scmMinTlsVersion="1.0")
    session = arm({CONFIG: reply, SLOT_CONFIG: reply})
    assert read(appservice.site_tls, session, site()) == [
        SiteTls(resource=site().resource, oldest="1.2", oldest_admin="1.0")
    ]
    assert read(appservice.slot_tls, arm({SLOT_CONFIG: reply}), slot()) == [
        SlotTls(resource=slot().resource, oldest="1.2", oldest_admin="1.0")
    ]


def test_a_refused_configuration_is_a_gap() -> None:
    gap = Gap(cause=Cause.ACCESS_DENIED, detail="no", operation=CONFIG)
    with pytest.raises(GapFound):
        read(appservice.site_tls, arm({CONFIG: gap}), site())


@pytest.mark.parametrize(
    ("changes", "count"), [({}, 2), ({"public_network": "Disabled"}, 0), ({"state": "Stopped"}, 0), ({"hosts": ()}, 0)]
)
def test_sites_tell_their_host_names_while_the_internet_reaches_them(changes: dict[str, Any], count: int) -> None:
    for fact in (site(**changes), slot(**changes)):
        assert len(fact.exposes()) == count
        assert all(name.ports == (443,) for name in fact.exposes())


@pytest.mark.parametrize(
    ("changes", "claim", "outcome"),
    [
        ({}, HttpsOnly(), Pass),
        ({"https_only": False}, HttpsOnly(), Fail),
        ({"https_only": None}, HttpsOnly(), Unknown),
        ({"state": "Stopped", "https_only": False}, HttpsOnly(), NotApplicable),
        ({}, HttpsOnly(hsts_days=180), Unknown),
        ({"https_only": False}, HttpsOnly(hsts_days=180), Fail),
    ],
)
def test_plain_http_is_judged(changes: dict[str, Any], claim: Claim, outcome: type[Outcome]) -> None:
    assert type(judge(appservice.https_only, site(**changes), claim)) is outcome
    assert type(judge(appservice.slot_https_only, slot(**changes), claim)) is outcome


TLS12, TLS13 = TlsMinimum(), TlsMinimum(version=TlsVersion.TLS13)


@pytest.mark.parametrize(
    ("oldest", "admin", "claim", "outcome"),
    [
        ("1.2", "1.2", TLS12, Pass),
        ("1.3", "1.3", TLS13, Pass),
        ("1.2", "1.0", TLS12, Fail),
        ("1.0", "1.2", TLS12, Fail),
        ("1.2", "1.3", TLS13, Fail),
        ("1.2", None, TLS12, Unknown),
        (None, None, TLS12, Unknown),
        (None, "1.0", TLS12, Fail),
        ("2.0", "1.2", TLS12, Unknown),
        ("1.2", "1.2", TlsMinimum(reading="supported"), Pass),
        ("1.3", "1.2", TlsMinimum(reading="supported"), Fail),
        ("1.2", "1.2", TlsMinimum(version=TlsVersion.TLS13, reading="supported"), Unknown),
    ],
)
def test_the_older_of_a_site_and_its_administration_decides(
    oldest: str | None, admin: str | None, claim: Claim, outcome: type[Outcome]
) -> None:
    config = SiteTls(resource=site().resource, oldest=oldest, oldest_admin=admin)
    assert type(judge(appservice.tls_version, config, claim)) is outcome
    twin = SlotTls(resource=slot().resource, oldest=oldest, oldest_admin=admin)
    assert type(judge(appservice.slot_tls_version, twin, claim)) is outcome


def test_an_app_runs_in_azure_and_lies_in_its_region() -> None:
    assert type(judge(appservice.provider, site(), HostedBy(provider="azure"))) is Pass
    assert type(judge(appservice.provider, site(), HostedBy(provider="aws"))) is Fail
    assert type(judge(appservice.region, site(), HostedIn(regions=("West Europe",)))) is Pass
    assert type(judge(appservice.region, site(), HostedIn(regions=("northeurope",)))) is Fail
