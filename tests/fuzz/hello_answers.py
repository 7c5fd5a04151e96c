"""Fuzzes the reading of answers with coverage as its guide: `python tests/fuzz/hello_answers.py -max_total_time=60`.

Needs atheris. The first byte of each input chooses the hello that the rest is taken to answer.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports():
    from posture_endpoint._probes.wire import Answer
    from posture_endpoint.hello.answer import read_meaning
    from posture_endpoint.hello.encode import ClientHello, Ssl2Hello
    from posture_endpoint.hello.parse import MOST_BYTES, named_curve, parse, parse_flight, prime_bits
    from posture_endpoint.hello.suites import BEFORE_TLS12, SSL2_KINDS, TLS13_SUITES, UP_TO_TLS12

HELLOS = (
    ClientHello(newest="TLS 1.1", suites=BEFORE_TLS12[:128], server_name=None),
    ClientHello(newest="TLS 1.2", suites=UP_TO_TLS12[:128], server_name=None),
    ClientHello(newest="TLS 1.3", suites=TLS13_SUITES, server_name=None),
    Ssl2Hello(kinds=tuple(SSL2_KINDS)),
)
SEEDS = (
    bytes.fromhex("15030100020228"),
    bytes.fromhex("16030300 2a 02000026 0303".replace(" ", "")) + bytes(33) + bytes.fromhex("c02f00"),
    bytes.fromhex("8021040001000200040003001063657274010080") + bytes(16),
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
)


def read(data: bytes) -> None:
    """No exception, no more certificates than bytes, and no acceptance of what was not offered."""
    hello, answer = HELLOS[(data[0] if data else 0) % len(HELLOS)], data[1 : MOST_BYTES + 1]
    parsed = parse(answer, ssl2=isinstance(hello, Ssl2Hello))
    flight = parse_flight(answer)
    named_curve(flight.key_exchange)
    prime_bits(flight.key_exchange)
    assert sum(map(len, flight.chain)) <= len(answer)
    if parsed is not None:
        meaning = read_meaning(parsed, hello)
        if meaning.answer is Answer.ACCEPTED and isinstance(hello, ClientHello):
            assert meaning.suite in hello.suites


def main() -> None:
    """Reads the seeds, then whatever the fuzzer makes; its options are libFuzzer's."""
    for number in range(len(HELLOS)):
        for seed in SEEDS:
            read(bytes([number]) + seed)
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
