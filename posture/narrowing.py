"""Narrows claims to the stores that hold one class of data, as profiles ask for with ``data``."""

from collections.abc import Iterable, Iterator

from posture.model import Finding
from posture.profile import Profile
from posture.scope import Holding, Holds, holding


class Narrowing:
    """Which claims of which profiles speak about one class of data alone, by the map of a configuration.

    A class that the map does not have narrows nothing: the claim speaks about all data.
    """

    def __init__(self, profiles: Iterable[Profile], holds: Holds) -> None:
        self._holds = holds
        asked: dict[tuple[str, str], set[str]] = {}
        for profile in profiles:
            for statement in profile.statements:
                for asserted in statement.asserted:
                    if asserted.use.data in holds:
                        for claim in (asserted.claim, asserted.alternative):
                            if claim is not None:
                                asked.setdefault((profile.id, claim.key()), set()).add(asserted.use.data)
        self._asked = {key: tuple(sorted(classes)) for key, classes in asked.items()}

    def maps(self, data: str) -> bool:
        """Whether the map says which stores hold this class of data."""
        return data in self._holds

    def of(self, profile: str, finding: Finding) -> Iterator[tuple[str, Holding]]:
        """The classes to which a profile narrows the finding's claim, and how its resource stands to each."""
        for data in self._asked.get((profile, finding.claim), ()):
            yield data, holding(self._holds, data, finding.resource)

    def leaves_out(self, data: str, finding: Finding) -> bool:
        """Whether a claim about this class of data does not speak about the finding's resource."""
        return data in self._holds and holding(self._holds, data, finding.resource) is Holding.ELSEWHERE
