"""Whether what storage accounts hold is encrypted at rest, how often, under whose keys, and on its way."""

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import (
    ClearTextRefused,
    CustomerManagedKeys,
    DoubleEncrypted,
    EncryptedAtRest,
    TlsMinimum,
    TlsVersion,
)
from posture.model import Cause
from posture_azure.answers import unfamiliar
from posture_azure.storage.facts import EncryptionScopes, StorageAccount, Tables

MICROSOFT, CUSTOMER = "microsoft.storage", "microsoft.keyvault"
SETTINGS = {
    "TLS1_0": TlsVersion.TLS10,
    "TLS1_1": TlsVersion.TLS11,
    "TLS1_2": TlsVersion.TLS12,
    "TLS1_3": TlsVersion.TLS13,
}
FLOOR = TlsVersion.TLS12
ENFORCED = "Azure Storage has refused anything older than TLS 1.2 on all accounts since 3 February 2026"
SECURE_BY_DEFAULT = "2019-04-01"
"""The api-version, and so the day, since which a new account asks for secure transfer unless told otherwise."""


@check(
    id="azure.storage.encryption",
    title="Storage accounts are encrypted",
    severity=Severity.HIGH,
    remedy="None: Azure encrypts every storage account.",
)
def encryption(account: StorageAccount, claim: EncryptedAtRest) -> Outcome:
    """Azure encrypts all data in a storage account with AES-256, and nobody can switch that off.

    Which cipher is used is documented and not observed: the API does not tell (Microsoft Learn, "Azure Storage
    encryption for data at rest").
    """
    if account.unencrypted:
        return Fail(f"reports encryption as off for {', '.join(account.unencrypted)}")
    return Pass("is encrypted with AES-256, as every storage account is", Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.storage.double-encryption",
    title="Storage accounts are encrypted twice",
    severity=Severity.MEDIUM,
    remedy="Create a new account with infrastructure encryption and move the data; it cannot be switched on later.",
)
def double_encryption(account: StorageAccount, claim: DoubleEncrypted) -> Outcome:
    """Infrastructure encryption adds a layer with another key and another mode; a customer's key adds none.

    An account that does not mention it does not have it. An encryption scope can have it alone, and then covers only
    the blobs that are written under it.
    """
    if account.doubled:
        return Pass("is encrypted twice: infrastructure encryption is on")
    return Fail("has one layer of encryption at rest: infrastructure encryption is off")


@check(
    id="azure.storage.customer-key",
    title="Storage accounts are encrypted under customer keys",
    severity=Severity.MEDIUM,
    remedy="Set a Key Vault key on the account. To bring queues and tables under it, create the account anew.",
)
def customer_key(tables: Tables, claim: CustomerManagedKeys) -> Outcome:
    """The account's key protects its blobs and files.

    Queues and tables are under Microsoft's key unless the account was created otherwise, and a blob that is written
    under an encryption scope has the scope's key.
    """
    account = tables.queues.scopes.account
    if account.key_source in (None, MICROSOFT):
        return Fail("is encrypted under a key that Microsoft manages")
    if account.key_source != CUSTOMER:
        return unfamiliar("key source", account.key_source)
    sides = [name for name, present in (("queues", tables.queues.present), ("tables", tables.present)) if present]
    if sides:
        return Fail(f"has {' and '.join(sides)} under a key that Microsoft manages, in spite of its own key")
    scopes = _own_key_left(tables.queues.scopes)
    if scopes is not None:
        return scopes
    if account.foreign_vault:
        reason = "uses a key in the vault of another tenant, and ARM does not tell whose tenant that is"
        return Unknown(Cause.NOT_SUPPORTED, reason)
    return Pass("is encrypted under a key in the customer's vault")


def _own_key_left(read: EncryptionScopes) -> Outcome | None:
    for scope in read.scopes:
        if scope.source.lower() not in (MICROSOFT, CUSTOMER):
            return unfamiliar("key source of an encryption scope", scope.source)
        if scope.source.lower() == MICROSOFT and scope.state != "Disabled":
            reason = f"has the encryption scope {scope.name} with Microsoft's key, and which blobs use it is not told"
            return Unknown(Cause.NOT_SUPPORTED, reason)
    return None


@check(
    id="azure.storage.secure-transfer",
    title="Storage accounts refuse clear text",
    severity=Severity.HIGH,
    refutes="a bucket",
    remedy="Require secure transfer on the account, and switch NFS 3.0 off where it is on.",
)
def secure_transfer(account: StorageAccount, claim: ClearTextRefused) -> Outcome:
    """With secure transfer an account refuses plain HTTP, and SMB without encryption. NFS 3.0 has no encryption.

    An account from before the default was changed, that does not mention it, does not have it.
    """
    if account.nfs3:
        return Fail("serves NFS 3.0, which is not encrypted")
    if account.https_only is None:
        if account.created and account.created < SECURE_BY_DEFAULT:
            return Fail("serves plain HTTP: it is older than the default of secure transfer")
        return Unknown(Cause.MALFORMED_REPLY, "does not tell whether it requires secure transfer")
    return Pass("requires secure transfer") if account.https_only else Fail("serves plain HTTP")


@check(
    id="azure.storage.tls-minimum",
    title="Storage accounts speak no old TLS",
    severity=Severity.MEDIUM,
    refutes="a listener",
    remedy="Set the account's minimum TLS version to 1.2; the setting is stale where the platform already enforces it.",
)
def tls_minimum(account: StorageAccount, claim: TlsMinimum) -> Outcome:
    """The setting reads TLS 1.0 where it is absent. It has lost its meaning below TLS 1.2, which the platform enforces.

    So an old setting is stale, and no open door; a probe of the account's endpoint is the better proof (Microsoft
    Learn, "Enforce a minimum required version of TLS for Azure Storage").
    """
    configured = SETTINGS.get(account.tls or "TLS1_0")
    if configured is None:
        return unfamiliar("minimum TLS version", account.tls)
    if claim.reading == "supported":
        return _supports(configured, claim.version)
    if not configured.older_than(claim.version):
        return Pass(f"asks for {configured} or newer")
    if claim.version.older_than(FLOOR) or claim.version is FLOOR:
        return Pass(f"is set to {configured}, which is stale: {ENFORCED}", Basis.PROVIDER_GUARANTEE)
    return Fail(f"accepts {max(configured, FLOOR, key=lambda version: version.age)}")


def _supports(configured: TlsVersion, version: TlsVersion) -> Outcome:
    if version.older_than(FLOOR):
        return Fail(f"does not accept {version}: {ENFORCED}")
    if version.older_than(configured):
        return Fail(f"asks for {configured} or newer")
    if version is FLOOR:
        return Pass(f"accepts {version}, as every account does that does not ask for more", Basis.PROVIDER_GUARANTEE)
    return Unknown(Cause.NOT_SUPPORTED, f"has no setting that tells whether it accepts {version}")
