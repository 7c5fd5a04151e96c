"""How long what is deleted from storage accounts can be brought back: soft delete, old versions and their expiry."""

from posture.check import Fail, Outcome, Pass, Severity, check
from posture.claims import DeletedWithin
from posture_azure.storage.facts import FileService, Lifecycle


@check(
    id="azure.storage.blob-deletion",
    title="Deleted blobs are gone in time",
    severity=Severity.MEDIUM,
    refutes="a versioned store",
    remedy="Shorten soft delete, and delete old versions by a lifecycle rule without filters.",
)
def blob_deletion(lifecycle: Lifecycle, claim: DeletedWithin) -> Outcome:
    """With versioning a deleted blob lives on as a version, until a lifecycle rule deletes that, and then soft-deleted.

    A deleted container lives on with all that is in it. A rule with a filter says nothing of what that leaves out.
    """
    service = lifecycle.service
    everywhere = [rule.days for rule in lifecycle.expiries if rule.everywhere]
    if service.versioning and not everywhere:
        partly = "only for some blobs" if lifecycle.expiries else "never"
        return Fail(f"keeps old versions of blobs, which expire {partly}")
    versions = min(everywhere) if service.versioning else 0
    days = max(versions + service.blob_days, service.container_days)
    parts = f"versions {versions}, soft-deleted blobs {service.blob_days}, containers {service.container_days} days"
    if days <= claim.days:
        return Pass(f"keeps deleted blobs for at most {days} days ({parts})")
    return Fail(f"keeps deleted blobs for up to {days} days ({parts})")


@check(
    id="azure.storage.share-deletion",
    title="Deleted file shares are gone in time",
    severity=Severity.MEDIUM,
    remedy="Shorten the soft delete of file shares.",
)
def share_deletion(service: FileService, claim: DeletedWithin) -> Outcome:
    """A deleted share lives on for the days of its soft delete. Backups of shares are judged with their vaults."""
    if service.share_days <= claim.days:
        return Pass(f"keeps deleted file shares for {service.share_days} days")
    return Fail(f"keeps deleted file shares for {service.share_days} days")
