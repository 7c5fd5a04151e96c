"""The policy page: whether anybody can read it, and whether its text is still the one that was reviewed."""

import hashlib

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import PolicyPublished, PolicyUnchanged
from posture.model import Cause
from posture_endpoint.http.pages import REDIRECTS, SecurePage, Site, known
from posture_endpoint.http.unseen import shown, unclear

READABLE = ("text/html", "application/xhtml+xml", "text/plain", "application/pdf")
"""Media types that a person can read as a page."""

NO_WORDS = hashlib.sha256(b"").hexdigest()
"""The hash of a page without visible words."""


@check(
    id="endpoint.policy.published",
    title="The privacy policy can be read by anybody over TLS",
    severity=Severity.MEDIUM,
    remedy="Publish the policy at the promised path, without a sign-in.",
    revision=2,
)
def policy_published(site: Site, claim: PolicyPublished, pages: tuple[SecurePage, ...]) -> Outcome:
    """A promise that nobody can read binds nobody.

    The claim's path has to be one of the target's `pages`: of any other nothing is known. Redirects are not followed,
    since they may end at a sign-in page. The words of the page are not judged: what it shows with status 200 counts,
    unless it has no words, or the very words of the front page or of a sign-in page: such servers answer every path.
    """
    found = _page(site, claim.path, pages)
    if isinstance(found, Unknown):
        return found
    return _unpublished(found) or _stand_in(found, pages) or Pass(f"shows a page at {found.path}", Basis.OBSERVED)


@check(
    id="endpoint.policy.unchanged",
    title="The privacy policy is the one that was reviewed",
    severity=Severity.MEDIUM,
    remedy="Review the new text, then put its hash into the profile; or put the reviewed text back.",
)
def policy_unchanged(site: Site, claim: PolicyUnchanged, pages: tuple[SecurePage, ...]) -> Outcome:
    """A policy that changes without notice is not the one that people agreed to.

    Compared is the SHA-256 of the visible words: another layout is no change, another word is.
    """
    found = _page(site, claim.path, pages)
    if isinstance(found, Unknown):
        return found
    absent = _unpublished(found)
    if absent is not None:
        return absent
    if found.truncated:
        return Unknown(Cause.TRUNCATED, f"shows more than {found.size} bytes at {found.path}, which was not read whole")
    if found.text is None:
        what = shown(found.encoding or found.media_type)
        return Unknown(Cause.NOT_SUPPORTED, f"shows {found.path} as {what}, whose words are not read")
    if not claim.sha256:
        why = "and the claim has no `sha256` of a reviewed one"
        return Unknown(Cause.NOT_SUPPORTED, f"shows a text at {found.path} with the hash {found.text}, {why}")
    if found.text != claim.sha256.strip().lower():
        return Fail(f"shows a text at {found.path} with the hash {found.text}, not the reviewed {shown(claim.sha256)}")
    return Pass(f"shows the reviewed text at {found.path}", Basis.OBSERVED)


def _page(site: Site, path: str, pages: tuple[SecurePage, ...]) -> SecurePage | Unknown:
    if path not in site.paths:
        return Unknown(Cause.NOT_SUPPORTED, f"was not asked for {path}, only for {', '.join(site.paths)}")
    found = next((page for page in pages if page.path == path), None)
    return found or Unknown(Cause.UNREACHABLE, f"showed nothing at {path}")


def _unpublished(page: SecurePage) -> Fail | Unknown | None:
    """Why nobody can read the page; None where anybody can."""
    if page.status == 401:
        return Fail(f"shows {page.path} to nobody without a sign-in (status {page.status})")
    if page.status == 403:
        return Unknown(Cause.ACCESS_DENIED, f"refuses {page.path} to the scanner (status 403), and perhaps to others")
    if page.status in (404, 410):
        return Fail(f"has no page at {page.path} (status {page.status})")
    if page.status in REDIRECTS:
        target = shown(", ".join(page.locations)) or "nowhere"
        return Unknown(Cause.NOT_SUPPORTED, f"redirects {page.path} to {target}, which was not followed")
    if page.status != 200:
        return unclear(page.status, page.path)
    if page.media_type not in READABLE:
        what = shown(page.media_type) or "an unnamed media type"
        return Unknown(Cause.NOT_SUPPORTED, f"answers {page.path} with {what}")
    if page.size == 0:
        return Fail(f"shows an empty page at {page.path}")
    if page.text == NO_WORDS:
        return Unknown(Cause.NOT_SUPPORTED, f"shows no words at {page.path} unless its scripts are run")
    return None


def _stand_in(page: SecurePage, pages: tuple[SecurePage, ...]) -> Unknown | None:
    """The front page or a sign-in page that is shown in place of the policy; None where the words are its own."""
    for other in known(pages):
        is_another = other.path != page.path and (other.path == "/" or other.login) and other.status == 200
        if is_another and page.text is not None and other.text == page.text:
            return Unknown(Cause.NOT_SUPPORTED, f"shows the same words at {page.path} as at {other.path}")
    return None
