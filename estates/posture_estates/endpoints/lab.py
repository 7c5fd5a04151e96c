"""EndpointLab: starts every server of the catalogue on loopback and tells where each is and what is true of it."""

from __future__ import annotations

import datetime
import random
import ssl
import tempfile
import warnings
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from posture_estates.endpoints import behaviours
from posture_estates.endpoints.authority import Authority, Credential, issue, new_authority
from posture_estates.endpoints.behaviours import (
    Admission,
    DrippingHandshake,
    EveryThird,
    Limited,
    RateLimit,
    ResetAtOnce,
    TlsServer,
    VirtualHosts,
)
from posture_estates.endpoints.catalogue import (
    DUAL_STACK,
    IPV6_SERVERS,
    SERVERS,
    Behaviour,
    CertificateProblem,
    PlainHttp,
    ServerSpec,
    Truth,
)
from posture_estates.endpoints.dialogues import StartTlsServer
from posture_estates.endpoints.listening import Handler, Listening, drain
from posture_estates.endpoints.scripted import ScriptedServer
from posture_estates.endpoints.site import Site, drip_answer

_TLS_VERSIONS = {
    "TLS 1.0": ssl.TLSVersion.TLSv1,
    "TLS 1.1": ssl.TLSVersion.TLSv1_1,
    "TLS 1.2": ssl.TLSVersion.TLSv1_2,
    "TLS 1.3": ssl.TLSVersion.TLSv1_3,
}
_CODES = {"SSLv3": 0x0300, "TLS 1.0": 0x0301, "TLS 1.1": 0x0302, "TLS 1.2": 0x0303}
_NETWORKS_TRIED = 20


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one server is, and the truth about it. `http_port` has a listener unless `truth.plain` is ABSENT."""

    name: str
    host: str
    address: str
    port: int
    http_port: int
    truth: Truth


class EndpointLab:
    """A context manager; inside it `endpoints`, `resolve`, `ca_file` and `rate_limit` are set.

    All servers use `port` (TLS) and `http_port` (plain) on addresses of their own in one 127.x.y.0/24 network, so
    `https://good.lab.example:8443/` names a server once `resolve` gives its addresses. Where this machine has ::1,
    `has_ipv6` is true and the servers of `IPV6_SERVERS` are there too, on ports of their own.
    """

    def __init__(
        self,
        *,
        domain: str = "lab.example",
        port: int = 8443,
        http_port: int = 8080,
        drip_interval: float = 1.0,
        rate_limit: int = 6,
    ) -> None:
        self.domain, self.port, self.http_port = domain, port, http_port
        self.has_ipv6 = False
        self.endpoints: dict[str, Endpoint] = {}
        self.resolve: dict[str, list[str]] = {}
        self.rate_limit = RateLimit(rate_limit)
        self.authority: Authority = new_authority()
        self._stranger = new_authority("Root nobody trusts")
        self._drip_interval = drip_interval
        self._stack = ExitStack()

    @property
    def ca_file(self) -> Path:
        """The root that signed the good certificates, as a PEM file that exists while the estate runs."""
        return self._directory / "ca.pem"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="endpoint-lab-")))
            self.ca_file.write_bytes(self.authority.certificate_pem)
            self._listening = stack.enter_context(Listening())
            network = self._free_network()
            for number, spec in enumerate(SERVERS, start=10):
                self._start(spec, f"{network}.{number}", self.port)
            self._start_ipv6(f"{network}.9")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _free_network(self) -> str:
        """A 127.x.y network in which nobody listens on our ports yet (another estate may run beside this one)."""
        for _ in range(_NETWORKS_TRIED):
            network = f"127.{random.randint(16, 250)}.{random.randint(1, 250)}"
            try:
                for port in (self.port, self.http_port):
                    self._listening.listen(f"{network}.1", port, drain)
            except OSError:
                continue
            return network
        raise OSError(f"no free loopback network for ports {self.port} and {self.http_port}")

    def _start_ipv6(self, beside: str) -> None:
        """The servers on ::1, and at the IPv4 address `beside` the other one of their two-family name."""
        try:
            self._listening.listen("::1", 0, drain)
        except OSError:
            return
        self.has_ipv6 = True
        for spec in IPV6_SERVERS:
            port = self._start(spec, "::1", 0)
        self._start(DUAL_STACK, beside, port)

    def _start(self, spec: ServerSpec, address: str, port: int) -> int:
        """Starts one server; port 0 takes one that is free. Returns the port."""
        host = f"{spec.label or spec.name}.{self.domain}"
        endpoint = Endpoint(spec.name, host, address, port, self.http_port, spec.truth)
        if spec.behaviour is Behaviour.CLOSED:
            self._listening.reserve(address, port)
        else:
            port = self._listening.listen(address, port, self._handler(spec, endpoint))
            endpoint = replace(endpoint, port=port)
        match spec.truth.plain:
            case PlainHttp.REDIRECTS:
                self._listening.listen(address, self.http_port, Site(redirect_port=self.port).serve)
            case PlainHttp.SERVES:
                self._listening.listen(address, self.http_port, replace(_site(spec.truth), hsts_max_age=None).serve)
            case PlainHttp.SERVES_THE_POLICY:
                site = Site(redirect_port=self.port, not_redirected="/privacy")
                self._listening.listen(address, self.http_port, site.serve)
            case PlainHttp.ABSENT:
                pass
        self.endpoints[spec.name] = endpoint
        self.resolve.setdefault(host, []).append(address)
        return port

    def _handler(self, spec: ServerSpec, endpoint: Endpoint) -> Handler:
        site = _site(spec.truth)
        context = self._context(spec, endpoint)
        stopped, interval = self._listening.stopped, self._drip_interval
        match spec.behaviour:
            case Behaviour.SILENT | Behaviour.CLOSED:
                return drain
            case Behaviour.PLAIN_HTTP:
                return site.serve
            case Behaviour.DRIPS_HANDSHAKE:
                return DrippingHandshake(interval, stopped)
            case Behaviour.DRIPS_BODY:
                return TlsServer(context, partial(drip_answer, interval=interval, stopped=stopped))
            case Behaviour.START_TLS | Behaviour.CLEAR_TEXT:
                return StartTlsServer(context, spec.starttls, spec.behaviour is Behaviour.START_TLS)
            case Behaviour.RESETS:
                return TlsServer(context, site.serve, behaviours.always_reset)
            case Behaviour.FLAKY:
                return TlsServer(context, site.serve, EveryThird())
            case Behaviour.RATE_LIMITED:
                return TlsServer(context, site.serve, self.rate_limit)
            case Behaviour.OLD_RESET:
                return TlsServer(context, site.serve, behaviours.reset_old_hellos)
            case Behaviour.OLD_SILENCE:
                return TlsServer(context, site.serve, behaviours.silence_old_hellos)
            case Behaviour.SERVES | Behaviour.CLIENT_CERTIFICATE | Behaviour.CLIENT_CERTIFICATE_ASKED:
                return TlsServer(context, site.serve)
            case Behaviour.OLD_CLOSE:
                return TlsServer(context, site.serve, behaviours.close_old_hellos)
            case Behaviour.OLD_INTERNAL_ERROR:
                return TlsServer(context, site.serve, behaviours.complain_of_old_hellos)
            case Behaviour.RATE_LIMITED_SILENCE:
                return TlsServer(context, site.serve, Limited(self.rate_limit, Admission.SILENCE))
            case Behaviour.RATE_LIMITED_AT_ONCE:
                return ResetAtOnce(self.rate_limit, TlsServer(context, site.serve))
            case Behaviour.HANGS_ON_MIDDLE_SIZES:
                return TlsServer(context, site.serve, behaviours.hang_on_middle_sizes)
            case Behaviour.RESETS_LONG_LISTS:
                return TlsServer(context, site.serve, behaviours.reset_long_lists)
            case Behaviour.WEAK_WITHOUT_NAME | Behaviour.WEAK_BY_NAME | Behaviour.NEEDS_NAME:
                return VirtualHosts(endpoint.host, TlsServer(context, site.serve), self._nameless(spec, endpoint, site))
            case Behaviour.SCRIPTED:
                return self._scripted(spec, endpoint, TlsServer(context, site.serve))

    def _nameless(self, spec: ServerSpec, endpoint: Endpoint, site: Site) -> Handler:
        """What clients meet that send no name: versions that the named server does not have, or a refusal."""
        if spec.behaviour is Behaviour.NEEDS_NAME:
            return behaviours.refuse_nameless
        hidden = {"TLS 1.0", "TLS 1.1", "TLS 1.2"} if spec.behaviour is Behaviour.WEAK_WITHOUT_NAME else {"TLS 1.3"}
        other = replace(spec, truth=replace(spec.truth, versions=frozenset(hidden)), name=f"{spec.name}-nameless")
        return TlsServer(self._context(other, endpoint), site.serve)

    def _scripted(self, spec: ServerSpec, endpoint: Endpoint, modern: TlsServer) -> ScriptedServer:
        certificate = x509.load_pem_x509_certificate(issue(self.authority, [endpoint.host]).chain_pem)
        script = dict(spec.script)
        kinds = script.pop("SSLv2", ())
        return ScriptedServer(
            certificate=certificate.public_bytes(serialization.Encoding.DER),
            speaks={_CODES[version]: suites for version, suites in script.items()},
            kinds=kinds,
            modern=None if spec.scripted_alone else modern,
        )

    def _context(self, spec: ServerSpec, endpoint: Endpoint) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(f"{spec.ciphers}:@SECLEVEL={spec.security_level}")
        accepted = [version for name, version in _TLS_VERSIONS.items() if name in spec.truth.versions]
        if accepted:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version, context.maximum_version = accepted[0], accepted[-1]
        for number, credential in enumerate(self._credentials(spec, endpoint)):
            pair = self._directory / f"{spec.name}-{number}.pem"
            pair.write_bytes(credential.chain_pem + credential.key_pem)
            context.load_cert_chain(pair)
        if spec.behaviour in (Behaviour.CLIENT_CERTIFICATE, Behaviour.CLIENT_CERTIFICATE_ASKED):
            required = spec.behaviour is Behaviour.CLIENT_CERTIFICATE
            context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
            context.load_verify_locations(self.ca_file)
        return context

    def _credentials(self, spec: ServerSpec, endpoint: Endpoint) -> list[Credential]:
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        problems = spec.truth.certificate_problems
        names = [endpoint.host, endpoint.address]
        if CertificateProblem.WRONG_NAME in problems:
            names = [f"elsewhere.{self.domain}"]
        until = None
        if CertificateProblem.EXPIRED in problems:
            until = now - datetime.timedelta(hours=1)
        elif CertificateProblem.EXPIRES_SOON in problems:
            until = now + datetime.timedelta(days=10)
        first = issue(
            self._stranger if CertificateProblem.UNTRUSTED_ROOT in problems else self.authority,
            names,
            valid_until=until,
            key_type=spec.key_type,
            self_signed=CertificateProblem.SELF_SIGNED in problems,
        )
        if CertificateProblem.SECOND_EXPIRED not in problems:
            return [first]
        old = issue(self.authority, names, valid_until=now - datetime.timedelta(hours=1), key_type="rsa2048")
        return [first, old]


def _site(truth: Truth) -> Site:
    return Site(hsts_max_age=truth.hsts_max_age, has_policy=truth.has_policy, problems=truth.page_problems)
