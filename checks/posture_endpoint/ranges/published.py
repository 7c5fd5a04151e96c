"""Reading the lists of ranges as AWS, Microsoft and Google publish them, each to a section of a snapshot.

Prefixes stay as they were published. Where what answers is not tied to a region, none is given: AWS's GLOBAL,
CloudFront and Global Accelerator, and Azure Front Door, answer from wherever is nearest to whoever asks.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

import msgspec

from posture.yamlfile import FileError
from posture_endpoint.ranges.snapshot import Row, Section, contents, parse_prefix

NOWHERE = frozenset({"CLOUDFRONT", "GLOBALACCELERATOR"})
"""AWS services that answer at the edge, also where a prefix of theirs is listed under a region."""

EDGE = "azurefrontdoor."
"""Service tags of Azure's edge; Backend is what it calls from, which nobody can call."""

AZURE_REGIONS = {
    "brazilne": "brazilnortheast",
    "brazilse": "brazilsoutheast",
    "centralfrance": "francecentral",
    "chilec": "chilecentral",
    "germanyn": "germanynorth",
    "germanywc": "germanywestcentral",
    "norwaye": "norwayeast",
    "norwayw": "norwaywest",
    "southfrance": "francesouth",
    "switzerlandn": "switzerlandnorth",
    "switzerlandw": "switzerlandwest",
}
"""Regions that service tags name otherwise than ARM does; all others have one name (Azure, service tags API)."""

_FILE_DATE = re.compile(r"_(\d{4})(\d\d)(\d\d)(?!\d)")
T = TypeVar("T")


class AwsPrefix(msgspec.Struct):
    """One entry of ip-ranges.json; AMAZON stands for every service."""

    region: str
    service: str
    ip_prefix: str = ""
    ipv6_prefix: str = ""


class AwsFile(msgspec.Struct):
    """ip-ranges.json (AWS, "AWS IP address ranges")."""

    createDate: str
    syncToken: str
    prefixes: list[AwsPrefix]
    ipv6_prefixes: list[AwsPrefix]


class AzureTag(msgspec.Struct):
    """The prefixes of a service tag; ``region`` is empty for a tag of all regions."""

    addressPrefixes: list[str]
    region: str = ""


class AzureValue(msgspec.Struct):
    """One service tag by its name."""

    name: str
    properties: AzureTag


class AzureFile(msgspec.Struct):
    """ServiceTags_Public_YYYYMMDD.json. It carries a number that grows, and no date but that of its name."""

    changeNumber: int
    cloud: str
    values: list[AzureValue]


class GooglePrefix(msgspec.Struct):
    """One entry of cloud.json; ``scope`` is the region, or global."""

    scope: str
    ipv4Prefix: str = ""
    ipv6Prefix: str = ""


class GoogleFile(msgspec.Struct):
    """cloud.json: what customers of Google Cloud have, and nothing of Google's own."""

    creationTime: str
    syncToken: str
    prefixes: list[GooglePrefix]


def read_aws(path: Path) -> Section:
    """AWS's ip-ranges.json. Raises FileError."""
    source = _decoded(path, AwsFile, "AWS's ip-ranges.json")
    day = _day(path, lambda: datetime.strptime(source.createDate, "%Y-%m-%d-%H-%M-%S").date())
    services: dict[tuple[str, str], set[str]] = {}
    for entry in (*source.prefixes, *source.ipv6_prefixes):
        services.setdefault((entry.ip_prefix or entry.ipv6_prefix, entry.region), set()).add(entry.service)
    rows = [_aws_row(prefix, region, found - {"AMAZON"}) for (prefix, region), found in services.items()]
    return _section(path, "aws", day, rows, f"ip-ranges.json of AWS, syncToken {source.syncToken}")


def _aws_row(prefix: str, region: str, services: set[str]) -> Row:
    anywhere = region == "GLOBAL" or bool(services & NOWHERE)
    return prefix, "-" if anywhere else region, ",".join(sorted(services)) or "-"


def read_azure(path: Path, day: date | None = None) -> Section:
    """Azure's service tags; the day is that of the file's name unless given. Raises FileError.

    Kept are the prefixes of AzureCloud and its regions, of Front Door, and all that lie in none of these.
    """
    source = _decoded(path, AzureFile, "Azure's ServiceTags_Public_YYYYMMDD.json")
    rows = azure_rows((tag.name, tag.properties.region, tag.properties.addressPrefixes) for tag in source.values)
    note = f"service tags of Azure ({source.cloud}), changeNumber {source.changeNumber}"
    return _section(path, "azure", day or _day(path, lambda: _named_day(path)), rows, note)


def azure_rows(tags: Iterable[tuple[str, str, list[str]]]) -> Iterator[Row]:
    """Rows of service tags: name, region and prefixes each. ValueError for what is no prefix."""
    regions: dict[str, set[str]] = {}
    edges: dict[str, str] = {}
    others: dict[str, tuple[str, str]] = {}
    for name, region, prefixes in tags:
        low = name.lower()
        for prefix in prefixes:
            if low.partition(".")[0] == "azurecloud":
                regions.setdefault(prefix, set()).update({region.lower()} - {""})
            elif low.startswith(EDGE) and low != f"{EDGE}backend":
                edges[prefix] = min(name, edges.get(prefix, name))
            else:
                others[prefix] = min((name.partition(".")[0], region.lower()), others.get(prefix, ("~", "")))
    rows = {prefix: (prefix, _azure_region(found), "-") for prefix, found in regions.items()}
    rows |= {prefix: (prefix, "-", name) for prefix, name in edges.items()}
    known = Section("azure", date.min, rows.values())
    for prefix, (name, region) in others.items():
        parse_prefix(prefix)
        if known.find(ip_address(prefix.partition("/")[0])) is None:
            rows[prefix] = (prefix, _azure_region({region} - {""}), name)
    yield from rows.values()


def _azure_region(found: set[str]) -> str:
    """ARM's name of the one region; none where tags disagree."""
    region = next(iter(found)) if len(found) == 1 else "-"
    return AZURE_REGIONS.get(region, region)


def _named_day(path: Path) -> date:
    match = _FILE_DATE.search(path.name)
    if match is None:
        raise ValueError(
            "its date stands in the name it was published under, which this file has lost; give --azure-date"
        )
    return date(*map(int, match.groups()))


def read_google(path: Path) -> Section:
    """Google Cloud's cloud.json. Raises FileError."""
    source = _decoded(path, GoogleFile, "Google Cloud's cloud.json")
    day = _day(path, lambda: datetime.fromisoformat(source.creationTime).date())
    rows = dict.fromkeys(
        (entry.ipv4Prefix or entry.ipv6Prefix, "-" if entry.scope == "global" else entry.scope, "-")
        for entry in source.prefixes
    )
    return _section(path, "google", day, rows, f"cloud.json of Google Cloud, syncToken {source.syncToken}")


def _decoded(path: Path, kind: type[T], what: str) -> T:
    try:
        return msgspec.json.decode(contents(path), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FileError(f"{path}:1: not {what}: {error}") from None


def _day(path: Path, read: Callable[[], date]) -> date:
    try:
        return read()
    except ValueError as error:
        raise FileError(f"{path}:1: no date: {error}") from None


def _section(path: Path, provider: str, day: date, rows: Iterable[Row], note: str) -> Section:
    try:
        section = Section(provider, day, rows, (note,))
    except ValueError as error:
        raise FileError(f"{path}:1: {error}") from None
    if not section.rows:
        raise FileError(f"{path}:1: lists no prefix")
    return section
