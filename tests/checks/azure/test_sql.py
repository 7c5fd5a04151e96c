"""Azure SQL: what is read of servers, instances and databases, and how it is judged."""

from collections.abc import Mapping

import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Basis, Check, Fail, Incomplete, NotApplicable, Outcome, Pass, Unknown
from posture.claims import (
    BackupsEncrypted,
    BackupsExist,
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
    TlsMinimum,
    TlsVersion,
)
from posture.model import Cause, Fact, Gap, Resource
from posture.reader import Reader
from posture.session import GapFound
from posture_azure.regions import Region
from posture_azure.session import ArmSession
from posture_azure.sql import backups, connections, database, instance, managed_database, rules, server

SQL = "/subscriptions/s1/resourceGroups/G/providers/Microsoft.Sql"
SERVER_ID = f"{SQL}/servers/main".lower()
DATABASE_ID = f"{SERVER_ID}/databases/app"
INSTANCE_ID = f"{SQL}/managedInstances/mi".lower()
MANAGED_ID = f"{INSTANCE_ID}/databases/app"


def arm(replies: Mapping[str, object]) -> ArmSession:
    session: ArmSession = session_of(ArmSession, Recorded(replies), place("azure", "s1", "global"))
    return session


def resource(kind: str, id: str) -> Resource:
    return Resource(
        id=id, kind=kind, cloud="azure", account="s1", region="westeurope", name=id.rsplit("/", 1)[-1], tags=()
    )


def sql_server(tls: str | None = "1.2", public: str | None = "Enabled") -> server.SqlServer:
    return server.SqlServer(
        resource=resource(server.SqlServer.kind, SERVER_ID),
        minimum_tls=tls,
        public=public,
        host="",
    )


def sql_database(
    name: str = "app",
    own_key: bool = False,
    infrastructure: bool | None = None,
    redundancy: str | None = "Geo",
    public: str | None = "Enabled",
    tls: str | None = "1.2",
) -> database.Database:
    return database.Database(
        resource=resource(database.Database.kind, f"{SERVER_ID}/databases/{name}"),
        server=sql_server(tls, public),
        system=name == "master",
        own_key=own_key,
        infrastructure=infrastructure,
        redundancy=redundancy,
    )


def tde(state: str = "Enabled", of: database.Database | None = None) -> database.DatabaseEncryption:
    found = of or sql_database()
    return database.DatabaseEncryption(resource=found.resource, database=found, state=state)


def managed_instance(
    tls: str | None = "1.2", public: bool | None = False, redundancy: str | None = "Local"
) -> instance.ManagedInstance:
    return instance.ManagedInstance(
        resource=resource(instance.ManagedInstance.kind, INSTANCE_ID),
        minimum_tls=tls,
        public_endpoint=public,
        redundancy=redundancy,
    )


def signs_in(entra_only: bool) -> connections.ServerSignIn:
    return connections.ServerSignIn(resource=sql_server().resource, entra_only=entra_only)


def instance_signs_in(entra_only: bool) -> connections.InstanceSignIn:
    return connections.InstanceSignIn(resource=managed_instance().resource, entra_only=entra_only)


def managed(of: instance.ManagedInstance | None = None) -> managed_database.ManagedDatabase:
    kind = managed_database.ManagedDatabase.kind
    return managed_database.ManagedDatabase(resource=resource(kind, MANAGED_ID), instance=of or managed_instance())


def managed_tde(state: str = "Enabled") -> managed_database.ManagedDatabaseEncryption:
    return managed_database.ManagedDatabaseEncryption(
        resource=managed().resource, instance=managed_instance(), state=state
    )


def region(*pairs: str) -> tuple[Region, ...]:
    return (Region(resource=resource(Region.kind, "/subscriptions/s1/locations/westeurope"), pairs=pairs),)


def firewall(*ranges: tuple[int, int]) -> tuple[server.ServerFirewall, ...]:
    rules_ = tuple(server.AddressRange(name=f"r{n}", first=a, last=z) for n, (a, z) in enumerate(ranges))
    return (server.ServerFirewall(resource=sql_server().resource, ranges=rules_),)


def body(id: str, **properties: object) -> dict[str, object]:
    return {"id": id, "name": id.rsplit("/", 1)[-1], "location": "West Europe", "tags": {}, "properties": properties}


def test_servers_are_read_and_absent_settings_stay_absent() -> None:
    listed = [body(SERVER_ID, minimalTlsVersion="1.2", publicNetworkAccess="Disabled"), body(SERVER_ID)]
    replies = {"Microsoft.Sql/servers@2021-11-01": {"value": listed}}
    assert read(server.servers, arm(replies)) == [sql_server("1.2", "Disabled"), sql_server(None, None)]


def test_databases_of_a_server_are_read_below_it() -> None:
    source = Recorded(
        {
            "Microsoft.Sql/servers/databases@2025-01-01": {
                "value": [
                    body(f"{SERVER_ID}/databases/master"),
                    body(
                        DATABASE_ID,
                        encryptionProtector="https://v.vault.azure.net/keys/k/1",
                        isInfraEncryptionEnabled=False,
                        currentBackupStorageRedundancy="Local",
                        requestedBackupStorageRedundancy="Geo",
                    ),
                ]
            }
        }
    )
    found = read(database.databases, session_of(ArmSession, source, place("azure", "s1", "global")), sql_server())
    assert found == [sql_database("master", redundancy=None), sql_database("app", True, False, "Local")]
    assert source.asked[0][1]["path"] == f"{SERVER_ID}/databases"


def test_encryption_is_asked_of_each_database() -> None:
    name = "Microsoft.Sql/servers/databases/transparentDataEncryption/current@2021-11-01"
    source = Recorded({name: body(DATABASE_ID, state="Enabled")})
    session = session_of(ArmSession, source, place("azure", "s1", "global"))
    assert read(database.database_encryption, session, sql_database()) == [tde()]
    assert source.asked[0][1]["path"] == f"{DATABASE_ID}/transparentDataEncryption/current"


def test_encryption_without_a_state_is_malformed() -> None:
    name = "Microsoft.Sql/servers/databases/transparentDataEncryption/current@2021-11-01"
    with pytest.raises(KeyError):
        read(database.database_encryption, arm({name: body(DATABASE_ID, status="Enabled")}), sql_database())


def test_a_refused_read_of_the_protector_is_a_gap() -> None:
    name = "Microsoft.Sql/servers/encryptionProtector/current@2021-11-01"
    with pytest.raises(GapFound) as found:
        read(server.server_protector, arm({name: Cause.ACCESS_DENIED}), sql_server())
    assert found.value.gap.permission == "Microsoft.Sql/servers/encryptionProtector/read"


def test_the_protector_of_a_server_is_read() -> None:
    name = "Microsoft.Sql/servers/encryptionProtector/current@2021-11-01"
    (found,) = read(server.server_protector, arm({name: body(SERVER_ID, serverKeyType="AzureKeyVault")}), sql_server())
    assert found == server.ServerProtector(resource=sql_server().resource, key_type="AzureKeyVault")


@pytest.mark.parametrize(
    ("reader", "parent", "above", "fact"),
    [
        (connections.server_sign_in, sql_server(), "servers", signs_in(True)),
        (connections.instance_sign_in, managed_instance(), "managedInstances", instance_signs_in(True)),
    ],
)
def test_who_may_sign_in_is_asked_of_the_server(reader: Reader, parent: Fact, above: str, fact: Fact) -> None:
    name = f"Microsoft.Sql/{above}/azureADOnlyAuthentications/Default@2021-11-01"
    source = Recorded({name: body("x", azureADOnlyAuthentication=True)})
    assert read(reader, session_of(ArmSession, source, place("azure", "s1", "global")), parent) == [fact]
    assert source.asked[0][1]["path"] == f"{parent.resource.id}/azureADOnlyAuthentications/Default"
    with pytest.raises(KeyError):
        read(reader, arm({name: body("x")}), parent)
    with pytest.raises(GapFound) as found:
        read(reader, arm({name: Cause.ACCESS_DENIED}), parent)
    assert found.value.gap.permission == f"Microsoft.Sql/{above}/azureADOnlyAuthentications/read"


def test_all_firewall_rules_of_a_server_are_one_fact() -> None:
    rule = body(f"{SERVER_ID}/firewallRules/r0", startIpAddress="0.0.0.0", endIpAddress="255.255.255.255")
    replies = {"Microsoft.Sql/servers/firewallRules@2021-11-01": {"value": [rule]}}
    assert read(server.server_firewall, arm(replies), sql_server()) == list(firewall((0, 2**32 - 1)))


SHORT = "Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies/default@2021-11-01"
LONG = "Microsoft.Sql/servers/databases/backupLongTermRetentionPolicies/default@2021-11-01"


def test_the_retentions_of_a_database_are_read_in_days() -> None:
    (short,) = read(backups.short_term_retention, arm({SHORT: body("x", retentionDays=7)}), sql_database())
    kept = {"weeklyRetention": "P5W", "monthlyRetention": "P12M", "yearlyRetention": "P1Y", "weekOfYear": 1}
    (long,) = read(backups.long_term_retention, arm({LONG: body("x", **kept)}), sql_database())
    (none,) = read(backups.long_term_retention, arm({LONG: body("x", weeklyRetention="PT0S")}), sql_database())
    assert (short, long, none) == (
        backups.ShortTermRetention(resource=sql_database().resource, days=7),
        backups.LongTermRetention(resource=sql_database().resource, days=372),
        backups.LongTermRetention(resource=sql_database().resource, days=0),
    )


def test_a_retention_that_is_no_duration_is_malformed() -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        read(backups.long_term_retention, arm({LONG: body("x", yearlyRetention="forever")}), sql_database())


def test_master_is_not_asked_for_retention() -> None:
    assert read(backups.short_term_retention, arm({}), sql_database("master")) == []
    assert read(backups.long_term_retention, arm({}), sql_database("master")) == []


def test_managed_instances_and_their_databases_are_read() -> None:
    at = "Microsoft.Sql/managedInstances"
    found = body(
        INSTANCE_ID, minimalTlsVersion="1.2", publicDataEndpointEnabled=False, requestedBackupStorageRedundancy="Local"
    )
    session = arm(
        {
            f"{at}@2021-11-01": {"value": [found]},
            f"{at}/databases@2021-11-01": {"value": [body(MANAGED_ID)]},
            f"{at}/encryptionProtector/current@2021-11-01": body(INSTANCE_ID, serverKeyType="ServiceManaged"),
            f"{at}/databases/transparentDataEncryption/current@2021-11-01": body(MANAGED_ID, state="Enabled"),
            f"{at}/databases/backupShortTermRetentionPolicies/default@2021-11-01": body("x", retentionDays=35),
            f"{at}/databases/backupLongTermRetentionPolicies/default@2021-11-01": body("x", weeklyRetention="P1W"),
        }
    )
    assert read(instance.managed_instances, session) == [managed_instance()]
    assert read(managed_database.managed_databases, session, managed_instance()) == [managed()]
    assert read(instance.instance_protector, session, managed_instance()) == [
        instance.InstanceProtector(resource=managed_instance().resource, key_type="ServiceManaged")
    ]
    assert read(managed_database.managed_encryption, session, managed()) == [managed_tde()]
    assert read(managed_database.managed_short_term_retention, session, managed()) == [
        managed_database.ManagedShortTermRetention(resource=managed().resource, days=35)
    ]
    assert read(managed_database.managed_long_term_retention, session, managed()) == [
        managed_database.ManagedLongTermRetention(resource=managed().resource, days=7)
    ]


TLS12, TLS13 = TlsMinimum(version=TlsVersion.TLS12), TlsMinimum(version=TlsVersion.TLS13)
SPEAKS12 = TlsMinimum(version=TlsVersion.TLS12, reading="supported")
SPEAKS13 = TlsMinimum(version=TlsVersion.TLS13, reading="supported")
NO_RULE = Unknown(Cause.NOT_SUPPORTED, "has the minimum TLS version '2.0', for which there is no rule")


@pytest.mark.parametrize(
    ("setting", "claim", "outcome"),
    [
        ("1.2", TLS12, Pass("admits TLS 1.2 and newer only")),
        ("1.3", TLS12, Pass("admits TLS 1.3 and newer only")),
        ("1.1", TLS12, Fail("admits TLS 1.1")),
        ("1.2", TLS13, Fail("admits TLS 1.2")),
        ("None", TLS12, Fail("sets no minimum TLS version")),
        (None, TLS12, rules.UNSTATED),
        ("2.0", TLS12, NO_RULE),
        ("1.0", SPEAKS12, Pass("has the minimum TLS 1.0")),
        ("1.3", SPEAKS12, Fail("refuses TLS 1.2: its minimum is TLS 1.3")),
        ("1.3", SPEAKS13, Pass("has the minimum TLS 1.3")),
        (
            "1.2",
            SPEAKS13,
            Unknown(Cause.NOT_SUPPORTED, "has the minimum TLS 1.2, which does not tell whether it speaks TLS 1.3"),
        ),
    ],
)
def test_the_minimum_version_decides_and_an_absent_one_decides_nothing(
    setting: str | None, claim: TlsMinimum, outcome: Outcome
) -> None:
    assert judge(server.server_tls, sql_server(setting), claim) == outcome
    assert judge(instance.instance_tls, managed_instance(setting), claim) == outcome


@pytest.mark.parametrize(
    ("setting", "outcome"),
    [
        (
            "1.0",
            Pass("refuses connections below TLS 1.0, those without TLS included", Basis.PROVIDER_GUARANTEE),
        ),
        ("None", Fail("sets no minimum TLS version, which once admitted connections without TLS")),
        (None, rules.UNSTATED),
        ("2.0", NO_RULE),
    ],
)
def test_any_minimum_refuses_clear_text(setting: str | None, outcome: Outcome) -> None:
    assert judge(connections.clear_text, sql_database(tls=setting), ClearTextRefused()) == outcome
    of = managed(managed_instance(setting))
    assert judge(connections.managed_clear_text, of, ClearTextRefused()) == outcome


ENTRA = Pass("accepts Microsoft Entra identities only")
PASSWORDS = Fail("accepts logins with SQL passwords, the server administrator's among them")
UNSEEN = Unknown(Cause.DISAGREEMENT, "is on a server whose ways to sign in were not seen")
REFUSED = Gap(cause=Cause.ACCESS_DENIED, detail="no", operation="o", permission="p")


@pytest.mark.parametrize(
    ("fact", "servers", "instances", "outcome"),
    [
        (sql_database(), (signs_in(True),), (instance_signs_in(True),), ENTRA),
        (sql_database("master"), (signs_in(False),), (instance_signs_in(False),), PASSWORDS),
        (sql_database(), (), (), UNSEEN),
        (
            sql_database(),
            Incomplete.of((), REFUSED),
            Incomplete.of((), REFUSED),
            Unknown(Cause.ACCESS_DENIED, "no", "p"),
        ),
    ],
)
def test_only_entra_names_its_principals(
    fact: database.Database, servers: tuple[Fact, ...], instances: tuple[Fact, ...], outcome: Outcome
) -> None:
    assert judge(connections.named_principals, fact, NamedPrincipalsOnly(), servers) == outcome
    assert judge(connections.managed_named_principals, managed(), NamedPrincipalsOnly(), instances) == outcome


MASTER = sql_database("master", redundancy=None)
OFF = Fail("is not encrypted by TDE")
TDE_STATE = Unknown(Cause.NOT_SUPPORTED, "has the TDE state 'New', for which there is no rule")
AT_REST = Pass("is encrypted by TDE, for which Azure documents AES-256")
BACKUPS = Pass("is encrypted by TDE, and its backups with it", Basis.PROVIDER_GUARANTEE)
SIGNED_IN = Pass("answers nobody who has not signed in", Basis.PROVIDER_GUARANTEE)
NO_SECOND = Unknown(Cause.NOT_SUPPORTED, "is encrypted by TDE, and ARM does not tell of a second layer")


@pytest.mark.parametrize(
    ("check", "fact", "claim", "outcome"),
    [
        (database.encryption, tde(), EncryptedAtRest(), AT_REST),
        (database.encryption, tde("Disabled"), EncryptedAtRest(), OFF),
        (database.encryption, tde("New"), EncryptedAtRest(), TDE_STATE),
        (database.encryption, tde("Disabled", MASTER), EncryptedAtRest(), database.SYSTEM),
        (database.backup_encryption, tde(), BackupsEncrypted(), BACKUPS),
        (
            database.backup_encryption,
            tde("Disabled"),
            BackupsEncrypted(),
            Fail("is not encrypted by TDE, and neither are its backups"),
        ),
        (database.backup_encryption, tde("New"), BackupsEncrypted(), TDE_STATE),
        (database.backup_encryption, tde("Disabled", MASTER), BackupsEncrypted(), database.SYSTEM),
        (
            database.double_encryption,
            tde(of=sql_database(infrastructure=True)),
            DoubleEncrypted(),
            Pass("is encrypted by TDE and again by its infrastructure"),
        ),
        (
            database.double_encryption,
            tde(of=sql_database(infrastructure=False)),
            DoubleEncrypted(),
            Fail("has one layer: TDE, with infrastructure encryption off"),
        ),
        (database.double_encryption, tde(), DoubleEncrypted(), NO_SECOND),
        (database.double_encryption, tde("Disabled", sql_database(infrastructure=True)), DoubleEncrypted(), OFF),
        (database.double_encryption, tde("Disabled", MASTER), DoubleEncrypted(), database.SYSTEM),
        (database.public, sql_database(), NoPublicAccess(), SIGNED_IN),
        (database.provider, sql_database(), HostedBy(provider="azure"), Pass("runs at Azure in westeurope")),
        (managed_database.managed_at_rest, managed_tde(), EncryptedAtRest(), AT_REST),
        (managed_database.managed_at_rest, managed_tde("Disabled"), EncryptedAtRest(), OFF),
        (managed_database.managed_backup_encryption, managed_tde(), BackupsEncrypted(), BACKUPS),
        (managed_database.managed_backup_encryption, managed_tde("New"), BackupsEncrypted(), TDE_STATE),
        (managed_database.managed_double_encryption, managed_tde(), DoubleEncrypted(), NO_SECOND),
        (managed_database.managed_double_encryption, managed_tde("Disabled"), DoubleEncrypted(), OFF),
        (managed_database.managed_public, managed(), NoPublicAccess(), SIGNED_IN),
        (managed_database.managed_provider, managed(), HostedBy(provider="aws"), Fail("runs at Azure in westeurope")),
        (managed_database.managed_network, managed(), NetworkRestricted(), Pass("has no public endpoint")),
        (
            managed_database.managed_network,
            managed(managed_instance(public=True)),
            NetworkRestricted(),
            Unknown(
                Cause.NOT_SUPPORTED, "has a public endpoint behind a network security group, which is not read here"
            ),
        ),
        (
            managed_database.managed_network,
            managed(managed_instance(public=None)),
            NetworkRestricted(),
            Unknown(Cause.NOT_SUPPORTED, "has the public data endpoint setting None, for which there is no rule"),
        ),
    ],
)
def test_facts_are_judged(check: Check, fact: Fact, claim: Claim, outcome: Outcome) -> None:
    assert judge(check, fact, claim) == outcome


OURS = Pass("is encrypted by TDE under a key of yours in Key Vault")
THEIRS = Fail("is encrypted by TDE under a key that Azure manages")


@pytest.mark.parametrize(
    ("fact", "protector", "outcome"),
    [
        (tde(), "AzureKeyVault", OURS),
        (tde(), "ServiceManaged", THEIRS),
        (tde(), "New", Unknown(Cause.NOT_SUPPORTED, "has the TDE protector 'New', for which there is no rule")),
        (tde(), None, Unknown(Cause.NOT_SUPPORTED, "has the TDE protector None, for which there is no rule")),
        (tde(of=sql_database(own_key=True)), "ServiceManaged", OURS),
        (tde("Disabled"), "AzureKeyVault", Fail("is not encrypted by TDE, so no key of yours protects it")),
        (tde("New"), "AzureKeyVault", TDE_STATE),
        (tde("Disabled", MASTER), "AzureKeyVault", database.SYSTEM),
    ],
)
def test_a_database_is_under_its_own_key_or_that_of_its_server(
    fact: database.DatabaseEncryption, protector: str | None, outcome: Outcome
) -> None:
    protectors = (server.ServerProtector(resource=sql_server().resource, key_type=protector),)
    assert judge(database.customer_key, fact, CustomerManagedKeys(), protectors) == outcome


@pytest.mark.parametrize(("protector", "outcome"), [("AzureKeyVault", OURS), ("ServiceManaged", THEIRS)])
def test_a_managed_database_is_under_the_key_of_its_instance(protector: str, outcome: Outcome) -> None:
    protectors = (instance.InstanceProtector(resource=managed_instance().resource, key_type=protector),)
    assert judge(managed_database.managed_customer_key, managed_tde(), CustomerManagedKeys(), protectors) == outcome


EVERY_TENANT = Fail("admits the Azure resources of every tenant by the server's firewall rule r0")
HALF = Fail("admits half of the internet or more by the server's firewall rule r1")


@pytest.mark.parametrize(
    ("public", "firewalls", "outcome"),
    [
        ("Disabled", (), Pass("is closed to the public network")),
        ("Enabled", firewall(), Pass("denies all but the ranges of its firewall rules (0)")),
        (None, firewall((5, 5)), Pass("denies all but the ranges of its firewall rules (1)")),
        ("Enabled", firewall((0, 0)), EVERY_TENANT),
        ("Enabled", firewall((5, 5), (0, 2**32 - 1)), HALF),
        ("Enabled", firewall((5, 5), (2**31, 2**32 - 1)), HALF),
        ("Enabled", firewall((2**31 + 1, 2**32 - 1)), Pass("denies all but the ranges of its firewall rules (1)")),
        (
            "SecuredByPerimeter",
            firewall((0, 0)),
            Pass("is behind a network security perimeter, and so not open to all networks"),
        ),
        (
            "New",
            firewall(),
            Unknown(Cause.NOT_SUPPORTED, "has the public network access 'New', for which there is no rule"),
        ),
        ("Enabled", (), Unknown(Cause.DISAGREEMENT, "is on a server whose firewall rules were not seen")),
    ],
)
def test_a_database_answers_whom_its_server_admits(
    public: str | None, firewalls: tuple[server.ServerFirewall, ...], outcome: Outcome
) -> None:
    assert judge(database.network, sql_database(public=public), NetworkRestricted(), firewalls) == outcome


HERE = HostedIn(regions=("West Europe",))


@pytest.mark.parametrize(
    ("redundancy", "claim", "regions", "outcome"),
    [
        ("Local", HERE, (), Pass("lies in westeurope")),
        ("Zone", HostedIn(regions=("northeurope",)), (), Fail("lies in westeurope")),
        ("Geo", HERE, region("northeurope"), Fail("lies in westeurope and keeps backups in northeurope")),
        (
            "GeoZone",
            HostedIn(regions=("westeurope", "northeurope")),
            region("northeurope"),
            Pass("lies in westeurope, backups included: northeurope"),
        ),
        ("Geo", HERE, region(), Pass("lies in westeurope, backups included: the region has no pair")),
        (
            "Geo",
            HERE,
            (),
            Unknown(Cause.DISAGREEMENT, "lies in westeurope, which is not among the subscription's regions"),
        ),
        ("New", HostedIn(regions=("northeurope",)), (), Fail("lies in westeurope")),
        (
            None,
            HERE,
            (),
            Unknown(Cause.NOT_SUPPORTED, "has the backup storage redundancy None, for which there is no rule"),
        ),
    ],
)
def test_geo_redundant_backups_lie_in_the_paired_region_too(
    redundancy: str | None, claim: HostedIn, regions: tuple[Region, ...], outcome: Outcome
) -> None:
    assert judge(database.region, sql_database(redundancy=redundancy), claim, regions) == outcome
    of = managed(managed_instance(redundancy=redundancy))
    assert judge(managed_database.managed_region, of, claim, regions) == outcome


def test_master_has_a_region_and_no_backups_of_its_own() -> None:
    assert judge(database.region, MASTER, HERE, ()) == Pass("lies in westeurope")
    assert isinstance(database.SYSTEM, NotApplicable)


SHORT_FACTS = (
    (backups.ShortTermRetention, backups.short_term_deletion, backups.backed_up),
    (
        managed_database.ManagedShortTermRetention,
        managed_database.managed_short_term_deletion,
        managed_database.managed_backed_up,
    ),
)
LONG_FACTS = (
    (backups.LongTermRetention, backups.long_term_deletion),
    (managed_database.ManagedLongTermRetention, managed_database.managed_long_term_deletion),
)


@pytest.mark.parametrize(("kind", "deletion", "backed_up"), SHORT_FACTS)
def test_point_in_time_backups_exist_and_expire(kind: type[Fact], deletion: Check, backed_up: Check) -> None:
    def kept(days: int) -> Fact:
        return kind(resource=sql_database().resource, days=days)  # type: ignore[call-arg]

    promise = DeletedWithin(days=7)
    assert judge(deletion, kept(7), promise) == Pass("keeps point-in-time backups for 7 days")
    assert judge(deletion, kept(8), promise) == Fail("keeps point-in-time backups for 8 days")
    reason = "is backed up by the service and can be restored to any instant of 7 days"
    assert judge(backed_up, kept(7), BackupsExist()) == Pass(reason, Basis.PROVIDER_GUARANTEE)
    assert judge(backed_up, kept(0), BackupsExist()) == Fail("keeps no automated backups")


@pytest.mark.parametrize(("kind", "deletion"), LONG_FACTS)
@pytest.mark.parametrize(
    ("days", "outcome"),
    [
        (0, Pass("keeps long-term backups for 0 days")),
        (60, Pass("keeps long-term backups for 60 days")),
        (61, Fail("keeps long-term backups for 61 days")),
    ],
)
def test_long_term_backups_break_a_shorter_promise(
    kind: type[Fact], deletion: Check, days: int, outcome: Outcome
) -> None:
    fact = kind(resource=sql_database().resource, days=days)  # type: ignore[call-arg]
    assert judge(deletion, fact, DeletedWithin(days=60)) == outcome


@pytest.mark.parametrize(("public", "names"), [("Enabled", 1), (None, 1), ("Disabled", 0)])
def test_a_server_tells_its_name_unless_it_is_closed_to_the_public_network(public: str | None, names: int) -> None:
    reach: dict[str, object] = {} if public is None else {"publicNetworkAccess": public}
    listed = [body(SERVER_ID, fullyQualifiedDomainName="Main.database.windows.net", **reach)]
    (fact,) = read(server.servers, arm({"Microsoft.Sql/servers@2021-11-01": {"value": listed}}))
    assert [(name.host, name.ports) for name in fact.exposes()] == [("main.database.windows.net", ())] * names
