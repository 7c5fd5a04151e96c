"""Whether disks and snapshots are encrypted, in how many layers, under whose keys."""

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import BackupsEncrypted, CustomerManagedKeys, DoubleEncrypted, EncryptedAtRest
from posture.model import Cause
from posture_azure.answers import unfamiliar
from posture_azure.disks.facts import Disk, DiskEncryptionSet, Encryption, Snapshot

PLATFORM = "EncryptionAtRestWithPlatformKey"
CUSTOMER = "EncryptionAtRestWithCustomerKey"
DOUBLE = "EncryptionAtRestWithPlatformAndCustomerKeys"
CONFIDENTIAL = "ConfidentialVmEncryptedWithCustomerKey"
KNOWN = (PLATFORM, CUSTOMER, DOUBLE, CONFIDENTIAL)
AT_REST = (
    "is encrypted with AES-256: Azure encrypts managed disks and snapshots on its side, which nobody can switch off"
)


def _kind(encryption: Encryption, sets: tuple[DiskEncryptionSet, ...]) -> str | Unknown:
    """The encryption type: as told, else that of the set, else the platform's key, which is the default."""
    kind = encryption.type
    if kind is None and not encryption.encryption_set:
        return PLATFORM
    if kind is None:
        found = next((one for one in sets if one.resource.id == encryption.encryption_set), None)
        if found is None:
            return Unknown(
                Cause.DISAGREEMENT, f"names {encryption.encryption_set}, which the subscription does not list"
            )
        kind = found.type
    return kind if kind in KNOWN else unfamiliar("encryption type", kind)


def _at_rest(encryption: Encryption) -> Outcome:
    if encryption.type is not None and encryption.type not in KNOWN:
        return unfamiliar("encryption type", encryption.type)
    return Pass(AT_REST, Basis.PROVIDER_GUARANTEE)


def _doubled(encryption: Encryption, sets: tuple[DiskEncryptionSet, ...]) -> Outcome:
    kind = _kind(encryption, sets)
    if isinstance(kind, Unknown):
        return kind
    if kind == DOUBLE:
        return Pass("is encrypted twice: under a platform key and under a key of yours")
    if kind == CONFIDENTIAL:
        return Unknown(Cause.NOT_SUPPORTED, "is a confidential machine's disk, whose layers ARM does not tell")
    if encryption.guest:
        reason = (
            f"has one layer at Azure ({kind}) and Azure Disk Encryption in the machine, whose reach ARM does not tell"
        )
        return Unknown(Cause.NOT_SUPPORTED, reason)
    return Fail(f"has one layer of encryption at rest ({kind})")


@check(
    id="azure.compute.disk-encryption",
    title="Managed disks are encrypted",
    severity=Severity.HIGH,
    remedy="None: Azure encrypts every managed disk.",
)
def disk_encryption(disk: Disk, claim: EncryptedAtRest) -> Outcome:
    """ARM names no cipher; Azure documents AES-256 for all ("Server-side encryption of Azure Disk Storage")."""
    return _at_rest(disk.encryption)


@check(
    id="azure.compute.snapshot-encryption",
    title="Disk snapshots are encrypted where they lie",
    severity=Severity.HIGH,
    remedy="None: Azure encrypts every managed snapshot.",
)
def snapshot_encryption(snapshot: Snapshot, claim: EncryptedAtRest) -> Outcome:
    """The guarantee for disks covers snapshots ("Server-side encryption of Azure Disk Storage")."""
    return _at_rest(snapshot.encryption)


@check(
    id="azure.compute.snapshot-backup-encryption",
    title="Disk snapshots, as backups, are encrypted",
    severity=Severity.HIGH,
    remedy="None: Azure encrypts every managed snapshot.",
)
def snapshot_backup_encryption(snapshot: Snapshot, claim: BackupsEncrypted) -> Outcome:
    """A snapshot is a backup that no vault lists; the guarantee for disks holds for it."""
    return _at_rest(snapshot.encryption)


@check(
    id="azure.compute.disk-double-encryption",
    title="Managed disks are encrypted in two layers",
    severity=Severity.MEDIUM,
    remedy="Assign a disk encryption set of type EncryptionAtRestWithPlatformAndCustomerKeys to the disk.",
)
def disk_double_encryption(disk: Disk, claim: DoubleEncrypted, sets: tuple[DiskEncryptionSet, ...]) -> Outcome:
    """A key of yours in place of Azure's is one layer; only the combined type has two."""
    return _doubled(disk.encryption, sets)


@check(
    id="azure.compute.snapshot-double-encryption",
    title="Disk snapshots are encrypted in two layers",
    severity=Severity.MEDIUM,
    remedy="Copy the snapshot under a disk encryption set of type EncryptionAtRestWithPlatformAndCustomerKeys.",
)
def snapshot_double_encryption(
    snapshot: Snapshot, claim: DoubleEncrypted, sets: tuple[DiskEncryptionSet, ...]
) -> Outcome:
    """A snapshot does not gain the layers that its disk is given later."""
    return _doubled(snapshot.encryption, sets)


@check(
    id="azure.compute.disk-customer-key",
    title="Managed disks are encrypted under customer keys",
    severity=Severity.MEDIUM,
    remedy="Assign a disk encryption set that holds a key of your own to the disk.",
)
def disk_customer_key(disk: Disk, claim: CustomerManagedKeys, sets: tuple[DiskEncryptionSet, ...]) -> Outcome:
    """With a platform key Microsoft alone decides who decrypts; the disk's encryption type tells which it is."""
    kind = _kind(disk.encryption, sets)
    if isinstance(kind, Unknown):
        return kind
    return (
        Fail("is encrypted under a key of the platform") if kind == PLATFORM else Pass(f"uses a key of yours ({kind})")
    )
