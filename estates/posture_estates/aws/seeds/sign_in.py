"""Sign-in: a Cognito user pool whose passwords have at least twelve characters."""

from __future__ import annotations

from posture_estates.aws.seeds.account import Account

PASSWORDS = {
    "MinimumLength": 12,
    "RequireUppercase": True,
    "RequireLowercase": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "TemporaryPasswordValidityDays": 3,
}


def build(account: Account) -> None:
    account.client("cognito-idp").create_user_pool(
        PoolName="classrooms",
        Policies={"PasswordPolicy": PASSWORDS},
        MfaConfiguration="OPTIONAL",
        UsernameAttributes=["email"],
        AccountRecoverySetting={"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    )
