"""Links from a resource id to the page of the provider's own console, where the form of the id tells which it is."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

AWS_CONSOLES = {
    "aws": "https://console.aws.amazon.com",
    "aws-cn": "https://console.amazonaws.cn",
    "aws-us-gov": "https://console.amazonaws-us-gov.com",
}
"""Consoles by the partition that an ARN names. The isolated partitions have none that can be reached from here."""

AZURE_PORTALS = {
    "public": "https://portal.azure.com",
    "us-government": "https://portal.azure.us",
    "china": "https://portal.azure.cn",
}


def console_link(id: str, targets: Iterable[Mapping[str, Any]] = ()) -> str:
    """Where a person looks at the resource; empty where its id does not say.

    ``targets`` are those of the run, as plain data: of an Azure resource only they tell the cloud it lies in.
    """
    if id.startswith("arn:"):
        home = AWS_CONSOLES.get(id.split(":")[1])
        return f"{home}/go/view?arn={quote(id, safe=':/')}" if home else ""
    if id.startswith("/subscriptions/"):
        clouds = {target["settings"].get("cloud", "public") for target in targets if target["provider"] == "azure"}
        cloud = clouds.pop() if len(clouds) == 1 else "public" if not clouds else ""
        return f"{AZURE_PORTALS[cloud]}/#resource{quote(id)}" if cloud in AZURE_PORTALS else ""
    return ""
