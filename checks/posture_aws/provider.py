"""AWS as posture's engine sees it: how to find an account's regions, open sessions and print an IAM policy."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from posture.model import Cause, Gap
from posture.place import Closed, Place, Where
from posture.provider import Discovery, Limits, SignInFailed
from posture.remedy import fitting
from posture.session import GapFound, Source
from posture_aws.errors import CLOCK_OFF
from posture_aws.session import HOME_REGIONS, AwsSession
from posture_aws.signin import CREDENTIALS, WHO, AwsTarget
from posture_aws.source import AwsSource

REGIONS = "ec2:DescribeRegions"

SET_CLOCK = "Set the clock of this machine by a time server (NTP) and try again."
"""What to do about a sign-in that failed for the time of its signature."""


class Aws:
    """The provider of AWS accounts."""

    name = "aws"
    target_type = AwsTarget

    def permissions(self) -> tuple[str, ...]:
        """``sts:GetCallerIdentity`` needs none; the list of regions does."""
        return (REGIONS,)

    def operations(self) -> tuple[str, ...]:
        """What discovery asks: who we are, and which regions the account has."""
        return (WHO, REGIONS)

    def discover(self, name: str, target: AwsTarget, limits: Limits) -> Discovery:
        """Sign in, compare the account with the one that was expected, and list its regions with their states."""
        source = AwsSource(target, limits)
        home = HOME_REGIONS[target.partition]
        try:
            caller = source.fetch(WHO, {}, home, frozenset()).body
        except GapFound as found:
            untimely = found.gap.detail.startswith(CLOCK_OFF)
            remedy = SET_CLOCK if untimely else fitting(found.gap.detail) or CREDENTIALS
            raise SignInFailed(found.gap, remedy) from found
        account = caller["Account"]
        if target.account and target.account != account:
            gap = Gap(
                cause=Cause.DISAGREEMENT,
                detail=f"signed in to account {account}, expected {target.account}",
                operation=WHO,
            )
            raise SignInFailed(
                gap, "Use the credentials of the expected account, or correct `account` in the configuration."
            )
        places, closed = self._regions(name, account, target, source, home)
        return Discovery(identity=caller["Arn"], places=tuple(places), closed=tuple(closed))

    def _regions(
        self, name: str, account: str, target: AwsTarget, source: AwsSource, home: str
    ) -> tuple[list[Place], list[Closed]]:
        def place(region: str, where: Where) -> Place:
            return Place(provider=self.name, target=name, account=account, region=region, where=where)

        places, closed = [place(home, Where.ACCOUNT)], []
        try:
            states = {
                region["RegionName"]: region.get("OptInStatus", "opt-in-not-required")
                for region in source.fetch(REGIONS, {"AllRegions": True}, home, frozenset()).body["Regions"]
            }
        except GapFound as found:
            if not target.regions:
                gap = Gap(cause=found.gap.cause, detail=found.gap.detail, operation=REGIONS, permission=REGIONS)
                return places, [Closed(place=place("all-regions", Where.REGION), gap=gap)]
            states = dict.fromkeys(target.regions, "opt-in-not-required")
        for region in sorted(target.regions or states):
            state = states.get(region, "")
            if state in ("opt-in-not-required", "opted-in"):
                places.append(place(region, Where.REGION))
            elif state or not target.regions:
                gap = Gap(
                    cause=Cause.REGION_NOT_ENABLED,
                    detail=f"{region} is not enabled for account {account}",
                    operation=REGIONS,
                )
                closed.append(Closed(place=place(region, Where.REGION), gap=gap))
            else:
                gap = Gap(cause=Cause.REGION_UNREACHABLE, detail=f"AWS knows no region {region}", operation=REGIONS)
                closed.append(Closed(place=place(region, Where.REGION), gap=gap))
        return places, closed

    def source(self, place: Place, target: AwsTarget, limits: Limits) -> Source:
        """A live source for one region of the account."""
        return AwsSource(target, limits)

    def session(self, place: Place, source: Source, now: datetime) -> AwsSession:
        """A session over any source, live or recorded."""
        return AwsSession(place, source, now)

    def policy(self, permissions: Iterable[str]) -> Mapping[str, Any]:
        """An IAM policy document that allows exactly ``permissions``."""
        return {
            "Version": "2012-10-17",
            "Statement": [
                {"Sid": "PostureRead", "Effect": "Allow", "Action": sorted(set(permissions)), "Resource": "*"}
            ],
        }


PROVIDER = Aws()
