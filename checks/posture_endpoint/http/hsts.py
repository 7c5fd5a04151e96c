"""HTTP Strict Transport Security: whether pages tell browsers to come over TLS alone, for how long, and for whom."""

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import HttpsOnly
from posture.model import Cause
from posture_endpoint.http.pages import SecurePage, Site
from posture_endpoint.http.unseen import unclear

PRELOAD_SECONDS = 31_536_000
"""The least age with which a host is taken into the browsers' lists (hstspreload.org, submission requirements)."""

_DAY = 86_400


@check(
    id="endpoint.http.hsts",
    title="Endpoints declare HTTP Strict Transport Security for the promised time",
    severity=Severity.MEDIUM,
    remedy="Send Strict-Transport-Security with a max-age of at least the promised days on every answer over TLS.",
    revision=2,
)
def hsts(site: Site, claim: HttpsOnly, pages: tuple[SecurePage, ...]) -> Outcome:
    """Without HSTS a browser tries plain HTTP first, where a redirect can be intercepted (RFC 6797).

    Judged by the front page whatever it answers, and by every other page that is there: of two declarations a browser
    keeps the last. Preloading asks for a year, for subdomains and for the word itself.
    """
    if claim.hsts_days <= 0:
        return NotApplicable("need not declare HSTS: the claim asks for none")
    weakest: int | None = None
    unsettled: Unknown | None = None
    for page in pages:
        if page.hsts is None and (page.status >= 500 or page.status == 429):
            unsettled = unsettled or unclear(page.status, page.path)
        elif page.path == "/" or 200 <= page.status < 300:
            problem = _problem(page, claim)
            if problem:
                return Fail(problem)
            seconds = page.hsts.seconds if page.hsts else 0
            weakest = seconds if weakest is None else min(seconds, weakest)
    if unsettled is not None:
        return unsettled
    if weakest is None:
        return Unknown(Cause.UNREACHABLE, "showed no page over TLS")
    asked = [word for word, wanted in _words(claim) if wanted]
    return Pass(
        f"declares HSTS for {weakest // _DAY} days{', with ' if asked else ''}{' and '.join(asked)}", Basis.OBSERVED
    )


def _problem(page: SecurePage, claim: HttpsOnly) -> str:
    """What the declaration of a page lacks; empty where it is as claimed."""
    where = "" if page.path == "/" else f" at {page.path}"
    declared = page.hsts
    if declared is None:
        return f"declares no HSTS{where}"
    if declared.seconds < claim.hsts_days * _DAY:
        return f"declares HSTS for {declared.seconds // _DAY} days{where}"
    if claim.hsts_subdomains and not declared.subdomains:
        return f"declares HSTS without includeSubDomains{where}"
    if claim.hsts_preload:
        if not declared.preload:
            return f"declares HSTS without preload{where}"
        if not declared.subdomains or declared.seconds < PRELOAD_SECONDS:
            return f"declares HSTS that browsers do not preload{where}: a year and includeSubDomains are asked for"
    return ""


def _words(claim: HttpsOnly) -> tuple[tuple[str, bool], ...]:
    return ("includeSubDomains", claim.hsts_subdomains or claim.hsts_preload), ("preload", claim.hsts_preload)
