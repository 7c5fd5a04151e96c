"""What the internet reaches: load balancers for the web and for video, a distribution before them, an API."""

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
ORIGIN = "web.classrooms.example.org"


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
    distribute(account, certificate)
    offer_api(account, certificate)


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


def distribute(account: Account, certificate: str) -> None:
    """The distribution in front of the web balancer, under the product's own name."""
    policy = {"ViewerProtocolPolicy": "redirect-to-https", "TargetOriginId": "web"}
    origin = {
        "HTTPPort": 80,
        "HTTPSPort": 443,
        "OriginProtocolPolicy": "https-only",
        "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
    }
    account.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "classrooms",
            "Comment": "",
            "Enabled": True,
            "Aliases": {"Quantity": 1, "Items": [HOST]},
            "Origins": {
                "Quantity": 1,
                "Items": [{"Id": "web", "DomainName": ORIGIN, "CustomOriginConfig": origin}],
            },
            "DefaultCacheBehavior": policy,
            "ViewerCertificate": {
                "ACMCertificateArn": certificate,
                "SSLSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1.2_2021",
            },
        }
    )


def offer_api(account: Account, certificate: str) -> None:
    """An API that is reached under its own domain alone."""
    api = account.client("apigateway")
    api.create_rest_api(
        name="classrooms", disableExecuteApiEndpoint=True, endpointConfiguration={"types": ["REGIONAL"]}
    )
    api.create_domain_name(
        domainName=f"api.{HOST}",
        regionalCertificateArn=certificate,
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy="TLS_1_2",
    )


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
