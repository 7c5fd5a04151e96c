"""Rules for what protects data: in transit, where it lies, by keys, and in copies."""

from posture.documents import parameters, quantities, wording
from posture.documents.parameters import one
from posture.documents.rule import Rule
from posture.documents.wording import (
    COPY,
    DENIED,
    ENCRYPTED,
    INTERNAL,
    KEYS,
    RESTING,
    STORE,
    SWITCHED_OFF,
    TRAFFIC,
    TRANSIT,
    UNENCRYPTED,
    WE,
    near,
)

_AT_REST = "Every data store, snapshot and backup in scope is encrypted where it lies."
_COPIES = "Every snapshot, recovery point, backup and vault in scope is encrypted."
_BACKED_UP = "Every store in scope has a backup that is not older than this."
_POWER = r"backup (?:power|generator)|\bgenerators?\b"
_TLS = r"\b(?:TLS|SSL)(?:v?\d)?\b(?! certificates?)|transport layer security|secure sockets? layer"

PROTECTION: tuple[Rule, ...] = (
    Rule(
        claim="tls-minimum",
        about="tls ssl layer encrypt encipher",
        says=(
            _TLS,
            near(ENCRYPTED, TRANSIT),
            rf"\bconnections?\b.{{0,40}}\b(?:is"
            rf"|are) (?:\w+ )?{ENCRYPTED}",
            near(r"\bencryption\b", r"\bdata in (?:transit|motion|flight)\b", 80),
        ),
        meaning="Every endpoint and listener accepts this TLS version or newer, and nothing older.",
        named=parameters.tls_version,
        assumed={"version": "TLS 1.2"},
        alternative=parameters.tls_supported,
    ),
    Rule(
        claim="clear-text-refused",
        about="tls ssl layer encrypt encipher clear plain secure",
        says=(
            rf"{TRAFFIC} in (?:transit|flight|motion)\b.{{0,60}}(?:{ENCRYPTED}|{_TLS})",
            rf"{ENCRYPTED}.{{0,60}}{TRAFFIC}.{{0,60}}{TRANSIT}",
            rf"{TRAFFIC}.{{0,80}}(?:{near(ENCRYPTED, TRANSIT, 60)})",
            (TRAFFIC, INTERNAL, rf"{ENCRYPTED}|{_TLS}"),
            (TRAFFIC, ENCRYPTED, _TLS),
            (
                r"\b(?:database|server|store|storage|cluster|cache|account|Redis|MySQL|Postgres|PostgreSQL|RDS"
                r"|Aurora)s?\b",
                r"\b(?:require|accept|insist|enforce|demand|reject|refus|allow)\w*"
                r".{0,40}\b(?:encrypted|TLS|SSL|secure)\b",
            ),
            (r"\bconnections?\b", r"\b(?:must|have to|required to|need to)\b.{0,20}\b(?:encrypted|TLS|SSL)\b"),
            near(UNENCRYPTED, rf"{SWITCHED_OFF}|\b(?:impossible|not possible)\b"),
            near(UNENCRYPTED, rf"{DENIED}.{{0,30}}(?:{TRANSIT}|\b(?:connect|accept|network)\w*)"),
            rf"(?:{_TLS}|{ENCRYPTED}).{{0,30}}\b(?:in (?:transit|motion|flight)|on the wire)\b",
        ),
        unless=(r"\b(?:web ?site|pages?|forms?|web traffic|endpoints)\b(?!.*\b(?:databases?|data)\b)",),
        meaning="Stores and databases refuse connections that are not encrypted.",
        negative=True,
    ),
    Rule(
        claim="https-only",
        about="http hsts strict port",
        says=(
            r"\bHTTPS\b(?!://)",
            wording.HSTS,
            near(
                r"\bplain HTTP\b|\bport "
                r"80\b",
                rf"{SWITCHED_OFF}|{DENIED}|\bredirect\w*",
            ),
        ),
        meaning="Every web endpoint answers over TLS alone; plain HTTP is closed or only redirects.",
        named=parameters.hsts_days,
    ),
    Rule(
        claim="certificate-valid",
        about="certificate encrypt public",
        says=(
            near(
                r"\bcertificates?\b",
                r"\b(?:TLS|SSL|RSA|2048|3072|4096|\w+[- ]bit|authorit\w+|expir\w+|renew\w*|trusted|HTTPS|X\.509"
                r"|DigiCert|Sectigo"
                r"|GlobalSign|Entrust)\b",
            ),
            r"let's encrypt|\bcertificate manager\b|\bpublic CA\b",
        ),
        unless=(r"\b(?:ISO|SOC ?[123]|insurance|destruction|liability)\b",),
        meaning="Every TLS endpoint presents a certificate in date that clients trust.",
        named=parameters.certificate,
    ),
    Rule(
        claim="strong-cipher-suites",
        about="cipher secrecy pfs ecdhe rc4 3des des export",
        says=(
            r"\bcipher[- ]suites?\b|\bciphers?\b|forward secrecy|\bPFS\b|\bECDHE\b",
            near(r"\b(?:RC4|3DES|Triple DES|export[- ]grade)\b", rf"{SWITCHED_OFF}|{DENIED}"),
        ),
        meaning="Endpoints accept suites of AES or ChaCha20 with at least 128-bit keys, and no others.",
        named=one("forward_secrecy", lambda sentence: "forward secrecy" in sentence.lower()),
        negative=True,
    ),
    Rule(
        claim="encrypted-at-rest",
        about="encrypt encipher aes advanced tde sse rest",
        says=(
            near(ENCRYPTED, RESTING, 80),
            near(ENCRYPTED, r"\bstored (?:\w+ )?(?:data|information|files|records|content|messages|documents)\b"),
            wording.AES,
            r"transparent data encryption|\bTDE\b|(?:server[- ]side|storage service|(?:full[- ])?disk"
            r"|volume) encryption"
            r"|\bSSE-(?:S3|KMS)\b",
            rf"\bat[- ]rest\b.{{0,40}}\b(?:AES|encrypt\w*|KMS)|{ENCRYPTED}.{{0,90}}\bat[- ]rest\b",
        ),
        unless=(
            wording.DOUBLE,
            r"by default|default encryption",
            wording.DEVICE,
            rf"{COPY}.{{0,40}}{ENCRYPTED}|{ENCRYPTED} {COPY}",
            r"\bcipher suites?\b",
        ),
        meaning=_AT_REST,
        named=parameters.algorithm,
        assumed={"algorithm": "any"},
    ),
    Rule(
        claim="encrypted-at-rest",
        about="encrypt encipher",
        says=(
            near(ENCRYPTED, STORE),
            rf"\b(?:data|information|documents?|uploads?|content|messages)\b (?:is|are) (?:always |all )?{ENCRYPTED}",
        ),
        unless=(
            wording.DOUBLE,
            r"by default|default encryption|\bconnections?\b|\bsessions?\b",
            wording.DEVICE,
            rf"{COPY}.{{0,60}}{ENCRYPTED}|{ENCRYPTED} {COPY}",
            f"{TRANSIT}|{_TLS}|{INTERNAL}",
        ),
        meaning=_AT_REST,
        named=parameters.algorithm,
        assumed={"algorithm": "any"},
    ),
    Rule(
        claim="encrypted-at-rest",
        about="encrypt encipher",
        says=(
            near(
                ENCRYPTED,
                r"\b(?:volumes?|databases?|disks?|buckets?),? (?:and|or) (?:their |its |every |each "
                r"|all )*(?:snapshots?|backups?)\b",
            ),
        ),
        meaning=_AT_REST,
        named=parameters.algorithm,
        assumed={"algorithm": "any"},
    ),
    Rule(
        claim="encrypted-at-rest",
        about="encrypt clear plain",
        says=(near(UNENCRYPTED, rf"{DENIED}.{{0,40}}\b(?:stor|written|kept|sav|held|disk)\w*"),),
        unless=(wording.DEVICE,),
        meaning=_AT_REST,
        assumed={"algorithm": "any"},
        negative=True,
    ),
    Rule(
        claim="encryption-by-default",
        about="encrypt encipher",
        says=(
            rf"{ENCRYPTED} (?:[\w ]{{0,15}} )?by default|default encryption|\bby default\b.{{0,30}}{ENCRYPTED}",
            rf"{ENCRYPTED}.{{0,30}}\bautomatically\b.{{0,40}}\bnew"
            rf"|\bnew.{{0,60}}{ENCRYPTED}.{{0,20}} (?:automatically|by default)",
            rf"\bnew(?:ly)? (?:[\w-]+ ){{1,4}}(?:are|is|gets?|will be|shall be|comes? up|starts?) (?:automatically "
            rf"|always )?{ENCRYPTED}",
        ),
        unless=(rf"{ENCRYPTED} in (?:transit|motion)",),
        meaning="The account encrypts new storage even when nobody asks for it.",
    ),
    Rule(
        claim="customer-managed-keys",
        about="customer cmk byok key",
        says=(
            r"customer[- ](?:managed|controlled|owned)|\bCMKs?\b|\bBYOK\b|bring your own key|\b(?:our|your|its"
            r"|their) own"
            r" (?:\w+ )?keys",
            rf"{KEYS}.{{0,60}}\b(?:managed|controlled|owned|held|administered|created|kept|generated).{{0,20}} by {WE}",
            rf"{KEYS} (?:that |which )?(?:only )?(?:we|our (?:\w+ )?(?:team|engineers"
            rf"|staff)) (?:\w+ )?(?:and )?(?:control|own|manage|hold|administer|create)"
            rf"|{KEYS} under our (?:own )?control"
            rf"|{KEYS}.{{0,20}}\bbelongs? to {WE}",
            rf"\b(?:we|provider|operator|vendor)\b (?:\w+ )?(?:control|own|manage|hold|administer)s? .{{0,20}}{KEYS}",
        ),
        unless=(r"\b(?:API|SSH|house|office|door|licen[cs]e) keys?\b",),
        meaning="Every data store is encrypted under a key that the customer of the cloud controls.",
    ),
    Rule(
        claim="key-rotation",
        about="key cmk",
        says=(
            near(KEYS, r"\brotat\w+|\brolls? over\b|\brolled over\b", 80),
            (KEYS, r"\b(?:replac|renew|chang|exchang|swap)\w*|\bnew key material\b", quantities.OFTEN),
        ),
        unless=(r"\b(?:API|SSH|house|office|door|access) keys?\b|\bcertificates?\b",),
        meaning="Customer keys are rotated by the key service at least this often.",
        named=one("days", quantities.interval),
        assumed={"days": 365},
    ),
    Rule(
        claim="double-encrypted",
        about="encrypt",
        says=(wording.DOUBLE,),
        meaning="Every data store has two independent layers of encryption at rest.",
    ),
    Rule(
        claim="backups-encrypted",
        about="encrypt encipher",
        says=(near(COPY, ENCRYPTED, 80),),
        meaning=_COPIES,
    ),
    Rule(
        claim="backups-encrypted",
        about="encrypt clear plain",
        says=((COPY, UNENCRYPTED, DENIED),),
        meaning=_COPIES,
        negative=True,
    ),
    Rule(
        claim="backups-exist",
        about="back snapshot point pitr cop",
        says=(
            r"\bback(?:ed|s|ing)?[- ]up (?!(?:media|copies|copy|power|generators?|files?|sets?)\b)|\bbacked[- ]up\b",
            rf"{COPY}.{{0,60}}\b(?:runs?|taken|made|performed|created|scheduled|occurs?|happens?|takes? place"
            rf"|written|captured)\b|\bsnapshotted\b|\bautomat\w+ {COPY}",
            rf"{COPY} (?:of [\w ]{{1,30}} )?(?:are|is|shall be|get) (?:\w+ )?(?:kept|stored|held|retained|replicated"
            rf"|enabled|copied)"
            r"(?! (?:in )?(?:an )?encrypted)",
            r"point[- ]in[- ]time (?:recovery|restore)|\bPITR\b",
            rf"\b(?:take|make|perform|run|create|keep|maintain|schedule|store|produce|capture)s?\b.{{0,40}}{COPY}",
        ),
        unless=(_POWER, r"\b(?:seriously|deleted?|purged|overwritten|destroyed|erased)\b"),
        meaning=_BACKED_UP,
        named=one("max_age_days", quantities.interval),
        assumed={"max_age_days": 7},
    ),
    Rule(
        claim="backups-exist",
        about="back snapshot point pitr cop",
        says=(near(quantities.OFTEN, COPY, 40), near(COPY, r"\bcopied to\b", 30)),
        unless=(
            _POWER,
            r"\b(?:review\w*|deleted?|purged|overwritten|destroyed|erased|rotat\w*)\b"
            r"|\b(?:restor|test|rehears)\w* .{0,40}\b(?:backups?|snapshots?)\b"
            r"|\b(?:backups?|snapshots?)\b.{0,20}\b(?:is|are) (?:\w+ )?(?:restored|tested|rehearsed)\b",
        ),
        meaning=_BACKED_UP,
        named=one("max_age_days", quantities.interval),
        assumed={"max_age_days": 7},
    ),
    Rule(
        claim="vault-protected",
        about="delet purg vault recover restor",
        says=(
            r"soft[- ]delet\w+|\bpurge[- ]protect\w*|\bvault lock\b",
            (r"\brecover(?:ed|able)\b|\brestor(?:ed|able)\b", r"\b(?:cannot|can't|not) be purged\b"),
            (r"\bvaults?\b", r"\b(?:purg\w+|recover(?:ed|able)|cannot be deleted|immutab\w+|accidental\w*|locked)\b"),
        ),
        meaning="Key vaults and backup vaults keep what is deleted, and cannot be purged in one step.",
        negative=True,
    ),
)
