"""Spans of time as ARM writes them, in days: ISO 8601 durations, counted periods and the age of an instant."""

import math
import re
from datetime import UTC, datetime

YEAR, MONTH, WEEK = 366, 31, 7
"""Days in the longest year and month: retention is computed as an upper bound."""

_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_PERIODS = {"days": 1, "weeks": WEEK, "months": MONTH, "years": YEAR}


def duration_days(text: str) -> int:
    """The days in an ISO 8601 duration, begun days counted whole. Raises ValueError for anything else."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(f"{text!r} is not an ISO 8601 duration")
    years, months, weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    part_of_day = (hours * 3600 + minutes * 60 + seconds) / 86400
    return math.ceil(years * YEAR + months * MONTH + weeks * WEEK + days + part_of_day)


def period_days(count: int, unit: str) -> int:
    """The days in ``count`` Days, Weeks, Months or Years. Raises LookupError for another unit."""
    return count * _PERIODS[unit.lower()]


def age_days(now: datetime, text: str | None) -> int | None:
    """Days since an instant, begun days counted whole; None where none is told or ARM's year 1 stands for never."""
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    if instant.year == 1:
        return None
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return math.ceil((now - aware).total_seconds() / 86400)
