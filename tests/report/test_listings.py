"""A listing that was not read is told as one: never as one thing, never as nothing."""

import pytest

from posture.model import Basis, Cause, Finding, Outcome, Pass, Resource, Severity, Store, Unknown
from posture.place import Place, Where
from posture.registry import Registry, installed
from posture.report.listings import Listing, Unlisted, listings
from posture.report.words import tally_words
from posture.verdict import Tally

PLACE = Place(provider="aws", target="t", account="1", region="eu-west-1", where=Where.REGION)
REFUSED = Unknown(Cause.ACCESS_DENIED, "could not be read")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return installed()


def thing(kind: str) -> Resource:
    return Resource(id=f"arn:{kind}", kind=kind, cloud="aws", account="1", region="eu-west-1", name="one")


def finding(check: str, resource: Resource, outcome: Outcome = REFUSED, evidence: tuple[str, ...] = ()) -> Finding:
    return Finding(
        id="f",
        check=check,
        claim="c",
        resource=resource,
        severity=Severity.LOW,
        outcome=outcome,
        evidence=evidence,
        profiles=("p",),
    )


def test_a_refused_listing_of_a_place_is_a_listing_with_its_family_of_store(registry: Registry) -> None:
    whole = PLACE.whole("aws.rds.db-snapshot")
    check = next(c.id for c in registry.checks_of("aws") if c.fact.kind == whole.kind)
    expected = Listing(of=whole.id, kind=whole.kind, store=Store.SNAPSHOT)
    assert listings(registry)(finding(check, whole)) == expected


def test_a_refused_listing_below_a_thing_is_a_listing(registry: Registry) -> None:
    vault = thing("aws.backup.vault")
    expected = Listing(of=vault.id, kind="aws.backup.recovery-point", store=Store.BACKUP)
    assert listings(registry)(finding("aws.backup.recovery-point-encryption", vault)) == expected


@pytest.mark.parametrize(
    "one",
    [
        finding("aws.backup.vault-encryption", thing("aws.backup.vault")),
        finding("aws.backup.vault-encryption", thing("aws.backup.vault"), evidence=("e",)),
        finding("aws.backup.vault-encryption", PLACE.whole("aws.backup.vault"), Pass("is", Basis.CONFIGURATION)),
    ],
    ids=["refused detail", "undecided", "judged"],
)
def test_what_is_about_one_thing_is_no_listing(registry: Registry, one: Finding) -> None:
    assert listings(registry)(one) is None


def test_a_refused_setting_of_a_place_is_no_listing(registry: Registry) -> None:
    settings = [c for c in registry.checks_of("aws") if not any(r.many for r in registry.chain(c.fact))]
    assert settings
    assert [listings(registry)(finding(c.id, PLACE.whole(c.fact.kind))) for c in settings] == [None] * len(settings)


def test_without_a_registry_what_stands_for_a_place_is_a_listing() -> None:
    whole = PLACE.whole("aws.rds.db-snapshot")
    assert listings(None)(finding("gone", whole)) == Listing(of=whole.id, kind=whole.kind, store=None)
    assert listings(None)(finding("gone", thing("aws.backup.vault"))) is None


@pytest.mark.parametrize(
    ("tally", "unlisted", "told"),
    [
        (Tally(passed=27, unknown=5), None, "27 of 32 findings hold, 5 unknown"),
        (
            Tally(passed=27, unknown=5),
            Unlisted(findings=4, listings=4),
            "27 hold; 1 unknown; 4 listings not read, of unknown size",
        ),
        (
            Tally(passed=1, failed=1, unknown=3, blind=2),
            Unlisted(findings=3, listings=1),
            "1 breaks it; 1 holds; 2 unchecked; 1 listing not read, of unknown size",
        ),
        (Tally(unknown=2), Unlisted(findings=2, listings=2), "2 listings not read, of unknown size"),
    ],
)
def test_a_listing_of_unknown_size_leaves_no_ratio(tally: Tally, unlisted: Unlisted | None, told: str) -> None:
    assert tally_words(tally, unlisted) == told
