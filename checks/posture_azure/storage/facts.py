"""What is read of storage accounts: the listing, and for some claims the services and children of each account."""

import math
from collections.abc import Iterable, Iterator
from typing import ClassVar
from urllib.parse import urlsplit

from posture.model import Exposed, Fact, Store, Value
from posture.reader import Where, reader
from posture.reply import Reply
from posture_azure.bodies import part
from posture_azure.session import ArmSession, properties

VERSION = "2023-05-01"
"""The api-version of all reads here: the first stable one that has every field below."""

ACCOUNTS = "Microsoft.Storage/storageAccounts"
NO_BLOBS = ("filestorage",)
NO_FILES = ("blobstorage", "blockblobstorage")
NO_QUEUES = (*NO_BLOBS, *NO_FILES)
"""Kinds of account (lower case) that lack a service (Microsoft Learn, "Storage account overview")."""


class StorageAccount(Fact):
    """A storage account (storageAccounts list). None stands for a field that ARM did not send or sent as null.

    ``account_kind`` and ``key_source`` are in lower case. ``unencrypted`` names the services reported as not encrypted;
    ``queue_key`` and ``table_key`` say whose key these services use: ``Service`` (Microsoft's) or ``Account``.
    ``foreign_vault``: the key lies in the vault of another tenant. ``created`` is ISO 8601 text; ``hosts`` are those of
    its primary endpoints.
    """

    kind: ClassVar[str] = "microsoft.storage/storageaccounts"
    store: ClassVar[Store | None] = Store.OBJECT

    account_kind: str
    created: str
    secondary: str | None
    key_source: str | None
    foreign_vault: bool
    queue_key: str | None
    table_key: str | None
    unencrypted: tuple[str, ...]
    doubled: bool
    https_only: bool | None
    tls: str | None
    nfs3: bool
    sftp: bool
    local_users: bool | None
    anonymous: bool | None
    shared_key: bool | None
    public_network: str | None
    network_default: str | None
    cross_tenant: bool | None
    hosts: tuple[str, ...]

    def exposes(self) -> tuple[Exposed, ...]:
        """The hosts of its services, unless it is closed to the public network."""
        if (self.public_network or "").lower() == "disabled":
            return ()
        return tuple(Exposed(host=host, ports=(443,), resource=self.resource) for host in self.hosts)


@reader(operation=f"{ACCOUNTS}@{VERSION}", permission=f"{ACCOUNTS}/read", where=Where.ACCOUNT)
def accounts(arm: ArmSession) -> Iterator[StorageAccount]:
    """All storage accounts of the subscription."""
    for item in arm.items():
        found = properties(item)
        encryption = part(found, "encryption")
        services = part(encryption, "services")
        yield StorageAccount(
            resource=arm.arm_resource(item, StorageAccount.kind),
            account_kind=(item.get("kind") or "").lower(),
            created=found.get("creationTime") or "",
            secondary=_region(found.get("secondaryLocation")),
            key_source=_lower(encryption.get("keySource")),
            foreign_vault=bool(part(encryption, "identity").get("federatedIdentityClientId")),
            queue_key=part(services, "queue").get("keyType"),
            table_key=part(services, "table").get("keyType"),
            unencrypted=tuple(
                name for name in ("blob", "file", "queue", "table") if part(services, name).get("enabled") is False
            ),
            doubled=encryption.get("requireInfrastructureEncryption") is True,
            https_only=found.get("supportsHttpsTrafficOnly"),
            tls=found.get("minimumTlsVersion"),
            nfs3=found.get("isNfsV3Enabled") is True,
            sftp=found.get("isSftpEnabled") is True,
            local_users=found.get("isLocalUserEnabled"),
            anonymous=found.get("allowBlobPublicAccess"),
            shared_key=found.get("allowSharedKeyAccess"),
            public_network=found.get("publicNetworkAccess"),
            network_default=part(found, "networkAcls").get("defaultAction"),
            cross_tenant=found.get("allowCrossTenantReplication"),
            hosts=_hosts(part(found, "primaryEndpoints")),
        )


def _hosts(endpoints: Reply) -> tuple[str, ...]:
    urls = (endpoints.get(name) for name in ("blob", "dfs", "file", "queue", "table", "web"))
    hosts = (urlsplit(url).hostname for url in urls if url)
    return tuple(dict.fromkeys(host for host in hosts if host))


class BlobContainers(Fact):
    """Which containers of an account anybody can read, and with what reach (containers list).

    Not asked, and so empty, where the account forbids anonymous access. ``website``: there is a container ``$web``.
    """

    kind: ClassVar[str] = StorageAccount.kind

    account: StorageAccount
    open: tuple[tuple[str, str], ...]
    website: bool


@reader(
    operation=f"{ACCOUNTS}/blobServices/default/containers@{VERSION}",
    permission=f"{ACCOUNTS}/blobServices/containers/read",
)
def containers(arm: ArmSession, account: StorageAccount) -> BlobContainers:
    """The containers of an account whose ``publicAccess`` is not None."""
    found: list[tuple[str, str]] = []
    website = False
    if account.anonymous is not False and account.account_kind not in NO_BLOBS:
        for item in arm.items(account.resource.id):
            access = properties(item).get("publicAccess")
            website = website or item["name"] == "$web"
            if access not in (None, "None"):
                found.append((item["name"], access))
    return BlobContainers(resource=account.resource, account=account, open=tuple(found), website=website)


class Scope(Value):
    """An encryption scope: ``source`` of its key, ``state`` Enabled or Disabled."""

    name: str
    source: str
    state: str


class EncryptionScopes(Fact):
    """The encryption scopes of an account (encryptionScopes list); not asked where the account has no customer key."""

    kind: ClassVar[str] = StorageAccount.kind

    account: StorageAccount
    scopes: tuple[Scope, ...]


@reader(operation=f"{ACCOUNTS}/encryptionScopes@{VERSION}", permission=f"{ACCOUNTS}/encryptionScopes/read")
def encryption_scopes(arm: ArmSession, account: StorageAccount) -> EncryptionScopes:
    """A blob may be written under a scope instead of the account's key, and then has the scope's key."""
    found: list[Scope] = []
    if account.key_source == "microsoft.keyvault" and account.account_kind not in NO_BLOBS:
        for item in arm.items(account.resource.id):
            scope = properties(item)
            found.append(Scope(name=item["name"], source=scope["source"], state=scope["state"]))
    return EncryptionScopes(resource=account.resource, account=account, scopes=tuple(found))


class Queues(Fact):
    """Whether an account has queues (queues list); not asked where these are under the account's key."""

    kind: ClassVar[str] = StorageAccount.kind

    scopes: EncryptionScopes
    present: bool


@reader(
    operation=f"{ACCOUNTS}/queueServices/default/queues@{VERSION}",
    permission=f"{ACCOUNTS}/queueServices/queues/read",
)
def queues(arm: ArmSession, scopes: EncryptionScopes) -> Queues:
    """Queues stay on Microsoft's key unless the account was created otherwise."""
    return Queues(
        resource=scopes.resource, scopes=scopes, present=_any_left_out(arm, scopes.account, scopes.account.queue_key)
    )


class Tables(Fact):
    """Whether an account has tables (tables list); the last of the reads that tell under whose keys its data are."""

    kind: ClassVar[str] = StorageAccount.kind

    queues: Queues
    present: bool


@reader(
    operation=f"{ACCOUNTS}/tableServices/default/tables@{VERSION}",
    permission=f"{ACCOUNTS}/tableServices/tables/read",
)
def tables(arm: ArmSession, queues: Queues) -> Tables:
    """Tables stay on Microsoft's key unless the account was created otherwise."""
    account = queues.scopes.account
    return Tables(resource=queues.resource, queues=queues, present=_any_left_out(arm, account, account.table_key))


class Replication(Fact):
    """Where the blobs of an account are replicated to (objectReplicationPolicies list).

    ``targets`` are ARM ids in lower case, or bare account names, of policies in which this account is the source. Not
    asked where the account forbids replication between tenants.
    """

    kind: ClassVar[str] = StorageAccount.kind

    account: StorageAccount
    targets: tuple[str, ...]


@reader(
    operation=f"{ACCOUNTS}/objectReplicationPolicies@{VERSION}",
    permission=f"{ACCOUNTS}/objectReplicationPolicies/read",
)
def replication(arm: ArmSession, account: StorageAccount) -> Replication:
    """The policies with this account as their source."""
    found: list[str] = []
    if account.cross_tenant is not False and account.account_kind not in NO_BLOBS:
        for item in arm.items(account.resource.id):
            policy = properties(item)
            if policy["sourceAccount"].lower() in (account.resource.id, account.resource.name.lower()):
                found.append(policy["destinationAccount"].lower())
    return Replication(resource=account.resource, account=account, targets=tuple(found))


class BlobService(Fact):
    """What an account keeps of deleted blobs (blobServices/default); days are 0 where soft delete is off."""

    kind: ClassVar[str] = StorageAccount.kind

    blob_days: int
    container_days: int
    versioning: bool


@reader(operation=f"{ACCOUNTS}/blobServices/default@{VERSION}", permission=f"{ACCOUNTS}/blobServices/read")
def blob_service(arm: ArmSession, account: StorageAccount) -> Iterator[BlobService]:
    """Soft delete and versioning of blobs; nothing for an account of files only."""
    if account.account_kind not in NO_BLOBS:
        found = properties(arm.get(account.resource.id))
        yield BlobService(
            resource=account.resource,
            blob_days=_days(part(found, "deleteRetentionPolicy")),
            container_days=_days(part(found, "containerDeleteRetentionPolicy")),
            versioning=found.get("isVersioningEnabled") is True,
        )


class Expiry(Value):
    """An enabled lifecycle rule that deletes old versions ``days`` after their creation.

    ``everywhere``: no filter narrows it to some prefixes, tags or sorts of blob other than block blobs.
    """

    name: str
    days: int
    everywhere: bool


class Lifecycle(Fact):
    """The rules that delete old versions (managementPolicies/default); not asked where versioning is off."""

    kind: ClassVar[str] = StorageAccount.kind

    service: BlobService
    expiries: tuple[Expiry, ...]


@reader(operation=f"{ACCOUNTS}/managementPolicies/default@{VERSION}", permission=f"{ACCOUNTS}/managementPolicies/read")
def lifecycle(arm: ArmSession, service: BlobService) -> Lifecycle:
    """ARM answers 404 for an account without a policy, under one code or the other."""
    found = arm.find("ManagementPolicyNotFound ResourceNotFound", service.resource.id) if service.versioning else None
    rules = part(found, "properties", "policy").get("rules") if found is not None else None
    return Lifecycle(resource=service.resource, service=service, expiries=tuple(_expiries(rules or ())))


class FileService(Fact):
    """What an account keeps of deleted file shares (fileServices/default); 0 days where soft delete is off."""

    kind: ClassVar[str] = StorageAccount.kind

    share_days: int


@reader(operation=f"{ACCOUNTS}/fileServices/default@{VERSION}", permission=f"{ACCOUNTS}/fileServices/read")
def file_service(arm: ArmSession, account: StorageAccount) -> Iterator[FileService]:
    """Soft delete of shares; nothing for an account of blobs only."""
    if account.account_kind not in NO_FILES:
        found = properties(arm.get(account.resource.id))
        yield FileService(resource=account.resource, share_days=_days(part(found, "shareDeleteRetentionPolicy")))


def _expiries(rules: Iterable[Reply]) -> Iterator[Expiry]:
    for rule in rules:
        definition = rule["definition"]
        age = part(definition, "actions", "version", "delete").get("daysAfterCreationGreaterThan")
        filters = part(definition, "filters")
        if rule.get("enabled") is not False and age is not None:
            kinds = [kind.lower() for kind in filters.get("blobTypes") or ()]
            narrowed = filters.get("prefixMatch") or filters.get("blobIndexMatch") or "blockblob" not in kinds
            yield Expiry(name=rule["name"], days=math.ceil(age), everywhere=not narrowed)


def _any_left_out(arm: ArmSession, account: StorageAccount, key: str | None) -> bool:
    """Whether anything is under Microsoft's key in an account that otherwise has a customer's."""
    asked = account.key_source == "microsoft.keyvault" and account.account_kind not in NO_QUEUES
    if not asked or (key or "Service").lower() != "service":
        return False
    return next(arm.items(account.resource.id), None) is not None


def _days(policy: Reply) -> int:
    return int(policy["days"]) if policy.get("enabled") is True else 0


def _region(name: str | None) -> str | None:
    return name.replace(" ", "").lower() if name else None


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None
