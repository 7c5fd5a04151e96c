"""Cues: wording that tells the class of a sentence in which no rule finds a claim; the first class with a cue wins."""

from posture.profile import StatementClass

_QUALITY = (
    r"(?:appropriate|robust|rigorous|stringent|strong|reasonable|adequate|comprehensive|advanced|suitable"
    r"|proportionate)"
)
_MEASURES = (
    r"(?:measures|safeguards|security|controls|procedures|steps|precautions|protections?|efforts|practices"
    r"|encryption)"
)

CUES: dict[StatementClass, tuple[str, ...]] = {
    StatementClass.DOCUMENT: (
        r"\bSOC ?[123]\b|\bISO(?:/IEC)? ?\d|\bcertifi(?:ed|cat\w+)\b|\battestation\b|\b(?:audit|test"
        r"|assessment) reports?\b",
        r"\bpenetration[- ]test\w*|\bpen[- ]?tests?\b|\bPCI[- ]DSS\b|\bVPAT\b|\bcyber[- ]?(?:essentials|liability)\b"
        r"|\binsurance\b",
        r"\b(?:independent|external|outside|third[- ]party) (?:\w+ )?(?:firm|experts?|auditors?|assessors?|testers?"
        r"|audits?|consultanc\w+"
        r"|specialists?|part(?:y|ies) (?:tests?|audits?|assess\w*))\b",
        r"\b(?:response|recovery|continuity|security|privacy|protection) (?:plan|polic(?:y|ies)|programme|schedule)\b"
        r"|\b(?:written|documented|formal) (?:[\w-]+ ){0,3}(?:polic(?:y|ies)|plans?|procedures?|process(?:es)?"
        r"|programme?s?|agreements?)\b"
        r"|\bretention schedule\b|\b(?:encryption|access control|retention) polic(?:y|ies)\b",
        r"\bframework\b|\bCAIQ\b|\bHECVAT\b|\bquestionnaires?\b|\bdiagram\b|\bcontractual clauses\b"
        r"|\bimpact assessments?\b"
        r"|\bprocessing (?:agreement|addendum)\b|\bSOC reports?\b|\brecords? of (?:our |the )?processing\b"
        r"|\bagreements? with (?:\w+ ){0,3}(?:processors?|vendors?|suppliers?)\b",
        r"\blist of (?:\w+ ){0,3}(?:sub-?processors|subcontractors|vendors)\b|\b(?:is|are) attached\b"
        r"|\battached (?:as|to|report)\b"
        r"|\b(?:available|provided|supplied|shared|obtained|sent) (?:up)?on request\b|\bunder (?:an? )?NDA\b"
        r"|\bsummary (?:\w+ )?can be\b",
    ),
    StatementClass.VAGUE: (
        r"\bindustry[- ](?:standards?|best|leading|accepted|recogni[sz]ed)|\bbest[- ](?:practices?|in[- ]class"
        r"|efforts)|\bprevailing standards\b",
        r"\b(?:bank|military|enterprise|government)[- ](?:grade|level|class)|\bstate[- ]of[- ]the[- ]art"
        r"|\bworld[- ]class\b|\bcutting[- ]edge\b",
        rf"\bdefen[cs]e[- ]in[- ]depth\b|\b{_QUALITY},? (?:[\w-]+,? (?:and )?){{0,5}}{_MEASURES}\b",
        r"\b(?:highest|utmost|top|great|paramount) (?:quality|standards?|level|priority|importance|care)"
        r"|\bat the heart\b|\bseriously\b",
        r"\bacceptable means\b|\bour best\b|\badequate\b|\bpeace of mind\b|\bsafe hands\b|\bgreat lengths\b|\b(?:has"
        r"|have|got) you covered\b|\bairtight\b|\bconsistent with .{0,40}\bindustry\b|\brock[- ]solid\b|\bsleep\b"
        r"|\bcompromise\b",
        r"\b(?:range|variety|number|host) of (?:[\w-]+ )?(?:measures|safeguards|controls)\b|\bimportance of\b"
        r"|\bimportant to (?:us|everyone)\b",
        r"\b(?:is|are) (?:committed|dedicated) to\b|\bwe(?: are|'re) (?:committed|dedicated) to\b|\bcommitment to\b"
        r"|\bmatters? to us\b"
        r"|\bcompletely secure\b|\b(?:safe|secure) (?:with us|and sound)\b",
        r"\b(?:culture|passion\w*|our dna|baked into|trust is|trusted partner|care deeply|cares? about|mission)\b"
        r"|\bvaluable asset\b",
        r"\b(?:constantly|continually|continuously|always) (?:improv\w+|striv\w+|evolv\w+|work\w*)|\bstay (?:abreast"
        r"|ahead)\b|\bkeep pace\b",
    ),
    StatementClass.ORGANISATIONAL: (
        r"\bemployees?\b|\bpersonnel\b|\bstaff\b|\bdevelopers?\b|\bengineers?\b|\bcontractors\b|\bdrills?\b"
        r"|\bofficer\b|\bcommittee\b"
        r"|\bmanagers?\b|\bcolleagues\b|\bon[- ]call\b|\bnew hires?\b|\bhire\b|\bresearchers\b|\bhelp ?desk\b"
        r"|\banalysts?\b",
        r"\b(?:security|awareness|privacy|annual|periodic|secure coding) training\b|\btrained\b"
        r"|\bbackground (?:checks?|screening)\b|\b(?:response|security) team\b",
        r"\b(?:multi|two)[- ]?(?:factor|step)\b|\bMFA\b|\b2FA\b|\bsingle sign-?on\b|\bSSO\b|\bSAML\b|\bhashed\b"
        r"|\bbcrypt\b|\bArgon2\b",
        r"\bchange management\b|\bdevelopment life ?cycle\b|\bSDLC\b|\bprivacy[- ]by[- ]design\b|\bcode (?:reviews?"
        r"|changes?)\b|\bpatch\w*\b"
        r"|\bbug bounty\b|\bresponsible disclosure\b|\btable-?top\b|\bweb application firewalls?\b|\bWAF\b|\bDDoS\b"
        r"|\bcommon attacks\b|\bstatic (?:\w+ )?(?:analys\w+|scann\w+)|\brisk assessments?\b|\bavailability zones?\b"
        r"|\bfail-?over\b|\bredundan\w+|\binduction\b|\bjoiners\b|\banti-?(?:virus|malware)\b",
        r"\blaptops?\b|\blocked\b|\bgenerators?\b|\bvisitors?\b|\breception\b|\bbadges?\b|\bguards?\b|\bCCTV\b"
        r"|\bpaper\b|\bshredd\w+"
        r"|\bregistered post\b|\bpseudonymi[sz]\w+|\banonymi[sz]\w+|\blogically (?:separat\w+|isolat\w+|segregat\w+)"
        r"|\b(?:separat|isolat|segregat)\w* logically\b|\btenant\b|\baccess (?:rights|reviews?)\b|\brevoked\b"
        r"|\breview\w* (?:quarterly|annually)\b",
    ),
    StatementClass.PROMISE: (
        r"\b(?:will|shall|agrees?|commits?|promises?|never|aims?|strives?|guarantees?|undertakes?|prohibited"
        r"|refrains?|warrants?)\b",
        r"\b(?:(?:do|does|may) not|won't|don't)\b(?! (?:apply|currently|yet|encrypt|support|offer|back up|rotate|log"
        r"|scan|delete))|\b(?:are|be) (?:told|informed|notified)\b|^not \w+ing\b",
        r"\bwe respond\b|\bremains? the property\b|^no [\w ]{0,30}\b(?:is|are) (?:used|sold|shared|collected)\b"
        r"|\bis not (?:used|sold|rented)\b",
    ),
}
