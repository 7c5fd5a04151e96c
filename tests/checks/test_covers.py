"""Which store kinds no check judges for a claim that speaks of them, as a table to think over when a store is added."""

from collections.abc import Iterator

import posture_aws
import posture_azure
import posture_endpoint
from posture.claims import (
    Claim,
    CustomerManagedKeys,
    DoubleEncrypted,
    NamedPrincipalsOnly,
    NetworkRestricted,
    vocabulary,
)
from posture.model import Fact
from posture.registry import Registry
from posture_azure.inventory import STORES

REGISTRY = Registry([posture_aws, posture_azure, posture_endpoint])
COVERING = [claim for claim in vocabulary().values() if claim.covers]
FACTS = [reader.fact for reader in REGISTRY.readers.values()]
STORE_KINDS = {(fact.kind, fact.store) for fact in FACTS if fact.store is not None}

NOT_JUDGED: dict[str, set[type[Claim]]] = {
    # AWS encrypts once, as far as its interfaces tell
    "aws.backup.recovery-point": {DoubleEncrypted},
    "aws.backup.vault": {DoubleEncrypted},
    "aws.ec2.image": {DoubleEncrypted},
    "aws.ec2.snapshot": {DoubleEncrypted},
    "aws.ec2.volume": {DoubleEncrypted, CustomerManagedKeys},
    "aws.rds.automated-backup": {DoubleEncrypted},
    "aws.rds.cluster-automated-backup": {DoubleEncrypted},
    "aws.rds.db-cluster-snapshot": {DoubleEncrypted},
    "aws.rds.db-snapshot": {DoubleEncrypted},
    # IAM authentication of RDS does not exclude passwords; a bucket knows no default network
    "aws.rds.db-cluster": {DoubleEncrypted, NamedPrincipalsOnly},
    "aws.rds.db-instance": {DoubleEncrypted, NamedPrincipalsOnly},
    "aws.s3.bucket": {NamedPrincipalsOnly, NetworkRestricted},
}
"""Store kinds with facts of their own. What only an inventory lists is judged for nothing."""


def judged(claim: type[Claim]) -> set[str]:
    return {check.fact.kind for check in REGISTRY.checks.values() if check.claim is claim}


def unjudged() -> Iterator[tuple[str, type[Claim]]]:
    own = {fact.kind for fact in FACTS if not fact.inventory}
    for claim in COVERING:
        for kind, store in STORE_KINDS:
            if kind in own and store in claim.covers and kind not in judged(claim):
                yield kind, claim


def test_the_stores_that_a_claim_speaks_of_and_no_check_judges_are_these() -> None:
    assert set(unjudged()) == {(kind, claim) for kind, claims in NOT_JUDGED.items() for claim in claims}


def test_a_store_that_only_an_inventory_lists_is_judged_for_nothing() -> None:
    own = {fact.kind for fact in FACTS if not fact.inventory}
    only_listed = ({fact.kind for fact in FACTS if fact.inventory and fact.store is not None} | set(STORES)) - own
    assert len(only_listed) > 40
    assert only_listed & {check.fact.kind for check in REGISTRY.checks.values()} == set()


def test_the_inventory_of_azure_lists_its_judged_stores_as_the_families_that_their_facts_say() -> None:
    stores = {fact.kind: fact.store for fact in FACTS if fact.kind in STORES and fact.store is not None}
    assert {kind: STORES[kind] for kind in stores} == stores
    assert {kind for kind, _ in STORE_KINDS if kind.startswith("microsoft.")} <= set(STORES)


def test_one_fact_alone_shows_stores_of_a_kind_so_that_none_is_counted_twice() -> None:
    kinds: dict[str, set[type[Fact]]] = {}
    for fact in FACTS:
        if fact.store is not None:
            kinds.setdefault(fact.kind, set()).add(fact)
    assert {kind: facts for kind, facts in kinds.items() if len(facts) > 1} == {}
