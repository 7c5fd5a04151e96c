"""Snapshots of providers' address ranges: how one is read, looked up in, written, and made of published files."""

import gzip
import ipaddress
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.yamlfile import FileError
from posture_endpoint.ranges import snapshot as module
from posture_endpoint.ranges.published import azure_rows, read_aws, read_azure, read_google
from posture_endpoint.ranges.snapshot import Listed, Section, Snapshot, packed, parse, snapshot, written

DAY = date(2026, 10, 26)


def in_file(text: str) -> Snapshot:
    return parse(text, "ranges.txt")


@st.composite
def networks(draw: st.DrawFn) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Prefixes that crowd together, so that many lie in each other."""
    if draw(st.booleans()):
        number = 0x0A000000 | draw(st.integers(0, 0xFF)) << 8 | draw(st.sampled_from((0, 1, 128, 255)))
        return ipaddress.IPv4Network((number, draw(st.integers(0, 32))), strict=False)
    number = 0x20010DB8 << 96 | draw(st.integers(0, 0xF)) << 64 | draw(st.sampled_from((0, 1, 1 << 63)))
    return ipaddress.IPv6Network((number, draw(st.integers(0, 128))), strict=False)


@settings(max_examples=150, deadline=None)
@given(st.sets(networks(), max_size=25), networks())
def test_the_longest_prefix_that_holds_an_address_is_found(
    listed: set[ipaddress.IPv4Network | ipaddress.IPv6Network], near: ipaddress.IPv4Network | ipaddress.IPv6Network
) -> None:
    section = Section("aws", DAY, [(str(network), f"r{network.prefixlen}", "-") for network in listed])
    for address in (near[0], near[-1]):
        holding = [network for network in listed if network.version == address.version and address in network]
        found = section.find(address)
        longest = max(holding, key=lambda network: network.prefixlen, default=None)
        assert (found and found.prefix) == (longest and str(longest))


@settings(max_examples=60, deadline=None)
@given(st.sets(networks(), min_size=1, max_size=25))
def test_what_is_written_reads_the_same(listed: set[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> None:
    section = Section("aws", DAY, [(str(network), "eu-west-1", "-") for network in listed], ["of a test", ""])
    text = written(Snapshot([section]))
    again = in_file(text)
    assert written(again) == text
    assert again.sections["aws"].notes == ["of a test", ""]
    assert sorted(again.sections["aws"].rows) == sorted(section.rows)


def test_each_provider_is_looked_in_and_each_has_its_own_day() -> None:
    known = in_file(
        "# whatever stands before the first heading\n\n"
        "[aws] 2026-10-26\n# a note\n192.0.2.0/24 eu-west-1 EC2\n192.0.2.128/25 - CLOUDFRONT\n"
        "[own-rack] 2026-11-01\n192.0.2.128/26\n2001:db8::/32 cellar\n"
    )
    assert known.dates() == {"aws": "2026-10-26", "own-rack": "2026-11-01"}
    edge = Listed(provider="aws", prefix="192.0.2.128/25", region=None, service="CLOUDFRONT", date="2026-10-26")
    own = Listed(provider="own-rack", prefix="192.0.2.128/26", region=None, service="", date="2026-11-01")
    assert known.find("192.0.2.129") == (edge, own)
    assert known.find("192.0.2.200") == (edge,)
    assert known.find("::ffff:192.0.2.200") == (edge,)
    assert known.find("192.0.2.1")[0].region == "eu-west-1"
    assert known.find("192.0.3.0") == ()
    assert known.find("2001:db8::1")[0].region == "cellar"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ranges.txt:1: the file has no section"),
        ("# only a note\n", "ranges.txt:1: the file has no section"),
        ("192.0.2.0/24 eu-west-1\n", "ranges.txt:1: a prefix stands before the first"),
        ("[aws]\n", "ranges.txt:1: .* is not a heading"),
        ("[AWS] 2026-10-26\n", "ranges.txt:1: .* is not a heading"),
        ("[aws] 2026-13-26\n", "ranges.txt:1: month must be in"),
        ("[aws] 2026-10-26\n", r"ranges.txt:1: \[aws\] lists no prefix"),
        ("[aws] 2026-10-26\n192.0.2.0/24\n[aws] 2026-10-27\n", r"ranges.txt:3: \[aws\] stands there twice"),
        ("[aws] 2026-10-26\n192.0.2.0/24\n192.0.2.0/24 eu-west-1\n", "ranges.txt:3: 192.0.2.0/24 is listed twice"),
        ("[aws] 2026-10-26\n192.0.2.1/24\n", "ranges.txt:2: .* has bits set past its length"),
        ("[aws] 2026-10-26\n\n192.0.2.0\n", "ranges.txt:3: '192.0.2.0' is not a prefix"),
        ("[aws] 2026-10-26\n192.0.2.0/33\n", "ranges.txt:2: .* is not a prefix"),
        ("[aws] 2026-10-26\n192.0.2.0/-1\n", "ranges.txt:2: .* is not a prefix"),
        ("[aws] 2026-10-26\n300.0.2.0/24\n", "ranges.txt:2: .* is not a prefix"),
        ("[aws] 2026-10-26\n2001:db8::/129\n", "ranges.txt:2: .* is not a prefix"),
        ("[aws] 2026-10-26\n192.0.2.0/24 eu west 1\n", "ranges.txt:2: .* is not a prefix, its region and its service"),
    ],
)
def test_a_file_that_says_nothing_or_nonsense_is_an_error_with_its_line(text: str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        in_file(text)


def test_a_file_may_be_compressed_and_equal_snapshots_have_equal_bytes(tmp_path: Path) -> None:
    text = "[aws] 2026-10-26\n192.0.2.0/24\teu-west-1\t-\n"
    path = tmp_path / "ranges.txt.gz"
    path.write_bytes(packed(text))
    assert written(snapshot(str(path))) == text
    assert packed(text) == packed(text)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x1f\x8bno gzip at all", "not a file of ranges"),
        (gzip.compress(b"[aws] 2026-10-26\n192.0.2.0/24\n", mtime=0)[:-9], "breaks off"),
        (b"\xff\xfe\x00", "not a file of ranges"),
    ],
)
def test_bytes_that_are_no_text_are_an_error(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "ranges.txt"
    path.write_bytes(data)
    with pytest.raises(FileError, match=message):
        snapshot(str(path))


def test_a_file_is_never_unpacked_or_read_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    path = tmp_path / "ranges.txt"
    for data in (b"#" * 1001, gzip.compress(b"#" * 100_000)):
        path.write_bytes(data)
        with pytest.raises(FileError, match="more than 1000 bytes"):
            snapshot(str(path))


def test_a_file_is_read_once_and_again_when_it_was_renewed(tmp_path: Path) -> None:
    path = tmp_path / "ranges.txt"
    path.write_text("[aws] 2026-10-26\n192.0.2.0/24\n")
    before = snapshot(str(path))
    assert snapshot(str(path)) is before
    path.write_text("[azure] 2026-10-27\n192.0.2.0/24\n")
    assert snapshot(str(path)).dates() == {"azure": "2026-10-27"}
    path.unlink()
    with pytest.raises(FileError, match="cannot be read: No such file"):
        snapshot(str(path))


@pytest.mark.parametrize(
    ("address", "provider", "region"),
    [
        # Prefixes of AWS that its list of January 2021 had too.
        ("52.4.0.1", "aws", "us-east-1"),
        ("54.247.0.1", "aws", "eu-west-1"),
        ("15.185.0.1", "aws", "me-south-1"),
        ("3.5.140.1", "aws", "ap-northeast-2"),
        ("54.182.0.1", "aws", None),
        ("20.50.2.1", "azure", "westeurope"),
        ("2603:1020:200::1", "azure", "westeurope"),
        ("13.107.246.40", "azure", None),
        ("104.16.1.1", "cloudflare", None),
    ],
)
def test_the_shipped_snapshot_knows_well_known_addresses(address: str, provider: str, region: str | None) -> None:
    (found,) = snapshot().find(address)
    assert (found.provider, found.region) == (provider, region)


def test_the_shipped_snapshot_is_whole() -> None:
    shipped = snapshot()
    assert {provider: len(section.rows) // 1000 for provider, section in shipped.sections.items()} == {
        "aws": 11,
        "azure": 23,
        "cloudflare": 0,
        "digitalocean": 1,
        "google": 1,
        "oracle": 1,
    }
    for section in shipped.sections.values():
        assert section.notes[0]
        assert "Permission is hereby granted" in "\n".join(section.notes)
    for address in ("10.0.0.1", "127.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "fe80::1", "192.0.2.1"):
        assert shipped.find(address) == ()


def test_azure_regions_are_named_as_arm_names_them() -> None:
    regions = {region for _, region, _ in snapshot().sections["azure"].rows}
    assert {"francecentral", "germanywestcentral", "norwayeast", "switzerlandnorth", "westeurope"} <= regions
    assert not regions & {"centralfrance", "germanywc", "norwaye", "switzerlandn"}


AWS: dict[str, Any] = {
    "syncToken": "1792977064",
    "createDate": "2026-10-26-21-34-18",
    "prefixes": [
        {"ip_prefix": "192.0.2.0/24", "region": "eu-west-1", "service": "AMAZON", "network_border_group": "eu-west-1"},
        {"ip_prefix": "192.0.2.0/24", "region": "eu-west-1", "service": "S3", "network_border_group": "eu-west-1"},
        {"ip_prefix": "192.0.2.0/24", "region": "eu-west-1", "service": "EC2", "network_border_group": "eu-west-1"},
        {"ip_prefix": "198.51.100.0/24", "region": "us-east-1", "service": "AMAZON"},
        {"ip_prefix": "198.51.100.0/25", "region": "us-east-1", "service": "CLOUDFRONT"},
        {"ip_prefix": "203.0.113.0/24", "region": "GLOBAL", "service": "AMAZON"},
    ],
    "ipv6_prefixes": [{"ipv6_prefix": "2001:db8::/32", "region": "eu-west-1", "service": "AMAZON"}],
}


def tag(name: str, region: str, *prefixes: str) -> dict[str, Any]:
    properties = {"region": region, "platform": "Azure", "systemService": "", "addressPrefixes": list(prefixes)}
    return {"name": name, "id": name, "properties": properties}


AZURE: dict[str, Any] = {
    "changeNumber": 391,
    "cloud": "Public",
    "values": [
        tag("AzureCloud", "", "192.0.2.0/24", "198.51.100.0/24"),
        tag("AzureCloud.centralfrance", "centralfrance", "192.0.2.0/25"),
        tag("AzureFrontDoor.Frontend", "", "192.0.2.128/29", "203.0.113.0/29"),
        tag("AzureFrontDoor.Backend", "", "192.0.2.136/29"),
        tag("Storage", "", "192.0.2.8/29", "2001:db8:1::/48"),
        tag("Storage.WestEurope", "westeurope", "2001:db8:1::/48"),
    ],
}
GOOGLE: dict[str, Any] = {
    "syncToken": "1792977064000",
    "creationTime": "2026-10-26T01:02:03.45",
    "prefixes": [
        {"ipv4Prefix": "192.0.2.0/24", "service": "Google Cloud", "scope": "europe-west3"},
        {"ipv6Prefix": "2001:db8::/32", "service": "Google Cloud", "scope": "global"},
    ],
}


def published(tmp_path: Path, name: str, content: Any) -> Path:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_aws_is_read_with_a_prefix_once_and_its_edge_in_no_region(tmp_path: Path) -> None:
    section = read_aws(published(tmp_path, "ip-ranges.json", AWS))
    assert (section.provider, section.day, section.rows) == (
        "aws",
        DAY,
        [
            ("192.0.2.0/24", "eu-west-1", "EC2,S3"),
            ("198.51.100.0/24", "us-east-1", "-"),
            ("198.51.100.0/25", "-", "CLOUDFRONT"),
            ("203.0.113.0/24", "-", "-"),
            ("2001:db8::/32", "eu-west-1", "-"),
        ],
    )
    assert section.notes == ["ip-ranges.json of AWS, syncToken 1792977064"]


def test_azure_is_read_with_its_regions_its_edge_and_what_lies_in_neither(tmp_path: Path) -> None:
    section = read_azure(published(tmp_path, "ServiceTags_Public_20261026.json", AZURE))
    assert (section.provider, section.day, set(section.rows)) == (
        "azure",
        DAY,
        {
            ("192.0.2.0/24", "-", "-"),
            ("192.0.2.0/25", "francecentral", "-"),
            ("198.51.100.0/24", "-", "-"),
            ("192.0.2.128/29", "-", "AzureFrontDoor.Frontend"),
            ("203.0.113.0/29", "-", "AzureFrontDoor.Frontend"),
            ("2001:db8:1::/48", "-", "Storage"),
        },
    )
    assert section.notes == ["service tags of Azure (Public), changeNumber 391"]


def test_tags_that_disagree_about_a_region_give_none() -> None:
    tags = [("AzureCloud.a", "a", ["192.0.2.0/24"]), ("AzureCloud.b", "b", ["192.0.2.0/24"])]
    assert list(azure_rows(tags)) == [("192.0.2.0/24", "-", "-")]


def test_google_is_read_with_its_regions(tmp_path: Path) -> None:
    section = read_google(published(tmp_path, "cloud.json", GOOGLE))
    assert (section.provider, section.day, section.rows) == (
        "google",
        DAY,
        [("192.0.2.0/24", "europe-west3", "-"), ("2001:db8::/32", "-", "-")],
    )


def test_a_file_without_its_date_takes_one_that_is_given(tmp_path: Path) -> None:
    path = published(tmp_path, "tags.json", AZURE)
    assert read_azure(path, DAY).day == DAY
    with pytest.raises(FileError, match=r"tags.json:1: no date: .* --azure-date"):
        read_azure(path)


@pytest.mark.parametrize(
    ("read", "name", "content", "message"),
    [
        (read_aws, "a.json", "<html>", "a.json:1: not AWS's ip-ranges.json"),
        (read_aws, "a.json", AZURE, "a.json:1: not AWS's ip-ranges.json: Object missing required field"),
        (read_aws, "a.json", AWS | {"createDate": "today"}, "a.json:1: no date"),
        (read_aws, "a.json", AWS | {"prefixes": [{"region": "x", "service": "EC2"}]}, "'' is not a prefix"),
        (read_aws, "a.json", AWS | {"prefixes": [], "ipv6_prefixes": []}, "lists no prefix"),
        (read_azure, "b.json", AWS, "b.json:1: not Azure's"),
        (read_azure, "b_20261332.json", AZURE, "no date"),
        (read_azure, "b_20261026.json", AZURE | {"values": [tag("Storage", "", "192.0.2.9/29")]}, "bits set past"),
        (read_azure, "b_20261026.json", AZURE | {"values": [tag("Storage", "", "everything")]}, "is not a prefix"),
        (read_google, "c.json", AWS, "c.json:1: not Google Cloud's"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_an_error(
    tmp_path: Path, read: Any, name: str, content: Any, message: str
) -> None:
    with pytest.raises(FileError, match=message):
        read(published(tmp_path, name, content))
