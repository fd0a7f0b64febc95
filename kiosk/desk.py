"""Where requests of volunteers wait for the loop, and their answers for whoever asked."""

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from checkpoint.events import OpeningAsked, VolunteerRequest
from checkpoint.lane import Objection, Reply

Answer = Future[Objection | None]
"""None: done."""


class Desk:
    """Between the page's threads, which ask, and the loop, which answers. Every request is answered once."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._queue: queue.SimpleQueue[VolunteerRequest | OpeningAsked] = queue.SimpleQueue()
        self._waiting: dict[int, Answer] = {}
        self._lock = threading.Lock()

    def ask(self, make: Callable[[int], VolunteerRequest]) -> Answer:
        """Hand in the request that ``make`` builds around its number."""
        number = next(self._numbers)
        request, answer = make(number), Answer()
        with self._lock:
            self._waiting[number] = answer
        self._queue.put(request)
        return answer

    def tell(self, event: OpeningAsked) -> None:
        """Hand in what nobody waits to be answered."""
        self._queue.put(event)

    def pending(self) -> list[VolunteerRequest | OpeningAsked]:
        """What has been asked since the last call, in order."""
        found = []
        while not self._queue.empty():
            found.append(self._queue.get())
        return found

    def answer(self, reply: Reply) -> None:
        """Tell whoever asked. A number that nobody waits for is passed over."""
        with self._lock:
            answer = self._waiting.pop(reply.request, None)
        if answer is not None:
            answer.set_result(reply.objection)
