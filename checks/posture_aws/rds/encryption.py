"""How RDS says that storage is encrypted, the same for databases, snapshots and backups."""

from collections.abc import Mapping
from typing import Any

from posture.check import Fail, Outcome, Pass, Unknown
from posture.model import Cause, Value
from posture_aws.kms import Key, under_customer_key


class Encryption(Value):
    """Encryption of one store. ``scheme`` is None where the service only says yes or no.

    ``sse-rds`` means a key that AWS owns and does not show; ``key`` is the ARN of the KMS key, if one is named.
    """

    on: bool
    scheme: str | None
    key: str | None


def encryption(reply: Mapping[str, Any], flag: str = "StorageEncrypted") -> Encryption:
    """What a reply says; ``flag`` is the name of its yes-or-no field."""
    return Encryption(on=reply[flag], scheme=reply.get("StorageEncryptionType"), key=reply.get("KmsKeyId"))


def judge_encryption(found: Encryption) -> Outcome:
    """RDS encrypts with AES-256, whoever holds the key (RDS user guide, "Encrypting Amazon RDS resources").

    Where the scheme is named it decides: storage under a key that AWS owns may carry a flag that says no.
    """
    match found.scheme:
        case None:
            return Pass("is encrypted with AES-256") if found.on else Fail("is stored in the clear")
        case "sse-kms" | "sse-rds":
            return Pass(f"is encrypted with AES-256 ({found.scheme})")
        case "none" if found.on:
            return Unknown(Cause.DISAGREEMENT, "is said to be encrypted, with the scheme none")
        case "none":
            return Fail("is stored in the clear")
        case other:
            return Unknown(Cause.NOT_SUPPORTED, f"has the encryption scheme {other}, which is not known here")


def judge_key(found: Encryption, keys: tuple[Key, ...]) -> Outcome:
    """Whether the key is one that the customer controls."""
    if isinstance(judge_encryption(found), Fail):
        return Fail("is stored in the clear, under no key")
    if found.key is None:
        return Fail("is encrypted under a key that AWS owns")
    return under_customer_key(found.key, keys)
