"""TLS of RDS databases as their parameter groups set it: is clear text refused, and how old may TLS be."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import ClearTextRefused, TlsMinimum
from posture.model import Cause, Fact, Value
from posture.reader import reader
from posture_aws.rds.clusters import DbCluster
from posture_aws.rds.engines import READ, REQUIREMENTS, accepted, version_of
from posture_aws.rds.instances import DbInstance
from posture_aws.session import AwsSession

APPLIED = frozenset({"in-sync"})
Pairs = tuple[tuple[str, str | None], ...]


class Settings(Value):
    """An engine with the parameters it runs under; a value is None where the group leaves it to the engine.

    ``states`` tells whether the group is applied (``in-sync``) where the engine runs; several for several members.
    """

    engine: str
    engine_version: str
    states: frozenset[str]
    values: Pairs


class InstanceParameters(Fact):
    """TLS settings of an instance that belongs to no cluster (DescribeDBParameters of its group)."""

    kind: ClassVar[str] = DbInstance.kind

    settings: Settings


class ClusterParameters(Fact):
    """TLS settings of a cluster and all of its members (DescribeDBClusterParameters of its group)."""

    kind: ClassVar[str] = DbCluster.kind

    settings: Settings


@reader(operation="rds:DescribeDBParameters", shared=True)
def instance_parameters(aws: AwsSession, instance: DbInstance) -> Iterator[InstanceParameters]:
    """The group of an instance, 100 parameters a page; members of a cluster go by the group of the cluster.

    Engines without parameters about TLS are given without asking.
    """
    if instance.cluster is not None:
        return
    asked = instance.engine in REQUIREMENTS and instance.parameter_group
    yield InstanceParameters(
        resource=instance.resource,
        settings=Settings(
            engine=instance.engine,
            engine_version=instance.engine_version,
            states=frozenset({instance.parameter_state}),
            values=_values(aws, DBParameterGroupName=instance.parameter_group) if asked else (),
        ),
    )


@reader(operation="rds:DescribeDBClusterParameters", shared=True)
def cluster_parameters(aws: AwsSession, cluster: DbCluster) -> ClusterParameters:
    """The group of a cluster, 100 parameters a page. Engines without parameters about TLS are given without asking."""
    asked = cluster.engine in REQUIREMENTS and cluster.parameter_group
    return ClusterParameters(
        resource=cluster.resource,
        settings=Settings(
            engine=cluster.engine,
            engine_version=cluster.engine_version,
            states=cluster.parameter_states if cluster.parameter_group else frozenset({""}),
            values=_values(aws, DBClusterParameterGroupName=cluster.parameter_group) if asked else (),
        ),
    )


def _values(aws: AwsSession, **group: str) -> Pairs:
    return tuple(
        (parameter["ParameterName"], parameter.get("ParameterValue"))
        for page in aws.pages("Marker", MaxRecords=100, **group)
        for parameter in page["Parameters"]
        if parameter["ParameterName"] in READ
    )


@check(
    id="aws.rds.instance-clear-text",
    title="Databases refuse connections without TLS",
    severity=Severity.HIGH,
    refutes="a database",
    remedy="Set rds.force_ssl to 1, or require_secure_transport to ON, in the parameter group of the database.",
)
def instance_clear_text(parameters: InstanceParameters, claim: ClearTextRefused) -> Outcome:
    """A database offers TLS without being told; that it refuses anything else is a parameter of each engine."""
    return _judge_clear_text(parameters.settings)


@check(
    id="aws.rds.instance-tls-version",
    title="Databases accept no TLS older than promised",
    severity=Severity.HIGH,
    refutes="a listener",
    remedy="Set ssl_min_protocol_version, tls_version, or rds.tls10 and rds.tls11 in the parameter group.",
)
def instance_tls_version(parameters: InstanceParameters, claim: TlsMinimum) -> Outcome:
    """Versions of connections that do use TLS; whether others are refused is a question of its own."""
    return _judge_version(parameters.settings, claim)


@check(
    id="aws.rds.cluster-clear-text",
    title="Database clusters refuse connections without TLS",
    severity=Severity.HIGH,
    refutes="a database",
    remedy="Set rds.force_ssl to 1, require_secure_transport to ON, or tls to tls1.2+ in the cluster parameter group.",
)
def cluster_clear_text(parameters: ClusterParameters, claim: ClearTextRefused) -> Outcome:
    """A cluster offers TLS without being told; that it refuses anything else is a parameter of each engine."""
    return _judge_clear_text(parameters.settings)


@check(
    id="aws.rds.cluster-tls-version",
    title="Database clusters accept no TLS older than promised",
    severity=Severity.HIGH,
    refutes="a listener",
    remedy="Set ssl_min_protocol_version, tls_version, or tls in the cluster parameter group.",
)
def cluster_tls_version(parameters: ClusterParameters, claim: TlsMinimum) -> Outcome:
    """Versions of connections that do use TLS; whether others are refused is a question of its own."""
    return _judge_version(parameters.settings, claim)


def _judge_clear_text(settings: Settings) -> Outcome:
    requirement = REQUIREMENTS.get(settings.engine)
    if requirement is None:
        reason = f"runs {settings.engine}, whose parameters do not say whether clear text is refused"
        return Unknown(Cause.NOT_SUPPORTED, reason)
    if not settings.states <= APPLIED:
        return _not_applied(settings)
    given = dict(settings.values).get(requirement.parameter)
    version = version_of(settings.engine_version)
    value = given or (requirement.default(version) if version else None)
    if value is None:
        reason = f"leaves {requirement.parameter} to {_engine(settings)}, whose default is not known here"
        return Unknown(Cause.NOT_SUPPORTED, reason)
    setting = f"{requirement.parameter} is {value}" if given else f"{requirement.parameter} is {value} by default"
    if value.upper() in requirement.refuses:
        return Pass(f"refuses clear text: {setting}")
    if value.upper() in requirement.admits:
        return Fail(f"admits clear text: {setting}")
    return Unknown(Cause.NOT_SUPPORTED, f"has a setting that is not known here: {setting}")


def _judge_version(settings: Settings, claim: TlsMinimum) -> Outcome:
    if not settings.states <= APPLIED:
        return _not_applied(settings)
    values = dict(settings.values)
    if settings.engine == "docdb" and values.get("tls") == "disabled":
        return Fail("speaks no TLS: tls is disabled")
    found = accepted(settings.engine, version_of(settings.engine_version), values)
    if found is None:
        reason = f"runs {_engine(settings)}, whose parameters do not say which versions of TLS it accepts"
        return Unknown(Cause.NOT_SUPPORTED, reason)
    if claim.reading == "minimum":
        if found.oldest.older_than(claim.version):
            return Fail(f"accepts {found.oldest}")
        return Pass(f"accepts nothing older than {found.oldest}")
    if claim.version in found.sure:
        return Pass(f"accepts {claim.version}")
    if found.complete or claim.version.older_than(found.oldest):
        return Fail(f"does not accept {claim.version}")
    return Unknown(Cause.NOT_SUPPORTED, f"does not say in its parameters whether it accepts {claim.version}")


def _engine(settings: Settings) -> str:
    return f"{settings.engine} {settings.engine_version}"


def _not_applied(settings: Settings) -> Unknown:
    states = ", ".join(sorted(state or "no parameter group" for state in settings.states - APPLIED))
    return Unknown(Cause.STALE, f"does not run under its parameters yet ({states})")
