"""Speech: sentences that say nothing of the product as it is: others' duties, plans, the past, and what is denied."""

import re

from posture.documents.wording import compiled
from posture.profile import StatementClass

_PEERS = (
    r"(?:sub-?processors?|sub-?contractors?|processors|partners?|vendors|suppliers?|third[- ]part(?:y|ies)"
    r"|affiliates?)"
)
_BOUND_ONES = r"(?:sub-?processors?|sub-?contractors?|processors|vendors|suppliers?)"
_PRODUCTS = r"(?:Google|Stripe|PayPal|Facebook|Meta|Apple|Zendesk|Salesforce|Mailchimp|Intercom|HubSpot|Zoom)"
_READERS = (
    r"(?:you|customers?|clients?|users?|administrators?|parents?|guardians?|students?|pupils?|teachers?|parties|party"
    r"|ISP|internet (?:service )?provider|LEAs?|districts?|schools?|boards?|institutions?|organi[sz]ations?"
    r"|employers?|controllers?|subscribers?|children|minors|invoices|fees|(?:either|neither|each|both) part(?:y|ies))"
)
_MAY = (
    r"(?:may|can|could|should|shall|will|agrees?|decides?|determines?|acknowledges?|remains?|retains?"
    r"|chooses?|configures?|controls?|(?:is|are) (?:responsible|required|able|free|advised|encouraged|asked|obliged))"
)
_OPENING = r"^(?:(?:yes|no|note)[,;:]? )?(?:(?:it is|that|where|once|when) )?(?:[\w-]+ ){0,2}?"
_ADVICE = (
    r"(?:set|use|choose|keep|turn|enable|make sure|ensure|check|contact|report|describe|download|learn|read|see|visit"
    r"|ask|avoid|never share|do not share|remember|store|encrypt|rotate|export|review|confirm|explain|list|state"
    r"|indicate|specify|provide|attach|consult|refer|follow|click|protect|change|update|back up|delete|include)"
)
_LAW = (
    r"(?:law|statutes?|regulations?|GDPR|FERPA|COPPA|HIPAA|PCI DSS|ISO|NIST|standards?|guidance|directive|(?:the"
    r"|this|each)"
    r" (?:template|form|questionnaire|section|article|clause|chapter|page|document|exhibit|table|policy|notice))"
)
_BACKGROUND = (
    r"\?\W*$|^should (?:you|customers|users)\b",
    r"^(?:please|you (?:are|should|must|have|need|can(?! (?:always )?(?:find|read|view|see))))\b",
    # A condition on the reader is about the reader, unless the product acts on it.
    r"^if you\b(?!.*, (?:then )?(?:we|our|your|all|any|the)\b)|^if you\b.*, (?:please|your (?:own )?\w+ (?:may|can)\b)",
    rf"^(?:(?:to|for|when|before) [^,]{{1,60}}, )?{_ADVICE} (?:(?:a|an|the|your|us|our|all|any|each|how|whether|to"
    rf"|on|up|out|more|if|that|for|where|it|them)\b"
    r"|[\w-]+ (?:passwords?|attachments?|keys?)\b)",
    r"\bis (?:an?|the) (?:[\w-]+ )?(?:protocol|standard|law|method|technique|algorithm|process|practice|way|measure)\b"
    r"|\b(?:turns?|converts?|transforms?|scrambles?) [\w ]{0,30}\binto\b|\b(?:is|are) (?:small|called|known as)\b",
    r" (?:means?|refers? to|denotes?) (?:to |any|an?\b|the\b|all|data|information|every)|\" (?:means?|is|are"
    r"|refers?)\b"
    r"|\b(?:encryption|rest|transit|deletion|term|backup) means\b|\bis the (?:successor|process|practice|name"
    r"|conversion|act) of\b|^\"[^\"]+\" includes?\b"
    r"|\b(?:has|have|given) the meanings?\b|\bwithin the meaning\b|\bthe (?:term|word|phrase)s? \"|\bis defined\b",
    rf"{_OPENING}{_PEERS}\b(?!['-])[^.,]{{0,20}}\b(?:uses?|have|has|apply|offers?|may|can|shall|must|stores?|keeps?"
    rf"|encrypts?|process|holds?)\b",
    rf"^(?:our |the )?(?:[\w ]{{0,30}} )?{_PRODUCTS}\b(?! Cloud)[^.,]{{0,30}}"
    r"\b(?:may|can|will|stores?|keeps?|encrypts?|process(?:es)?|transfers?|uses?|hosts?|retains?|handles?|deletes?)\b",
    rf"{_OPENING}{_READERS}\b(?!['-])(?: of [\w ]{{1,20}})?(?: (?:that|who"
    rf"|which) [^,]{{1,50}}?)?,?(?: as [\w ]{{1,20}},)? (?:also |always |then )?"
    rf"(?!can (?:always )?(?:find|read|view|see)\b|(?:will|shall|may) (?:need|be (?:asked|required|prompted|notified"
    rf"|informed|told|contacted))\b){_MAY}\b",
    r"\b(?:your|customer's|customers'|LEA's|user's|users'|district's|school's) (?:own |sole )?(?:responsibility|duty"
    r"|choice)\b"
    rf"|\bresponsibility of (?:the |each |your )?{_READERS}\b|\bup to (?:you|the {_READERS})\b",
    r"\bwe (?:\w+ )?(?:recommend|advise|suggest|encourage|urge)\b|\b(?:recommended|advisable) (?:that|to)\b",
    rf"^(?:the |each |under |by )?(?:[\w-]+ ){{0,2}}{_LAW}\b.{{0,40}}\b(?:requires?|asks?|demands?|explains?"
    rf"|describes?"
    r"|sets? out|covers?|obliges?|recommends?|mandates?|prescribes?|applies|allows?|permits?|names?)\b",
    r"\b(?:set|required|prescribed) by (?:\w+ )?(?:law|statute|regulation)\b|\b(?:because"
    r"|since) (?:\w+ )?law (?:requires|obliges)\b",
    r"\byour (?:own )?(?:[\w-]+ )?(?:proxy|browser|devices?|firewall|network|computer|systems?"
    r"|administrators?) (?:should|must|needs?|has) ",
    r"\bno (?:current )?plans? (?:to|for)\b|\bnothing in (?:this|the|these)\b|^not applicable|^n/a\b",
    r"\b(?:formerly|previously|in the past|originally|(?<!be )(?<!are )(?<!is )used to (?:be|run|store|host|keep"
    r"|have|offer)|years? ago|no longer (?:host\w*|use|run|store|offer))\b"
    r"|\b(?:until|before|prior to) (?:last|the effective date|(?:\w+ )?(?:19|20)\d\d)|^(?:until|in) (?:19|20)\d\d\b"
    r"|\b(?:was|were|had) (?:\w+ )?(?:host|stor|kept|held|encrypt|back|delet)\w*\b.{0,60}\b(?:until|before|then)\b",
    r"\b(?:could|would) (?:then )?(?:be|also|have|need|add|offer|enable)\b|\bfor (?:example|instance), (?:if|an?)\b",
)
_PLAN = (
    r"\b(?:we|company|provider|operator|vendor|contractor|team|it|and|also) (?:\w+ )?"
    r"(?:plan|intend|expect|hope|aim|wish|propose|consider|want)s? (?:to|on)\b"
    r"|\b(?:are|is|currently) (?:\w+ )?(?:planning|planned|considering|evaluating|exploring|preparing|working (?:on"
    r"|towards?)"
    r"|migrating|moving to|piloting|scheduled (?:for|to)|due to|intended)\b",
    r"\b(?:road ?map|(?:coming )?soon|in (?:the )?(?:near )?future|later this year|next (?:year|quarter|release"
    r"|spring|summer"
    r"|autumn|fall|winter)|under development|not yet)\b",
    r"\b(?:by|from|before|in|during|after|starting|as of) (?:the )?(?:(?:end|start|close|middle"
    r"|beginning) of )?(?:next|Q[1-4]"
    r"|(?:first|second|third|fourth|last) quarter|20(?:2[6-9]|[3-9]\d))\b",
    r"\b(?:will|shall) (?:soon )?be (?:introduced|launched|added|rolled out|supported|offered)\b"
    r"|\bwill\b.{0,60}\b20\d\d\b"
    r"|\b(?:from|as of|starting) (?:\w+ )?20\d\d\b.{0,60}\bwill\b|\b(?:first|second) half of (?:20\d\d|next)",
    r"\b(?:will|to) (?:soon |then |also )?(?:introduce|migrate|begin|start|launch|roll out|switch|become|let"
    r"|add support)\b",
    r"^(?:[\w-]+ ){0,3}(?:will|shall) (?:also |promptly |immediately )?(?:notify|inform|tell|warn|remind|alert"
    r"|give (?:[\w'()-]+ ){0,7}notice)\b",
    r"^should (?!you|customers|users)\w+|\b(?:should|if) (?:the )?(?:provider|operator|company|vendor"
    r"|we) (?:\w+ )?(?:relocate|move|transfer)\b",
)
_BOUND = (
    r"^(?:[\w-]+ ){0,3}certif(?:y|ies)\b.{0,30}\bthat (?:it|they|we) (?:has|have)\b",
    r"^(?:our|the|its) (?:(?!password)[\w-]+ ){0,3}(?:polic(?:y|ies)|programme?|certificat\w+|reports?|plan"
    r"|procedures?|standards?)\b.{0,20}"
    r"\b(?:covers?|address\w*|includes?|describes?|governs?|sets? out|specif\w+)\b",
    rf"\b(?:contract\w*|agreements?|agree|obliged?|bound|bind\w*|requires?|imposes?"
    rf"|obligat\w+)\b.{{0,60}}"
    rf"\b{_BOUND_ONES}\b",
    rf"\b{_BOUND_ONES}\b.{{0,60}}\b(?:contract\w*|agreements?|obliged|bound|required|agree|must|shall|undertake"
    rf"|commit\w*)\b",
)
_HABIT = (
    r"^(?:yes, )?(?:we|(?:our|the) (?:[\w-]+ ){0,3}(?:teams?|staff|engineers?|managers?|auditors?)|provider|operator"
    r"|vendor|company)"
    r"(?: shall| will| also| regularly| periodically)* (?:reviews?|tests?|rehearses?|inspects?|examines?|practises?)\b",
)
_PATTERNS = {
    StatementClass.ORGANISATIONAL: _HABIT,
    StatementClass.DOCUMENT: _BOUND,
    StatementClass.BACKGROUND: _BACKGROUND,
    StatementClass.PROMISE: _PLAN,
}
_PROMISED = re.compile(
    r"\b(?:we|provider|operator|vendor|company|contractor|it) (?:will|shall|would|do not|don't"
    r"|never)\b(?! not be responsible)",
    re.IGNORECASE,
)

_ADVERB = (
    r"(?:\W+(?:yet|currently|always|be|been|being|have|also|to|any|our|the|an?|your|all|such|this|ever|themselves"
    r"|itself"
    r"|customers?|at this time|\w+ly))"
)
_DONE = (
    r"(?:encrypt|encipher|rotat|replac|back(?:ed|s|ing)?[- ]?up|log(?:s|ged)?\b|record|scan|support|offer|provid"
    r"|requir"
    r"|enforc|includ|cover|use|have|hold|appl|delet|remov|eras|purg|destroy|run|host|tak|mak|keep|kept|monitor|enabl"
    r"|perform|retain|collect|stor|creat|activ"
    r"|manag|control|guarantee|maintain|employ|implement|operat|follow|publish|turned on|switched on)"
)
# "Not only encrypted" affirms; "no less than" and "no later than" measure.
_NOT_DONE = re.compile(rf"(?:\b(?:not|never|neither|cannot)|n't)\b(?! only\b){_ADVERB}{{0,3}}\W+{_DONE}", re.IGNORECASE)
_NONE = re.compile(r"\b(?:no|without|lacks?|instead of)(?:\W+\w+)?\W*$", re.IGNORECASE)
_NOT_THERE = re.compile(
    r"(?:\W+\w+){0,4}?\W+(?:(?:is|are|was|were)(?:n't| (?:currently |yet |at present )?not)|cannot be|do(?:es)? not)"
    r" (?:\w+ly )?(?:available|supported|offered|possible|enabled|active|included|in place|provided|retained|kept"
    r"|apply|exist|part)\b",
    re.IGNORECASE,
)
# Who refuses what is not so demands it: "rejects clients that do not use TLS".
_REFUSES = re.compile(r"\b(?:reject|refus|block|den[iy]|drop|clos)\w*", re.IGNORECASE)
_MEASURES = re.compile(r"\bno (?:less|fewer|more|later|longer|older|lower)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[,;:]\s|\s(?:and|but|which|while|because|so)\s", re.IGNORECASE)
# A denial stands within so many characters before the words that it denies.
_BEFORE = 60


def unspoken(sentence: str) -> tuple[StatementClass, str] | None:
    """The class of a sentence that says nothing of the product as it is, and the words that show it."""
    for class_, patterns in _PATTERNS.items():
        for pattern in patterns:
            if found := compiled(pattern).search(sentence):
                promised = class_ is StatementClass.BACKGROUND and _PROMISED.search(sentence)
                return (StatementClass.PROMISE if promised else class_), found[0]
    return None


def denied(sentence: str, start: int, end: int) -> bool:
    """Whether the words from ``start`` to ``end`` are denied: "are not encrypted", "no rotation of keys"."""
    clause = _CLAUSE_END.split(_MEASURES.sub(" ", sentence[max(0, start - _BEFORE) : start]))[-1]
    if _REFUSES.search(clause):
        return False
    before = _NONE.search(clause) or _NOT_DONE.search(clause + sentence[start:end])
    return (before or _NOT_THERE.match(sentence, end)) is not None
