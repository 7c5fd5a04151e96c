"""The inventory of a subscription: every resource there is, to find stores of data that no check judges."""

from collections.abc import Iterator
from typing import ClassVar

from posture.model import Fact, Store
from posture.reader import Where, reader
from posture_azure.session import ArmSession

STORES = {
    "microsoft.analysisservices/servers": Store.WAREHOUSE,
    "microsoft.appconfiguration/configurationstores": Store.DATABASE,
    "microsoft.cache/redis": Store.CACHE,
    "microsoft.cache/redisenterprise": Store.CACHE,
    "microsoft.classiccompute/virtualmachines": Store.BLOCK,
    "microsoft.classicstorage/storageaccounts": Store.OBJECT,
    "microsoft.compute/disks": Store.BLOCK,
    "microsoft.compute/images": Store.SNAPSHOT,
    "microsoft.compute/galleries/images/versions": Store.SNAPSHOT,
    "microsoft.compute/restorepointcollections": Store.SNAPSHOT,
    "microsoft.compute/snapshots": Store.SNAPSHOT,
    "microsoft.containerregistry/registries": Store.REGISTRY,
    "microsoft.databricks/workspaces": Store.WAREHOUSE,
    "microsoft.datalakestore/accounts": Store.OBJECT,
    "microsoft.dataprotection/backupvaults": Store.BACKUP,
    "microsoft.dbformariadb/servers": Store.DATABASE,
    "microsoft.dbformysql/flexibleservers": Store.DATABASE,
    "microsoft.dbformysql/servers": Store.DATABASE,
    "microsoft.dbforpostgresql/flexibleservers": Store.DATABASE,
    "microsoft.dbforpostgresql/servergroupsv2": Store.DATABASE,
    "microsoft.dbforpostgresql/servers": Store.DATABASE,
    "microsoft.devices/iothubs": Store.STREAM,
    "microsoft.documentdb/cassandraclusters": Store.DATABASE,
    "microsoft.documentdb/databaseaccounts": Store.DATABASE,
    "microsoft.documentdb/mongoclusters": Store.DATABASE,
    "microsoft.elasticsan/elasticsans": Store.BLOCK,
    "microsoft.eventgrid/domains": Store.QUEUE,
    "microsoft.eventgrid/namespaces": Store.QUEUE,
    "microsoft.eventgrid/topics": Store.QUEUE,
    "microsoft.eventhub/namespaces": Store.STREAM,
    "microsoft.hdinsight/clusters": Store.WAREHOUSE,
    "microsoft.healthcareapis/services": Store.DATABASE,
    "microsoft.healthcareapis/workspaces/dicomservices": Store.DATABASE,
    "microsoft.healthcareapis/workspaces/fhirservices": Store.DATABASE,
    "microsoft.insights/components": Store.LOG,
    "microsoft.keyvault/managedhsms": Store.SECRET,
    "microsoft.keyvault/vaults": Store.SECRET,
    "microsoft.kusto/clusters": Store.WAREHOUSE,
    "microsoft.netapp/netappaccounts/backupvaults": Store.BACKUP,
    "microsoft.netapp/netappaccounts/capacitypools/volumes": Store.FILE,
    "microsoft.netapp/netappaccounts/capacitypools/volumes/snapshots": Store.SNAPSHOT,
    "microsoft.operationalinsights/workspaces": Store.LOG,
    "microsoft.recoveryservices/vaults": Store.BACKUP,
    "microsoft.search/searchservices": Store.SEARCH,
    "microsoft.servicebus/namespaces": Store.QUEUE,
    "microsoft.sql/managedinstances/databases": Store.DATABASE,
    "microsoft.sql/servers/databases": Store.DATABASE,
    "microsoft.storage/storageaccounts": Store.OBJECT,
    "microsoft.storagecache/amlfilesystems": Store.FILE,
    "microsoft.storagecache/caches": Store.FILE,
    "microsoft.synapse/workspaces/kustopools": Store.WAREHOUSE,
    "microsoft.synapse/workspaces/sqlpools": Store.WAREHOUSE,
    "oracle.database/autonomousdatabases": Store.DATABASE,
    "oracle.database/cloudvmclusters": Store.DATABASE,
}
"""Resource types (lower case) that hold data of their own. A type that keeps all its data in another's is left out."""


class Listed(Fact):
    """A resource as the subscription lists it; its kind is its ARM type in lower case."""

    kind: ClassVar[str] = "azure.resource"
    inventory: ClassVar[bool] = True

    def holds(self) -> Store | None:
        """The family of store, by type."""
        return STORES.get(self.resource.kind)


@reader(
    operation="subscriptions/resources@2021-04-01",
    permission="Microsoft.Resources/subscriptions/resources/read",
    where=Where.ACCOUNT,
)
def resources(arm: ArmSession) -> Iterator[Listed]:
    """All resources of the subscription that the identity may read.

    Resource Manager leaves out what may not be read, without a word, so that the inventory can show a store to be
    there and never that none is.
    """
    for item in arm.items():
        yield Listed(resource=arm.arm_resource(item, item["type"].lower()))
