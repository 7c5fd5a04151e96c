"""posture ranges: looking addresses up, and a newer snapshot from files at hand; what is wrong is said in one line."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from commands import posture, written
from posture_endpoint.ranges.snapshot import snapshot

AWS: dict[str, Any] = {
    "syncToken": "1",
    "createDate": "2026-11-20-01-02-03",
    "prefixes": [{"ip_prefix": "198.51.100.0/24", "region": "eu-west-1", "service": "EC2"}],
    "ipv6_prefixes": [],
}
AZURE: dict[str, Any] = {
    "changeNumber": 7,
    "cloud": "Public",
    "values": [
        {
            "name": "AzureCloud.westeurope",
            "properties": {"region": "westeurope", "addressPrefixes": ["203.0.113.0/24"]},
        }
    ],
}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched."""
    monkeypatch.setattr(socket.socket, "connect", None)
    monkeypatch.setattr(socket, "getaddrinfo", None)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return written(tmp_path / "own.txt", "[aws] 2026-11-20\n127.77.0.0/16 eu-west-1 EC2\n")


def test_an_address_is_told_with_its_prefix_and_the_day_of_the_list() -> None:
    done = posture("ranges", "show", "52.4.0.1", "10.0.0.1", "2603:1020:200::1")
    assert done.code == 0
    assert [line.split() for line in done.out.splitlines()[2:]] == [
        ["52.4.0.1", "aws", "us-east-1", "EC2", "52.4.0.0/14", "2026-10-26"],
        ["10.0.0.1", "in", "no", "range", "-", "-", "-", "-"],
        ["2603:1020:200::1", "azure", "westeurope", "-", "2603:1020:200::/46", "2026-10-26"],
    ]
    assert done.err.startswith("Looked in: aws 2026-10-26, azure 2026-10-26")


def test_a_file_of_ones_own_is_looked_in_instead(own: Path) -> None:
    done = posture("ranges", "show", "--ranges", own, "--format", "json", "127.77.0.1", "52.4.0.1")
    assert json.loads(done.out) == {
        "dates": {"aws": "2026-11-20"},
        "found": {
            "127.77.0.1": [
                {
                    "provider": "aws",
                    "prefix": "127.77.0.0/16",
                    "region": "eu-west-1",
                    "service": "EC2",
                    "date": "2026-11-20",
                }
            ],
            "52.4.0.1": [],
        },
    }


@pytest.mark.parametrize("name", ["new.txt", "new.txt.gz"])
def test_a_newer_snapshot_keeps_what_was_not_renewed_with_its_own_date(tmp_path: Path, name: str) -> None:
    aws = written(tmp_path / "ip-ranges.json", json.dumps(AWS))
    azure = written(tmp_path / "ServiceTags_Public_20261121.json", json.dumps(AZURE))
    out = tmp_path / name
    done = posture("ranges", "refresh", "--aws", aws, "--azure", azure, "-o", out)
    assert (done.code, done.out) == (0, "")
    assert "aws: 1 prefixes of 2026-11-20" in done.err
    known = snapshot(str(out))
    assert known.dates() == snapshot().dates() | {"aws": "2026-11-20", "azure": "2026-11-21"}
    assert known.find("198.51.100.1")[0].region == "eu-west-1"
    assert known.find("203.0.113.1")[0].provider == "azure"
    assert known.find("52.4.0.1") == ()
    assert known.find("104.16.1.1") == snapshot().find("104.16.1.1")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({"ip-ranges.json", azure.name, name})


def test_the_same_files_give_the_same_bytes_in_place_of_the_old(tmp_path: Path) -> None:
    aws = written(tmp_path / "ip-ranges.json", json.dumps(AWS))
    azure = written(tmp_path / "tags.json", json.dumps(AZURE))
    out = written(tmp_path / "new.txt.gz", "older")
    arguments = ("ranges", "refresh", "--aws", aws, "--azure", azure, "--azure-date", "2026-11-21", "-o", out)
    assert posture(*arguments).code == 0
    first = out.read_bytes()
    assert posture(*arguments).code == 0
    assert out.read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("show", "1.2.3"), "'1.2.3' does not appear to be an IPv4 or IPv6 address"),
        (("show", "--ranges", "{}/absent.txt", "192.0.2.1"), "absent.txt:1: cannot be read: No such file"),
        (("show", "--ranges", "{}", "192.0.2.1"), "cannot be read: Is a directory"),
        (("show", "--ranges", "{}/empty.txt", "192.0.2.1"), "empty.txt:1: the file has no section"),
        (("refresh", "-o", "{}/out.txt"), "name at least one file: --aws, --azure or --google"),
        (("refresh", "--aws", "{}/absent.json", "-o", "{}/out.txt"), "absent.json:1: cannot be read: No such file"),
        (("refresh", "--aws", "{}/empty.txt", "-o", "{}/out.txt"), "empty.txt:1: not AWS's ip-ranges.json"),
        (("refresh", "--azure", "{}/tags.json", "-o", "{}/out.txt"), "tags.json:1: no date: "),
        (("refresh", "--aws", "{}/aws.json", "-o", "{}/absent/out.txt"), "No such file or directory"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    written(tmp_path / "empty.txt", "")
    written(tmp_path / "aws.json", json.dumps(AWS))
    written(tmp_path / "tags.json", json.dumps(AZURE))
    done = posture("ranges", *(argument.format(tmp_path) for argument in arguments))
    assert (done.code, done.out) == (2, "")
    assert complaint in done.complaint
    assert {path.name for path in tmp_path.iterdir()} == {"empty.txt", "aws.json", "tags.json"}
