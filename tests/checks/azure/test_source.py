"""Live answers from Resource Manager: what is sent, what is refused, and which gap stands behind which failure."""

import base64
import gzip
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from kit import place
from posture.model import Cause
from posture.provider import Limits
from posture.session import GapFound
from posture_azure import storage_client
from posture_azure.clouds import CLOUDS
from posture_azure.credentials import AzureTarget, Identity, credential_of, identity_in
from posture_azure.policies import Guard, WriteRefused, origin, pipeline, transport
from posture_azure.session import ArmSession
from posture_azure.source import ArmSource, cause_of
from posture_estates.arm import ArmServer

SUB = "22222222-2222-4222-8222-222222222222"
GROUP = f"/subscriptions/{SUB}/resourceGroups/App/providers"
STORAGE = f"{GROUP}/Microsoft.Storage/storageAccounts"
LIST = "Microsoft.Storage/storageAccounts@2023-05-01"
READ = "Microsoft.Storage/storageAccounts/read"
PATH = f"/subscriptions/{SUB}/providers/Microsoft.Storage/storageAccounts"
SERVICE = "Microsoft.Storage/storageAccounts/blobServices/default"
DISKS = "Microsoft.Compute/disks@2024-03-02"
QUICK = Limits(attempts=1, connect=1.0, read=1.0, call=5.0)


def document(**changes: Any) -> dict[str, Any]:
    accounts = [{"id": f"{STORAGE}/acc{number}", "properties": {"minimumTlsVersion": None}} for number in range(5)]
    disks = [{"id": f"{GROUP}/Microsoft.Compute/disks/d 1", "properties": {"odd field": [1]}}]
    return {"subscriptions": [{"id": SUB}], "resources": [*accounts, *disks], **changes}


@pytest.fixture(scope="module")
def server() -> Iterator[ArmServer]:
    with ArmServer(document(), page_size=2) as arm:
        yield arm


@pytest.fixture
def arm(server: ArmServer, monkeypatch: pytest.MonkeyPatch) -> ArmServer:
    server.faults.clear()
    server.replace(document())
    server.forget_requests()
    monkeypatch.setenv("AZURE_TENANT_ID", server.tenant_id)
    monkeypatch.setenv("AZURE_CLIENT_ID", server.client_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", server.client_secret)
    return server


def target(arm: ArmServer, **changes: Any) -> AzureTarget:
    return AzureTarget(**{"arm_endpoint": arm.url, "authority": arm.url, "ca_bundle": arm.ca_file} | changes)


def question(path: str, operation: str) -> dict[str, Any]:
    return {"path": path, "query": {"api-version": operation.partition("@")[2]}}


def fetch(arm: ArmServer, limits: Limits = QUICK, operation: str = LIST, path: str = PATH, absent: str = "") -> Any:
    source = ArmSource(target(arm), limits)
    return source.fetch(operation, question(path, operation), "global", frozenset(absent.split()))


def gap_of(arm: ArmServer, limits: Limits = QUICK, **asked: Any) -> Any:
    with pytest.raises(GapFound) as caught:
        fetch(arm, limits, **asked)
    return caught.value.gap


def session(arm: ArmServer, operation: str, limits: Limits = QUICK) -> ArmSession:
    from kit import session_of

    whole = session_of(ArmSession, ArmSource(target(arm), limits), place("azure", SUB, "global"))
    bound: ArmSession = whole.bound(operation, "p", shared=False, record=lambda call, body: None, before=lambda: None)
    return bound


def collect(session: ArmSession, found: list[Any]) -> None:
    for item in session.items():
        found.append(item)


@pytest.mark.parametrize("operation", [LIST, DISKS])
def test_the_body_is_the_wire_s_with_its_request_id(arm: ArmServer, operation: str) -> None:
    kind = operation.partition("@")[0]
    answer = fetch(arm, operation=operation, path=f"/subscriptions/{SUB}/providers/{kind}")
    wanted = [one["properties"] for one in document()["resources"] if kind in one["id"]][:2]
    assert [item["properties"] for item in answer.body["value"]] == wanted
    assert (answer.status, len(answer.request_id)) == (200, 36)


def test_every_page_of_the_storage_client_s_listing_is_read_with_the_pinned_version(arm: ArmServer) -> None:
    found = [item["name"] for item in session(arm, LIST).items()]
    assert found == ["acc0", "acc1", "acc2", "acc3", "acc4"]
    assert [request.query["api-version"] for request in arm.requests] == ["2023-05-01"] * 3


def test_the_storage_client_asks_what_the_plain_client_would(arm: ArmServer, monkeypatch: pytest.MonkeyPatch) -> None:
    below = [*storage_client.OBJECTS, *storage_client.LISTINGS]
    paths = [PATH, *(f"{STORAGE}/acc0{part}" for part in below)]

    def asked() -> list[tuple[str, str, Any]]:
        arm.forget_requests()
        source = ArmSource(target(arm), QUICK)
        for path in paths:
            source.fetch(LIST, question(path, LIST), "", frozenset(["ResourceNotFound"]))
        return [(one.method, one.path.lower(), one.query) for one in arm.requests]

    through_storage = asked()
    monkeypatch.setattr(storage_client, "method_for", lambda path: None)
    assert through_storage == asked()
    assert len(through_storage) == len(paths)


@pytest.mark.parametrize(
    "path",
    [
        f"/subscriptions/{SUB}/resourceGroups/App/providers/Microsoft.Storage/storageAccounts",
        f"{PATH}/acc0",
        f"{STORAGE}/acc0/localUsers",
        f"{STORAGE}/acc0/blobServices/default/containers/c",
        f"/subscriptions/{SUB}/providers/Microsoft.Compute/disks",
        "/subscriptions",
    ],
)
def test_what_the_storage_client_has_no_method_for_is_asked_plainly(path: str) -> None:
    assert storage_client.method_for(path) is None


def test_names_with_blanks_are_quoted_once(arm: ArmServer) -> None:
    answer = fetch(arm, operation=DISKS, path=f"{GROUP}/Microsoft.Compute/disks/d 1")
    assert answer.body["name"] == "d 1"


@pytest.mark.parametrize("fault", ["next_link_elsewhere", "next_link_back"])
@pytest.mark.parametrize("operation", [LIST, DISKS])
def test_a_page_that_leads_out_or_back_ends_the_listing_as_truncated(
    arm: ArmServer, operation: str, fault: str
) -> None:
    with ArmServer(document()) as elsewhere:
        more = (elsewhere.url,) if fault == "next_link_elsewhere" else ()
        getattr(arm.faults, fault)("*", *more)
        found: list[Any] = []
        with pytest.raises(GapFound) as caught:
            collect(session(arm, operation), found)
        assert caught.value.gap.cause is Cause.TRUNCATED
        assert found
        assert len(arm.requests) == 1
        assert elsewhere.requests == ()
        if more:
            assert elsewhere.url.removeprefix("https://") in caught.value.gap.detail


def test_a_write_never_leaves(arm: ArmServer) -> None:
    source = ArmSource(target(arm), QUICK)
    client = source._storage_client(SUB, "2023-05-01")
    with pytest.raises(WriteRefused, match="DELETE"):
        client.storage_accounts.delete("App", "acc0")
    with pytest.raises(WriteRefused, match="POST"):
        client.storage_accounts.list_keys("App", "acc0")
    assert arm.requests == ()
    assert arm.sign_ins == ()


def test_a_provider_that_is_not_registered_is_not_registered_by_us(arm: ArmServer) -> None:
    arm.replace(document(subscriptions=[{"id": SUB, "providers": {"Microsoft.Storage": "NotRegistered"}}]))
    assert list(session(arm, LIST).items()) == []
    assert [(request.method, request.status) for request in arm.requests] == [("GET", 409)]
    assert gap_of(arm).cause is Cause.NOT_SUPPORTED


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a", "https://127.0.0.1:9/a", "https://localhost/a"])
def test_the_guard_lets_no_read_through_to_another_origin(url: str) -> None:
    class Request:
        http_request = requests.Request("GET", url)

    with pytest.raises(WriteRefused, match="not the Resource Manager"):
        Guard("https://127.0.0.1").send(Request())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a/x", "https://A:443", True),
        ("https://a", "http://a", False),
        ("https://a", "https://a:444", False),
        ("https://a", "https://a.b", False),
        ("https://a", "://a", False),
        ("https://a", "https://a@b", False),
    ],
)
def test_an_origin_is_scheme_host_and_effective_port(one: str, other: str, same: bool) -> None:
    assert (origin(one) == origin(other)) is same


@pytest.mark.parametrize(
    ("fault", "arguments", "cause"),
    [
        ("deny", (), Cause.ACCESS_DENIED),
        ("throttle", (), Cause.THROTTLED),
        ("fail", (), Cause.UNREACHABLE),
        ("malformed", (), Cause.MALFORMED_REPLY),
        ("truncate", (), Cause.MALFORMED_REPLY),
        ("drop", (), Cause.UNREACHABLE),
        ("hang", (20.0,), Cause.TIMEOUT),
        ("drip", (0.1,), Cause.TIMEOUT),
    ],
)
@pytest.mark.parametrize("operation", [LIST, DISKS])
def test_a_fault_is_a_gap_of_its_cause(
    arm: ArmServer, operation: str, fault: str, arguments: tuple[float, ...], cause: Cause
) -> None:
    getattr(arm.faults, fault)("*", *arguments)
    begun = time.monotonic()
    gap = gap_of(arm, operation=operation, path=f"/subscriptions/{SUB}/providers/{operation.partition('@')[0]}")
    assert (gap.cause, gap.operation) == (cause, operation)
    assert gap.detail
    assert time.monotonic() - begun < QUICK.connect + QUICK.read + 1.0


@pytest.mark.parametrize(
    ("body", "cause"),
    [(b"[]", Cause.MALFORMED_REPLY), (b"", Cause.MALFORMED_REPLY), (b"[" * 100_000, Cause.MALFORMED_REPLY)],
)
def test_a_body_that_is_no_object_is_malformed(arm: ArmServer, body: bytes, cause: Cause) -> None:
    arm.faults.malformed(READ, body=body)
    assert gap_of(arm).cause is cause


def test_a_byte_order_mark_is_no_fault(arm: ArmServer) -> None:
    arm.faults.malformed(READ, body=b'\xef\xbb\xbf{"value": []}')
    assert fetch(arm).body == {"value": []}


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_throttling_is_tried_again_after_the_time_that_was_asked_for(arm: ArmServer, attempts: int) -> None:
    arm.faults.throttle(READ, retry_after=1)
    begun = time.monotonic()
    assert gap_of(arm, Limits(attempts=attempts)).cause is Cause.THROTTLED
    assert len(arm.requests) == attempts
    assert attempts - 1 <= time.monotonic() - begun < attempts + 0.5


def test_one_try_more_than_there_are_faults_answers(arm: ArmServer) -> None:
    arm.faults.fail(READ, 503, times=1)
    assert len(fetch(arm, Limits(attempts=2)).body["value"]) == 2


def test_a_wait_beyond_the_call_s_time_is_not_begun(arm: ArmServer) -> None:
    arm.faults.throttle(READ, retry_after=3600)
    begun = time.monotonic()
    assert gap_of(arm, Limits(attempts=5, call=3.0)).cause is Cause.THROTTLED
    assert time.monotonic() - begun < 1.0
    assert len(arm.requests) == 1


def test_a_dripping_body_ends_with_the_call_however_many_tries_are_left(arm: ArmServer) -> None:
    arm.faults.drip(READ, 0.05)
    limits = Limits(attempts=9, connect=0.2, read=0.4, call=1.5)
    begun = time.monotonic()
    assert gap_of(arm, limits).cause is Cause.TIMEOUT
    assert time.monotonic() - begun < limits.call + limits.connect + limits.read + 0.5


@pytest.mark.parametrize(
    ("path", "operation", "cause"),
    [
        (f"{STORAGE}/gone", LIST.lower(), Cause.STALE),
        (f"{STORAGE}/gone/blobServices/default", f"{SERVICE}@2023-05-01", Cause.STALE),
        (PATH.replace("/providers", "/resourceGroups/No/providers"), LIST.lower(), Cause.STALE),
        (PATH.replace(SUB, SUB[::-1]), LIST, Cause.ACCESS_DENIED),
        (PATH, "Microsoft.Storage/storageAccounts@1999-01-01", Cause.NOT_SUPPORTED),
        (
            PATH.replace("Storage/storageAccounts", "Compute/odd"),
            "Microsoft.Compute/odd@2024-03-02",
            Cause.NOT_SUPPORTED,
        ),
        (PATH.replace("Microsoft", "Odd"), "Odd.Odd/odd@2024-03-02", Cause.NOT_SUPPORTED),
    ],
)
def test_what_is_not_found_has_a_cause_of_its_own(arm: ArmServer, path: str, operation: str, cause: Cause) -> None:
    assert gap_of(arm, operation=operation, path=path).cause is cause


def test_a_code_that_the_reader_foresaw_is_an_answer(arm: ArmServer) -> None:
    answer = fetch(
        arm,
        operation="Microsoft.Storage/storageAccounts/managementPolicies/default@2023-05-01",
        path=f"{STORAGE}/acc0/managementPolicies/default",
        absent="ManagementPolicyNotFound ResourceNotFound",
    )
    assert (answer.absent, answer.status, answer.body) == ("ResourceNotFound", 404, None)


@pytest.mark.parametrize(
    ("status", "code", "message", "cause"),
    [
        (401, "ExpiredAuthenticationToken", "", Cause.CREDENTIALS_EXPIRED),
        (401, "", "", Cause.CREDENTIALS_EXPIRED),
        (403, "AuthorizationFailed", "", Cause.ACCESS_DENIED),
        (403, "", "", Cause.ACCESS_DENIED),
        (403, "RequestDisallowedByPolicy", "", Cause.DENIED_BY_ORGANISATION),
        (403, "DenyAssignmentAuthorizationFailed", "", Cause.DENIED_BY_ORGANISATION),
        (403, "AuthorizationFailed", "denied because of the deny assignment x", Cause.DENIED_BY_ORGANISATION),
        (404, "SubscriptionNotFound", "", Cause.ACCESS_DENIED),
        (404, "ResourceNotFound", "", Cause.STALE),
        (404, "SomethingNotFound", "", Cause.TOOL_ERROR),
        (404, "", "", Cause.MALFORMED_REPLY),
        (400, "NoRegisteredProviderFound", "", Cause.NOT_SUPPORTED),
        (409, "MissingSubscriptionRegistration", "", Cause.NOT_SUPPORTED),
        (408, "", "", Cause.TIMEOUT),
        (429, "OperationNotAllowed", "", Cause.THROTTLED),
        (500, "ResourceNotFound", "", Cause.UNREACHABLE),
        (504, "GatewayTimeout", "", Cause.UNREACHABLE),
        (302, "", "", Cause.MALFORMED_REPLY),
        (418, "Odd", "", Cause.TOOL_ERROR),
    ],
)
def test_a_refusal_has_a_cause(status: int, code: str, message: str, cause: Cause) -> None:
    assert cause_of(status, code, message) is cause


def test_a_flat_error_of_a_provider_is_understood(arm: ArmServer) -> None:
    with Odd(404, b'{"code": "ManagementPolicyNotFound", "message": "none"}') as odd:
        assert odd.ask(absent="ManagementPolicyNotFound").absent == "ManagementPolicyNotFound"


def test_a_redirect_is_not_followed(arm: ArmServer) -> None:
    with Odd(302, b"", {"Location": f"{arm.url}{PATH}"}) as odd, pytest.raises(GapFound) as caught:
        odd.ask()
    assert caught.value.gap.cause is Cause.MALFORMED_REPLY
    assert arm.requests == ()


def test_a_compressed_body_in_chunks_is_read_whole() -> None:
    packed = gzip.compress(json.dumps({"value": ["x" * 1000]}).encode())
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (packed[:7], packed[7:])) + b"0\r\n\r\n"
    with Odd(200, chunked, {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}) as odd:
        assert odd.ask().body == {"value": ["x" * 1000]}


def test_a_chunked_body_that_breaks_off_is_malformed() -> None:
    with Odd(200, b"ff\r\n{", {"Transfer-Encoding": "chunked"}) as odd, pytest.raises(GapFound) as caught:
        odd.ask()
    assert caught.value.gap.cause is Cause.MALFORMED_REPLY


def test_an_expired_token_is_told_as_such(monkeypatch: pytest.MonkeyPatch, arm: ArmServer) -> None:
    monkeypatch.setattr("posture_azure.source.credential_of", lambda *_: Static(arm.token(seconds=-60)))
    source = ArmSource(target(arm), Limits(attempts=1, threads=1))
    with pytest.raises(GapFound) as caught:
        source.fetch(LIST, question(PATH, LIST), "", frozenset())
    assert caught.value.gap.cause is Cause.CREDENTIALS_EXPIRED
    assert "ExpiredAuthenticationToken" in caught.value.gap.detail


def test_a_token_is_made_out_to_the_address_it_is_sent_to() -> None:
    assert AzureTarget().scope == "https://management.azure.com/.default"
    assert AzureTarget(cloud="china").endpoint == "https://management.chinacloudapi.cn"
    own = AzureTarget(arm_endpoint="https://arm.example/")
    assert (own.endpoint, own.scope) == ("https://arm.example", "https://arm.example/.default")


def test_the_clouds_are_those_of_the_sdks() -> None:
    from azure.core import AzureClouds
    from azure.identity import AzureAuthorityHosts
    from azure.mgmt.core.tools import get_arm_endpoints

    theirs = {
        "public": (AzureClouds.AZURE_PUBLIC_CLOUD, AzureAuthorityHosts.AZURE_PUBLIC_CLOUD),
        "us-government": (AzureClouds.AZURE_US_GOVERNMENT, AzureAuthorityHosts.AZURE_GOVERNMENT),
        "china": (AzureClouds.AZURE_CHINA_CLOUD, AzureAuthorityHosts.AZURE_CHINA),
    }
    assert set(theirs) == set(CLOUDS)
    for name, (cloud, authority) in theirs.items():
        known = get_arm_endpoints(cloud)
        assert known["resource_manager"].rstrip("/") == CLOUDS[name].resource_manager
        assert known["credential_scopes"] == [AzureTarget(cloud=name).scope]  # type: ignore[arg-type]
        assert CLOUDS[name].authority == f"https://{authority}"


@pytest.mark.parametrize(
    ("credential", "kind"),
    [
        ("default", "DefaultAzureCredential"),
        ("environment", "EnvironmentCredential"),
        ("cli", "AzureCliCredential"),
        ("managed-identity", "ManagedIdentityCredential"),
        ("workload-identity", "WorkloadIdentityCredential"),
    ],
)
def test_each_way_to_sign_in_is_azure_identity_s_own(
    arm: ArmServer, monkeypatch: pytest.MonkeyPatch, credential: Any, kind: str
) -> None:
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", arm.ca_file)
    assert type(credential_of(AzureTarget(credential=credential), QUICK)).__name__ == kind


def test_every_client_has_its_own_policies_and_none_registers_providers(arm: ArmServer) -> None:
    credential = credential_of(target(arm), QUICK)
    one, other = (pipeline(credential, "s", arm.url, QUICK) for _ in range(2))
    assert [type(policy).__name__ for policy in one] == [
        "RequestIdPolicy", "HeadersPolicy", "UserAgentPolicy", "ProxyPolicy", "CustomHookPolicy", "Guard", "Retry",
        "ARMChallengeAuthenticationPolicy",
    ]  # fmt: skip
    assert not set(map(id, one)) & set(map(id, other))


@pytest.mark.parametrize(
    ("claims", "identity"),
    [
        ({"tid": "t", "appid": "a", "oid": "o"}, Identity(tenant="t", client="a", object="o")),
        ({"tid": "t", "azp": "a"}, Identity(tenant="t", client="a", object="")),
        ([], Identity(tenant="", client="", object="")),
    ],
)
def test_a_token_says_whom_it_speaks_for(claims: Any, identity: Identity) -> None:
    text = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert identity_in(f"h.{text}.s") == identity


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.!.c"])
def test_a_token_that_is_no_jwt_says_nothing(token: str) -> None:
    assert identity_in(token) == Identity(tenant="", client="", object="")


def test_many_threads_share_one_source(arm: ArmServer) -> None:
    source = ArmSource(target(arm), Limits(threads=8))
    found: list[int] = []

    def read() -> None:
        found.append(len(source.fetch(LIST, question(PATH, LIST), "", frozenset()).body["value"]))

    threads = [threading.Thread(target=read) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 24
    assert {request.status for request in arm.requests} == {200}


def test_the_places_of_a_target_sign_in_once(arm: ArmServer) -> None:
    before, limits = len(arm.sign_ins), Limits(threads=7)
    ArmSource(target(arm), limits).identity()
    with ThreadPoolExecutor(8) as pool:
        sources = [ArmSource(target(arm), limits) for _ in range(8)]
        answers = list(pool.map(lambda one: one.fetch(LIST, question(PATH, LIST), "", frozenset()), sources))
    assert [len(answer.body["value"]) for answer in answers] == [2] * 8
    assert len(arm.sign_ins) - before == 1


def test_another_target_signs_in_by_itself(arm: ArmServer) -> None:
    before, limits = len(arm.sign_ins), Limits(threads=6)
    for wanted in (target(arm), target(arm, credential="environment")):
        ArmSource(wanted, limits).identity()
    assert len(arm.sign_ins) - before == 2


def test_a_failure_is_a_gap_and_no_noise_on_stderr() -> None:
    code = (
        "import logging; from posture.provider import Limits; from posture.session import GapFound\n"
        "from posture_azure.credentials import AzureTarget; from posture_azure.source import ArmSource\n"
        "here = 'https://127.0.0.1:1'\n"
        "source = ArmSource(AzureTarget(arm_endpoint=here, authority=here), Limits(attempts=1))\n"
        "try: source.identity()\n"
        "except GapFound as found: print(found.gap.cause)\n"
        "logging.warning('own')"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AZURE_")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environment)
    assert (done.stdout, done.stderr) == ("access-denied\n", "WARNING:root:own\n")


class Static:
    """A credential that has one token."""

    def __init__(self, token: Any) -> None:
        self._token = token

    def get_token(self, *scopes: str, **options: Any) -> Any:
        return self._token


class Odd:
    """A server on loopback, without TLS, that gives one answer; asked through posture's transport alone."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        sent = headers or {}
        if "Transfer-Encoding" not in sent:
            sent = {"Content-Length": str(len(body)), **sent}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.send_response(status)
                for name, value in sent.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = True

            def log_message(self, *args: Any) -> None:
                """Silent."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> "Odd":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def ask(self, absent: str = "") -> Any:
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest
        from azure.mgmt.core import ARMPipelineClient

        from posture_azure.source import _gap_of, answer_of

        sender = transport(QUICK, "")
        sender.session.mount("http://", sender.session.get_adapter("https://"))
        client: Any = ARMPipelineClient("", policies=[], transport=sender)
        try:
            response = client.send_request(HttpRequest("GET", f"http://127.0.0.1:{self._server.server_port}/"))
        except AzureError as error:
            raise GapFound(_gap_of(error, "odd")) from error
        return answer_of(response, "odd", frozenset(absent.split()))
