"""`openssl s_server` on 127.0.0.1: it sets what Python's ssl cannot, as the suites of TLS 1.3 and several groups."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from posture_estates.endpoints.authority import Credential


@contextmanager
def serving(credential: Credential, folder: Path, *options: str) -> Iterator[int]:
    """Its port; ``options`` are those of s_server. It answers one connection after the other."""
    pair = folder / "pair.pem"
    pair.write_bytes(credential.chain_pem + credential.key_pem)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", str(pair), "-www", "-quiet", *options]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as ran:
        try:
            _await_listener(ran, port)
            yield port
        finally:
            ran.kill()


def _await_listener(ran: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        if ran.poll() is not None:
            assert ran.stderr is not None
            raise OSError(f"s_server ended: {ran.stderr.read().decode(errors='replace')}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise OSError("s_server does not listen")
