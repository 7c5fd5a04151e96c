"""SQL managed instances: the TLS they ask for and the key above their databases."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Outcome, Severity, check
from posture.claims import TlsMinimum
from posture.model import Fact
from posture.reader import Where, reader
from posture_azure.session import ArmSession, properties
from posture_azure.sql import rules


class ManagedInstance(Fact):
    """A managed instance. ``public_endpoint`` and ``minimum_tls`` are None where ARM leaves the setting out."""

    kind: ClassVar[str] = "microsoft.sql/managedinstances"

    minimum_tls: str | None
    public_endpoint: bool | None
    redundancy: str | None


class InstanceProtector(Fact):
    """The key above the databases of an instance: ``key_type`` is ServiceManaged or AzureKeyVault."""

    kind: ClassVar[str] = ManagedInstance.kind

    key_type: str | None


@reader(
    operation="Microsoft.Sql/managedInstances@2021-11-01",
    permission="Microsoft.Sql/managedInstances/read",
    where=Where.ACCOUNT,
)
def managed_instances(arm: ArmSession) -> Iterator[ManagedInstance]:
    """The managed instances of the subscription."""
    for item in arm.items():
        found = properties(item)
        yield ManagedInstance(
            resource=arm.arm_resource(item, ManagedInstance.kind),
            minimum_tls=found.get("minimalTlsVersion"),
            public_endpoint=found.get("publicDataEndpointEnabled"),
            redundancy=found.get("currentBackupStorageRedundancy") or found.get("requestedBackupStorageRedundancy"),
        )


@reader(
    operation="Microsoft.Sql/managedInstances/encryptionProtector/current@2021-11-01",
    permission="Microsoft.Sql/managedInstances/encryptionProtector/read",
    where=Where.ACCOUNT,
)
def instance_protector(arm: ArmSession, instance: ManagedInstance) -> InstanceProtector:
    """The TDE protector of one instance."""
    found = properties(arm.get(instance.resource.id))
    return InstanceProtector(resource=instance.resource, key_type=found.get("serverKeyType"))


@check(
    id="azure.sql.instance-tls",
    title="SQL managed instances refuse TLS versions below the named one",
    severity=Severity.HIGH,
    refutes="a listener",
    remedy="Set the instance's minimum TLS version (minimalTlsVersion) to 1.2 or higher.",
)
def instance_tls(instance: ManagedInstance, claim: TlsMinimum) -> Outcome:
    """The instance turns away clients below its minimum; without one, the client chooses."""
    return rules.tls_minimum(instance.minimum_tls, claim)
