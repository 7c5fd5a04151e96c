"""Backup vaults: how they are encrypted, whom their policies let in, and whether they can be emptied at once."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import BackupsEncrypted, EncryptedAtRest, HostedIn, NoPublicAccess, NotShared, VaultProtected
from posture.model import Cause, Fact, Store
from posture.reader import reader
from posture_aws.audience import Kind, admitted
from posture_aws.kms import judge_sharing
from posture_aws.policy import NO_POLICY, Policy, parse, refuses
from posture_aws.session import AwsSession

AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
KEY_TYPES = frozenset({"AWS_OWNED_KMS_KEY", "CUSTOMER_MANAGED_KMS_KEY"})


class Vault(Fact):
    """A backup vault (ListBackupVaults).

    ``key`` is the ARN of its KMS key and ``key_type`` AWS Backup's word for whose key it is, each None where the reply
    has none; ``form`` is its type, empty where the service names none; ``locked`` tells whether Vault Lock is on.
    """

    kind: ClassVar[str] = "aws.backup.vault"
    store: ClassVar[Store | None] = Store.BACKUP

    form: str
    key: str | None
    key_type: str | None
    locked: bool


class VaultPolicy(Fact):
    """The access policy of a vault (GetBackupVaultAccessPolicy); without statements where there is none."""

    kind: ClassVar[str] = Vault.kind

    form: str
    policy: Policy


@reader(operation="backup:ListBackupVaults")
def vaults(aws: AwsSession) -> Iterator[Vault]:
    """All vaults of the region, 1000 a page."""
    for page in aws.pages("NextToken", MaxResults=1000):
        for vault in page["BackupVaultList"]:
            yield Vault(
                resource=aws.resource(Vault.kind, vault["BackupVaultArn"], vault["BackupVaultName"]),
                form=vault.get("VaultType", ""),
                key=vault.get("EncryptionKeyArn"),
                key_type=vault.get("EncryptionKeyType"),
                locked=bool(vault.get("Locked")),
            )


@reader(operation="backup:GetBackupVaultAccessPolicy")
def vault_policy(aws: AwsSession, vault: Vault) -> VaultPolicy:
    """The policy of a vault, parsed. A document that cannot be parsed is a malformed reply."""
    reply = aws.find("ResourceNotFoundException", BackupVaultName=vault.resource.name)
    policy = NO_POLICY if reply is None else parse(reply["Policy"])
    return VaultPolicy(resource=vault.resource, form=vault.form, policy=policy)


@check(
    id="aws.backup.vault-at-rest",
    title="Backup vaults are encrypted at rest",
    severity=Severity.HIGH,
    remedy="Make a vault with a KMS key and copy the recovery points there.",
)
def vault_at_rest(vault: Vault, claim: EncryptedAtRest) -> Outcome:
    """The vault's key covers what AWS Backup writes itself; copies of volumes and databases keep their source's key."""
    return _judge_key(vault)


@check(
    id="aws.backup.vault-encryption",
    title="Backup vaults are encrypted",
    severity=Severity.HIGH,
    remedy="Make a vault with a KMS key and copy the recovery points there.",
)
def vault_encryption(vault: Vault, claim: BackupsEncrypted) -> Outcome:
    """The vault's key covers what AWS Backup writes itself; copies of volumes and databases keep their source's key."""
    return _judge_key(vault)


@check(
    id="aws.backup.vault-public",
    title="No backup vault is open to every AWS account",
    severity=Severity.CRITICAL,
    refutes="anonymous read",
    remedy="Name the principals in the access policy of the vault instead of *.",
)
def vault_public(vault: VaultPolicy, claim: NoPublicAccess) -> Outcome:
    """A vault answers signed requests alone, but an open policy takes those of any account."""
    parties = admitted(vault.policy)
    if any(party.kind is Kind.ANYONE for party in parties):
        return Fail("lets in every AWS account by its policy")
    unclear = sorted(party.id for party in parties if party.kind in (Kind.UNSURE, Kind.NETWORK))
    if unclear:
        return Unknown(Cause.NOT_SUPPORTED, f"lets in {unclear[0]}, and its policy does not tell whose that is")
    return Pass("lets in named principals alone" if parties else "lets in nobody by a policy of its own")


@check(
    id="aws.backup.vault-sharing",
    title="No backup vault is shared with a foreign account",
    severity=Severity.HIGH,
    refutes="a policy",
    remedy="Take the foreign principal out of the access policy, or list its account as allowed.",
)
def vault_sharing(vault: VaultPolicy, claim: NotShared) -> Outcome:
    """A policy that lets a foreign account copy from or into the vault shares it.

    Logically air-gapped vaults are shared through Resource Access Manager besides, which is not read.
    """
    outcome = judge_sharing(vault.policy, vault.resource.account, claim)
    if isinstance(outcome, Pass) and vault.form == AIR_GAPPED:
        return Unknown(Cause.NOT_SUPPORTED, "is air-gapped, and its shares in Resource Access Manager are not read")
    return outcome


@check(
    id="aws.backup.vault-lock",
    title="Backup vaults cannot be emptied in one step",
    severity=Severity.MEDIUM,
    refutes="a vault without",
    remedy="Put a vault lock on the vault, or deny backup:DeleteRecoveryPoint to everyone in its access policy.",
)
def vault_lock(vault: Vault, claim: VaultProtected, policies: tuple[VaultPolicy, ...]) -> Outcome:
    """A lock, or a policy that denies deletion to everyone, has to go before a recovery point can be deleted early.

    A lock in governance mode can be taken off by those with the right to do so; that is a step of its own. Without
    either, one call deletes a backup for good. Vaults answer signed requests of IAM alone, on no network of their own.
    """
    if vault.locked:
        return Pass("is locked")
    policy = next(known.policy for known in policies if known.resource.id == vault.resource.id)
    match refuses(policy, "backup:DeleteRecoveryPoint", "*", {}):
        case True:
            return Pass("denies everyone to delete recovery points")
        case False:
            return Fail("is not locked, and lets recovery points be deleted at once")
        case None:
            return Unknown(Cause.NOT_SUPPORTED, "is not locked, and its policy denies deletion in a way not known here")


@check(
    id="aws.backup.vault-region",
    title="Backup vaults lie in the promised regions",
    severity=Severity.HIGH,
    remedy="Copy the recovery points to a vault in a promised region, then delete the vault.",
)
def vault_region(vault: Vault, claim: HostedIn) -> Outcome:
    """A vault in another region holds copies of the data there. Vaults that AWS makes by itself count as well."""
    region = vault.resource.region
    return (Pass if region in claim.regions else Fail)(f"lies in {region}")


def _judge_key(vault: Vault) -> Outcome:
    """KMS encrypts with AES-256 whoever holds the key (AWS Backup guide, "Encryption for backups")."""
    if vault.key_type not in (None, *KEY_TYPES):
        return Unknown(Cause.NOT_SUPPORTED, f"has the key type {vault.key_type}, which is not known here")
    if vault.key is None and vault.key_type != "AWS_OWNED_KMS_KEY":
        return Unknown(Cause.MALFORMED_REPLY, "names no key, though every vault has one")
    return Pass(f"is encrypted with AES-256 under {vault.key or 'a key that AWS owns'}")
