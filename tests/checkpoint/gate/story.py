"""One gate told as a story: event after event at their times, and what came of each."""

from dataclasses import replace
from typing import Any

from checkpoint.gate.context import Effect, Keep, Lane, Reply, Scan, Show, Unlock
from checkpoint.gate.events import Event, PassShown, ReadingTaken
from checkpoint.gate.state import GateState, Measuring
from checkpoint.gate.table import step
from checkpoint.records import Record
from checkpoint.thermometry import Temperature
from tests.checkpoint.examples import NOW_S, context, lane, reading, stamp


class Story:
    """A gate, the time, and everything that it has done."""

    def __init__(self, at: Lane | None = None, **circumstances: Any) -> None:
        self._lane = at or lane()
        self._circumstances = circumstances
        self.state = GateState()
        self.now_ms = 0
        self.effects: list[Effect] = []

    def happens(self, event: Event, after_ms: int = 0) -> tuple[Effect, ...]:
        """The event, so long after the one before; what the gate does about it."""
        self.now_ms += after_ms
        now = context(
            self.now_ms,
            lane=self._lane,
            stamp=stamp(at_us=NOW_S * 1_000_000 + self.now_ms * 1000),
            **self._circumstances,
        )
        self.state, effects = step(self.state, event, now)
        self.effects += effects
        return effects

    def comes(self, scan: Scan, *outcomes: Temperature, after_ms: int = 0) -> None:
        """Somebody shows a pass, and is measured so."""
        self.happens(PassShown(scan), after_ms)
        for outcome in outcomes:
            asked_ms = self.state.phase.asked_ms if isinstance(self.state.phase, Measuring) else -1
            self.happens(ReadingTaken(reading(outcome), asked_ms), 500)

    def records(self, kind: type[Record]) -> list[Any]:
        """What was written down of this kind, in order."""
        kept = [effect.record for effect in self.effects if isinstance(effect, Keep)]
        return [record for record in kept if isinstance(record, kind)]

    @property
    def phase(self) -> str:
        """The name of the phase that the lane is in."""
        return type(self.state.phase).__name__

    @property
    def pulses(self) -> int:
        """How often the lock was released."""
        return sum(isinstance(effect, Unlock) for effect in self.effects)

    @property
    def shown(self) -> Show:
        """What the screen says now."""
        return [effect for effect in self.effects if isinstance(effect, Show)][-1]

    @property
    def reply(self) -> Reply:
        """The last answer to a volunteer."""
        return [effect for effect in self.effects if isinstance(effect, Reply)][-1]

    def with_duty(self, *people: Any) -> "Story":
        """Somebody has signed on."""
        self.state = replace(self.state, on_duty=people)
        return self
