"""The emulated AWS account, asked through boto3 over real sockets: what it recognises, refuses and breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from aws_clients import AWAY, HOME, VAULT, client, code
from posture_estates.aws import ACCOUNT, CALLER, AwsServer, Gate, Record
from posture_estates.aws.exchange import Request
from posture_estates.aws.operations import recognise


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


def test_a_gate_is_open_until_told_otherwise() -> None:
    with AwsServer() as server:
        assert isinstance(server.gate, Gate)
        assert client(server, "kms").list_keys()["Keys"] == []
