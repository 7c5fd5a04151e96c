"""EC2: what is read of block storage, images and instances, and how it is judged."""

from typing import Any

import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Basis, Check, Fail, Incomplete, NotApplicable, Outcome, Pass, Unknown
from posture.claims import (
    BackupsEncrypted,
    DeletedWithin,
    EncryptedAtRest,
    EncryptionByDefault,
    HostedBy,
    HostedIn,
    NoPublicAccess,
    NotShared,
)
from posture.model import Cause, Fact, Gap
from posture.reader import GapFound, Reader
from posture_aws.ec2 import defaults, hosting, images, instances, snapshots, volumes
from posture_aws.session import AwsSession

OWN, FOREIGN = "123456789012", "210987654321"


def volume(**changes: object) -> dict[str, object]:
    key = f"arn:aws:kms:us-east-1:{OWN}:key/1"
    return {"VolumeId": "vol-1", "Encrypted": True, "KmsKeyId": key, "AvailabilityZone": "us-east-1a"} | changes


def snapshot(**changes: object) -> dict[str, object]:
    return {"SnapshotId": "snap-1", "Encrypted": True, "StartTime": "2026-11-22T12:00:00+00:00"} | changes


def disk(name: str = "/dev/sda1", **changes: object) -> dict[str, object]:
    return {"DeviceName": name, "Ebs": {"SnapshotId": "snap-1", "Encrypted": True} | changes}


def image(*disks: dict[str, object], **changes: object) -> dict[str, object]:
    return {"ImageId": "ami-1", "Public": False, "BlockDeviceMappings": list(disks)} | changes


def instance(**changes: object) -> dict[str, object]:
    placed = {"AvailabilityZone": "us-east-1a"}
    return {"InstanceId": "i-1", "State": {"Name": "running"}, "Placement": placed} | changes


def known(reader: Reader, reply: Any, parent: Fact | None = None) -> Any:
    """The one fact that a reader makes of one reply."""
    (fact,) = read(reader, session_of(AwsSession, Recorded({reader.operation: reply})), parent)
    return fact


def of_volume(**changes: object) -> Any:
    return known(volumes.volumes, {"Volumes": [volume(**changes)]})


def of_snapshot(**changes: object) -> Any:
    return known(snapshots.snapshots, {"Snapshots": [snapshot(**changes)]})


def of_image(*disks: dict[str, object], **changes: object) -> Any:
    return known(images.images, {"Images": [image(*disks, **changes)]})


def of_instance(**changes: object) -> Any:
    return known(instances.instances, {"Reservations": [{"Instances": [instance(**changes)]}]})


def missing(kind: type[Fact]) -> tuple[Fact, ...]:
    return Incomplete.of((), Gap(cause=Cause.ACCESS_DENIED, detail=f"no {kind.__name__}", operation="ec2:Get"))


@pytest.mark.parametrize(
    ("reader", "pages", "ids", "asked"),
    [
        (
            volumes.volumes,
            [{"Volumes": [volume()], "NextToken": "n"}, {"Volumes": [volume(VolumeId="vol-2")]}],
            [f"arn:aws:ec2:us-east-1:{OWN}:volume/vol-1", f"arn:aws:ec2:us-east-1:{OWN}:volume/vol-2"],
            {"MaxResults": 500},
        ),
        (
            snapshots.snapshots,
            [{"Snapshots": [snapshot()], "NextToken": "n"}, {"Snapshots": [snapshot(SnapshotId="snap-2")]}],
            ["arn:aws:ec2:us-east-1::snapshot/snap-1", "arn:aws:ec2:us-east-1::snapshot/snap-2"],
            {"OwnerIds": ["self"], "MaxResults": 1000},
        ),
        (
            images.images,
            [{"Images": [image()], "NextToken": "n"}, {"Images": [image(ImageId="ami-2")]}],
            ["arn:aws:ec2:us-east-1::image/ami-1", "arn:aws:ec2:us-east-1::image/ami-2"],
            {"Owners": ["self"], "IncludeDisabled": True, "MaxResults": 1000},
        ),
        (
            instances.instances,
            [
                {"Reservations": [{"Instances": [instance()]}], "NextToken": "n"},
                {"Reservations": [{"Instances": [instance(InstanceId="i-2")]}]},
            ],
            [f"arn:aws:ec2:us-east-1:{OWN}:instance/i-1", f"arn:aws:ec2:us-east-1:{OWN}:instance/i-2"],
            {"MaxResults": 1000},
        ),
    ],
)
def test_every_page_of_a_listing_is_read(
    reader: Reader, pages: list[Any], ids: list[str], asked: dict[str, Any]
) -> None:
    source = Recorded({reader.operation: pages})
    facts = read(reader, session_of(AwsSession, source))
    assert [fact.resource.id for fact in facts] == ids
    assert [params for _, params, _ in source.asked] == [asked, asked | {"NextToken": "n"}]


def test_a_terminated_instance_is_not_there() -> None:
    gone = {"Reservations": [{"Instances": [instance(State={"Name": "terminated"})]}]}
    assert read(instances.instances, session_of(AwsSession, Recorded({"ec2:DescribeInstances": gone}))) == []


DETAILS = [
    (snapshots.snapshot_sharing, of_snapshot(), {"Attribute": "createVolumePermission", "SnapshotId": "snap-1"}),
    (images.image_sharing, of_image(), {"Attribute": "launchPermission", "ImageId": "ami-1"}),
    (snapshots.public_snapshots, None, {"OwnerIds": ["self"], "RestorableByUserIds": ["all"], "MaxResults": 1000}),
    (snapshots.snapshot_block, None, {}),
    (defaults.ebs_default, None, {}),
]


@pytest.mark.parametrize(("reader", "parent", "params"), DETAILS)
def test_a_refused_read_is_a_gap(reader: Reader, parent: Fact | None, params: dict[str, Any]) -> None:
    source = Recorded({reader.operation: Cause.ACCESS_DENIED})
    with pytest.raises(GapFound) as found:
        read(reader, session_of(AwsSession, source), parent)
    assert (found.value.gap.cause, found.value.gap.permission) == (Cause.ACCESS_DENIED, reader.operation)
    assert source.asked == [(reader.operation, params, "us-east-1")]


CLEAR = Fail("is stored in the clear")
ENCRYPTED = Pass("is encrypted with AES-256")


@pytest.mark.parametrize(
    ("check", "claim", "fact", "outcome"),
    [
        (volumes.volume_encryption, EncryptedAtRest(), of_volume(), ENCRYPTED),
        (volumes.volume_encryption, EncryptedAtRest(), of_volume(Encrypted=False), CLEAR),
        (snapshots.snapshot_encryption, EncryptedAtRest(), of_snapshot(), ENCRYPTED),
        (snapshots.snapshot_encryption, EncryptedAtRest(), of_snapshot(Encrypted=False), CLEAR),
        (snapshots.snapshot_backup_encryption, BackupsEncrypted(), of_snapshot(), ENCRYPTED),
        (snapshots.snapshot_backup_encryption, BackupsEncrypted(), of_snapshot(Encrypted=False), CLEAR),
        (
            images.image_encryption,
            EncryptedAtRest(),
            of_image(disk(), {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"}),
            Pass("stores /dev/sda1 encrypted with AES-256"),
        ),
        (
            images.image_encryption,
            EncryptedAtRest(),
            of_image(disk(), disk("/dev/sdf", Encrypted=False)),
            Fail("stores /dev/sdf in the clear"),
        ),
        (
            images.image_encryption,
            EncryptedAtRest(),
            of_image({"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 8, "Encrypted": False}}),
            NotApplicable("carries no EBS snapshot"),
        ),
        (
            images.image_backup_encryption,
            BackupsEncrypted(),
            of_image(disk(Encrypted=False)),
            Fail("stores /dev/sda1 in the clear"),
        ),
        (images.image_backup_encryption, BackupsEncrypted(), of_image(), NotApplicable("carries no EBS snapshot")),
        (
            defaults.ebs_default_encryption,
            EncryptionByDefault(),
            known(defaults.ebs_default, {"EbsEncryptionByDefault": True}),
            Pass("encrypts new volumes"),
        ),
        (
            defaults.ebs_default_encryption,
            EncryptionByDefault(),
            known(defaults.ebs_default, {"EbsEncryptionByDefault": False}),
            Fail("leaves new volumes in the clear"),
        ),
    ],
)
def test_what_is_stored_in_the_clear_fails(check: Check, claim: Any, fact: Fact, outcome: Outcome) -> None:
    assert judge(check, fact, claim) == outcome


def public(*ids: str) -> tuple[Fact, ...]:
    return (known(snapshots.public_snapshots, {"Snapshots": [{"SnapshotId": id} for id in ids]}),)


def block(state: str) -> tuple[Fact, ...]:
    return (known(snapshots.snapshot_block, {"State": state}),)


NO_LISTING, NO_BLOCK = missing(snapshots.PublicSnapshots), missing(snapshots.SnapshotBlock)
IN_CLEAR = of_snapshot(Encrypted=False)


@pytest.mark.parametrize(
    ("fact", "listing", "blocks", "outcome"),
    [
        (
            of_snapshot(),
            NO_LISTING,
            NO_BLOCK,
            Pass("is encrypted, and EC2 makes no encrypted snapshot public", Basis.PROVIDER_GUARANTEE),
        ),
        (IN_CLEAR, public("snap-2"), NO_BLOCK, Pass("is not public")),
        (IN_CLEAR, NO_LISTING, NO_BLOCK, Unknown(Cause.ACCESS_DENIED, "no PublicSnapshots")),
        (IN_CLEAR, public("snap-1"), NO_BLOCK, Unknown(Cause.ACCESS_DENIED, "no SnapshotBlock")),
        (IN_CLEAR, public("snap-1"), block("unblocked"), Fail("can be restored by anybody with an AWS account")),
        (
            IN_CLEAR,
            public("snap-1"),
            block("block-new-sharing"),
            Fail("can be restored by anybody with an AWS account"),
        ),
        (
            IN_CLEAR,
            public("snap-1"),
            block("block-all-sharing"),
            Pass("is marked public, and its region's block keeps it private"),
        ),
        (
            IN_CLEAR,
            public("snap-1"),
            block("half"),
            Unknown(Cause.NOT_SUPPORTED, "is marked public; its region's block is in the state half"),
        ),
    ],
)
def test_a_snapshot_is_public_when_all_may_restore_it_and_no_block_stops_them(
    fact: Fact, listing: Any, blocks: Any, outcome: Outcome
) -> None:
    assert judge(snapshots.snapshot_public, fact, NoPublicAccess(), listing, blocks) == outcome


def test_an_image_is_public_when_it_says_so() -> None:
    assert judge(images.image_public, of_image(), NoPublicAccess()) == Pass("is not public")
    outcome = judge(images.image_public, of_image(Public=True), NoPublicAccess())
    assert outcome == Fail("can be launched by anybody with an AWS account")


@pytest.mark.parametrize(
    ("permissions", "allowed", "outcome"),
    [
        ([], (), Pass("is not shared")),
        ([{"UserId": OWN}], (), Pass("is shared with agreed accounts only")),
        ([{"UserId": FOREIGN}], (), Fail(f"is shared with account {FOREIGN}")),
        ([{"UserId": FOREIGN}], (FOREIGN,), Pass("is shared with agreed accounts only")),
        ([{"Group": "all"}], (FOREIGN,), Fail("is shared with everybody")),
        ([{"Group": "some"}], (), Unknown(Cause.NOT_SUPPORTED, "is shared with the group some")),
    ],
)
def test_a_snapshot_is_shared_with_the_accounts_it_names(
    permissions: Any, allowed: tuple[str, ...], outcome: Outcome
) -> None:
    fact = known(snapshots.snapshot_sharing, {"CreateVolumePermissions": permissions}, of_snapshot())
    assert judge(snapshots.snapshot_shared, fact, NotShared(allowed=allowed)) == outcome


ORGANISATION = f"arn:aws:organizations::{FOREIGN}:organization/o-abc"
UNIT = f"arn:aws:organizations::{FOREIGN}:ou/o-abc/ou-1"


@pytest.mark.parametrize(
    ("permissions", "allowed", "outcome"),
    [
        ([], (), Pass("is not shared")),
        ([{"UserId": FOREIGN}], (), Fail(f"is shared with account {FOREIGN}")),
        ([{"UserId": FOREIGN}, {"UserId": OWN}], (FOREIGN,), Pass("is shared as agreed only")),
        ([{"OrganizationArn": ORGANISATION}], (), Fail(f"is shared with {ORGANISATION}")),
        ([{"OrganizationArn": ORGANISATION}], ("o-abc",), Pass("is shared as agreed only")),
        ([{"OrganizationalUnitArn": UNIT}], (FOREIGN,), Fail(f"is shared with {UNIT}")),
        ([{"OrganizationalUnitArn": UNIT}], ("o-abc",), Pass("is shared as agreed only")),
        ([{"OrganizationalUnitArn": UNIT}], (UNIT,), Pass("is shared as agreed only")),
        ([{"Group": "all"}], (), Fail("is shared with everybody")),
        ([{"Group": "some"}], (), Unknown(Cause.NOT_SUPPORTED, "is shared with the group some")),
    ],
)
def test_an_image_is_shared_with_the_accounts_and_organisations_it_names(
    permissions: Any, allowed: tuple[str, ...], outcome: Outcome
) -> None:
    fact = known(images.image_sharing, {"LaunchPermissions": permissions}, of_image())
    assert judge(images.image_shared, fact, NotShared(allowed=allowed)) == outcome


@pytest.mark.parametrize(
    ("days", "outcome"),
    [
        (1, Fail("keeps what its volume held 2 days ago")),
        (2, Unknown(Cause.NOT_SUPPORTED, "does not expire by itself, and is not 2 days old yet")),
        (3, Unknown(Cause.NOT_SUPPORTED, "does not expire by itself, and is not 3 days old yet")),
    ],
)
def test_an_old_snapshot_breaks_the_promise_and_a_young_one_keeps_it_open(days: int, outcome: Outcome) -> None:
    assert of_snapshot().age == 2.0
    assert judge(snapshots.snapshot_retention, of_snapshot(), DeletedWithin(days=days)) == outcome


def test_an_image_is_as_old_as_its_snapshots() -> None:
    outcome = judge(images.image_retention, of_image(disk()), DeletedWithin())
    assert outcome == NotApplicable("keeps its disks as snapshots, each of which is judged by itself")


HERE, ELSEWHERE = HostedIn(regions=("us-east-1",)), HostedIn(regions=("eu-west-1",))
AWS, AZURE = HostedBy(provider="aws"), HostedBy(provider="azure")
OUTPOST = f"arn:aws:outposts:us-east-1:{OWN}:outpost/op-1"
ON_OUTPOST = Unknown(Cause.NOT_SUPPORTED, f"is on {OUTPOST}, and EC2 does not tell where that stands")
LOCAL = Unknown(Cause.NOT_SUPPORTED, "is in the zone us-east-1-bos-1a, which lies apart from us-east-1")


@pytest.mark.parametrize(
    ("check", "fact", "claim", "outcome"),
    [
        (hosting.volume_provider, of_volume(), AWS, Pass("is at AWS")),
        (hosting.volume_provider, of_volume(), AZURE, Fail("is at AWS, not at azure")),
        (hosting.volume_provider, of_volume(OutpostArn=OUTPOST), AWS, ON_OUTPOST),
        (hosting.volume_region, of_volume(), HERE, Pass("is in us-east-1")),
        (hosting.volume_region, of_volume(), ELSEWHERE, Fail("is in us-east-1")),
        (hosting.volume_region, of_volume(AvailabilityZone="us-east-1-bos-1a"), HERE, LOCAL),
        (hosting.volume_region, of_volume(OutpostArn=OUTPOST), HERE, ON_OUTPOST),
        (hosting.snapshot_provider, of_snapshot(), AWS, Pass("is at AWS")),
        (hosting.snapshot_provider, of_snapshot(OutpostArn=OUTPOST), AWS, ON_OUTPOST),
        (hosting.snapshot_region, of_snapshot(), HERE, Pass("is in us-east-1")),
        (hosting.snapshot_region, of_snapshot(), ELSEWHERE, Fail("is in us-east-1")),
        (hosting.image_region, of_image(), HERE, Pass("is in us-east-1")),
        (hosting.image_region, of_image(), ELSEWHERE, Fail("is in us-east-1")),
        (hosting.instance_provider, of_instance(), AWS, Pass("is at AWS")),
        (hosting.instance_provider, of_instance(), AZURE, Fail("is at AWS, not at azure")),
        (hosting.instance_region, of_instance(), HERE, Pass("is in us-east-1")),
        (hosting.instance_region, of_instance(), ELSEWHERE, Fail("is in us-east-1")),
        (hosting.instance_region, of_instance(Placement={"AvailabilityZone": "us-east-1-bos-1a"}), HERE, LOCAL),
        (hosting.instance_region, of_instance(OutpostArn=OUTPOST), HERE, ON_OUTPOST),
    ],
)
def test_things_are_where_their_zone_says(check: Check, fact: Fact, claim: Any, outcome: Outcome) -> None:
    assert judge(check, fact, claim) == outcome
