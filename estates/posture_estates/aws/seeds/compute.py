"""Volumes, snapshots, an image of the account's own and an instance that runs from it, all encrypted and private."""

from __future__ import annotations

from typing import Any

from posture_estates.aws.seeds.account import AWAY, FOREIGN_ACCOUNT, HOME, REGIONS, Account, named

VOLUMES = {"classroom-1": HOME, "classroom-2": HOME, "classroom-3": AWAY, "classroom-4": AWAY}  # and the instance's


def build(account: Account) -> None:
    for region in REGIONS:
        ec2 = account.client("ec2", region)
        ec2.enable_ebs_encryption_by_default()
        ec2.modify_ebs_default_kms_key_id(KmsKeyId=account.keys[region])
        ec2.enable_snapshot_block_public_access(State="block-all-sharing")
        ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    volumes = {name: make_volume(account, name, region, encrypted=True) for name, region in VOLUMES.items()}
    base = make_snapshot(account, "classroom-1-copy", HOME, volumes["classroom-1"])
    make_snapshot(account, "classroom-3-copy", AWAY, volumes["classroom-3"])
    root = {
        "DeviceName": "/dev/sda1",
        "Ebs": {"SnapshotId": base, "VolumeSize": 8, "VolumeType": "gp3", "Encrypted": True},
    }
    ec2 = account.client("ec2")
    image = ec2.register_image(
        Name="classroom-server", RootDeviceName="/dev/sda1", Architecture="x86_64", BlockDeviceMappings=[root]
    )
    own_root: dict[str, Any] = {
        "DeviceName": "/dev/sda1",
        "Ebs": {"VolumeSize": 8, "VolumeType": "gp3", "Encrypted": True, "KmsKeyId": account.keys[HOME]},
    }
    ec2.run_instances(
        ImageId=image["ImageId"],
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        BlockDeviceMappings=[own_root],
        MetadataOptions={"HttpTokens": "required"},
        TagSpecifications=named("instance", "classroom-server") + named("volume", "classroom-server"),
    )


def make_volume(account: Account, name: str, region: str, *, encrypted: bool) -> str:
    key = {"KmsKeyId": account.keys[region]} if encrypted else {}
    volume = account.client("ec2", region).create_volume(
        AvailabilityZone=f"{region}a",
        Size=8,
        VolumeType="gp3",
        Encrypted=encrypted,
        TagSpecifications=named("volume", name),
        **key,
    )
    return str(volume["VolumeId"])


def make_snapshot(account: Account, name: str, region: str, volume: str) -> str:
    snapshot = account.client("ec2", region).create_snapshot(
        VolumeId=volume, TagSpecifications=named("snapshot", name), Description=name
    )
    return str(snapshot["SnapshotId"])


def drift(account: Account) -> None:
    """Encryption by default was turned off first: with it on, EC2 would have encrypted the volume."""
    ec2 = account.client("ec2", AWAY)
    ec2.disable_ebs_encryption_by_default()
    ec2.disable_snapshot_block_public_access()
    scratch = make_volume(account, "scratch", AWAY, encrypted=False)
    for name, readers in (
        ("scratch-shared", {"UserIds": [FOREIGN_ACCOUNT]}),
        ("scratch-public", {"GroupNames": ["all"]}),
    ):
        ec2.modify_snapshot_attribute(
            SnapshotId=make_snapshot(account, name, AWAY, scratch),
            Attribute="createVolumePermission",
            OperationType="add",
            **readers,
        )
