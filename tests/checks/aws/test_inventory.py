"""The inventory of stores: what is listed, under which name, and to the end."""

from typing import Any

import pytest

from kit import Recorded, read, session_of
from posture.model import Cause, Store
from posture.reader import GapFound, Reader
from posture_aws import inventory
from posture_aws.session import AwsSession

HERE = "us-east-1:123456789012"
TAGS = [{"Key": "team", "Value": "a"}]

LISTINGS: list[tuple[Reader, str, Any, str, str, Store]] = [
    (inventory.dynamodb_tables, "TableNames", "t", f"arn:aws:dynamodb:{HERE}:table/t", "t", Store.DATABASE),
    (
        inventory.efs_file_systems,
        "FileSystems",
        {"FileSystemId": "fs-1", "Tags": TAGS},
        f"arn:aws:elasticfilesystem:{HERE}:file-system/fs-1",
        "fs-1",
        Store.FILE,
    ),
    (
        inventory.fsx_file_systems,
        "FileSystems",
        {"FileSystemId": "fs-1", "ResourceARN": f"arn:aws:fsx:{HERE}:file-system/fs-1", "Tags": TAGS},
        f"arn:aws:fsx:{HERE}:file-system/fs-1",
        "fs-1",
        Store.FILE,
    ),
    (
        inventory.cache_clusters,
        "CacheClusters",
        {"CacheClusterId": "c"},
        f"arn:aws:elasticache:{HERE}:cluster:c",
        "c",
        Store.CACHE,
    ),
    (
        inventory.serverless_caches,
        "ServerlessCaches",
        {"ServerlessCacheName": "c", "ARN": f"arn:aws:elasticache:{HERE}:serverlesscache:c"},
        f"arn:aws:elasticache:{HERE}:serverlesscache:c",
        "c",
        Store.CACHE,
    ),
    (
        inventory.memorydb_clusters,
        "Clusters",
        {"Name": "m", "ARN": f"arn:aws:memorydb:{HERE}:cluster/m"},
        f"arn:aws:memorydb:{HERE}:cluster/m",
        "m",
        Store.DATABASE,
    ),
    (
        inventory.search_domains,
        "DomainNames",
        {"DomainName": "d", "EngineType": "Elasticsearch"},
        f"arn:aws:es:{HERE}:domain/d",
        "d",
        Store.SEARCH,
    ),
    (
        inventory.redshift_clusters,
        "Clusters",
        {"ClusterIdentifier": "w", "Tags": TAGS},
        f"arn:aws:redshift:{HERE}:cluster:w",
        "w",
        Store.WAREHOUSE,
    ),
    (
        inventory.queues,
        "QueueUrls",
        "https://sqs.us-east-1.amazonaws.com/123456789012/q.fifo",
        f"arn:aws:sqs:{HERE}:q.fifo",
        "q.fifo",
        Store.QUEUE,
    ),
    (inventory.data_streams, "StreamNames", "s", f"arn:aws:kinesis:{HERE}:stream/s", "s", Store.STREAM),
    (
        inventory.kafka_clusters,
        "ClusterInfoList",
        {"ClusterArn": f"arn:aws:kafka:{HERE}:cluster/k/1", "ClusterName": "k", "Tags": {"team": "a"}},
        f"arn:aws:kafka:{HERE}:cluster/k/1",
        "k",
        Store.STREAM,
    ),
    (
        inventory.log_groups,
        "logGroups",
        {"logGroupName": "/app", "arn": f"arn:aws:logs:{HERE}:log-group:/app:*"},
        f"arn:aws:logs:{HERE}:log-group:/app",
        "/app",
        Store.LOG,
    ),
    (
        inventory.repositories,
        "repositories",
        {"repositoryArn": f"arn:aws:ecr:{HERE}:repository/r", "repositoryName": "r"},
        f"arn:aws:ecr:{HERE}:repository/r",
        "r",
        Store.REGISTRY,
    ),
    (
        inventory.secrets,
        "SecretList",
        {"ARN": f"arn:aws:secretsmanager:{HERE}:secret:s-AbCdEf", "Name": "s", "Tags": TAGS},
        f"arn:aws:secretsmanager:{HERE}:secret:s-AbCdEf",
        "s",
        Store.SECRET,
    ),
]


def names(case: Any) -> str:
    return case.fact.__name__ if isinstance(case, Reader) else ""


def page(field: str, *items: Any) -> dict[str, Any]:
    return {field: list(items)} | ({"HasMoreStreams": False} if field == "StreamNames" else {})


@pytest.mark.parametrize(("listing", "field", "item", "arn", "name", "store"), LISTINGS, ids=names)
def test_a_store_is_listed_under_its_arn(
    listing: Reader, field: str, item: Any, arn: str, name: str, store: Store
) -> None:
    session = session_of(AwsSession, Recorded({listing.operation: page(field, item)}))
    pairs = [("team", "a")] if isinstance(item, dict) and "Tags" in item else None
    assert read(listing, session) == [listing.fact(resource=session.resource(listing.fact.kind, arn, name, tags=pairs))]
    assert (listing.fact.inventory, listing.fact.store) == (True, store)


@pytest.mark.parametrize(("listing", "field", "item", "arn", "name", "store"), LISTINGS, ids=names)
def test_none_is_a_fact_and_a_refusal_is_a_gap(
    listing: Reader, field: str, item: Any, arn: str, name: str, store: Store
) -> None:
    assert read(listing, session_of(AwsSession, Recorded({listing.operation: page(field)}))) == []
    with pytest.raises(GapFound) as found:
        read(listing, session_of(AwsSession, Recorded({listing.operation: Cause.ACCESS_DENIED})))
    assert found.value.gap.permission == listing.permission


def test_every_reader_of_the_inventory_is_tested() -> None:
    readers = {value for value in vars(inventory).values() if isinstance(value, Reader)}
    assert readers == {listing[0] for listing in LISTINGS}


def test_an_account_without_queues_gets_a_reply_without_the_list() -> None:
    assert read(inventory.queues, session_of(AwsSession, Recorded({"sqs:ListQueues": {}}))) == []


@pytest.mark.parametrize(
    ("listing", "pages", "asked"),
    [
        (
            inventory.dynamodb_tables,
            [{"TableNames": ["a"], "LastEvaluatedTableName": "a"}, {"TableNames": ["b"]}],
            {"Limit": 100, "ExclusiveStartTableName": "a"},
        ),
        (
            inventory.queues,
            [{"QueueUrls": ["u/a"], "NextToken": "n"}, {"QueueUrls": ["u/b"]}],
            {"MaxResults": 1000, "NextToken": "n"},
        ),
        (
            inventory.efs_file_systems,
            [
                {"FileSystems": [{"FileSystemId": "a", "Tags": []}], "Marker": "old", "NextMarker": "n"},
                {"FileSystems": [{"FileSystemId": "b", "Tags": []}], "Marker": "n"},
            ],
            {"MaxItems": 100, "Marker": "n"},
        ),
        (
            inventory.data_streams,
            [{"StreamNames": ["a"], "HasMoreStreams": True}, {"StreamNames": ["b"], "HasMoreStreams": False}],
            {"Limit": 1000, "ExclusiveStartStreamName": "a"},
        ),
    ],
    ids=names,
)
def test_every_page_is_read(listing: Reader, pages: list[Any], asked: dict[str, Any]) -> None:
    source = Recorded({listing.operation: pages})
    assert [fact.resource.name for fact in read(listing, session_of(AwsSession, source))] == ["a", "b"]
    assert source.asked[1:] == [(listing.operation, asked, "us-east-1")]


def test_streams_that_are_said_to_follow_but_cannot_be_asked_for_are_a_gap() -> None:
    session = session_of(AwsSession, Recorded({"kinesis:ListStreams": {"StreamNames": [], "HasMoreStreams": True}}))
    with pytest.raises(GapFound) as found:
        read(inventory.data_streams, session)
    assert found.value.gap.cause == Cause.TRUNCATED
