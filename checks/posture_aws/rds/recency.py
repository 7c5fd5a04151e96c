"""How old the newest backup of a database is, and how long the oldest one is kept."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from posture.check import Fail, Outcome, Pass
from posture_aws.session import AwsSession


def age(aws: AwsSession, moment: str | None) -> float | None:
    """Days between a timestamp of a reply and this run; None where there is no timestamp."""
    return None if moment is None else (aws.now - datetime.fromisoformat(moment)) / timedelta(days=1)


def judge_recency(retention: int, restorable: float | None, snapshots: Iterable[float | None], most: int) -> Outcome:
    """Fresh by the newest time it can be restored to, else by a snapshot. Ages and ``most`` are in days.

    ``snapshots`` are the ages of its usable ones; they are looked at only where automated backups do not decide.
    """
    if retention > 0 and restorable is not None and restorable <= most:
        return Pass(f"can be restored to a time {max(restorable, 0):.1f} days before this scan")
    if any(days is not None and days <= most for days in snapshots):
        return Pass(f"has a snapshot of the last {most} days")
    if retention == 0:
        return Fail(f"has automated backups switched off, and no snapshot of the last {most} days")
    return Fail(f"can be restored to no time of the last {most} days")


def judge_retention(retention: int, most: int) -> Outcome:
    """Whether automated backups expire in time. Both are in days."""
    if retention == 0:
        return Pass("keeps no automated backups")
    return (Pass if retention <= most else Fail)(f"keeps automated backups for {retention} days")
