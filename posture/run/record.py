"""What a run directory holds, as typed values."""

from typing import Any

from posture.allowances import Attestation, Exemption
from posture.events import Lost
from posture.model import Exposed, Gap, Value
from posture.place import Closed, Place
from posture.provider import Limits
from posture.scope import Match, Scope
from posture.stop import StoppedBy

FORMAT = 1


class ProfileRecord(Value):
    """A profile as it stood at the time of the run: its content, its file's name, the scopes put on it."""

    file: str
    data: Any
    scopes: tuple[Scope, ...]


class Head(Value):
    """What a run was asked to do and where it found it could look. ``started`` is the instant all ages refer to.

    ``checks`` holds the revision of every check that was installed, so that a change of verdict can be told from a
    change of mind. ``holds`` maps classes of data to the resources that hold them. ``note`` is what every report of
    the run says first.
    """

    format: int
    tool: str
    started: str
    profiles: tuple[ProfileRecord, ...]
    targets: tuple[dict[str, Any], ...]
    identities: dict[str, str]
    checks: dict[str, int]
    places: tuple[Place, ...]
    closed: tuple[Closed, ...]
    limits: Limits
    exemptions: tuple[Exemption, ...]
    attestations: tuple[Attestation, ...]
    checks_dir: str = ""
    holds: dict[str, tuple[Match, ...]] = {}
    note: str = ""


class ReplyRecord(Value):
    """A redacted reply under its digest."""

    sha256: str
    body: Any


class PlaceResult(Value):
    """How a place ended: counts, and what was given up. Its presence says that the place was finished.

    ``interrupted`` says that it was cut short; ``stopped`` who ended the scan then, or before it was entered.
    ``shut`` says why where nothing could be asked there, or where what was asked had to be thrown away. ``exposed``
    are the public names that were seen, and ``unnamed`` says why there may be others.
    """

    place: str
    calls: int
    gaps: int
    findings: int
    seconds: float
    lost: tuple[Lost, ...]
    interrupted: bool = False
    stopped: StoppedBy | None = None
    shut: Gap | None = None
    exposed: tuple[Exposed, ...] = ()
    unnamed: Gap | None = None
