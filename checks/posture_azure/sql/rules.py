"""How the settings of Azure SQL are judged, for servers and managed instances alike."""

from posture.check import Basis, Fail, Outcome, Pass, Unknown
from posture.claims import DeletedWithin, HostedIn, TlsMinimum, TlsVersion
from posture.model import Cause, Resource
from posture_azure.answers import by_minimum, hosted_in, unfamiliar
from posture_azure.regions import Region, hosted_with_pair

VERSIONS = {
    "1.0": TlsVersion.TLS10,
    "1.1": TlsVersion.TLS11,
    "1.2": TlsVersion.TLS12,
    "1.3": TlsVersion.TLS13,
}
UNSTATED = Unknown(
    Cause.NOT_SUPPORTED,
    "states no minimum TLS version: that once meant none, while Azure has since moved servers to TLS 1.2; "
    "a handshake decides",
)


def tls_minimum(setting: str | None, claim: TlsMinimum) -> Outcome:
    """Judge ``minimalTlsVersion``, which may be a version, ``None`` in words, or absent."""
    if setting is None:
        return UNSTATED
    if setting == "None":
        return Fail("sets no minimum TLS version")
    oldest = VERSIONS.get(setting)
    if oldest is None:
        return unfamiliar("minimum TLS version", setting)
    return by_minimum(oldest, claim)


def clear_text_refused(setting: str | None) -> Outcome:
    """Azure SQL encrypts every connection once a minimum is set; ``None`` used to admit those without TLS."""
    if setting is None:
        return UNSTATED
    if setting == "None":
        return Fail("sets no minimum TLS version, which once admitted connections without TLS")
    if setting not in VERSIONS:
        return unfamiliar("minimum TLS version", setting)
    return Pass(f"refuses connections below {VERSIONS[setting]}, those without TLS included", Basis.PROVIDER_GUARANTEE)


def entra_only(setting: bool | None) -> Outcome:
    """Judge ``azureADOnlyAuthentication``: it switches SQL's own logins off, the server administrator's too."""
    match setting:
        case True:
            return Pass("accepts Microsoft Entra identities only")
        case False:
            return Fail("accepts logins with SQL passwords, the server administrator's among them")
        case None:
            return Unknown(Cause.DISAGREEMENT, "is on a server whose ways to sign in were not seen")


def encrypted(state: str) -> Outcome:
    """Transparent data encryption covers data, log and temporary files; Azure documents AES-256 for it."""
    match state:
        case "Enabled":
            return Pass("is encrypted by TDE, for which Azure documents AES-256")
        case "Disabled":
            return Fail("is not encrypted by TDE")
        case _:
            return unfamiliar("TDE state", state)


def backups_encrypted(state: str) -> Outcome:
    """Azure takes the backups of a database with TDE in the encrypted form, long-term ones included."""
    match encrypted(state):
        case Pass():
            return Pass("is encrypted by TDE, and its backups with it", Basis.PROVIDER_GUARANTEE)
        case Fail():
            return Fail("is not encrypted by TDE, and neither are its backups")
        case other:
            return other


def under_customer_key(state: str, protector: str | None) -> Outcome:
    """Judge ``serverKeyType`` of the protector, which only matters while TDE is on."""
    on = encrypted(state)
    if isinstance(on, Unknown):
        return on
    if isinstance(on, Fail):
        return Fail("is not encrypted by TDE, so no key of yours protects it")
    match protector:
        case "AzureKeyVault":
            return Pass("is encrypted by TDE under a key of yours in Key Vault")
        case "ServiceManaged":
            return Fail("is encrypted by TDE under a key that Azure manages")
        case _:
            return unfamiliar("TDE protector", protector)


def backed_up(retention_days: int) -> Outcome:
    """Azure backs up every database by itself: full each week, differential within a day, log within minutes."""
    if retention_days < 1:
        return Fail("keeps no automated backups")
    reason = f"is backed up by the service and can be restored to any instant of {retention_days} days"
    return Pass(reason, Basis.PROVIDER_GUARANTEE)


def kept_within(days: int, claim: DeletedWithin, what: str) -> Outcome:
    """Whether ``what`` is kept no longer than promised."""
    return Fail(f"keeps {what} for {days} days") if days > claim.days else Pass(f"keeps {what} for {days} days")


def placed(resource: Resource, claim: HostedIn, redundancy: str | None, regions: tuple[Region, ...]) -> Outcome:
    """Judge the region of a database and of its backups, which Azure copies to the paired region unless told not to."""
    if redundancy in ("Geo", "GeoZone"):
        return hosted_with_pair(resource, claim, regions, "backups")
    outcome = hosted_in(resource, claim)
    if redundancy in ("Local", "Zone") or isinstance(outcome, Fail):
        return outcome
    return unfamiliar("backup storage redundancy", redundancy)
