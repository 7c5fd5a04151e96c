"""Inspector: whether a region's workloads are scanned for known vulnerabilities, and which ones are passed over."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import VulnerabilityScanning
from posture.model import Cause, Fact, Gap
from posture.reader import GapFound, reader
from posture_aws.session import AwsSession

SCANNED = {"ec2": "EC2 instances", "ecr": "container images", "lambda": "Lambda functions"}
"""The members of the reply that stand for scans of packages; scans of code are another matter."""


class RegionScanning(Fact):
    """What Inspector scans in a region (BatchGetAccountStatus).

    ``overall`` and the state of each type are the service's words; a type that the reply leaves out is not offered
    there.
    """

    kind: ClassVar[str] = "aws.inspector2.region"

    overall: str
    types: tuple[tuple[str, str], ...]


class CoveredResource(Fact):
    """A workload that Inspector knows of, and the state of its package scan (ListCoverage).

    ``status`` and ``cause`` are the service's words, empty where the reply gives none; ``last_scanned`` is ISO 8601.
    """

    kind: ClassVar[str] = "aws.inspector2.covered-resource"

    status: str
    cause: str
    last_scanned: str | None


@reader(operation="inspector2:BatchGetAccountStatus")
def region_scanning(aws: AwsSession) -> RegionScanning:
    """One call a region, for this account only; an account that the service would not answer for is a gap."""
    reply = aws.get(accountIds=[aws.place.account])
    account = next((account for account in reply["accounts"] if account["accountId"] == aws.place.account), None)
    if account is None:
        raise GapFound(_refusal(aws, [failed["errorCode"] for failed in reply.get("failedAccounts") or ()]))
    types = account["resourceState"]
    return RegionScanning(
        resource=aws.resource(RegionScanning.kind, aws.arn("inspector2", "region"), aws.place.region),
        overall=account["state"]["status"],
        types=tuple((name, types[name]["status"]) for name in SCANNED if name in types),
    )


def _refusal(aws: AwsSession, codes: list[str]) -> Gap:
    causes = {"ACCESS_DENIED": Cause.ACCESS_DENIED, "BLOCKED_BY_ORGANIZATION_POLICY": Cause.DENIED_BY_ORGANISATION}
    return Gap(
        cause=next((causes[code] for code in codes if code in causes), Cause.MALFORMED_REPLY),
        detail=f"Inspector gives no status of the account: {', '.join(codes) or 'no reason'}",
        operation=aws.operation,
        permission=aws.permission,
    )


@reader(operation="inspector2:ListCoverage")
def covered_resources(aws: AwsSession, region: RegionScanning) -> Iterator[CoveredResource]:
    """The account's own workloads, 200 a page; an administrator of other accounts would see theirs as well.

    Not asked where all scanning is off: nothing is covered there, and the region's own finding says so.
    """
    if all(state == "DISABLED" for _, state in region.types):
        return

    def only(value: str) -> list[dict[str, str]]:
        return [{"comparison": "EQUALS", "value": value}]

    account = aws.place.account
    wanted = {"accountId": only(account), "scanType": only("PACKAGE")}
    for page in aws.pages("nextToken", maxResults=200, filterCriteria=wanted):
        for covered in page["coveredResources"]:
            if covered["accountId"] != account or covered["scanType"] != "PACKAGE":
                continue
            name = covered["resourceId"]
            status = covered.get("scanStatus") or {}
            yield CoveredResource(
                resource=aws.resource(CoveredResource.kind, _id(aws, covered["resourceType"], name), name),
                status=status.get("statusCode", ""),
                cause=status.get("reason", ""),
                last_scanned=covered.get("lastScannedAt"),
            )


def _id(aws: AwsSession, kind: str, name: str) -> str:
    if name.startswith("arn:"):
        return name
    return aws.arn("ec2", f"instance/{name}") if kind == "AWS_EC2_INSTANCE" else aws.arn("inspector2", f"{kind}/{name}")


@check(
    id="aws.inspector2.scanning-enabled",
    title="Inspector scans instances, container images and functions of the region",
    severity=Severity.MEDIUM,
    remedy="Activate Inspector in the region for EC2, ECR and Lambda.",
)
def scanning_enabled(region: RegionScanning, claim: VulnerabilityScanning) -> Outcome:
    """Inspector is switched on by region and by type of resource; an account that is partly on reads ENABLED overall.

    A type that is being switched off counts as off. One that is being switched on is neither, so nothing is said.
    """
    known = {"ENABLED", "ENABLING", "DISABLED", "DISABLING", "SUSPENDED", "SUSPENDING"}
    off = [SCANNED[name] for name, state in region.types if state in known - {"ENABLED", "ENABLING"}]
    if off and len(off) == len(region.types):
        return Fail("is not scanned")
    if off:
        return Fail(f"is scanned without its {' and '.join(off)}")
    if region.overall not in known or not {state for _, state in region.types} <= known:
        return Unknown(Cause.NOT_SUPPORTED, "has scanning in an unknown state")
    states = {region.overall, *(state for _, state in region.types)}
    if states == {"ENABLED"}:
        return Pass(f"is scanned: {', '.join(SCANNED[name] for name, _ in region.types)}")
    if states <= {"ENABLED", "ENABLING"}:
        return Unknown(Cause.STALE, "has scanning that is being switched on; scan again later")
    return Fail(f"has scanning that is {region.overall.lower()}")


GONE = {
    "RESOURCE_TERMINATED": "no longer exists",
    "EC2_INSTANCE_STOPPED": "is stopped; its scans resume when it starts",
    "RESOURCE_STOPPED": "is stopped; its scans resume when it starts",
    "IMAGE_ARCHIVED": "is archived and cannot be run",
    "NO_RESOURCES_FOUND": "holds nothing to scan",
}
"""Reasons for a pause that leave no running workload unscanned (Inspector API reference, ScanStatus)."""

WAITING = frozenset({"PENDING_INITIAL_SCAN", "PENDING_REVIVAL_SCAN", "SCAN_IN_PROGRESS"})

PASSED_OVER = frozenset(
    {
        "ACCESS_DENIED", "INTERNAL_ERROR", "UNMANAGED_EC2_INSTANCE", "UNSUPPORTED_OS", "SCAN_ELIGIBILITY_EXPIRED",
        "IMAGE_SIZE_EXCEEDED", "SCAN_FREQUENCY_MANUAL", "SCAN_FREQUENCY_SCAN_ON_PUSH", "PENDING_DISABLE",
        "NO_INVENTORY", "STALE_INVENTORY", "EXCLUDED_BY_TAG", "UNSUPPORTED_RUNTIME", "UNSUPPORTED_MEDIA_TYPE",
        "UNSUPPORTED_CONFIG_FILE",
        "DEEP_INSPECTION_PACKAGE_COLLECTION_LIMIT_EXCEEDED", "DEEP_INSPECTION_DAILY_SSM_INVENTORY_LIMIT_EXCEEDED",
        "DEEP_INSPECTION_COLLECTION_TIME_LIMIT_EXCEEDED", "DEEP_INSPECTION_NO_INVENTORY",
        "AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED", "AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED",
        "INTEGRATION_CONNECTION_LOST", "ACCESS_DENIED_TO_ENCRYPTION_KEY", "UNSUPPORTED_LANGUAGE",
        "NO_SCAN_CONFIGURATION_ASSOCIATED", "UNSUPPORTED_CODE_ARTIFACTS", "RESOURCE_UNMANAGED",
        "EXTRACTION_COLLECTION_TIME_LIMIT_EXCEEDED", "STORAGE_LIMIT_EXCEEDED", "INVALID_ARTIFACT",
    }
)  # fmt: skip
"""Reasons for which a workload that may run is not scanned, whoever is at fault."""


@check(
    id="aws.inspector2.resource-scanned",
    title="Workloads that Inspector knows of are scanned",
    severity=Severity.MEDIUM,
    remedy="Mend the cause that Inspector gives: an unmanaged instance, an excluding tag, a re-scan time that is over.",
)
def resource_scanned(covered: CoveredResource, claim: VulnerabilityScanning) -> Outcome:
    """Scanning that is on still passes over what it cannot reach: unmanaged instances, old images, unknown systems."""
    if covered.cause in GONE:
        return NotApplicable(GONE[covered.cause])
    if covered.cause in WAITING:
        return Unknown(Cause.STALE, f"waits for its scan ({covered.cause}); scan again later")
    match covered.status:
        case "ACTIVE":
            return Pass(f"is scanned, last at {covered.last_scanned}" if covered.last_scanned else "is scanned")
        case "INACTIVE" if covered.cause in PASSED_OVER:
            return Fail(f"is not scanned ({covered.cause})")
        case _:
            state = f"{covered.status or 'none'} {covered.cause}".strip()
            return Unknown(Cause.NOT_SUPPORTED, f"has an unknown state of scanning: {state}")
