"""Stores that no check of this package judges: listed so that an account which holds them is not called verified.

Each listing is one operation per region. In a region that does not offer the service the listing is a gap, like any
endpoint that cannot be reached: nothing here can tell the two apart, and silence would read as "there are none".
Timestream for LiveAnalytics is not asked: it refuses all but the customers it had in June 2025, with access-denied.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from posture.model import Cause, Fact, Gap, Resource, Store
from posture.reader import GapFound, reader
from posture_aws.session import AwsSession, tags


class Listed(Fact):
    """Something that holds data, of which nothing is known but that it is there."""

    inventory: ClassVar[bool] = True


def _named(aws: AwsSession, fact: type[Listed], arn: str, name: str, pairs: Any = None) -> Resource:
    return aws.resource(fact.kind, arn, name, tags=pairs)


class DynamoDbTable(Listed):
    """A DynamoDB table."""

    kind: ClassVar[str] = "aws.dynamodb.table"
    store: ClassVar[Store | None] = Store.DATABASE


@reader(operation="dynamodb:ListTables")
def dynamodb_tables(aws: AwsSession) -> Iterator[DynamoDbTable]:
    """All tables of the region, 100 a page; the last name of a page asks for the next."""
    for page in aws.pages("ExclusiveStartTableName", "LastEvaluatedTableName", Limit=100):
        for name in page["TableNames"]:
            yield DynamoDbTable(resource=_named(aws, DynamoDbTable, aws.arn("dynamodb", f"table/{name}"), name))


class EfsFileSystem(Listed):
    """An EFS file system."""

    kind: ClassVar[str] = "aws.efs.file-system"
    store: ClassVar[Store | None] = Store.FILE


@reader(operation="efs:DescribeFileSystems", permission="elasticfilesystem:DescribeFileSystems")
def efs_file_systems(aws: AwsSession) -> Iterator[EfsFileSystem]:
    """All file systems of the region, 100 a page."""
    for page in aws.pages("Marker", "NextMarker", MaxItems=100):
        for system in page["FileSystems"]:
            id = system["FileSystemId"]
            arn = aws.arn("elasticfilesystem", f"file-system/{id}")
            yield EfsFileSystem(resource=_named(aws, EfsFileSystem, arn, id, tags(system["Tags"])))


class FsxFileSystem(Listed):
    """An FSx file system, of whatever make."""

    kind: ClassVar[str] = "aws.fsx.file-system"
    store: ClassVar[Store | None] = Store.FILE


@reader(operation="fsx:DescribeFileSystems")
def fsx_file_systems(aws: AwsSession) -> Iterator[FsxFileSystem]:
    """All file systems of the region, 50 a page."""
    for page in aws.pages("NextToken", MaxResults=50):
        for system in page["FileSystems"]:
            id, arn = system["FileSystemId"], system["ResourceARN"]
            yield FsxFileSystem(resource=_named(aws, FsxFileSystem, arn, id, tags(system.get("Tags"))))


class CacheCluster(Listed):
    """An ElastiCache cluster; a replication group shows as its member clusters."""

    kind: ClassVar[str] = "aws.elasticache.cluster"
    store: ClassVar[Store | None] = Store.CACHE


@reader(operation="elasticache:DescribeCacheClusters")
def cache_clusters(aws: AwsSession) -> Iterator[CacheCluster]:
    """All clusters of the region, 100 a page."""
    for page in aws.pages("Marker", MaxRecords=100):
        for cluster in page["CacheClusters"]:
            name = cluster["CacheClusterId"]
            yield CacheCluster(resource=_named(aws, CacheCluster, aws.arn("elasticache", f"cluster:{name}"), name))


class ServerlessCache(Listed):
    """An ElastiCache serverless cache."""

    kind: ClassVar[str] = "aws.elasticache.serverless-cache"
    store: ClassVar[Store | None] = Store.CACHE


@reader(operation="elasticache:DescribeServerlessCaches")
def serverless_caches(aws: AwsSession) -> Iterator[ServerlessCache]:
    """All serverless caches of the region, 50 a page."""
    for page in aws.pages("NextToken", MaxResults=50):
        for cache in page["ServerlessCaches"]:
            yield ServerlessCache(resource=_named(aws, ServerlessCache, cache["ARN"], cache["ServerlessCacheName"]))


class MemoryDbCluster(Listed):
    """A MemoryDB cluster."""

    kind: ClassVar[str] = "aws.memorydb.cluster"
    store: ClassVar[Store | None] = Store.DATABASE


@reader(operation="memorydb:DescribeClusters")
def memorydb_clusters(aws: AwsSession) -> Iterator[MemoryDbCluster]:
    """All clusters of the region, 50 a page."""
    for page in aws.pages("NextToken", MaxResults=50):
        for cluster in page["Clusters"]:
            yield MemoryDbCluster(resource=_named(aws, MemoryDbCluster, cluster["ARN"], cluster["Name"]))


class SearchDomain(Listed):
    """An OpenSearch or Elasticsearch domain."""

    kind: ClassVar[str] = "aws.opensearch.domain"
    store: ClassVar[Store | None] = Store.SEARCH


@reader(operation="opensearch:ListDomainNames", permission="es:ListDomainNames")
def search_domains(aws: AwsSession) -> Iterator[SearchDomain]:
    """All domains of the region, of both engines, unpaged."""
    for domain in aws.get()["DomainNames"]:
        name = domain["DomainName"]
        yield SearchDomain(resource=_named(aws, SearchDomain, aws.arn("es", f"domain/{name}"), name))


class RedshiftCluster(Listed):
    """A Redshift cluster."""

    kind: ClassVar[str] = "aws.redshift.cluster"
    store: ClassVar[Store | None] = Store.WAREHOUSE


@reader(operation="redshift:DescribeClusters")
def redshift_clusters(aws: AwsSession) -> Iterator[RedshiftCluster]:
    """All clusters of the region, 100 a page."""
    for page in aws.pages("Marker", MaxRecords=100):
        for cluster in page["Clusters"]:
            name = cluster["ClusterIdentifier"]
            arn = aws.arn("redshift", f"cluster:{name}")
            yield RedshiftCluster(resource=_named(aws, RedshiftCluster, arn, name, tags(cluster.get("Tags"))))


class Queue(Listed):
    """An SQS queue."""

    kind: ClassVar[str] = "aws.sqs.queue"
    store: ClassVar[Store | None] = Store.QUEUE


@reader(operation="sqs:ListQueues")
def queues(aws: AwsSession) -> Iterator[Queue]:
    """All queues of the region, 1000 a page; without a page size the service stops there and gives no token."""
    for page in aws.pages("NextToken", MaxResults=1000):
        for url in page.get("QueueUrls") or ():
            name = url.rpartition("/")[2]
            yield Queue(resource=_named(aws, Queue, aws.arn("sqs", name), name))


class DataStream(Listed):
    """A Kinesis data stream."""

    kind: ClassVar[str] = "aws.kinesis.stream"
    store: ClassVar[Store | None] = Store.STREAM


@reader(operation="kinesis:ListStreams")
def data_streams(aws: AwsSession) -> Iterator[DataStream]:
    """All streams of the region, 1000 a page; the last name asks for the next page, whether or not there is a token."""
    after: dict[str, Any] = {}
    while True:
        page = aws.get(Limit=1000, **after)
        names = list(page["StreamNames"])
        for name in names:
            yield DataStream(resource=_named(aws, DataStream, aws.arn("kinesis", f"stream/{name}"), name))
        if not page["HasMoreStreams"]:
            return
        if not names:
            detail = "the reply says that there are more streams and names none to go on from"
            raise GapFound(Gap(cause=Cause.TRUNCATED, detail=detail, operation=aws.operation))
        after = {"ExclusiveStartStreamName": names[-1]}


class KafkaCluster(Listed):
    """An MSK cluster, provisioned or serverless."""

    kind: ClassVar[str] = "aws.msk.cluster"
    store: ClassVar[Store | None] = Store.STREAM


@reader(operation="kafka:ListClustersV2")
def kafka_clusters(aws: AwsSession) -> Iterator[KafkaCluster]:
    """All clusters of the region, 100 a page."""
    for page in aws.pages("NextToken", MaxResults=100):
        for cluster in page["ClusterInfoList"]:
            arn, name = cluster["ClusterArn"], cluster["ClusterName"]
            yield KafkaCluster(resource=_named(aws, KafkaCluster, arn, name, cluster.get("Tags", {}).items()))


class LogGroup(Listed):
    """A CloudWatch log group."""

    kind: ClassVar[str] = "aws.logs.log-group"
    store: ClassVar[Store | None] = Store.LOG


@reader(operation="logs:DescribeLogGroups")
def log_groups(aws: AwsSession) -> Iterator[LogGroup]:
    """All log groups of the region, 50 a page."""
    for page in aws.pages("nextToken", limit=50):
        for group in page["logGroups"]:
            name = group["logGroupName"]
            yield LogGroup(resource=_named(aws, LogGroup, aws.arn("logs", f"log-group:{name}"), name))


class Repository(Listed):
    """An ECR repository of the account's private registry."""

    kind: ClassVar[str] = "aws.ecr.repository"
    store: ClassVar[Store | None] = Store.REGISTRY


@reader(operation="ecr:DescribeRepositories")
def repositories(aws: AwsSession) -> Iterator[Repository]:
    """All repositories of the region, 1000 a page."""
    for page in aws.pages("nextToken", maxResults=1000):
        for found in page["repositories"]:
            yield Repository(resource=_named(aws, Repository, found["repositoryArn"], found["repositoryName"]))


class Secret(Listed):
    """A secret of Secrets Manager; its value is never read."""

    kind: ClassVar[str] = "aws.secretsmanager.secret"
    store: ClassVar[Store | None] = Store.SECRET


@reader(operation="secretsmanager:ListSecrets")
def secrets(aws: AwsSession) -> Iterator[Secret]:
    """All secrets of the region, 100 a page, with those that wait for their deletion."""
    for page in aws.pages("NextToken", MaxResults=100, IncludePlannedDeletion=True):
        for secret in page["SecretList"]:
            arn, name = secret["ARN"], secret["Name"]
            yield Secret(resource=_named(aws, Secret, arn, name, tags(secret.get("Tags"))))
