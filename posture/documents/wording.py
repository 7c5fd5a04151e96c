"""Wording that several rules share, as regular expressions; case is ignored where they are used.

A lexicon: what is spoken of (data, traffic, stores, copies, keys, people), and what is said of it.
"""

import re
from functools import cache

ENCRYPTED = r"\b(?:encrypt|encipher)\w*"
AES = r"\bAES\b|\bAES-?(?:128|192|256)|advanced encryption standard"
AES_256 = r"AES[- ]?256|256[- ]?bits?\b"
UNENCRYPTED = r"\b(?:unencrypted|clear[- ]?text|plain[- ]?text|in the clear|non-encrypted|without encryption)\b"
HSTS = r"\bHSTS\b|strict[- ]transport[- ]security"
KEYS = r"\b(?:encryption |KMS |master |cryptographic |CMK )?(?:keys?|CMKs?)\b"
WE = (
    r"(?:us\b|ourselves|our(?:selves)?\b|(?:the )?(?:provider|operator|vendor|company|contractor"
    r"|customer)\b(?!'s? cloud))"
)
COPY = (
    r"\b(?:back-?ups?|back[- ]?up (?:copies|copy|sets?|files?|media)|snapshots?|snapshotted|recovery points?"
    r"|restore points?"
    r"|(?:archived|spare|second|safety|additional) cop(?:y|ies)"
    r"|cop(?:y|ies) of (?:the |each |every |all |our |its )?(?:\w+ )?(?:databases?|data ?stores?|servers?|systems?"
    r"|volumes?))\b"
)
DATA = (
    r"\b(?:data|information|records?|files?|content|contents|recordings?|logs?|backups?|copies|copy|uploads?|uploaded"
    r"|accounts?|transcripts?|messages?|profiles?|workspaces?|photos?|images|videos?|documents?|submissions?|answers"
    r"|snapshots?|CVs?|applications?|responses|conversations|chats|everything|personal (?:details|particulars)"
    r"|histor(?:y|ies)|cop(?:y|ies)|assignments)\b"
)
TRAFFIC = (
    r"\b(?:data|traffic|communications?|information|connections?|sessions?|requests?|messages?|files?|content"
    r"|everything"
    r"|records|transmissions?|uploads?|transfers?|replication|queries|calls|hops?)\b"
)
STORE = (
    r"\b(?:databases?|data ?stores?|data warehouses?|storage|buckets?|volumes?|(?:hard )?disks?|drives|blobs?|files?"
    r"|records?"
    r"|stored|stores?|kept|saved|persist\w*|file ?systems?|queues?|caches?|tables?|EBS|RDS|S3|DynamoDB|Aurora"
    r"|Cosmos DB|SQL|PostgreSQL"
    r"|MySQL|Postgres|Redis|MongoDB|OpenSearch|Elasticsearch|clusters?|file shares|data lakes?|archives?"
    r"|held on our servers)\b"
)
RESTING = (
    r"\b(?:at[- ]rest|on[- ]disks?|in storage|(?:while|when|where(?:ver)?|once|whilst) (?:it is |they are |it's "
    r"|being |it )?"
    r"(?:stored|saved|stores?|lies|kept|held|resting)|where it lies|when (?:we|they) (?:store|save|keep|hold)\w*"
    r"|(?:in|on) (?:our|the|its|their|an?) (?:[\w-]+ ){0,2}(?:databases?|servers|data ?stores?|storage|disks?"
    r"|volumes?|cloud))\b"
)
DEVICE = (
    r"\b(?:company|employees?'?|staff|all|our|corporate|team|work) (?:\w+ )?(?:laptops?|devices|workstations|phones"
    r"|computers)\b"
    r"|\b(?:workstations?|smartphones?|USB|removable media)\b|^laptops\b(?! aside)"
)
TRANSIT = (
    r"\b(?:in[- ](?:transit|flight|motion|transmission)|(?:on|over|across) the (?:wire|network|move|air)|transmi\w+"
    r"|travel\w*"
    r"|(?:secure|encrypted) (?:connections?|channels?|tunnels?|sessions?|transport)|on (?:its|the|their) way"
    r"|(?:when|while|whenever|as|whilst|being|is|are) (?:it |they |you |we |data |is |are |being ){0,3}"
    r"(?:sent|send|submit\w*|exchanged?|transferr?e?d?|upload\w*|moved?|moving|passe[sd]|flow\w*|cross\w*)"
    r"|(?:over|across|through|via) (?:the |any |a )?(?:public |open |untrusted |external |wide-area )*(?:networks?"
    r"|internet)"
    r"|(?:between|from) (?:you|your (?:browser|device|computer|app)|browsers?|clients?|users?|our|the|its|each|all"
    r"|an?) "
    r"(?:[\w-]+ ){0,6}?(?:and|to) (?:you|us|our|the|your|its|other|any|each|servers?|services?|databases?"
    r"|\w+ servers?))"
)
INTERNAL = (
    r"\binternal(?:ly)?\b|\b\w+-to-(?:service|database|server)\b|\beast-west\b|\b(?:between|from|among|inside"
    r"|within) (?:our |the |its |all |each |any )?(?:own )?(?:[\w-]+ ){0,3}?"
    r"(?:servers?|services?|microservices?|components?|tiers?|instances?|nodes|containers|subnets?|zones?|regions"
    r"|data cent(?:er|re)s|databases?|data ?stores?|VPC|network|applications?)\b"
)
DELETED = (
    r"\b(?:delet\w+|purg\w+|eras\w+|destroy\w*|destruct\w*|dispos(?:e|ed|es|al|ition)\b|dispose of|wiped?|disappears?"
    r"|discard\w*|overwrit\w+|expung\w+|scrubbed|ages? out|aged out|expires?\b|irretrievabl\w+"
    r"|removed? (?:your|all|the|from|any|it|them)|(?:permanently |automatically |then )?removed\b"
    r"|permanently remov\w+)"
)
RUNS = (
    r"\b(?:host\w*|runs?|running|operated?|operates|operating|deployed|located|resid\w+|lives?|stored?|stores|kept"
    r"|keep|held"
    r"|served|built|(?:is|are) on|powered|reli\w+ on|rely on|providers?|infrastructure|environments?|servers?"
    r"|workloads?|uses?"
    r"|data cent(?:er|re)s?|facilities|regions?|cloud|platform|deliver\w*|provided from|provided by|based on"
    r"|entirely on)\b"
)
HELD = (
    r"\b(?:stored?|stores|storing|host\w*|locat\w+|resid\w+|kept|keep|keeps|held|process\w*|leaves?|remain\w*|stays?"
    r"|runs?"
    r"|lives?|regions?|environments?|based|situated|data cent(?:er|re)s?|facilities|servers?|computers|AWS|Amazon"
    r"|Azure|replicat\w+"
    r"|deployed|operated?|residency|maintain\w*|housed|sites?|transferred|sits?|physically|served)\b"
)
# A service is not the place where a product runs.
AWS = (
    r"\b(?:Amazon Web Services|Amazon EC2|Amazon's|AWS)\b"
    r"(?!\s+(?:KMS|Config|accounts?|Backup|Inspector|GuardDuty|CloudTrail|Secrets|IAM|Key|Organi[sz]ations?"
    r"|Certificate|WAF"
    r"|Shield|Security|Trusted|Systems|Identity|SSO|root|console|Management|Nitro))"
)
AZURE = (
    r"\bAzure\b(?!\s+(?:Key|AD|Active|DevOps|Monitor|Policy|Defender|Backup|Disk|Front|Firewall|Security|Sentinel"
    r"|Storage"
    r"|SQL|RBAC|Activity|Log|subscriptions?|Private|portal|Entra))"
)
ATTESTED = r"\b(?:ISO|SOC ?[123]|certifi\w+|audit report|accredit\w+)\b"
GUARDED = (
    r"\b(?:guard(?:s|ed)|fenc\w+|cameras?|CCTV|biometric\w*|badges?|physical(?:ly)? (?:secur|protect"
    r"|access)\w*)\b"
)
LAW = (
    r"\b(?:framework|departments?|laws?|legislation|regulations?|GDPR|directive|residents|citizens|rights|commission"
    r"|courts?"
    r"|authorit(?:y|ies)|supervisory|incorporated|headquarter\w*|registered (?:in|office)|offices?|clauses?"
    r"|(?:support|sales|customer|engineering) (?:team|staff)|employees|staff|adequacy"
    r"|(?:team|we|company|Ltd|Inc|staff|people) (?:is|are|sits?|works?) (?:\w+ )?(?:based|located|in|from))\b"
)
DOUBLE = (
    r"\b(?:double|doubly)[- ]?encrypt\w*|\bencrypt\w* twice\b|\bencrypted a second time\b"
    r"|\binfrastructure encryption\b"
    r"|\b(?:two|second|another|additional|further) (?:\w+ )?layers? of encryption|\btwo (?:\w+ )?encryption layers"
)
PUBLIC = (
    r"\b(?:public(?:ly)?|world|internet)[- ]?(?:access\w*|read\w*|reach\w*|expos\w*|open|visible|availab\w+|list\w*"
    r"|facing)"
    r"|\b(?:access\w*|read\w*|reach\w*|expos\w*|open\w*|list\w*|visible|downloaded) (?:to |by |for |from )?(?:the "
    r"|be )?"
    r"(?:(?:general |anonymous )?public(?:ly)?|anonymous\w*|anyone|anybody|everyone|the world)\b"
    r"|\b(?:by|to) any(?:one|body) (?:on|from|who|without)|\b(?:unauthenticated|anonymous|public) (?:\w+ )?"
    r"(?:access|reads?|requests?|users?|visitors?|listing|download\w*)|\bwithout (?:signing in|logging in"
    r"|credentials|a login"
    r"|authenticat\w+)"
)
DENIED = (
    r"\b(?:no|not|none|nothing|nobody|no one|never|neither|cannot|without|\w+n't|isolated|unreachable|inaccessible"
    r"|block\w*|prevent\w*|prohibit\w*|disabled?|denied|den(?:y|ies)|private|forbid\w*"
    r"|forbidden|off|refus\w*|reject\w*|disallow\w*|impossible|closed)\b"
)
THINGS = (
    r"\b(?:snapshots?|(?:machine |disk )?images?|AMIs?|buckets?|blobs?|containers?|storage|stores?|databases?"
    r"|volumes?|disks?"
    r"|objects?|file shares?|queues?|back-?ups?|keys?)\b"
)
OUTSIDERS = (
    r"\b(?:third[- ]part\w+|(?:other|another|foreign|external|outside) (?:\w+ )?(?:accounts?|tenants?"
    r"|organi[sz]ations?|compan\w+"
    r"|subscriptions?)|accounts?|outside|anyone|anybody|outsiders?|advertisers|data brokers)\b"
)
LEAST = r"\b(?:limit\w*|restrict\w*|confin\w*|only|granted?|given|giving|assign\w*|reserved|grants?|allow\w*)\b"
NEED = (
    r"\b(?:need(?:s|ed)?|require[sd]?|necessary|whose|authori[sz]ed|duties|job|function|responsibilit\w+"
    r"|business reason"
    r"|legitimate)\b"
)
SWITCHED_OFF = (
    r"\b(?:disabl\w+|reject\w*|refus\w*|not (?:supported|accepted|allowed|offered|used)|switched off|turned off"
    r"|block\w*|deprecated"
    r"|remov\w+|no longer (?:supported|accepted|offered)|retired|withdrawn|forbidden|prohibited|never accepted"
    r"|dropped|denied"
    r"|older|below|earlier|nothing less)\b"
)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that ignores case, compiled when it is first looked for."""
    return re.compile(pattern, re.IGNORECASE)


def near(one: str, other: str, gap: int = 60) -> str:
    """Both patterns within so many characters of each other, in either order."""
    return rf"(?:{one}).{{0,{gap}}}?(?:{other})|(?:{other}).{{0,{gap}}}?(?:{one})"
