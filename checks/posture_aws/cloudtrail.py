"""CloudTrail: which trails record the actions in a region, whether they run, and what they leave out."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import ActivityLogged
from posture.model import Cause, Fact, Value
from posture.reader import reader
from posture_aws.session import HOME_REGIONS, AwsSession


class Trail(Value):
    """Settings of a trail. ``foreign`` marks a trail of another account: an organisation's, seen from a member."""

    arn: str
    name: str
    home_region: str
    multi_region: bool
    global_services: bool
    validated: bool
    organisation: bool
    foreign: bool
    bucket: str


class RegionTrails(Fact):
    """The trails that may record this region: its own, and those of other regions that extend here (DescribeTrails).

    The account's own trails come first: where the status of an organisation's trail is refused, theirs is known.
    """

    kind: ClassVar[str] = "aws.cloudtrail.region"

    trails: tuple[Trail, ...]


class TrailStatus(Fact):
    """Whether a trail runs in this region (GetTrailStatus). Errors are S3's codes for the last delivery that failed."""

    kind: ClassVar[str] = "aws.cloudtrail.region"

    trail: str
    logging: bool
    delivery_error: str
    digest_error: str


class BasicSelector(Value):
    """An event selector: ``read_write`` is the service's word, ``excluded`` the event sources that are left out."""

    management: bool
    read_write: str
    excluded: tuple[str, ...]


class FieldCondition(Value):
    """One condition of an advanced selector; ``only_equals`` when it uses no operator but Equals."""

    field: str
    equals: tuple[str, ...]
    only_equals: bool


class TrailSelectors(Fact):
    """What a trail records (GetEventSelectors); only one of the two forms is in use, and none means the default."""

    kind: ClassVar[str] = "aws.cloudtrail.region"

    trail: str
    basic: tuple[BasicSelector, ...]
    advanced: tuple[tuple[FieldCondition, ...], ...]


@reader(operation="cloudtrail:DescribeTrails")
def region_trails(aws: AwsSession) -> RegionTrails:
    """One call a region, unpaged; shadow trails are those of other regions and of the organisation."""
    account = aws.place.account
    trails = [
        Trail(
            arn=trail["TrailARN"],
            name=trail["Name"],
            home_region=trail["HomeRegion"],
            multi_region=trail["IsMultiRegionTrail"],
            global_services=trail["IncludeGlobalServiceEvents"],
            validated=trail["LogFileValidationEnabled"],
            organisation=trail.get("IsOrganizationTrail", False),
            foreign=trail["TrailARN"].split(":")[4] != account,
            bucket=trail["S3BucketName"],
        )
        for trail in aws.get(includeShadowTrails=True)["trailList"]
    ]
    return RegionTrails(
        resource=aws.resource(RegionTrails.kind, aws.arn("cloudtrail", "region"), aws.place.region),
        trails=tuple(sorted(trails, key=lambda trail: (trail.foreign, trail.arn))),
    )


@reader(operation="cloudtrail:GetTrailStatus")
def trail_status(aws: AwsSession, region: RegionTrails) -> Iterator[TrailStatus]:
    """Asked here and by ARN, not in the home region: the service answers for the region that is asked."""
    for trail in region.trails:
        status = aws.get(Name=trail.arn)
        yield TrailStatus(
            resource=region.resource,
            trail=trail.arn,
            logging=status["IsLogging"],
            delivery_error=status.get("LatestDeliveryError") or "",
            digest_error=status.get("LatestDigestDeliveryError") or "",
        )


@reader(operation="cloudtrail:GetEventSelectors")
def trail_selectors(aws: AwsSession, region: RegionTrails) -> Iterator[TrailSelectors]:
    """Asked in the trail's home region: selectors are the same wherever the trail extends."""
    for trail in region.trails:
        reply = aws.get(region=trail.home_region, TrailName=trail.arn)
        yield TrailSelectors(
            resource=region.resource,
            trail=trail.arn,
            basic=tuple(
                BasicSelector(
                    management=selector["IncludeManagementEvents"],
                    read_write=selector["ReadWriteType"],
                    excluded=tuple(selector.get("ExcludeManagementEventSources") or ()),
                )
                for selector in reply.get("EventSelectors") or ()
            ),
            advanced=tuple(
                tuple(
                    FieldCondition(
                        field=condition["Field"],
                        equals=tuple(condition.get("Equals") or ()),
                        only_equals=not any(condition[key] for key in condition if key not in ("Field", "Equals")),
                    )
                    for condition in selector["FieldSelectors"]
                )
                for selector in reply.get("AdvancedEventSelectors") or ()
            ),
        )


@check(
    id="aws.cloudtrail.activity-logged",
    title="A running trail records all management events of the region",
    severity=Severity.HIGH,
    refutes=("a region", "a trail", "validation"),
    remedy="Start a multi-region trail that validates its log files and records all management events, read and write.",
)
def activity_logged(
    region: RegionTrails,
    claim: ActivityLogged,
    statuses: tuple[TrailStatus, ...],
    selectors: tuple[TrailSelectors, ...],
) -> Outcome:
    """One trail must do it all: reach the region, run, deliver, and record every management event.

    Event sources that a trail leaves out count as unrecorded, as in AWS Config's rule multi-region-cloudtrail-enabled.
    """
    reaching = [trail for trail in region.trails if trail.multi_region or trail.home_region == region.resource.region]
    if not reaching:
        return Fail("is recorded by no trail")
    defects = []
    undecided: Unknown | None = None
    for trail in reaching:
        flaw = _settings_flaw(trail, claim, region.resource.region) or _run_flaw(trail, claim, statuses)
        outcome = flaw or _scope_flaw(trail, selectors)
        if not outcome:
            owner = "the organisation's trail" if trail.organisation else "the trail"
            return Pass(f"is recorded by {owner} {trail.name} into the bucket {trail.bucket}")
        if isinstance(outcome, Unknown):
            undecided = undecided or outcome
        else:
            defects.append(f"{trail.name} {outcome}")
    return undecided or Fail(f"is recorded by no sound trail: {'; '.join(defects)}")


def _settings_flaw(trail: Trail, claim: ActivityLogged, region: str) -> str:
    """What is wrong with the trail as it is set up.

    Actions on services without regions, IAM above all, are recorded in the partition's first region only.
    """
    if claim.integrity and not trail.validated:
        return "has no log file validation"
    if region in HOME_REGIONS.values() and not trail.global_services:
        return "leaves out global services"
    return ""


def _run_flaw(trail: Trail, claim: ActivityLogged, statuses: tuple[TrailStatus, ...]) -> str | Unknown:
    status = next((status for status in statuses if status.trail == trail.arn), None)
    if status is None:
        return Unknown(Cause.DISAGREEMENT, f"lists the trail {trail.name} but has no status of it")
    if not status.logging:
        return "is stopped"
    if status.delivery_error:
        return f"cannot deliver its log ({status.delivery_error})"
    if claim.integrity and status.digest_error:
        return f"cannot deliver its digests ({status.digest_error})"
    return ""


def _scope_flaw(trail: Trail, selectors: tuple[TrailSelectors, ...]) -> str | Unknown:
    chosen = next((chosen for chosen in selectors if chosen.trail == trail.arn), None)
    if chosen is None:
        return Unknown(Cause.DISAGREEMENT, f"lists the trail {trail.name} but has no selectors of it")
    return _advanced_flaw(chosen.advanced) if chosen.advanced else _basic_flaw(chosen.basic)


def _basic_flaw(selectors: tuple[BasicSelector, ...]) -> str | Unknown:
    """A trail that no selector was ever set for records all management events (CloudTrail user guide)."""
    management = [selector for selector in selectors if selector.management]
    if selectors and not management:
        return "records no management events"
    sides = {"All": {"read", "write"}, "ReadOnly": {"read"}, "WriteOnly": {"write"}}
    if not selectors or _both(
        sides.get(selector.read_write, set()) for selector in management if not selector.excluded
    ):
        return ""
    for selector in management:
        if selector.read_write not in sides:
            return Unknown(Cause.NOT_SUPPORTED, f"has a trail with the unknown selector {selector.read_write}")
    if _both(sides[selector.read_write] for selector in management):
        left_out = sorted({source for selector in management for source in selector.excluded})
        return f"leaves out {', '.join(left_out)}"
    return "records reads or writes only"


def _advanced_flaw(selectors: tuple[tuple[FieldCondition, ...], ...]) -> str:
    """Conditions narrow a selector: besides the category, only a choice between reads and writes can add up to all."""
    category = FieldCondition(field="eventCategory", equals=("Management",), only_equals=True)
    management = [
        [condition for condition in selector if condition != category] for selector in selectors if category in selector
    ]
    if not management:
        return "records no management events"
    return "" if _both(map(_side, management)) else "records a selection of management events only"


def _side(conditions: list[FieldCondition]) -> set[str]:
    """The reads or writes that a selector records without exception."""
    match conditions:
        case []:
            return {"read", "write"}
        case [FieldCondition(field="readOnly", equals=(value,), only_equals=True)]:
            return {"read"} if value == "true" else {"write"}
        case _:
            return set()


def _both(sides: Iterable[set[str]]) -> bool:
    return {"read", "write"} <= set().union(*sides)
