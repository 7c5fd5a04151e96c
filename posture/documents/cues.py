"""Cues: wording that tells the class of a sentence in which no rule finds a claim; the first class with a cue wins."""

from posture.profile import StatementClass

CUES: dict[StatementClass, tuple[str, ...]] = {
    StatementClass.DOCUMENT: (
        r"\bSOC ?[123]\b|\bISO(?:/IEC)? ?\d|\bcertifi(?:ed|cat\w+)\b|\battestation\b|\baudit reports?\b",
        r"\bpenetration test\w*|\bpen[- ]?tests?\b",
        r"\b(?:independent|external|outside|third[- ]party) (?:firm|experts?|auditors?|assessors?|testers?|audits?)\b",
        r"\b(?:response|recovery|continuity|security|privacy) plan\b|\bwritten polic(?:y|ies)\b|\binsurance\b",
        r"\bframework\b|\bCAIQ\b|\bHECVAT\b|\bquestionnaire\b|\bdiagram\b",
    ),
    StatementClass.VAGUE: (
        r"\bindustry[- ](?:standards?|best|leading)|\bbest[- ](?:practices?|in[- ]class)|\bprevailing standards\b",
        r"\b(?:bank|military|enterprise)[- ]grade|\bstate[- ]of[- ]the[- ]art|\bworld[- ]class\b",
        r"\bdefen[cs]e[- ]in[- ]depth\b|\bappropriate (?:\w+ ){1,4}(?:measures|safeguards|controls)\b",
        r"\b(?:highest|utmost|top) (?:quality|standards?|level|priority|importance)|\bat the heart\b|\bseriously\b",
        r"\breasonable (?:efforts|measures|steps|procedures|safeguards|precautions)",
        r"\bacceptable means\b|\bour best\b|\badequate\b",
        r"\b(?:appropriate|robust|rigorous|stringent|strong) (?:\w+ )?(?:measures|safeguards|security|controls)\b",
        r"\b(?:range|variety|number) of (?:\w+ )?(?:measures|safeguards|controls)\b",
        r"\bcommitted to\b|\bmatters? to us\b|\bcompletely secure\b|\b(?:safe|secure) with us\b",
    ),
    StatementClass.ORGANISATIONAL: (
        r"\bemployees?\b|\bpersonnel\b|\bstaff\b|\bdevelopers?\b|\bengineers?\b|\bcontractors?\b|\bdrills?\b|\bofficer\b|\bcommittee\b",
        r"\btrain(?:ing|ed|s)?\b(?! artificial)|\bbackground checks?\b|\b(?:response|security) team\b",
        r"\b(?:multi|two)[- ]?(?:factor|step)\b|\bMFA\b|\b2FA\b",
        r"\bchange management\b|\bdevelopment life ?cycle\b|\bSDLC\b|\bprivacy[- ]by[- ]design\b",
        r"\blaptops?\b|\blocked\b|\bgenerators?\b",
    ),
    StatementClass.PROMISE: (
        r"\b(?:will|shall|agrees?|commits?|promises?|never|aims?|strives?|guarantees?|undertakes?)\b",
        r"\b(?:do|does|may) not\b(?! apply)|\bwon't\b|\bdon't\b|^not \w+ing\b",
        r"\bwe respond\b|\bremains? the property\b",
    ),
}
