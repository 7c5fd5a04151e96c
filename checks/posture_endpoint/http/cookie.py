"""A Set-Cookie header as clients read it (RFC 6265bis section 5.6); its value never comes this far."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from posture.model import Value

_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Cookie(Value):
    """A cookie by its name. ``deleted`` where the header only takes it away: its time is over at the run's instant.

    ``unclear`` where control characters stand in it: clients differ in whether they keep such a cookie.
    """

    name: str
    secure: bool
    http_only: bool
    deleted: bool
    unclear: bool


def parse_cookie(header: str, now: datetime) -> Cookie:
    """The cookie of one header. Attributes count whatever their case and value; of those with values, the last does."""
    pair, *parts = header.split(";")
    attributes: dict[str, str] = {}
    for part in parts:
        name, _, value = part.partition("=")
        attributes[name.strip().lower()] = value.strip()
    return Cookie(
        name=pair.partition("=")[0].strip(),
        secure="secure" in attributes,
        http_only="httponly" in attributes,
        deleted=_is_over(attributes, now),
        unclear=_CONTROLS.search(header) is not None,
    )


def _is_over(attributes: dict[str, str], now: datetime) -> bool:
    age = attributes.get("max-age", "")
    if re.fullmatch(r"-?[0-9]{1,15}", age):
        return int(age) <= 0
    try:
        moment = parsedate_to_datetime(attributes.get("expires", ""))
    except ValueError:
        return False
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= now
