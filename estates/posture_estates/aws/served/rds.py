"""Parameters of database parameter groups: the engine's defaults, under what the customer changed; automated backups.

moto's groups hold changed parameters only. The defaults are those of the RDS and Aurora user guides ("Requiring SSL");
of several hundred parameters only the ones that bear on security are here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from moto.rds.models import rds_backends

from posture_estates.aws.errors import error_reply
from posture_estates.aws.exchange import ACCOUNT, REQUEST_ID, Forward, Reply, Request, xml_reply
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.state import State, page
from posture_estates.aws.served.xml import corrected, put, text

LARGEST_PAGE = 100
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
    try:
        shown, marker = page(parameters, int(request.form.get("MaxRecords", LARGEST_PAGE)), request.form.get("Marker"))
    except ValueError:
        return error_reply(operation, 400, "InvalidParameterValue", "Invalid marker")
    items = "".join(element(parameter) for parameter in shown)
    return xml_reply(
        f'<{operation.name}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{operation.name}Result>'
        f"<Parameters>{items}</Parameters>{f'<Marker>{marker}</Marker>' if marker else ''}</{operation.name}Result>"
        f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{operation.name}Response>"
    )


def element(parameter: Parameter) -> str:
    value = "" if parameter.value is None else f"<ParameterValue>{escape(parameter.value)}</ParameterValue>"
    return (
        f"<Parameter><ParameterName>{escape(parameter.name)}</ParameterName>{value}<Source>{parameter.source}</Source>"
        f"<ApplyType>{parameter.apply_type}</ApplyType><DataType>{parameter.data_type}</DataType>"
        "<IsModifiable>true</IsModifiable><ApplyMethod>pending-reboot</ApplyMethod></Parameter>"
    )


def automated_backups(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """moto does not tell whether an automated backup is encrypted: it is as its database is."""

    def correct(document: Element) -> None:
        databases = rds_backends[ACCOUNT][operation.region].databases
        for backup in document.iterfind(".//{*}DBInstanceAutomatedBackup"):
            database = databases.get(text(backup, "DBInstanceIdentifier") or "")
            if database is not None:
                put(backup, "Encrypted", "true" if database.storage_encrypted else "false")
                if database.storage_encrypted:
                    put(backup, "KmsKeyId", str(database.kms_key_id))

    return corrected(emulate(request), correct)


SERVED = {
    ("rds", "DescribeDBInstanceAutomatedBackups"): automated_backups,
    ("rds", "DescribeDBParameters"): describe_parameters,
    ("rds", "DescribeDBClusterParameters"): describe_parameters,
}
