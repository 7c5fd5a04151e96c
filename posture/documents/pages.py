"""Rules for what a product's pages show to anybody: headers, cookies, trackers, and its privacy policy."""

from posture.documents import parameters
from posture.documents.parameters import one
from posture.documents.rule import Rule
from posture.documents.wording import near

_POLICY = (
    r"\b(?:privacy (?:policy|notice|statement)|(?:this|our|the|its) (?:latest |current |full |newest "
    r"|present )?(?:policy|notice|statement))\b"
)
_SHOWN = (
    r"\b(?:posted|published|available|found|accessible|publish\w*|read|linked|viewed|see|seen|view|find|kept"
    r"|shown|public)\b"
)
_WEB = (
    r"(?:https?://|\bweb ?(?:site|page)s?\b|\bsite\b|\bpublicly\b|\bby anyone\b|\bfooter\b|\bhome ?page\b"
    r"|\bonline\b|\bpublic\b)"
)

PAGES: tuple[Rule, ...] = (
    Rule(
        claim="meets-tls-policy",
        about="800 02102 mozilla pci",
        says=(parameters.TLS_POLICY,),
        meaning="Every TLS endpoint meets this published TLS policy.",
        named=parameters.tls_policy,
        needs_named=True,
    ),
    Rule(
        claim="secure-cookies",
        about="cookie",
        says=(
            near(
                r"\bcookies?\b",
                r"\b(?:Secure|HttpOnly|http[- ]only)\b (?:and \w+ )?(?:flags?|attributes?"
                r"|cookies?)|\bover TLS\b",
            ),
        ),
        meaning="Cookies are sent over TLS alone.",
        named=one("http_only", lambda sentence: "httponly" in sentence.lower().replace("-", "")),
    ),
    Rule(
        claim="no-mixed-content",
        about="mixed plain",
        says=(
            r"\bmixed content\b",
            near(
                r"\b(?:loads?|includes?|embeds?|scripts?"
                r"|pictures?)\b",
                r"\b(?:over|by) plain HTTP\b",
            ),
        ),
        meaning="Pages that come over TLS load nothing over plain HTTP.",
        negative=True,
    ),
    Rule(
        claim="content-policy-declared",
        about="policy policies csp",
        says=(r"\bcontent[- ]security[- ]polic(?:y|ies)\b|\bCSP header|\bpermissions-policy\b",),
        meaning="Pages tell browsers what they may load and use.",
        named=parameters.content_policy,
    ),
    Rule(
        claim="policy-published",
        about="policy notice statement privacy",
        says=(
            (_POLICY, _SHOWN, _WEB),
            r"\bpolicy\b.{0,30}\bpublicly\b|https?://\S*\bprivacy",
            (r"\bprivacy (?:policy|notice)\b", r"\b(?:available|published|posted)\b"),
        ),
        unless=(r"\bsub-?processors\b|\bon request\b",),
        meaning="Anybody can read the privacy policy, over TLS, at this path.",
        named=parameters.path,
    ),
    Rule(
        claim="no-trackers",
        about="track cookie script pixel analytic",
        says=(
            r"\b(?:no|not|never|without|free (?:of|from)|\w+n't)\b.{0,50}\b(?:trackers?|tracking (?:cookies|pixels"
            r"|scripts|technolog\w+)"
            r"|(?:third[- ]party|advertising) (?:cookies|scripts|pixels|analytics))\b",
        ),
        meaning="Pages load nothing from hosts that advertise or follow people.",
        negative=True,
    ),
)
