"""Snapshots by owner and reader, images that keep the snapshots they were made of, and blocks on sharing either."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from moto.ec2.models import ec2_backends

from posture_estates.aws.errors import error_reply
from posture_estates.aws.exchange import ACCOUNT, REQUEST_ID, Forward, Reply, Request, xml_reply
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.kms import aws_managed_key
from posture_estates.aws.served.state import TOKEN, Serve, State, page
from posture_estates.aws.served.xml import corrected, put, text

NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
LARGEST_PAGE = 1000


def describe_snapshots(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """moto ignores `OwnerIds`, `RestorableByUserIds` and `MaxResults`, and tells no snapshot's key."""
    owners, restorers = request.listed("Owner"), request.listed("RestorableBy")
    token = request.form.get("NextToken", "")
    if token and not token.startswith(TOKEN):
        return error_reply(operation, 400, "InvalidParameterValue", "Value for parameter NextToken is not valid")

    def correct(document: Element) -> None:
        listing = document.find("{*}snapshotSet")
        if listing is None:
            return
        kept = [item for item in listing if is_asked_for(item, owners, restorers, operation.region)]
        shown, following = page(kept, int(request.form.get("MaxResults", LARGEST_PAGE)), token)
        listing[:] = shown
        for item in shown:
            tell_key(item, operation.region)
        if following:
            put(document, "nextToken", following)

    return corrected(emulate(request), correct)


def is_asked_for(item: Element, owners: list[str], restorers: list[str], region: str) -> bool:
    owner = text(item, "ownerId")
    if owners and owner not in [ACCOUNT if name == "self" else name for name in owners]:
        return False
    snapshot = ec2_backends[ACCOUNT][region].snapshots[text(item, "snapshotId") or ""]
    is_public = "all" in snapshot.create_volume_permission_groups
    shared_with = {*snapshot.create_volume_permission_userids, owner}
    return not restorers or any(
        is_public if name == "all" else (ACCOUNT if name == "self" else name) in shared_with for name in restorers
    )


def tell_key(item: Element, region: str) -> None:
    snapshot = ec2_backends[ACCOUNT][region].snapshots[text(item, "snapshotId") or ""]
    key = snapshot.kms_key_id or snapshot.volume.kms_key_id
    if snapshot.encrypted and key:
        put(item, "kmsKeyId", key)


def register_image(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """moto makes a snapshot of its own, in the clear, instead of taking the one that is named for the root device."""
    named = request.form.get("BlockDeviceMapping.1.Ebs.SnapshotId")

    def correct(document: Element) -> None:
        ec2 = ec2_backends[ACCOUNT][operation.region]
        image = ec2.amis[text(document, "imageId") or ""]
        if named:
            del ec2.snapshots[image.ebs_snapshot.id]
            image.ebs_snapshot = ec2.snapshots[named]

    return corrected(emulate(request), correct)


def create_image(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """An image of an instance is encrypted as the instance's first volume is."""
    instance = request.form["InstanceId"]

    def correct(document: Element) -> None:
        ec2 = ec2_backends[ACCOUNT][operation.region]
        devices = ec2.get_instance(instance).block_device_mapping
        for device in list(devices.values())[:1]:
            volume = ec2.volumes[device.volume_id]
            snapshot = ec2.amis[text(document, "imageId") or ""].ebs_snapshot
            snapshot.volume, snapshot.encrypted, snapshot.kms_key_id = volume, volume.encrypted, volume.kms_key_id

    return corrected(emulate(request), correct)


def describe_images(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """moto does not tell whether the devices of an image are encrypted."""

    def correct(document: Element) -> None:
        known = ec2_backends[ACCOUNT][operation.region].snapshots
        for device in document.iterfind(".//{*}blockDeviceMapping/{*}item/{*}ebs"):
            snapshot = known.get(text(device, "snapshotId") or "")
            if snapshot is not None:
                put(device, "encrypted", "true" if snapshot.encrypted else "false")
                put(device, "volumeSize", str(snapshot.volume.size))

    return corrected(emulate(request), correct)


def answer(operation: Operation, element: str, value: str) -> Reply:
    return xml_reply(
        f'<{operation.name}Response xmlns="{NAMESPACE}"><requestId>{REQUEST_ID}</requestId>'
        f"<{element}>{value}</{element}></{operation.name}Response>"
    )


def get_snapshot_sharing(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    with state.lock:
        return answer(operation, "state", state.snapshot_sharing.get(operation.region, "unblocked"))


def set_snapshot_sharing(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Enable and disable: the latter has no `State`."""
    chosen = request.form.get("State", "unblocked")
    with state.lock:
        state.snapshot_sharing[operation.region] = chosen
    return answer(operation, "state", chosen)


def get_image_sharing(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Accounts block new public images from the start (since October 2023)."""
    with state.lock:
        chosen = state.image_sharing.get(operation.region, "block-new-sharing")
    return answer(operation, "imageBlockPublicAccessState", chosen)


def set_image_sharing(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Enable and disable: the latter has no `ImageBlockPublicAccessState`."""
    chosen = request.form.get("ImageBlockPublicAccessState", "unblocked")
    with state.lock:
        state.image_sharing[operation.region] = chosen
    return answer(operation, "imageBlockPublicAccessState", chosen)


def default_key(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """The key chosen for new volumes; the aws/ebs key until one is."""
    chosen = ec2_backends[ACCOUNT][operation.region].default_kms_key_id
    return answer(operation, "kmsKeyId", chosen or aws_managed_key(operation.region, "ebs"))


SERVED: dict[tuple[str, str], Serve] = {
    ("ec2", "DescribeSnapshots"): describe_snapshots,
    ("ec2", "RegisterImage"): register_image,
    ("ec2", "CreateImage"): create_image,
    ("ec2", "DescribeImages"): describe_images,
    ("ec2", "GetSnapshotBlockPublicAccessState"): get_snapshot_sharing,
    ("ec2", "EnableSnapshotBlockPublicAccess"): set_snapshot_sharing,
    ("ec2", "DisableSnapshotBlockPublicAccess"): set_snapshot_sharing,
    ("ec2", "GetImageBlockPublicAccessState"): get_image_sharing,
    ("ec2", "EnableImageBlockPublicAccess"): set_image_sharing,
    ("ec2", "DisableImageBlockPublicAccess"): set_image_sharing,
    ("ec2", "GetEbsDefaultKmsKeyId"): default_key,
}
