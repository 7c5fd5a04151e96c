"""Rules of drafting: which wording suggests which claim, with which parameters, and what it leaves to a reading.

The table suggests; a person confirms.
"""

from posture.documents import geography, parameters, quantities, wording
from posture.documents.parameters import fixed, one
from posture.documents.rule import Rule
from posture.documents.wording import COPY, DATA, DENIED, ENCRYPTED, KEYS, SWITCHED_OFF, TRANSIT, near

RULES: tuple[Rule, ...] = (
    Rule(
        claim="tls-minimum",
        says=(
            r"\b(?:TLS|SSL)(?:v?\d)?\b(?! certificates?)",
            r"transport layer security|secure sockets? layer",
            near(ENCRYPTED, TRANSIT),
        ),
        meaning="Every endpoint and listener accepts this TLS version or newer, and nothing older.",
        named=parameters.tls_version,
        assumed={"version": "TLS 1.2"},
        alternative=parameters.tls_supported,
    ),
    Rule(
        claim="clear-text-refused",
        says=(
            rf"\b(?:data|traffic|communications?)\b[^.]{{0,60}}(?:{near(ENCRYPTED, TRANSIT, 40)})",
            rf"\b(?:data|traffic|communications?) in (?:transit|flight|motion)\b[^.]{{0,40}}(?:{ENCRYPTED}|TLS|SSL)",
            r"\b(?:require|only accept|accept only)\w* (?:encrypted|TLS|SSL) connections",
            rf"{ENCRYPTED}[^.]{{0,40}}\b(?:data|traffic|communications?)\b[^.]{{0,60}}{TRANSIT}",
            near(r"\b(?:unencrypted|clear[- ]?text|plain[- ]?text)", SWITCHED_OFF),
        ),
        meaning="Stores and databases refuse connections that are not encrypted.",
    ),
    Rule(
        claim="https-only",
        says=(r"\bHTTPS\b(?!://)", wording.HSTS),
        meaning="Every web endpoint answers over TLS alone; plain HTTP is closed or only redirects.",
        named=parameters.hsts_days,
    ),
    Rule(
        claim="certificate-valid",
        says=(
            near(r"\bcertificates?\b", r"\b(?:TLS|SSL|RSA|2048|3072|4096|authorit\w+|expir\w+|renew\w*|trusted)\b"),
            r"let's encrypt|\bcertificate manager\b|\bpublic CA\b",
        ),
        unless=(r"\b(?:ISO|SOC ?[123])\b",),
        meaning="Every TLS endpoint presents a certificate in date that clients trust.",
        named=one("rsa_bits", quantities.key_bits),
    ),
    Rule(
        claim="strong-cipher-suites",
        says=(r"\bcipher suites?\b", r"\bciphers\b", "forward secrecy"),
        meaning="Endpoints accept suites of AES or ChaCha20 with at least 128-bit keys, and no others.",
        named=one("forward_secrecy", lambda sentence: "forward secrecy" in sentence.lower()),
    ),
    Rule(
        claim="encrypted-at-rest",
        says=(
            near(ENCRYPTED, "at[- ]rest"),
            wording.AES,
            r"transparent data encryption|\bTDE\b|server[- ]side encryption|\bSSE-(?:S3|KMS)\b",
            near(ENCRYPTED, wording.STORE),
            rf"\b(?:data|information|documents?|uploads?|content|messages)\b (?:is|are) (?:always |all )?{ENCRYPTED}"
            rf"(?![^.]{{0,60}}{TRANSIT})(?! while)",
        ),
        unless=(
            wording.DOUBLE,
            r"by default|default encryption|\bconnections\b",
            wording.DEVICE,
            rf"{COPY}[^.]{{0,40}}{ENCRYPTED}|{ENCRYPTED} {COPY}",
        ),
        meaning="Every data store, snapshot and backup in scope is encrypted where it lies.",
        named=parameters.algorithm,
        assumed={"algorithm": "any"},
    ),
    Rule(
        claim="encrypted-at-rest",
        says=(near(ENCRYPTED, r"\b(?:volumes?|databases?|disks?|buckets?) and (?:their )?(?:snapshots?|backups?)\b"),),
        meaning="Every data store, snapshot and backup in scope is encrypted where it lies.",
        named=parameters.algorithm,
        assumed={"algorithm": "any"},
    ),
    Rule(
        claim="encryption-by-default",
        says=(rf"{ENCRYPTED} by default", "default encryption", r"new \w+ (?:are|is) (?:automatically )?encrypted"),
        meaning="The account encrypts new storage even when nobody asks for it.",
    ),
    Rule(
        claim="customer-managed-keys",
        says=(
            r"customer[- ]managed|\bCMKs?\b|\bBYOK\b|bring your own key|\b(?:our|your) own keys",
            rf"{KEYS}[^.]{{0,40}}(?:managed|controlled|owned|held) by (?:us|our)",
            rf"{KEYS} (?:that |which )?we (?:control|own|manage|hold)|{KEYS} under our (?:own )?control",
        ),
        meaning="Every data store is encrypted under a key that the customer of the cloud controls.",
    ),
    Rule(
        claim="key-rotation",
        says=(near(KEYS, r"\brotat\w+"),),
        meaning="Customer keys are rotated by the key service at least this often.",
        named=one("days", quantities.interval),
        assumed={"days": 365},
    ),
    Rule(
        claim="double-encrypted",
        says=(wording.DOUBLE,),
        meaning="Every data store has two independent layers of encryption at rest.",
    ),
    Rule(
        claim="backups-encrypted",
        says=(near(COPY, ENCRYPTED, 80),),
        meaning="Every snapshot, recovery point, backup and vault in scope is encrypted.",
    ),
    Rule(
        claim="backups-exist",
        says=(
            r"\bback(?:ed|s|ing)? up\b",
            r"\b(?:backups?|snapshots)\b[^.]{0,30}\b(?:runs?|taken|made|performed|created|scheduled)\b",
            r"point[- ]in[- ]time (?:recovery|restore)",
            r"\b(?:take|make|perform|run|create|keep)s?\b[^.]{0,30}\bbackups\b",
            r"\b(?:hourly|daily|nightly|weekly)\b[^.]{0,20}\bbackups?\b",
        ),
        unless=(r"backup (?:power|generator)|\bgenerators?\b",),
        meaning="Every store in scope has a backup that is not older than this.",
        named=one("max_age_days", quantities.interval),
        assumed={"max_age_days": 7},
    ),
    Rule(
        claim="vault-protected",
        says=(r"\b(?:key|backup|recovery services) vaults?\b", r"soft[- ]delet\w+", "purge protection"),
        meaning="Key vaults and backup vaults keep what is deleted, and cannot be purged in one step.",
    ),
    Rule(
        claim="hosted-by",
        says=(near(wording.RUNS, wording.AWS),),
        unless=(wording.ATTESTED,),
        meaning="The product's stores and servers run at Amazon Web Services.",
        named=fixed(provider="aws"),
    ),
    Rule(
        claim="hosted-by",
        says=(near(wording.RUNS, wording.AZURE),),
        unless=(wording.ATTESTED,),
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
    ),
    Rule(
        claim="no-public-access",
        says=(
            near(DENIED, wording.PUBLIC, 70),
            near(DENIED, r"\banonymous(?:ly)?\b", 40),
            r"\bprivate buckets?\b|\bprivate by default\b|\bblock public access\b",
        ),
        meaning="No store, snapshot or image can be read or listed without signing in.",
    ),
    Rule(
        claim="not-shared",
        says=(
            r"\b(?:no|not|never)\b[^.]{0,60}\b(?:shar(?:e[sd]?|ing)|disclos(?:e[sd]?|ing)|released?)\b[^.]{0,80}"
            r"\b(?:third part\w+|accounts?|outside)\b",
        ),
        meaning="No store, snapshot, image or key is open to an account or tenant outside.",
    ),
    Rule(
        claim="network-restricted",
        says=(
            r"\bprivate (?:\w+ )?(?:subnets?|networks?|endpoints?|links?|VPCs?|clouds?)\b",
            r"\bbehind (?:a |our )?firewalls?\b",
            r"\bfirewalls?\b[^.]{0,30}\b(?:restrict|limit|block|allow|den)\w*|\bsecurity groups?\b",
            r"\b(?:no|not|never|\w+n't)\b[^.]{0,40}\b(?:exposed|reachable|accessible|open)\b[^.]{0,25}\binternet\b",
            r"\b(?:IP|network) allow-?lists?\b",
            r"\bfrom (?:the|our) [\w ]{0,20}(?:subnet|network|VPC|VPN)s? only\b",
            r"\bonly\b[^.]{0,20}\bfrom (?:the|our) [\w ]{0,20}(?:subnet|network|VPC|VPN)\b",
            "(?:not|n't) be reached from the internet",
        ),
        meaning="Stores and databases answer chosen networks only.",
    ),
    Rule(
        claim="named-principals-only",
        says=(
            near(
                r"\bshared (?:access )?(?:keys?|accounts?|credentials?|passwords?|log-?ins?|signatures?)\b",
                rf"{DENIED}|\bprohibited\b",
                40,
            ),
            r"\b(?:unique|individual|named) (?:user )?(?:accounts?|identit\w+|IDs?|credentials|log-?ins?)\b",
        ),
        meaning="Data is reached by named principals alone: no shared keys, no account-wide signatures.",
    ),
    Rule(
        claim="role-based-access",
        says=(
            r"\brole[- ]based\b|\bRBAC\b|least[- ]privileged?",
            r"\b(?:assigned|according to|through|by) (?:their )?roles?\b|\bneed[- ]to[- ]know\b",
            r"\bwhose roles?\b|\bbased on (?:their )?roles?\b",
            r"\baccess\b[^.]{0,60}\b(?:limited|restricted)\b[^.]{0,60}\b(?:who|whose|need|authori[sz]ed)\b",
            r"\b(?:owner|administrator|admin|contributor) roles?\b",
        ),
        meaning="Rights come from roles, and few principals hold the wide ones.",
        named=one("max_privileged", quantities.holders),
        remainder="The roles inside the application, and that their holders need them.",
    ),
    Rule(
        claim="password-policy",
        says=(near(r"\bpasswords?\b", r"\b(?:at least|minimum|no (?:fewer|less) than|or more|characters)\b"),),
        meaning="User pools demand passwords of at least this length.",
        named=one("min_length", quantities.characters),
        assumed={"min_length": 8},
    ),
    Rule(
        claim="activity-logged",
        says=(
            r"\baudit (?:logs?|trails?|logging)\b|\baccess logs?\b|\bCloudTrail\b|\bactivity logs?\b",
            r"\blogs? (?:all|every|each) (?:access|action)",
            r"\b(?:actions?|access|activit\w+)\b[^.]{0,40}\b(?:logged|recorded)\b",
            r"\b(?:logs?|records?|logging) (?:of )?(?:\w+ ){0,2}(?:access|activit\w+|actions)\b",
            r"\blogs are (?:collected|kept|stored|retained)",
        ),
        meaning="Actions on the accounts are logged in every region.",
        named=parameters.integrity,
    ),
    Rule(
        claim="configuration-recorded",
        says=(
            r"\bAWS Config\b",
            r"\bconfiguration (?:history|drift)\b",
            near(
                r"\b(?:configuration|infrastructure) changes?|changes? (?:to|of) [\w ]{0,20}configuration",
                r"\b(?:record|track)\w*",
                40,
            ),
        ),
        meaning="Changes of configuration are recorded in every region.",
    ),
    Rule(
        claim="threat-detection",
        says=(
            r"\bGuardDuty\b|\bDefender for Cloud\b",
            r"\b(?:intrusion|threat) (?:detection|prevention)\b|\bIDS\b|\banomaly detection\b",
        ),
        meaning="The provider's threat detection is on in every region.",
    ),
    Rule(
        claim="vulnerability-scanning",
        says=(
            r"\bvulnerability (?:scan\w*|assessments?|management)|\bAmazon Inspector\b",
            near(r"\b(?:scan(?:s|ned|ning)?|assessed)\b", r"\bvulnerabilit\w+"),
        ),
        meaning="Workloads are scanned for known vulnerabilities by the provider's scanner, in every region.",
        remainder="That the results are assessed and what they find is mended.",
    ),
    Rule(
        claim="deleted-within",
        says=(near(wording.DELETED, DATA, 80),),
        unless=(r"\bsoft[- ]delet",),
        meaning="Deleted data is gone for good within this time, old versions and backups included.",
        named=one("days", quantities.days),
        assumed={"days": 60},
        remainder="That deletion is started when it was promised.",
    ),
    Rule(
        claim="deleted-within",
        says=(
            r"\b(?:retain\w*|retention|keep|kept|stored)\b[^.]{0,40}"
            r"\b(?:no longer than|no more than|at most|up to|a maximum of|not exceed\w*)\b",
        ),
        meaning="Deleted data is gone for good within this time, old versions and backups included.",
        named=one("days", quantities.days),
        needs_named=True,
    ),
    Rule(
        claim="policy-published",
        says=(
            r"\b(?:find|read|view|see)\b[^.]{0,30}\b(?:policy|notice)\b[^.]{0,20}\bon (?:our|the) (?:web ?)?site\b",
            r"\b(?:policy|notice)\b[^.]{0,40}\b(?:posted|published|available|found|accessible)\b[^.]{0,40}"
            r"(?:https?://|\bweb ?site\b|\bsite\b|\bpublic)",
            r"\bpolicy\b[^.]{0,30}\bpublicly\b",
        ),
        meaning="Anybody can read the privacy policy, over TLS, at this path.",
        named=parameters.path,
    ),
)
