"""Block volumes: which there are and whether they are encrypted."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, check
from posture.claims import EncryptedAtRest
from posture.model import Fact, Store
from posture.reader import reader
from posture_aws.session import AwsSession, tags


class Volume(Fact):
    """An EBS volume (DescribeVolumes). ``kms_key`` is the ARN of the key, None where the volume is not encrypted.

    ``outpost`` is the ARN of the Outpost that holds it, None in a zone of AWS.
    """

    kind: ClassVar[str] = "aws.ec2.volume"
    store: ClassVar[Store | None] = Store.BLOCK

    encrypted: bool
    kms_key: str | None
    zone: str
    outpost: str | None


@reader(operation="ec2:DescribeVolumes")
def volumes(aws: AwsSession) -> Iterator[Volume]:
    """All volumes of the region, 500 a page."""
    for page in aws.pages("NextToken", MaxResults=500):
        for volume in page["Volumes"]:
            yield Volume(
                resource=aws.resource(
                    Volume.kind,
                    aws.arn("ec2", f"volume/{volume['VolumeId']}"),
                    volume["VolumeId"],
                    tags=tags(volume.get("Tags")),
                ),
                encrypted=volume["Encrypted"],
                kms_key=volume.get("KmsKeyId"),
                zone=volume["AvailabilityZone"],
                outpost=volume.get("OutpostArn"),
            )


@check(
    id="aws.ec2.volume-encryption",
    title="Block volumes are encrypted",
    severity=Severity.HIGH,
    remedy="Copy a snapshot of the volume under a KMS key, make a new volume of the copy and swap the two.",
)
def volume_encryption(volume: Volume, claim: EncryptedAtRest) -> Outcome:
    """EBS encrypts whole volumes with AES-256, and only when they are made (EBS user guide, "EBS encryption")."""
    return Pass("is encrypted with AES-256") if volume.encrypted else Fail("is stored in the clear")
