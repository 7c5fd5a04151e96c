"""Machine images: whether the disks they carry are encrypted, and who may launch them."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import BackupsEncrypted, DeletedWithin, EncryptedAtRest, NoPublicAccess, NotShared
from posture.model import Cause, Fact, Store
from posture.reader import reader
from posture_aws.session import AwsSession, tags


class Image(Fact):
    """An image that the account owns (DescribeImages).

    ``encrypted`` and ``clear`` are its devices that carry a snapshot; empty devices hold nothing.
    """

    kind: ClassVar[str] = "aws.ec2.image"
    store: ClassVar[Store | None] = Store.SNAPSHOT

    encrypted: tuple[str, ...]
    clear: tuple[str, ...]
    public: bool


class ImageSharing(Fact):
    """Who may launch an image (DescribeImageAttribute).

    ``organisations`` are ARNs of organisations and of organisational units.
    """

    kind: ClassVar[str] = Image.kind

    accounts: tuple[str, ...]
    organisations: tuple[str, ...]
    groups: tuple[str, ...]


@reader(operation="ec2:DescribeImages")
def images(aws: AwsSession) -> Iterator[Image]:
    """The account's own images, 1,000 a page, with the disabled ones that EC2 leaves out unless asked."""
    for page in aws.pages("NextToken", Owners=["self"], IncludeDisabled=True, MaxResults=1000):
        for image in page["Images"]:
            name = image["ImageId"]
            # ARNs of images leave the account out (Service Authorization Reference, Amazon EC2).
            id = aws.arn("ec2", f"image/{name}", account="")
            disks = [
                (device["DeviceName"], device["Ebs"]) for device in image["BlockDeviceMappings"] if "Ebs" in device
            ]
            full = [(device, disk["Encrypted"]) for device, disk in disks if disk.get("SnapshotId")]
            yield Image(
                resource=aws.resource(Image.kind, id, name, tags=tags(image.get("Tags"))),
                encrypted=tuple(device for device, encrypted in full if encrypted),
                clear=tuple(device for device, encrypted in full if not encrypted),
                public=image["Public"],
            )


@reader(operation="ec2:DescribeImageAttribute")
def image_sharing(aws: AwsSession, image: Image) -> ImageSharing:
    """The permissions to launch the image."""
    permissions = aws.get(Attribute="launchPermission", ImageId=image.resource.name)["LaunchPermissions"]
    arns = [item.get("OrganizationArn") or item.get("OrganizationalUnitArn") for item in permissions]
    return ImageSharing(
        resource=image.resource,
        accounts=tuple(item["UserId"] for item in permissions if item.get("UserId")),
        organisations=tuple(arn for arn in arns if arn),
        groups=tuple(item["Group"] for item in permissions if item.get("Group")),
    )


@check(
    id="aws.ec2.image-encryption",
    title="Disks of machine images are encrypted",
    severity=Severity.HIGH,
    remedy="Copy the image with encryption on, then deregister it and delete its snapshots in the clear.",
)
def image_encryption(image: Image, claim: EncryptedAtRest) -> Outcome:
    """An image stores its disks as EBS snapshots, encrypted with AES-256 or not at all (EC2 user guide, AMIs)."""
    return _encryption(image)


@check(
    id="aws.ec2.image-backup-encryption",
    title="Images that serve as backups are encrypted",
    severity=Severity.HIGH,
    remedy="Copy the image with encryption on, then deregister it and delete its snapshots in the clear.",
)
def image_backup_encryption(image: Image, claim: BackupsEncrypted) -> Outcome:
    """An image made of an instance is a backup of its disks (EC2 user guide, "Use encryption with EBS-backed AMIs")."""
    return _encryption(image)


def _encryption(image: Image) -> Outcome:
    if image.clear:
        return Fail(f"stores {', '.join(image.clear)} in the clear")
    if not image.encrypted:
        return NotApplicable("carries no EBS snapshot")
    return Pass(f"stores {', '.join(image.encrypted)} encrypted with AES-256")


@check(
    id="aws.ec2.image-public",
    title="Machine images are not public",
    severity=Severity.HIGH,
    refutes="a public snapshot",
    remedy="Make the image private, and block public access to images in the region.",
)
def image_public(image: Image, claim: NoPublicAccess) -> Outcome:
    """Everybody with an AWS account can launch a public image and read its disks (EC2 user guide, shared AMIs)."""
    return Fail("can be launched by anybody with an AWS account") if image.public else Pass("is not public")


@check(
    id="aws.ec2.image-sharing",
    title="Machine images are shared with no foreign account",
    severity=Severity.HIGH,
    refutes="a snapshot, image or key",
    remedy="Take the account off the image's launch permissions, or name it as agreed in the profile.",
)
def image_shared(image: ImageSharing, claim: NotShared) -> Outcome:
    """Launch permissions name accounts, organisations, units of them, or everybody (EC2 user guide, shared AMIs).

    The claim may allow an organisation by its id or ARN, a unit by its organisation or by its own ARN.
    """
    if "all" in image.groups:
        return Fail("is shared with everybody")
    own = image.resource.account
    foreign = [f"account {account}" for account in image.accounts if account not in (own, *claim.allowed)]
    foreign += [arn for arn in image.organisations if not _agreed(arn, claim)]
    if foreign:
        return Fail(f"is shared with {', '.join(foreign)}")
    if image.groups:
        return Unknown(Cause.NOT_SUPPORTED, f"is shared with the group {image.groups[0]}")
    return Pass("is shared as agreed only" if image.accounts or image.organisations else "is not shared")


def _agreed(arn: str, claim: NotShared) -> bool:
    return arn in claim.allowed or any(part in claim.allowed for part in arn.split("/")[1:])


@check(
    id="aws.ec2.image-retention",
    title="Machine images are gone within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Deregister the image and delete its snapshots.",
)
def image_retention(image: Image, claim: DeletedWithin) -> Outcome:
    """An image is a list of snapshots, which the account owns and which stay when the image is deregistered."""
    return NotApplicable("keeps its disks as snapshots, each of which is judged by itself")
