"""A bounded pool in which work that hangs is written off and its place filled again."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from posture.pool import Pool


class Meter:
    """Counts how many pieces of work run, and how many ran at most at a time."""

    def __init__(self) -> None:
        self.now = self.most = self.done = 0
        self._lock = threading.Lock()

    def work(self, seconds: float = 0.005) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(seconds)
        with self._lock:
            self.now -= 1
            self.done += 1


def until(true: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.002)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What hanging work waits for."""
    event = threading.Event()
    yield event
    event.set()


def test_no_more_than_its_size_runs_at_a_time() -> None:
    pool, meter = Pool(3), Meter()
    for _ in range(30):
        pool.submit(meter.work)
    until(lambda: meter.done == 30)
    assert meter.most <= 3
    pool.close()


def test_its_whole_size_is_used() -> None:
    pool = Pool(4)
    meeting = threading.Barrier(5)
    for _ in range(4):
        pool.submit(lambda: meeting.wait(5) and None)
    meeting.wait(5)
    pool.close()


def test_work_that_comes_while_a_thread_is_about_to_wait_does_not_queue_behind_a_hang(gate: threading.Event) -> None:
    for _ in range(100):
        pool, ran = Pool(2), threading.Event()
        pool.submit(lambda: None)
        pool.submit(gate.wait)  # type: ignore[arg-type]
        pool.submit(ran.set)
        assert ran.wait(5)
        pool.close()


def test_abandoned_work_leaves_the_pool_its_size(gate: threading.Event) -> None:
    pool, meter = Pool(2), Meter()
    for _ in range(2):
        pool.submit(gate.wait)  # type: ignore[arg-type]
    for _ in range(6):
        pool.submit(meter.work)
    time.sleep(0.03)
    assert meter.done == 0
    pool.abandon()
    pool.abandon()
    until(lambda: meter.done == 6)
    pool.close()


def test_a_pool_is_no_larger_after_its_hanging_work_came_back() -> None:
    pool, meter, gate = Pool(2), Meter(), threading.Event()
    back = [threading.Event(), threading.Event()]

    def hang(mine: threading.Event) -> None:
        gate.wait()
        pool.recovered()
        mine.set()

    for mine in back:
        pool.submit(lambda mine=mine: hang(mine))
    for _ in back:
        pool.abandon()
    pool.submit(meter.work)
    until(lambda: meter.done == 1)
    gate.set()
    for mine in back:
        assert mine.wait(5)
    time.sleep(0.02)
    meter.most = 0
    for _ in range(20):
        pool.submit(meter.work)
    until(lambda: meter.done == 21)
    assert meter.most == 2
    pool.close()


def test_a_closed_pool_lets_its_threads_end() -> None:
    before = set(threading.enumerate())
    pool, meter = Pool(3), Meter()
    for _ in range(6):
        pool.submit(meter.work)
    pool.close()
    until(lambda: meter.done == 6)
    until(lambda: not [thread for thread in threading.enumerate() if thread not in before])
