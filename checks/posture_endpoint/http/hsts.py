"""HTTP Strict Transport Security: whether pages tell browsers to come over TLS alone, for how long, and for whom."""

from ipaddress import ip_address

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import HttpsOnly
from posture.model import Cause
from posture_endpoint.http.pages import SecurePage, Site, known
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
    refutes="a TLS endpoint without HSTS",
)
def hsts(site: Site, claim: HttpsOnly, pages: tuple[SecurePage, ...]) -> Outcome:
    """Without HSTS a browser tries plain HTTP first, where a redirect can be intercepted (RFC 6797).

    Judged by the front page whatever it answers, and by every other page that is there: of two declarations a browser
    keeps the last. Preloading asks for a year, for subdomains and for the word itself.
    """
    if claim.hsts_days <= 0:
        return NotApplicable("need not declare HSTS: the claim asks for none")
    problems = [problem for page in known(pages) if _is_judged(page) and (problem := _problem(page, claim))]
    if problems:
        return Fail(problems[0])
    every = sorted(pages, key=lambda page: page.path)
    silent = next((page for page in every if _is_silent(page)), None)
    if silent is not None:
        return unclear(silent.status, silent.path)
    seconds = [page.hsts.seconds for page in every if _is_judged(page) and page.hsts is not None]
    if not seconds:
        return Unknown(Cause.UNREACHABLE, "showed no page over TLS")
    if _has_no_name(site):
        return Unknown(
            Cause.NOT_SUPPORTED, "declares HSTS, which browsers keep for names alone, and was asked by address"
        )
    asked = [word for word, wanted in _words(claim) if wanted]
    told = f", with {' and '.join(asked)}" if asked else ""
    return Pass(f"declares HSTS for {min(seconds) // _DAY} days{told}", Basis.OBSERVED)


def _has_no_name(site: Site) -> bool:
    """Whether the host is an IP address: browsers take no notice of its declarations (RFC 6797, 8.1.1)."""
    try:
        ip_address(site.resource.account)
    except ValueError:
        return False
    return True


def _is_silent(page: SecurePage) -> bool:
    """Whether the answer comes from something in trouble, which need not say what the site says."""
    return page.hsts is None and (page.status >= 500 or page.status == 429)


def _is_judged(page: SecurePage) -> bool:
    return not _is_silent(page) and (page.path == "/" or 200 <= page.status < 300)


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
