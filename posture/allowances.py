"""Exceptions and attestations: what people vouch for, beside what a scan sees.

An exception silences the gate for a finding, never the verdict. An attestation serves what no machine can test, and
never lifts a claim that one can.
"""

from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from posture import yamlfile
from posture.model import Finding, Value


class Exemption(Value):
    """An exception: one finding, or all of a claim's on resources that match, until the end of a day (UTC).

    A pattern that may match many resources says ``broad: true``.
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

    def covers(self, finding: Finding, now: datetime) -> bool:
        """Whether the exception is in force and speaks about this finding."""
        if expired(self.expires, now):
            return False
        if self.finding:
            return finding.id == self.finding
        word = finding.claim.split('"')[1]
        return self.claim == word and fnmatchcase(finding.resource.id.lower(), self.resource.lower())


class Attestation(Value):
    """Somebody vouches for a statement with a document, until the end of a day (UTC).

    ``statement`` reads ``profile/statement-id``; ``document_sha256`` is the hash of the file that was seen.
    """

    id: str
    statement: str
    who: str
    issued: date
    valid_until: date
    document: str
    document_sha256: str
    note: str = ""


class _Exemptions(Value):
    exceptions: tuple[Exemption, ...]


class _Attestations(Value):
    attestations: tuple[Attestation, ...]


def expired(day: date, now: datetime) -> bool:
    """Whether ``day`` is over: an expiry holds to the end of its day in UTC."""
    end = datetime.combine(day, time(), UTC) + timedelta(days=1)
    return now >= end


def load_exemptions(path: Path) -> tuple[Exemption, ...]:
    """The exceptions of a file. Raises yamlfile.FileError."""
    loaded = yamlfile.read(path)
    found = loaded.typed(_Exemptions).exceptions
    for place, exemption in enumerate(found):
        where: yamlfile.Where = ("exceptions", place)
        if bool(exemption.finding) == bool(exemption.claim and exemption.resource):
            raise loaded.error(where, f"{exemption.id}: name either `finding`, or `claim` and `resource`")
        if set("*?[") & set(exemption.resource) and not exemption.broad:
            raise loaded.error((*where, "resource"), f"{exemption.id}: a pattern with *, ? or [ needs `broad: true`")
    return found


def load_attestations(path: Path) -> tuple[Attestation, ...]:
    """The attestations of a file. Raises yamlfile.FileError."""
    return yamlfile.load(path, _Attestations).attestations
