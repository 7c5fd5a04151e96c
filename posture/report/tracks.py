"""The places of a run as a report follows them: which there were, how each ended, and which were not entered."""

from posture.model import ANY, Cause, Gap
from posture.place import Place
from posture.run.directory import Run
from posture.run.record import Head, PlaceResult
from posture.stop import StoppedBy


class Tracks:
    """The places of a run, by their ids, with how each ended."""

    def __init__(self, run: Run, head: Head) -> None:
        self.open = run.places()
        self.places = {place.id: place for place in (*self.open, *(closed.place for closed in head.closed))}
        self.results = {id: run.finished(id) for id in sorted(self.places)}
        self._head = head

    def entered(self, place: Place) -> PlaceResult | None:
        """How a place ended that was read, wholly or in part; None for one that was not entered."""
        result = self.results[place.id]
        return result if result is not None and result.shut is None else None

    def closed(self) -> list[tuple[Place, Gap]]:
        """The places that were not entered, and why."""
        missed = [place for place in self.open if self.entered(place) is None]
        ended = Gap(cause=Cause.CAPPED, detail="the scan ended before it", operation="")
        shut = [(place, result.shut if (result := self.results[place.id]) else None) for place in missed]
        return [(closed.place, closed.gap) for closed in self._head.closed] + [(at, gap or ended) for at, gap in shut]

    @property
    def stopped(self) -> StoppedBy | None:
        """Who ended the scan before its end, where a place says so."""
        return next((result.stopped for result in self.results.values() if result and result.stopped), None)

    @property
    def interrupted(self) -> bool:
        """Whether any place was cut short. What stands for places that are not known was never begun."""
        return any(result is None or result.interrupted for result in self.results.values()) or any(
            self.entered(place) is None for place in self.open if place.account != ANY
        )
