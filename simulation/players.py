"""Who stands at the gates of the lively demo: whoever was sent there, and the neighbours by themselves."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

from checkpoint.records import Passage, Result
from simulation.callers import RARE, Act, Caller, Callers
from simulation.life import Life, behind_s, pause_s
from simulation.stage import Stage
from simulation.world import PACES, GateWorld, World

VERDICT_WITHIN_S: Final = 10.0
ASKED_FOR_S: Final = 3.0
"""How long somebody whom the gate asks for something stays."""
LOOK_EVERY_S: Final = 0.1
_RARE_SHARE: Final = 0.1
_LEAVE_AFTER_S: Final = 1.2


@dataclass(frozen=True, slots=True)
class Theatre:
    """What every player has."""

    stage: Stage
    world: World
    life: Life
    callers: Callers
    chance: Random
    said: Callable[[GateWorld, Caller, Passage | None], None]


class Player(threading.Thread):
    """Sends one after the other to one gate."""

    def __init__(self, theatre: Theatre, gate: GateWorld) -> None:
        super().__init__(name=f"player of {gate.name}", daemon=True)
        self._theatre, self._gate = theatre, gate
        self._rare = 0

    def run(self) -> None:
        """Until the demo ends."""
        due_s = time.monotonic()
        while True:
            caller = self._next(due_s)
            if caller is None:
                time.sleep(LOOK_EVERY_S)
                continue
            # A gate without power answers nobody, and its journal may be on the way: the next one comes later.
            with contextlib.suppress(OSError, sqlite3.Error), self._gate.lane:
                self._play(caller)
            due_s = time.monotonic() + self._pause_s()

    def _pause_s(self) -> float:
        pace = PACES[self._theatre.world.pace] or 1.0
        hour = datetime.now(self._theatre.world.zone).hour
        return pause_s(self._gate.direction, hour, pace, self._theatre.chance)

    def _next(self, due_s: float) -> Caller | None:
        """Whoever was sent goes first."""
        if not self._gate.powered:
            return None
        if not self._gate.waiting.empty():
            return self._gate.waiting.get_nowait()
        if self._theatre.world.pace == "off" or time.monotonic() < due_s:
            return None
        if self._theatre.chance.random() < _RARE_SHARE:
            self._rare += 1
            return self._theatre.callers.make(RARE[self._rare % len(RARE)])
        walker = self._theatre.life.next(self._gate.direction, time.monotonic())
        if walker is None:
            return None
        if walker.is_behind:
            time.sleep(behind_s(self._theatre.chance))
        return self._theatre.callers.make(Act.WELL, walker.person)

    def _play(self, caller: Caller) -> None:
        stage, gate = self._theatre.stage, self._gate
        head = stage.head(gate.name)
        gate.stand(caller)
        asks = caller.act is Act.TWO
        stage.comes_true(
            lambda: bool(stage.passages_after(gate.name, head)) or not gate.powered,
            ASKED_FOR_S if asks else VERDICT_WITHIN_S,
            LOOK_EVERY_S,
        )
        passages = stage.passages_after(gate.name, head)
        passage = passages[0] if passages else None
        self._came(caller, passage)
        time.sleep(_LEAVE_AFTER_S)
        gate.stand(None)
        stage.comes_true(lambda: stage.lock_is_shut(gate.name), VERDICT_WITHIN_S, LOOK_EVERY_S)

    def _came(self, caller: Caller, passage: Passage | None) -> None:
        theatre, gate = self._theatre, self._gate
        theatre.world.tell(gate.name, caller, passage)
        theatre.said(gate, caller, passage)
        if caller.person is None:
            return
        if passage is not None and passage.result is Result.ADMIT:
            theatre.life.crossed(caller.person, gate.direction, time.monotonic())
        else:
            theatre.life.held(caller.person, time.monotonic())
