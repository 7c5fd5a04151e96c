"""Where volumes, snapshots, images and instances are: at which provider, in which region."""

import re

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import HostedBy, HostedIn
from posture.model import Cause, Resource
from posture_aws.ec2.images import Image
from posture_aws.ec2.instances import Instance
from posture_aws.ec2.snapshots import Snapshot
from posture_aws.ec2.volumes import Volume

AT_PROVIDER = "Move the workload to the promised provider, or name AWS in the statement."
IN_REGION = "Copy a snapshot or image to a promised region, start again from it there, and delete what is here."


@check(
    id="aws.ec2.volume-provider",
    title="Block volumes are at the promised provider",
    severity=Severity.MEDIUM,
    remedy=AT_PROVIDER,
)
def volume_provider(volume: Volume, claim: HostedBy) -> Outcome:
    """A volume is stored by AWS, unless an Outpost holds it: that stands on premises of its owner (Outposts guide)."""
    return _provider(claim, volume.outpost)


@check(
    id="aws.ec2.volume-region",
    title="Block volumes are in the promised regions",
    severity=Severity.MEDIUM,
    remedy=IN_REGION,
)
def volume_region(volume: Volume, claim: HostedIn) -> Outcome:
    """A volume stays in its zone (EBS user guide); Local Zones and Outposts lie apart from their region."""
    return _region(volume.resource, claim, volume.outpost, volume.zone)


@check(
    id="aws.ec2.snapshot-provider",
    title="Snapshots of block volumes are at the promised provider",
    severity=Severity.MEDIUM,
    remedy=AT_PROVIDER,
)
def snapshot_provider(snapshot: Snapshot, claim: HostedBy) -> Outcome:
    """A snapshot is stored in S3 by AWS, unless it was made to stay on an Outpost (EBS user guide, local snapshots)."""
    return _provider(claim, snapshot.outpost)


@check(
    id="aws.ec2.snapshot-region",
    title="Snapshots of block volumes are in the promised regions",
    severity=Severity.MEDIUM,
    remedy=IN_REGION,
)
def snapshot_region(snapshot: Snapshot, claim: HostedIn) -> Outcome:
    """A snapshot belongs to the region that lists it; a copy elsewhere is a snapshot of its own (EBS user guide)."""
    return _region(snapshot.resource, claim, snapshot.outpost)


@check(
    id="aws.ec2.image-region",
    title="Machine images are in the promised regions",
    severity=Severity.LOW,
    remedy=IN_REGION,
)
def image_region(image: Image, claim: HostedIn) -> Outcome:
    """An image belongs to the region that lists it; a copy elsewhere is an image of its own (EC2 user guide, AMIs)."""
    return _region(image.resource, claim, None)


@check(
    id="aws.ec2.instance-provider",
    title="Instances run at the promised provider",
    severity=Severity.MEDIUM,
    remedy=AT_PROVIDER,
)
def instance_provider(instance: Instance, claim: HostedBy) -> Outcome:
    """An instance runs at AWS, unless on an Outpost: that stands on premises of its owner (Outposts guide)."""
    return _provider(claim, instance.outpost)


@check(
    id="aws.ec2.instance-region",
    title="Instances run in the promised regions",
    severity=Severity.MEDIUM,
    remedy=IN_REGION,
)
def instance_region(instance: Instance, claim: HostedIn) -> Outcome:
    """An instance runs in its zone (EC2 user guide, "Regions and Zones"); Local Zones lie apart from their region."""
    return _region(instance.resource, claim, instance.outpost, instance.zone)


def _provider(claim: HostedBy, outpost: str | None) -> Outcome:
    if claim.provider != "aws":
        return Fail(f"is at AWS, not at {claim.provider}")
    return Pass("is at AWS") if outpost is None else _on_outpost(outpost)


def _region(resource: Resource, claim: HostedIn, outpost: str | None, zone: str = "") -> Outcome:
    if resource.region not in claim.regions:
        return Fail(f"is in {resource.region}")
    if outpost is not None:
        return _on_outpost(outpost)
    if zone and not re.fullmatch(re.escape(resource.region) + "[a-z]", zone):
        return Unknown(Cause.NOT_SUPPORTED, f"is in the zone {zone}, which lies apart from {resource.region}")
    return Pass(f"is in {resource.region}")


def _on_outpost(outpost: str) -> Unknown:
    return Unknown(Cause.NOT_SUPPORTED, f"is on {outpost}, and EC2 does not tell where that stands")
