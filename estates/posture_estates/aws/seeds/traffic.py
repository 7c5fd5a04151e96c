"""Load balancers: one for the web (HTTPS, and HTTP that only redirects), one for video over TLS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from posture_estates.aws.seeds.account import Account

MODERN, OLD = "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"
HOST = "classrooms.example.org"


def build(account: Account) -> None:
    network = account.client("ec2").describe_subnets()["Subnets"]
    vpc = network[0]["VpcId"]
    subnets = [subnet["SubnetId"] for subnet in network[:2]]
    certificate = import_certificate(account)
    web = make_balancer(account, "web", "application", subnets)
    pages = make_target(account, "pages", "HTTP", vpc)
    listen(account, web, "HTTPS", 443, [forward(pages)], certificate)
    to_tls = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    listen(account, web, "HTTP", 80, [{"Type": "redirect", "RedirectConfig": to_tls}])
    video = make_balancer(account, "video", "network", subnets)
    listen(account, video, "TLS", 443, [forward(make_target(account, "media", "TCP", vpc))], certificate)


def import_certificate(account: Account) -> str:
    """A certificate on an elliptic-curve key: made in a millisecond, where an RSA key takes a second."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, SHA256())
    )
    imported = account.client("acm").import_certificate(
        Certificate=certificate.public_bytes(Encoding.PEM),
        PrivateKey=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    return str(imported["CertificateArn"])


def make_balancer(account: Account, name: str, kind: str, subnets: list[str]) -> str:
    made = account.client("elbv2").create_load_balancer(Name=name, Type=kind, Scheme="internet-facing", Subnets=subnets)
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def make_target(account: Account, name: str, protocol: str, vpc: str) -> str:
    made = account.client("elbv2").create_target_group(Name=name, Protocol=protocol, Port=8080, VpcId=vpc)
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def forward(target: str) -> dict[str, Any]:
    return {"Type": "forward", "TargetGroupArn": target}


def listen(
    account: Account,
    balancer: str,
    protocol: str,
    port: int,
    actions: list[dict[str, Any]],
    certificate: str | None = None,
) -> None:
    tls = {"SslPolicy": MODERN, "Certificates": [{"CertificateArn": certificate}]} if certificate else {}
    account.client("elbv2").create_listener(
        LoadBalancerArn=balancer, Protocol=protocol, Port=port, DefaultActions=actions, **tls
    )


def drift(account: Account) -> None:
    elbv2 = account.client("elbv2")
    web = elbv2.describe_load_balancers(Names=["web"])["LoadBalancers"][0]["LoadBalancerArn"]
    pages = elbv2.describe_target_groups(Names=["pages"])["TargetGroups"][0]["TargetGroupArn"]
    for listener in elbv2.describe_listeners(LoadBalancerArn=web)["Listeners"]:
        if listener["Protocol"] == "HTTPS":
            elbv2.modify_listener(ListenerArn=listener["ListenerArn"], SslPolicy=OLD)
        else:
            elbv2.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=[forward(pages)])
