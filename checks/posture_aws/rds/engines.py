"""What the parameters of each RDS engine say about TLS: which one refuses clear text, which ones set the versions."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from posture.claims import TlsVersion
from posture.model import Value

Version = tuple[int, ...]
Parameters = Mapping[str, str | None]


class Requirement(NamedTuple):
    """The parameter that makes an engine refuse clear text, and the values that do and do not.

    ``default`` gives the value that an engine version uses where the group leaves it open, None where that is not
    known. Sources: RDS and Aurora user guides, pages on SSL/TLS of each engine.
    """

    parameter: str
    refuses: frozenset[str]
    admits: frozenset[str]
    default: Callable[[Version], str | None]


class Accepted(Value):
    """TLS versions of an engine: none older than ``oldest`` is accepted, and those of ``sure`` certainly are.

    ``complete`` tells that ``sure`` lists them all; else some between or above may be accepted too.
    """

    oldest: TlsVersion
    sure: frozenset[TlsVersion]
    complete: bool


def _force_ssl(since: int | None) -> Requirement:
    def default(version: Version) -> str:
        return "1" if since is not None and version[0] >= since else "0"

    return Requirement(parameter="rds.force_ssl", refuses=frozenset({"1"}), admits=frozenset({"0"}), default=default)


def _secure_transport(default: Callable[[Version], str | None]) -> Requirement:
    return Requirement(
        parameter="require_secure_transport",
        refuses=frozenset({"1", "ON"}),
        admits=frozenset({"0", "OFF"}),
        default=default,
    )


def _mysql_default(version: Version) -> str | None:
    return "OFF" if version < (8, 1) else None


def _mariadb_default(version: Version) -> str | None:
    if version >= (11, 8):
        return "ON"
    return "OFF" if version < (11, 5) else None


def _neptune_default(version: Version) -> str | None:
    return "1" if version >= (1, 0, 4) else None


def _unknown_default(version: Version) -> str | None:
    return None


SQL_SERVER = frozenset({"sqlserver-ee", "sqlserver-se", "sqlserver-ex", "sqlserver-web"})
POSTGRESQL = frozenset({"postgres", "aurora-postgresql"})
LISTED_VERSIONS = frozenset({"mysql", "aurora-mysql", "aurora", "mariadb"})

REQUIREMENTS: Mapping[str, Requirement] = {
    "postgres": _force_ssl(since=15),
    "aurora-postgresql": _force_ssl(since=17),
    "mysql": _secure_transport(_mysql_default),
    "aurora-mysql": _secure_transport(_mysql_default),
    "aurora": _secure_transport(_mysql_default),
    "mariadb": _secure_transport(_mariadb_default),
    "docdb": Requirement(
        parameter="tls",
        refuses=frozenset({"ENABLED", "FIPS-140-3", "TLS1.2+", "TLS1.3+"}),
        admits=frozenset({"DISABLED"}),
        default=_unknown_default,
    ),
    "neptune": Requirement(
        parameter="neptune_enforce_ssl",
        refuses=frozenset({"1"}),
        admits=frozenset(),
        default=_neptune_default,
    ),
    **dict.fromkeys(SQL_SERVER, _force_ssl(since=None)),
}
"""By engine. Oracle keeps its TLS settings in option groups and Db2 in settings of its own: they are not here.

Neptune takes HTTPS alone from 1.0.4 on; what its parameter still does there when it is off is not known.
"""

VERSION_PARAMETERS = frozenset({"tls_version", "ssl_min_protocol_version", "rds.tls10", "rds.tls11"})
READ = VERSION_PARAMETERS | {requirement.parameter for requirement in REQUIREMENTS.values()}
"""All parameters whose values matter here, whatever the engine."""

_NAMES = {
    "TLSv1": TlsVersion.TLS10,
    "TLSv1.1": TlsVersion.TLS11,
    "TLSv1.2": TlsVersion.TLS12,
    "TLSv1.3": TlsVersion.TLS13,
}
_WITH_OLD_TLS = {
    12: (12, 0, 6449, 1),
    13: (13, 0, 6435, 1),
    14: (14, 0, 3465, 1),
    15: (15, 0, 4365, 2),
    16: (16, 0, 4120, 1),
}
"""By major version of SQL Server, the last release on RDS whose default leaves TLS 1.0 and 1.1 enabled."""


def version_of(text: str) -> Version:
    """The leading numbers of an engine version: ``8.0.mysql_aurora.3.04.0`` is (8, 0)."""
    found = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def accepted(engine: str, version: Version, parameters: Parameters) -> Accepted | None:
    """The TLS versions that an engine accepts, None where its parameters do not tell."""
    if engine in POSTGRESQL:
        return _postgresql(version, parameters.get("ssl_min_protocol_version"))
    if engine in LISTED_VERSIONS:
        return _listed(engine, version, parameters.get("tls_version"))
    if engine in SQL_SERVER:
        return _sql_server(version, parameters)
    if engine == "docdb":
        return {"tls1.2+": _from(TlsVersion.TLS12), "tls1.3+": _from(TlsVersion.TLS13)}.get(parameters.get("tls") or "")
    return None


def _from(oldest: TlsVersion) -> Accepted:
    sure = {oldest} | ({TlsVersion.TLS12} if oldest.older_than(TlsVersion.TLS12) else set())
    return Accepted(oldest=oldest, sure=frozenset(sure), complete=False)


def _postgresql(version: Version, oldest: str | None) -> Accepted | None:
    """PostgreSQL's own default is TLS 1.2 from version 13 on (release notes of 13)."""
    if not oldest:
        return _from(TlsVersion.TLS12) if version >= (13,) else None
    return _from(_NAMES[oldest]) if oldest in _NAMES else None


def _listed(engine: str, version: Version, text: str | None) -> Accepted | None:
    """MySQL dropped TLS 1.0 and 1.1 in 8.0.28 and by default accepts all it can (MySQL 8.0 manual, 8.3.2)."""
    if text:
        names = [name.strip() for name in text.split(",")]
        if not all(name in _NAMES for name in names):
            return None
        versions = frozenset(_NAMES[name] for name in names)
        return Accepted(oldest=min(versions, key=lambda known: known.age), sure=versions, complete=True)
    if engine != "mysql" or len(version) < 2:
        return None
    if version >= (8, 0, 28):
        both = frozenset({TlsVersion.TLS12, TlsVersion.TLS13})
        return Accepted(oldest=TlsVersion.TLS12, sure=both, complete=True)
    return _from(TlsVersion.TLS10)


def _sql_server(version: Version, parameters: Parameters) -> Accepted | None:
    """TLS 1.2 cannot be switched off; defaults are by release (RDS guide, "Configuring SQL Server … ciphers")."""
    last = _WITH_OLD_TLS.get(version[0] if version else 0)
    default = None if last is None else "disabled" if version > last else "enabled"
    for name, old in (("rds.tls10", TlsVersion.TLS10), ("rds.tls11", TlsVersion.TLS11)):
        given = parameters.get(name) or "default"
        value = default if given == "default" else given
        if value == "enabled":
            return _from(old)
        if value != "disabled":
            return None
    return _from(TlsVersion.TLS12)
