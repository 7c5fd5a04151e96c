"""Storage accounts: what is read and how it is judged."""

from collections.abc import Iterator
from typing import Any

import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Basis, Check, Fail, Outcome, Pass, Unknown
from posture.claims import (
    Claim,
    ClearTextRefused,
    CustomerManagedKeys,
    DeletedWithin,
    DoubleEncrypted,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NamedPrincipalsOnly,
    NetworkRestricted,
    NoPublicAccess,
    NotShared,
    TlsMinimum,
    TlsVersion,
)
from posture.model import Cause, Fact, Store
from posture.provider import Limits
from posture.reader import Reader, Where
from posture.session import Answer, GapFound
from posture_azure.credentials import AzureTarget
from posture_azure.session import ArmSession
from posture_azure.source import ArmSource
from posture_azure.storage import deletion, encryption, exposure, facts
from posture_estates.arm import ArmServer

SUB = "22222222-2222-4222-8222-222222222222"
OTHER = "33333333-3333-4333-8333-333333333333"
ACCOUNTS = f"/subscriptions/{SUB}/resourceGroups/App/providers/Microsoft.Storage/storageAccounts"
ID = f"{ACCOUNTS}/Logs"
SUPPORTED = "supported"
CUSTOMER: dict[str, Any] = {"encryption": {"keySource": "Microsoft.Keyvault"}}
READERS = [value for value in vars(facts).values() if isinstance(value, Reader)]


def operation(below: str = "") -> str:
    return f"Microsoft.Storage/storageAccounts{below}@2023-05-01"


CONTAINERS = operation("/blobServices/default/containers")
SCOPES = operation("/encryptionScopes")
QUEUES = operation("/queueServices/default/queues")
TABLES = operation("/tableServices/default/tables")
REPLICATION = operation("/objectReplicationPolicies")
BLOBS = operation("/blobServices/default")
FILES = operation("/fileServices/default")
LIFECYCLE = operation("/managementPolicies/default")


def recorded(replies: Any) -> tuple[ArmSession, Recorded]:
    source = Recorded(replies)
    return session_of(ArmSession, source, place("azure", SUB, "global")), source


def item(
    name: str = "Logs", kind: str = "StorageV2", location: str = "westeurope", **properties: Any
) -> dict[str, Any]:
    return {"id": f"{ACCOUNTS}/{name}", "kind": kind, "location": location, "tags": {}, "properties": properties}


def account(*args: str, **properties: Any) -> Any:
    session, _ = recorded({operation(): {"value": [item(*args, **properties)]}})
    (fact,) = read(facts.accounts, session)
    return fact


def detail(reader: Reader, parent: Fact, name: str, reply: Any = None) -> Any:
    """The fact behind one reply. Without a reply, asking is an error."""
    session, _ = recorded({} if reply is None else {name: reply})
    found = read(reader, session, parent)
    return found[0] if found else None


def named(*names: str, **properties: Any) -> dict[str, Any]:
    return {"value": [{"name": name, "properties": properties} for name in names]}


def test_an_account_s_settings_are_read() -> None:
    fact = account(
        creationTime="2024-01-02T03:04:05Z",
        secondaryLocation="North Europe",
        supportsHttpsTrafficOnly=True,
        minimumTlsVersion="TLS1_2",
        allowBlobPublicAccess=False,
        allowSharedKeyAccess=True,
        publicNetworkAccess="Enabled",
        networkAcls={"defaultAction": "Deny"},
        allowCrossTenantReplication=False,
        isNfsV3Enabled=False,
        isSftpEnabled=True,
        isLocalUserEnabled=True,
        primaryEndpoints={
            "blob": "https://Logs.blob.core.windows.net/",
            "web": "https://logs.z6.web.core.windows.net/",
        },
        encryption={
            "keySource": "Microsoft.Keyvault",
            "requireInfrastructureEncryption": True,
            "identity": {"federatedIdentityClientId": "c"},
            "services": {
                "blob": {"enabled": True, "keyType": "Account"},
                "queue": {"enabled": True, "keyType": "Service"},
            },
        },
    )
    assert fact == facts.StorageAccount(
        resource=fact.resource,
        account_kind="storagev2",
        created="2024-01-02T03:04:05Z",
        secondary="northeurope",
        key_source="microsoft.keyvault",
        foreign_vault=True,
        queue_key="Service",
        table_key=None,
        unencrypted=(),
        doubled=True,
        https_only=True,
        tls="TLS1_2",
        nfs3=False,
        sftp=True,
        local_users=True,
        anonymous=False,
        shared_key=True,
        public_network="Enabled",
        network_default="Deny",
        cross_tenant=False,
        hosts=("logs.blob.core.windows.net", "logs.z6.web.core.windows.net"),
    )
    assert (fact.resource.id, fact.resource.name, fact.holds()) == (ID.lower(), "Logs", Store.OBJECT)


@pytest.mark.parametrize("properties", [{}, {"encryption": None, "networkAcls": None, "minimumTlsVersion": None}])
def test_what_arm_leaves_out_or_nulls_is_none_and_no_guess(properties: dict[str, Any]) -> None:
    fact = account(**properties)
    assert (fact.key_source, fact.tls, fact.https_only, fact.anonymous, fact.shared_key) == (None,) * 5
    assert (fact.public_network, fact.network_default, fact.cross_tenant, fact.secondary) == (None,) * 4
    assert (fact.doubled, fact.nfs3, fact.sftp, fact.unencrypted) == (False, False, False, ())


def test_every_page_of_accounts_is_read() -> None:
    link = f"https://management.azure.com{ACCOUNTS}?$skiptoken=1"
    session, _ = recorded({operation(): [{"value": [item("a")], "nextLink": link}, {"value": [item("b")]}]})
    assert [fact.resource.name for fact in read(facts.accounts, session)] == ["a", "b"]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name.rpartition(".")[2])
def test_a_refused_read_is_a_gap_with_the_permission_it_needs(reader: Reader) -> None:
    session, _ = recorded({reader.operation: Cause.ACCESS_DENIED})
    asked = account(**CUSTOMER)
    scopes = facts.EncryptionScopes(resource=asked.resource, account=asked, scopes=())
    queues = facts.Queues(resource=asked.resource, scopes=scopes, present=False)
    service = facts.BlobService(resource=asked.resource, blob_days=0, container_days=0, versioning=True)
    parents = {type(one): one for one in (asked, scopes, queues, service)}
    with pytest.raises(GapFound) as caught:
        read(reader, session, parents.get(reader.parent))  # type: ignore[arg-type]
    assert (caught.value.gap.cause, caught.value.gap.permission) == (Cause.ACCESS_DENIED, reader.permission)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name.rpartition(".")[2])
def test_operations_are_paths_of_the_storage_client_and_permissions_are_reads_of_the_same_type(reader: Reader) -> None:
    from posture_azure.storage_client import method_for

    kind, _, version = reader.operation.partition("@")
    below = kind.removeprefix("Microsoft.Storage/storageAccounts")
    path = f"{ID}{below}" if reader.parent else f"/subscriptions/{SUB}/providers/{kind}"
    assert method_for(path) is not None
    assert version == facts.VERSION
    assert reader.permission == kind.replace("/default", "") + "/read"
    assert reader.parent is not None or reader.where is Where.ACCOUNT


def test_containers_are_listed_only_where_the_account_may_open_them() -> None:
    reply = {
        "value": [
            {"name": "private", "properties": {"publicAccess": "None"}},
            {"name": "old", "properties": {}},
            {"name": "open", "properties": {"publicAccess": "Blob"}},
            {"name": "$web", "properties": {"publicAccess": "None"}},
        ]
    }
    found = detail(facts.containers, account(), CONTAINERS, reply)
    assert (found.open, found.website) == ((("open", "Blob"),), True)
    assert detail(facts.containers, account(allowBlobPublicAccess=False), CONTAINERS).open == ()
    assert detail(facts.containers, account("Logs", "FileStorage"), CONTAINERS).open == ()


def test_scopes_queues_and_tables_are_listed_only_where_the_account_has_a_customer_key() -> None:
    scope = {"value": [{"name": "s", "properties": {"source": "Microsoft.Storage", "state": "Enabled"}}]}
    found = detail(facts.encryption_scopes, account(**CUSTOMER), SCOPES, scope)
    assert found.scopes == (facts.Scope(name="s", source="Microsoft.Storage", state="Enabled"),)
    queues = detail(facts.queues, found, QUEUES, named("q"))
    assert queues.present
    assert not detail(facts.tables, queues, TABLES, named()).present
    plain = detail(facts.encryption_scopes, account(), SCOPES)
    assert plain.scopes == ()
    assert not detail(facts.tables, detail(facts.queues, plain, QUEUES), TABLES).present


def test_queues_and_tables_under_the_account_s_key_need_not_be_listed() -> None:
    services = {"queue": {"keyType": "Account"}, "table": {"keyType": "Account"}}
    owner = account(encryption={"keySource": "Microsoft.Keyvault", "services": services})
    queues = detail(facts.queues, detail(facts.encryption_scopes, owner, SCOPES, named()), QUEUES)
    assert not queues.present
    assert not detail(facts.tables, queues, TABLES).present


def policy(source: str, destination: str) -> dict[str, Any]:
    return {"value": [{"properties": {"sourceAccount": source, "destinationAccount": destination}}]}


@pytest.mark.parametrize(
    ("source", "targets"), [(ID, ("there",)), ("LOGS", ("there",)), (f"{ACCOUNTS}/other", ()), ("other", ())]
)
def test_replication_counts_where_the_account_is_the_source(source: str, targets: tuple[str, ...]) -> None:
    assert detail(facts.replication, account(), REPLICATION, policy(source, "There")).targets == targets
    assert detail(facts.replication, account(allowCrossTenantReplication=False), REPLICATION).targets == ()


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, (0, 0, False)),
        ({"deleteRetentionPolicy": {"enabled": False, "days": 9}}, (0, 0, False)),
        (
            {
                "deleteRetentionPolicy": {"enabled": True, "days": 7},
                "containerDeleteRetentionPolicy": {"enabled": True, "days": 14},
                "isVersioningEnabled": True,
            },
            (7, 14, True),
        ),
    ],
)
def test_soft_delete_counts_where_it_is_enabled(properties: dict[str, Any], expected: tuple[int, int, bool]) -> None:
    found = detail(facts.blob_service, account(), BLOBS, {"properties": properties})
    assert (found.blob_days, found.container_days, found.versioning) == expected


def test_soft_delete_without_days_is_malformed() -> None:
    with pytest.raises(KeyError):
        detail(facts.blob_service, account(), BLOBS, {"properties": {"deleteRetentionPolicy": {"enabled": True}}})


def test_an_account_has_no_service_that_its_kind_lacks() -> None:
    assert detail(facts.blob_service, account("Logs", "FileStorage"), BLOBS) is None
    assert detail(facts.file_service, account("Logs", "BlockBlobStorage"), FILES) is None
    shares = {"properties": {"shareDeleteRetentionPolicy": {"enabled": True, "days": 5}}}
    assert detail(facts.file_service, account("Logs", "FileStorage"), FILES, shares).share_days == 5


def service(**changes: Any) -> facts.BlobService:
    plain = {"blob_days": 0, "container_days": 0, "versioning": True}
    return facts.BlobService(resource=account().resource, **(plain | changes))


def rule(days: float | None = 30, *, enabled: bool | None = True, **filters: Any) -> dict[str, Any]:
    actions = {"version": {"delete": {"daysAfterCreationGreaterThan": days}}} if days is not None else {"baseBlob": {}}
    definition = {"actions": actions, "filters": {"blobTypes": ["blockBlob"], **filters}}
    return {"name": "r", "definition": definition} | ({} if enabled is None else {"enabled": enabled})


@pytest.mark.parametrize(
    ("rules", "expiries"),
    [
        ([rule()], [(30, True)]),
        ([rule(29.5)], [(30, True)]),
        ([rule(enabled=None)], [(30, True)]),
        ([rule(enabled=False)], []),
        ([rule(None)], []),
        ([rule(prefixMatch=["logs/"])], [(30, False)]),
        ([rule(prefixMatch=[])], [(30, True)]),
        ([rule(blobIndexMatch=[{"name": "a"}])], [(30, False)]),
        ([rule(blobTypes=["appendBlob"])], [(30, False)]),
        ([], []),
        (None, []),
    ],
)
def test_a_rule_expires_versions_everywhere_unless_a_filter_narrows_it(rules: Any, expiries: list[Any]) -> None:
    found = detail(facts.lifecycle, service(), LIFECYCLE, {"properties": {"policy": {"rules": rules}}})
    assert [(one.days, one.everywhere) for one in found.expiries] == expiries


@pytest.mark.parametrize("code", ["ManagementPolicyNotFound", "ResourceNotFound"])
def test_an_account_without_a_policy_has_no_rules(code: str) -> None:
    assert detail(facts.lifecycle, service(), LIFECYCLE, Answer(absent=code, status=404)).expiries == ()


def test_the_policy_is_not_asked_where_there_are_no_versions() -> None:
    assert detail(facts.lifecycle, service(versioning=False), LIFECYCLE).expiries == ()


STALE = "which is stale: Azure Storage has refused anything older than TLS 1.2 on all accounts since 3 February 2026"
REFUSED = "Azure Storage has refused anything older than TLS 1.2 on all accounts since 3 February 2026"


def tls(version: TlsVersion, reading: Any = "minimum") -> TlsMinimum:
    return TlsMinimum(version=version, reading=reading)


@pytest.mark.parametrize(
    ("check", "properties", "claim", "outcome"),
    [
        (
            encryption.encryption,
            {},
            EncryptedAtRest(),
            Pass("is encrypted with AES-256, as every storage account is", Basis.PROVIDER_GUARANTEE),
        ),
        (
            encryption.encryption,
            {"encryption": {"services": {"blob": {"enabled": False}, "file": {"enabled": True}}}},
            EncryptedAtRest(),
            Fail("reports encryption as off for blob"),
        ),
        (
            encryption.double_encryption,
            {"encryption": {"requireInfrastructureEncryption": True}},
            DoubleEncrypted(),
            Pass("is encrypted twice: infrastructure encryption is on"),
        ),
        (
            encryption.double_encryption,
            CUSTOMER,
            DoubleEncrypted(),
            Fail("has one layer of encryption at rest: infrastructure encryption is off"),
        ),
        (
            encryption.secure_transfer,
            {"supportsHttpsTrafficOnly": True},
            ClearTextRefused(),
            Pass("requires secure transfer"),
        ),
        (
            encryption.secure_transfer,
            {"supportsHttpsTrafficOnly": False},
            ClearTextRefused(),
            Fail("serves plain HTTP"),
        ),
        (
            encryption.secure_transfer,
            {"supportsHttpsTrafficOnly": True, "isNfsV3Enabled": True},
            ClearTextRefused(),
            Fail("serves NFS 3.0, which is not encrypted"),
        ),
        (
            encryption.secure_transfer,
            {"creationTime": "2019-03-31T23:59:59Z"},
            ClearTextRefused(),
            Fail("serves plain HTTP: it is older than the default of secure transfer"),
        ),
        (
            encryption.secure_transfer,
            {"creationTime": "2019-04-01T00:00:00Z"},
            ClearTextRefused(),
            Unknown(Cause.MALFORMED_REPLY, "does not tell whether it requires secure transfer"),
        ),
        (encryption.tls_minimum, {"minimumTlsVersion": "TLS1_2"}, TlsMinimum(), Pass("asks for TLS 1.2 or newer")),
        (encryption.tls_minimum, {"minimumTlsVersion": "TLS1_3"}, TlsMinimum(), Pass("asks for TLS 1.3 or newer")),
        (
            encryption.tls_minimum,
            {"minimumTlsVersion": "TLS1_1"},
            TlsMinimum(),
            Pass(f"is set to TLS 1.1, {STALE}", Basis.PROVIDER_GUARANTEE),
        ),
        (encryption.tls_minimum, {}, TlsMinimum(), Pass(f"is set to TLS 1.0, {STALE}", Basis.PROVIDER_GUARANTEE)),
        (encryption.tls_minimum, {}, tls(TlsVersion.TLS13), Fail("accepts TLS 1.2")),
        (encryption.tls_minimum, {"minimumTlsVersion": "TLS1_2"}, tls(TlsVersion.TLS13), Fail("accepts TLS 1.2")),
        (
            encryption.tls_minimum,
            {"minimumTlsVersion": "TLS9"},
            TlsMinimum(),
            Unknown(Cause.NOT_SUPPORTED, "has the minimum TLS version 'TLS9', for which there is no rule"),
        ),
        (
            encryption.tls_minimum,
            {},
            tls(TlsVersion.TLS12, SUPPORTED),
            Pass("accepts TLS 1.2, as every account does that does not ask for more", Basis.PROVIDER_GUARANTEE),
        ),
        (encryption.tls_minimum, {}, tls(TlsVersion.TLS10, SUPPORTED), Fail(f"does not accept TLS 1.0: {REFUSED}")),
        (
            encryption.tls_minimum,
            {"minimumTlsVersion": "TLS1_3"},
            tls(TlsVersion.TLS12, SUPPORTED),
            Fail("asks for TLS 1.3 or newer"),
        ),
        (
            encryption.tls_minimum,
            {},
            tls(TlsVersion.TLS13, SUPPORTED),
            Unknown(Cause.NOT_SUPPORTED, "has no setting that tells whether it accepts TLS 1.3"),
        ),
        (
            exposure.named_principals,
            {"allowSharedKeyAccess": False},
            NamedPrincipalsOnly(),
            Pass("accepts Microsoft Entra identities only"),
        ),
        (
            exposure.named_principals,
            {},
            NamedPrincipalsOnly(),
            Fail("accepts its account keys, and signatures made with them"),
        ),
        (
            exposure.named_principals,
            {"allowSharedKeyAccess": False, "isSftpEnabled": True},
            NamedPrincipalsOnly(),
            Fail("signs local users in over SFTP"),
        ),
        (
            exposure.named_principals,
            {"allowSharedKeyAccess": False, "isSftpEnabled": True, "isLocalUserEnabled": False},
            NamedPrincipalsOnly(),
            Pass("accepts Microsoft Entra identities only"),
        ),
        (
            exposure.named_principals,
            {"allowSharedKeyAccess": False, "isNfsV3Enabled": True},
            NamedPrincipalsOnly(),
            Fail("serves NFS 3.0, which asks nobody who they are"),
        ),
        (exposure.network, {}, NetworkRestricted(), Fail("answers all networks")),
        (
            exposure.network,
            {"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow"}},
            NetworkRestricted(),
            Fail("answers all networks"),
        ),
        (
            exposure.network,
            {"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Deny"}},
            NetworkRestricted(),
            Pass("answers chosen networks only"),
        ),
        (
            exposure.network,
            {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Allow"}},
            NetworkRestricted(),
            Pass("is closed to the public network"),
        ),
        (
            exposure.network,
            {"publicNetworkAccess": "SecuredByPerimeter", "networkAcls": {"defaultAction": "Allow"}},
            NetworkRestricted(),
            Pass("is behind a network security perimeter, and so not open to all networks"),
        ),
        (
            exposure.network,
            {"publicNetworkAccess": "Odd"},
            NetworkRestricted(),
            Unknown(Cause.NOT_SUPPORTED, "has the public network access 'Odd', for which there is no rule"),
        ),
        (
            exposure.network,
            {"networkAcls": {"defaultAction": "Odd"}},
            NetworkRestricted(),
            Unknown(Cause.NOT_SUPPORTED, "has the default network action 'Odd', for which there is no rule"),
        ),
        (exposure.hosting, {}, HostedBy(provider="azure"), Pass("runs at Azure in westeurope")),
        (exposure.hosting, {}, HostedBy(provider="aws"), Fail("runs at Azure in westeurope")),
        (exposure.region, {}, HostedIn(regions=("West Europe",)), Pass("lies in westeurope")),
        (exposure.region, {}, HostedIn(regions=("northeurope",)), Fail("lies in westeurope")),
        (
            exposure.region,
            {"secondaryLocation": "North Europe"},
            HostedIn(regions=("westeurope", "northeurope")),
            Pass("lies in westeurope and northeurope"),
        ),
        (
            exposure.region,
            {"secondaryLocation": "northeurope"},
            HostedIn(regions=("westeurope",)),
            Fail("keeps a copy in northeurope"),
        ),
    ],
)
def test_an_account_is_judged_by_its_settings(
    check: Check, properties: dict[str, Any], claim: Claim, outcome: Outcome
) -> None:
    assert judge(check, account(**properties), claim) == outcome


def tables(
    properties: dict[str, Any], *scopes: tuple[str, str], queues: bool = False, tables: bool = False
) -> facts.Tables:
    owner = account(**properties)
    found = tuple(facts.Scope(name="s", source=source, state=state) for source, state in scopes)
    read = facts.EncryptionScopes(resource=owner.resource, account=owner, scopes=found)
    side = facts.Queues(resource=owner.resource, scopes=read, present=queues)
    return facts.Tables(resource=owner.resource, queues=side, present=tables)


def vault(**identity: str) -> dict[str, Any]:
    return {"encryption": {"keySource": "Microsoft.KeyVault", "identity": identity}}


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        (tables(vault()), Pass("is encrypted under a key in the customer's vault")),
        (tables({}), Fail("is encrypted under a key that Microsoft manages")),
        (
            tables({"encryption": {"keySource": "Microsoft.Storage"}}),
            Fail("is encrypted under a key that Microsoft manages"),
        ),
        (
            tables({"encryption": {"keySource": "Odd"}}),
            Unknown(Cause.NOT_SUPPORTED, "has the key source 'odd', for which there is no rule"),
        ),
        (
            tables(vault(), queues=True, tables=True),
            Fail("has queues and tables under a key that Microsoft manages, in spite of its own key"),
        ),
        (
            tables(vault(), tables=True),
            Fail("has tables under a key that Microsoft manages, in spite of its own key"),
        ),
        (
            tables(vault(), ("Microsoft.Storage", "Enabled")),
            Unknown(
                Cause.NOT_SUPPORTED,
                "has the encryption scope s with Microsoft's key, and which blobs use it is not told",
            ),
        ),
        (
            tables(vault(), ("Microsoft.Storage", "Disabled"), ("Microsoft.KeyVault", "Enabled")),
            Pass("is encrypted under a key in the customer's vault"),
        ),
        (
            tables(vault(), ("Odd", "Enabled")),
            Unknown(Cause.NOT_SUPPORTED, "has the key source of an encryption scope 'Odd', for which there is no rule"),
        ),
        (
            tables(vault(federatedIdentityClientId="c")),
            Unknown(
                Cause.NOT_SUPPORTED,
                "uses a key in the vault of another tenant, and ARM does not tell whose tenant that is",
            ),
        ),
    ],
)
def test_a_customer_key_is_whole_or_it_is_none(fact: facts.Tables, outcome: Outcome) -> None:
    assert judge(encryption.customer_key, fact, CustomerManagedKeys()) == outcome


def containers(*open: tuple[str, str], website: bool = False, **properties: Any) -> facts.BlobContainers:
    owner = account(**properties)
    return facts.BlobContainers(resource=owner.resource, account=owner, open=open, website=website)


DENY = {"networkAcls": {"defaultAction": "Deny"}}


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        (containers(allowBlobPublicAccess=False), Pass("forbids anonymous access to blobs")),
        (containers(), Pass("has no container that can be read anonymously")),
        (containers(allowBlobPublicAccess=True), Pass("has no container that can be read anonymously")),
        (containers(("a", "Blob")), Fail("lets anybody read a (Blob)")),
        (
            containers(("a", "Blob"), ("b", "Container"), ("c", "Blob"), ("d", "Blob")),
            Fail("lets anybody read a (Blob), b (Container), c (Blob) and 1 more"),
        ),
        (containers(("a", "Odd"), ("b", "Container")), Fail("lets anybody read b (Container)")),
        (
            containers(("a", "Odd")),
            Unknown(Cause.NOT_SUPPORTED, "has the public access of a container 'Odd', for which there is no rule"),
        ),
        (
            containers(("a", "Blob"), **DENY),
            Pass("answers chosen networks only, though it does not forbid anonymous access to blobs"),
        ),
        (
            containers(("a", "Blob"), publicNetworkAccess="Odd"),
            Unknown(Cause.NOT_SUPPORTED, "has the public network access 'Odd', for which there is no rule"),
        ),
        (
            containers(website=True),
            Unknown(
                Cause.NOT_SUPPORTED, "has a container $web, and ARM does not tell whether the static website serves it"
            ),
        ),
    ],
)
def test_blobs_are_open_where_account_container_and_network_all_are(
    fact: facts.BlobContainers, outcome: Outcome
) -> None:
    assert judge(exposure.anonymous_access, fact, NoPublicAccess()) == outcome


def replicated(*targets: str, **properties: Any) -> facts.Replication:
    owner = account(**properties)
    return facts.Replication(resource=owner.resource, account=owner, targets=targets)


FOREIGN = ACCOUNTS.replace(SUB, OTHER).lower() + "/copy"


@pytest.mark.parametrize(
    ("fact", "allowed", "outcome"),
    [
        (replicated(allowCrossTenantReplication=False), (), Pass("forbids replication to other tenants")),
        (replicated(), (), Pass("replicates no blobs, though it does not forbid replication to other tenants")),
        (replicated(f"{ACCOUNTS.lower()}/copy"), (), Pass("replicates blobs to agreed subscriptions only")),
        (replicated(FOREIGN), (OTHER.upper(),), Pass("replicates blobs to agreed subscriptions only")),
        (replicated(FOREIGN), (), Fail(f"replicates blobs to {FOREIGN}, which is outside the agreed subscriptions")),
        (replicated("ours"), (), Pass("replicates blobs to agreed subscriptions only")),
        (
            replicated("theirs"),
            (),
            Unknown(Cause.NOT_SUPPORTED, "replicates blobs to theirs, and ARM does not tell whose it is"),
        ),
    ],
)
def test_replication_is_judged_by_its_target(
    fact: facts.Replication, allowed: tuple[str, ...], outcome: Outcome
) -> None:
    claim = NotShared(allowed=allowed)
    assert judge(exposure.cross_tenant_replication, fact, claim, (account("Ours"),)) == outcome


def kept(expiries: tuple[tuple[int, bool], ...] = (), **changes: Any) -> facts.Lifecycle:
    found = service(**changes)
    rules = tuple(facts.Expiry(name="r", days=days, everywhere=everywhere) for days, everywhere in expiries)
    return facts.Lifecycle(resource=found.resource, service=found, expiries=rules)


def parts(versions: int, blobs: int, containers: int) -> str:
    return f"(versions {versions}, soft-deleted blobs {blobs}, containers {containers} days)"


@pytest.mark.parametrize(
    ("fact", "days", "outcome"),
    [
        (kept(versioning=False), 0, Pass(f"keeps deleted blobs for at most 0 days {parts(0, 0, 0)}")),
        (kept(versioning=False, blob_days=7), 7, Pass(f"keeps deleted blobs for at most 7 days {parts(0, 7, 0)}")),
        (kept(versioning=False, blob_days=7), 6, Fail(f"keeps deleted blobs for up to 7 days {parts(0, 7, 0)}")),
        (kept(versioning=False, container_days=9), 8, Fail(f"keeps deleted blobs for up to 9 days {parts(0, 0, 9)}")),
        (kept(), 9999, Fail("keeps old versions of blobs, which expire never")),
        (kept(((30, False),)), 9999, Fail("keeps old versions of blobs, which expire only for some blobs")),
        (
            kept(((90, True), (30, True), (1, False)), blob_days=7),
            37,
            Pass(f"keeps deleted blobs for at most 37 days {parts(30, 7, 0)}"),
        ),
        (kept(((30, True),), blob_days=7), 36, Fail(f"keeps deleted blobs for up to 37 days {parts(30, 7, 0)}")),
    ],
)
def test_versions_and_soft_delete_add_up(fact: facts.Lifecycle, days: int, outcome: Outcome) -> None:
    assert judge(deletion.blob_deletion, fact, DeletedWithin(days=days)) == outcome


@pytest.mark.parametrize(
    ("days", "outcome"),
    [(7, Pass("keeps deleted file shares for 7 days")), (6, Fail("keeps deleted file shares for 7 days"))],
)
def test_deleted_shares_live_for_their_soft_delete(days: int, outcome: Outcome) -> None:
    fact = facts.FileService(resource=account().resource, share_days=7)
    assert judge(deletion.share_deletion, fact, DeletedWithin(days=days)) == outcome


@pytest.fixture(scope="module")
def arm() -> Iterator[ArmServer]:
    children = [
        {"id": "blobServices/default", "properties": {"isVersioningEnabled": True}},
        {"id": "blobServices/default/containers/open", "properties": {"publicAccess": "Blob"}},
        {"id": "queueServices/default/queues/q", "properties": {}},
        {"id": "managementPolicies/default", "properties": {"policy": {"rules": [rule()]}}},
    ]
    first = item(**CUSTOMER) | {"children": children}
    with ArmServer({"subscriptions": [{"id": SUB}], "resources": [first, item("Bare")]}) as server:
        yield server


def test_a_live_account_is_read_to_its_last_child(arm: ArmServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_TENANT_ID", arm.tenant_id)
    monkeypatch.setenv("AZURE_CLIENT_ID", arm.client_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", arm.client_secret)
    target = AzureTarget(arm_endpoint=arm.url, authority=arm.url, ca_bundle=arm.ca_file)
    session = session_of(ArmSession, ArmSource(target, Limits(attempts=1)), place("azure", SUB, "global"))
    first, bare = read(facts.accounts, session)
    (scopes,) = read(facts.encryption_scopes, session, first)
    (queues,) = read(facts.queues, session, scopes)
    (tables,) = read(facts.tables, session, queues)
    assert isinstance(judge(encryption.customer_key, tables, CustomerManagedKeys()), Fail)
    (found,) = read(facts.containers, session, first)
    assert judge(exposure.anonymous_access, found, NoPublicAccess()) == Fail("lets anybody read open (Blob)")
    (blobs,) = read(facts.blob_service, session, first)
    (rules,) = read(facts.lifecycle, session, blobs)
    assert isinstance(judge(deletion.blob_deletion, rules, DeletedWithin(days=30)), Pass)
    (none,) = read(
        facts.lifecycle,
        session,
        service().__class__(resource=bare.resource, blob_days=0, container_days=0, versioning=True),
    )
    assert none.expiries == ()
    assert {request.method for request in arm.requests} == {"GET"}
    assert {request.query["api-version"] for request in arm.requests} == {facts.VERSION}


@pytest.mark.parametrize(("public", "hosts"), [("Enabled", 1), (None, 1), ("Disabled", 0)])
def test_an_account_tells_its_hosts_unless_it_is_closed_to_the_public_network(public: str | None, hosts: int) -> None:
    endpoints = {"blob": "https://logs.blob.core.windows.net/"}
    found = account(primaryEndpoints=endpoints, **({} if public is None else {"publicNetworkAccess": public}))
    assert [(name.host, name.ports) for name in found.exposes()] == [("logs.blob.core.windows.net", (443,))] * hosts
