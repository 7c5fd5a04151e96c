"""Places in sentences: region codes, region names and countries, as region codes of AWS and Azure."""

import re

_AWS_CODE = re.compile(r"\b(?:af|ap|ca|eu|il|me|mx|sa|us)-(?:gov-)?(?:north|south|east|west|central){1,2}-\d\b")
_AZURE_NAMES = """Australia East,Australia Southeast,Brazil South,Canada Central,Canada East,Central India,Central US,
East Asia,East US,East US 2,France Central,Germany West Central,Italy North,Japan East,Japan West,Korea Central,
North Central US,North Europe,Norway East,Poland Central,Qatar Central,South Africa North,South Central US,South India,
Southeast Asia,Spain Central,Sweden Central,Switzerland North,UAE North,UK South,UK West,West Central US,West Europe,
West US,West US 2,West US 3"""
_AZURE = {" ".join(name.split()): "".join(name.split()).lower() for name in _AZURE_NAMES.split(",")}
# The longest name first: "East US 2" is not "East US".
_AZURE_NAME = re.compile("|".join(rf"\b{name}\b" for name in sorted(_AZURE, key=len, reverse=True)))
_AZURE_CODE = re.compile("|".join(rf"\b{code}\b" for code in sorted(_AZURE.values(), key=len, reverse=True)))

_UNION = """eu-central-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-3 francecentral germanywestcentral
italynorth northeurope polandcentral spaincentral swedencentral westeurope"""
_STATES = """us-east-1 us-east-2 us-west-1 us-west-2 centralus eastus eastus2 northcentralus southcentralus
westcentralus westus westus2 westus3"""
COUNTRIES = {
    r"\bUnited States\b|\bUSA?\b(?![\w-])|\bU\.S\.(?!\w)|\bUS-based\b": _STATES,
    r"\bEuropean (?:Union|Economic Area)\b|\bEU\b(?![\w-])|\bEU-based\b|\bEEA\b|\bEurope\b(?! \d)": _UNION,
    r"\bGermany\b": "eu-central-1 germanywestcentral",
    r"\bIreland\b": "eu-west-1 northeurope",
    r"\bFrance\b": "eu-west-3 francecentral",
    r"\bNetherlands\b": "westeurope",
    r"\bSweden\b": "eu-north-1 swedencentral",
    r"\bItaly\b": "eu-south-1 italynorth",
    r"\bSpain\b": "eu-south-2 spaincentral",
    r"\bSwitzerland\b": "eu-central-2 switzerlandnorth",
    r"\bUnited Kingdom\b|\bU\.?K\b": "eu-west-2 uksouth ukwest",
    r"\bCanada\b": "ca-central-1 ca-west-1 canadacentral canadaeast",
    r"\bAustralia\b": "ap-southeast-2 ap-southeast-4 australiaeast australiasoutheast",
    r"\bJapan\b": "ap-northeast-1 ap-northeast-3 japaneast japanwest",
    r"\bIndia\b": "ap-south-1 ap-south-2 centralindia southindia westindia",
    r"\bSingapore\b": "ap-southeast-1 southeastasia",
    r"\bBrazil\b": "sa-east-1 brazilsouth",
}
"""What a country is called, and the regions that AWS and Azure list there (both publish their lists)."""
CITIES = {
    r"\bFrankfurt\b": "eu-central-1 germanywestcentral",
    r"\bDublin\b": "eu-west-1 northeurope",
    r"\bParis\b": "eu-west-3 francecentral",
    r"\bAmsterdam\b": "westeurope",
    r"\bStockholm\b": "eu-north-1 swedencentral",
    r"\bMilan\b": "eu-south-1 italynorth",
    r"\bMadrid\b": "eu-south-2 spaincentral",
    r"\bZurich\b": "eu-central-2 switzerlandnorth",
    r"\bLondon\b": "eu-west-2 uksouth",
    r"\bMontr[eé]al\b": "ca-central-1 canadaeast",
    r"\bToronto\b": "canadacentral",
    r"\bCalgary\b": "ca-west-1",
    r"\bSydney\b": "ap-southeast-2 australiaeast",
    r"\bMelbourne\b": "ap-southeast-4 australiasoutheast",
    r"\bTokyo\b": "ap-northeast-1 japaneast",
    r"\bOsaka\b": "ap-northeast-3 japanwest",
    r"\bMumbai\b": "ap-south-1 westindia",
    r"\bS[aã]o Paulo\b": "sa-east-1 brazilsouth",
    r"\b(?:Northern )?Virginia\b": "us-east-1 eastus eastus2",
    r"\bOregon\b": "us-west-2",
    r"\bOhio\b": "us-east-2",
    r"\bIowa\b": "centralus",
}
"""The same for a city or state; it goes before the country that it lies in."""

_PLACES = (_AWS_CODE.pattern, _AZURE_CODE.pattern, _AZURE_NAME.pattern, *COUNTRIES, *CITIES)
# A place has a capital or a hyphen; looked for first, because most sentences name none.
_ANY = re.compile("|".join(_PLACES))


def regions(sentence: str) -> tuple[str, ...]:
    """The regions that a sentence names; of a country, the regions in it at the provider that is named alone.

    A code or a region's name goes first.
    """
    if not _ANY.search(sentence):
        return ()
    codes = [*_AWS_CODE.findall(sentence), *_AZURE_CODE.findall(sentence)]
    codes += [_AZURE[name] for name in _AZURE_NAME.findall(sentence)]
    if not codes:
        codes = _named(CITIES, sentence) or _named(COUNTRIES, sentence)
        codes = [code for code in codes if _offered(code, sentence)]
    return tuple(sorted(set(codes)))


def _named(places: dict[str, str], sentence: str) -> list[str]:
    return [code for name, listed in places.items() if re.search(name, sentence) for code in listed.split()]


def _offered(code: str, sentence: str) -> bool:
    """Whether a region is of the provider that a sentence names, or it names both or none. Only AWS's have hyphens."""
    aws, azure = (re.search(name, sentence, re.IGNORECASE) is not None for name in (r"\bAWS\b|\bAmazon", r"\bAzure\b"))
    return aws == azure or aws == ("-" in code)
