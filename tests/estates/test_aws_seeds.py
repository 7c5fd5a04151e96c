"""The seeded AWS accounts, read back through boto3: good, drifted, refusing and empty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_clients import AWAY, HOME, VAULT, client, code
from posture_estates.aws import ACCOUNT, WRONG, AwsServer, located, refuse, seed


class Reader:
    """The properties of a seeded account, read back."""

    def __init__(self, server: AwsServer) -> None:
        self.server = server

    def __call__(self, service: str, region: str = HOME) -> Any:
        return client(self.server, service, region)

    def volumes(self) -> dict[str, bool]:
        return {
            f"{region}:{volume['Tags'][0]['Value']}": volume["Encrypted"]
            for region in (HOME, AWAY)
            for volume in self("ec2", region).describe_volumes()["Volumes"]
        }

    def unencrypted_snapshots(self) -> list[str]:
        return sorted(
            f"arn:aws:ec2:{region}::snapshot/{snapshot['SnapshotId']}"
            for region in (HOME, AWAY)
            for snapshot in self("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]
            if not snapshot["Encrypted"]
        )

    def unencrypted_databases(self) -> list[str]:
        found = []
        for region in (HOME, AWAY):
            rds = self("rds", region)
            found += [
                d["DBInstanceArn"] for d in rds.describe_db_instances()["DBInstances"] if not d["StorageEncrypted"]
            ]
            found += [s["DBSnapshotArn"] for s in rds.describe_db_snapshots()["DBSnapshots"] if not s["Encrypted"]]
            found += [c["DBClusterArn"] for c in rds.describe_db_clusters()["DBClusters"] if not c["StorageEncrypted"]]
            found += [
                s["DBClusterSnapshotArn"]
                for s in rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
                if not s["StorageEncrypted"]
            ]
        return sorted(found)

    def unencrypted_points(self) -> list[str]:
        return [
            point["RecoveryPointArn"]
            for region in (HOME, AWAY)
            for point in self("backup", region).list_recovery_points_by_backup_vault(BackupVaultName=VAULT)[
                "RecoveryPoints"
            ]
            if not point["IsEncrypted"]
        ]

    def listeners(self) -> dict[str, tuple[str, str | None, str]]:
        elbv2 = self("elbv2")
        return {
            f"{balancer['LoadBalancerName']}:{listener['Port']}": (
                listener["Protocol"],
                listener.get("SslPolicy"),
                listener["DefaultActions"][0]["Type"],
            )
            for balancer in elbv2.describe_load_balancers()["LoadBalancers"]
            for listener in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        }

    def denies_clear_text(self) -> dict[str, bool]:
        s3, found = self("s3"), {}
        for bucket in (b["Name"] for b in s3.list_buckets()["Buckets"]):
            try:
                statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
            except ClientError as error:
                assert error.response["Error"]["Code"] == "NoSuchBucketPolicy"  # noqa: PT017 - any other is a failure
                statements = []
            arn = f"arn:aws:s3:::{bucket}"
            found[bucket] = any(s["Effect"] == "Deny" and s["Resource"] == [arn, f"{arn}/*"] for s in statements)
        return found

    def parameter(self, group: str, name: str, region: str = HOME) -> str:
        found = self("rds", region).describe_db_parameters(DBParameterGroupName=group)["Parameters"]
        return next(str(p["ParameterValue"]) for p in found if p["ParameterName"] == name)

    def detectors(self) -> list[str]:
        found = []
        for region in (HOME, AWAY):
            guardduty = self("guardduty", region)
            found += [guardduty.get_detector(DetectorId=d)["Status"] for d in guardduty.list_detectors()["DetectorIds"]]
        return found

    def scanned(self) -> list[str]:
        found = []
        for region in (HOME, AWAY):
            (account,) = self("inspector2", region).batch_get_account_status()["accounts"]
            found.append("+".join(k for k, v in account["resourceState"].items() if v["status"] == "ENABLED"))
        return found

    def trail(self) -> tuple[bool, bool, bool]:
        (trail,) = self("cloudtrail").describe_trails()["trailList"]
        status = self("cloudtrail").get_trail_status(Name=trail["TrailARN"])
        return trail["IsMultiRegionTrail"], trail["LogFileValidationEnabled"], status["IsLogging"]


@pytest.fixture(scope="class")
def good() -> Iterator[Reader]:
    with AwsServer() as server:
        seed(server.url, "good")
        yield Reader(server)


@pytest.fixture(scope="class")
def drifted() -> Iterator[Reader]:
    with AwsServer() as server:
        seed(server.url, "drifted")
        yield Reader(server)


class TestGood:
    def test_seeding_is_quick_and_every_call_is_answered(self, good: Reader) -> None:
        assert [seen for seen in good.server.requests if seen.status >= 400 or seen.service == "unknown"] == []

    def test_buckets_are_in_order(self, good: Reader) -> None:
        s3 = good("s3")
        assert good.denies_clear_text() == dict.fromkeys(
            ("account-logs", "classroom-recordings", "classroom-recordings-copy", "classroom-submissions"), True
        )
        for bucket in good.denies_clear_text():
            assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
            assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
            (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
            assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
            (default,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
            assert default["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms")
        (rule,) = s3.get_bucket_replication(Bucket="classroom-recordings")["ReplicationConfiguration"]["Rules"]
        assert rule["Destination"]["Bucket"] == "arn:aws:s3:::classroom-recordings-copy"
        block = good("s3control").get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"]
        assert set(block.values()) == {True}

    def test_volumes_snapshots_and_images_are_encrypted_and_private(self, good: Reader) -> None:
        assert list(good.volumes().values()) == [True] * 5
        assert good.unencrypted_snapshots() == []
        for region in (HOME, AWAY):
            ec2 = good("ec2", region)
            assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
            assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
            assert ec2.describe_snapshots(OwnerIds=["self"], RestorableByUserIds=["all"])["Snapshots"] == []
        (image,) = good("ec2").describe_images(Owners=["self"])["Images"]
        assert (image["Public"], image["BlockDeviceMappings"][0]["Ebs"]["Encrypted"]) == (False, True)
        (reservation,) = good("ec2").describe_instances()["Reservations"]
        assert reservation["Instances"][0]["State"]["Name"] == "running"

    def test_databases_are_encrypted_and_force_tls(self, good: Reader) -> None:
        assert good.unencrypted_databases() == []
        for region in (HOME, AWAY):
            backups = good("rds", region).describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
            assert {backup["Encrypted"] for backup in backups} == {True}
        assert good.parameter("classrooms-postgres16", "rds.force_ssl") == "1"
        assert good.parameter("classrooms-mysql80", "require_secure_transport", AWAY) == "ON"
        assert good.parameter("classrooms-mysql80", "tls_version", AWAY) == "TLSv1.2,TLSv1.3"
        (cluster,) = good("rds").describe_db_clusters()["DBClusters"]
        group = cluster["DBClusterParameterGroup"]
        found = good("rds").describe_db_cluster_parameters(DBClusterParameterGroupName=group, Source="user")[
            "Parameters"
        ]
        assert [(p["ParameterName"], p["ParameterValue"]) for p in found] == [("rds.force_ssl", "1")]
        manual = good("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        assert [s["DBSnapshotIdentifier"] for s in manual] == ["classrooms-before-term"]

    def test_load_balancers_speak_tls_or_redirect(self, good: Reader) -> None:
        modern = "ELBSecurityPolicy-TLS13-1-2-2021-06"
        assert good.listeners() == {
            "web:443": ("HTTPS", modern, "forward"),
            "web:80": ("HTTP", None, "redirect"),
            "video:443": ("TLS", modern, "forward"),
        }

    def test_keys_rotate(self, good: Reader) -> None:
        for region in (HOME, AWAY):
            kms = good("kms", region)
            (key,) = kms.list_keys()["Keys"]
            assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True

    def test_backups_are_planned_taken_encrypted_locked_and_end(self, good: Reader) -> None:
        assert good.unencrypted_points() == []
        backup = good("backup")
        points = backup.list_recovery_points_by_backup_vault(BackupVaultName=VAULT)["RecoveryPoints"]
        assert sorted(point["ResourceType"] for point in points) == ["Aurora", "EBS", "EBS", "EBS", "RDS"]
        assert {point["Lifecycle"]["DeleteAfterDays"] for point in points} == {35}
        (vault,) = backup.list_backup_vaults()["BackupVaultList"]
        assert vault["Locked"] is True
        (plan,) = backup.list_backup_plans()["BackupPlansList"]
        (selection,) = backup.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"]
        chosen = backup.get_backup_selection(BackupPlanId=plan["BackupPlanId"], SelectionId=selection["SelectionId"])
        assert chosen["BackupSelection"]["Resources"] == ["*"]

    def test_the_account_is_watched(self, good: Reader) -> None:
        assert good.trail() == (True, True, True)
        assert good.detectors() == ["ENABLED", "ENABLED"]
        assert good.scanned() == ["ec2+ecr+lambda", "ec2+ecr+lambda"]
        for region in (HOME, AWAY):
            (recorder,) = good("config", region).describe_configuration_recorders()["ConfigurationRecorders"]
            (status,) = good("config", region).describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
            assert recorder["recordingGroup"]["allSupported"] is True
            assert (status["recording"], status["lastStatus"]) == (True, "SUCCESS")

    def test_passwords_are_long(self, good: Reader) -> None:
        cognito = good("cognito-idp")
        (pool,) = cognito.list_user_pools(MaxResults=60)["UserPools"]
        described = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
        assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 12


@pytest.fixture(scope="class")
def truth(drifted: Reader) -> dict[tuple[str, str], list[str]]:
    """ARNs of what is wrong, by kind and property."""
    found: dict[tuple[str, str], list[str]] = {}
    for wrong, arns in located(drifted.server.url).items():
        found.setdefault((wrong.kind, wrong.property), []).extend(arns)
    return {key: sorted(arns) for key, arns in found.items()}


class TestDrifted:
    def test_every_wrong_thing_is_located(self, drifted: Reader) -> None:
        found = located(drifted.server.url)
        assert list(found) == list(WRONG)
        assert all(found.values())

    def test_buckets(self, drifted: Reader, truth: dict[tuple[str, str], list[str]]) -> None:
        open_ = [f"arn:aws:s3:::{bucket}" for bucket, denies in drifted.denies_clear_text().items() if not denies]
        assert sorted(open_) == truth["bucket", "tls-required"]
        for caller, arguments in (
            ("s3", {"Bucket": "classroom-handouts"}),
            ("s3control", {"AccountId": ACCOUNT}),
        ):
            with pytest.raises(ClientError) as absent:
                drifted(caller).get_public_access_block(**arguments)
            assert code(absent) == ("NoSuchPublicAccessBlockConfiguration", 404)
        assert drifted("s3").get_bucket_policy_status(Bucket="classroom-handouts")["PolicyStatus"]["IsPublic"] is True

    def test_volumes_and_snapshots(self, drifted: Reader, truth: dict[tuple[str, str], list[str]]) -> None:
        assert [name for name, encrypted in drifted.volumes().items() if not encrypted] == [f"{AWAY}:scratch"]
        expected = truth["snapshot", "encrypted-at-rest"] + truth["backup-snapshot", "encrypted-at-rest"]
        assert drifted.unencrypted_snapshots() == sorted(expected)
        ec2 = drifted("ec2", AWAY)
        public = ec2.describe_snapshots(OwnerIds=["self"], RestorableByUserIds=["all"])["Snapshots"]
        arns = [f"arn:aws:ec2:{AWAY}::snapshot/{snapshot['SnapshotId']}" for snapshot in public]
        assert arns == truth["snapshot", "not-public"]
        (shared,) = (arn.rpartition("/")[2] for arn in truth["snapshot", "not-shared"] if arn not in arns)
        permissions = ec2.describe_snapshot_attribute(SnapshotId=shared, Attribute="createVolumePermission")
        assert permissions["CreateVolumePermissions"] == [{"UserId": "210987654321"}]
        assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
        assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
        assert drifted("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True

    def test_databases(self, drifted: Reader, truth: dict[tuple[str, str], list[str]]) -> None:
        expected = truth["database", "encrypted-at-rest"] + truth["database-snapshots", "encrypted-at-rest"]
        assert drifted.unencrypted_databases() == sorted(expected)
        assert drifted.parameter("classrooms-postgres16", "rds.force_ssl") == "0"
        using = [
            database["DBInstanceArn"]
            for database in drifted("rds").describe_db_instances()["DBInstances"]
            if database["DBParameterGroups"][0]["DBParameterGroupName"] == "classrooms-postgres16"
        ]
        assert sorted(using) == truth["database", "tls-required"]

    def test_listeners(self, drifted: Reader) -> None:
        assert drifted.listeners()["web:443"] == ("HTTPS", "ELBSecurityPolicy-2016-08", "forward")
        assert drifted.listeners()["web:80"] == ("HTTP", None, "forward")

    def test_recovery_points(self, drifted: Reader, truth: dict[tuple[str, str], list[str]]) -> None:
        assert drifted.unencrypted_points() == truth["recovery-point", "encrypted-at-rest"]

    def test_watching(self, drifted: Reader) -> None:
        assert drifted.trail() == (True, False, False)
        assert drifted.detectors() == ["ENABLED", "DISABLED"]
        assert drifted.scanned() == ["ec2+ecr+lambda", ""]


class TestRefused:
    @pytest.mark.parametrize(
        ("service", "method", "arguments"),
        [
            ("s3", "get_bucket_encryption", {"Bucket": "classroom-submissions"}),
            ("rds", "describe_db_snapshots", {}),
            ("kms", "describe_key", {"KeyId": "alias/classrooms"}),
            ("elbv2", "describe_listeners", {}),
            ("backup", "list_recovery_points_by_backup_vault", {"BackupVaultName": VAULT}),
            ("guardduty", "list_detectors", {}),
        ],
    )
    def test_six_reads_are_refused(self, good: Reader, service: str, method: str, arguments: dict[str, str]) -> None:
        refuse(good.server.gate)
        with pytest.raises(ClientError) as refused:
            getattr(good(service), method)(**arguments)
        assert code(refused)[0] in ("AccessDenied", "AccessDeniedException")

    def test_other_reads_go_on(self, good: Reader) -> None:
        refuse(good.server.gate)
        assert good("s3").get_bucket_encryption(Bucket="classroom-recordings")
        assert good("rds").describe_db_cluster_snapshots()["DBClusterSnapshots"]


def test_an_empty_account_holds_nothing() -> None:
    with AwsServer() as server:
        seed(server.url, "empty")
        reader = Reader(server)
        assert server.requests == ()
        assert reader.volumes() == {}
        assert reader("s3").list_buckets()["Buckets"] == []
        assert reader("rds").describe_db_instances()["DBInstances"] == []
