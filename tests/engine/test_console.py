"""Links to consoles follow from the form of an id, and where it does not tell there is none."""

import pytest

from posture.console import console_link

GUID = "00000000-0000-0000-0000-000000000001"
DISK = f"/subscriptions/{GUID}/resourcegroups/rg one/providers/microsoft.compute/disks/d"


def azure(cloud: str) -> dict[str, object]:
    return {"name": cloud, "provider": "azure", "settings": {"cloud": cloud}}


@pytest.mark.parametrize(
    ("id", "targets", "link"),
    [
        ("arn:aws:s3:::papers", [], "https://console.aws.amazon.com/go/view?arn=arn:aws:s3:::papers"),
        ("arn:aws-cn:s3:::a&b", [], "https://console.amazonaws.cn/go/view?arn=arn:aws-cn:s3:::a%26b"),
        (
            "arn:aws-us-gov:ec2:us-gov-west-1:1:volume/vol-1",
            [],
            "https://console.amazonaws-us-gov.com/go/view?arn=arn:aws-us-gov:ec2:us-gov-west-1:1:volume/vol-1",
        ),
        ("arn:aws-iso:s3:::papers", [], ""),
        (DISK, [], f"https://portal.azure.com/#resource{DISK.replace(' ', '%20')}"),
        (DISK, [azure("china")], f"https://portal.azure.cn/#resource{DISK.replace(' ', '%20')}"),
        (DISK, [azure("public"), azure("china")], ""),
        ("www.example.org|192.0.2.1|443", [], ""),
        ("aws:123456789012:us-east-1:aws.s3.bucket:*", [], ""),
    ],
)
def test_a_link_follows_from_the_id(id: str, targets: list[dict[str, object]], link: str) -> None:
    assert console_link(id, targets) == link
