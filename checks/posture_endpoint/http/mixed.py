"""Mixed content: whether pages that come over TLS load something, or send a form, without it."""

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import NoMixedContent
from posture.model import Cause
from posture_endpoint.http.content_policy import upgrades
from posture_endpoint.http.pages import SecurePage
from posture_endpoint.http.unseen import shown, unread

_NAMED = 5


@check(
    id="endpoint.http.mixed-content",
    title="Pages over TLS load nothing over plain HTTP",
    severity=Severity.MEDIUM,
    remedy="Give all addresses in the page with https, or send the Content-Security-Policy upgrade-insecure-requests.",
)
def mixed_content(page: SecurePage, claim: NoMixedContent) -> Outcome:
    """Whoever is on the way can change what is loaded without TLS, and read a form that is sent without it.

    Judged by the page as it is served: addresses that a script puts together are not seen. Under the directive
    upgrade-insecure-requests a browser asks for such addresses over TLS (W3C Upgrade Insecure Requests).
    """
    unseen = unread(page)
    if unseen is not None or page.markup is None:
        return unseen or Unknown(Cause.TOOL_ERROR, "was not read")
    markup = page.markup
    if markup.insecure_count and not any(map(upgrades, page.content_policies)):
        more = f" and {markup.insecure_count - _NAMED} more" if markup.insecure_count > _NAMED else ""
        named = ", ".join(map(shown, markup.insecure[:_NAMED]))
        return Fail(f"names addresses without TLS at {page.path}: {named}{more}")
    if not markup.complete:
        return Unknown(Cause.TRUNCATED, f"names more addresses at {page.path} than were looked at")
    if markup.insecure_count:
        return Pass(f"has browsers ask over TLS for all that {page.path} names without it", Basis.OBSERVED)
    return Pass(f"names no address without TLS in {page.path} as it is served", Basis.OBSERVED)
