"""Regions and spans of time, which several services need."""

import re

import pytest

import posture_azure
from kit import Recorded, place, read, session_of
from posture.model import Cause
from posture.reader import Reader, Where
from posture.registry import Registry
from posture.session import GapFound
from posture_azure import regions
from posture_azure.session import ArmSession
from posture_azure.spans import duration_days, period_days

SERVICES = ("disks", "sql", "keyvault", "recovery", "backupvault", "authorization", "regions")
SINGLETONS = ("current", "default", "Default", "backupResourceEncryptionConfig", "vaultconfig")
LOCATIONS = "subscriptions/locations@2022-12-01"


def test_regions_are_read_with_their_pairs() -> None:
    listed = [
        {"name": "westeurope", "metadata": {"pairedRegion": [{"name": "northeurope"}]}},
        {"name": "qatarcentral", "metadata": {"pairedRegion": []}},
        {"name": "europe"},
    ]
    source = Recorded({LOCATIONS: {"value": listed}})
    found = read(regions.regions, session_of(ArmSession, source, place("azure", "S1", "global")))
    assert [(one.resource.id, one.resource.name, getattr(one, "pairs", None)) for one in found] == [
        ("/subscriptions/s1/locations/westeurope", "westeurope", ("northeurope",)),
        ("/subscriptions/s1/locations/qatarcentral", "qatarcentral", ()),
        ("/subscriptions/s1/locations/europe", "europe", None),
    ]
    assert source.asked[0][1]["path"] == "/subscriptions/S1/locations"


def test_a_refused_listing_of_regions_is_a_gap() -> None:
    with pytest.raises(GapFound):
        read(
            regions.regions,
            session_of(ArmSession, Recorded({LOCATIONS: Cause.ACCESS_DENIED}), place("azure", "s1", "global")),
        )


@pytest.mark.parametrize(
    ("text", "days"),
    [("P1D", 1), ("P2W", 14), ("P1M", 31), ("P10Y", 3660), ("PT0S", 0), ("PT1H", 1), ("P1DT1S", 2), ("P1Y2M", 428)],
)
def test_durations_are_upper_bounds_in_days(text: str, days: int) -> None:
    assert duration_days(text) == days


@pytest.mark.parametrize("text", ["", "P", "7", "forever", "P-1D", "1D"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        duration_days(text)


def test_periods_are_upper_bounds_in_days() -> None:
    assert [period_days(2, unit) for unit in ("Days", "Weeks", "Months", "Years")] == [2, 14, 62, 732]
    with pytest.raises(LookupError):
        period_days(2, "Fortnights")


def readers() -> list[Reader]:
    found = Registry([posture_azure]).readers.values()
    return [one for one in found if one.function.__module__.split(".")[1] in SERVICES]


@pytest.mark.parametrize("reader", readers(), ids=lambda one: one.name)
def test_a_reader_asks_once_a_subscription_and_names_the_right_that_its_type_needs(reader: Reader) -> None:
    kind, _, version = reader.operation.partition("@")
    granted = reader.permission.removesuffix("/read").removeprefix("Microsoft.Resources/")
    assert reader.where == Where.ACCOUNT
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", version)
    assert kind == granted or (kind.startswith(granted + "/") and kind.rpartition("/")[2] in SINGLETONS)
