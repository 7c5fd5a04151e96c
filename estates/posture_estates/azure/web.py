"""What candidates reach: the exam app with its rehearsal slot, behind a Front Door under the product's own name."""

from __future__ import annotations

from posture_estates.azure.places import REGION, Body, located

APP = located("exam-machines", "Microsoft.Web/sites", "fernhill-app")
DOOR = located("exam-machines", "Microsoft.Cdn/profiles", "fernhill-door")
ENDPOINT = f"{DOOR}/afdEndpoints/exams"
ROUTE = f"{ENDPOINT}/routes/all"
HOST = "exams.fernhill.example"


def good() -> list[Body]:
    return [app(), door()]


def drifted() -> list[Body]:
    """An old deployment tool had TLS 1.0 allowed on the scm site; HTTP was let in for a school's old proxy."""
    return [app(https_only=False, oldest_admin="1.0"), door(redirects="Disabled", forwards="MatchRequest")]


def app(*, https_only: bool = True, oldest_admin: str = "1.2") -> Body:
    return {
        "id": APP,
        "location": REGION,
        "kind": "app,linux",
        "properties": site("fernhill-app", https_only=https_only),
        "children": [
            {"id": "config/web", "properties": {"minTlsVersion": "1.2", "scmMinTlsVersion": oldest_admin}},
            {
                "id": "slots/rehearsal",
                "location": REGION,
                "kind": "app,linux",
                "properties": site("fernhill-app-rehearsal", https_only=True),
                "children": [{"id": "config/web", "properties": {"minTlsVersion": "1.2", "scmMinTlsVersion": "1.2"}}],
            },
        ],
    }


def site(name: str, *, https_only: bool) -> Body:
    """As the list gives it: the host names are there, the configuration of the site is not."""
    return {
        "state": "Running",
        "httpsOnly": https_only,
        "publicNetworkAccess": "Enabled",
        "hostNames": [f"{name}.azurewebsites.net"],
        "enabledHostNames": [f"{name}.azurewebsites.net", f"{name}.scm.azurewebsites.net"],
    }


def door(*, redirects: str = "Enabled", forwards: str = "HttpsOnly") -> Body:
    route = {
        "enabledState": "Enabled",
        "supportedProtocols": ["Http", "Https"],
        "httpsRedirect": redirects,
        "forwardingProtocol": forwards,
    }
    return {
        "id": DOOR,
        "location": "Global",
        "sku": {"name": "Standard_AzureFrontDoor"},
        "kind": "frontdoor",
        "properties": {},
        "children": [
            {
                "id": "customDomains/exams",
                "properties": {
                    "hostName": HOST,
                    "tlsSettings": {
                        "certificateType": "ManagedCertificate",
                        "cipherSuiteSetType": "TLS12_2023",
                        "minimumTlsVersion": "TLS12",
                    },
                },
            },
            {
                "id": "afdEndpoints/exams",
                "location": "Global",
                "properties": {"hostName": "exams-a1b2c3.z01.azurefd.net", "enabledState": "Enabled"},
                "children": [{"id": "routes/all", "properties": route}],
            },
        ],
    }
