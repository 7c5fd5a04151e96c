"""The Azure tenant is what it says it is: in order, wrong where the table says so, empty, or refusing to be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import posture_profiles
import pytest

import kit
import posture_azure
from posture.assess import ClaimVerdict
from posture.claims import vocabulary
from posture.config import Target
from posture.model import Fact, Fail, Finding, Unknown, Value, Verdict
from posture.plan import Scoped
from posture.profile import load_profile
from posture.provider import Limits
from posture.reader import Reader
from posture.registry import Registry
from posture.run.directory import Run
from posture.scan import Order, Scanned, scan
from posture_azure import PROVIDER
from posture_azure.credentials import AzureTarget
from posture_azure.disks.facts import Snapshot
from posture_azure.recovery.items import ProtectedItem
from posture_azure.session import ArmSession
from posture_azure.source import ArmSource
from posture_estates.arm import ArmServer
from posture_estates.azure import BLIND, WRONG, State, Wrong, refuse, tenant
from posture_estates.azure.states import REFUSED

REGISTRY = Registry([posture_azure])
READERS = sorted(REGISTRY.readers.values(), key=lambda reader: reader.name)
LIMITS = Limits(connect=2, read=5, call=10, attempts=2, threads=4)
STATES: tuple[State, ...] = ("good", "drifted", "empty")

# In the drifted tenant only: of these kinds Resource Manager does not tell all that the claims ask for
DRIFTED_ONLY = (
    "posture_azure.backupvault.",
    "posture_azure.sql.connections.instance_sign_in",
    "posture_azure.sql.instance.",
    "posture_azure.sql.managed_database.",
)


class Outcomes(Value):
    """A scan with its findings and the statuses of its requests by permission."""

    scanned: Scanned
    findings: tuple[Finding, ...]
    answers: tuple[tuple[str, int], ...]

    @property
    def claims(self) -> list[ClaimVerdict]:
        """The claims that a check of this provider bears on."""
        statements = self.scanned.assessment.profiles[0].statements
        return [claim for statement in statements for claim in statement.claims if claim.tested]


def signed_in(arm: ArmServer, environment: pytest.MonkeyPatch) -> AzureTarget:
    environment.setenv("AZURE_TENANT_ID", arm.tenant_id)
    environment.setenv("AZURE_CLIENT_ID", arm.client_id)
    environment.setenv("AZURE_CLIENT_SECRET", arm.client_secret)
    return AzureTarget(tenant=arm.tenant_id, arm_endpoint=arm.url, authority=arm.url, ca_bundle=arm.ca_file)


def scanned(arm: ArmServer, folder: Path) -> Outcomes:
    profile = load_profile(Path(str(posture_profiles.__file__)).parent / "proctorio.yaml")
    with pytest.MonkeyPatch.context() as environment:
        target = Target(name="fernhill", provider="azure", settings=signed_in(arm, environment))
        uses = (Scoped(profile=profile, scopes=(profile.source.scope,)),)
        done = scan(Order(scoped=uses, targets=(target,), limits=LIMITS), folder, REGISTRY, now=kit.NOW)
    return Outcomes(
        scanned=done,
        findings=tuple(Run.open(folder).findings()),
        answers=tuple((asked.action, asked.status) for asked in arm.requests),
    )


def outcomes_of(state: State, folder: Path) -> Outcomes:
    with ArmServer(tenant(state, kit.NOW)) as arm:
        return scanned(arm, folder)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return outcomes_of("good", tmp_path_factory.mktemp("good") / "run")


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return outcomes_of("drifted", tmp_path_factory.mktemp("drifted") / "run")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return outcomes_of("empty", tmp_path_factory.mktemp("empty") / "run")


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    with ArmServer(tenant("good", kit.NOW)) as arm:
        refuse(arm.faults)
        return scanned(arm, tmp_path_factory.mktemp("refused") / "run")


def read_all(state: State) -> dict[str, list[Fact]]:
    """What every reader gives, by its name, whether or not a claim asks for it."""
    found: dict[str, list[Fact]] = {reader.name: [] for reader in READERS}
    with ArmServer(tenant(state, kit.NOW)) as arm, pytest.MonkeyPatch.context() as environment:
        target = signed_in(arm, environment)
        for place in PROVIDER.discover("fernhill", target, LIMITS).places:
            session = ArmSession(place, ArmSource(target, LIMITS), kit.NOW)
            for reader, fact in facts_of(session):
                found[reader.name].append(fact)
    return found


def facts_of(session: ArmSession, parent: Fact | None = None) -> Iterator[tuple[Reader, Fact]]:
    for reader in READERS:
        if reader.parent is (type(parent) if parent is not None else None):
            for fact in kit.read(reader, session, parent):
                yield reader, fact
                yield from facts_of(session, fact)


@pytest.fixture(scope="module")
def facts() -> dict[State, dict[str, list[Fact]]]:
    return {"good": read_all("good"), "drifted": read_all("drifted")}


def broken(outcomes: Outcomes) -> set[tuple[str, str]]:
    """Resources and claims of all Fails."""
    return {(f.resource.id, json.loads(f.claim)[0]) for f in outcomes.findings if isinstance(f.outcome, Fail)}


def key(wrong: Wrong) -> tuple[str, str]:
    return wrong.id.lower(), wrong.property


class TestDocuments:
    @pytest.mark.parametrize("state", STATES)
    def test_the_emulator_accepts_them_and_shows_both_subscriptions(
        self, state: State, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ArmServer(tenant(state)) as arm:
            found = PROVIDER.discover("fernhill", signed_in(arm, monkeypatch), LIMITS)
        assert (len(found.places), found.closed) == (2, ())

    def test_they_are_the_same_every_time_and_share_nothing(self) -> None:
        first, second = tenant("drifted", kit.NOW), tenant("drifted", kit.NOW)
        assert first == second
        first["resources"][0]["properties"]["networkAcls"].clear()
        assert second == tenant("drifted", kit.NOW)

    @pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
    def test_every_reader_finds_something(self, reader: Reader, facts: dict[State, dict[str, list[Fact]]]) -> None:
        late = reader.name.startswith(DRIFTED_ONLY)
        assert (bool(facts["good"][reader.name]), bool(facts["drifted"][reader.name])) == (not late, True)

    def test_backups_and_snapshots_are_of_the_night_before(self, facts: dict[State, dict[str, list[Fact]]]) -> None:
        dated = [fact for found in facts["good"].values() for fact in found]
        assert {fact.newest_days for fact in dated if isinstance(fact, ProtectedItem)} == {1}
        assert {fact.age_days for fact in dated if isinstance(fact, Snapshot)} == {1}


class TestGood:
    def test_nothing_fails_and_no_store_is_left_unjudged(self, good: Outcomes) -> None:
        assert broken(good) == set()
        assert [claim.word for claim in good.claims if claim.tally.blind] == []

    def test_every_claim_is_verified(self, good: Outcomes) -> None:
        assert [f.check for f in good.findings if isinstance(f.outcome, Unknown)] == []
        verdicts = {claim.word: claim.verdict for claim in good.claims}
        assert len(verdicts) >= 13
        assert set(verdicts.values()) == {Verdict.VERIFIED}

    def test_double_encryption_is_verified_as_the_document_says_it(self, good: Outcomes) -> None:
        (statement,) = (s for s in good.scanned.assessment.profiles[0].statements if s.id == "PR-2")
        assert statement.verdict is Verdict.VERIFIED


class TestDrifted:
    def test_what_is_wrong_fails_and_nothing_else(self, drifted: Outcomes) -> None:
        assert broken(drifted) == {key(wrong) for wrong in WRONG}

    def test_the_table_uses_the_vocabulary_and_names_nothing_twice(self) -> None:
        assert {wrong.property for wrong in WRONG} <= set(vocabulary())
        assert len({key(wrong) for wrong in WRONG}) == len(WRONG)

    def test_the_store_that_no_check_judges_is_told(self, drifted: Outcomes) -> None:
        blind = {kind for claim in drifted.claims for kind in claim.blind}
        assert blind == {"/".join(id.lower().rpartition("/providers/")[2].split("/")[:2]) for id in BLIND}


class TestEmpty:
    def test_nothing_is_verified(self, empty: Outcomes) -> None:
        assert sum(claim.tally.passed for claim in empty.claims) == 0
        verdicts = {statement.verdict for statement in empty.scanned.assessment.profiles[0].statements}
        assert verdicts == {Verdict.UNKNOWN, Verdict.NOT_TESTABLE}


class TestRefused:
    def test_exactly_the_withheld_reads_are_refused(self, refused: Outcomes) -> None:
        assert {action for action, status in refused.answers if status == 403} == set(REFUSED)
        assert {status for _, status in refused.answers} == {200, 403}

    def test_a_refused_read_is_unknown_under_its_permission_and_never_a_fail(self, refused: Outcomes) -> None:
        assert broken(refused) == set()
        assert {need for claim in refused.claims for need in claim.needs} == set(REFUSED)
        assert {claim.verdict for claim in refused.claims if claim.needs} <= {
            Verdict.PARTLY_VERIFIED,
            Verdict.UNKNOWN,
        }
