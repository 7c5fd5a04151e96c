"""Cookies of pages: whether browsers send them over TLS alone, and keep those of sign-in pages from scripts."""

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import SecureCookies
from posture.model import Cause
from posture_endpoint.http.pages import SecurePage
from posture_endpoint.http.unseen import shown, unclear

_NAMED = 10


@check(
    id="endpoint.http.cookies",
    title="Cookies of pages are sent over TLS alone",
    severity=Severity.MEDIUM,
    remedy="Set the attribute Secure on every cookie, and HttpOnly on those that keep a session.",
)
def secure_cookies(page: SecurePage, claim: SecureCookies) -> Outcome:
    """A cookie without Secure goes out with the first request in clear text, whoever causes it.

    Cookies of redirects and of errors count too: browsers keep them all the same. With ``http_only``, those of sign-in
    pages need HttpOnly as well. A header that takes a cookie away sets none, and a page that sets none says nothing
    about cookies that come after signing in.
    """
    absent = page.status in (404, 410)
    is_login = claim.http_only and page.login and not absent
    kept = [cookie for cookie in page.cookies if not cookie.deleted]
    plain = [cookie for cookie in kept if not cookie.unclear]
    open_ones = [cookie.name for cookie in plain if not cookie.secure]
    readable = [cookie.name for cookie in plain if is_login and not cookie.http_only]
    doubtful = [cookie.name for cookie in kept if cookie.unclear]
    if open_ones:
        return Fail(f"sets cookies without Secure at {page.path}: {_names(open_ones)}")
    if readable:
        return Fail(f"sets cookies without HttpOnly at {page.path}: {_names(readable)}")
    if absent:
        return NotApplicable(f"has no page at {page.path} (status {page.status})")
    if page.status >= 500 or page.status == 429:
        return unclear(page.status, page.path)
    if doubtful:
        return Unknown(
            Cause.MALFORMED_REPLY, f"sets cookies with control characters at {page.path}: {_names(doubtful)}"
        )
    if not kept:
        return NotApplicable(f"sets no cookie at {page.path}")
    attributes = "Secure and HttpOnly" if is_login else "Secure"
    return Pass(
        f"sets its cookies at {page.path} with {attributes}: {_names([one.name for one in kept])}", Basis.OBSERVED
    )


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(shown(name)[:60] or "one without a name" for name in names[:_NAMED]) + more
