"""Scans of the emulated AWS account in each of its states: what comes out, and that nothing else was asked."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

import posture_aws
from posture.model import Cause, Fail, Finding, Pass, Unknown, Verdict
from posture.place import Where
from posture.plan import Plan
from posture.provider import Limits
from posture.registry import Registry
from posture.run.directory import Run
from posture.scan import plan_of, scan
from posture.session import Call
from posture_estates.aws import ACCOUNT, WRONG, AwsServer, Record, Wrong, located, refuse, seed
from scans import aws_credentials, aws_target, order_of, run_folder

HOME, AWAY = "us-east-1", "eu-west-1"
AWS = Registry([posture_aws])
PATIENT = Limits(attempts=1)
"""The emulator imports a service when it is first asked for it, which takes longer than a quick limit allows."""
DISCOVERY = Counter({("sts:GetCallerIdentity", HOME): 1, ("ec2:DescribeRegions", HOME): 1})

VERIFIED, PARTLY, CONTRADICTED, UNKNOWN = (
    Verdict.VERIFIED,
    Verdict.PARTLY_VERIFIED,
    Verdict.CONTRADICTED,
    Verdict.UNKNOWN,
)
TESTABLE = ("CR-3", "CR-4", "CR-7", "CR-8", "CR-9", "CR-10", "CR-11", "CR-15")
"""The statements with claims; those that are partly verified in the good account have a part that no scan can see."""
VERDICTS: Mapping[str, tuple[Verdict, ...]] = {
    "good": (PARTLY, PARTLY, PARTLY, PARTLY, VERIFIED, VERIFIED, VERIFIED, PARTLY),
    "drifted": (*[CONTRADICTED] * 6, VERIFIED, CONTRADICTED),
    "refused": (PARTLY, UNKNOWN, PARTLY, PARTLY, PARTLY, PARTLY, VERIFIED, PARTLY),
    "empty": (CONTRADICTED, CONTRADICTED, *[UNKNOWN] * 6),
}


@dataclass(frozen=True)
class Scanned:
    """What a scan of one state left behind, with the requests that the account saw."""

    plan: Plan
    claims: dict[
        str, dict[str, tuple[Verdict, bool]]
    ]  # profile → claim → its verdict, and whether any check bears on it
    statements: dict[str, Verdict]
    findings: tuple[Finding, ...]
    calls: tuple[Call, ...]
    requests: tuple[Record, ...]
    wrong: Mapping[Wrong, tuple[str, ...]]


Scans = Callable[[str], Scanned]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scans:
    """Scans by the state of the account, each made once, and one after the other: a process holds one account."""
    folder = tmp_path_factory.mktemp("runs")

    @cache
    def scanned(state: str) -> Scanned:
        with AwsServer() as server, aws_credentials():
            seed(server.url, "good" if state == "refused" else state)  # type: ignore[arg-type]
            wrong = located(server.url) if state == "drifted" else {}
            if state == "refused":
                refuse(server.gate)
            server.gate.forget()
            return result(server, wrong)

    def result(server: AwsServer, wrong: Mapping[Wrong, tuple[str, ...]]) -> Scanned:
        order = order_of([aws_target(AWS, server, HOME, AWAY)], "coding-rooms", "baseline", limits=PATIENT)
        done = scan(order, run_folder(folder), AWS)
        run = Run(folder / done.folder)
        claims = {
            profile.id: {claim.word: (claim.verdict, claim.tested) for s in profile.statements for claim in s.claims}
            for profile in done.assessment.profiles
        }
        statements = {s.id: s.verdict for profile in done.assessment.profiles for s in profile.statements}
        findings, calls = tuple(run.findings()), tuple(run.calls())
        return Scanned(plan_of(order, AWS), claims, statements, findings, calls, server.requests, wrong)

    return scanned


def judged(scan: Scanned, kind: type[Any]) -> list[Finding]:
    """The findings of the document's profile with this outcome."""
    return [f for f in scan.findings if "coding-rooms" in f.profiles and isinstance(f.outcome, kind)]


@pytest.mark.parametrize("state", VERDICTS)
def test_statements_have_the_verdicts_of_the_state(scanned: Scans, state: str) -> None:
    statements = scanned(state).statements
    assert tuple(statements[id] for id in TESTABLE) == VERDICTS[state]
    others = {verdict for id, verdict in statements.items() if id.startswith("CR-") and id not in TESTABLE}
    assert others == {Verdict.NOT_TESTABLE}


def test_a_good_account_verifies_every_claim_that_a_check_bears_on(scanned: Scans) -> None:
    good = scanned("good")
    claims = good.claims["coding-rooms"]
    on_the_wire = {"certificate-valid", "meets-tls-policy", "secure-cookies"}
    assert {word for word, (verdict, _) in claims.items() if verdict is not VERIFIED} == on_the_wire
    assert {claims[word] for word in on_the_wire} == {(UNKNOWN, False)}
    assert [(f.check, f.resource.name, f.outcome) for f in judged(good, Fail) + judged(good, Unknown)] == []


@pytest.mark.parametrize(
    "word", ["encryption-by-default", "key-rotation", "vault-protected", "backups-encrypted", "backups-exist"]
)
def test_a_good_account_verifies_what_the_document_does_not_promise(scanned: Scans, word: str) -> None:
    assert scanned("good").claims["baseline"][word] == (VERIFIED, True)


# Drifted.

CLAIMS = {
    "tls-minimum": "tls-minimum",
    "encrypted-at-rest": "encrypted-at-rest",
    "encrypted-by-default": "encryption-by-default",
    "not-public": "no-public-access",
    "not-shared": "not-shared",
    "logging": "activity-logged",
    "log-validation": "activity-logged",
    "threat-detection": "threat-detection",
    "vulnerability-scanning": "vulnerability-scanning",
}
KINDS = {
    "bucket": "aws.s3.bucket",
    "volume": "aws.ec2.volume",
    "snapshot": "aws.ec2.snapshot",
    "backup-snapshot": "aws.ec2.snapshot",
    "recovery-point": "aws.backup.recovery-point",
    "database": "aws.rds.db-instance",
    "database-snapshots": "aws.rds.db-snapshot",
    "automated-backup": "aws.rds.automated-backup",
    "listener": "aws.elbv2.listener",
}
OF_REGIONS = {  # judged region by region; a trail in every region that it records
    "trail": ("cloudtrail", (HOME, AWAY)),
    "detector": ("guardduty", (AWAY,)),
    "inspector": ("inspector2", (AWAY,)),
}
BLOCKS = {"account-public-access-block", "snapshot-public-access-block"}
"""They hold nothing themselves: that they are off shows in what they would have closed, which is wrong as well."""


def expected(wrong: Wrong, arns: tuple[str, ...]) -> set[tuple[str, str, str]]:
    """Claim, kind and id of the findings that something wrong must lead to."""
    if wrong.kind in BLOCKS:
        return set()
    if wrong.property == "tls-required":
        claim = "https-only" if wrong.kind == "listener" else "clear-text-refused"
    else:
        claim = CLAIMS[wrong.property]
    if wrong.kind in OF_REGIONS:
        service, regions = OF_REGIONS[wrong.kind]
        return {(claim, f"aws.{service}.region", f"arn:aws:{service}:{r}:{ACCOUNT}:region") for r in regions}
    if wrong.kind == "ebs-default-encryption":
        id = f"arn:aws:ec2:{wrong.region}:{ACCOUNT}:ebs-encryption-by-default"
        return {(claim, "aws.ec2.ebs-default-encryption", id)}
    return {(claim, KINDS[wrong.kind], arn) for arn in arns}


def test_a_drifted_account_fails_for_what_is_wrong_and_for_nothing_else(scanned: Scans) -> None:
    drifted = scanned("drifted")
    by_default = [f for f in drifted.findings if f.check == "aws.ec2.ebs-default-encryption"]
    failed = judged(drifted, Fail) + [finding for finding in by_default if isinstance(finding.outcome, Fail)]
    found = {(word(finding), finding.resource.kind, finding.resource.id) for finding in failed}
    assert tuple(drifted.wrong) == WRONG
    assert found == {triple for wrong, arns in drifted.wrong.items() for triple in expected(wrong, arns)}
    assert judged(drifted, Unknown) == []


def word(finding: Finding) -> str:
    return finding.claim.removeprefix('["').partition('"')[0]


# Refused.

UNREAD = {
    ("s3:GetEncryptionConfiguration", "aws.s3.bucket", "classroom-submissions", "encrypted-at-rest"),
    *(
        ("rds:DescribeDBSnapshots", "aws.rds.db-snapshot", f"all aws.rds.db-snapshot of {ACCOUNT} {region}", claim)
        for region in (HOME, AWAY)
        for claim in ("encrypted-at-rest", "no-public-access", "not-shared")
    ),
    *(
        ("elasticloadbalancing:DescribeListeners", "aws.elbv2.load-balancer", balancer, claim)
        for balancer in ("web", "video")
        for claim in ("tls-minimum", "strong-cipher-suites", "https-only")
    ),
    *(
        ("backup:ListRecoveryPointsByBackupVault", "aws.backup.vault", "classrooms", claim)
        for claim in ("encrypted-at-rest", "no-public-access", "not-shared")
    ),
    *(
        ("guardduty:ListDetectors", "aws.guardduty.region", f"all aws.guardduty.region of {ACCOUNT} {region}", claim)
        for region in (HOME, AWAY)
        for claim in ("threat-detection",)
    ),
    *(
        ("inspector2:BatchGetAccountStatus", kind, f"all {kind} of {ACCOUNT} {region}", "vulnerability-scanning")
        for region in (HOME, AWAY)
        for kind in ("aws.inspector2.region",)
    ),
}


def test_refused_reads_are_unknown_and_name_their_permission(scanned: Scans) -> None:
    refused = scanned("refused")
    unread = {
        (f.outcome.needs, f.resource.kind, f.resource.name, word(f), f.outcome.cause)
        for f in judged(refused, Unknown)
        if isinstance(f.outcome, Unknown)
    }
    keys = {row for row in unread if row[0] == "kms:DescribeKey"}
    assert {(kind, claim, cause) for _, kind, _, claim, cause in keys} == {
        ("aws.kms.key", "not-shared", Cause.ACCESS_DENIED)
    }
    assert len(keys) == 2
    assert unread - keys == {(*row, Cause.ACCESS_DENIED) for row in UNREAD}
    assert judged(refused, Fail) == []


def test_what_was_not_refused_is_judged_as_before(scanned: Scans) -> None:
    good = {(f.check, f.claim, f.resource.region, type(f.outcome)) for f in judged(scanned("good"), Pass)}
    refused = {(f.check, f.claim, f.resource.region, type(f.outcome)) for f in judged(scanned("refused"), Pass)}
    assert refused < good
    lost = {check.rpartition(".")[0] for check, *_ in good - refused}
    assert lost == {"aws.rds", "aws.elbv2", "aws.backup", "aws.guardduty", "aws.inspector2", "aws.kms"}


# Empty.


def test_an_empty_account_verifies_nothing(scanned: Scans) -> None:
    empty = scanned("empty")
    assert not {VERIFIED, PARTLY} & {empty.statements[id] for id in TESTABLE}
    assert judged(empty, Pass) == []


def test_an_empty_account_is_asked_its_listings_and_nothing_else(scanned: Scans) -> None:
    empty = scanned("empty")
    work = empty.plan.works["aws"]
    listings = Counter((root.operation, region) for root in work.roots(Where.REGION) for region in (HOME, AWAY))
    listings += Counter((root.operation, HOME) for root in work.roots(Where.ACCOUNT))
    assert Counter((call.operation, call.region) for call in empty.calls) == listings


# Calls.


@pytest.mark.parametrize("state", VERDICTS)
def test_every_request_is_in_the_ledger(scanned: Scans, state: str) -> None:
    scan = scanned(state)
    asked = Counter((call.operation, call.region) for call in scan.calls)
    assert Counter((f"{seen.service}:{seen.operation}", seen.region) for seen in scan.requests) == asked + DISCOVERY


def test_no_question_is_asked_twice(scanned: Scans) -> None:
    """Except for the selectors of a trail: each region that it reaches asks its home region."""
    times = Counter(call.question() for call in scanned("good").calls)
    repeated = {question.split('"')[1] for question, count in times.items() if count > 1}
    assert repeated == {"cloudtrail:GetEventSelectors"}


def test_every_operation_of_the_plan_is_performed_on_a_good_account(scanned: Scans) -> None:
    """Bucket ACLs alone are not read: the owners of the buckets own all objects, so S3 heeds none."""
    good = scanned("good")
    assert good.plan.operations("aws") - {call.operation for call in good.calls} == {"s3:GetBucketAcl"}
