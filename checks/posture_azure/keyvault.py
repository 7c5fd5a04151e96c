"""Key vaults: what they keep of what is deleted, which networks they answer, and where they lie.

Rotation of the keys inside is a matter of the data plane or of one call for each key; it is not read here.
"""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import (
    CustomerManagedKeys,
    DoubleEncrypted,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NetworkRestricted,
    VaultProtected,
)
from posture.model import Cause, Fact, Store
from posture.reader import Where, reader
from posture_azure.answers import hosted_by, hosted_in, network_setting, unfamiliar
from posture_azure.bodies import part
from posture_azure.regions import Region, hosted_with_pair
from posture_azure.session import ArmSession


class KeyVault(Fact):
    """A key vault.

    ``soft_delete`` and ``purge_protection`` are False where ARM leaves them out: purge protection is never sent as
    false, and a vault from before soft delete has no such field. ``public`` and ``default_action`` are None where the
    vault has no such setting; it is open then.
    """

    kind: ClassVar[str] = "microsoft.keyvault/vaults"
    store: ClassVar[Store | None] = Store.SECRET

    soft_delete: bool
    purge_protection: bool
    public: str | None
    default_action: str | None


@reader(
    operation="Microsoft.KeyVault/vaults@2023-07-01", permission="Microsoft.KeyVault/vaults/read", where=Where.ACCOUNT
)
def key_vaults(arm: ArmSession) -> Iterator[KeyVault]:
    """The key vaults of the subscription. A body without properties is a bare reference, which tells nothing."""
    for item in arm.items():
        found = item["properties"]
        yield KeyVault(
            resource=arm.arm_resource(item, KeyVault.kind),
            soft_delete=found.get("enableSoftDelete") is True,
            purge_protection=found.get("enablePurgeProtection") is True,
            public=found.get("publicNetworkAccess"),
            default_action=part(found, "networkAcls").get("defaultAction"),
        )


def _network(vault: KeyVault) -> Outcome:
    """Public access that is closed or behind a perimeter restricts, and so does a default of Deny; else it is open."""
    settled = network_setting(vault.public)
    if settled is not None:
        return settled
    match vault.default_action:
        case "Deny":
            return Pass("denies networks that its rules do not name")
        case None | "Allow":
            return Fail("answers every network")
        case other:
            return unfamiliar("default network action", other)


@check(
    id="azure.keyvault.vault-protection",
    title="Key vaults keep what is deleted and cannot be purged",
    severity=Severity.HIGH,
    refutes=("a vault without", "a vault open"),
    remedy="Enable soft delete and purge protection, and set the firewall's default action to Deny.",
)
def vault_protection(vault: KeyVault, claim: VaultProtected) -> Outcome:
    """Without purge protection a deleted key is gone at once for whoever may purge, and with it all it encrypts."""
    missing = [
        name
        for name, on in (("soft delete", vault.soft_delete), ("purge protection", vault.purge_protection))
        if not on
    ]
    if missing:
        return Fail(f"has no {' and no '.join(missing)}")
    if claim.network_restricted:
        reach = _network(vault)
        if not isinstance(reach, Pass):
            return reach
        return Pass(f"keeps what is deleted, cannot be purged, and {reach.reason}")
    return Pass("keeps what is deleted and cannot be purged")


@check(
    id="azure.keyvault.vault-network",
    title="Key vaults answer chosen networks only",
    severity=Severity.MEDIUM,
    remedy="Disable public network access, or set the firewall's default action to Deny and name the networks.",
)
def vault_network(vault: KeyVault, claim: NetworkRestricted) -> Outcome:
    """A vault without network rules answers the whole internet, to whoever signs in."""
    return _network(vault)


@check(
    id="azure.keyvault.vault-encryption",
    title="Key vaults are encrypted",
    severity=Severity.HIGH,
    remedy="None: Azure encrypts every key vault.",
)
def vault_encryption(vault: KeyVault, claim: EncryptedAtRest) -> Outcome:
    """Azure documents that vaults encrypt what they store ("About Azure Key Vault secrets"); there is no switch."""
    return Pass("is encrypted at rest: Azure encrypts what a vault stores, without a switch", Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.keyvault.vault-double-encryption",
    title="Key vaults are encrypted in two layers",
    severity=Severity.LOW,
    remedy="None: the layers inside a vault are Azure's.",
)
def vault_double_encryption(vault: KeyVault, claim: DoubleEncrypted) -> Outcome:
    """The question is asked of the stores of data; of a vault's own content ARM shows no layers."""
    return NotApplicable("holds keys and secrets, not the data that a product collects")


@check(
    id="azure.keyvault.vault-customer-key",
    title="Key vaults are encrypted under customer keys",
    severity=Severity.LOW,
    remedy="None: Azure offers no key of yours above a vault.",
)
def vault_customer_key(vault: KeyVault, claim: CustomerManagedKeys) -> Outcome:
    """A vault is where customer keys live; the question is asked of the stores that use them."""
    return NotApplicable("holds the customer keys themselves, above which Azure offers none")


@check(
    id="azure.keyvault.vault-provider",
    title="Key vaults are at the named provider",
    severity=Severity.MEDIUM,
    remedy="Move the keys and secrets to the named provider, or correct the statement.",
)
def vault_provider(vault: KeyVault, claim: HostedBy) -> Outcome:
    """A vault that ARM lists lies in an Azure region."""
    return hosted_by(vault.resource, claim)


@check(
    id="azure.keyvault.vault-region",
    title="Key vaults lie in the named regions",
    severity=Severity.MEDIUM,
    remedy="Make a vault in a named region and move the keys and secrets there.",
)
def vault_region(vault: KeyVault, claim: HostedIn, regions: tuple[Region, ...]) -> Outcome:
    """Azure replicates vaults to the paired region, with exceptions ("Azure Key Vault availability and redundancy").

    So a pair outside the named regions leaves the question open.
    """
    outcome = hosted_with_pair(vault.resource, claim, regions, "replicas")
    if isinstance(outcome, Fail) and isinstance(hosted_in(vault.resource, claim), Pass):
        return Unknown(Cause.NOT_SUPPORTED, f"{outcome.reason} in most cases, which ARM does not tell")
    return outcome
