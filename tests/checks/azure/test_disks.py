"""Managed disks and snapshots: what is read and how it is judged."""

from collections.abc import Mapping

import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Basis, Check, Fail, NotApplicable, Outcome, Pass, Unknown
from posture.claims import (
    BackupsEncrypted,
    Claim,
    CustomerManagedKeys,
    DeletedWithin,
    DoubleEncrypted,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NetworkRestricted,
    NoPublicAccess,
    NotShared,
)
from posture.model import Cause, Fact, Resource
from posture.session import GapFound
from posture_azure.disks import encryption, exposure, facts
from posture_azure.session import ArmSession

GROUP = "/subscriptions/s1/resourceGroups/G/providers/Microsoft.Compute"
DISKS = "Microsoft.Compute/disks@2024-03-02"
SNAPSHOTS = "Microsoft.Compute/snapshots@2024-03-02"
SETS = "Microsoft.Compute/diskEncryptionSets@2024-03-02"
SET_ID = f"{GROUP}/diskEncryptionSets/keys".lower()


def arm(replies: Mapping[str, object]) -> ArmSession:
    session: ArmSession = session_of(ArmSession, Recorded(replies), place("azure", "s1", "global"))
    return session


def body(kind: str, **properties: object) -> dict[str, object]:
    return {"id": f"{GROUP}/{kind}/One", "location": "West Europe", "tags": {"env": "prod"}, "properties": properties}


def resource(kind: str = facts.Disk.kind, name: str = "one") -> Resource:
    return Resource(
        id=f"{GROUP}/{kind.rpartition('/')[2]}/{name}".lower(),
        kind=kind,
        cloud="azure",
        account="s1",
        region="westeurope",
        name="One",
        tags=(("env", "prod"),),
    )


def disk(
    type: str | None = encryption.PLATFORM, set_id: str = "", guest: bool = False, **export: str | None
) -> facts.Disk:
    return facts.Disk(resource=resource(), encryption=enc(type, set_id, guest), export=exp(**export))


def snapshot(type: str | None = encryption.PLATFORM, age: int | None = 1, **export: str | None) -> facts.Snapshot:
    return facts.Snapshot(
        resource=resource(facts.Snapshot.kind), encryption=enc(type, "", False), export=exp(**export), age_days=age
    )


def enc(type: str | None, set_id: str, guest: bool) -> facts.Encryption:
    return facts.Encryption(type=type, encryption_set=set_id, guest=guest)


def exp(
    policy: str | None = "AllowAll", public: str | None = "Enabled", state: str | None = "Attached"
) -> facts.Export:
    return facts.Export(policy=policy, public=public, state=state)


def key_set(type: str | None) -> facts.DiskEncryptionSet:
    return facts.DiskEncryptionSet(
        resource=Resource(
            id=SET_ID, kind=facts.DiskEncryptionSet.kind, cloud="azure", account="s1", region="westeurope", name="keys"
        ),
        type=type,
    )


def test_disks_of_every_page_are_read_with_lower_case_ids() -> None:
    link = f"https://management.azure.com{GROUP}?$skiptoken=2"
    first = body(
        "disks",
        encryption={"type": encryption.CUSTOMER, "diskEncryptionSetId": SET_ID.upper()},
        encryptionSettingsCollection={"enabled": True},
        networkAccessPolicy="DenyAll",
        publicNetworkAccess="Disabled",
        diskState="Attached",
    )
    found = read(facts.disks, arm({DISKS: [{"value": [first], "nextLink": link}, {"value": [body("disks")]}]}))
    assert found == [
        disk(encryption.CUSTOMER, SET_ID, True, policy="DenyAll", public="Disabled", state="Attached"),
        disk(None, policy=None, public=None, state=None),
    ]


def test_a_subscription_without_disks_gives_no_facts() -> None:
    assert read(facts.disks, arm({DISKS: {"value": []}})) == []


def test_a_refused_listing_is_a_gap() -> None:
    with pytest.raises(GapFound) as found:
        read(facts.snapshots, arm({SNAPSHOTS: Cause.ACCESS_DENIED}))
    assert found.value.gap.permission == "Microsoft.Compute/snapshots/read"


@pytest.mark.parametrize(
    ("created", "age"),
    [
        ("2026-11-23T12:00:00.1234567+00:00", 1),
        ("2026-11-23T11:59:59Z", 2),
        ("0001-01-01T00:00:00Z", None),
        (None, None),
    ],
)
def test_the_age_of_a_snapshot_counts_begun_days(created: str | None, age: int | None) -> None:
    (found,) = read(facts.snapshots, arm({SNAPSHOTS: {"value": [body("snapshots", timeCreated=created)]}}))
    assert isinstance(found, facts.Snapshot)
    assert found.age_days == age


def test_the_type_of_an_encryption_set_is_read() -> None:
    (found,) = read(
        facts.disk_encryption_sets,
        arm({SETS: {"value": [body("diskEncryptionSets", encryptionType=encryption.DOUBLE)]}}),
    )
    assert isinstance(found, facts.DiskEncryptionSet)
    assert found.type == encryption.DOUBLE


GUARANTEED = Pass(encryption.AT_REST, Basis.PROVIDER_GUARANTEE)
UNFAMILIAR = Unknown(Cause.NOT_SUPPORTED, "has the encryption type 'New', for which there is no rule")


@pytest.mark.parametrize(
    ("check", "fact", "claim", "outcome"),
    [
        (encryption.disk_encryption, disk(), EncryptedAtRest(), GUARANTEED),
        (encryption.disk_encryption, disk(None), EncryptedAtRest(), GUARANTEED),
        (encryption.disk_encryption, disk("New"), EncryptedAtRest(), UNFAMILIAR),
        (encryption.snapshot_encryption, snapshot(), EncryptedAtRest(), GUARANTEED),
        (encryption.snapshot_backup_encryption, snapshot(), BackupsEncrypted(), GUARANTEED),
        (encryption.snapshot_backup_encryption, snapshot("New"), BackupsEncrypted(), UNFAMILIAR),
        (exposure.snapshot_age, snapshot(age=60), DeletedWithin(days=60), Pass("was taken at most 60 days ago")),
        (exposure.snapshot_age, snapshot(age=61), DeletedWithin(days=60), Fail("keeps what its disk held 61 days ago")),
        (
            exposure.snapshot_age,
            snapshot(age=None),
            DeletedWithin(),
            Unknown(Cause.NOT_SUPPORTED, "tells no time of creation"),
        ),
        (exposure.disk_region, disk(), HostedIn(regions=("West Europe",)), Pass("lies in westeurope")),
        (exposure.disk_region, disk(), HostedIn(regions=("northeurope",)), Fail("lies in westeurope")),
        (exposure.snapshot_region, snapshot(), HostedIn(regions=("westeurope",)), Pass("lies in westeurope")),
        (exposure.disk_provider, disk(), HostedBy(provider="azure"), Pass("runs at Azure in westeurope")),
        (exposure.snapshot_provider, snapshot(), HostedBy(provider="aws"), Fail("runs at Azure in westeurope")),
        (
            exposure.snapshot_sharing,
            snapshot(),
            NotShared(),
            Pass("cannot be shared with another tenant: ARM has no such setting", Basis.PROVIDER_GUARANTEE),
        ),
    ],
)
def test_facts_are_judged(check: Check, fact: Fact, claim: Claim, outcome: Outcome) -> None:
    assert judge(check, fact, claim) == outcome


ONE_LAYER = Fail(f"has one layer of encryption at rest ({encryption.CUSTOMER})")
TWICE = Pass("is encrypted twice: under a platform key and under a key of yours")


@pytest.mark.parametrize(
    ("fact", "sets", "outcome"),
    [
        (disk(encryption.DOUBLE), (), TWICE),
        (disk(encryption.CUSTOMER), (), ONE_LAYER),
        (disk(None), (), Fail(f"has one layer of encryption at rest ({encryption.PLATFORM})")),
        (disk(None, SET_ID), (key_set(encryption.DOUBLE),), TWICE),
        (disk(None, SET_ID), (key_set(encryption.CUSTOMER),), ONE_LAYER),
        (disk(None, SET_ID), (key_set("New"),), UNFAMILIAR),
        (disk("New"), (), UNFAMILIAR),
        (disk(None, SET_ID), (), Unknown(Cause.DISAGREEMENT, f"names {SET_ID}, which the subscription does not list")),
    ],
)
def test_only_the_combined_type_is_two_layers(
    fact: facts.Disk, sets: tuple[facts.DiskEncryptionSet, ...], outcome: Outcome
) -> None:
    assert judge(encryption.disk_double_encryption, fact, DoubleEncrypted(), sets) == outcome


@pytest.mark.parametrize("fact", [disk(encryption.CONFIDENTIAL), disk(encryption.PLATFORM, guest=True)])
def test_layers_inside_the_machine_are_not_told_by_arm(fact: facts.Disk) -> None:
    outcome = judge(encryption.disk_double_encryption, fact, DoubleEncrypted(), ())
    assert isinstance(outcome, Unknown)
    assert outcome.cause == Cause.NOT_SUPPORTED


def test_a_snapshot_is_asked_for_its_own_layers() -> None:
    assert judge(encryption.snapshot_double_encryption, snapshot(encryption.DOUBLE), DoubleEncrypted(), ()) == TWICE
    assert (
        judge(encryption.snapshot_double_encryption, snapshot(encryption.CUSTOMER), DoubleEncrypted(), ()) == ONE_LAYER
    )


@pytest.mark.parametrize(
    ("type", "outcome"),
    [
        (encryption.CUSTOMER, Pass(f"uses a key of yours ({encryption.CUSTOMER})")),
        (encryption.DOUBLE, Pass(f"uses a key of yours ({encryption.DOUBLE})")),
        (encryption.PLATFORM, Fail("is encrypted under a key of the platform")),
        ("New", UNFAMILIAR),
    ],
)
def test_a_platform_key_is_no_customer_key(type: str, outcome: Outcome) -> None:
    assert judge(encryption.disk_customer_key, disk(type), CustomerManagedKeys(), ()) == outcome


NOT_OUT = "answers no network: no export URL is out (Attached), though any network could use one"


@pytest.mark.parametrize(
    ("export", "outcome"),
    [
        ({"policy": "DenyAll"}, Pass("closes export to the public network (DenyAll)")),
        ({"policy": "AllowPrivate"}, Pass("closes export to the public network (AllowPrivate)")),
        ({"public": "Disabled", "policy": None}, Pass("closes export to the public network (Disabled)")),
        ({}, NotApplicable(NOT_OUT)),
        ({"policy": None, "public": None}, NotApplicable(NOT_OUT)),
        ({"state": "ActiveSAS"}, Fail("has an export URL out that every network can use (ActiveSAS)")),
        (
            {"policy": "New"},
            Unknown(Cause.NOT_SUPPORTED, "has the network access policy 'New', for which there is no rule"),
        ),
        (
            {"public": "New"},
            Unknown(Cause.NOT_SUPPORTED, "has the public network access 'New', for which there is no rule"),
        ),
        ({"state": None}, Unknown(Cause.NOT_SUPPORTED, "admits export from every network, and ARM tells no state")),
    ],
)
def test_an_open_export_url_is_what_answers_networks(export: dict[str, str | None], outcome: Outcome) -> None:
    assert judge(exposure.disk_network, disk(**export), NetworkRestricted()) == outcome  # type: ignore[arg-type]
    assert judge(exposure.snapshot_network, snapshot(**export), NetworkRestricted()) == outcome  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("export", "kind"),
    [
        ({}, Pass),
        ({"policy": "DenyAll", "state": "ActiveSAS"}, Pass),
        ({"state": "ActiveSAS"}, Unknown),
        ({"state": None}, Unknown),
    ],
)
def test_a_snapshot_is_private_unless_an_export_url_is_out(export: dict[str, str | None], kind: type) -> None:
    assert isinstance(judge(exposure.snapshot_public, snapshot(**export), NoPublicAccess()), kind)  # type: ignore[arg-type]
