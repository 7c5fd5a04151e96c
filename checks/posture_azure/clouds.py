"""The clouds of Azure as data: where each one's Resource Manager and sign-in are, and for whom a token is made out."""

from posture.model import Value


class Cloud(Value):
    """One cloud: URLs without a slash at their end. ``audience`` is what a token for Resource Manager names."""

    resource_manager: str
    authority: str
    audience: str


CLOUDS = {
    "public": Cloud(
        resource_manager="https://management.azure.com",
        authority="https://login.microsoftonline.com",
        audience="https://management.azure.com",
    ),
    "us-government": Cloud(
        resource_manager="https://management.usgovcloudapi.net",
        authority="https://login.microsoftonline.us",
        audience="https://management.core.usgovcloudapi.net",
    ),
    "china": Cloud(
        resource_manager="https://management.chinacloudapi.cn",
        authority="https://login.chinacloudapi.cn",
        audience="https://management.chinacloudapi.cn",
    ),
}
"""By the name that a configuration uses. azure-mgmt-core and azure-identity hold the same; a test compares."""
