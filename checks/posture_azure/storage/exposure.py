"""Who can reach storage accounts, with what credentials, over which networks; whom they share with, where they lie."""

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import (
    HostedBy,
    HostedIn,
    NamedPrincipalsOnly,
    NetworkRestricted,
    NoPublicAccess,
    NotShared,
)
from posture.model import Cause
from posture_azure.answers import hosted_by, named, network_setting, unfamiliar
from posture_azure.storage.facts import BlobContainers, Replication, StorageAccount

ANONYMOUS = ("Blob", "Container")
DEFAULTS = (None, "Allow", "Deny")
SHOWN = 3
"""How many names a reason lists."""


def _networks(account: StorageAccount) -> Outcome:
    """An account answers all networks unless it says otherwise (storage resource provider, 2023-05-01)."""
    settled = network_setting(account.public_network)
    if settled is not None:
        return settled
    if account.network_default not in DEFAULTS:
        return unfamiliar("default network action", account.network_default)
    if account.network_default == "Deny":
        return Pass("answers chosen networks only")
    return Fail("answers all networks")


@check(
    id="azure.storage.network",
    title="Storage accounts answer chosen networks only",
    severity=Severity.MEDIUM,
    remedy="Set the default action of the account's firewall to Deny, or disable public network access.",
)
def network(account: StorageAccount, claim: NetworkRestricted) -> Outcome:
    """A key or signature that leaks works from everywhere when the firewall's default is to allow."""
    return _networks(account)


@check(
    id="azure.storage.anonymous-access",
    title="Blobs cannot be read without signing in",
    severity=Severity.CRITICAL,
    refutes="anonymous read",
    remedy="Disallow blob anonymous access on the account, or make its containers private.",
)
def anonymous_access(containers: BlobContainers, claim: NoPublicAccess) -> Outcome:
    """An account that forbids anonymous access overrides its containers. Elsewhere each container decides.

    An account that does not say decides nothing: accounts from before the end of 2023 allowed it by default. One that
    answers chosen networks only is not open to everybody, whatever its containers say.
    """
    account = containers.account
    if account.anonymous is False:
        return Pass("forbids anonymous access to blobs")
    if isinstance(closed := _networks(account), Pass):
        return Pass(f"{closed.reason}, though it does not forbid anonymous access to blobs")
    shown = [f"{name} ({access})" for name, access in containers.open if access in ANONYMOUS]
    if shown and isinstance(closed, Unknown):
        return closed
    if shown:
        more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
        return Fail(f"lets anybody read {', '.join(shown[:SHOWN])}{more}")
    if containers.open:
        return unfamiliar("public access of a container", containers.open[0][1])
    if containers.website:
        reason = "has a container $web, and ARM does not tell whether the static website serves it"
        return Unknown(Cause.NOT_SUPPORTED, reason)
    return Pass("has no container that can be read anonymously")


@check(
    id="azure.storage.named-principals",
    title="Storage accounts accept named principals only",
    severity=Severity.HIGH,
    refutes=("a store that accepts", "a local user"),
    remedy="Disallow shared key access on the account; switch SFTP and NFS 3.0 off, or local users where SFTP stays.",
)
def named_principals(account: StorageAccount, claim: NamedPrincipalsOnly) -> Outcome:
    """An account key opens everything and names nobody; signatures made with it do as well. Unset means allowed.

    SFTP signs local users in, outside Microsoft Entra. NFS 3.0 knows no users at all.
    """
    if account.shared_key is not False:
        return Fail("accepts its account keys, and signatures made with them")
    if account.nfs3:
        return Fail("serves NFS 3.0, which asks nobody who they are")
    if account.sftp and account.local_users is not False:
        return Fail("signs local users in over SFTP")
    return Pass("accepts Microsoft Entra identities only")


@check(
    id="azure.storage.replication",
    title="Blobs are not replicated to strangers",
    severity=Severity.HIGH,
    refutes="replication",
    remedy="Disallow replication between tenants, and delete replication policies to accounts that are not agreed.",
)
def cross_tenant_replication(
    replication: Replication, claim: NotShared, accounts: tuple[StorageAccount, ...]
) -> Outcome:
    """Object replication copies blobs to another account, of another tenant too where the account does not forbid it.

    A policy to a foreign tenant names its target without the subscription, so that nobody can tell whose it is; a
    target of the same name in this subscription is ours. Shares by signature are not visible here.
    """
    account = replication.account
    if account.cross_tenant is False:
        return Pass("forbids replication to other tenants")
    known = {account.resource.account.lower(), *(one.lower() for one in claim.allowed)}
    for target in replication.targets:
        if target.startswith("/subscriptions/"):
            if target.split("/")[2] not in known:
                return Fail(f"replicates blobs to {target}, which is outside the agreed subscriptions")
        elif not any(one.resource.name.lower() == target for one in accounts):
            return Unknown(Cause.NOT_SUPPORTED, f"replicates blobs to {target}, and ARM does not tell whose it is")
    if replication.targets:
        return Pass("replicates blobs to agreed subscriptions only")
    return Pass("replicates no blobs, though it does not forbid replication to other tenants")


@check(
    id="azure.storage.hosting",
    title="Storage accounts run at the promised provider",
    severity=Severity.MEDIUM,
    remedy="Move the data to the provider that the statement names, or correct the statement.",
)
def hosting(account: StorageAccount, claim: HostedBy) -> Outcome:
    """What Resource Manager lists runs at Azure."""
    return hosted_by(account.resource, claim)


@check(
    id="azure.storage.region",
    title="Storage accounts and their copies lie in the promised regions",
    severity=Severity.HIGH,
    remedy="Move the account to a promised region; choose LRS or ZRS where the paired region is not promised.",
)
def region(account: StorageAccount, claim: HostedIn) -> Outcome:
    """Geo-redundant accounts keep a copy in the region that Azure pairs with theirs, which may be another country."""
    promised = named(claim)
    places = [account.resource.region, *([account.secondary] if account.secondary else [])]
    elsewhere = [place for place in places if place not in promised]
    if not elsewhere:
        return Pass(f"lies in {' and '.join(places)}")
    return Fail(f"{'lies' if elsewhere[0] == places[0] else 'keeps a copy'} in {elsewhere[0]}")
