"""A bounded pool of daemon threads in which a call that hangs is written off and its place filled again."""

import queue
import threading
from collections.abc import Callable

Work = Callable[[], None]


class Pool:
    """At most ``size`` pieces of work at a time, over all shards of a process.

    Work must not raise. A piece of work that may never come back is abandoned: another thread takes its place, so that
    hanging calls do not use the pool up.
    """

    def __init__(self, size: int) -> None:
        self._waiting: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._size = size
        self._idle = 0
        self._threads = 0
        self._lock = threading.Lock()

    def submit(self, work: Work) -> None:
        """Run ``work`` when a thread is free."""
        self._waiting.put(work)
        with self._lock:
            grow = self._idle == 0 and self._threads < self._size
            self._threads += grow
        if grow:
            self._start()

    def abandon(self) -> None:
        """Stop counting one busy thread. Should its work return after all, the thread ends."""
        with self._lock:
            self._size += 1

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

    def _start(self) -> None:
        threading.Thread(target=self._serve, name="posture-call", daemon=True).start()

    def _serve(self) -> None:
        while True:
            with self._lock:
                if self._threads > self._size:
                    self._threads -= 1
                    return
                self._idle += 1
            work = self._waiting.get()
            with self._lock:
                self._idle -= 1
            if work is None:
                return
            work()
