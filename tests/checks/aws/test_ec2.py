"""EC2: what is read and how it is judged."""

from kit import Recorded, judge, read, session_of
from posture_aws import ec2
from posture_aws.session import AwsSession

from posture.check import Fail, Pass
from posture.claims import EncryptedAtRest


def volume(**changes: object) -> dict[str, object]:
    return {"VolumeId": "vol-1", "Encrypted": True, "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1"} | changes


def test_every_page_of_volumes_is_read() -> None:
    source = Recorded({"ec2:DescribeVolumes": [{"Volumes": [volume()], "NextToken": "n"}, {"Volumes": [volume(VolumeId="vol-2")]}]})
    facts = read(ec2.volumes, session_of(AwsSession, source))
    assert [fact.resource.id for fact in facts] == [
        "arn:aws:ec2:us-east-1:123456789012:volume/vol-1",
        "arn:aws:ec2:us-east-1:123456789012:volume/vol-2",
    ]
    assert source.asked[1][1] == {"MaxResults": 500, "NextToken": "n"}


def test_a_volume_in_the_clear_fails() -> None:
    (clear,) = read(ec2.volumes, session_of(AwsSession, Recorded({"ec2:DescribeVolumes": {"Volumes": [volume(Encrypted=False)]}})))
    assert judge(ec2.volume_encryption, clear, EncryptedAtRest()) == Fail("is stored in the clear")


def test_an_encrypted_volume_passes() -> None:
    (fact,) = read(ec2.volumes, session_of(AwsSession, Recorded({"ec2:DescribeVolumes": {"Volumes": [volume()]}})))
    assert isinstance(judge(ec2.volume_encryption, fact, EncryptedAtRest()), Pass)
