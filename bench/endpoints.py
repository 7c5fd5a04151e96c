"""Measures the hello engine beside sslyze restricted to the commands for versions, on loopback servers.

    python bench/endpoints.py [--endpoints 1000 --sslyze 20 --in-flight 300 --delays 0 50]

One process serves all addresses; of five servers one accepts TLS 1.0 to 1.2, the others TLS 1.2 and 1.3. With a delay
each answer leaves one round trip late, and the first two, for the connection that loopback sets up at once. Each engine
runs in a fresh process; CPU and peak memory are what the kernel accounted to it.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import ssl
import tempfile
import time
import warnings
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from tabulate import tabulate

PORT = 8443
WEAK_EACH = 5
WEAK = {"TLS 1.0", "TLS 1.1", "TLS 1.2"}
GOOD = {"TLS 1.2", "TLS 1.3"}


def address(number: int) -> str:
    """An address of its own for each endpoint, in 127.78.0.0/16."""
    return f"127.78.{number // 250}.{number % 250 + 1}"


def truth(number: int) -> set[str]:
    """The versions that endpoint accepts."""
    return WEAK if number % WEAK_EACH == 0 else GOOD


class Server(asyncio.Protocol):
    """TLS over memory buffers: a fraction of what asyncio's own TLS transport costs, so that clients are the limit."""

    served = 0

    def __init__(self, context: ssl.SSLContext, delay: float) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._delay = delay
        self._wait = 2 * delay
        self._done = False
        Server.served += 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._incoming.write(data)
        if self._delay:
            asyncio.get_running_loop().call_later(self._wait, self._answer)
            self._wait = self._delay
        else:
            self._answer()

    def _answer(self) -> None:
        if self._done or self._transport.is_closing():
            return
        try:
            self._tls.do_handshake()
            self._done = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self._done = True
            self._transport.write(self._outgoing.read())
            self._transport.close()
            return
        self._transport.write(self._outgoing.read())


def context(weak: bool, folder: str) -> ssl.SSLContext:
    """A server of either kind with a throw-away certificate."""
    from posture_estates.endpoints.authority import issue, new_authority

    credential = issue(new_authority(), ["bench.example"])
    pair = Path(folder) / f"{weak}.pem"
    pair.write_bytes(credential.chain_pem + credential.key_pem)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("ECDHE+AESGCM:ECDHE+AES:@SECLEVEL=0" if weak else "ECDHE+AESGCM:ECDHE+CHACHA20")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.minimum_version = ssl.TLSVersion.TLSv1 if weak else ssl.TLSVersion.TLSv1_2
        made.maximum_version = ssl.TLSVersion.TLSv1_2 if weak else ssl.TLSVersion.TLSv1_3
    made.load_cert_chain(pair)
    return made


def serve(pipe: Connection, endpoints: int, delay: float) -> None:
    """Listens for all endpoints; tells on request how many connections were served."""
    allow_files()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        with tempfile.TemporaryDirectory() as folder:
            weak, good = context(True, folder), context(False, folder)
        for number in range(endpoints):
            chosen = weak if number % WEAK_EACH == 0 else good
            await loop.create_server(partial(Server, chosen, delay), address(number), PORT, backlog=512)
        loop.add_reader(pipe.fileno(), tell, pipe)
        pipe.send(0)
        await asyncio.Event().wait()

    asyncio.run(run())


def tell(pipe: Connection) -> None:
    """Answers a question with the number of connections that were served."""
    pipe.recv()
    pipe.send(Server.served)


def run_hello(pipe: Connection, endpoints: int, in_flight: int) -> None:
    """The hello engine on every endpoint."""
    allow_files()
    from posture_endpoint.hello.probe import observe_versions

    async def run() -> tuple[int, int]:
        gate = asyncio.Semaphore(in_flight)
        wrong = most = 0

        async def one(number: int) -> None:
            nonlocal wrong, most
            async with gate:
                found = await observe_versions("bench.example", PORT, address(number), timeout=10, deadline=60)
            accepted = {version for version, seen in found["versions"].items() if seen["state"] == "accepted"}
            unclear = any(seen["state"] == "unknown" for seen in found["versions"].values())
            wrong += unclear or accepted != truth(number)
            most = max(most, found["connections"])

        await asyncio.gather(*map(one, range(endpoints)))
        return wrong, most

    measure(pipe, lambda: asyncio.run(run()))


def run_sslyze(pipe: Connection, endpoints: int, _: int) -> None:
    """sslyze with its six commands for versions and nothing else."""
    from sslyze import ScanCommand, Scanner, ServerNetworkLocation, ServerScanRequest

    commands = {
        "SSLv2": ScanCommand.SSL_2_0_CIPHER_SUITES,
        "SSLv3": ScanCommand.SSL_3_0_CIPHER_SUITES,
        "TLS 1.0": ScanCommand.TLS_1_0_CIPHER_SUITES,
        "TLS 1.1": ScanCommand.TLS_1_1_CIPHER_SUITES,
        "TLS 1.2": ScanCommand.TLS_1_2_CIPHER_SUITES,
        "TLS 1.3": ScanCommand.TLS_1_3_CIPHER_SUITES,
    }

    def run() -> tuple[int, int]:
        scanner = Scanner()
        numbers = {address(number): number for number in range(endpoints)}
        scanner.queue_scans(
            ServerScanRequest(
                server_location=ServerNetworkLocation(hostname="bench.example", port=PORT, ip_address=ip),
                scan_commands=set(commands.values()),
            )
            for ip in numbers
        )
        wrong = 0
        for scanned in scanner.get_results():
            found = scanned.scan_result
            accepted = {
                version
                for version, command in commands.items()
                if found is not None and getattr(found, command.value).result.accepted_cipher_suites
            }
            wrong += accepted != truth(numbers[scanned.server_location.ip_address])
        return wrong, 0

    measure(pipe, run)


def measure(pipe: Connection, run: Any) -> None:
    """Sends what the run found and cost; the clock starts after the imports."""
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    wrong, most = run()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    pipe.send({"wall": wall, "cpu": cpu, "wrong": wrong, "most": most, "memory": after.ru_maxrss / 1024})


def allow_files() -> None:
    """As many open files as the system lets a process have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def compare(engine: Any, endpoints: int, in_flight: int, delay: float) -> dict[str, Any]:
    """One engine against servers of its own."""
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe()
    server = fresh.Process(target=serve, args=(theirs, endpoints, delay), daemon=True)
    server.start()
    ours.recv()
    mine, its = fresh.Pipe()
    client = fresh.Process(target=engine, args=(its, endpoints, in_flight))
    client.start()
    result = cast(dict[str, Any], mine.recv())
    client.join()
    ours.send(None)
    served = cast(int, ours.recv())
    server.terminate()
    server.join()
    return {
        "endpoints": endpoints,
        "per second": endpoints / result["wall"],
        "CPU ms": 1000 * result["cpu"] / endpoints,
        "connections": served / endpoints,
        "wrong": result["wrong"],
        "MiB": result["memory"],
    }


def main() -> None:
    """Prints one table; both rows of a delay come from the same minutes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--sslyze", type=int, default=20, help="endpoints for sslyze, which needs seconds for each")
    parser.add_argument("--in-flight", type=int, default=300)
    parser.add_argument("--delays", type=int, nargs="*", default=[0, 50], help="round trips in milliseconds")
    chosen = parser.parse_args()
    rows = []
    for delay in chosen.delays:
        theirs = compare(run_sslyze, chosen.sslyze, 0, delay / 1000)
        ours = compare(run_hello, chosen.endpoints, chosen.in_flight, delay / 1000)
        times = ours["per second"] / theirs["per second"]
        rows += [
            {"engine": "sslyze, version commands", "round trip ms": delay, **theirs, "times": 1.0},
            {"engine": "hello", "round trip ms": delay, **ours, "times": times},
        ]
    print(tabulate(rows, headers="keys", floatfmt=".1f", tablefmt="pipe"))


if __name__ == "__main__":
    main()
