"""What a check package says about its provider: how to find its places, open sessions and print permissions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol, runtime_checkable

from msgspec import Meta

from posture.model import Exposed, Gap, Value
from posture.place import Closed, Place
from posture.session import Session, Source


class Discovery(Value):
    """What signing in to a target found: who we are there, the places to scan, and those that stay closed."""

    identity: str
    places: tuple[Place, ...]
    closed: tuple[Closed, ...] = ()


class SignInFailed(Exception):
    """A target that could not be entered at all; the scan goes on with the others."""

    def __init__(self, gap: Gap, remedy: str) -> None:
        super().__init__(f"{gap.detail} ({gap.cause}). {remedy}")
        self.gap = gap
        self.remedy = remedy


class Provider(Protocol):
    """One cloud, or the world of endpoints. A check package offers one as ``PROVIDER``.

    ``target`` below is the mapping that a configuration holds for one target of this provider, already typed by
    ``target_type``.
    """

    name: str
    target_type: type[Value]

    def permissions(self) -> tuple[str, ...]:
        """What discovery itself needs."""
        ...

    def operations(self) -> tuple[str, ...]:
        """The operations that discovery itself performs."""
        ...

    def discover(self, name: str, target: Any, limits: "Limits") -> Discovery:
        """Sign in and find the places. Raises SignInFailed."""
        ...

    def source(self, place: Place, target: Any, limits: "Limits") -> Source:
        """A live source for one place; credentials come from the environment, never from the place."""
        ...

    def session(self, place: Place, source: Source, now: datetime) -> Session:
        """A session that speaks this provider's manner of paging over any source."""
        ...

    def policy(self, permissions: Iterable[str]) -> Mapping[str, Any]:
        """The least-privilege policy that grants ``permissions``, in the provider's own format."""
        ...


@runtime_checkable
class Following(Protocol):
    """What a provider adds whose places are scanned after all others, told of the public names that were seen there."""

    def follow(self, name: str, target: Any, exposed: Sequence[Exposed]) -> tuple[Place, ...]:
        """The places that the names add to those of ``discover``; none where the target does not ask for it."""
        ...

    def told_source(self, place: Place, target: Any, limits: "Limits", exposed: Sequence[Exposed]) -> Source:
        """A live source for one place, as ``source`` gives, that knows the names."""
        ...


@runtime_checkable
class Waiting(Protocol):
    """What a provider adds whose places wait more than they compute: ``places_for_one`` run for one of another's."""

    places_for_one: int


@runtime_checkable
class Reaching(Protocol):
    """What a provider adds whose places may be out of reach while what is listed there still answers."""

    def reachable(self, place: Place, target: Any, limits: "Limits") -> Gap | None:
        """Why nobody answers at the place; None where somebody does. Asks for nothing else."""
        ...


class Cost(Value):
    """One line of what a scan may cost those it looks at; ``count`` is None where the line is a mere remark."""

    what: str
    count: int | None


@runtime_checkable
class Costing(Protocol):
    """What a provider adds that can tell before a scan how much its targets will see of it. Contacts nobody."""

    def costs(self, target: Any, operations: frozenset[str]) -> tuple[Cost, ...]:
        """The lines of one target, of which these operations are asked."""
        ...


Seconds = Annotated[float, Meta(gt=0, le=604_800)]


class Limits(Value):
    """How long and how hard a scan may try; all times in seconds.

    ``attempts`` counts tries per call, the first included. ``call`` bounds one call with its retries, ``kind`` all
    reads that hang on one listing, ``place`` one shard, ``run`` the whole.
    """

    connect: Seconds = 5.0
    read: Seconds = 30.0
    call: Seconds = 90.0
    kind: Seconds = 300.0
    place: Seconds = 600.0
    run: Seconds = 3600.0
    attempts: Annotated[int, Meta(ge=1, le=100)] = 5
    threads: Annotated[int, Meta(ge=1, le=1024)] = 32
    places: Annotated[int, Meta(ge=1, le=1024)] = 8
