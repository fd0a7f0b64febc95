"""Who goes out and who comes home, and how often; chance and the time are given.

Somebody goes out who is in, and comes home who is out, those first who have been out for long; now and then two or
three of one home go together, and come home together. So nobody shows a pass twice in one direction, as long as
the gates let them through. Whoever is held stays where they were, and is not seen again for a while.
"""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Final

from checkpoint.ids import PersonId
from checkpoint.policy import Direction

_OUT_A_MINUTE: Final = (3, 3, 3, 3, 3, 4, 8, 12, 10, 7, 6, 6, 6, 6, 6, 6, 6, 7, 8, 6, 5, 4, 3, 3)
_IN_A_MINUTE: Final = (3, 3, 3, 3, 3, 3, 4, 5, 6, 8, 8, 9, 8, 6, 6, 7, 9, 12, 12, 9, 8, 6, 4, 3)
"""By the hour of the day; no night is as quiet as a real one, for nobody would watch it."""
_TOGETHER: Final = (1, 1, 1, 1, 2, 2, 3)
_STEP_BEHIND_S: Final = 0.8
_SHY_S: Final = 360.0
"""Longer than the policy's passback time."""
_STAY_S: Final = 120.0
"""Nobody comes back sooner."""
_OUT_AT_FIRST: Final = 0.4


@dataclass(frozen=True, slots=True)
class Walker:
    """Whoever comes next."""

    person: PersonId
    is_behind: bool
    """One step behind somebody of the same home."""


class Life:
    """Where everybody is. Safe between threads."""

    def __init__(self, families: Iterable[tuple[PersonId, ...]], chance: Random) -> None:
        self._chance = chance
        self._families = tuple(families)
        self._home = {person: family for family in self._families for person in family}
        everybody = list(self._home)
        chance.shuffle(everybody)
        out = everybody[: round(len(everybody) * _OUT_AT_FIRST)]
        self._out = dict.fromkeys(out)
        """In the order in which they went."""
        self._behind: dict[Direction, deque[PersonId]] = {each: deque() for each in Direction}
        self._shy_until_s: dict[PersonId, float] = {}
        self._lock = threading.Lock()

    def next(self, direction: Direction, now_s: float) -> Walker | None:
        """Who comes to a gate of this direction; None where nobody is left for it."""
        with self._lock:
            return self._next(direction, now_s)

    def crossed(self, person: PersonId, direction: Direction, now_s: float) -> None:
        """They went through."""
        with self._lock:
            self._shy_until_s[person] = now_s + _STAY_S
            if direction is Direction.IN:
                self._out.pop(person, None)
            elif person in self._home:
                self._out[person] = None

    def held(self, person: PersonId, now_s: float) -> None:
        """They did not."""
        with self._lock:
            self._shy_until_s[person] = now_s + _SHY_S

    def _next(self, direction: Direction, now_s: float) -> Walker | None:
        behind = self._behind[direction]
        while behind:
            person = behind.popleft()
            if self._may(person, direction, now_s):
                return Walker(person, is_behind=True)
        # Those who are out stand in the order in which they went: the first third may come home.
        where = self._out if direction is Direction.IN else self._home
        able = [person for person in where if self._may(person, direction, now_s)]
        if not able:
            return None
        first = able[: 1 + len(able) // 3] if direction is Direction.IN else able
        person = self._chance.choice(first)
        family = [each for each in self._home[person] if each in able and each != person]
        others = self._chance.choice(_TOGETHER) - 1
        behind.extend(self._chance.sample(family, min(others, len(family))))
        return Walker(person, is_behind=False)

    def _may(self, person: PersonId, direction: Direction, now_s: float) -> bool:
        is_out = person in self._out
        free = now_s >= self._shy_until_s.get(person, now_s)
        return free and is_out is (direction is Direction.IN)


def pause_s(direction: Direction, hour: int, pace: float, chance: Random) -> float:
    """How long until the next one comes, 0.3 to 60 s; ``pace`` 1 is an ordinary day."""
    a_minute = (_OUT_A_MINUTE if direction is Direction.OUT else _IN_A_MINUTE)[hour]
    return min(60.0, max(0.3, chance.expovariate(a_minute * pace / 60)))


def behind_s(chance: Random) -> float:
    """How long until whoever is one step behind comes."""
    return _STEP_BEHIND_S + chance.random()
