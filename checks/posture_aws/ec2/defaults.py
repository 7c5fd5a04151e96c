"""Settings of a region that new block storage takes over."""

from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, check
from posture.claims import EncryptionByDefault
from posture.model import Fact
from posture.reader import reader
from posture_aws.session import AwsSession


class EbsDefault(Fact):
    """Whether new volumes and copies of snapshots in a region are encrypted unasked (GetEbsEncryptionByDefault)."""

    kind: ClassVar[str] = "aws.ec2.ebs-default-encryption"

    encrypted: bool


@reader(operation="ec2:GetEbsEncryptionByDefault")
def ebs_default(aws: AwsSession) -> EbsDefault:
    """The region's setting; it says nothing of volumes that exist."""
    id = aws.arn("ec2", "ebs-encryption-by-default")
    resource = aws.resource(EbsDefault.kind, id, f"EBS encryption by default in {aws.place.region}")
    return EbsDefault(resource=resource, encrypted=aws.get()["EbsEncryptionByDefault"])


@check(
    id="aws.ec2.ebs-default-encryption",
    title="Regions encrypt new block volumes by default",
    severity=Severity.MEDIUM,
    remedy="Turn on EBS encryption by default in the region, with a KMS key of your own where that is promised.",
)
def ebs_default_encryption(default: EbsDefault, claim: EncryptionByDefault) -> Outcome:
    """The setting is per region, and off until somebody turns it on (EBS user guide, "Encryption by default")."""
    if default.encrypted:
        return Pass("encrypts new volumes")
    return Fail("leaves new volumes in the clear")
