"""Load balancers: what is read of them, and how TLS policies, cipher suites and plain HTTP are judged."""

from typing import Any

import msgspec
import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Fail, NotApplicable, Outcome, Pass, Unknown
from posture.check import Incomplete as Cut
from posture.claims import HostedBy, HostedIn, HttpsOnly, StrongCipherSuites, TlsMinimum, TlsVersion
from posture.model import Cause, Fact, Gap, Resource
from posture.reader import GapFound
from posture.session import Answer as SourceAnswer
from posture_aws import elbv2
from posture_aws.elbv2 import Answer, Listener, ListenerRules, LoadBalancer, TlsPolicy
from posture_aws.session import AwsSession

LB = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/1"
LISTENER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/1/2"
HOST = "web-1.us-east-1.elb.amazonaws.com"
DENIED = Gap(cause=Cause.ACCESS_DENIED, detail="no", operation="elbv2:Describe", permission="elasticloadbalancing:D")


def resource(kind: str, id: str, name: str) -> Resource:
    return Resource(id=id, kind=kind, cloud="aws", account="123456789012", region="us-east-1", name=name, tags=None)


BALANCER = LoadBalancer(
    resource=resource(LoadBalancer.kind, LB, "web"), form="application", scheme="internet-facing", host=HOST
)
TO_HTTPS = Answer(kind="redirect", protocol="HTTPS", status="", content=False)
TO_ITSELF = Answer(kind="redirect", protocol="#{protocol}", status="", content=False)
FORWARD = Answer(kind="forward", protocol="", status="", content=False)
REFUSAL = Answer(kind="fixed-response", protocol="", status="403", content=False)
PAGE = Answer(kind="fixed-response", protocol="", status="200", content=True)
STRANGE = Answer(kind="sing", protocol="", status="", content=False)


def listener(protocol: str = "HTTPS", policy: str | None = "p", answers: tuple[Answer, ...] = (FORWARD,)) -> Listener:
    return Listener(
        resource=resource(Listener.kind, LISTENER, "web:443"),
        scheme="internet-facing",
        host=HOST,
        port=443,
        protocol=protocol,
        policy=policy,
        answers=answers,
    )


def policy(*protocols: str, suites: tuple[str, ...] = ("TLS_AES_128_GCM_SHA256",), name: str = "p") -> TlsPolicy:
    return TlsPolicy(
        resource=resource(TlsPolicy.kind, f"x/{name}", name), protocols=frozenset(protocols), suites=suites
    )


def rules(*answers: Answer) -> ListenerRules:
    return ListenerRules(resource=listener().resource, answers=answers)


def readings(reader: Any, replies: dict[str, Any], parent: Fact | None = None) -> tuple[list[Any], Recorded]:
    source = Recorded(replies)
    return read(reader, session_of(AwsSession, source), parent), source


def test_every_page_of_load_balancers_is_read() -> None:
    found = {"LoadBalancerArn": LB, "LoadBalancerName": "web", "Type": "application", "Scheme": "internet-facing"}
    found["DNSName"] = "Web-1.us-east-1.elb.amazonaws.com"
    gateway = {"LoadBalancerArn": LB + "2", "LoadBalancerName": "gw", "Type": "gateway"}
    pages = [{"LoadBalancers": [found], "NextMarker": "m"}, {"LoadBalancers": [gateway]}]
    facts, source = readings(elbv2.load_balancers, {"elbv2:DescribeLoadBalancers": pages})
    gate = LoadBalancer(resource=resource(LoadBalancer.kind, LB + "2", "gw"), form="gateway", scheme="", host="")
    assert facts == [BALANCER, gate]
    assert [asked[1] for asked in source.asked] == [{"PageSize": 400}, {"PageSize": 400, "Marker": "m"}]


def test_a_listener_is_read_with_its_policy_and_default_actions() -> None:
    https = {"ListenerArn": LISTENER, "Port": 443, "Protocol": "HTTPS", "SslPolicy": "p"}
    reply = {"Listeners": [https | {"DefaultActions": [{"Type": "forward", "TargetGroupArn": "t"}]}]}
    facts, source = readings(elbv2.listeners, {"elbv2:DescribeListeners": reply}, BALANCER)
    assert facts == [listener()]
    assert source.asked[0][1] == {"LoadBalancerArn": LB, "PageSize": 400}


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ({"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}, TO_HTTPS),
        ({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}, REFUSAL),
        ({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "hello"}}, PAGE),
    ],
)
def test_a_default_action_is_read(action: dict[str, Any], answer: Answer) -> None:
    http = {"ListenerArn": LISTENER, "Port": 443, "Protocol": "HTTP", "DefaultActions": [action]}
    facts, _ = readings(elbv2.listeners, {"elbv2:DescribeListeners": {"Listeners": [http]}}, BALANCER)
    assert facts == [listener("HTTP", None, (answer,))]


def test_a_gateway_listener_speaks_geneve_without_saying_so() -> None:
    gateway = LoadBalancer(resource=BALANCER.resource, form="gateway", scheme="", host="")
    reply = {"Listeners": [{"ListenerArn": LISTENER, "DefaultActions": [{"Type": "forward"}]}]}
    (fact,), _ = readings(elbv2.listeners, {"elbv2:DescribeListeners": reply}, gateway)
    assert (fact.protocol, fact.resource.name) == ("GENEVE", "web")


def test_a_listener_without_protocol_is_malformed_elsewhere() -> None:
    reply = {"Listeners": [{"ListenerArn": LISTENER, "Port": 1, "DefaultActions": []}]}
    with pytest.raises(KeyError):
        readings(elbv2.listeners, {"elbv2:DescribeListeners": reply}, BALANCER)


def test_rules_are_asked_for_where_the_default_does_not_decide() -> None:
    pages = [
        {"Rules": [{"Actions": [{"Type": "forward"}]}], "NextMarker": "m"},
        {"Rules": [{"Actions": [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS"}}]}]},
    ]
    facts, source = readings(elbv2.listener_rules, {"elbv2:DescribeRules": pages}, listener("HTTP", None, (TO_HTTPS,)))
    assert facts == [rules(FORWARD, TO_HTTPS)]
    assert source.asked[1][1] == {"ListenerArn": LISTENER, "PageSize": 400, "Marker": "m"}


@pytest.mark.parametrize("found", [listener(), listener("TCP", None), listener("HTTP", None, (FORWARD,))])
def test_rules_are_not_asked_for_where_they_change_nothing(found: Listener) -> None:
    facts, source = readings(elbv2.listener_rules, {}, found)
    assert (facts, source.asked) == ([], [])


def test_the_tls_policy_of_a_listener_is_read_with_protocols_and_suites() -> None:
    reply = {"SslPolicies": [{"Name": "p", "SslProtocols": ["TLSv1.2"], "Ciphers": [{"Name": "AES128-SHA"}]}]}
    facts, source = readings(elbv2.tls_policies, {"elbv2:DescribeSSLPolicies": reply}, listener())
    id = "arn:aws:elasticloadbalancing:us-east-1:123456789012:ssl-policy/p"
    assert facts == [
        TlsPolicy(resource=resource(TlsPolicy.kind, id, "p"), protocols=frozenset({"TLSv1.2"}), suites=("AES128-SHA",))
    ]
    assert source.asked[0][1] == {"Names": ["p"]}


def test_no_tls_policy_is_asked_for_where_there_is_none() -> None:
    assert readings(elbv2.tls_policies, {}, listener("HTTP", None, (FORWARD,)))[0] == []


def test_a_tls_policy_that_aws_does_not_list_gives_nothing() -> None:
    unknown = {"elbv2:DescribeSSLPolicies": SourceAnswer(absent="SSLPolicyNotFound", status=400)}
    assert readings(elbv2.tls_policies, unknown, listener())[0] == []


@pytest.mark.parametrize(
    ("reader", "parent"),
    [
        (elbv2.load_balancers, None),
        (elbv2.listeners, BALANCER),
        (elbv2.listener_rules, listener("HTTP", None, (TO_HTTPS,))),
        (elbv2.tls_policies, listener()),
    ],
)
def test_a_refused_read_names_the_permission(reader: Any, parent: Fact | None) -> None:
    with pytest.raises(GapFound) as found:
        readings(reader, {reader.operation: Cause.ACCESS_DENIED}, parent)
    assert found.value.gap.permission == reader.operation.replace("elbv2:", "elasticloadbalancing:")


WHERE = "(by p, internet-facing)"
TLS12, TLS13 = TlsMinimum(), TlsMinimum(version=TlsVersion.TLS13)
HAS12 = TlsMinimum(reading="supported")


@pytest.mark.parametrize(
    ("found", "claim", "policies", "outcome"),
    [
        (listener(), TLS12, (policy("TLSv1.2", "TLSv1.3"),), Pass(f"accepts nothing older than TLS 1.2 {WHERE}")),
        (listener("TLS"), TLS12, (policy("TLSv1.3"),), Pass(f"accepts nothing older than TLS 1.3 {WHERE}")),
        (listener(), TLS13, (policy("TLSv1.2", "TLSv1.3"),), Fail(f"accepts TLS 1.2 {WHERE}")),
        (listener(), TLS12, (policy("TLSv1", "TLSv1.1", "TLSv1.2"),), Fail(f"accepts TLS 1.0 {WHERE}")),
        (listener(), HAS12, (policy("TLSv1", "TLSv1.2"),), Pass(f"accepts TLS 1.2 {WHERE}")),
        (listener(), HAS12, (policy("TLSv1.3"),), Fail(f"does not accept TLS 1.2 {WHERE}")),
        (
            listener(),
            TLS12,
            (policy("TLSv1.2", "TLSv9"),),
            Unknown(Cause.NOT_SUPPORTED, "has a TLS policy with TLSv9, which is not known here"),
        ),
        (
            listener(),
            HAS12,
            (policy("TLSv9"),),
            Unknown(Cause.NOT_SUPPORTED, "has a TLS policy with TLSv9, which is not known here"),
        ),
        (listener(), TLS12, (policy("TLSv1", "TLSv9"),), Fail(f"accepts TLS 1.0 {WHERE}")),
        (
            listener(),
            TLS12,
            (policy(),),
            Unknown(Cause.NOT_SUPPORTED, "has a TLS policy with no protocol, which is not known here"),
        ),
        (
            listener(policy="ELBSecurityPolicy-TLS13-1-2-2021-06"),
            TLS12,
            (policy("TLSv1.2"),),
            Unknown(
                Cause.NOT_SUPPORTED,
                "has the TLS policy ELBSecurityPolicy-TLS13-1-2-2021-06, which AWS does not list",
            ),
        ),
        (listener(), TLS12, Cut.of((), DENIED), Unknown(Cause.ACCESS_DENIED, "no", "elasticloadbalancing:D")),
        (listener("HTTP", None), TLS12, (), NotApplicable("speaks plain HTTP, which is judged on its own")),
        (listener("TCP", None), TLS12, (), NotApplicable("passes TCP through, so its targets decide")),
        (listener("GENEVE", None), TLS12, (), NotApplicable("passes GENEVE through, so its targets decide")),
        (
            listener("SMTP", None),
            TLS12,
            (),
            Unknown(Cause.NOT_SUPPORTED, "speaks SMTP, which is not known here"),
        ),
    ],
)
def test_tls_is_judged_by_the_protocols_that_aws_lists(
    found: Listener, claim: TlsMinimum, policies: Any, outcome: Outcome
) -> None:
    assert judge(elbv2.tls_version, found, claim, policies) == outcome


@pytest.mark.parametrize(
    ("suites", "forward", "outcome"),
    [
        (("TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES256-SHA"), True, Pass(f"accepts strong suites only {WHERE}")),
        (("TLS_CHACHA20_POLY1305_SHA256",), True, Pass(f"accepts strong suites only {WHERE}")),
        (("AES128-SHA",), False, Pass(f"accepts strong suites only {WHERE}")),
        (("AES128-SHA",), True, Fail(f"accepts AES128-SHA, without forward secrecy {WHERE}")),
        (("DES-CBC3-SHA", "AES128-SHA"), False, Fail(f"accepts DES-CBC3-SHA {WHERE}")),
        (("ECDHE-RSA-RC4-SHA",), False, Fail(f"accepts ECDHE-RSA-RC4-SHA {WHERE}")),
        (("NULL-MD5",), False, Fail(f"accepts NULL-MD5 {WHERE}")),
        (("EXP-RC4-MD5",), False, Fail(f"accepts EXP-RC4-MD5 {WHERE}")),
        (("ADH-AES128-SHA",), False, Fail(f"accepts ADH-AES128-SHA {WHERE}")),
        (("CAMELLIA256-SHA",), False, Fail(f"accepts CAMELLIA256-SHA {WHERE}")),
        ((), False, Unknown(Cause.MALFORMED_REPLY, f"has a TLS policy without cipher suites {WHERE}")),
    ],
)
def test_suites_are_judged_by_the_list_that_aws_gives(suites: tuple[str, ...], forward: bool, outcome: Outcome) -> None:
    claim = StrongCipherSuites(forward_secrecy=forward)
    assert judge(elbv2.cipher_suites, listener(), claim, (policy("TLSv1.2", suites=suites),)) == outcome


def test_suites_of_plain_http_are_not_applicable() -> None:
    outcome = judge(elbv2.cipher_suites, listener("HTTP", None), StrongCipherSuites(), ())
    assert outcome == NotApplicable("speaks plain HTTP, which is judged on its own")


@pytest.mark.parametrize(
    ("found", "known", "outcome"),
    [
        (listener(), (), Pass("answers over TLS alone (internet-facing)")),
        (listener("TLS"), (), Pass("answers over TLS alone (internet-facing)")),
        (listener("TCP", None), (), NotApplicable("passes TCP through, so its targets decide")),
        (listener("UDP", None), (), NotApplicable("passes UDP through, so its targets decide")),
        (listener("SMTP"), (), Unknown(Cause.NOT_SUPPORTED, "speaks SMTP, which is not known here")),
        (listener("HTTP"), (), Fail("answers plain HTTP with a forward (internet-facing)")),
        (listener("HTTP"), Cut.of((), DENIED), Fail("answers plain HTTP with a forward (internet-facing)")),
        (listener("HTTP", None, (PAGE,)), (), Fail("answers plain HTTP with a fixed-response (internet-facing)")),
        (listener("HTTP", None, (TO_ITSELF,)), (), Fail("answers plain HTTP with a redirect (internet-facing)")),
        (
            listener("HTTP", None, (Answer(kind="redirect", protocol="", status="", content=False),)),
            (),
            Unknown(Cause.NOT_SUPPORTED, "redirects plain HTTP without saying to which protocol"),
        ),
        (
            listener("HTTP", None, (STRANGE,)),
            (),
            Unknown(Cause.NOT_SUPPORTED, "answers plain HTTP with sing, which is not known here"),
        ),
        (
            listener("HTTP", None, (TO_HTTPS,)),
            (rules(TO_HTTPS, REFUSAL),),
            Pass("redirects plain HTTP to HTTPS or refuses it (internet-facing)"),
        ),
        (
            listener("HTTP", None, (TO_HTTPS,)),
            (rules(TO_HTTPS, FORWARD),),
            Fail("answers plain HTTP with a forward (internet-facing)"),
        ),
        (
            listener("HTTP", None, (TO_HTTPS,)),
            Cut.of((), DENIED),
            Unknown(Cause.ACCESS_DENIED, "no", "elasticloadbalancing:D"),
        ),
        (
            listener("HTTP", None, (TO_HTTPS,)),
            (),
            Unknown(Cause.DISAGREEMENT, "has no rules in the listing, not even its default"),
        ),
    ],
)
def test_plain_http_may_redirect_or_refuse_by_every_rule(found: Listener, known: Any, outcome: Outcome) -> None:
    assert judge(elbv2.https_only, found, HttpsOnly(), known) == outcome


def test_strict_transport_security_does_not_show_in_a_listener() -> None:
    outcome = judge(elbv2.https_only, listener(), HttpsOnly(hsts_days=180), ())
    assert outcome == Unknown(
        Cause.NOT_SUPPORTED, "answers over TLS (internet-facing), and HSTS shows on the wire only"
    )


def test_a_load_balancer_runs_on_aws_in_its_region() -> None:
    assert judge(elbv2.provider, BALANCER, HostedBy(provider="aws")) == Pass("runs on AWS")
    assert judge(elbv2.provider, BALANCER, HostedBy(provider="azure")) == Fail("runs on AWS, not on azure")
    assert judge(elbv2.region, BALANCER, HostedIn(regions=("us-east-1",))) == Pass("lies in us-east-1")
    assert judge(elbv2.region, BALANCER, HostedIn(regions=("eu-west-1",))) == Fail("lies in us-east-1")


@pytest.mark.parametrize(
    ("fact", "ports"),
    [
        (BALANCER, ((),)),
        (listener(), ((443,),)),
        (listener("TLS"), ((443,),)),
        (listener("HTTP", None), ()),
        (listener("TCP", None), ()),
    ],
)
def test_a_balancer_that_the_internet_reaches_tells_its_name_and_its_tls_ports(fact: Any, ports: Any) -> None:
    assert tuple(name.ports for name in fact.exposes()) == ports
    assert all(name.host == HOST and name.resource == fact.resource for name in fact.exposes())


@pytest.mark.parametrize("change", [{"scheme": "internal"}, {"scheme": "", "host": ""}])
def test_what_is_not_reached_from_the_internet_tells_no_name(change: dict[str, str]) -> None:
    for fact in (BALANCER, listener()):
        assert msgspec.structs.replace(fact, **change).exposes() == ()
