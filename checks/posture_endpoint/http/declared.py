"""What pages tell browsers that they may load and use: Content-Security-Policy and Permissions-Policy."""

from posture.check import Basis, Fail, Outcome, Pass, Severity, check
from posture.claims import ContentPolicyDeclared
from posture_endpoint.http.content_policy import weakness
from posture_endpoint.http.pages import SecurePage
from posture_endpoint.http.permissions import is_permissions_policy
from posture_endpoint.http.unseen import unread


@check(
    id="endpoint.http.content-policy",
    title="Pages restrict scripts and features by policies that browsers enforce",
    severity=Severity.LOW,
    remedy="Send a Content-Security-Policy that names script sources without 'unsafe-inline' and without wildcards, "
    "and a Permissions-Policy that switches off what the page does not use.",
)
def content_policy(page: SecurePage, claim: ContentPolicyDeclared) -> Outcome:
    """A policy limits what an injected script can do, and which devices a page can use.

    All policies hold at once, those of headers and those in the page: what one of them keeps out stays out. One that
    only reports does not count, nor a header that browsers cannot read.
    """
    unseen = unread(page)
    if unseen is not None:
        return unseen
    told = []
    if claim.content_security:
        problem = _scripts_problem(page)
        if problem:
            return Fail(problem)
        told.append("restricts scripts")
    if claim.permissions:
        problem = _permissions_problem(page)
        if problem:
            return Fail(problem)
        told.append("declares a Permissions-Policy")
    return Pass(f"{' and '.join(told) or 'need declare nothing'} at {page.path}", Basis.OBSERVED)


def _scripts_problem(page: SecurePage) -> str:
    policies = page.content_policies
    if not policies:
        reported = " and only reports with one" if page.reported_policies else ""
        return f"declares no Content-Security-Policy at {page.path}{reported}"
    problem = weakness(policies)
    return f"declares a Content-Security-Policy at {page.path} that {problem}" if problem else ""


def _permissions_problem(page: SecurePage) -> str:
    if not page.permissions_policies:
        return f"declares no Permissions-Policy at {page.path}"
    if not is_permissions_policy(", ".join(page.permissions_policies)):
        return f"declares a Permissions-Policy at {page.path} that browsers cannot read"
    return ""
