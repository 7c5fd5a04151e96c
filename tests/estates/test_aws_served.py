"""What the estate answers in moto's place: the shape and the meaning that AWS gives it, through boto3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_clients import AWAY, HOME, client, code
from posture_estates.aws import ACCOUNT, CALLER, AwsServer


@pytest.fixture(scope="class")
def server() -> Iterator[AwsServer]:
    """One server for all tests of a class."""
    with AwsServer() as server:
        yield server


@pytest.fixture(scope="class")
def databases(server: AwsServer) -> Any:
    """Two instances and a cluster of one instance, in a region of their own."""
    rds = client(server, "rds", "eu-west-2")
    for name, encrypted, days in (("first", True, 7), ("second", False, 3)):
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="owner",
            MasterUserPassword="not-a-secret",
            StorageEncrypted=encrypted,
            BackupRetentionPeriod=days,
        )
    rds.create_db_cluster(
        DBClusterIdentifier="cluster",
        Engine="aurora-postgresql",
        MasterUsername="owner",
        MasterUserPassword="not-a-secret",
        StorageEncrypted=False,
        BackupRetentionPeriod=5,
    )
    rds.create_db_instance(
        DBInstanceIdentifier="member",
        DBClusterIdentifier="cluster",
        Engine="aurora-postgresql",
        DBInstanceClass="db.t4g.medium",
    )
    return rds


class TestServed:
    """What moto lacks or fakes has the shape and the meaning that AWS gives it."""

    def test_the_caller_is_a_user_of_the_account(self, server: AwsServer) -> None:
        identity = client(server, "sts").get_caller_identity()
        assert (identity["Account"], identity["Arn"]) == (ACCOUNT, CALLER)

    def test_regions_are_those_the_account_has(self, server: AwsServer) -> None:
        pages = (
            client(server, "account")
            .get_paginator("list_regions")
            .paginate(RegionOptStatusContains=["ENABLED_BY_DEFAULT"])
        )
        listed = {region["RegionName"] for page in pages for region in page["Regions"]}
        described = {region["RegionName"] for region in client(server, "ec2").describe_regions()["Regions"]}
        assert listed == described
        assert {HOME, AWAY} < listed
        assert "af-south-1" not in listed
        everywhere = client(server, "ec2").describe_regions(AllRegions=True)["Regions"]
        assert {
            "RegionName": "af-south-1",
            "OptInStatus": "not-opted-in",
            "Endpoint": "ec2.af-south-1.amazonaws.com",
        } in everywhere

    def test_buckets_come_in_pages_with_their_regions(self, server: AwsServer) -> None:
        s3 = client(server, "s3")
        for name in ("page-a", "page-b", "page-c"):
            s3.create_bucket(Bucket=name)
        client(server, "s3", AWAY).create_bucket(
            Bucket="page-d", CreateBucketConfiguration={"LocationConstraint": AWAY}
        )
        first = s3.list_buckets(MaxBuckets=3, Prefix="page-")
        rest = s3.list_buckets(MaxBuckets=3, Prefix="page-", ContinuationToken=first["ContinuationToken"])
        assert [(b["Name"], b["BucketRegion"]) for b in first["Buckets"] + rest["Buckets"]] == [
            ("page-a", HOME),
            ("page-b", HOME),
            ("page-c", HOME),
            ("page-d", AWAY),
        ]
        assert "ContinuationToken" not in rest
        assert [b["Name"] for b in s3.list_buckets(BucketRegion=AWAY)["Buckets"]] == ["page-d"]
        with pytest.raises(ClientError) as refused:
            s3.list_buckets(ContinuationToken="invented")
        assert code(refused) == ("InvalidArgument", 400)

    def test_a_new_bucket_is_encrypted_and_closed_until_it_is_opened(self, server: AwsServer) -> None:
        s3 = client(server, "s3")
        s3.create_bucket(Bucket="brand-new")
        (rule,) = s3.get_bucket_encryption(Bucket="brand-new")["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        block = s3.get_public_access_block(Bucket="brand-new")["PublicAccessBlockConfiguration"]
        assert set(block.values()) == {True}
        s3.delete_public_access_block(Bucket="brand-new")
        with pytest.raises(ClientError) as absent:
            s3.get_public_access_block(Bucket="brand-new")
        assert code(absent) == ("NoSuchPublicAccessBlockConfiguration", 404)
        with pytest.raises(ClientError) as missing:
            s3.get_bucket_encryption(Bucket="no-such-bucket")
        assert code(missing) == ("NoSuchBucket", 404)

    def test_the_owner_of_a_new_bucket_owns_its_objects_unless_told_otherwise(self, server: AwsServer) -> None:
        s3 = client(server, "s3")

        def ownership(bucket: str) -> str:
            (rule,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
            return str(rule["ObjectOwnership"])

        s3.create_bucket(Bucket="owned")
        s3.create_bucket(Bucket="written", ObjectOwnership="ObjectWriter")
        assert (ownership("owned"), ownership("written")) == ("BucketOwnerEnforced", "ObjectWriter")
        s3.put_bucket_ownership_controls(
            Bucket="owned", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
        )
        assert ownership("owned") == "BucketOwnerPreferred"
        s3.delete_bucket_ownership_controls(Bucket="owned")
        with pytest.raises(ClientError) as absent:
            ownership("owned")
        assert code(absent) == ("OwnershipControlsNotFoundError", 404)

    def test_buckets_and_their_acls_name_the_same_owner(self, server: AwsServer) -> None:
        s3 = client(server, "s3")
        s3.create_bucket(Bucket="of-the-account")
        assert s3.list_buckets()["Owner"]["ID"] == s3.get_bucket_acl(Bucket="of-the-account")["Owner"]["ID"]

    def test_snapshots_are_selected_by_reader_and_come_in_pages(self, server: AwsServer) -> None:
        ec2 = client(server, "ec2", "eu-central-1")
        volume = ec2.create_volume(AvailabilityZone="eu-central-1a", Size=1, Encrypted=True)["VolumeId"]
        ids = [ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for _ in range(5)]
        for snapshot, who in ((ids[1], {"GroupNames": ["all"]}), (ids[2], {"UserIds": ["210987654321"]})):
            ec2.modify_snapshot_attribute(
                SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", **who
            )

        def found(**arguments: Any) -> list[str]:
            return [s["SnapshotId"] for s in ec2.describe_snapshots(**arguments)["Snapshots"]]

        assert found(OwnerIds=["self"]) == ids
        assert found(OwnerIds=["210987654321"]) == []
        assert found(OwnerIds=["self"], RestorableByUserIds=["all"]) == [ids[1]]
        assert found(OwnerIds=["self"], RestorableByUserIds=["210987654321"]) == [ids[2]]
        pages = list(
            ec2.get_paginator("describe_snapshots").paginate(OwnerIds=["self"], PaginationConfig={"PageSize": 2})
        )
        assert [len(page["Snapshots"]) for page in pages] == [2, 2, 1]
        key = pages[0]["Snapshots"][0]["KmsKeyId"]
        assert client(server, "kms", "eu-central-1").describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] == "AWS"
        assert client(server, "kms", "eu-central-1").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True

    def test_an_image_keeps_its_snapshot(self, server: AwsServer) -> None:
        ec2 = client(server, "ec2")
        volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=3, Encrypted=True)["VolumeId"]
        snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
        root = {"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": snapshot}}
        registered = ec2.register_image(Name="registered", RootDeviceName="/dev/sda1", BlockDeviceMappings=[root])
        disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 3, "Encrypted": True}}
        run = ec2.run_instances(ImageId=registered["ImageId"], MinCount=1, MaxCount=1, BlockDeviceMappings=[disk])
        created = ec2.create_image(InstanceId=run["Instances"][0]["InstanceId"], Name="created")
        images = ec2.describe_images(ImageIds=[registered["ImageId"], created["ImageId"]])["Images"]
        devices = [image["BlockDeviceMappings"][0]["Ebs"] for image in images]
        assert devices[0]["SnapshotId"] == snapshot
        assert [device["Encrypted"] for device in devices] == [True, True]

    def test_sharing_blocks_have_a_state_in_each_region(self, server: AwsServer) -> None:
        ec2, other = client(server, "ec2"), client(server, "ec2", AWAY)
        assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
        assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
        ec2.enable_snapshot_block_public_access(State="block-all-sharing")
        ec2.disable_image_block_public_access()
        assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
        assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"
        assert other.get_snapshot_block_public_access_state()["State"] == "unblocked"
        assert ":key/" in ec2.get_ebs_default_kms_key_id()["KmsKeyId"]

    @pytest.mark.parametrize(
        ("group", "name", "value", "source"),
        [
            ("default.postgres14", "rds.force_ssl", "0", "system"),
            ("default.postgres15", "rds.force_ssl", "1", "system"),
            ("default.postgres17", "rds.force_ssl", "1", "system"),
            ("default.mysql8.0", "require_secure_transport", "0", "system"),
            ("default.mysql8.4", "require_secure_transport", "0", "system"),
            ("default.mariadb10.11", "require_secure_transport", "0", "system"),
            ("default.mariadb11.8", "require_secure_transport", "1", "system"),
        ],
    )
    def test_default_parameter_groups_hold_the_engines_defaults(
        self, server: AwsServer, group: str, name: str, value: str, source: str
    ) -> None:
        found = client(server, "rds").describe_db_parameters(DBParameterGroupName=group)["Parameters"]
        assert [(p["ParameterValue"], p["Source"]) for p in found if p["ParameterName"] == name] == [(value, source)]

    def test_a_changed_parameter_is_the_users_and_lists_have_pages(self, server: AwsServer) -> None:
        rds = client(server, "rds")
        rds.create_db_parameter_group(
            DBParameterGroupName="own", DBParameterGroupFamily="postgres15", Description="own"
        )
        rds.modify_db_parameter_group(
            DBParameterGroupName="own",
            Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}],
        )
        own = rds.describe_db_parameters(DBParameterGroupName="own", Source="user")["Parameters"]
        assert [(p["ParameterName"], p["ParameterValue"]) for p in own] == [("rds.force_ssl", "0")]
        pages = rds.get_paginator("describe_db_parameters").paginate(
            DBParameterGroupName="own", PaginationConfig={"PageSize": 2}
        )
        names = [[p["ParameterName"] for p in page["Parameters"]] for page in pages]
        assert [len(page) for page in names] == [2, 2, 1]
        assert "rds.force_ssl" in names[1]
        with pytest.raises(ClientError) as missing:
            rds.describe_db_parameters(DBParameterGroupName="nobodys")
        assert code(missing)[0] == "DBParameterGroupNotFound"

    def test_an_instance_says_whether_it_is_public_and_has_an_id_of_its_own(self, databases: Any) -> None:
        instances = databases.describe_db_instances()["DBInstances"]
        assert {i["DBInstanceIdentifier"]: i["PubliclyAccessible"] for i in instances} == dict.fromkeys(
            ("first", "second", "member"), False
        )
        assert len({instance["DbiResourceId"] for instance in instances}) == 3
        databases.modify_db_instance(DBInstanceIdentifier="second", PubliclyAccessible=True)
        (second,) = databases.describe_db_instances(DBInstanceIdentifier="second")["DBInstances"]
        assert second["PubliclyAccessible"] is True

    def test_only_what_is_encrypted_names_a_key(self, server: AwsServer, databases: Any) -> None:
        keys = {i["DBInstanceIdentifier"]: i.get("KmsKeyId") for i in databases.describe_db_instances()["DBInstances"]}
        assert (keys["second"], keys["member"]) == (None, None)
        (cluster,) = databases.describe_db_clusters()["DBClusters"]
        assert "KmsKeyId" not in cluster
        first = client(server, "kms", "eu-west-2").describe_key(KeyId=keys["first"])["KeyMetadata"]
        assert (first["KeyManager"], first["KeyUsage"]) == ("AWS", "ENCRYPT_DECRYPT")

    def test_an_aurora_cluster_has_no_address_of_its_own(self, databases: Any) -> None:
        (cluster,) = databases.describe_db_clusters()["DBClusters"]
        assert "PubliclyAccessible" not in cluster
        assert cluster["StorageType"] == "aurora"

    def test_backups_of_a_cluster_are_the_clusters_not_its_instances(self, databases: Any) -> None:
        snapshots = databases.describe_db_snapshots()["DBSnapshots"]
        assert {snapshot["DBInstanceIdentifier"] for snapshot in snapshots} == {"first", "second"}
        found = databases.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
        ids = {i["DBInstanceIdentifier"]: i["DbiResourceId"] for i in databases.describe_db_instances()["DBInstances"]}
        shown = [(b["DBInstanceIdentifier"], b["Encrypted"], b["BackupRetentionPeriod"], b["Status"]) for b in found]
        assert shown == [("first", True, 7, "active"), ("second", False, 3, "active")]
        assert [backup["DbiResourceId"] for backup in found] == [ids["first"], ids["second"]]
        prefix = f"arn:aws:rds:eu-west-2:{ACCOUNT}"
        assert all(b["DBInstanceAutomatedBackupsArn"].startswith(f"{prefix}:auto-backup:ab-") for b in found)
        (cluster,) = databases.describe_db_cluster_automated_backups()["DBClusterAutomatedBackups"]
        assert (cluster["DBClusterIdentifier"], cluster["StorageEncrypted"]) == ("cluster", False)
        assert (cluster["BackupRetentionPeriod"], cluster["Engine"]) == (5, "aurora-postgresql")
        assert cluster["DBClusterAutomatedBackupsArn"].startswith(f"{prefix}:cluster-auto-backup:ab-")
        assert cluster["RestoreWindow"]["EarliestTime"] <= cluster["RestoreWindow"]["LatestTime"]

    def test_automated_backups_come_in_pages(self, databases: Any) -> None:
        first = databases.describe_db_instance_automated_backups(MaxRecords=1)
        rest = databases.describe_db_instance_automated_backups(MaxRecords=1, Marker=first["Marker"])
        assert [b["DBInstanceIdentifier"] for page in (first, rest) for b in page["DBInstanceAutomatedBackups"]] == [
            "first",
            "second",
        ]
        assert "Marker" not in rest
        with pytest.raises(ClientError) as refused:
            databases.describe_db_cluster_automated_backups(Marker="invented")
        assert code(refused) == ("InvalidParameterValue", 400)

    def test_there_are_no_serverless_caches(self, server: AwsServer) -> None:
        assert client(server, "elasticache").describe_serverless_caches()["ServerlessCaches"] == []

    def test_a_key_is_told_whole(self, server: AwsServer) -> None:
        kms = client(server, "kms", "eu-west-2")
        key = kms.describe_key(KeyId=kms.create_key()["KeyMetadata"]["KeyId"])["KeyMetadata"]
        assert (key["KeyUsage"], key["KeyManager"], key["MultiRegion"]) == ("ENCRYPT_DECRYPT", "CUSTOMER", False)
        assert "SigningAlgorithms" not in key
        signing = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
        assert kms.describe_key(KeyId=signing)["KeyMetadata"]["KeyUsage"] == "SIGN_VERIFY"

    def test_a_recovery_point_lives_as_long_as_it_was_told(self, server: AwsServer) -> None:
        backup, volumes = client(server, "backup", "eu-west-2"), client(server, "ec2", "eu-west-2")
        backup.create_backup_vault(BackupVaultName="lives")
        volume = volumes.create_volume(AvailabilityZone="eu-west-2a", Size=1)["VolumeId"]
        arn = f"arn:aws:ec2:eu-west-2:{ACCOUNT}:volume/{volume}"
        for lifecycle in ({"Lifecycle": {"DeleteAfterDays": 35}}, {}):
            backup.start_backup_job(BackupVaultName="lives", ResourceArn=arn, IamRoleArn=CALLER, **lifecycle)
        ending, lasting = backup.list_recovery_points_by_backup_vault(BackupVaultName="lives")["RecoveryPoints"]
        assert ending["Lifecycle"] == {"DeleteAfterDays": 35}
        assert (ending["CalculatedLifecycle"]["DeleteAt"] - ending["CreationDate"]).days == 35
        assert "Lifecycle" not in lasting

    def test_a_vault_tells_its_lock(self, server: AwsServer) -> None:
        backup = client(server, "backup", "eu-west-3")
        backup.create_backup_vault(BackupVaultName="locked")
        backup.put_backup_vault_lock_configuration(BackupVaultName="locked", MinRetentionDays=7, MaxRetentionDays=35)
        (vault,) = backup.list_backup_vaults()["BackupVaultList"]
        assert (vault["Locked"], vault["MinRetentionDays"], vault["MaxRetentionDays"]) == (True, 7, 35)
        assert vault["VaultType"] == "BACKUP_VAULT"
        assert "LockDate" not in vault

    def test_a_recovery_point_is_encrypted_as_its_volume(self, server: AwsServer) -> None:
        backup, ec2 = client(server, "backup"), client(server, "ec2")
        backup.create_backup_vault(BackupVaultName="keyless")
        key = backup.describe_backup_vault(BackupVaultName="keyless")["EncryptionKeyArn"]
        assert client(server, "kms").describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] == "AWS"
        arns = {}
        for encrypted in (True, False):
            volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, Encrypted=encrypted)["VolumeId"]
            arns[f"arn:aws:ec2:us-east-1:{ACCOUNT}:volume/{volume}"] = encrypted
        arns[f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/chat"] = True
        for arn in arns:
            backup.start_backup_job(BackupVaultName="keyless", ResourceArn=arn, IamRoleArn=CALLER)
        pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(
            BackupVaultName="keyless", PaginationConfig={"PageSize": 2}
        )
        points = [point for page in pages for point in page["RecoveryPoints"]]
        assert {point["ResourceArn"]: point["IsEncrypted"] for point in points} == arns
        assert [("EncryptionKeyArn" in point) == point["IsEncrypted"] for point in points] == [True] * 3
        assert (
            backup.describe_recovery_point(BackupVaultName="keyless", RecoveryPointArn=points[0]["RecoveryPointArn"])[
                "ResourceType"
            ]
            == "EBS"
        )
        assert {r["ResourceArn"] for r in backup.list_protected_resources()["Results"]} == set(arns)
        (vault,) = backup.list_backup_vaults()["BackupVaultList"]
        assert (vault["EncryptionKeyArn"], vault["NumberOfRecoveryPoints"]) == (key, 3)
        assert {job["State"] for job in backup.list_backup_jobs()["BackupJobs"]} == {"COMPLETED"}
        for call in (
            backup.get_backup_vault_access_policy,
            client(server, "backup", AWAY).list_recovery_points_by_backup_vault,
        ):
            with pytest.raises(ClientError) as missing:
                call(BackupVaultName="keyless")
            assert code(missing) == ("ResourceNotFoundException", 400)

    def test_inspector_covers_what_it_was_told_to_scan(self, server: AwsServer) -> None:
        inspector, region = client(server, "inspector2", "us-west-2"), "us-west-2"
        run = client(server, "ec2", region).run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)

        def state() -> dict[str, str]:
            (account,) = inspector.batch_get_account_status(accountIds=[ACCOUNT])["accounts"]
            return {"account": account["state"]["status"]} | {
                k: v["status"] for k, v in account["resourceState"].items()
            }

        assert set(state().values()) == {"DISABLED"}
        assert inspector.list_coverage()["coveredResources"] == []
        inspector.enable(resourceTypes=["EC2"])
        assert state()["account"] == state()["ec2"] == "ENABLED"
        assert state()["ecr"] == "DISABLED"
        (covered,) = inspector.list_coverage()["coveredResources"]
        assert covered["resourceId"] == run["Instances"][0]["InstanceId"]
        assert covered["scanStatus"]["statusCode"] == "ACTIVE"
        assert inspector.list_coverage()["coveredResources"] == [covered]
        assert (
            inspector.batch_get_account_status(accountIds=["210987654321"])["failedAccounts"][0]["errorCode"]
            == "ACCESS_DENIED"
        )

    def test_a_detector_reads_its_foundational_sources(self, server: AwsServer) -> None:
        guardduty = client(server, "guardduty")
        detector = guardduty.get_detector(DetectorId=guardduty.create_detector(Enable=True)["DetectorId"])
        assert detector["Status"] == "ENABLED"
        assert detector["DataSources"]["CloudTrail"]["Status"] == "ENABLED"

    def test_macie_is_off_until_it_is_enabled(self, server: AwsServer) -> None:
        macie = client(server, "macie2")
        with pytest.raises(ClientError) as off:
            macie.get_macie_session()
        assert code(off) == ("AccessDeniedException", 403)
        macie.enable_macie()
        assert macie.get_macie_session()["status"] == "ENABLED"
        assert macie.list_classification_jobs()["items"] == []

    def test_trails_are_selected_by_name(self, server: AwsServer) -> None:
        client(server, "s3").create_bucket(Bucket="trail-logs")
        trails = client(server, "cloudtrail")
        for name in ("one", "two-and-more"):
            trails.create_trail(Name=f"trail-{name}", S3BucketName="trail-logs")
        assert [t["Name"] for t in trails.describe_trails(trailNameList=["trail-one"])["trailList"]] == ["trail-one"]
        assert len(trails.describe_trails()["trailList"]) == 2

    def test_a_trail_has_the_default_selector_until_it_is_given_others(self, server: AwsServer) -> None:
        client(server, "s3").create_bucket(Bucket="selector-logs")
        trails = client(server, "cloudtrail")
        arn = trails.create_trail(Name="selected", S3BucketName="selector-logs")["TrailARN"]
        default = trails.get_event_selectors(TrailName=arn)
        (selector,) = default["EventSelectors"]
        assert (selector["ReadWriteType"], selector["IncludeManagementEvents"]) == ("All", True)
        assert "AdvancedEventSelectors" not in default
        reads = {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}
        trails.put_event_selectors(TrailName=arn, EventSelectors=[reads])
        assert [s["ReadWriteType"] for s in trails.get_event_selectors(TrailName=arn)["EventSelectors"]] == ["ReadOnly"]

    def test_a_recorder_records_continuously(self, server: AwsServer) -> None:
        config = client(server, "config", "eu-west-2")
        recorder = {"name": "default", "roleARN": CALLER, "recordingGroup": {"allSupported": True}}
        config.put_configuration_recorder(ConfigurationRecorder=recorder)
        (found,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
        assert found["recordingMode"]["recordingFrequency"] == "CONTINUOUS"
