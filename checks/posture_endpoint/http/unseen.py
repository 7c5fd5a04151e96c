"""Why a page is not judged: it is not there, it is elsewhere, or it did not come as something that can be read."""

from posture.check import NotApplicable, Unknown
from posture.model import Cause
from posture_endpoint.http.pages import HTML, REDIRECTS, SecurePage

LONGEST = 200
"""Characters of an answer that a reason repeats."""


def shown(text: str) -> str:
    """What a server said, fit to be repeated: cut, and with a question mark for each character that does not print."""
    cut = text[:LONGEST] + ("…" if len(text) > LONGEST else "")
    return "".join(char if char.isprintable() else "?" for char in cut)


def unclear(status: int, what: str) -> Unknown:
    """An answer that is neither a page nor the lack of one."""
    if status == 429:
        return Unknown(Cause.THROTTLED, f"answers {what} with status 429")
    cause = Cause.UNREACHABLE if status >= 500 else Cause.NOT_SUPPORTED
    return Unknown(cause, f"answers {what} with status {status}, which says neither yes nor no")


def not_there(page: SecurePage) -> NotApplicable | Unknown | None:
    """Why the answer is not the page that people see; None where it is a page.

    What redirects elsewhere hides what people see in the end: unknown, unless that is asked for too.
    """
    if page.status in (404, 410):
        return NotApplicable(f"has no page at {page.path} (status {page.status})")
    if page.status in REDIRECTS and page.leads_to:
        return NotApplicable(f"redirects {page.path} to {shown(page.leads_to)}, which is asked for too")
    if page.status in REDIRECTS:
        target = shown(", ".join(page.locations)) or "nowhere"
        return Unknown(
            Cause.NOT_SUPPORTED,
            f"redirects {page.path} to {target}, which was not followed: `pages` may name where the page is",
        )
    if not 200 <= page.status < 300:
        return unclear(page.status, page.path)
    return None


def unread(page: SecurePage) -> NotApplicable | Unknown | None:
    """Why nothing is known of what the page names; None where its markup was read."""
    absent = not_there(page)
    if absent is None and page.size == 0:
        return NotApplicable(f"shows an empty page at {page.path}")
    if absent is not None or page.markup is not None:
        return absent
    if not page.media_type:
        return Unknown(Cause.NOT_SUPPORTED, f"does not say what it shows at {page.path}")
    if page.media_type not in HTML:
        return NotApplicable(f"shows no HTML page at {page.path}, but {shown(page.media_type)}")
    if page.truncated:
        return Unknown(Cause.TRUNCATED, f"shows more than {page.size} bytes at {page.path}, which was not read whole")
    return Unknown(Cause.NOT_SUPPORTED, f"sends {page.path} in the encoding {shown(page.encoding)}, unasked")
