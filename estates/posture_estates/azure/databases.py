"""SQL servers with the databases of exam sessions and results; in the drifted tenant further kinds of database."""

from __future__ import annotations

from posture_estates.azure.places import REGION, Body, located
from posture_estates.azure.vaults import KEYS, key

SERVER = located("exam-data", "Microsoft.Sql/servers", "fernhill-exams")
MASTER, SESSIONS, RESULTS, ARCHIVE = (
    f"{SERVER}/databases/{name}" for name in ("master", "sessions", "results", "archive")
)
INSTANCE = located("exam-data", "Microsoft.Sql/managedInstances", "fernhill-reporting")
CHAT = located("exam-data", "Microsoft.DocumentDB/databaseAccounts", "fernhill-chat")

CLOSED = {"minimalTlsVersion": "1.2", "publicNetworkAccess": "Disabled"}
OPEN = {"minimalTlsVersion": "1.0", "publicNetworkAccess": "Enabled"}
FOUR_WEEKS = {"weeklyRetention": "P4W", "monthlyRetention": "PT0S", "yearlyRetention": "PT0S", "weekOfYear": 0}
TEN_YEARS = {"weeklyRetention": "P4W", "monthlyRetention": "P12M", "yearlyRetention": "P10Y", "weekOfYear": 1}


def good() -> list[Body]:
    return [server([database(MASTER, tde="Disabled"), database(SESSIONS), database(RESULTS)])]


def drifted() -> list[Body]:
    """An old client set the server back; its databases were joined by one without encryption; results stay for long.

    The managed instance is in order as far as Resource Manager tells; no check reads the Cosmos account.
    """
    databases = [
        database(MASTER, tde="Disabled"),
        database(SESSIONS),
        database(RESULTS, long_term=TEN_YEARS),
        database(ARCHIVE, tde="Disabled", infrastructure=False),
    ]
    everybody = {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}
    opened = server([*databases, {"id": "firewallRules/everybody", "properties": everybody}], reach=OPEN)
    return [opened, managed_instance(), cosmos_account()]


def server(children: list[Body], *, reach: Body = CLOSED) -> Body:
    return {
        "id": SERVER,
        "kind": "v12.0",
        "properties": {
            "fullyQualifiedDomainName": "fernhill-exams.database.windows.net",
            "version": "12.0",
            "state": "Ready",
            "restrictOutboundNetworkAccess": "Enabled",
            "administrators": {"administratorType": "ActiveDirectory", "azureADOnlyAuthentication": True},
            **reach,
        },
        "children": [protector(), sign_in(), *children],
    }


def protector() -> Body:
    return {
        "id": "encryptionProtector/current",
        "kind": "azurekeyvault",
        "properties": {
            "serverKeyType": "AzureKeyVault",
            "uri": f"{KEYS.uri}keys/{key('sql')}",
            "autoRotationEnabled": True,
        },
    }


def sign_in() -> Body:
    """Nobody has a login of SQL's own."""
    return {"id": "azureADOnlyAuthentications/Default", "properties": {"azureADOnlyAuthentication": True}}


def database(id: str, *, tde: str = "Enabled", infrastructure: bool = True, long_term: Body = FOUR_WEEKS) -> Body:
    """A database of the server; master has neither encryption to switch on nor backups to keep."""
    name = id.rpartition("/")[2]
    system = name == "master"
    described = {
        "status": "Online",
        "currentBackupStorageRedundancy": "Zone",
        "requestedBackupStorageRedundancy": "Zone",
        "isInfraEncryptionEnabled": infrastructure and not system,
    }
    return {
        "id": f"databases/{name}",
        "location": REGION,
        "kind": "v12.0,system" if system else "v12.0,user,vcore",
        "properties": described,
        "children": [
            {"id": "transparentDataEncryption/current", "properties": {"state": tde}},
            *([] if system else retention(long_term)),
        ],
    }


def retention(long_term: Body) -> list[Body]:
    short_term = {"retentionDays": 14, "diffBackupIntervalInHours": 12}
    return [
        {"id": "backupShortTermRetentionPolicies/default", "properties": short_term},
        {"id": "backupLongTermRetentionPolicies/default", "properties": long_term},
    ]


def managed_instance() -> Body:
    tde = {"id": "transparentDataEncryption/current", "properties": {"state": "Enabled"}}
    return {
        "id": INSTANCE,
        "properties": {
            "state": "Ready",
            "minimalTlsVersion": "1.2",
            "publicDataEndpointEnabled": False,
            "currentBackupStorageRedundancy": "Zone",
        },
        "children": [
            protector(),
            sign_in(),
            {
                "id": "databases/statistics",
                "location": REGION,
                "properties": {"status": "Online"},
                "children": [tde, *retention(FOUR_WEEKS)],
            },
        ],
    }


def cosmos_account() -> Body:
    return {
        "id": CHAT,
        "kind": "GlobalDocumentDB",
        "properties": {
            "provisioningState": "Succeeded",
            "databaseAccountOfferType": "Standard",
            "minimalTlsVersion": "Tls12",
            "publicNetworkAccess": "Disabled",
            "disableLocalAuth": True,
        },
    }
