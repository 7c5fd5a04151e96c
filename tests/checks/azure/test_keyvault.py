"""Key vaults: what is read and how it is judged."""

from collections.abc import Mapping

import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Basis, Check, Fail, NotApplicable, Outcome, Pass, Unknown
from posture.claims import (
    Claim,
    CustomerManagedKeys,
    DoubleEncrypted,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NetworkRestricted,
    VaultProtected,
)
from posture.model import Cause, Resource
from posture.session import GapFound
from posture_azure import keyvault
from posture_azure.regions import Region
from posture_azure.session import ArmSession

VAULTS = "Microsoft.KeyVault/vaults@2023-07-01"
ID = "/subscriptions/s1/resourceGroups/G/providers/Microsoft.KeyVault/vaults/Keys"


def arm(replies: Mapping[str, object]) -> ArmSession:
    session: ArmSession = session_of(ArmSession, Recorded(replies), place("azure", "s1", "global"))
    return session


def vault(
    soft_delete: bool = True,
    purge_protection: bool = True,
    public: str | None = "Enabled",
    default_action: str | None = "Deny",
) -> keyvault.KeyVault:
    return keyvault.KeyVault(
        resource=Resource(
            id=ID.lower(),
            kind=keyvault.KeyVault.kind,
            cloud="azure",
            account="s1",
            region="westeurope",
            name="Keys",
            tags=(),
        ),
        soft_delete=soft_delete,
        purge_protection=purge_protection,
        public=public,
        default_action=default_action,
    )


def body(**properties: object) -> dict[str, object]:
    return {"id": ID, "location": "westeurope", "tags": {}, "properties": properties}


def test_vaults_are_read_and_absent_protection_is_off() -> None:
    full = body(
        enableSoftDelete=True,
        enablePurgeProtection=True,
        publicNetworkAccess="Enabled",
        networkAcls={"defaultAction": "Deny"},
    )
    found = read(keyvault.key_vaults, arm({VAULTS: {"value": [full, body()]}}))
    assert found == [vault(), vault(False, False, None, None)]


def test_a_bare_reference_is_malformed() -> None:
    with pytest.raises(KeyError):
        read(keyvault.key_vaults, arm({VAULTS: {"value": [{"id": ID, "location": "westeurope"}]}}))


def test_a_refused_listing_is_a_gap() -> None:
    with pytest.raises(GapFound) as found:
        read(keyvault.key_vaults, arm({VAULTS: Cause.ACCESS_DENIED}))
    assert found.value.gap.permission == "Microsoft.KeyVault/vaults/read"


DENIES = Pass("denies networks that its rules do not name")
OPEN = Fail("answers every network")
PERIMETER = Pass("is behind a network security perimeter, and so not open to all networks")
ACCESS = Unknown(Cause.NOT_SUPPORTED, "has the public network access 'New', for which there is no rule")
ACTION = Unknown(Cause.NOT_SUPPORTED, "has the default network action 'New', for which there is no rule")
ANY_NETWORK = VaultProtected(network_restricted=False)


@pytest.mark.parametrize(
    ("check", "fact", "claim", "outcome"),
    [
        (keyvault.vault_network, vault(), NetworkRestricted(), DENIES),
        (
            keyvault.vault_network,
            vault(public="disabled", default_action=None),
            NetworkRestricted(),
            Pass("is closed to the public network"),
        ),
        (keyvault.vault_network, vault(default_action="Allow"), NetworkRestricted(), OPEN),
        (keyvault.vault_network, vault(public=None, default_action=None), NetworkRestricted(), OPEN),
        (
            keyvault.vault_network,
            vault(public="SecuredByPerimeter", default_action="Allow"),
            NetworkRestricted(),
            PERIMETER,
        ),
        (keyvault.vault_network, vault(public="New"), NetworkRestricted(), ACCESS),
        (keyvault.vault_network, vault(default_action="New"), NetworkRestricted(), ACTION),
        (
            keyvault.vault_protection,
            vault(),
            VaultProtected(),
            Pass("keeps what is deleted, cannot be purged, and denies networks that its rules do not name"),
        ),
        (keyvault.vault_protection, vault(default_action="Allow"), VaultProtected(), OPEN),
        (keyvault.vault_protection, vault(default_action="New"), VaultProtected(), ACTION),
        (
            keyvault.vault_protection,
            vault(default_action="Allow"),
            ANY_NETWORK,
            Pass("keeps what is deleted and cannot be purged"),
        ),
        (keyvault.vault_protection, vault(soft_delete=False), ANY_NETWORK, Fail("has no soft delete")),
        (keyvault.vault_protection, vault(purge_protection=False), ANY_NETWORK, Fail("has no purge protection")),
        (
            keyvault.vault_protection,
            vault(False, False, "New"),
            VaultProtected(),
            Fail("has no soft delete and no purge protection"),
        ),
        (
            keyvault.vault_encryption,
            vault(),
            EncryptedAtRest(),
            Pass(
                "is encrypted at rest: Azure encrypts what a vault stores, without a switch", Basis.PROVIDER_GUARANTEE
            ),
        ),
        (
            keyvault.vault_double_encryption,
            vault(),
            DoubleEncrypted(),
            NotApplicable("holds keys and secrets, not the data that a product collects"),
        ),
        (
            keyvault.vault_customer_key,
            vault(),
            CustomerManagedKeys(),
            NotApplicable("holds the customer keys themselves, above which Azure offers none"),
        ),
        (keyvault.vault_provider, vault(), HostedBy(provider="azure"), Pass("runs at Azure in westeurope")),
        (keyvault.vault_provider, vault(), HostedBy(provider="aws"), Fail("runs at Azure in westeurope")),
    ],
)
def test_facts_are_judged(check: Check, fact: keyvault.KeyVault, claim: Claim, outcome: Outcome) -> None:
    assert judge(check, fact, claim) == outcome


@pytest.mark.parametrize(
    ("named", "pairs", "outcome"),
    [
        (("northeurope",), ("northeurope",), Fail("lies in westeurope")),
        (("westeurope",), (), Pass("lies in westeurope, replicas included: the region has no pair")),
        (
            ("westeurope",),
            None,
            Unknown(Cause.NOT_SUPPORTED, "lies in westeurope and keeps replicas in its pair, which ARM does not tell"),
        ),
        (
            ("westeurope", "northeurope"),
            ("northeurope",),
            Pass("lies in westeurope, replicas included: northeurope"),
        ),
        (
            ("westeurope",),
            ("northeurope",),
            Unknown(
                Cause.NOT_SUPPORTED,
                "lies in westeurope and keeps replicas in northeurope in most cases, which ARM does not tell",
            ),
        ),
    ],
)
def test_a_pair_outside_the_named_regions_leaves_the_place_of_replicas_open(
    named: tuple[str, ...], pairs: tuple[str, ...] | None, outcome: Outcome
) -> None:
    place_ = Resource(
        id="/subscriptions/s1/locations/westeurope",
        kind=Region.kind,
        cloud="azure",
        account="s1",
        region="global",
        name="westeurope",
    )
    known = (Region(resource=place_, pairs=pairs),)
    assert judge(keyvault.vault_region, vault(), HostedIn(regions=named), known) == outcome
