"""Key vaults: one for the keys of every store, and in the drifted tenant one that a team made for itself."""

from __future__ import annotations

from dataclasses import dataclass

from posture_estates.azure.places import TENANT, Body, located

KIND = "Microsoft.KeyVault/vaults"


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault's id and the address at which it answers."""

    id: str
    uri: str


KEYS = Vault(located("exam-keys", KIND, "fernhill-keys"), "https://fernhill-keys.vault.azure.net/")
TOOLS = Vault(located("exam-keys", KIND, "fernhill-tools"), "https://fernhill-tools.vault.azure.net/")


def good() -> list[Body]:
    return [vault(KEYS) | {"children": [{"id": "keys/disks", "properties": {"kty": "RSA", "keySize": 3072}}]}]


def drifted() -> list[Body]:
    """A second vault never had purge protection, which no vault can lose again."""
    tools = vault(TOOLS)
    del tools["properties"]["enablePurgeProtection"]
    return [*good(), tools]


def vault(one: Vault) -> Body:
    return {
        "id": one.id,
        "properties": {
            "tenantId": TENANT,
            "sku": {"family": "A", "name": "premium"},
            "vaultUri": one.uri,
            "provisioningState": "Succeeded",
            "accessPolicies": [],
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": 30,
            "enablePurgeProtection": True,
            "publicNetworkAccess": "Enabled",
            "networkAcls": {
                "bypass": "AzureServices",
                "defaultAction": "Deny",
                "ipRules": [],
                "virtualNetworkRules": [],
            },
        },
    }


def key(store: str) -> str:
    """The name of the key of one store."""
    return f"{store}-key"
