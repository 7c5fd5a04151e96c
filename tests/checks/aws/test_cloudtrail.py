"""CloudTrail: what is read and how it is judged."""

from typing import Any

import pytest

from kit import NOW, Recorded, judge, place, read, session_of
from posture.check import Fail, Incomplete, Outcome, Pass, Unknown
from posture.claims import ActivityLogged
from posture.model import Cause, Gap
from posture.reader import GapFound
from posture_aws import cloudtrail
from posture_aws.cloudtrail import BasicSelector, FieldCondition, RegionTrails, Trail, TrailSelectors, TrailStatus
from posture_aws.session import AwsSession

REGION = session_of(AwsSession, Recorded({})).resource(
    "aws.cloudtrail.region", "arn:aws:cloudtrail:us-east-1:123456789012:region", "us-east-1"
)
MAIN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main"
ORGANISATION = "arn:aws:cloudtrail:eu-west-1:999999999999:trail/all"
CLAIM = ActivityLogged()
PASSED = Pass("is recorded by the trail main into the bucket logs")


def described(**changes: object) -> dict[str, object]:
    return {
        "Name": "main",
        "TrailARN": MAIN,
        "HomeRegion": "us-east-1",
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "LogFileValidationEnabled": True,
        "IsOrganizationTrail": False,
        "S3BucketName": "logs",
    } | changes


def trail(**changes: Any) -> Trail:
    fields = {
        "arn": MAIN,
        "name": "main",
        "home_region": "us-east-1",
        "multi_region": True,
        "global_services": True,
        "validated": True,
        "organisation": False,
        "foreign": False,
        "bucket": "logs",
    }
    return Trail(**(fields | changes))


FOREIGN = trail(arn=ORGANISATION, name="all", home_region="eu-west-1", organisation=True, foreign=True)


def region(*trails: Trail) -> RegionTrails:
    return RegionTrails(resource=REGION, trails=trails)


def status(arn: str = MAIN, logging: bool = True, delivery: str = "", digest: str = "") -> TrailStatus:
    return TrailStatus(resource=REGION, trail=arn, logging=logging, delivery_error=delivery, digest_error=digest)


def basic(read_write: str = "All", management: bool = True, excluded: tuple[str, ...] = ()) -> BasicSelector:
    return BasicSelector(management=management, read_write=read_write, excluded=excluded)


def equal(field: str, *values: str) -> FieldCondition:
    return FieldCondition(field=field, equals=values, only_equals=True)


CATEGORY = equal("eventCategory", "Management")
SOURCES = FieldCondition(field="eventSource", equals=(), only_equals=False)


def selectors(
    *basics: BasicSelector, advanced: tuple[tuple[FieldCondition, ...], ...] = (), arn: str = MAIN
) -> TrailSelectors:
    return TrailSelectors(resource=REGION, trail=arn, basic=basics, advanced=advanced)


def outcome(
    fact: RegionTrails,
    claim: ActivityLogged = CLAIM,
    statuses: tuple[TrailStatus, ...] = (status(),),
    chosen: tuple[TrailSelectors, ...] = (selectors(),),
) -> Outcome:
    return judge(cloudtrail.activity_logged, fact, claim, statuses, chosen)


def test_trails_that_extend_to_the_region_are_read_and_foreign_ones_come_last() -> None:
    source = Recorded(
        {
            "cloudtrail:DescribeTrails": {
                "trailList": [
                    described(Name="all", TrailARN=ORGANISATION, HomeRegion="eu-west-1", IsOrganizationTrail=True),
                    described(),
                ]
            }
        }
    )
    assert read(cloudtrail.region_trails, session_of(AwsSession, source)) == [region(trail(), FOREIGN)]
    assert source.asked == [("cloudtrail:DescribeTrails", {"includeShadowTrails": True}, "us-east-1")]


def test_a_region_without_trails_is_a_fact() -> None:
    source = Recorded({"cloudtrail:DescribeTrails": {"trailList": []}})
    assert read(cloudtrail.region_trails, session_of(AwsSession, source)) == [region()]


def test_the_status_is_asked_in_the_region_itself_and_the_selectors_at_home() -> None:
    source = Recorded(
        {
            "cloudtrail:GetTrailStatus": {"IsLogging": True, "LatestDeliveryError": "NoSuchBucket"},
            "cloudtrail:GetEventSelectors": {
                "EventSelectors": [
                    {
                        "ReadWriteType": "All",
                        "IncludeManagementEvents": True,
                        "DataResources": [],
                        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
                    }
                ]
            },
        }
    )
    session = AwsSession(place(region="us-east-1"), source, NOW)
    assert read(cloudtrail.trail_status, session, region(FOREIGN)) == [status(ORGANISATION, True, "NoSuchBucket")]
    assert read(cloudtrail.trail_selectors, session, region(FOREIGN)) == [
        selectors(basic(excluded=("kms.amazonaws.com",)), arn=ORGANISATION)
    ]
    assert source.asked == [
        ("cloudtrail:GetTrailStatus", {"Name": ORGANISATION}, "us-east-1"),
        ("cloudtrail:GetEventSelectors", {"TrailName": ORGANISATION}, "eu-west-1"),
    ]


def test_advanced_selectors_are_read_with_their_operators() -> None:
    reply = {
        "AdvancedEventSelectors": [
            {
                "Name": "m",
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Management"], "NotEquals": []},
                    {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
                ],
            }
        ]
    }
    session = session_of(AwsSession, Recorded({"cloudtrail:GetEventSelectors": reply}))
    assert read(cloudtrail.trail_selectors, session, region(trail())) == [selectors(advanced=((CATEGORY, SOURCES),))]


def test_a_refused_status_is_a_gap() -> None:
    session = session_of(AwsSession, Recorded({"cloudtrail:GetTrailStatus": Cause.ACCESS_DENIED}))
    with pytest.raises(GapFound) as found:
        read(cloudtrail.trail_status, session, region(FOREIGN))
    assert (found.value.gap.cause, found.value.gap.permission) == (Cause.ACCESS_DENIED, "cloudtrail:GetTrailStatus")


@pytest.mark.parametrize(
    ("fact", "claim", "expected"),
    [
        (region(), CLAIM, Fail("is recorded by no trail")),
        (region(trail(multi_region=False, home_region="eu-west-1")), CLAIM, Fail("is recorded by no trail")),
        (region(trail(multi_region=False)), CLAIM, PASSED),
        (
            region(trail(validated=False)),
            CLAIM,
            Fail("is recorded by no sound trail: main has no log file validation"),
        ),
        (region(trail(validated=False)), ActivityLogged(integrity=False), PASSED),
        (
            region(trail(global_services=False)),
            CLAIM,
            Fail("is recorded by no sound trail: main leaves out global services"),
        ),
    ],
)
def test_a_trail_must_reach_the_region_and_be_set_up_as_claimed(
    fact: RegionTrails, claim: ActivityLogged, expected: Outcome
) -> None:
    assert outcome(fact, claim) == expected


def test_only_the_first_region_of_a_partition_needs_global_services() -> None:
    resource = session_of(AwsSession, Recorded({}), place(region="eu-west-1")).resource("k", "i", "n")
    fact = RegionTrails(resource=resource, trails=(trail(global_services=False),))
    assert outcome(fact) == PASSED


@pytest.mark.parametrize(
    ("found", "claim", "expected"),
    [
        (status(logging=False), CLAIM, Fail("is recorded by no sound trail: main is stopped")),
        (
            status(delivery="NoSuchBucket"),
            CLAIM,
            Fail("is recorded by no sound trail: main cannot deliver its log (NoSuchBucket)"),
        ),
        (
            status(digest="AccessDenied"),
            CLAIM,
            Fail("is recorded by no sound trail: main cannot deliver its digests (AccessDenied)"),
        ),
        (status(digest="AccessDenied"), ActivityLogged(integrity=False), PASSED),
    ],
)
def test_a_trail_must_run_and_deliver(found: TrailStatus, claim: ActivityLogged, expected: Outcome) -> None:
    assert outcome(region(trail()), claim, statuses=(found,)) == expected


KMS = ("kms.amazonaws.com",)


@pytest.mark.parametrize(
    ("chosen", "flaw"),
    [
        (selectors(), ""),
        (selectors(basic()), ""),
        (selectors(basic(management=False), basic()), ""),
        (selectors(basic("ReadOnly"), basic("WriteOnly")), ""),
        (selectors(basic("WriteOnly")), "records reads or writes only"),
        (selectors(basic(management=False)), "records no management events"),
        (selectors(basic(excluded=KMS)), "leaves out kms.amazonaws.com"),
        (selectors(basic(excluded=KMS), basic()), ""),
        (selectors(advanced=((CATEGORY,),)), ""),
        (selectors(advanced=((CATEGORY, equal("readOnly", "true")), (CATEGORY, equal("readOnly", "false")))), ""),
        (
            selectors(advanced=((CATEGORY, equal("readOnly", "false")),)),
            "records a selection of management events only",
        ),
        (selectors(advanced=((CATEGORY, SOURCES),)), "records a selection of management events only"),
        (selectors(advanced=((equal("eventCategory", "Data"),),)), "records no management events"),
    ],
)
def test_a_trail_must_record_every_management_event(chosen: TrailSelectors, flaw: str) -> None:
    expected = Fail(f"is recorded by no sound trail: main {flaw}") if flaw else PASSED
    assert outcome(region(trail()), chosen=(chosen,)) == expected


def test_a_selector_of_an_unknown_kind_is_unknown_unless_another_suffices() -> None:
    unknown = Unknown(Cause.NOT_SUPPORTED, "has a trail with the unknown selector Some")
    assert outcome(region(trail()), chosen=(selectors(basic("Some")),)) == unknown
    assert outcome(region(trail()), chosen=(selectors(basic("Some"), basic()),)) == PASSED


def test_one_sound_trail_is_enough() -> None:
    fact = region(trail(arn=MAIN + "2", name="old"), trail())
    assert outcome(fact, statuses=(status(MAIN + "2", logging=False), status())) == PASSED


def test_a_status_that_is_missing_from_a_whole_listing_is_unknown() -> None:
    assert isinstance(outcome(region(trail()), statuses=()), Unknown)
    assert isinstance(outcome(region(trail()), chosen=()), Unknown)


def refused(*facts: Any) -> Incomplete:
    gap = Gap(cause=Cause.ACCESS_DENIED, detail="no", operation="o", permission="cloudtrail:GetTrailStatus")
    return Incomplete.of(facts, gap)


def test_a_refused_read_is_unknown_only_where_the_answer_hangs_on_it() -> None:
    unknown = Unknown(Cause.ACCESS_DENIED, "no", "cloudtrail:GetTrailStatus")
    assert outcome(region(FOREIGN), statuses=refused()) == unknown
    assert outcome(region(trail(), FOREIGN), statuses=refused(status(logging=False))) == unknown
    assert outcome(region(trail(), FOREIGN), statuses=refused(status()), chosen=refused(selectors())) == PASSED
    assert outcome(region(), statuses=refused()) == Fail("is recorded by no trail")


def test_an_organisation_trail_is_named_as_such() -> None:
    assert outcome(region(FOREIGN), statuses=(status(ORGANISATION),), chosen=(selectors(arn=ORGANISATION),)) == Pass(
        "is recorded by the organisation's trail all into the bucket logs"
    )
