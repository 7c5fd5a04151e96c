"""Virtual machines: which there are and in which zone they run."""

from collections.abc import Iterator
from typing import ClassVar

from posture.model import Fact
from posture.reader import reader
from posture_aws.session import AwsSession, tags


class Instance(Fact):
    """An instance that is not terminated (DescribeInstances). ``outpost`` as for volumes."""

    kind: ClassVar[str] = "aws.ec2.instance"

    zone: str
    outpost: str | None


@reader(operation="ec2:DescribeInstances")
def instances(aws: AwsSession) -> Iterator[Instance]:
    """The region's instances, 1,000 a page. EC2 lists terminated ones for about an hour; those are left out."""
    for page in aws.pages("NextToken", MaxResults=1000):
        for reservation in page["Reservations"]:
            for instance in reservation["Instances"]:
                if instance["State"]["Name"] == "terminated":
                    continue
                name = instance["InstanceId"]
                yield Instance(
                    resource=aws.resource(
                        Instance.kind, aws.arn("ec2", f"instance/{name}"), name, tags=tags(instance.get("Tags"))
                    ),
                    zone=instance["Placement"]["AvailabilityZone"],
                    outpost=instance.get("OutpostArn"),
                )
