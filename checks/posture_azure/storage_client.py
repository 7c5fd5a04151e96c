"""Asks azure-mgmt-storage for what it has a method for, and takes the reply before its models see it.

The models reshape what they know and drop what they do not, differently from release to release; facts and evidence
are of the wire. The client gives the addresses, the parameters and the manner of paging.
"""

import re
from typing import TYPE_CHECKING, Any, NoReturn

from posture.model import Value

if TYPE_CHECKING:
    from azure.mgmt.storage import StorageManagementClient

_PATH = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)"
    r"(?:/resourcegroups/(?P<group>[^/]+))?"
    r"/providers/microsoft\.storage/storageaccounts(?:/(?P<account>[^/]+)(?P<rest>/.+)?)?",
    re.IGNORECASE,
)

OBJECTS: dict[str, tuple[str, ...]] = {
    "": ("storage_accounts", "get_properties"),
    "/blobservices/default": ("blob_services", "get_service_properties"),
    "/fileservices/default": ("file_services", "get_service_properties"),
    "/managementpolicies/default": ("management_policies", "get", "default"),
}
"""What is read of an account as one object: the part of its path below the account, and the method with its name."""

LISTINGS: dict[str, tuple[str, ...]] = {
    "/blobservices/default/containers": ("blob_containers", "list"),
    "/encryptionscopes": ("encryption_scopes", "list"),
    "/objectreplicationpolicies": ("object_replication_policies", "list"),
    "/queueservices/default/queues": ("queue", "list"),
    "/tableservices/default/tables": ("table", "list"),
}
"""What is listed below an account."""


class Method(Value):
    """A method of the client: its group of operations, its name and its arguments; ``paged`` for listings."""

    subscription: str
    group: str
    name: str
    arguments: tuple[str, ...]
    paged: bool


class _Taken(Exception):
    """Carries a reply out of the client."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response


def method_for(path: str) -> Method | None:
    """The client's method that reads ``path``, or None where it has none."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    subscription, resource_group, account, rest = found.groups(default="")
    below = rest.lower()
    known: tuple[str, ...]
    where: tuple[str, ...]
    match bool(resource_group), bool(account):
        case False, False:
            known, where = ("storage_accounts", "list"), ()
        case True, True:
            known, where = {**OBJECTS, **LISTINGS}.get(below, ()), (resource_group, account)
        case _:
            return None
    if not known:
        return None
    group, name, *more = known
    paged = not account or below in LISTINGS
    return Method(subscription=subscription, group=group, name=name, arguments=(*where, *more), paged=paged)


def ask(client: "StorageManagementClient", method: Method, link: str) -> Any:
    """The HTTP response to a read. ``link`` is the URL of a further page, empty for the first and for objects.

    Raises azure-core's errors where no response came.
    """
    call = getattr(getattr(client, method.group), method.name)
    try:
        answer = call(*method.arguments, raw_response_hook=_take)
        if method.paged:
            next(answer.by_page(continuation_token=link or None))
    except _Taken as taken:
        return taken.response
    raise AssertionError("the client answered without a reply")


def _take(response: Any) -> NoReturn:
    raise _Taken(response.http_response)
