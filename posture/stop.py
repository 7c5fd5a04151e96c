"""Tells the places of a scan to stop, and remembers who ended it: the user or the clock."""

import threading
from enum import StrEnum


class StoppedBy(StrEnum):
    """Who ended a scan before its end."""

    USER = "Ctrl-C"
    CLOCK = "the time limit"


REASONS = {StoppedBy.USER: "the scan was interrupted", StoppedBy.CLOCK: "the scan came to its time limit"}
"""What the reads say that had no answer by then."""


class Stop(threading.Event):
    """Set once the scan is to end. ``by`` is None until then, and the first who ends it stays in it."""

    by: StoppedBy | None = None

    def end(self, by: StoppedBy) -> None:
        """Have the scan end."""
        if self.by is None:
            self.by = by
        self.set()

    @property
    def reason(self) -> str:
        """What a read says that had no answer when the scan was ended."""
        return REASONS[self.by or StoppedBy.USER]
