"""Measures whole scans of many endpoints: wall, CPU, connections and peak memory of `posture scan` on loopback servers.

    python -m bench.endpoints_scan [--endpoints 100 500 1000 --delay 0 --certificates]

The servers are those of `bench/endpoints.py`: one process, an address for each, every fifth accepts TLS 1.0. The
profile claims tls-minimum and strong-cipher-suites, with --certificates certificate-valid too. Each scan is a fresh
process that writes its progress to a terminal; CPU and peak memory are what the kernel accounts to it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import pty
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, cast

from tabulate import tabulate

from bench.endpoints import PORT, WEAK_EACH, address, serve

PROGRAM = "import sys; from posture.cli import main; sys.exit(main())"
PROFILE = """
id: endpoints
title: What is said of many endpoints
statements:
  - {id: minimum, summary: nothing older than TLS 1.2, class: testable, claims: [{claim: tls-minimum}]}
  - {id: suites, summary: strong suites, class: testable, claims: [{claim: strong-cipher-suites}]}
"""
CERTIFICATES = """
  - {id: certificate, summary: good certificates, class: testable, claims: [{claim: certificate-valid}]}
"""


def scan(folder: Path, endpoints: int, certificates: bool) -> dict[str, Any]:
    """One scan in a process of its own, whose progress goes to a terminal."""
    (folder / "profile.yaml").write_text(PROFILE + (CERTIFICATES.strip("\n") if certificates else ""))
    hosts = [f"{address(number)}:{PORT}" for number in range(endpoints)]
    config = {"profiles": [{"use": "profile.yaml"}], "targets": {"fleet": {"endpoint": {"hosts": hosts}}}}
    (folder / "posture.yaml").write_text(json.dumps(config))
    run = folder / f"run-{endpoints}"
    arguments = [sys.executable, "-c", PROGRAM, "scan", "-c", "posture.yaml", "-o", str(run), "--json"]
    ours, theirs = pty.openpty()
    shown: list[bytes] = []
    reader = threading.Thread(target=listen, args=(ours, shown), daemon=True)
    reader.start()
    start = time.perf_counter()
    with (folder / "verdicts.json").open("wb") as out:
        files = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, theirs, 2)]
        here = os.getcwd()
        os.chdir(folder)
        child = os.posix_spawn(sys.executable, arguments, os.environ, file_actions=files)
        os.chdir(here)
    os.close(theirs)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    reader.join(5)
    verdicts = json.loads((folder / "verdicts.json").read_bytes())["profiles"][0]["statements"]
    return {
        "exit": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / 1024,
        "progress": b"".join(shown).count(b"\r\x1b[2K"),
        "wrong": wrong(run, endpoints),
        "verdicts": {one["id"]: one["verdict"] for one in verdicts},
    }


def listen(terminal: int, shown: list[bytes]) -> None:
    """What a terminal is shown, until its last writer is gone."""
    try:
        while data := os.read(terminal, 65_536):
            shown.append(data)
    except OSError:
        os.close(terminal)


def wrong(run: Path, endpoints: int) -> int:
    """Endpoints whose versions were not judged by the truth."""
    from posture.run.directory import Run

    judged = {
        finding.resource.account: type(finding.outcome).__name__
        for finding in Run.open(run).findings()
        if finding.check == "endpoint.tls.minimum-version"
    }
    truth = {address(number): "Fail" if number % WEAK_EACH == 0 else "Pass" for number in range(endpoints)}
    return sum(judged.get(one) != expected for one, expected in truth.items())


def measure(endpoints: int, delay: float, certificates: bool) -> dict[str, Any]:
    """One scan against servers of its own."""
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe()
    server = fresh.Process(target=serve, args=(theirs, endpoints, delay), daemon=True)
    server.start()
    ours.recv()
    with tempfile.TemporaryDirectory() as folder:
        found = scan(Path(folder), endpoints, certificates)
    ours.send(None)
    served = cast(int, ours.recv())
    server.terminate()
    server.join()
    return {
        "endpoints": endpoints,
        "round trip ms": 1000 * delay,
        "wall s": found["wall"],
        "per second": endpoints / found["wall"],
        "CPU ms each": 1000 * found["cpu"] / endpoints,
        "connections each": served / endpoints,
        "peak MiB": found["memory"],
        "wrong": found["wrong"],
        "progress lines": found["progress"],
        "exit": found["exit"],
    }


def main() -> None:
    """Prints one table, a row for each number of endpoints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoints", type=int, nargs="*", default=[100, 500, 1000])
    parser.add_argument("--delay", type=int, default=0, help="round trip in milliseconds")
    parser.add_argument("--certificates", action="store_true", help="claim certificate-valid too")
    chosen = parser.parse_args()
    rows = [measure(count, chosen.delay / 1000, chosen.certificates) for count in chosen.endpoints]
    print(tabulate(rows, headers="keys", floatfmt=".1f", tablefmt="pipe"))


if __name__ == "__main__":
    main()
