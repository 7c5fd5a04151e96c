"""Who calls, and which regions the account has (STS, Account Management, EC2 DescribeRegions)."""

from __future__ import annotations

from posture_estates.aws.exchange import ACCOUNT, CALLER, REQUEST_ID, Forward, Reply, Request, json_reply, xml_reply
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.state import State, page

# On in every account, and off until an account opts in (AWS General Reference, "Regions and Endpoints")
DEFAULT_REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1",
    "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip
OPT_IN_REGIONS = (
    "af-south-1", "ap-east-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ca-west-1",
    "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1",
)  # fmt: skip
REGION_STATUS = dict.fromkeys(DEFAULT_REGIONS, "ENABLED_BY_DEFAULT") | dict.fromkeys(OPT_IN_REGIONS, "DISABLED")


def caller_identity(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    return xml_reply(
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{CALLER}</Arn><UserId>AIDAEXAMPLEAUDITOR000</UserId><Account>{ACCOUNT}</Account>"
        "</GetCallerIdentityResult>"
        f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )


def list_regions(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    asked = request.json.get("RegionOptStatusContains") or tuple(set(REGION_STATUS.values()))
    regions = [
        {"RegionName": name, "RegionOptStatus": status}
        for name, status in sorted(REGION_STATUS.items())
        if status in asked
    ]
    shown, token = page(regions, request.json.get("MaxResults", 20), request.json.get("NextToken"))
    return json_reply({"Regions": shown} | ({"NextToken": token} if token else {}))


def region_status(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    name = request.json["RegionName"]
    return json_reply({"RegionName": name, "RegionOptStatus": REGION_STATUS[name]})


def describe_regions(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Without `AllRegions` only the regions that the account has."""
    names = sorted(REGION_STATUS) if request.form.get("AllRegions") == "true" else DEFAULT_REGIONS
    named = request.listed("RegionName")
    items = "".join(
        f"<item><regionName>{name}</regionName><regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint>"
        f"<optInStatus>{'opt-in-not-required' if name in DEFAULT_REGIONS else 'not-opted-in'}</optInStatus></item>"
        for name in names
        if not named or name in named
    )
    return xml_reply(
        '<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>{REQUEST_ID}</requestId><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
    )


SERVED = {
    ("sts", "GetCallerIdentity"): caller_identity,
    ("account", "ListRegions"): list_regions,
    ("account", "GetRegionOptStatus"): region_status,
    ("ec2", "DescribeRegions"): describe_regions,
}
