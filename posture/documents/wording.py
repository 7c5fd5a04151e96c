"""Wording that several rules share, as regular expressions; case is ignored where they are used."""

ENCRYPTED = r"\b(?:encrypt|encipher)\w*"
AES = r"\bAES\b|advanced encryption standard"
AES_256 = r"AES[- ]?256|256[- ]?bits?\b"
HSTS = r"\bHSTS\b|strict[- ]transport[- ]security"
KEYS = r"\b(?:encryption |KMS |master |cryptographic )?keys?\b"
COPY = r"\b(?:back-?ups?|snapshots?|recovery points?)\b"
DATA = (
    r"\b(?:data|information|records?|files?|content|recordings?|logs?|backups?|copies|uploads?|accounts?|transcripts?"
    r"|messages?)\b"
)
STORE = r"\b(?:databases?|data ?stores?|storage|buckets?|volumes?|disks?|blobs?|files?|records?|stored)\b"
DEVICE = r"\b(?:company|employee|staff|all|our|corporate) (?:laptops?|devices|workstations)\b|\bworkstations?\b"
TRANSIT = (
    r"\b(?:in[- ](?:transit|flight|motion)|(?:on|over) the wire|transmi\w+|travels?"
    r"|encrypted (?:connections?|channels?|tunnels?|sessions?)"
    r"|over (?:the |any )?(?:public |open )?(?:networks?|internet))\b"
)
DELETED = (
    r"\b(?:delet\w+|purg\w+|eras\w+|destroy\w*|destruct\w*|dispos(?:e|ed|al)\b|wiped?|disappears?"
    r"|removed? (?:your|all|the|from))"
)
RUNS = (
    r"\b(?:host\w*|runs?|running|operated?|operates|deployed|located|resid\w+|lives?|stored?|stores|kept|served|built"
    r"|powered|reli\w+ on|provider|infrastructure|environment|servers?|data cent(?:er|re)s?|regions?|cloud|platform)\b"
)
HELD = (
    r"\b(?:stored?|stores|host\w*|locat\w+|resid\w+|kept|keep|held|process\w*|leave|remain\w*|runs?|region|environment"
    r"|based|situated|data cent(?:er|re)s?|servers?|computers|AWS|Azure)\b"
)
# A service is not the place where a product runs.
AWS = (
    r"\b(?:Amazon Web Services|Amazon EC2|AWS)\b"
    r"(?!\s+(?:KMS|Config|accounts?|Backup|Inspector|GuardDuty|CloudTrail|Secrets|IAM|Key))"
)
AZURE = r"\bAzure\b(?!\s+(?:Key|AD|Active|DevOps|Monitor|Policy|Defender|Backup))"
ATTESTED = r"\b(?:ISO|SOC ?[123]|certifi\w+|audit report|accredit\w+)\b"
LAW = r"\b(?:framework|departments?|laws?|regulations?|GDPR|directive|residents|citizens|rights)\b"
DOUBLE = r"\b(?:double|doubly)[- ]?encrypt\w*|\bencrypted twice\b|\b(?:two|second) (?:\w+ )?layers? of encryption"
PUBLIC = r"\b(?:public(?:ly)?|world[- ]readable|by anyone|unauthenticated) ?(?:access\w*|read\w*|reach\w*|expos\w*)"
DENIED = r"\b(?:no|not|none|never|cannot|\w+n't|block\w*|prevent\w*|disabled?|denied|private)\b"
SWITCHED_OFF = r"\b(?:disabled?|reject\w*|refus\w*|not supported|switched off|turned off|blocked|deprecated)\b"


def near(one: str, other: str, gap: int = 60) -> str:
    """Both patterns within so many characters of each other, in either order."""
    return rf"(?:{one})[^.]{{0,{gap}}}?(?:{other})|(?:{other})[^.]{{0,{gap}}}?(?:{one})"
