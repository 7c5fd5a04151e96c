"""The emulated AWS account, asked through boto3 over real sockets: what it recognises, refuses, breaks and holds."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from posture_estates.aws import ACCOUNT, CALLER, WRONG, AwsServer, Gate, Record, located, refuse, seed
from posture_estates.aws.exchange import Request
from posture_estates.aws.operations import recognise
from posture_estates.aws.seeds.account import without_account_host

SESSION = boto3.Session("AKIAAUDITOR", "secret", region_name="us-east-1")
HOME, AWAY = "us-east-1", "eu-west-1"
VAULT = "classrooms"


def client(server: AwsServer | str, service: str, region: str = HOME, **options: Any) -> Any:
    url = server if isinstance(server, str) else server.url
    settings = {"retries": {"total_max_attempts": 1}, "inject_host_prefix": False} | options
    made = SESSION.client(service, region_name=region, endpoint_url=url, config=Config(**settings))
    if service == "s3control":
        made.meta.events.register("before-sign.s3-control", without_account_host)
    return made


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def aws() -> Iterator[AwsServer]:
    with AwsServer() as server:
        yield server


@pytest.fixture(scope="class")
def server() -> Iterator[AwsServer]:
    """One server for all tests of a class."""
    with AwsServer() as server:
        yield server


class TestRecognition:
    @pytest.mark.parametrize(
        ("service", "operation", "arguments"),
        [
            # rest-xml
            ("s3", "ListBuckets", {}),
            ("s3", "HeadBucket", {"Bucket": "b-1"}),
            ("s3", "GetBucketLocation", {"Bucket": "b-1"}),
            ("s3", "GetBucketEncryption", {"Bucket": "b-1"}),
            ("s3", "GetBucketPolicy", {"Bucket": "b-1"}),
            ("s3", "GetBucketPolicyStatus", {"Bucket": "b-1"}),
            ("s3", "GetPublicAccessBlock", {"Bucket": "b-1"}),
            ("s3", "GetBucketVersioning", {"Bucket": "b-1"}),
            ("s3", "GetBucketLifecycleConfiguration", {"Bucket": "b-1"}),
            ("s3", "GetBucketReplication", {"Bucket": "b-1"}),
            ("s3", "GetBucketAcl", {"Bucket": "b-1"}),
            ("s3", "GetBucketOwnershipControls", {"Bucket": "b-1"}),
            ("s3", "GetObjectLockConfiguration", {"Bucket": "b-1"}),
            ("s3", "ListObjectsV2", {"Bucket": "b-1"}),
            ("s3", "GetObject", {"Bucket": "b-1", "Key": "folder/a file"}),
            ("s3", "PutObject", {"Bucket": "b-1", "Key": "folder/a file", "Body": b"text"}),
            ("s3control", "GetPublicAccessBlock", {"AccountId": ACCOUNT}),
            ("cloudfront", "ListDistributions", {}),
            ("route53", "ListHostedZones", {}),
            # ec2
            ("ec2", "DescribeVolumes", {}),
            ("ec2", "DescribeSnapshots", {"OwnerIds": ["self"]}),
            ("ec2", "GetEbsEncryptionByDefault", {}),
            ("ec2", "DescribeRegions", {}),
            # query
            ("rds", "DescribeDBInstances", {}),
            ("rds", "DescribeDBClusters", {}),
            ("elbv2", "DescribeLoadBalancers", {}),
            ("elb", "DescribeLoadBalancers", {}),
            ("iam", "ListUsers", {}),
            ("sts", "GetCallerIdentity", {}),
            ("sns", "ListTopics", {}),
            ("redshift", "DescribeClusters", {}),
            ("elasticache", "DescribeCacheClusters", {}),
            # json
            ("kms", "ListKeys", {}),
            ("cloudtrail", "DescribeTrails", {}),
            ("config", "DescribeConfigurationRecorders", {}),
            ("cognito-idp", "ListUserPools", {"MaxResults": 1}),
            ("dynamodb", "ListTables", {}),
            ("sqs", "ListQueues", {}),
            ("logs", "DescribeLogGroups", {}),
            ("ecr", "DescribeRepositories", {}),
            ("cloudwatch", "DescribeAlarms", {}),
            ("resourcegroupstaggingapi", "GetResources", {}),
            ("transcribe", "ListTranscriptionJobs", {}),
            # rest-json
            ("backup", "ListBackupVaults", {}),
            ("backup", "ListRecoveryPointsByBackupVault", {"BackupVaultName": VAULT}),
            ("backup", "ListProtectedResources", {}),
            ("guardduty", "ListDetectors", {}),
            ("inspector2", "BatchGetAccountStatus", {}),
            ("account", "ListRegions", {}),
            ("lambda", "ListFunctions", {}),
            ("efs", "DescribeFileSystems", {}),
            ("eks", "ListClusters", {}),
            ("apigateway", "GetRestApis", {}),
            ("apigatewayv2", "GetApis", {}),
            ("opensearch", "ListDomainNames", {}),
            ("macie2", "GetMacieSession", {}),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_an_operation_is_known_by_its_request(
        self, server: AwsServer, service: str, operation: str, arguments: dict[str, Any]
    ) -> None:
        caller = client(server, service, AWAY if service not in ("iam", "cloudfront", "route53") else HOME)
        method = {value: key for key, value in caller.meta.method_to_api_mapping.items()}[operation]
        with suppress(ClientError):
            getattr(caller, method)(**arguments)
        seen = server.requests[-1]
        region = HOME if service in ("iam", "cloudfront", "route53") else AWAY
        assert (seen.service, seen.operation, seen.region) == (service, operation, region)


NOT_TOLD_APART = frozenset({"ListDirectoryBuckets"})  # signs as S3 Express, which is not emulated


def sample(shape: Any, depth: int = 0) -> Any:
    """The least that a shape requires: a value for each required member."""
    match shape.type_name:
        case "structure":
            return (
                {name: sample(shape.members[name], depth + 1) for name in shape.required_members} if depth < 6 else {}
            )
        case "list":
            return [sample(shape.member, depth + 1)]
        case "map":
            return {"key": sample(shape.value, depth + 1)}
        case "string":
            named = "a-bucket" if shape.name == "BucketName" else "a-name:1/2"
            return shape.enum[0] if getattr(shape, "enum", None) else named
        case "integer" | "long":
            return 5
        case "float" | "double":
            return 0.5
        case "boolean":
            return True
        case "timestamp":
            return 1_700_000_000
        case _:
            return b"x"


@pytest.mark.parametrize(
    "service", ["s3", "ec2", "rds", "elbv2", "backup", "guardduty", "inspector2", "cloudwatch", "kms"]
)
def test_every_operation_of_a_service_is_known(service: str) -> None:
    """Requests as botocore would send them, caught before they leave."""
    caller = client("http://127.0.0.1:9", service, parameter_validation=False)
    caught: list[AWSPreparedRequest] = []

    def catch(request: AWSPreparedRequest, **event: Any) -> None:
        caught.append(request)
        raise ConnectionAbortedError

    caller.meta.events.register(f"before-send.{caller.meta.service_model.service_id.hyphenize()}", catch)
    wrong, asked = [], 0
    for method, operation in caller.meta.method_to_api_mapping.items():
        model = caller.meta.service_model.operation_model(operation)
        shape = model.input_shape
        caught.clear()
        with suppress(Exception):
            getattr(caller, method)(**({} if shape is None else sample(shape)))
        for request in caught[:1]:
            asked += 1
            found = recognise(as_request(request))
            same_request = model.deprecated or operation in NOT_TOLD_APART
            if not same_request and (found is None or (found.service, found.name) != (service, operation)):
                wrong.append((operation, found))
    assert wrong == []
    assert asked > 0.9 * len(caller.meta.method_to_api_mapping)


def as_request(sent: AWSPreparedRequest) -> Request:
    path, _, query = sent.url.removeprefix("http://127.0.0.1:9").partition("?")
    body = sent.body.read() if hasattr(sent.body, "read") else sent.body or b""
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value) for name, value in sent.headers.items()
    }
    return Request(sent.method, path, query, headers, body.encode() if isinstance(body, str) else body)


class TestRefusals:
    @pytest.fixture(autouse=True)
    def behave(self, server: AwsServer) -> Iterator[None]:
        yield
        server.gate.clear()

    @pytest.mark.parametrize(
        ("service", "method", "denied", "throttled", "expired"),
        [
            ("s3", "list_buckets", ("AccessDenied", 403), ("SlowDown", 503), ("ExpiredToken", 400)),
            (
                "ec2",
                "describe_volumes",
                ("UnauthorizedOperation", 403),
                ("RequestLimitExceeded", 503),
                ("RequestExpired", 400),
            ),
            ("rds", "describe_db_instances", ("AccessDenied", 403), ("Throttling", 400), ("ExpiredToken", 403)),
            ("elbv2", "describe_load_balancers", ("AccessDenied", 403), ("Throttling", 400), ("ExpiredToken", 403)),
            ("sns", "list_topics", ("AuthorizationError", 403), ("Throttling", 400), ("ExpiredToken", 403)),
            (
                "kms",
                "list_keys",
                ("AccessDeniedException", 400),
                ("ThrottlingException", 400),
                ("ExpiredTokenException", 400),
            ),
            ("sqs", "list_queues", ("AccessDenied", 403), ("ThrottlingException", 400), ("ExpiredTokenException", 400)),
            (
                "backup",
                "list_backup_vaults",
                ("AccessDeniedException", 403),
                ("ThrottlingException", 429),
                ("ExpiredTokenException", 403),
            ),
            (
                "lambda",
                "list_functions",
                ("AccessDeniedException", 403),
                ("TooManyRequestsException", 429),
                ("ExpiredTokenException", 403),
            ),
            (
                "guardduty",
                "list_detectors",
                ("AccessDeniedException", 403),
                ("ThrottlingException", 429),
                ("ExpiredTokenException", 403),
            ),
        ],
    )
    def test_each_protocol_refuses_in_its_own_words(
        self,
        server: AwsServer,
        service: str,
        method: str,
        denied: tuple[str, int],
        throttled: tuple[str, int],
        expired: tuple[str, int],
    ) -> None:
        call = getattr(client(server, service), method)
        gate, every = server.gate, f"{service}:*"
        for behave, answer in (
            (partial(gate.deny, every), denied),
            (partial(gate.throttle, every), throttled),
            (partial(gate.expired_token), expired),
            (partial(gate.fail, every, 503), ("ServiceUnavailable", 503)),
        ):
            behave()
            with pytest.raises(ClientError) as refused:
                call()
            assert code(refused) == answer
        server.gate.clear()
        assert call()["ResponseMetadata"]["HTTPStatusCode"] == 200

    def test_a_denial_names_caller_action_and_cause(self, server: AwsServer) -> None:
        server.gate.deny("s3:GetBucketEncryption")
        with pytest.raises(ClientError) as refused:
            client(server, "s3").get_bucket_encryption(Bucket="lessons")
        assert refused.value.response["Error"]["Message"] == (
            f"User: {CALLER} is not authorized to perform: s3:GetEncryptionConfiguration on resource: "
            '"arn:aws:s3:::lessons" because no identity-based policy allows the s3:GetEncryptionConfiguration action'
        )

    def test_an_organisation_denies_explicitly(self, server: AwsServer) -> None:
        server.gate.deny("ec2:DescribeVolumes", message_kind="scp", action="ec2:DescribeVolumes")
        with pytest.raises(ClientError, match="with an explicit deny in a service control policy") as refused:
            client(server, "ec2").describe_volumes()
        assert code(refused) == ("UnauthorizedOperation", 403)

    def test_a_denial_may_concern_one_resource(self, server: AwsServer) -> None:
        s3 = client(server, "s3")
        for bucket in ("lessons", "others"):
            s3.create_bucket(Bucket=bucket)
        server.gate.deny("s3:GetBucketEncryption", resource="lessons")
        with pytest.raises(ClientError):
            s3.get_bucket_encryption(Bucket="lessons")
        assert s3.get_bucket_encryption(Bucket="others")["ServerSideEncryptionConfiguration"]

    def test_a_denial_may_concern_one_region(self, server: AwsServer) -> None:
        server.gate.deny("ec2:*", region=AWAY)
        assert client(server, "ec2", HOME).describe_volumes()["Volumes"] == []
        with pytest.raises(ClientError):
            client(server, "ec2", AWAY).describe_volumes()

    def test_a_service_may_be_named_as_iam_names_it(self, server: AwsServer) -> None:
        server.gate.deny("elasticloadbalancing:DescribeLoadBalancers")
        with pytest.raises(ClientError):
            client(server, "elbv2").describe_load_balancers()

    def test_throttling_passes_with_a_retry(self, server: AwsServer) -> None:
        server.gate.forget()
        server.gate.throttle("kms:ListKeys", times=1)
        client(server, "kms", retries={"total_max_attempts": 3, "mode": "standard"}).list_keys()
        assert [seen.status for seen in server.requests] == [400, 200]

    @pytest.mark.parametrize(("service", "method"), [("ec2", "describe_vpcs"), ("rds", "describe_db_instances")])
    def test_cut_off_xml_cannot_be_parsed(self, server: AwsServer, service: str, method: str) -> None:
        server.gate.malformed(f"{service}:*")
        with pytest.raises(ResponseParserError):
            getattr(client(server, service), method)()

    def test_cut_off_xml_of_s3_is_read_by_botocore_as_a_server_error(self, server: AwsServer) -> None:
        """botocore retries it as one (`botocore.handlers.handle_200_error` and its kin)."""
        server.gate.malformed("s3:ListBuckets")
        with pytest.raises(ClientError) as broken:
            client(server, "s3").list_buckets()
        assert code(broken) == ("500", 500)

    def test_cut_off_json_is_read_by_botocore_as_an_answer_without_members(self, server: AwsServer) -> None:
        """botocore hides it: only the missing member tells (`botocore.parsers._parse_body_as_json`)."""
        server.gate.malformed("kms:ListKeys")
        reply = client(server, "kms").list_keys()
        assert reply["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert "Keys" not in reply

    def test_a_hanging_call_times_out_and_is_let_go(self, server: AwsServer) -> None:
        server.gate.hang("ec2:DescribeVpcs", 30)
        with pytest.raises(ReadTimeoutError):
            client(server, "ec2", read_timeout=0.3).describe_vpcs()
        server.gate.clear()
        assert client(server, "ec2", read_timeout=5).describe_vpcs()["Vpcs"]

    def test_a_slow_call_answers_in_the_end(self, server: AwsServer) -> None:
        server.gate.hang("ec2:DescribeVpcs", 0.2)
        started = time.monotonic()
        assert client(server, "ec2").describe_vpcs()["Vpcs"]
        assert time.monotonic() - started >= 0.2

    def test_a_dripping_call_never_times_out_between_bytes(self, server: AwsServer) -> None:
        server.gate.drip("kms:ListKeys", 0.01)
        started = time.monotonic()
        assert client(server, "kms", read_timeout=0.5).list_keys()["Keys"] == []
        assert time.monotonic() - started >= 0.2

    def test_a_severed_call_has_no_answer(self, server: AwsServer) -> None:
        server.gate.forget()
        server.gate.sever("kms:ListKeys")
        with pytest.raises(ConnectionClosedError):
            client(server, "kms").list_keys()
        assert server.requests == (Record("kms", "ListKeys", HOME, 0),)

    def test_what_is_not_emulated_is_refused_rather_than_invented(self, server: AwsServer) -> None:
        for service, method in (("rds", "describe_db_engine_versions"), ("securitylake", "list_data_lakes")):
            with pytest.raises(ClientError) as refused:
                getattr(client(server, service), method)()
            assert code(refused) == ("UnknownOperationException", 400)


class TestServer:
    def test_closing_leaves_no_thread_even_while_calls_hang(self) -> None:
        before = set(threading.enumerate())
        server = AwsServer()
        server.gate.hang("ec2:DescribeVpcs", 60)
        kept_open = client(server, "kms")
        kept_open.list_keys()
        failure: list[Exception] = []

        def ask() -> None:
            try:
                client(server, "ec2").describe_vpcs()
            except ConnectionClosedError as error:
                failure.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        wait_until(lambda: server.gate.waiting == 1)
        server.close()
        asking.join(5)
        assert set(threading.enumerate()) == before
        assert len(failure) == 1

    def test_the_account_is_forgotten(self) -> None:
        for _ in range(2):
            with AwsServer() as server:
                assert client(server, "s3").list_buckets()["Buckets"] == []
                client(server, "s3").create_bucket(Bucket="lessons")
                assert server.requests[-1] == Record("s3", "CreateBucket", HOME, 200)

    def test_a_second_server_is_refused(self, aws: AwsServer) -> None:
        with pytest.raises(RuntimeError, match="already runs"):
            AwsServer()

    def test_an_unsigned_request_is_logged_as_unknown(self, aws: AwsServer) -> None:
        assert client(aws, "s3", signature_version=UNSIGNED).list_buckets()["Buckets"] == []
        assert aws.requests == (Record("unknown", "unknown", "", 200),)

    def test_closing_twice_is_harmless(self) -> None:
        server = AwsServer()
        server.close()
        server.close()

    def test_the_same_calls_make_the_same_ids(self) -> None:
        seen = []
        for _ in range(2):
            with AwsServer() as server:
                seen.append(client(server, "ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"])
        assert seen[0] == seen[1]


def wait_until(holds: Any, seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


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

    def test_backups_are_planned_taken_and_encrypted(self, good: Reader) -> None:
        assert good.unencrypted_points() == []
        backup = good("backup")
        points = backup.list_recovery_points_by_backup_vault(BackupVaultName=VAULT)["RecoveryPoints"]
        assert sorted(point["ResourceType"] for point in points) == ["Aurora", "EBS", "EBS", "EBS", "RDS"]
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


def test_an_empty_account_holds_nothing(aws: AwsServer) -> None:
    seed(aws.url, "empty")
    reader = Reader(aws)
    assert aws.requests == ()
    assert reader.volumes() == {}
    assert reader("s3").list_buckets()["Buckets"] == []
    assert reader("rds").describe_db_instances()["DBInstances"] == []


def test_a_gate_is_open_until_told_otherwise() -> None:
    with AwsServer() as server:
        assert isinstance(server.gate, Gate)
        assert client(server, "kms").list_keys()["Keys"] == []
