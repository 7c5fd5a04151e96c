"""Who can reach disks and snapshots, where they lie and how long snapshots stay."""

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import DeletedWithin, HostedBy, HostedIn, NetworkRestricted, NoPublicAccess, NotShared
from posture.model import Cause
from posture_azure.answers import hosted_by, hosted_in, never_shared, unfamiliar
from posture_azure.disks.facts import Disk, Export, Snapshot

EXPORTING = ("ActiveSAS", "ActiveSASFrozen")


def _exported(export: Export) -> Outcome | None:
    """What settles alike who can export over which network; None where an open URL is out."""
    if export.policy not in (None, "AllowAll", "AllowPrivate", "DenyAll"):
        return unfamiliar("network access policy", export.policy)
    if export.public not in (None, "Enabled", "Disabled"):
        return unfamiliar("public network access", export.public)
    return Pass(f"closes export to the public network ({export.policy or export.public})") if export.closed() else None


def _networks(export: Export) -> Outcome:
    settled = _exported(export)
    if settled is not None:
        return settled
    if export.state in EXPORTING:
        return Fail(f"has an export URL out that every network can use ({export.state})")
    if export.state is None:
        return Unknown(Cause.NOT_SUPPORTED, "admits export from every network, and ARM tells no state")
    return NotApplicable(f"answers no network: no export URL is out ({export.state}), though any network could use one")


@check(
    id="azure.compute.disk-network",
    title="Managed disks are exported over chosen networks only",
    severity=Severity.MEDIUM,
    remedy="Set the disk's network access to DenyAll, or to AllowPrivate with a disk access resource.",
)
def disk_network(disk: Disk, claim: NetworkRestricted) -> Outcome:
    """A disk answers the network while an export URL is out; AllowAll lets that URL work from anywhere."""
    return _networks(disk.export)


@check(
    id="azure.compute.snapshot-network",
    title="Disk snapshots are exported over chosen networks only",
    severity=Severity.MEDIUM,
    remedy="Set the snapshot's network access to DenyAll, or to AllowPrivate with a disk access resource.",
)
def snapshot_network(snapshot: Snapshot, claim: NetworkRestricted) -> Outcome:
    """A snapshot answers the network while an export URL is out; AllowAll lets that URL work from anywhere."""
    return _networks(snapshot.export)


@check(
    id="azure.compute.snapshot-public",
    title="Disk snapshots cannot be read without signing in",
    severity=Severity.HIGH,
    refutes="a public snapshot",
    remedy="End the export with the snapshot's revoke-access operation, and set its network access to DenyAll.",
)
def snapshot_public(snapshot: Snapshot, claim: NoPublicAccess) -> Outcome:
    """Azure has no public snapshot, but an export URL is a key to it: who holds one reads without signing in."""
    settled = _exported(snapshot.export)
    if settled is not None:
        return settled
    if snapshot.export.state in EXPORTING or snapshot.export.state is None:
        reason = f"may have an export URL out (state {snapshot.export.state}), and ARM does not tell who holds it"
        return Unknown(Cause.NOT_SUPPORTED, reason)
    return Pass("is read by signed-in principals alone, and no export URL is out", Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.compute.snapshot-sharing",
    title="Disk snapshots are not shared with other tenants",
    severity=Severity.HIGH,
    refutes="a snapshot, image or key",
    remedy="None: a snapshot leaves its tenant only as a copy.",
)
def snapshot_sharing(snapshot: Snapshot, claim: NotShared) -> Outcome:
    """Roles open a snapshot, and roles are given within one tenant; compute galleries, which can be shared, differ."""
    return never_shared(claim)


@check(
    id="azure.compute.snapshot-age",
    title="Disk snapshots are younger than the promised time of deletion",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Delete snapshots as they pass that age; snapshots do not expire by themselves.",
)
def snapshot_age(snapshot: Snapshot, claim: DeletedWithin) -> Outcome:
    """A snapshot holds what was on the disk when it was taken (timeCreated), also what has been deleted since."""
    if snapshot.age_days is None:
        return Unknown(Cause.NOT_SUPPORTED, "tells no time of creation")
    if snapshot.age_days > claim.days:
        return Fail(f"keeps what its disk held {snapshot.age_days} days ago")
    return Pass(f"was taken at most {snapshot.age_days} days ago")


@check(
    id="azure.compute.disk-provider",
    title="Managed disks are at the named provider",
    severity=Severity.MEDIUM,
    remedy="Move the disk's workload to the named provider, or correct the statement.",
)
def disk_provider(disk: Disk, claim: HostedBy) -> Outcome:
    """A disk that ARM lists lies in an Azure region."""
    return hosted_by(disk.resource, claim)


@check(
    id="azure.compute.disk-region",
    title="Managed disks lie in the named regions",
    severity=Severity.HIGH,
    remedy="Copy the disk to a named region through a snapshot, then delete it here.",
)
def disk_region(disk: Disk, claim: HostedIn) -> Outcome:
    """Managed disks are kept within their region, zone-redundant ones in several zones of it."""
    return hosted_in(disk.resource, claim)


@check(
    id="azure.compute.snapshot-provider",
    title="Disk snapshots are at the named provider",
    severity=Severity.MEDIUM,
    remedy="Move the snapshot to the named provider, or correct the statement.",
)
def snapshot_provider(snapshot: Snapshot, claim: HostedBy) -> Outcome:
    """A snapshot that ARM lists lies in an Azure region."""
    return hosted_by(snapshot.resource, claim)


@check(
    id="azure.compute.snapshot-region",
    title="Disk snapshots lie in the named regions",
    severity=Severity.HIGH,
    remedy="Delete the snapshot, or copy it to a named region first.",
)
def snapshot_region(snapshot: Snapshot, claim: HostedIn) -> Outcome:
    """Snapshots can be copied to other regions, where each copy is a snapshot of its own."""
    return hosted_in(snapshot.resource, claim)
