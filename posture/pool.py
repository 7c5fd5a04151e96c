"""A bounded pool of daemon threads in which a call that hangs is written off and its place filled again."""

import ctypes
import queue
import threading
from collections.abc import Callable
from functools import lru_cache

Work = Callable[[], None]

M_ARENA_MAX = -8
"""The name of a setting of glibc's mallopt (malloc.h)."""


class Pool:
    """At most ``size`` pieces of work at a time, over all shards of a process.

    Work must not raise. A piece of work that may never come back is abandoned: another thread takes its place, so that
    hanging calls do not use the pool up.
    """

    def __init__(self, size: int) -> None:
        share_arenas()
        self._waiting: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._size = size
        self._threads = 0
        self._unfinished = 0
        self._lock = threading.Lock()

    def submit(self, work: Work) -> None:
        """Run ``work`` when a thread is free."""
        self._waiting.put(work)
        with self._lock:
            self._unfinished += 1
            self._grow()

    def abandon(self) -> None:
        """Stop counting one busy thread: another serves what waits. Should its work return after all, a thread ends."""
        with self._lock:
            self._size += 1
            self._grow()

    def recovered(self) -> None:
        """An abandoned piece of work came back: the pool shrinks to its size again."""
        with self._lock:
            self._size -= 1

    def close(self) -> None:
        """Let idle threads end; busy ones end after their work."""
        with self._lock:
            count = self._threads
        for _ in range(count):
            self._waiting.put(None)

    def _grow(self) -> None:
        if self._threads < min(self._size, self._unfinished):
            self._threads += 1
            threading.Thread(target=self._serve, name="posture-call", daemon=True).start()

    def _serve(self) -> None:
        while (work := self._waiting.get()) is not None:
            work()
            with self._lock:
                self._unfinished -= 1
                if self._threads > self._size:
                    self._threads -= 1
                    return


@lru_cache(maxsize=1)
def share_arenas() -> None:
    """Let all threads allocate from two arenas.

    glibc gives each thread an arena of its own and returns little of what big replies took from it: with 32 threads
    that is 30 MiB of a scan's memory (bench/RESULTS.md). Other C libraries have no such setting, and need none.
    """
    try:
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)
    except (AttributeError, OSError, TypeError):
        return
