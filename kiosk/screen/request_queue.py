"""Where requests of volunteers wait for the loop, and their answers for whoever asked.

And the code that a scanner has typed into the page: the newest, until the gate is free for it or it is too old.
"""

import itertools
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from checkpoint.gate.context import Objection, Reply
from checkpoint.gate.events import OpeningAsked, VolunteerRequest

Answer = Future[Objection | None]
"""None: done."""
SCAN_WAITS_S: Final = 6.0
"""As long as a door stands open for the one before; after that the bearer scans again."""


class RequestQueue:
    """Between the page's threads, which ask, and the loop, which answers. Every request is answered once."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._queue: queue.Queue[VolunteerRequest | OpeningAsked] = queue.Queue()
        self._waiting: dict[int, Answer] = {}
        self._scan, self._scanned_s = "", 0.0
        self._lock = threading.Lock()

    def ask(self, make: Callable[[int], VolunteerRequest]) -> Answer:
        """Hand in the request that ``make`` builds around its number."""
        number = next(self._numbers)
        request, answer = make(number), Answer()
        with self._lock:
            self._waiting[number] = answer
        self._queue.put(request)
        return answer

    def scanned(self, code: str) -> None:
        """A scanner has read this text; it takes the place of one that still waits."""
        with self._lock:
            self._scan, self._scanned_s = code, time.monotonic()

    def scan(self) -> str | None:
        """The text that waits, once; None: there is none, or it is too old."""
        with self._lock:
            code, self._scan = self._scan, ""
            return code if code and time.monotonic() - self._scanned_s < SCAN_WAITS_S else None

    def tell(self, event: OpeningAsked) -> None:
        """Hand in what nobody waits to be answered."""
        self._queue.put(event)

    def pending(self) -> list[VolunteerRequest | OpeningAsked]:
        """What has been asked since the last call, in order."""
        found = []
        while not self._queue.empty():
            found.append(self._queue.get_nowait())
        return found

    def answer(self, reply: Reply) -> None:
        """Tell whoever asked. A number that nobody waits for is passed over."""
        with self._lock:
            answer = self._waiting.pop(reply.request, None)
        if answer is not None:
            answer.set_result(reply.objection)
