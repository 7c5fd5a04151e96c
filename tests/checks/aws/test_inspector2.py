"""Inspector: what is read and how it is judged."""

import botocore.session
import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Fail, NotApplicable, Outcome, Pass, Unknown
from posture.claims import VulnerabilityScanning
from posture.model import Cause
from posture.reader import GapFound
from posture_aws import inspector2
from posture_aws.inspector2 import CoveredResource, RegionScanning
from posture_aws.session import AwsSession

REGION = session_of(AwsSession, Recorded({})).resource(
    "aws.inspector2.region", "arn:aws:inspector2:us-east-1:123456789012:region", "us-east-1"
)
FILTER = {
    "accountId": [{"comparison": "EQUALS", "value": "123456789012"}],
    "scanType": [{"comparison": "EQUALS", "value": "PACKAGE"}],
}


def scanning(overall: str = "ENABLED", **types: str) -> RegionScanning:
    types = {"ec2": "ENABLED", "ecr": "ENABLED", "lambda": "ENABLED"} | types
    return RegionScanning(resource=REGION, overall=overall, types=tuple(types.items()))


def covered(status: str, cause: str, last_scanned: str | None = None) -> CoveredResource:
    return CoveredResource(resource=REGION, status=status, cause=cause, last_scanned=last_scanned)


def row(**changes: object) -> dict[str, object]:
    return {
        "resourceType": "AWS_EC2_INSTANCE",
        "resourceId": "i-1",
        "accountId": "123456789012",
        "scanType": "PACKAGE",
        "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
        "lastScannedAt": "2026-11-23T00:00:00+00:00",
    } | changes


def test_the_state_of_each_type_is_read_and_code_scanning_is_left_out() -> None:
    state = {"status": "ENABLED", "errorCode": "ALREADY_ENABLED", "errorMessage": ""}
    off = state | {"status": "DISABLED"}
    account = {
        "accountId": "123456789012",
        "state": state,
        "resourceState": {"ec2": state, "ecr": off, "lambda": state, "lambdaCode": off},
    }
    source = Recorded({"inspector2:BatchGetAccountStatus": {"accounts": [account], "failedAccounts": []}})
    assert read(inspector2.region_scanning, session_of(AwsSession, source)) == [scanning(ecr="DISABLED")]
    assert source.asked[0][1] == {"accountIds": ["123456789012"]}


@pytest.mark.parametrize(
    ("codes", "cause"),
    [
        (["ACCESS_DENIED"], Cause.ACCESS_DENIED),
        (["BLOCKED_BY_ORGANIZATION_POLICY"], Cause.DENIED_BY_ORGANISATION),
        (["SOMETHING"], Cause.MALFORMED_REPLY),
        ([], Cause.MALFORMED_REPLY),
    ],
)
def test_an_account_without_an_answer_is_a_gap(codes: list[str], cause: Cause) -> None:
    failed = [{"accountId": "123456789012", "errorCode": code, "errorMessage": "no"} for code in codes]
    session = session_of(
        AwsSession, Recorded({"inspector2:BatchGetAccountStatus": {"accounts": [], "failedAccounts": failed}})
    )
    with pytest.raises(GapFound) as found:
        read(inspector2.region_scanning, session)
    assert found.value.gap.cause == cause
    assert found.value.gap.permission == "inspector2:BatchGetAccountStatus"


def test_every_page_of_coverage_is_read_for_packages_and_this_account() -> None:
    function = "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"
    source = Recorded(
        {
            "inspector2:ListCoverage": [
                {"coveredResources": [row(), row(scanType="NETWORK"), row(accountId="2")], "nextToken": "n"},
                {
                    "coveredResources": [
                        row(
                            resourceType="AWS_LAMBDA_FUNCTION", resourceId=function, scanStatus=None, lastScannedAt=None
                        )
                    ]
                },
            ]
        }
    )
    session = session_of(AwsSession, source)
    kind = CoveredResource.kind
    assert read(inspector2.covered_resources, session, scanning(ecr="DISABLED")) == [
        CoveredResource(
            resource=session.resource(kind, "arn:aws:ec2:us-east-1:123456789012:instance/i-1", "i-1"),
            status="ACTIVE",
            cause="SUCCESSFUL",
            last_scanned="2026-11-23T00:00:00+00:00",
        ),
        CoveredResource(resource=session.resource(kind, function, function), status="", cause="", last_scanned=None),
    ]
    assert source.asked[1][1] == {"maxResults": 200, "filterCriteria": FILTER, "nextToken": "n"}


def test_a_reply_without_coverage_is_malformed() -> None:
    session = session_of(AwsSession, Recorded({"inspector2:ListCoverage": {}}))
    with pytest.raises(KeyError):
        read(inspector2.covered_resources, session, scanning())


def test_coverage_is_not_asked_where_nothing_is_scanned() -> None:
    off = scanning("DISABLED", ec2="DISABLED", ecr="DISABLED", **{"lambda": "DISABLED"})
    source = Recorded({})
    assert read(inspector2.covered_resources, session_of(AwsSession, source), off) == []
    assert source.asked == []


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (scanning(), Pass("is scanned: EC2 instances, container images, Lambda functions")),
        (
            RegionScanning(resource=REGION, overall="ENABLED", types=(("ec2", "ENABLED"), ("ecr", "ENABLED"))),
            Pass("is scanned: EC2 instances, container images"),
        ),
        (scanning(**{"lambda": "DISABLED"}), Fail("is scanned without its Lambda functions")),
        (
            scanning(ec2="SUSPENDED", ecr="DISABLING"),
            Fail("is scanned without its EC2 instances and container images"),
        ),
        (scanning("DISABLED", ec2="DISABLED", ecr="DISABLED", **{"lambda": "DISABLED"}), Fail("is not scanned")),
        (scanning("SUSPENDED"), Fail("has scanning that is suspended")),
        (scanning(ecr="ENABLING"), Unknown(Cause.STALE, "has scanning that is being switched on; scan again later")),
        (scanning(ecr="ENABLING", ec2="DISABLED"), Fail("is scanned without its EC2 instances")),
        (scanning(ecr="RESTING"), Unknown(Cause.NOT_SUPPORTED, "has scanning in an unknown state")),
        (scanning("RESTING"), Unknown(Cause.NOT_SUPPORTED, "has scanning in an unknown state")),
    ],
)
def test_every_type_must_be_scanned(fact: RegionScanning, expected: Outcome) -> None:
    assert judge(inspector2.scanning_enabled, fact, VulnerabilityScanning()) == expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (covered("ACTIVE", "SUCCESSFUL", "2026-11-23"), Pass("is scanned, last at 2026-11-23")),
        (covered("ACTIVE", "SUCCESSFUL"), Pass("is scanned")),
        (covered("INACTIVE", "UNMANAGED_EC2_INSTANCE"), Fail("is not scanned (UNMANAGED_EC2_INSTANCE)")),
        (covered("INACTIVE", "SCAN_ELIGIBILITY_EXPIRED"), Fail("is not scanned (SCAN_ELIGIBILITY_EXPIRED)")),
        (covered("INACTIVE", "RESOURCE_TERMINATED"), NotApplicable("no longer exists")),
        (covered("INACTIVE", "EC2_INSTANCE_STOPPED"), NotApplicable("is stopped; its scans resume when it starts")),
        (
            covered("ACTIVE", "PENDING_INITIAL_SCAN"),
            Unknown(Cause.STALE, "waits for its scan (PENDING_INITIAL_SCAN); scan again later"),
        ),
        (
            covered("INACTIVE", "NEWS"),
            Unknown(Cause.NOT_SUPPORTED, "has an unknown state of scanning: INACTIVE NEWS"),
        ),
        (covered("RESTING", ""), Unknown(Cause.NOT_SUPPORTED, "has an unknown state of scanning: RESTING")),
        (covered("", ""), Unknown(Cause.NOT_SUPPORTED, "has an unknown state of scanning: none")),
    ],
)
def test_a_known_workload_must_be_scanned(fact: CoveredResource, expected: Outcome) -> None:
    assert judge(inspector2.resource_scanned, fact, VulnerabilityScanning()) == expected


def test_every_reason_of_the_service_is_sorted_once() -> None:
    known = set(botocore.session.get_session().get_service_model("inspector2").shape_for("ScanStatusReason").enum)
    sorted_ones = [*inspector2.GONE, *inspector2.WAITING, *inspector2.PASSED_OVER]
    assert len(sorted_ones) == len(set(sorted_ones))
    assert known - {"SUCCESSFUL"} == set(sorted_ones)
