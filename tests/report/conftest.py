"""Runs of the campus for tests of reports: one with everything a report shows, and others as a test seeds them."""

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from posture import yamlfile
from posture.allowances import Attestation, Exemption
from posture.config import Target
from posture.plan import Scoped
from posture.profile import build_profile
from posture.provider import Limits
from posture.report.view import View, build
from posture.run.directory import Run
from posture.scan import Order, scan
from report import campus

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PAGES = Path(__file__).parent / "pages"

PROFILE = """
id: campus
title: Campus, privacy page
document: {title: Privacy at the campus, vendor: Campus Ltd, sha256: DIGEST, dated: May 2026}
scope:
  exclude:
    - {name: "lost*", reason: belongs to nobody}
statements:
  - id: C-0
    section: headings
    summary: The title.
    class: background
    anchors: [{locator: title, sha256: DIGEST}]
  - id: C-1
    section: storage
    summary: Everything is kept under lock and key of 256 bits.
    class: testable
    anchors: [{locator: "paragraph 1, sentence 1", sha256: DIGEST}]
    claims:
      - claim: encrypted-at-rest
        with: {algorithm: AES-256}
        quantifier: all
        reading:
          words: everything
          meaning: Every locker.
          author: the auditors
          date: 2026-11-01
          reason: The page makes no exception.
  - id: C-2
    section: storage
    summary: Lockers hold, whatever their key.
    class: partly-testable
    anchors: [{locator: "paragraph 1, sentence 2", sha256: DIGEST}]
    claims: [{claim: encrypted-at-rest, with: {algorithm: any}}]
    remainder: That nobody copies a key.
  - id: C-3
    section: doors
    summary: Doors speak TLS 1.2.
    class: testable
    anchors: [{locator: "paragraph 2", sha256: DIGEST}]
    claims:
      - claim: tls-minimum
        with: {version: TLS 1.2, reading: minimum}
        alternative: {reading: supported}
  - id: C-4
    section: doors
    summary: Doors never speak SSL 2.0.
    class: testable
    anchors: [{locator: "paragraph 3", sha256: DIGEST}]
    claims: [{claim: tls-minimum, with: {version: SSL 2.0}}]
  - id: C-5
    section: copies
    summary: Copies are locked as well.
    class: testable
    anchors: [{locator: "paragraph 4", sha256: DIGEST}]
    claims: [{claim: backups-encrypted}]
  - id: C-6
    section: people
    summary: Staff are trained every year.
    class: organisational
    anchors: [{locator: "paragraph 5", sha256: DIGEST}]
    reason: "needs an attestation: the list of participants"
  - id: C-7
    section: people
    summary: The campus is certified.
    class: document
    anchors: [{locator: "paragraph 6", sha256: DIGEST}]
    reason: "needs an attestation: the certificate"
""".replace("DIGEST", hashlib.sha256(b"campus").hexdigest())


def locker(name: str, state: str = "locked", detail: str = "", id: str = "") -> dict[str, str]:
    """A row of the listing of lockers."""
    return {"id": id or f"campus:locker/{name}", "name": name, "state": state, "detail": detail}


def door(name: str, oldest: str) -> dict[str, str]:
    """A row of the listing of doors."""
    return {"id": f"campus:door/{name}", "name": name, "oldest": oldest}


FULL: dict[str, Any] = {
    "ListLockers north": [
        *(locker(f"locker-{number:02}") for number in range(30)),
        *(locker(f"open-{number:02}", "open") for number in range(25)),
        locker("lost-1"),
        locker("bare", "empty"),
    ],
    "ListLockers south": "access-denied",
    "ListShelves north": [{"id": "campus:shelf/1", "name": "shelf one"}],
    "ListShelves south": "throttled",
    "ListDoors north": [door("main gate", "TLS 1.0"), door("side gate", "TLS 1.3")],
}

ATTESTATIONS = (
    Attestation(
        id="A-1",
        statement="campus/C-6",
        who="Head of staff",
        issued=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
        document="training.pdf",
        document_sha256="ab" * 32,
    ),
    Attestation(
        id="A-2",
        statement="campus/C-7",
        who="Registrar",
        issued=date(2024, 1, 1),
        valid_until=date(2025, 1, 1),
        document="certificate.pdf",
        document_sha256="cd" * 32,
    ),
)
EXEMPTIONS = (
    Exemption(
        id="E-1",
        reason="the lock is on order",
        owner="facilities",
        approver="head",
        expires=date(2026, 12, 31),
        claim="encrypted-at-rest",
        resource="campus:locker/open-00",
    ),
    Exemption(
        id="E-2",
        reason="gone",
        owner="facilities",
        approver="head",
        expires=date(2026, 1, 1),
        claim="tls-minimum",
        resource="campus:door/main gate",
    ),
)

Scan = Callable[..., Run]


@pytest.fixture
def scanned(tmp_path: Path) -> Scan:
    """Scan an estate: ``scanned(estate, ..., profile=text)`` gives the run."""

    def make(*estates: campus.Estate, profile: str = PROFILE, more: tuple[str, ...] = (), **order: Any) -> Run:
        folder = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        profiles = [build_profile(yamlfile.parse(text, "campus.yaml")) for text in (profile, *more)]
        scan(
            Order(
                scoped=tuple(Scoped(profile=known, scopes=(known.source.scope,)) for known in profiles),
                targets=tuple(
                    Target(name=f"target-{place}", provider="campus", settings=estate)
                    for place, estate in enumerate(estates)
                ),
                limits=Limits(threads=2, places=1),
                **order,
            ),
            folder,
            campus.registry(),
            now=NOW,
        )
        return Run.open(folder)

    return make


@pytest.fixture
def run(scanned: Scan) -> Run:
    """A run in which every part of a report has something to show."""
    estate = campus.Estate(
        replies=FULL, regions=("north", "south"), closed={"west": "region-not-enabled", "east": "unreachable"}
    )
    return scanned(estate, campus.Estate(shut=True), attestations=ATTESTATIONS, exemptions=EXEMPTIONS)


@pytest.fixture
def view(run: Run) -> View:
    """The view of that run."""
    return build(run, campus.registry())


def agrees_with_page(name: str, text: str) -> bool:
    """Whether ``text`` is the stored page; with POSTURE_WRITE_PAGES=1 it becomes the stored page."""
    path = PAGES / name
    if os.environ.get("POSTURE_WRITE_PAGES") == "1":
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8") == text


def settled(view: View) -> View:
    """The view without what differs between two runs of one estate: call times seal, versions pass."""
    return msgspec.structs.replace(view, run=msgspec.structs.replace(view.run, seal="5ea1" * 16, tool="1.0"))
