"""The server: TLS on loopback, sign-in, the request log, and answers spoilt as the faults say."""

from __future__ import annotations

import re
import secrets
import ssl
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from posture_estates.arm import faults as fault
from posture_estates.arm import oauth, refusal
from posture_estates.arm.access import Principal
from posture_estates.arm.faults import Fault, Faults
from posture_estates.arm.pages import Pages
from posture_estates.arm.path import Target, parse
from posture_estates.arm.question import Question, action_of
from posture_estates.arm.refusal import Refusal
from posture_estates.arm.routes import answer, encoded
from posture_estates.arm.tenant import Tenant
from posture_estates.arm.tls import issue, new_authority
from posture_estates.arm.wire import Listener, Reply

_VERBS = {"GET": "read", "HEAD": "read", "DELETE": "delete", "POST": "action"}
_TOKEN_PATH = re.compile(r"/([^/]+)/oauth2/v2\.0/token")
_METADATA_PATH = re.compile(r"/([^/]+)(/v2\.0)?/\.well-known/openid-configuration")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request to Resource Manager; `time` in seconds since 1970.

    The status is the one decided on, also where a fault then kept the answer from arriving.
    """

    method: str
    path: str
    query: Mapping[str, str]
    action: str
    status: int
    time: float


class ArmServer:
    """Azure Resource Manager and its sign-in for one tenant document, on https://127.0.0.1.

    Serves from construction to `close()`. Only reads are answered; nothing is ever written.
    """

    def __init__(self, tenant: Mapping[str, Any], *, page_size: int = 100, token_seconds: float = 3600) -> None:
        self._default = Principal(
            client_id=str(uuid.uuid4()),
            client_secret=secrets.token_urlsafe(24),
            object_id=str(uuid.uuid4()),
            name="scanner",
        )
        self._tenant = Tenant.load(tenant, self._default)
        self._token_seconds = token_seconds
        self._tokens = oauth.Tokens()
        self._pages = Pages.of(page_size)
        self._lock = threading.Lock()
        self._requests: list[Recorded] = []
        self._sign_ins: list[int] = []
        self._closing = threading.Event()
        self.faults = Faults()
        self._folder = tempfile.TemporaryDirectory(prefix="posture-arm-")
        self._listener = Listener(self, _server_context(Path(self._folder.name)))
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, name="arm", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._listener.server_port}"

    @property
    def ca_file(self) -> str:
        """Certificate of the authority to trust, PEM; gone after `close()`."""
        return str(Path(self._folder.name) / "ca.pem")

    @property
    def tenant_id(self) -> str:
        return self._tenant.id

    @property
    def client_id(self) -> str:
        """Of the document's first principal, or of one made up for this server."""
        return self._tenant.principals[0].client_id

    @property
    def client_secret(self) -> str:
        return self._tenant.principals[0].client_secret

    @property
    def requests(self) -> tuple[Recorded, ...]:
        """All requests to Resource Manager so far; sign-ins are not among them."""
        with self._lock:
            return tuple(self._requests)

    @property
    def sign_ins(self) -> tuple[int, ...]:
        """Statuses of the token requests so far."""
        with self._lock:
            return tuple(self._sign_ins)

    def forget_requests(self) -> None:
        with self._lock:
            self._requests.clear()
            self._sign_ins.clear()

    def replace(self, tenant: Mapping[str, Any]) -> None:
        """Serve another document from the next request on. Raises TenantError and changes nothing."""
        self._tenant = Tenant.load(tenant, self._default)

    def token(
        self,
        *,
        client_id: str | None = None,
        audience: str = oauth.PUBLIC_AUDIENCE,
        seconds: float | None = None,
    ) -> oauth.AccessToken:
        """A token without signing in; negative seconds give one that has expired."""
        tenant = self._tenant
        principal = tenant.principal(client_id or self.client_id)
        if principal is None:
            raise KeyError(client_id)
        lifetime = self._token_seconds if seconds is None else seconds
        return self._tokens.issue(tenant, principal, issuer=self.url, audience=audience, seconds=lifetime)

    def credential(self, *, client_id: str | None = None) -> oauth.StaticCredential:
        """A credential for the SDKs that needs no sign-in."""
        return oauth.StaticCredential(self.token(client_id=client_id))

    def close(self) -> None:
        """End all connections, also hanging ones, join all threads, remove the files. May be called twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._listener.shutdown()
        self._listener.server_close()
        self._listener.end_connections()
        self._thread.join()
        self._folder.cleanup()

    def pause(self, seconds: float) -> bool:
        return not self._closing.wait(seconds)

    def reply(self, method: str, address: str, authorization: str | None, body: bytes) -> Reply:
        """Answer one request."""
        asked = urlsplit(address)
        tenant = self._tenant
        if method == "POST" and (found := _TOKEN_PATH.fullmatch(asked.path)):
            form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
            status, answered = oauth.sign_in(
                form, unquote(found[1]), tenant, self._tokens, origin=self.url, seconds=self._token_seconds
            )
            with self._lock:
                self._sign_ins.append(status)
            return Reply(status, encoded(answered), {"Cache-Control": "no-store"})
        if method == "GET" and (found := _METADATA_PATH.fullmatch(asked.path)):
            status, answered = oauth.metadata(unquote(found[1]), tenant, self.url)
            return Reply(status, encoded(answered))
        return self._managed(method, asked.path, dict(parse_qsl(asked.query)), authorization, tenant)

    def _managed(
        self, method: str, path: str, query: Mapping[str, str], authorization: str | None, tenant: Tenant
    ) -> Reply:
        target = parse(path)
        action = action_of(target, tenant, _VERBS.get(method, "write")) if target else ""
        extra = _identifiers()
        hit: tuple[Fault, ...] = ()
        try:
            principal = self._tokens.authenticate(authorization, tenant, origin=self.url)
            if method not in ("GET", "HEAD"):
                raise refusal.read_only(method)
            if target is None:
                raise refusal.no_such_path(path)
            hit = self.faults.take(action)
            extra |= self._spent(method, target, principal)
            _raise_injected(hit, method, target)
            question = Question(
                target=target,
                query=query,
                principal=principal,
                url=self.url + path,
                denied=fault.Denied() in hit,
            )
            found = _linked(dict(answer(question, tenant, self._pages)), question, hit)
            reply = Reply(204 if method == "HEAD" else 200, encoded(found), extra, hit)
        except Refusal as refused:
            reply = Reply(refused.status, encoded(refused.body), extra | refused.headers, hit)
        with self._lock:
            self._requests.append(Recorded(method, path, query, action, reply.status, time.time()))
        return reply

    def _spent(self, method: str, target: Target, principal: Principal) -> dict[str, str]:
        """Take a read from the limit: the header that says what is left. Raises Refusal (429)."""
        if target.subscription is None:
            return {}
        allowance = self.faults.spend(target.subscription.lower(), principal.client_id)
        if allowance.retry_after is not None:
            raise refusal.throttled(target.subscription, _operation(method, target), allowance.retry_after)
        return {"x-ms-ratelimit-remaining-subscription-reads": str(allowance.remaining)}


def _raise_injected(hit: Iterable[Fault], method: str, target: Target) -> None:
    for one in hit:
        match one:
            case fault.Throttled(retry_after):
                raise refusal.throttled(target.subscription, _operation(method, target), retry_after)
            case fault.Failed(status, code, message):
                raise Refusal(status, code, message)
            case _:
                continue


def _linked(body: dict[str, Any], question: Question, hit: Iterable[Fault]) -> dict[str, Any]:
    """With the nextLink a fault asks for, in place of the true one or of none."""
    for one in hit:
        if isinstance(one, fault.NextLink) and "value" in body:
            version = question.query.get("api-version")
            link = str(body.get("nextLink") or f"{question.url}?api-version={version}&$skiptoken=bW9yZQ")
            if one.leads == "elsewhere":
                body["nextLink"] = one.origin + link[link.index("/", len("https://")) :]
            else:
                body["nextLink"] = f"{question.url}?api-version={version}"
    return body


def _operation(method: str, target: Target) -> str:
    return f"{method}/SUBSCRIPTIONS/PROVIDERS/{target.type}".upper()


def _identifiers() -> dict[str, str]:
    request = str(uuid.uuid4())
    return {
        "Cache-Control": "no-cache",
        "x-ms-request-id": request,
        "x-ms-correlation-request-id": request,
        "x-ms-routing-request-id": f"LOCAL:{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}:{request}",
    }


def _server_context(folder: Path) -> ssl.SSLContext:
    authority = new_authority("Local Resource Manager root")
    (folder / "ca.pem").write_bytes(authority.pem)
    own = folder / "server.pem"
    own.touch(mode=0o600)
    own.write_bytes(issue(authority, ["127.0.0.1", "localhost"]).bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    own.unlink()
    return context
