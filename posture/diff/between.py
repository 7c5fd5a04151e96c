"""What differs in how two runs were made: posture, documents, scopes, checks, targets, who looked, what was vouched."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from posture.allowances import expired
from posture.model import Value
from posture.profile import Profile, from_data
from posture.run.record import Head


class Between(Value):
    """What was not the same. Profiles, targets, checks, exceptions and attestations go by their ids or names.

    ``tool`` is empty or the two versions. ``documents`` changed their text, ``profiles`` anything else of what they
    take from it. ``began`` and ``ended`` are exceptions and attestations in force in one of the runs only, and those
    that were changed in ``altered``. ``cut_short`` names the runs that broke off, ``before`` or ``after``;
    ``backwards`` holds the instants of both where the one that is taken for the later is the earlier.
    """

    tool: tuple[str, ...]
    documents: tuple[str, ...]
    profiles: tuple[str, ...]
    scopes: tuple[str, ...]
    checks_revised: tuple[str, ...]
    checks_new: tuple[str, ...]
    checks_gone: tuple[str, ...]
    targets: tuple[str, ...]
    identities: tuple[str, ...]
    began: tuple[str, ...]
    ended: tuple[str, ...]
    altered: tuple[str, ...]
    cut_short: tuple[str, ...]
    backwards: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether both runs were made alike."""
        return not any(getattr(self, name) for name in self.__struct_fields__)


def between(old: Head, new: Head, cut_short: tuple[str, ...]) -> Between:
    """What differs from the run ``old`` to the run ``new``, of which those in ``cut_short`` broke off."""
    profiles = _both(_profiles(old), _profiles(new))
    before, after = _vouched(old), _vouched(new)
    return Between(
        tool=() if old.tool == new.tool else (old.tool, new.tool),
        documents=tuple(id for id, (a, b) in profiles.items() if _words(a) != _words(b)),
        profiles=tuple(id for id, (a, b) in profiles.items() if _words(a) == _words(b) and _taken(a) != _taken(b)),
        scopes=_altered(
            _scopes(old),
            _scopes(new),
        ),
        checks_revised=_altered(old.checks, new.checks),
        checks_new=tuple(sorted(new.checks.keys() - old.checks.keys())),
        checks_gone=tuple(sorted(old.checks.keys() - new.checks.keys())),
        targets=_differing(
            {target["name"]: target for target in old.targets}, {target["name"]: target for target in new.targets}
        ),
        identities=_altered(old.identities, new.identities),
        began=tuple(sorted(after.keys() - before.keys())),
        ended=tuple(sorted(before.keys() - after.keys())),
        altered=_altered(before, after),
        cut_short=cut_short,
        backwards=_backwards(old, new),
    )


def _backwards(old: Head, new: Head) -> tuple[str, ...]:
    earlier = datetime.fromisoformat(new.started) < datetime.fromisoformat(old.started)
    return (old.started, new.started) if earlier else ()


def _profiles(head: Head) -> dict[str, Profile]:
    return {str(record.data["id"]): from_data(record.data, record.file) for record in head.profiles}


def _scopes(head: Head) -> dict[str, Any]:
    """What each profile speaks about: its scopes, and the map of data where it narrows claims by it."""
    return {
        id: (record.scopes, head.holds if profile.narrows() else {})
        for record, (id, profile) in zip(head.profiles, _profiles(head).items(), strict=True)
    }


def _both(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (old[name], new[name]) for name in sorted(old.keys() & new.keys())}


def _altered(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, (a, b) in _both(old, new).items() if a != b)


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted({*_altered(old, new), *(old.keys() ^ new.keys())}))


def _words(profile: Profile) -> tuple[Any, ...]:
    """The text that a profile reads, as far as it holds it: hashes. Where a sentence stands does not count."""
    document = profile.source.document
    anchors = [[anchor.sha256 for anchor in statement.source.anchors] for statement in profile.statements]
    return (document.sha256 if document else "", anchors)


def _taken(profile: Profile) -> Any:
    return [(s.id, s.source.class_, s.source.claims, s.source.reading, s.source.remainder) for s in profile.statements]


def _vouched(head: Head) -> dict[str, Any]:
    """The exceptions and attestations in force at the instant of a run."""
    now = datetime.fromisoformat(head.started)
    return {one.id: one for one in head.exemptions if not expired(one.expires, now)} | {
        one.id: one for one in head.attestations if not expired(one.valid_until, now)
    }
