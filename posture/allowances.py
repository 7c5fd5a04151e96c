"""Exceptions and attestations: what people vouch for, beside what a scan sees.

An exception silences the gate for a finding, never the verdict. An attestation serves what no machine can test, and
never lifts a claim that one can.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from posture import yamlfile
from posture.claims import vocabulary
from posture.model import Finding, Value

_SHA256 = re.compile("[0-9a-f]{64}")


class Exemption(Value):
    """An exception: one finding, or all of a claim's on resources that match, until the end of a day (UTC).

    A pattern that may match many resources says ``broad: true``. ``created`` is the day it was granted.
    """

    id: str
    reason: str
    owner: str
    approver: str
    expires: date
    finding: str = ""
    claim: str = ""
    resource: str = ""
    broad: bool = False
    reference: str = ""
    created: date | None = None

    def covers(self, finding: Finding, now: datetime) -> bool:
        """Whether the exception is in force and speaks about this finding."""
        return not expired(self.expires, now) and self.names(finding)

    def names(self, finding: Finding) -> bool:
        """Whether the exception speaks about this finding, in force or not."""
        if self.finding:
            return finding.id == self.finding
        word = finding.claim.split('"')[1]
        return self.claim == word and fnmatchcase(finding.resource.id.lower(), self.resource.lower())


class Attestation(Value):
    """Somebody vouches for a statement with a document, until the end of a day (UTC).

    ``statement`` reads ``profile/statement-id``; ``document_sha256`` is the hash of the file that was seen, and
    ``file`` says where it lies, for ``posture attestations lint`` to compare: beside the file of attestations, or in
    the folder of documents.
    """

    id: str
    statement: str
    who: str
    issued: date
    valid_until: date
    document: str
    document_sha256: str
    note: str = ""
    file: str = ""


class ExemptionFile(Value):
    """A file of exceptions."""

    exceptions: tuple[Exemption, ...]


class AttestationFile(Value):
    """A file of attestations."""

    attestations: tuple[Attestation, ...]


def end_of(day: date) -> datetime:
    """The first instant after ``day`` in UTC: what expires on a day holds until then."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def expired(day: date, now: datetime) -> bool:
    """Whether ``day`` is over: an expiry holds to the end of its day in UTC."""
    return now >= end_of(day)


def load_exemptions(path: Path) -> tuple[Exemption, ...]:
    """The exceptions of a file. Raises yamlfile.FileError."""
    return exemptions_in(yamlfile.read(path))


def load_attestations(path: Path) -> tuple[Attestation, ...]:
    """The attestations of a file. Raises yamlfile.FileError."""
    return attestations_in(yamlfile.read(path))


def exemptions_in(loaded: yamlfile.Loaded) -> tuple[Exemption, ...]:
    """The exceptions of loaded YAML, each of them complete. Raises yamlfile.FileError."""
    found = loaded.typed(ExemptionFile).exceptions
    _check_ids(loaded, "exceptions", [exemption.id for exemption in found])
    for place, exemption in enumerate(found):
        where: yamlfile.Where = ("exceptions", place)
        _check_filled(loaded, where, exemption, ("reason", "owner", "approver"))
        wide = (bool(exemption.claim), bool(exemption.resource))
        if wide != ((False, False) if exemption.finding else (True, True)):
            raise loaded.error(where, f"{exemption.id}: name either `finding`, or `claim` and `resource`")
        if exemption.finding and not _SHA256.fullmatch(exemption.finding):
            message = f"{exemption.finding!r} is not the id of a finding: 64 hexadecimal digits, as reports show it"
            raise loaded.error((*where, "finding"), f"{exemption.id}: {message}")
        if exemption.claim and exemption.claim not in vocabulary():
            hint = yamlfile.nearest(exemption.claim, list(vocabulary()))
            raise loaded.error((*where, "claim"), f"{exemption.id}: there is no claim {exemption.claim!r}{hint}")
        if set("*?[") & set(exemption.resource) and not exemption.broad:
            raise loaded.error((*where, "resource"), f"{exemption.id}: a pattern with *, ? or [ needs `broad: true`")
        if exemption.created is not None and exemption.created > exemption.expires:
            raise loaded.error((*where, "expires"), f"{exemption.id}: expires before it was created")
    return found


def attestations_in(loaded: yamlfile.Loaded) -> tuple[Attestation, ...]:
    """The attestations of loaded YAML, each of them complete. Raises yamlfile.FileError."""
    found = loaded.typed(AttestationFile).attestations
    _check_ids(loaded, "attestations", [attestation.id for attestation in found])
    for place, attestation in enumerate(found):
        where: yamlfile.Where = ("attestations", place)
        _check_filled(loaded, where, attestation, ("who", "document"))
        profile, _, statement = attestation.statement.partition("/")
        if not (profile and statement):
            message = f"{attestation.statement!r} is not of the form profile/statement"
            raise loaded.error((*where, "statement"), f"{attestation.id}: {message}")
        if not _SHA256.fullmatch(attestation.document_sha256):
            message = f"{attestation.document_sha256!r} is not a SHA-256 in lower-case hexadecimal"
            raise loaded.error((*where, "document_sha256"), f"{attestation.id}: {message}")
        if attestation.valid_until < attestation.issued:
            raise loaded.error((*where, "valid_until"), f"{attestation.id}: ends before it was issued")
    return found


def documents_in(found: Sequence[Attestation], folder: Path, *, by_name: bool) -> dict[str, str]:
    """The SHA-256 of each attested document that lies in ``folder``, by the id of its attestation.

    A document lies under its ``file``, or with ``by_name`` and without one under the name that ``document`` gives.
    """
    digests = {}
    for attestation in found:
        name = attestation.file or (attestation.document if by_name else "")
        path = folder / name
        try:
            with path.open("rb") as file:
                digests[attestation.id] = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValueError):
            continue  # not there, no file, no name of a file, or not ours to read: nothing to compare
    return digests


def _check_ids(loaded: yamlfile.Loaded, key: str, ids: Sequence[str]) -> None:
    for place, id in enumerate(ids):
        if not id.strip():
            raise loaded.error((key, place, "id"), "the id is empty")
        if id in ids[:place]:
            raise loaded.error((key, place, "id"), f"the id {id!r} stands here twice")


def _check_filled(
    loaded: yamlfile.Loaded, where: yamlfile.Where, entry: Exemption | Attestation, names: Sequence[str]
) -> None:
    for name in names:
        if not getattr(entry, name).strip():
            raise loaded.error((*where, name), f"{entry.id}: {name} is empty")
