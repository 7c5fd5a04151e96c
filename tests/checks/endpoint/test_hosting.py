"""Hosting: what ranges and accounts tell of an address, and how a promised provider or region is judged by it."""

import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

import posture.context
import posture_endpoint
from kit import NOW, Recorded, judge, place, read, session_of
from posture.check import Basis, Check, Fail, Incomplete, Outcome, Pass, Unknown
from posture.claims import HostedBy, HostedIn
from posture.config import Target
from posture.model import Cause, Exposed, Gap, Resource
from posture.plan import Scoped
from posture.profile import build_profile
from posture.provider import Limits
from posture.registry import Registry
from posture.run.directory import Run
from posture.scan import Order, evaluate_run, scan
from posture.scope import Match, Scope
from posture.session import GapFound
from posture.yamlfile import parse
from posture_endpoint import hosting, names
from posture_endpoint.hosting import AddressRange, OwnedBy, Owner, Range
from posture_endpoint.session import EndpointSession
from posture_endpoint.source import EndpointSource
from posture_endpoint.target import EndpointTarget
from posture_estates.endpoints.lab import EndpointLab

LIMITS = Limits(connect=1, read=1, call=5)
HOST = "www.example.org"
WHERE = place("endpoint", HOST, "443")


def address(number: str) -> names.Address:
    session = session_of(EndpointSession, Recorded({}), WHERE)
    return names.Address(
        resource=session.resource("endpoint.address", f"{HOST}|{number}|443", f"{HOST}:443@{number}"),
        host=HOST,
        port=443,
        address=number,
    )


ADDRESS = address("198.51.100.7")
DATES = (("aws", "2026-10-26"), ("azure", "2026-10-20"), ("cloudflare", "2026-10-26"))


def listed(provider: str = "aws", region: str | None = "eu-west-1", service: str = "", age: int = 29) -> Range:
    return Range(
        provider=provider, prefix="198.51.100.0/24", region=region, service=service, date="2026-10-26", age=age
    )


def seen(*ranges: Range, scope: str = "public", dates: tuple[tuple[str, str], ...] = DATES) -> AddressRange:
    return AddressRange(resource=ADDRESS.resource, scope=scope, ranges=ranges, dates=dates)


def owner(by: Any, cloud: str = "aws", region: str = "eu-west-1", id: str = "") -> Owner:
    return Owner(
        by=by,
        id=id or f"arn:aws:elasticloadbalancing:{region}:123456789012:loadbalancer/app/front/1",
        cloud=cloud,
        account="123456789012",
        region=region,
        name="front",
    )


def owned(*owners: Owner) -> tuple[OwnedBy, ...]:
    return (OwnedBy(resource=ADDRESS.resource, owners=owners),)


EDGE = owner("name", region="us-east-1", id="arn:aws:cloudfront::123456789012:distribution/E1")
LISTED = "lies in 198.51.100.0/24 of aws (eu-west-1, as listed on 2026-10-26)"
CDN = "lies in 198.51.100.0/24 of cloudflare (as listed on 2026-10-26)"
NAMED = "has a name of front in the aws account 123456789012"
HELD = "has an address of front in the aws account 123456789012"
OLD = "lay in 198.51.100.0/24 of aws on 2026-10-26, 181 days before the scan"
RENEW = "a newer snapshot: posture ranges refresh"
TWO = "lies in 198.51.100.0/24 of aws and 198.51.100.0/24 of cloudflare at once"
NOTHING = "lies in no range known to the snapshot of"


@pytest.mark.parametrize(
    ("fact", "owners", "expected"),
    [
        # by range alone
        (seen(listed()), (), Pass(LISTED, Basis.OBSERVED)),
        (
            seen(listed(region=None, service="EC2,S3")),
            (),
            Pass("lies in 198.51.100.0/24 of aws (EC2 and S3, as listed on 2026-10-26)", Basis.OBSERVED),
        ),
        (seen(listed("cloudflare", None)), (), Fail(CDN)),
        (seen(listed(age=180)), (), Pass(LISTED, Basis.OBSERVED)),
        (seen(listed(age=-3)), (), Pass(LISTED, Basis.OBSERVED)),
        (seen(listed(age=181)), (), Unknown(Cause.STALE, OLD, RENEW)),
        (
            seen(listed("cloudflare", None, age=181)),
            (),
            Unknown(Cause.STALE, OLD.replace("aws", "cloudflare"), RENEW),
        ),
        (seen(listed(), listed("cloudflare", None)), (), Unknown(Cause.DISAGREEMENT, TWO)),
        (seen(), (), Unknown(Cause.NOT_SUPPORTED, f"{NOTHING} 2026-10-26")),
        (
            seen(dates=(("azure", "2026-10-20"),)),
            (),
            Unknown(Cause.NOT_SUPPORTED, "lies in no known range, and none of aws are known"),
        ),
        (
            seen(scope="loopback"),
            (),
            Unknown(Cause.NOT_SUPPORTED, "has a loopback address, which no provider lists"),
        ),
        # an address that an account has goes before all else
        (seen(), (owner("address"),), Pass(HELD)),
        (seen(listed("cloudflare", None)), (owner("address"),), Pass(HELD)),
        (seen(listed()), (owner("address", "azure"),), Fail(HELD.replace("aws", "azure"))),
        (
            seen(listed()),
            (owner("address"), owner("address", "azure")),
            Unknown(Cause.DISAGREEMENT, f"{HELD}; yet it {HELD.replace('aws', 'azure')}"),
        ),
        # a name that an account has goes after the range
        (seen(listed()), (owner("name"),), Pass(f"{LISTED}; it {NAMED}", Basis.OBSERVED)),
        (seen(listed("cloudflare", None)), (owner("name"),), Fail(f"{CDN}; yet it {NAMED}")),
        (
            seen(listed()),
            (owner("name", "azure"),),
            Unknown(Cause.DISAGREEMENT, f"{LISTED}; yet it {NAMED.replace('aws', 'azure')}"),
        ),
        # and decides only where no list could have the address
        (seen(), (owner("name"),), Unknown(Cause.NOT_SUPPORTED, f"{NOTHING} 2026-10-26; yet it {NAMED}")),
        (seen(scope="private or reserved"), (owner("name"),), Pass(NAMED)),
        (seen(scope="loopback"), (EDGE,), Pass(NAMED)),
        (
            seen(scope="loopback"),
            (owner("alias"),),
            Pass("is an alias of front in the aws account 123456789012"),
        ),
        (seen(scope="loopback"), (owner("name", "azure"),), Fail(NAMED.replace("aws", "azure"))),
        # time alone turns no failure into a pass
        (
            seen(listed("cloudflare", None, age=181)),
            (owner("name"),),
            Unknown(Cause.STALE, OLD.replace("aws", "cloudflare"), RENEW),
        ),
    ],
)
def test_a_provider_is_judged_by_account_then_range_then_name(
    fact: AddressRange, owners: tuple[Owner, ...], expected: Outcome
) -> None:
    assert judge(hosting.provider, fact, HostedBy(provider="aws"), owned(*owners)) == expected


FRANKFURT = "lies in 198.51.100.0/24 of aws (eu-central-1, as listed on 2026-10-26)"


@pytest.mark.parametrize(
    ("fact", "owners", "expected"),
    [
        (seen(listed()), (), Pass(LISTED, Basis.OBSERVED)),
        (seen(listed(region="eu-central-1")), (), Fail(FRANKFURT)),
        (
            seen(listed("azure", "westeurope")),
            (),
            Pass("lies in 198.51.100.0/24 of azure (westeurope, as listed on 2026-10-26)", Basis.OBSERVED),
        ),
        (
            seen(listed(region=None, service="CLOUDFRONT")),
            (),
            Unknown(
                Cause.NOT_SUPPORTED,
                "lies in 198.51.100.0/24 of aws (CLOUDFRONT, as listed on 2026-10-26), which is in no one region",
            ),
        ),
        (seen(listed(region="eu-central-1", age=181)), (), Unknown(Cause.STALE, OLD, RENEW)),
        (seen(), (), Unknown(Cause.NOT_SUPPORTED, f"{NOTHING} 2026-10-20 to 2026-10-26")),
        (seen(), (owner("address"),), Pass(f"{HELD}, in eu-west-1")),
        (seen(listed()), (owner("address", region="us-east-1"),), Fail(f"{HELD}, in us-east-1")),
        (
            seen(),
            (owner("name"),),
            Unknown(Cause.NOT_SUPPORTED, f"{NOTHING} 2026-10-20 to 2026-10-26; yet it {NAMED}, in eu-west-1"),
        ),
        (seen(scope="loopback"), (owner("name"),), Pass(f"{NAMED}, in eu-west-1")),
        (seen(listed()), (owner("name"),), Pass(f"{LISTED}; it {NAMED}, in eu-west-1", Basis.OBSERVED)),
        (
            seen(listed(region="eu-central-1")),
            (owner("name"),),
            Fail(f"{FRANKFURT}; yet it {NAMED}, in eu-west-1"),
        ),
        # a resource of no region tells none, and a name never stands in for the edge
        (seen(listed()), (EDGE,), Pass(LISTED, Basis.OBSERVED)),
        (seen(), (EDGE,), Unknown(Cause.NOT_SUPPORTED, f"{NOTHING} 2026-10-20 to 2026-10-26")),
        (
            seen(),
            (owner("name", "azure", "global", "/subscriptions/1/x"),),
            Unknown(Cause.NOT_SUPPORTED, f"{NOTHING} 2026-10-20 to 2026-10-26"),
        ),
        (
            seen(listed(region=None)),
            (owner("name"),),
            Unknown(
                Cause.NOT_SUPPORTED,
                "lies in 198.51.100.0/24 of aws (as listed on 2026-10-26), which is in no one region",
            ),
        ),
    ],
)
def test_a_region_is_judged_by_account_then_range_then_name(
    fact: AddressRange, owners: tuple[Owner, ...], expected: Outcome
) -> None:
    claim = HostedIn(regions=("eu-west-1", "West Europe"))
    assert judge(hosting.region, fact, claim, owned(*owners)) == expected


@pytest.mark.parametrize("check", [hosting.provider, hosting.region])
def test_accounts_that_did_not_answer_make_it_unknown(check: Check) -> None:
    gap = Gap(cause=Cause.UNREACHABLE, detail="no DNS", operation="account:Names")
    claim = HostedBy(provider="aws") if check is hosting.provider else HostedIn(regions=("eu-west-1",))
    assert judge(check, seen(listed()), claim, Incomplete.of((), gap)) == Unknown(Cause.UNREACHABLE, "no DNS")


def test_a_range_is_as_old_as_the_scan_says() -> None:
    found = {"provider": "aws", "prefix": "198.51.100.0/24", "region": None, "service": "EC2", "date": "2026-10-26"}
    reply = {"scope": "public", "dates": {"azure": "2026-10-20", "aws": "2026-10-26"}, "found": [found]}
    answers = Recorded({"ranges:Find": reply})
    (fact,) = read(hosting.address_range, session_of(EndpointSession, answers, WHERE), ADDRESS)
    assert fact == AddressRange(
        resource=ADDRESS.resource,
        scope="public",
        ranges=(listed(region=None, service="EC2", age=(NOW.date() - datetime(2026, 10, 26).date()).days),),
        dates=(("aws", "2026-10-26"), ("azure", "2026-10-20")),
    )
    assert answers.asked == [("ranges:Find", {"host": HOST, "port": 443, "ip": "198.51.100.7"}, "443")]


def test_owners_are_read_and_none_is_a_fact() -> None:
    found = owner("name")
    for reply, expected in (([msgspec.to_builtins(found)], (found,)), ([], ())):
        answers = Recorded({"account:Names": {"alias": "", "owners": reply}})
        (fact,) = read(hosting.owned_by, session_of(EndpointSession, answers, WHERE), ADDRESS)
        assert fact == OwnedBy(resource=ADDRESS.resource, owners=expected)


@pytest.mark.parametrize(
    ("reader", "operation"), [(hosting.address_range, "ranges:Find"), (hosting.owned_by, "account:Names")]
)
def test_a_gap_is_no_fact(reader: Any, operation: str) -> None:
    answers = Recorded({operation: Cause.TOOL_ERROR})
    with pytest.raises(GapFound, match="tool-error"):
        read(reader, session_of(EndpointSession, answers, WHERE), ADDRESS)


def exposed(host: str, *addresses: str, name: str = "front", cloud: str = "aws") -> Exposed:
    id = f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/{name}/1"
    thing = Resource(id=id, kind="x", cloud=cloud, account="123456789012", region="eu-west-1", name=name)
    return Exposed(host=host, ports=(443,), resource=thing, addresses=addresses)


def source(names: Sequence[Exposed] = (), **fields: Any) -> EndpointSource:
    return EndpointSource(WHERE, EndpointTarget(hosts=(HOST,), **fields), LIMITS, names)


def owners_of(answers: EndpointSource, number: str = "198.51.100.7") -> tuple[Owner, ...]:
    fact = read(hosting.owned_by, session_of(EndpointSession, answers, WHERE), address(number))[0]
    assert isinstance(fact, OwnedBy)
    return fact.owners


def dns(monkeypatch: pytest.MonkeyPatch, canonical: str) -> None:
    answer = [(0, 0, 0, canonical, ("198.51.100.7", 443)), (0, 0, 0, "", ("198.51.100.8", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)


@pytest.mark.parametrize(
    ("known", "number", "by"),
    [
        (exposed(HOST), "198.51.100.7", ["name"]),
        (exposed("*.example.org"), "198.51.100.7", ["name"]),
        (exposed("*.org"), "198.51.100.7", []),
        (exposed("example.org"), "198.51.100.7", []),
        (exposed("a.elb.example", "198.51.100.7"), "198.51.100.7", ["address"]),
        (exposed("a.elb.example", "198.51.100.8"), "198.51.100.7", []),
        (exposed("a.elb.example", "2001:DB8::0:1"), "2001:db8::1", ["address"]),
        (exposed("a.elb.example", "198.51.100.7"), "::ffff:198.51.100.7", ["address"]),
        (exposed(HOST, "198.51.100.7"), "198.51.100.7", ["address", "name"]),
    ],
)
def test_an_endpoint_is_found_among_what_the_accounts_have(
    monkeypatch: pytest.MonkeyPatch, known: Exposed, number: str, by: list[str]
) -> None:
    dns(monkeypatch, HOST)
    assert [one.by for one in owners_of(source((exposed("other.example", name="other"), known)), number)] == by


@pytest.mark.parametrize("canonical", ["A.elb.example.", "dualstack.a.elb.example"])
def test_an_alias_in_dns_leads_to_the_resource(monkeypatch: pytest.MonkeyPatch, canonical: str) -> None:
    dns(monkeypatch, canonical)
    assert owners_of(source((exposed("a.elb.example"), exposed("b.elb.example", name="b")))) == (owner("alias"),)


def test_dns_is_not_asked_where_it_can_add_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert owners_of(source()) == ()
    assert len(owners_of(source((exposed(HOST),)))) == 1
    fixed = {"resolve": {HOST: ("198.51.100.7",)}}
    assert owners_of(source((exposed("a.elb.example"),), **fixed)) == ()


def test_a_dns_that_does_not_answer_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(GapFound, match=r"unreachable: www\.example\.org has no canonical name: Temporary failure"):
        owners_of(source((exposed("a.elb.example"),)))


@pytest.mark.parametrize(
    ("number", "scope"),
    [
        ("52.4.0.1", "public"),
        ("10.0.0.1", "private or reserved"),
        ("100.64.0.1", "private or reserved"),
        ("127.0.0.1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("224.0.0.1", "multicast"),
        ("0.0.0.0", "unspecified"),
        ("2600:1f18::1", "public"),
    ],
)
def test_an_address_that_is_not_public_is_called_what_it_is(number: str, scope: str) -> None:
    (fact,) = read(hosting.address_range, session_of(EndpointSession, source(), WHERE), address(number))
    assert isinstance(fact, AddressRange)
    assert fact.scope == scope
    assert bool(fact.ranges) == (scope == "public")


def test_a_file_of_ranges_that_cannot_be_used_is_a_gap(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("no ranges")
    for path, message in ((wrong, "wrong.txt:1: a prefix stands before"), (tmp_path / "absent.txt", "No such file")):
        with pytest.raises(GapFound, match=message) as found:
            read(
                hosting.address_range,
                session_of(EndpointSession, source(ranges=str(path)), WHERE),
                ADDRESS,
            )
        assert found.value.gap.cause is Cause.TOOL_ERROR


PROFILE = """
id: {provider}
title: Where a product is
statements:
  - id: provider
    summary: at the provider
    class: testable
    claims: [{{claim: hosted-by, with: {{provider: {provider}}}}}]
  - id: region
    summary: in the region
    class: testable
    claims: [{{claim: hosted-in, with: {{regions: [{region}]}}}}]
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab() as running:
        yield running


def order(lab: EndpointLab, ranges: Path, servers: dict[str, tuple[str, str]]) -> Order:
    """A profile for each provider, which speaks about the servers that are said to be there."""
    hosts = {provider: lab.endpoints[server].host for provider, (server, _) in servers.items()}
    settings = EndpointTarget(
        hosts=tuple(f"{host}:{lab.port}" for host in hosts.values()),
        http_port=lab.http_port,
        ca_file=str(lab.ca_file),
        resolve={host: tuple(lab.resolve[host]) for host in hosts.values()},
        ranges=str(ranges),
    )
    return Order(
        scoped=tuple(
            Scoped(
                profile=build_profile(parse(PROFILE.format(provider=provider, region=region), "p.yaml")),
                scopes=(Scope(include=(Match(account=hosts[provider]),)),),
            )
            for provider, (_, region) in servers.items()
        ),
        targets=(Target(name="web", provider="endpoint", settings=settings),),
        limits=LIMITS,
    )


@pytest.mark.parametrize(
    ("azure", "day", "expected"),
    [
        ("azure", "today", {"aws": "verified", "azure": "verified"}),
        ("digitalocean", "today", {"aws": "verified", "azure": "contradicted"}),
        ("azure", "2020-01-01", {"aws": "verified", "azure": "unknown"}),
    ],
)
def test_a_scan_judges_each_document_by_its_own_endpoints_and_again_offline(
    lab: EndpointLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, azure: str, day: str, expected: dict[str, str]
) -> None:
    monkeypatch.setattr(posture.context, "installed", lambda folder=None: Registry([posture_endpoint]))
    today = datetime.now(UTC).date().isoformat()
    good, other = (lab.endpoints[name].address for name in ("good", "expired"))
    ranges = tmp_path / "ranges.txt"
    ranges.write_text(
        f"[aws] {today}\n{good}/32 eu-west-1 EC2\n"
        f"[{azure}] {today if day == 'today' else day}\n{other}/32 {'westeurope' if azure == 'azure' else 'nowhere'}\n"
    )
    settings = order(lab, ranges, {"aws": ("good", "eu-west-1"), "azure": ("expired", "westeurope")})
    scanned = scan(settings, tmp_path / "run", Registry([posture_endpoint]))
    run = Run.open(tmp_path / "run")
    run.verify()
    ranges.unlink()
    for profile, word in zip(scanned.assessment.profiles, expected.values(), strict=True):
        assert {one.id: one.verdict for one in profile.statements} == {"provider": word, "region": word}
    assert msgspec.json.encode(evaluate_run(run)) == msgspec.json.encode(scanned.assessment)
