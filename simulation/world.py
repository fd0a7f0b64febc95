"""What whoever tries the demo can change while it runs, and what has happened. Safe between threads."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from queue import Queue
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from checkpoint.policy import Direction
from checkpoint.records import Passage
from drivers.simulated.world import Scene, play_scene
from simulation.callers import Caller

PACES: Final = {"off": 0.0, "quiet": 0.5, "day": 1.0, "rush": 3.0}
_TOLD: Final = 40
_ERRAND_WITHIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that came of somebody at a gate."""

    at: str
    gate: str
    caller: Caller
    passage: Passage | None
    """None: the gate has decided nothing."""


class GateWorld:
    """What one gate sees and measures."""

    def __init__(self, name: str, direction: Direction, folder: Path, data: Path) -> None:
        self.name, self.direction, self.data = name, direction, data
        self.lane = threading.Lock()
        """Held by whoever stands in the lane: one at a time."""
        self.waiting: Queue[Caller] = Queue()
        self.powered = True
        self.here: Caller | None = None
        self._folder, self._scene, self._changing = folder, Scene(), threading.Lock()

    @property
    def scene(self) -> Scene:
        """As it is now."""
        return self._scene

    def stand(self, caller: Caller | None) -> None:
        """Somebody steps into the lane, or leaves it."""
        self.here = caller
        if caller is None:
            self.change(codes=(), celsius=None)
        else:
            self.change(codes=caller.codes, celsius=caller.celsius)

    def change(self, **parts: object) -> None:
        """Let the scene be otherwise. Raises ValueError for what a scene cannot have."""
        with self._changing:
            # Through JSON, because replace() checks nothing.
            changed = msgspec.json.encode(msgspec.structs.replace(self._scene, **parts))
            self._scene = msgspec.json.decode(changed, type=Scene)
            play_scene(self._folder, self._scene)


@dataclass(slots=True)
class World:
    """All of it."""

    gates: dict[str, GateWorld]
    zone: ZoneInfo
    pace: str = "day"
    volunteer_acts: bool = True
    network: bool = True
    told: deque[Happening] = field(default_factory=lambda: deque(maxlen=_TOLD))
    """The newest first."""
    errands: Queue[tuple[Callable[[], None], Future[None]]] = field(default_factory=Queue)

    def on_main_thread(self, errand: Callable[[], None]) -> None:
        """Have it done by the main thread, which alone may start and end processes, and wait."""
        done: Future[None] = Future()
        self.errands.put((errand, done))
        try:
            done.result(_ERRAND_WITHIN_S)
        except TimeoutError:
            raise TimeoutError(
                f"the demo's main thread has not started or ended it within {_ERRAND_WITHIN_S} s"
            ) from None

    def tell(self, gate: str, caller: Caller, passage: Passage | None) -> None:
        """Keep what happened."""
        self.told.appendleft(
            Happening(f"{datetime.now(self.zone):%H:%M:%S}", gate, caller, passage)
        )
