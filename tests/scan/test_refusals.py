"""Take one operation away at a time: exactly the findings that need it become unknown, and no verdict gets better.

Each reader's operation is refused, throttled, left hanging and answered with a broken reply, one at a time, against
the good estates and through the real clients.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest

import posture_aws
import posture_azure
from posture.gate import Exit, Gate, foremost
from posture.model import Cause, Finding, Unknown, Verdict
from posture.plan import Plan
from posture.provider import Limits
from posture.registry import Registry
from posture.run.directory import Run
from posture.scan import Order, Scanned, plan_of, scan
from posture_estates import azure
from posture_estates.arm import ArmServer
from posture_estates.aws import AwsServer, seed
from scans import IMPATIENT, aws_credentials, aws_target, azure_credentials, azure_target, order_of

CAUSES = {
    "refused": {Cause.ACCESS_DENIED},
    "throttled": {Cause.THROTTLED},
    "hanging": {Cause.TIMEOUT},
    "broken": {Cause.MALFORMED_REPLY, Cause.UNREACHABLE},
}
"""A cut-off S3 reply is an internal error to botocore, hence the second cause of a broken one."""

MODES = list(CAUSES)
AWS = Registry([posture_aws])
AZURE = Registry([posture_azure])


class Estate:
    """A good estate, the scan of it as it is, and the switch that spoils one operation."""

    def __init__(
        self,
        registry: Registry,
        order: Order,
        folder: Any,
        spoil: Callable[[str, str, str], None],
        mend: Callable[[], None],
    ) -> None:
        self.registry = registry
        self.order = order
        self.plan = plan_of(order, registry)
        self.spoil = spoil
        self.mend = mend
        self._folder = folder
        self._scans = 0
        self.first = self.scan()  # pays for what moto and the SDKs load when they are first asked
        self.before = self.undisturbed()

    def scan(self, limits: Limits | None = None) -> tuple[Scanned, dict[str, Finding], Run]:
        self._scans += 1
        folder = self._folder / f"run-{self._scans}"
        order = self.order if limits is None else msgspec.structs.replace(self.order, limits=limits)
        result = scan(order, folder, self.registry)
        run = Run.open(folder)
        return result, {finding.id: finding for finding in run.findings()}, run

    def undisturbed(self) -> tuple[Scanned, dict[str, Finding], Run]:
        """A scan in which the emulator answered everything."""
        for _ in range(4):
            found = self.scan()
            if not any(call.gap for call in found[2].calls()):
                return found
        raise AssertionError("the good estate does not answer everything")

    def scan_spoiled(self, operation: str, permission: str, mode: str) -> tuple[Scanned, dict[str, Finding], Run]:
        """A scan while an operation is spoiled.

        Should the emulator fail another one, as it may when it is busy or asked by several threads, scan again.
        """
        for _ in range(4):
            found = self.scan(IMPATIENT if mode == "hanging" else None)
            gaps = [call for call in found[2].calls() if call.gap is not None]
            if all(call.operation == operation or call.gap.permission == permission for call in gaps):
                break
        return found


def orders(registry: Registry, profile: str) -> Plan:
    target = {"aws": registry.providers.get("aws"), "azure": registry.providers.get("azure")}
    name = next(name for name, provider in target.items() if provider is not None)
    made = registry.providers[name].target_type()
    from posture.config import Target

    return plan_of(order_of([Target(name=name, provider=name, settings=made)], profile, "baseline"), registry)


def steps(plan: Plan) -> list[tuple[str, str]]:
    return sorted({(step.operation, step.permission) for step in plan.steps})


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with ExitStack() as stack:
        stack.enter_context(aws_credentials())
        server = stack.enter_context(AwsServer())
        seed(server.url, "good")
        gate = server.gate

        def spoil(mode: str, operation: str, permission: str) -> None:
            match mode:
                case "refused":
                    gate.deny(operation, action=permission)
                case "throttled":
                    gate.throttle(operation)
                case "hanging":
                    gate.hang(operation, 4.0)
                case "broken":
                    gate.malformed(operation)

        order = order_of([aws_target(AWS, server)], "coding-rooms", "baseline")
        yield Estate(AWS, order, tmp_path_factory.mktemp("aws"), spoil, gate.clear)


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with ExitStack() as stack:
        server = stack.enter_context(ArmServer(azure.tenant("good")))
        stack.enter_context(azure_credentials(server))
        faults = server.faults

        def spoil(mode: str, operation: str, permission: str) -> None:
            match mode:
                case "refused":
                    faults.deny(permission)
                case "throttled":
                    faults.throttle(permission)
                case "hanging":
                    faults.hang(permission, 4.0)
                case "broken":
                    faults.malformed(permission)

        order = order_of([azure_target(AZURE, server)], "proctorio", "baseline")
        yield Estate(AZURE, order, tmp_path_factory.mktemp("azure"), spoil, faults.clear)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("operation", "permission"), steps(orders(AWS, "coding-rooms")))
def test_what_aws_does_not_answer_is_unknown(account: Estate, operation: str, permission: str, mode: str) -> None:
    check_spoiled(account, operation, permission, mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("operation", "permission"), steps(orders(AZURE, "proctorio")))
def test_what_azure_does_not_answer_is_unknown(tenant: Estate, operation: str, permission: str, mode: str) -> None:
    check_spoiled(tenant, operation, permission, mode)


def check_spoiled(estate: Estate, operation: str, permission: str, mode: str) -> None:
    estate.spoil(mode, operation, permission)
    try:
        result, after, run = estate.scan_spoiled(operation, permission, mode)
    finally:
        estate.mend()
    was, before, first = estate.before
    spoiled = {
        name for name, kind in needs(estate).items() if {operation} & kind or permission in permissions(estate, kind)
    }
    asked = any(call.operation == operation for call in first.calls())

    changed = [f for id, f in after.items() if id not in before or before[id].outcome != f.outcome]
    for finding in changed:
        assert finding.check in spoiled, f"{finding.check} does not need {operation}"
        outcome = finding.outcome
        assert isinstance(outcome, Unknown), f"{finding.check} of {finding.resource.name}: {outcome}"
        assert outcome.cause in CAUSES[mode]
        assert outcome.needs == permission
    for id in before.keys() - after.keys():
        assert before[id].check in spoiled, f"{before[id].check} lost a finding without need"
    if asked and judged_through(estate, operation, before):
        assert changed, f"nothing noticed that {operation} was {mode}"
        assert Exit.INCOMPLETE in Gate().codes(result.assessment)
    no_verdict_improves(was, result)
    assert all(
        call.gap is None or call.operation == operation or call.gap.permission == permission for call in run.calls()
    )


def needs(estate: Estate) -> dict[str, set[str]]:
    """The operations that each check's findings hang on, the inventory's stand-ins included."""
    registry = estate.registry
    found = {
        check.id: {r.operation for fact in (check.fact, *check.consulted) for r in registry.chain(fact)}
        for check in registry.checks.values()
    }
    for name in registry.providers:
        for reader in registry.readers_of(name):
            chain = registry.chain(reader.fact)
            found[f"{name}.inventory.{reader.fact.__name__}"] = {above.operation for above in chain}
    return found


def judged_through(estate: Estate, operation: str, before: dict[str, Finding]) -> bool:
    """Whether a finding is about what the operation reads; facts that are only consulted may turn out not to matter."""
    registry = estate.registry
    through = {
        check.id
        for check in registry.checks.values()
        if operation in {reader.operation for reader in registry.chain(check.fact)}
    }
    return any(finding.check in through for finding in before.values())


def permissions(estate: Estate, operations: set[str]) -> set[str]:
    """The permissions of operations: two operations may need the same one."""
    return {step.permission for step in estate.plan.steps if step.operation in operations}


RANK = {Verdict.VERIFIED: 2, Verdict.PARTLY_VERIFIED: 1, Verdict.CONTRADICTED: 1}
"""What a statement may fall to. One whose contradiction can no longer be seen is partly verified at the most."""


def no_verdict_improves(before: Scanned, after: Scanned) -> None:
    for old, new in zip(before.assessment.profiles, after.assessment.profiles, strict=True):
        for was, now in zip(old.statements, new.statements, strict=True):
            assert RANK.get(now.verdict, 0) <= RANK.get(was.verdict, 0), f"{now.id}: {was.verdict} became {now.verdict}"
            for claim_was, claim_now in zip(was.claims, now.claims, strict=True):
                assert RANK.get(claim_now.verdict, 0) <= RANK.get(claim_was.verdict, 0)
                if claim_now.tally.unknown > claim_was.tally.unknown:
                    assert claim_now.verdict is not Verdict.VERIFIED


def test_a_refusal_ends_an_otherwise_clean_scan_with_code_3(account: Estate) -> None:
    account.spoil("refused", "s3:GetBucketEncryption", "s3:GetEncryptionConfiguration")
    try:
        result, _, _ = account.scan()
    finally:
        account.mend()
    clean = [profile for profile in result.assessment.profiles if profile.id == "coding-rooms"]
    codes = Gate().codes(type(result.assessment)(profiles=tuple(clean), exceptions={}, expired_exceptions=()))
    assert foremost(codes) is Exit.INCOMPLETE


def test_two_scans_of_one_estate_have_the_same_finding_ids(account: Estate, tenant: Estate) -> None:
    for estate in (account, tenant):
        assert estate.first[1].keys() == estate.before[1].keys()


def test_every_reader_is_in_the_plan(account: Estate, tenant: Estate) -> None:
    for estate in (account, tenant):
        planned = {step.operation for step in estate.plan.steps}
        assert {reader.operation for reader in estate.registry.readers.values()} <= planned
