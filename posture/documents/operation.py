"""Rules for how a product is run: where, behind which doors, for whom, watched by what, and until when."""

from posture.documents import geography, parameters, quantities, wording
from posture.documents.parameters import fixed, one
from posture.documents.rule import Rule
from posture.documents.wording import DATA, DENIED, LEAST, NEED, OUTSIDERS, THINGS, near

_OFF = rf"{DENIED}|{wording.SWITCHED_OFF}"
_LOGGED = (
    r"\b(?:logged|recorded|captured|audited|written to|leaves? a trace|audit trail|audit logs?|record of"
    r"|kept in a log|logs?\b(?! (?:in|into|on|out)\b)|entr(?:y|ies) in)\b"
)
_ACTS = (
    r"\b(?:actions?|accesses|access|activit\w+|API calls?|calls|operations?|sign-?ins|log-?ins"
    r"|administ\w+ (?:changes?|events?)"
    r"|events|everything (?:that )?(?:our )?administrators do|changes|who (?:accessed|did|changed|viewed|saw"
    r"|signed))\b"
)

OPERATION: tuple[Rule, ...] = (
    Rule(
        claim="hosted-by",
        about="amazon aws",
        says=(
            near(wording.RUNS, wording.AWS),
            r"^(?:yes[,;:] )?(?:in |at )?(?:Amazon Web Services|AWS)\b(?=\s*[,(;]"
            r"|\.?$)",
        ),
        unless=(wording.ATTESTED, wording.GUARDED),
        meaning="The product's stores and servers run at Amazon Web Services.",
        named=fixed(provider="aws"),
    ),
    Rule(
        claim="hosted-by",
        about="azure",
        says=(
            near(wording.RUNS, wording.AZURE),
            r"^(?:yes[,;:] )?(?:in |at )?(?:Microsoft )?Azure\b(?=\s*[,(;]"
            r"|\.?$)",
        ),
        unless=(wording.ATTESTED, wording.GUARDED),
        meaning="The product's stores and servers run at Microsoft Azure.",
        named=fixed(provider="azure"),
    ),
    Rule(
        claim="hosted-in",
        says=(wording.HELD,),
        unless=(wording.ATTESTED, wording.LAW),
        meaning="Every resource in scope lies in one of these regions, replicas and backups included.",
        named=one("regions", lambda sentence: list(geography.regions(sentence))),
        needs_named=True,
        negative=True,
    ),
    Rule(
        claim="no-public-access",
        about="public anonym any everyone world private internet without authenticated",
        says=(
            near(DENIED, wording.PUBLIC, 70),
            (THINGS, DENIED, r"\b(?:publicly|anonymous\w*|public access|(?:to )?the public|by anyone)\b"),
            (
                r"\b(?:buckets?|blobs?|containers?|snapshots?|images?|storage(?: accounts?)?"
                r"|databases?)\b",
                DENIED,
                r"\bpublic\b(?! (?:internet|network|cloud|holiday|bod))",
            ),
            r"\bprivate buckets?\b|\bprivate by default\b|\bblock(?:s|ed|ing)? (?:all )?public access\b"
            r"|\bpublic access block",
            (
                r"\b(?:buckets?|blobs?|containers?|snapshots?"
                r"|storage accounts?)\b",
                r"\b(?:are|is|stay|remain|kept) (?:\w+ )?private\b",
            ),
        ),
        unless=(r"\b(?:policy|notice)\b",),
        meaning="No store, snapshot or image can be read or listed without signing in.",
        negative=True,
    ),
    Rule(
        claim="not-shared",
        about="shar disclos releas pass hand visible available give access open grant",
        says=(
            r"\b(?:no|not|never|neither|nor|none|nobody|\w+n't)\b.{0,60}\b(?:shar(?:e[sd]?|ing)|disclos(?:e[sd]?"
            r"|ing)|released?"
            rf"|(?:accessible|open|granted) to|pass(?:ed)? (?:on|to)|hand(?:ed)? (?:over|on|to)|visible"
            rf"|made available|give[ns]?)\b.{{0,80}}{OUTSIDERS}",
            rf"\bat no time\b.{{0,20}}\b(?:share|disclose|pass on|hand over|give)\b.{{0,80}}{OUTSIDERS}",
        ),
        unless=(r"\b(?:shared|individual|generic) (?:user )?accounts?\b",),
        meaning="No store, snapshot, image or key is open to an account or tenant outside.",
        negative=True,
    ),
    Rule(
        claim="network-restricted",
        about="private firewall security internet list network only address vpn public inbound incoming default "
        "isolated",
        says=(
            r"\bprivate (?:\w+ )?(?:subnets?|networks?|endpoints?|links?|VPCs?|clouds?|addresses)\b"
            r"|\bvirtual private cloud\b",
            r"\bbehind (?:a |our |the |network )*firewalls?\b",
            r"\b(?:firewalls?|security groups?)\b.{0,40}\b(?:restrict|limit|block|allow|den|only|permit|admit|drop)\w*"
            r"|\bsecurity groups?\b|\b(?:restrict|limit|block|protect|shield)\w*.{0,20}\bby (?:\w+ )?firewalls?",
            r"\b(?:no|not|never|none|neither|cannot|\w+n't)\b.{0,60}\b(?:exposed|reachable|reached|accessible|open"
            r"|accessed"
            r"|connected|visible)\b.{0,25}\binternet\b",
            r"\b(?:IP|network|address) (?:allow|white)[- ]?lists?\b|\b(?:allow|white)[- ]?list of (?:\w+ )?(?:IP"
            r"|network|address)\w*|\b(?:allow|white)-?listed (?:IP|network|address)\w*",
            r"\bfrom (?:the|our|its|known|approved|named|chosen|a few) [\w ]{0,30}(?:subnet|network|VPC|VPN|address"
            r"|range)\w* (?:only|alone)\b",
            r"\bonly\b.{0,40}\b(?:from|through|over|via|to) (?:the|our|its|an?|known|approved|named"
            r"|chosen) [\w ]{0,30}"
            r"(?:subnet|network|VPC|VPN|bastion|address|IP|range|application server)",
            r"\bonly\b.{0,30}\b(?:servers?|subnets?|networks?|VPC|VPN|addresses|hosts?|tier)\b.{0,20}\b(?:reach"
            r"|connect|talk|access)\w*",
            r"\bisolated from the (?:public |open )?internet\b|\b(?:no|not|without)\b.{0,40}\b(?:route|path"
            r"|access) (?:to|from) (?:the )?(?:\w+ )?internet\b"
            r"|\b(?:no|without|not have) (?:direct )?internet access\b|\bisolated (?:subnets?|networks?)\b",
            r"\bpublic network access\b.{0,20}\b(?:disabled|off|denied|blocked)|\b(?:no|without"
            r"|not have) (?:a )?public"
            r" (?:IP|endpoint|address)",
            r"\bclosed to the (?:public |open )?internet\b|\b(?:inbound|incoming) (?:traffic"
            r"|connections?)\b.{0,30}\b(?:denied|blocked|refused"
            r"|dropped|limited|restricted)\b",
            r"\binternet\b.{0,20}\b(?:blocked|denied|refused|dropped)\b|\b(?:den(?:y|ies)|block|refuse"
            r"|drop)s?\b.{0,40}"
            r"\b(?:from the internet|by default)\b",
        ),
        unless=(r"\bweb(?: application)? firewalls?\b|\bWAF\b|\b(?:laptops?|office)\b",),
        meaning="Stores and databases answer chosen networks only.",
        negative=True,
    ),
    Rule(
        claim="named-principals-only",
        about="shar generic account key sas unique individual named personal own",
        says=(
            near(
                r"\b(?:shar(?:ed|ing)|generic|account) (?:access |user )?(?:keys?|accounts?|credentials?|passwords?"
                r"|log-?ins?"
                r"|signatures?|identities)\b|\bshared[- ]key\b|\bSAS tokens?\b|\b(?:storage|access) keys\b",
                rf"{_OFF}|\bprohibited\b",
                50,
            ),
            r"\b(?:unique|individual|named|personal|own) (?:user |sign-?in )?(?:accounts?|identit\w+|IDs?"
            r"|credentials|log-?ins?)\b",
        ),
        unless=(r"\b(?:other|outside) (?:\w+ )?accounts\b",),
        meaning="Data is reached by named principals alone: no shared keys, no account-wide signatures.",
        negative=True,
    ),
    Rule(
        claim="role-based-access",
        about="role rbac least need access permission privilege right",
        says=(
            r"\brole[- ]based\b|\bRBAC\b|\bleast[- ]privileged?|\bprinciple of least\b",
            r"\b(?:assigned|according to|through|by|via|on) (?:their |his or her |job |the )?roles?\b"
            r"|\bneed[- ]to[- ]know\b",
            r"\bwhose roles?\b|\bjob roles?\b|\b(?:distinct|separate|different|IAM) (?:\w+ )?roles?\b"
            r"|\bbased on (?:their |the )?(?:\w+ )?roles?\b|\bthrough roles\b|\b(?:their|his or her|the|whose"
            r"|a) (?:job |own )?roles? (?:requires?|needs?|allows?|permits?|calls? for)\b",
            rf"\b(?:access|permissions?|privileges?|rights)\b.{{0,80}}{LEAST}.{{0,80}}{NEED}",
            rf"{LEAST}.{{0,30}}\b(?:access|permissions?|privileges?)\b.{{0,90}}{NEED}",
            r"\b(?:owner|administrator|admin|contributor) (?:roles?|rights|privileges)\b",
        ),
        unless=(r"\b(?:office|building|data cent(?:er|re)|badge|door|visitors?)\b.{0,30}\baccess\b",),
        meaning="Rights come from roles, and few principals hold the wide ones.",
        named=one("max_privileged", quantities.holders),
        remainder="The roles inside the application, and that their holders need them.",
    ),
    Rule(
        claim="password-policy",
        about="passw passphrase",
        says=(
            near(
                r"\b(?:passwords?|passphrases?)\b",
                r"\b(?:at least|minimum|(?:no|not) (?:fewer|less|shorter) than|or more|characters?|or longer"
                r"|shorter than|long)\b",
            ),
        ),
        unless=(r"\bmanagers?\b",),
        meaning="User pools demand passwords of at least this length.",
        named=one("min_length", quantities.characters),
        assumed={"min_length": 8},
        negative=True,
    ),
    Rule(
        claim="activity-logged",
        about="log record captur audit trace trail entr writ",
        says=(
            r"\baudit (?:logs?|trails?|logging)\b|\baccess logs?\b|\bCloudTrail\b|\bactivity logs?\b|\baudit events?\b",
            r"\blogs? (?:all|every|each) (?:\w+ )?(?:access|actions?|activit\w+|sign-?ins?|changes?|requests?)",
            near(_ACTS, _LOGGED, 80),
            r"\b(?:logs?|records?|logging) (?:of )?(?:\w+ ){0,2}(?:access|activit\w+|actions|operations)\b",
            r"\blogs are (?:\w+ )?(?:collected|kept|stored|retained)",
        ),
        unless=(
            r"\bprocessing activities\b|\b(?:visitors?|offices?|door|badge|phone calls?|meetings?)\b",
            r"\bAWS Config\b|\b(?:configuration|infrastructure) changes?\b|\bchanges? (?:to|of"
            r"|in) [\w ]{0,30}(?:settings|resources?)\b",
        ),
        meaning="Actions on the accounts are logged in every region.",
        named=parameters.integrity,
    ),
    Rule(
        claim="configuration-recorded",
        about="config infrastructure change",
        says=(
            r"\bAWS Config\b",
            r"\bconfiguration (?:history|drift)\b",
            near(
                r"\b(?:configuration|infrastructure) changes?|\bchanges? (?:to|of|in) [\w ]{0,30}(?:configuration"
                r"|settings"
                r"|resources?|infrastructure)",
                r"\b(?:record|track|log|captur)\w*",
                60,
            ),
            near(r"\bconfigurations? of\b", r"\b(?:recorded|tracked|captured)\b"),
        ),
        meaning="Changes of configuration are recorded in every region.",
    ),
    Rule(
        claim="threat-detection",
        about="guardduty defender intrusion threat attack ids anomal detect suspicious malicious",
        says=(
            r"\bGuardDuty\b|\bDefender for Cloud\b",
            r"\b(?:intrusion|threat)[- ](?:detection|prevention|monitoring)\b|\bIDS\b|\banomaly detection\b"
            r"|\bdetect\w* (?:\w+ ){0,2}"
            r"(?:intrusions?|threats?|anomal\w+|suspicious)",
            near(r"\b(?:monitor|watch|scan)\w*", r"\bfor (?:\w+ ){0,2}(?:intrusions?|attacks?|threats?)\b"),
            near(
                r"\b(?:suspicious|malicious|anomalous) (?:activit\w+|behaviou?r|traffic"
                r"|sign-?ins?)",
                r"\b(?:watch|look|monitor|alert|detect)\w*",
            ),
        ),
        unless=(r"\b(?:train\w*|e-?mail|phishing|report)\b",),
        meaning="The provider's threat detection is on in every region.",
    ),
    Rule(
        claim="vulnerability-scanning",
        about="vulnerab inspector cve known security",
        says=(
            r"\bvulnerability (?:scan\w*|assessments?|management)|\bInspector\b",
            near(
                r"\b(?:scan(?:s|ned|ning|ners?)?|assess\w*|check(?:s"
                r"|ed)?)\b",
                r"\b(?:vulnerabilit\w+|CVEs?|(?:known|security) (?:weaknesses|flaws|holes))\b",
            ),
        ),
        unless=(r"\b(?:source code|pull requests?|penetration|dependenc\w+)\b",),
        meaning="Workloads are scanned for known vulnerabilities by the provider's scanner, in every region.",
    ),
    Rule(
        claim="deleted-within",
        about="delet purg eras destr dispos wipe disappear discard overwr expung scrub age expire irretriev remov",
        says=(
            near(wording.DELETED, DATA, 80),
            rf"\b(?:is|are|be|we|shall|will)\b (?:\w+ )?{wording.DELETED}.{{0,40}}\b(?:within|after|later than"
            rf"|in at most) {quantities.NUMBER}",
            rf"{wording.DELETED} (?:it|them)\b (?:after|within|no later|once|when|upon|at the|as soon|\d)",
        ),
        unless=(
            r"\bsoft[- ]delet",
            r"\b(?:paper|shred\w*|degauss\w*|hard drives?|certificate of destruction is"
            r"|hardware|printed|yourself|cookies"
            r"|opportunity)\b",
            r"\bhave (?:\w+ ){0,4}(?:deleted|erased)\b",
        ),
        meaning="Deleted data is gone for good within this time, old versions and backups included.",
        named=one("days", quantities.days),
        assumed={"days": 60},
        remainder="That deletion is started when it was promised.",
    ),
    Rule(
        claim="deleted-within",
        about="ret keep kept stored persist",
        says=(
            r"\b(?:retain\w*|retention|keep|kept|stored|persist)\b.{0,60}"
            r"\b(?:no longer than|no more than|at most|up to|a maximum of|not exceed\w*|not longer than"
            r"|and no longer)\b",
        ),
        meaning="Deleted data is gone for good within this time, old versions and backups included.",
        named=one("days", quantities.days),
        needs_named=True,
        remainder="That deletion is started when it was promised.",
        negative=True,
    ),
)
