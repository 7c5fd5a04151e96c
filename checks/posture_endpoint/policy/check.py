"""The check of named TLS policies: everything an endpoint accepts, and its certificates, against the rules of one."""

from contextlib import suppress

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import MeetsTlsPolicy
from posture.model import Cause
from posture.reader import GapFound
from posture_endpoint.policy.judge import breaches, certificate_breaches, certificate_doubts, doubts
from posture_endpoint.policy.rules import policies
from posture_endpoint.tls import FullListing
from posture_endpoint.trust import Certificate, Leaf


@check(
    id="endpoint.tls.policy",
    title="Endpoints meet the TLS policy that was promised",
    severity=Severity.HIGH,
    remedy="Set versions, suites and groups where TLS ends as the policy lists them; renew certificates it rules out.",
    refutes=("an accepted", "a certificate"),
)
def meets_policy(seen: FullListing, claim: MeetsTlsPolicy, certificates: tuple[Certificate, ...]) -> Outcome:
    """A published policy is a promise of its whole list: one version, suite or key outside breaks it.

    What breaks a rule decides, whatever else could not be told. The rules are data of the policy, in the version that
    the outcome names.
    """
    policy = policies()[claim.policy]
    rules = policy.level(claim.level)
    name = f"{policy.id} {policy.version} ({claim.level})"
    if not seen.speaks_tls:
        return Fail(f"answers in clear text, which breaks {name}")
    broken = breaches(rules, seen)
    shown: Certificate | None = None
    with suppress(*[GapFound] if broken or not rules.judges_certificates else []):  # what is broken stands without it
        shown = _certificate(seen, certificates)
    leaves = _leaves(shown)
    broken += [problem for leaf in leaves for problem in certificate_breaches(rules, leaf)]
    if broken:
        return Fail(f"breaks {name}: {'; '.join(dict.fromkeys(broken))}")
    unclear = [*doubts(rules, seen), *(doubt for leaf in leaves for doubt in certificate_doubts(rules, leaf))]
    if rules.judges_certificates and (shown is None or shown.others is None):
        unclear.append((Cause.NOT_SUPPORTED, "may have a certificate of another key type, which no handshake showed"))
    if unclear:
        return Unknown(unclear[0][0], f"may meet {name} or not: it {'; it '.join(words for _, words in unclear)}")
    return Pass(f"meets {name}", Basis.OBSERVED)


def _certificate(seen: FullListing, certificates: tuple[Certificate, ...]) -> Certificate | None:
    return next((one for one in certificates if one.resource.id == seen.resource.id), None)


def _leaves(shown: Certificate | None) -> tuple[Leaf, ...]:
    return () if shown is None else (shown.leaf, *(shown.others or ()))
