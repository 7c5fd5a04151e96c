"""Application, network and gateway load balancers: their listeners, TLS policies and redirects from plain HTTP."""

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from posture.check import Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import HostedBy, HostedIn, HttpsOnly, StrongCipherSuites, TlsMinimum
from posture.model import Cause, Exposed, Fact, Value
from posture.reader import reader
from posture.reply import Reply
from posture_aws.session import TLS_VERSIONS, AwsSession

ENCRYPTED = frozenset({"HTTPS", "TLS"})
PASSED_THROUGH = frozenset({"TCP", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC", "GENEVE"})
STRONG = re.compile(r"(?!(ADH|AECDH|EXP|NULL)-).*(AES_?(128|256)|CHACHA20)(?!.*(NULL|MD5))")
"""Cipher suites of AES or ChaCha20, in OpenSSL's names as ELB gives them, without anonymous or export ones."""
FORWARD_SECRET = re.compile(r"(ECDHE|DHE)-|TLS_(AES|CHACHA20)")


class Answer(Value):
    """What a listener or rule does with a request in the end.

    ``kind`` is ELB's word (forward, redirect, fixed-response …); ``protocol`` where a redirect leads; ``status`` and
    ``content`` of a fixed response: its code, and whether it has a body.
    """

    kind: str
    protocol: str
    status: str
    content: bool


class LoadBalancer(Fact):
    """A load balancer (DescribeLoadBalancers).

    ``form`` is application, network or gateway; ``scheme`` internet-facing or internal, empty for gateways; ``host``
    its DNS name, empty for gateways.
    """

    kind: ClassVar[str] = "aws.elbv2.load-balancer"

    form: str
    scheme: str
    host: str

    def exposes(self) -> tuple[Exposed, ...]:
        """Its DNS name, where the internet reaches it; its listeners tell the ports."""
        return _exposed(self, ())


class Listener(Fact):
    """A listener (DescribeListeners), with its load balancer's ``scheme`` and ``host``.

    ``policy`` names its TLS policy, if any; ``port`` is 0 for a gateway's, which has none.
    """

    kind: ClassVar[str] = "aws.elbv2.listener"

    scheme: str
    host: str
    port: int
    protocol: str
    policy: str | None
    answers: tuple[Answer, ...]

    def exposes(self) -> tuple[Exposed, ...]:
        """The port at which TLS answers."""
        return _exposed(self, (self.port,)) if self.protocol in ENCRYPTED else ()


class ListenerRules(Fact):
    """What the rules of a plain HTTP listener answer (DescribeRules), its default among them."""

    kind: ClassVar[str] = Listener.kind

    answers: tuple[Answer, ...]


class TlsPolicy(Fact):
    """A TLS policy that a listener has (DescribeSSLPolicies): the protocols and cipher suites that it allows."""

    kind: ClassVar[str] = "aws.elbv2.ssl-policy"

    protocols: frozenset[str]
    suites: tuple[str, ...]


@reader(operation="elbv2:DescribeLoadBalancers", permission="elasticloadbalancing:DescribeLoadBalancers")
def load_balancers(aws: AwsSession) -> Iterator[LoadBalancer]:
    """All load balancers of the region, 400 a page. Classic ones are another API's."""
    for page in aws.pages("Marker", "NextMarker", PageSize=400):
        for found in page["LoadBalancers"]:
            yield LoadBalancer(
                resource=aws.resource(LoadBalancer.kind, found["LoadBalancerArn"], found["LoadBalancerName"]),
                form=found["Type"],
                scheme=found.get("Scheme", ""),
                host="" if found["Type"] == "gateway" else found["DNSName"].lower(),
            )


@reader(operation="elbv2:DescribeListeners", permission="elasticloadbalancing:DescribeListeners")
def listeners(aws: AwsSession, balancer: LoadBalancer) -> Iterator[Listener]:
    """The listeners of a load balancer, 400 a page. Those of a gateway name no port and no protocol: it is GENEVE."""
    for page in aws.pages("Marker", "NextMarker", LoadBalancerArn=balancer.resource.id, PageSize=400):
        for found in page["Listeners"]:
            gateway = balancer.form == "gateway"
            name = balancer.resource.name if gateway else f"{balancer.resource.name}:{found['Port']}"
            yield Listener(
                resource=aws.resource(Listener.kind, found["ListenerArn"], name),
                scheme=balancer.scheme,
                host=balancer.host,
                port=0 if gateway else found["Port"],
                protocol="GENEVE" if gateway else found["Protocol"],
                policy=found.get("SslPolicy"),
                answers=_answers(found.get("DefaultActions") or ()),
            )


@reader(operation="elbv2:DescribeRules", permission="elasticloadbalancing:DescribeRules")
def listener_rules(aws: AwsSession, listener: Listener) -> Iterator[ListenerRules]:
    """Asked only where the rules decide: for plain HTTP whose default neither forwards nor gives content."""
    if listener.protocol != "HTTP" or _serves(listener.answers) is not None:
        return
    pages = aws.pages("Marker", "NextMarker", ListenerArn=listener.resource.id, PageSize=400)
    answers = tuple(answer for page in pages for rule in page["Rules"] for answer in _answers(rule["Actions"]))
    yield ListenerRules(resource=listener.resource, answers=answers)


@reader(operation="elbv2:DescribeSSLPolicies", permission="elasticloadbalancing:DescribeSSLPolicies", shared=True)
def tls_policies(aws: AwsSession, listener: Listener) -> Iterator[TlsPolicy]:
    """The TLS policy of a listener, asked once however many listeners have it.

    None is given where AWS lists no policy of that name. Policies have no ARNs; the ids are this reader's.
    """
    if listener.policy is None:
        return
    reply = aws.find("SSLPolicyNotFound", Names=[listener.policy])
    for found in () if reply is None else reply["SslPolicies"]:
        name = found["Name"]
        yield TlsPolicy(
            resource=aws.resource(TlsPolicy.kind, aws.arn("elasticloadbalancing", f"ssl-policy/{name}"), name),
            protocols=frozenset(found["SslProtocols"]),
            suites=tuple(cipher["Name"] for cipher in found["Ciphers"]),
        )


def _exposed(thing: LoadBalancer | Listener, ports: tuple[int, ...]) -> tuple[Exposed, ...]:
    if thing.scheme != "internet-facing" or not thing.host:
        return ()
    return (Exposed(host=thing.host, ports=ports, resource=thing.resource),)


def _answers(actions: Iterable[Reply]) -> tuple[Answer, ...]:
    return tuple(_answer(action) for action in actions)


def _answer(action: Reply) -> Answer:
    fixed = action.get("FixedResponseConfig") or {}
    return Answer(
        kind=action["Type"],
        protocol=(action.get("RedirectConfig") or {}).get("Protocol", ""),
        status=fixed.get("StatusCode", ""),
        content=bool(fixed.get("MessageBody")),
    )


@check(
    id="aws.elbv2.tls-version",
    title="Load balancers speak the promised TLS version",
    severity=Severity.HIGH,
    refutes="a listener",
    remedy="Give the listener a TLS policy without older protocols, such as ELBSecurityPolicy-TLS13-1-2-2021-06.",
)
def tls_version(listener: Listener, claim: TlsMinimum, policies: tuple[TlsPolicy, ...]) -> Outcome:
    """Judged by the protocols that AWS lists for the policy: names like TLS13-1-0 tell less than they seem to.

    Internal load balancers are judged too; the reason says which they are.
    """
    policy = _policy(listener, policies)
    if not isinstance(policy, TlsPolicy):
        return policy
    strange = sorted(policy.protocols - TLS_VERSIONS.keys())
    versions = sorted(
        (TLS_VERSIONS[name] for name in policy.protocols & TLS_VERSIONS.keys()), key=lambda known: known.age
    )
    where = f"by {policy.resource.name}, {listener.scheme}"
    if claim.reading == "supported":
        if claim.version in versions:
            return Pass(f"accepts {claim.version} ({where})")
        return _strange(strange) if strange else Fail(f"does not accept {claim.version} ({where})")
    if versions and versions[0].older_than(claim.version):
        return Fail(f"accepts {versions[0]} ({where})")
    if strange or not versions:
        return _strange(strange)
    return Pass(f"accepts nothing older than {versions[0]} ({where})")


@check(
    id="aws.elbv2.cipher-suites",
    title="Load balancers accept strong cipher suites only",
    severity=Severity.MEDIUM,
    remedy="Give the listener a restricted TLS policy, such as ELBSecurityPolicy-TLS13-1-2-Res-2021-06.",
)
def cipher_suites(listener: Listener, claim: StrongCipherSuites, policies: tuple[TlsPolicy, ...]) -> Outcome:
    """Judged by the suites that AWS lists for the policy, not by its name."""
    policy = _policy(listener, policies)
    if not isinstance(policy, TlsPolicy):
        return policy
    where = f"by {policy.resource.name}, {listener.scheme}"
    weak = [suite for suite in policy.suites if not STRONG.match(suite)]
    if weak:
        return Fail(f"accepts {', '.join(weak)} ({where})")
    static = [suite for suite in policy.suites if not FORWARD_SECRET.match(suite)]
    if claim.forward_secrecy and static:
        return Fail(f"accepts {', '.join(static)}, without forward secrecy ({where})")
    if not policy.suites:
        return Unknown(Cause.MALFORMED_REPLY, f"has a TLS policy without cipher suites ({where})")
    return Pass(f"accepts strong suites only ({where})")


@check(
    id="aws.elbv2.https-only",
    title="Load balancers serve nothing over plain HTTP",
    severity=Severity.HIGH,
    refutes="an HTTP listener",
    remedy="Make the default action of the HTTP listener, and each of its rules, a redirect to HTTPS.",
)
def https_only(listener: Listener, claim: HttpsOnly, rules: tuple[ListenerRules, ...]) -> Outcome:
    """Every rule counts: one that forwards serves plain HTTP however the default redirects.

    Strict transport security is a header of the answers, which a listener's configuration does not show.
    """
    if listener.protocol in PASSED_THROUGH:
        return NotApplicable(f"passes {listener.protocol} through, so its targets decide")
    if listener.protocol in ENCRYPTED:
        if claim.hsts_days and listener.protocol == "HTTPS":
            return Unknown(
                Cause.NOT_SUPPORTED, f"answers over TLS ({listener.scheme}), and HSTS shows on the wire only"
            )
        return Pass(f"answers over TLS alone ({listener.scheme})")
    if listener.protocol != "HTTP":
        return Unknown(Cause.NOT_SUPPORTED, f"speaks {listener.protocol}, which is not known here")
    serves = _serves(listener.answers)
    if serves is None:
        found = next((known for known in rules if known.resource.id == listener.resource.id), None)
        if found is None:
            return Unknown(Cause.DISAGREEMENT, "has no rules in the listing, not even its default")
        serves = _serves(found.answers)
    if serves is None:
        return Pass(f"redirects plain HTTP to HTTPS or refuses it ({listener.scheme})")
    if serves.kind == "redirect" and not serves.protocol:
        return Unknown(Cause.NOT_SUPPORTED, "redirects plain HTTP without saying to which protocol")
    if serves.kind in ("forward", "redirect", "fixed-response"):
        return Fail(f"answers plain HTTP with a {serves.kind} ({listener.scheme})")
    return Unknown(Cause.NOT_SUPPORTED, f"answers plain HTTP with {serves.kind}, which is not known here")


@check(
    id="aws.elbv2.provider",
    title="Load balancers run at the promised provider",
    severity=Severity.MEDIUM,
    remedy="Move the load balancer to the provider that was named, or correct the statement.",
)
def provider(balancer: LoadBalancer, claim: HostedBy) -> Outcome:
    """A load balancer of an AWS account runs on AWS's machines."""
    return Pass("runs on AWS") if claim.provider == "aws" else Fail(f"runs on AWS, not on {claim.provider}")


@check(
    id="aws.elbv2.region",
    title="Load balancers lie in the promised regions",
    severity=Severity.MEDIUM,
    remedy="Move the load balancer to a promised region.",
)
def region(balancer: LoadBalancer, claim: HostedIn) -> Outcome:
    """TLS ends at the load balancer, so traffic is in the clear in its region."""
    place = balancer.resource.region
    return (Pass if place in claim.regions else Fail)(f"lies in {place}")


def _serves(answers: Iterable[Answer]) -> Answer | None:
    """The first answer that is neither a redirect to HTTPS nor a refusal without content."""
    return next((answer for answer in answers if not _redirects(answer) and not _refuses(answer)), None)


def _redirects(answer: Answer) -> bool:
    return answer.kind == "redirect" and answer.protocol == "HTTPS"


def _refuses(answer: Answer) -> bool:
    return answer.kind == "fixed-response" and answer.status.startswith(("4", "5")) and not answer.content


def _policy(listener: Listener, policies: tuple[TlsPolicy, ...]) -> TlsPolicy | Outcome:
    """The TLS policy of a listener, or the outcome where it has none that AWS lists."""
    if listener.protocol == "HTTP":
        return NotApplicable("speaks plain HTTP, which is judged on its own")
    if listener.protocol in PASSED_THROUGH:
        return NotApplicable(f"passes {listener.protocol} through, so its targets decide")
    if listener.protocol not in ENCRYPTED:
        return Unknown(Cause.NOT_SUPPORTED, f"speaks {listener.protocol}, which is not known here")
    found = next((policy for policy in policies if policy.resource.name == listener.policy), None)
    if found is None:
        return Unknown(Cause.NOT_SUPPORTED, f"has the TLS policy {listener.policy}, which AWS does not list")
    return found


def _strange(protocols: list[str]) -> Unknown:
    names = ", ".join(protocols) or "no protocol"
    return Unknown(Cause.NOT_SUPPORTED, f"has a TLS policy with {names}, which is not known here")
