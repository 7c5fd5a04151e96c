"""Asks azure-mgmt-storage for what it has a method for, and takes the reply before its models see it.

The models reshape what they know and drop what they do not, differently from release to release; facts and evidence
are of the wire. The client gives the addresses, the parameters and the manner of paging.
"""

import re
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from azure.mgmt.storage import StorageManagementClient

SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)/", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/([^/]+)/providers/microsoft\.storage/storageaccounts/([^/]+)/", re.IGNORECASE
)

OBJECTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "storageaccounts/blobservices/default": ("blob_services", "get_service_properties", ()),
    "storageaccounts/fileservices/default": ("file_services", "get_service_properties", ()),
    "storageaccounts/managementpolicies/default": ("management_policies", "get", ("default",)),
}
LISTINGS: dict[str, str] = {
    "storageaccounts": "storage_accounts",
    "storageaccounts/blobservices/default/containers": "blob_containers",
    "storageaccounts/encryptionscopes": "encryption_scopes",
    "storageaccounts/objectreplicationpolicies": "object_replication_policies",
    "storageaccounts/queueservices/default/queues": "queue",
    "storageaccounts/tableservices/default/tables": "table",
}


class _Taken(Exception):
    """Carries a reply out of the client."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response


def knows(kind: str) -> bool:
    """Whether the client has a method for an operation's type path."""
    namespace, _, rest = kind.lower().partition("/")
    return namespace == "microsoft.storage" and (rest in OBJECTS or rest in LISTINGS)


def ask(client: "StorageManagementClient", kind: str, path: str, link: str) -> Any:
    """The HTTP response to a read. ``link`` is the URL of a further page, empty for the first and for objects.

    Raises azure-core's errors where no response came.
    """
    name = kind.lower().partition("/")[2]
    account = _ACCOUNT.match(path + "/")
    where = account.groups() if account is not None else ()
    try:
        if name in OBJECTS:
            group, method, more = OBJECTS[name]
            getattr(getattr(client, group), method)(*where, *more, raw_response_hook=_take)
        else:
            pages = getattr(client, LISTINGS[name]).list(*where, raw_response_hook=_take)
            next(pages.by_page(continuation_token=link or None))
    except _Taken as taken:
        return taken.response
    raise AssertionError("the client answered without a reply")


def _take(response: Any) -> NoReturn:
    raise _Taken(response.http_response)
