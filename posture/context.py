"""Everything that scanning or judging a place needs, rebuilt from the run directory alone."""

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

from posture.config import Target, target_from_data
from posture.model import Exposed
from posture.place import Place
from posture.plan import Scoped, plan
from posture.pool import Pool
from posture.profile import from_data
from posture.provider import Following
from posture.registry import Registry, installed
from posture.run.directory import Run
from posture.session import Source
from posture.stop import Stop


class Context:
    """A started run with its profiles, targets and plan. No credentials travel: each process finds its own."""

    def __init__(self, run: Run, registry: Registry | None = None) -> None:
        self.run = run
        self.head = run.head()
        self.registry = registry or registry_of(run)
        self.now = datetime.fromisoformat(self.head.started)
        self.scoped = tuple(
            Scoped(profile=from_data(record.data, record.file), scopes=record.scopes) for record in self.head.profiles
        )
        found = [target_from_data(data, self.registry.providers) for data in self.head.targets]
        self.targets = {target.name: target for target in found}
        self.plan = plan(self.registry, self.scoped, named_providers(self.registry, self.scoped, found))
        self.places = {place.id: place for place in run.places()}
        self.pool = Pool(self.head.limits.threads)
        self.stop = Stop()
        self.meter = Meter()
        self.began = time.monotonic()

    def place(self, id: str) -> Place:
        """A place of the run, also one that was found since this context was built."""
        if id not in self.places:
            self.places = {place.id: place for place in self.run.places()}
        return self.places[id]

    def follows(self, place: Place) -> bool:
        """Whether a place is scanned after those of other providers."""
        return isinstance(self.registry.providers[place.provider], Following)

    @cached_property
    def exposed(self) -> tuple[Exposed, ...]:
        """The public names that were seen; asked for once all places are done that follow no other."""
        return self.run.exposed()

    def source(self, place: Place) -> Source:
        """A live source for a place, which is told the names where it follows."""
        provider, settings = self.registry.providers[place.provider], self.targets[place.target].settings
        if isinstance(provider, Following):
            return provider.told_source(place, settings, self.head.limits, self.exposed)
        return provider.source(place, settings, self.head.limits)


def registry_of(run: Run) -> Registry:
    """The check packages that a run was made with, as they are installed now."""
    folder = run.head().checks_dir
    return installed(Path(folder) if folder else None)


class Meter:
    """Counts of what a scan has done so far, for its progress display."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.calls = 0
        self.findings = 0

    def add(self, *, calls: int = 0, findings: int = 0) -> None:
        """Count; any thread may."""
        with self._lock:
            self.calls += calls
            self.findings += findings


def named_providers(registry: Registry, scoped: Sequence[Scoped], targets: Iterable[Target]) -> set[str]:
    """The providers of the targets, and those that a profile's scope names without any target for them."""
    found = {target.provider for target in targets}
    for use in scoped:
        for scope in use.scopes:
            found |= {rule.cloud.lower() for rule in scope.include} & set(registry.providers)
    return found


@lru_cache(maxsize=4)
def context_of(folder: str) -> Context:
    """The context of a run directory, built once per process."""
    return Context(Run.open(Path(folder)))
