"""What ARM tells of managed disks, snapshots and disk encryption sets."""

from collections.abc import Iterator
from typing import ClassVar

from posture.model import Fact, Store, Value
from posture.reader import Where, reader
from posture.reply import Reply
from posture_azure.bodies import part
from posture_azure.session import ArmSession, properties
from posture_azure.spans import age_days


class Encryption(Value):
    """How a disk or snapshot is encrypted.

    ``type`` is None where ARM names none; ``encryption_set`` is the lower-cased id of the disk encryption set, empty
    without one. ``guest`` says that the machine's own system encrypts the volume too (Azure Disk Encryption).
    """

    type: str | None
    encryption_set: str
    guest: bool


class Export(Value):
    """How content may be exported: ``policy`` and ``public`` are None where ARM leaves out the setting."""

    policy: str | None
    public: str | None
    state: str | None

    def closed(self) -> bool:
        """Whether the settings keep export URLs from being used over the public network."""
        return self.policy in ("DenyAll", "AllowPrivate") or self.public == "Disabled"


class DiskEncryptionSet(Fact):
    """A disk encryption set: whose keys its disks use, and in how many layers."""

    kind: ClassVar[str] = "microsoft.compute/diskencryptionsets"

    type: str | None


class Disk(Fact):
    """A managed disk, attached or not."""

    kind: ClassVar[str] = "microsoft.compute/disks"
    store: ClassVar[Store | None] = Store.BLOCK

    encryption: Encryption
    export: Export


class Snapshot(Fact):
    """A snapshot of a managed disk, full or incremental. ``age_days`` counts begun days since it was taken."""

    kind: ClassVar[str] = "microsoft.compute/snapshots"
    store: ClassVar[Store | None] = Store.SNAPSHOT

    encryption: Encryption
    export: Export
    age_days: int | None


@reader(
    operation="Microsoft.Compute/diskEncryptionSets@2024-03-02",
    permission="Microsoft.Compute/diskEncryptionSets/read",
    where=Where.ACCOUNT,
)
def disk_encryption_sets(arm: ArmSession) -> Iterator[DiskEncryptionSet]:
    """The disk encryption sets of the subscription."""
    for item in arm.items():
        resource = arm.arm_resource(item, DiskEncryptionSet.kind)
        yield DiskEncryptionSet(resource=resource, type=properties(item).get("encryptionType"))


@reader(operation="Microsoft.Compute/disks@2024-03-02", permission="Microsoft.Compute/disks/read", where=Where.ACCOUNT)
def disks(arm: ArmSession) -> Iterator[Disk]:
    """The managed disks of the subscription."""
    for item in arm.items():
        found = properties(item)
        yield Disk(resource=arm.arm_resource(item, Disk.kind), encryption=_encryption(found), export=_export(found))


@reader(
    operation="Microsoft.Compute/snapshots@2024-03-02",
    permission="Microsoft.Compute/snapshots/read",
    where=Where.ACCOUNT,
)
def snapshots(arm: ArmSession) -> Iterator[Snapshot]:
    """The disk snapshots of the subscription."""
    for item in arm.items():
        found = properties(item)
        yield Snapshot(
            resource=arm.arm_resource(item, Snapshot.kind),
            encryption=_encryption(found),
            export=_export(found),
            age_days=age_days(arm.now, found.get("timeCreated")),
        )


def _encryption(found: Reply) -> Encryption:
    encryption = part(found, "encryption")
    return Encryption(
        type=encryption.get("type"),
        encryption_set=(encryption.get("diskEncryptionSetId") or "").lower(),
        guest=part(found, "encryptionSettingsCollection").get("enabled") is True,
    )


def _export(found: Reply) -> Export:
    return Export(
        policy=found.get("networkAccessPolicy"),
        public=found.get("publicNetworkAccess"),
        state=found.get("diskState"),
    )
