"""The remedy fits what was found, where the detail of a gap says more than its cause."""

import pytest

from posture.remedy import fitting


@pytest.mark.parametrize(
    ("detail", "remedy"),
    [
        (
            "the profile speaks about azure, and no target of the scan is there",
            "Add a target of azure to the configuration, or put azure out of scope.",
        ),
        ("certificate verify failed: certificate has expired", "Have its certificate renewed."),
        ("certificate verify failed: self-signed certificate", "Name the authority that signed its certificate."),
        ("no credentials were found: Unable to locate credentials", "Sign in, or name a profile or way to sign in."),
        ("Connection refused", ""),
        ("the token has expired", ""),
    ],
)
def test_a_remedy_fits_its_detail(detail: str, remedy: str) -> None:
    assert fitting(detail).startswith(remedy)
    assert bool(fitting(detail)) == bool(remedy)
