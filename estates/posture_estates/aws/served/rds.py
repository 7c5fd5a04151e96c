"""Parameters of database parameter groups: the engine's defaults, under what the customer changed.

moto's groups hold changed parameters only. The defaults are those of the RDS and Aurora user guides ("Requiring SSL");
of several hundred parameters only the ones that bear on security are here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from moto.rds.models import rds_backends

from posture_estates.aws.exchange import ACCOUNT, Forward, Reply, Request
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.state import State
from posture_estates.aws.served.xml import element, query_listing

FAMILY = re.compile(r"(?P<engine>[a-z-]+?)(?P<version>\d+(\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    value: str | None
    source: str  # user, system, engine-default
    data_type: str
    apply_type: str = "dynamic"


def defaults(family: str) -> tuple[Parameter, ...]:
    """What a group of the family holds before anybody changes it."""
    found = FAMILY.fullmatch(family)
    if found is None:
        return ()
    version = float(found["version"])
    match found["engine"]:
        case "postgres" | "aurora-postgresql" as engine:
            forced_since = 15 if engine == "postgres" else 17
            return (
                Parameter("log_connections", None, "engine-default", "boolean"),
                Parameter("password_encryption", "scram-sha-256" if version >= 14 else "md5", "system", "string"),
                Parameter("rds.force_ssl", "1" if version >= forced_since else "0", "system", "boolean"),
                Parameter("ssl", "1", "system", "boolean"),
                Parameter("ssl_min_protocol_version", "TLSv1.2", "system", "string"),
            )
        case "mysql" | "aurora-mysql" as engine:
            forced = engine == "mysql" and version >= 9.7
            return (
                Parameter("require_secure_transport", "1" if forced else "0", "system", "boolean"),
                Parameter("tls_version", None, "engine-default", "list", "static"),
            )
        case "mariadb":
            forced = found["version"] >= "11.8"
            return (
                Parameter("require_secure_transport", "1" if forced else "0", "system", "boolean"),
                Parameter("tls_version", None, "engine-default", "list", "static"),
            )
        case _:
            return ()


def changed(operation: Operation, name: str) -> tuple[str, tuple[Parameter, ...]] | None:
    """Family and changed parameters of a group that was made; None when there is no such group."""
    backend = rds_backends[ACCOUNT][operation.region]
    family: str | None = None
    own: dict[str, dict[str, str]] = {}
    if operation.name == "DescribeDBParameters" and name in backend.db_parameter_groups:
        group = backend.db_parameter_groups[name]
        family, own = group.family, group.parameters
    elif operation.name == "DescribeDBClusterParameters" and name in backend.db_cluster_parameter_groups:
        of_cluster = backend.db_cluster_parameter_groups[name]
        family, own = of_cluster.db_parameter_group_family, of_cluster.parameters
    if family is None:
        return None
    return family, tuple(
        Parameter(key, values.get("parameter_value", values.get("ParameterValue")), "user", "string")
        for key, values in own.items()
    )


def describe_parameters(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """The parameters of a group, defaults included; groups named `default.…` exist without being made."""
    key = "DBParameterGroupName" if operation.name == "DescribeDBParameters" else "DBClusterParameterGroupName"
    name = request.form[key]
    group = changed(operation, name)
    if group is None and not name.startswith("default."):
        return emulate(request)
    family, own = group or (name.removeprefix("default."), ())
    merged = {p.name: p for p in defaults(family)} | {p.name: p for p in own}
    wanted = request.form.get("Source")
    parameters = [p for _, p in sorted(merged.items()) if wanted in (None, p.source)]
    return query_listing(operation, request, "Parameters", [described(parameter) for parameter in parameters])


def described(parameter: Parameter) -> str:
    return element(
        "Parameter",
        {
            "ParameterName": parameter.name,
            "ParameterValue": parameter.value,
            "Source": parameter.source,
            "ApplyType": parameter.apply_type,
            "DataType": parameter.data_type,
            "IsModifiable": True,
            "ApplyMethod": "pending-reboot",
        },
    )


SERVED = {
    ("rds", "DescribeDBParameters"): describe_parameters,
    ("rds", "DescribeDBClusterParameters"): describe_parameters,
}
