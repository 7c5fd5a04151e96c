"""Equal values have equal text, and a finding keeps its id while names and outcomes change."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.claims import EncryptedAtRest, HostedIn, TlsMinimum, TlsVersion
from posture.identity import canonical, digest, finding_id
from posture.model import Resource

BOX = Resource(id="lab/a", kind="lab.box", cloud="lab", account="1111", region="north", name="a")
KEY = EncryptedAtRest().key()


@settings(max_examples=50, deadline=None, database=None)
@given(st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4), max_size=5))
def test_the_order_of_keys_changes_nothing(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical(turned) == canonical(value)
    assert digest(turned) == digest(value)
    assert msgspec.json.decode(canonical(value)) == value


@pytest.mark.parametrize(
    "same",
    [
        {"name": "another name"},
        {"tags": (("team", "red"),)},
        {"kind": "lab.crate"},
    ],
)
def test_an_id_survives_renames(same: dict[str, object]) -> None:
    assert finding_id("c", KEY, msgspec.structs.replace(BOX, **same)) == finding_id("c", KEY, BOX)


@pytest.mark.parametrize("other", [{"id": "lab/b"}, {"cloud": "barn"}, {"account": "2222"}, {"region": "south"}])
def test_another_resource_has_another_id(other: dict[str, object]) -> None:
    assert finding_id("c", KEY, msgspec.structs.replace(BOX, **other)) != finding_id("c", KEY, BOX)


def test_another_question_has_another_id() -> None:
    assert finding_id("d", KEY, BOX) != finding_id("c", KEY, BOX)
    assert finding_id("c", EncryptedAtRest(algorithm="any").key(), BOX) != finding_id("c", KEY, BOX)


def test_an_id_is_what_it_was_when_runs_were_first_kept() -> None:
    assert canonical([1, {"b": 1, "a": "é"}]) == '[1,{"a":"é","b":1}]'
    assert KEY == '["encrypted-at-rest",{"algorithm":"AES-256"}]'
    assert finding_id("lab.box.encryption", KEY, BOX) == (
        "91be942eddc37950795ff23f0b2860a7d443de147fbc255fb7e6bc92497047eb"
    )


def test_claims_with_equal_parameters_have_equal_keys() -> None:
    assert TlsMinimum().key() == TlsMinimum(version=TlsVersion.TLS12, reading="minimum").key()
    assert TlsMinimum(version=TlsVersion.TLS13).key() != TlsMinimum().key()
    assert HostedIn(regions=("a",)).key() != HostedIn(regions=("b",)).key()
