"""The account watches itself: CloudTrail, GuardDuty, Inspector and Config, in every region it uses."""

from __future__ import annotations

from posture_estates.aws.seeds.account import AWAY, REGIONS, ROLE, Account
from posture_estates.aws.seeds.storage import LOGS

TRAIL = "account-trail"
SCANNED = ["EC2", "ECR", "LAMBDA"]


def build(account: Account) -> None:
    trail = account.client("cloudtrail")
    trail.create_trail(
        Name=TRAIL,
        S3BucketName=LOGS,
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
    )
    trail.start_logging(Name=TRAIL)
    for region in REGIONS:
        account.client("guardduty", region).create_detector(Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES")
        account.client("inspector2", region).enable(resourceTypes=SCANNED)
        record_configuration(account, region)


def record_configuration(account: Account, region: str) -> None:
    config = account.client("config", region)
    everything = {"allSupported": True, "includeGlobalResourceTypes": region != AWAY}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": ROLE, "recordingGroup": everything}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": LOGS})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def drift(account: Account) -> None:
    trail = account.client("cloudtrail")
    trail.stop_logging(Name=TRAIL)
    trail.update_trail(Name=TRAIL, EnableLogFileValidation=False)
    guardduty = account.client("guardduty", AWAY)
    for detector in guardduty.list_detectors()["DetectorIds"]:
        guardduty.update_detector(DetectorId=detector, Enable=False)
    account.client("inspector2", AWAY).disable(resourceTypes=SCANNED)
