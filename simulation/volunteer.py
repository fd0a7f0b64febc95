"""The lively demo's volunteer, who signs on and sees to the people who are held, unless told to leave it to others."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, Final

from checkpoint.ids import PersonId
from checkpoint.verdict import Reason
from kiosk.screen.client import WAIT_S, NoGate, call
from simulation.callers import Act, Caller
from simulation.life import Life
from simulation.world import GateWorld, World
from ui.words import Language, phrases

LOOK_EVERY_S: Final = 1.5
_THINKS_S: Final = (10.0, 25.0)
_SHOWS_PASS_S: Final = 0.5
_NORMAL_CENTICELSIUS: Final = 3660
_MEASURED_BY_HAND: Final = {
    Reason.NO_READING,
    Reason.SENSOR_FAULT,
    Reason.AMBIENT_OUT_OF_RANGE,
    Reason.UNSURE,
    Reason.TOO_LOW,
}
_DENIED: Final = {
    Reason.FEVER: "doctor",
    Reason.UNKNOWN_PERSON: "stranger",
    Reason.UNDER_WATCH: "home",
    Reason.EXPIRED: "renew",
}


class Volunteer(threading.Thread):
    """Looks at every gate in turn."""

    def __init__(
        self, world: World, life: Life, duty_pass: str, language: Language, chance: Random
    ) -> None:
        super().__init__(name="volunteer", daemon=True)
        self._world, self._life, self._duty_pass = world, life, duty_pass
        self._language: Language = language
        self._chance = chance
        self._acts_at_s: dict[int, float] = {}
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="volunteer's question")

    def run(self) -> None:
        """Until the demo ends."""
        while True:
            for gate in self._world.gates.values():
                if self._world.volunteer_acts and gate.powered:
                    try:
                        self._see_to(gate)
                    except NoGate:
                        continue  # it has no power, or is starting
            time.sleep(LOOK_EVERY_S)

    def _see_to(self, gate: GateWorld) -> None:
        state = call(gate.data, "/state", None)
        if not state["on_duty"]:
            self._sign_on(gate)
        for case in state["cases"]:
            low, high = _THINKS_S
            thought_s = time.monotonic() + self._chance.uniform(low, high)
            if time.monotonic() >= self._acts_at_s.setdefault(case["case"], thought_s):
                self._decide(gate, case)

    def _sign_on(self, gate: GateWorld) -> None:
        """Ask first, then show the pass, with nobody else in the lane."""
        shown = Caller(Act.WELL, "", (self._duty_pass,), None)
        with gate.lane:
            answer = self._asking.submit(call, gate.data, "/requests", {"ask": "sign", "on": True})
            time.sleep(_SHOWS_PASS_S)
            gate.stand(shown)
            try:
                answer.result(WAIT_S)
            except TimeoutError:
                raise NoGate(f"{gate.name} has not said in {WAIT_S:.0f} s who is on duty") from None
            finally:
                gate.stand(None)

    def _decide(self, gate: GateWorld, case: dict[str, Any]) -> None:
        """A busy gate is asked again at the next look."""
        reason = Reason(case["reason"])
        about = {"case": case["case"]}
        if reason in _MEASURED_BY_HAND:
            answer = call(
                gate.data,
                "/requests",
                {"ask": "hand-held", "centicelsius": _NORMAL_CENTICELSIUS, **about},
            )
        elif reason in _DENIED:
            why = phrases("deny reason", self._language)[_DENIED[reason]]
            call(gate.data, "/requests", {"ask": "deny", "reason": why, **about})
            return
        else:
            why = phrases("admit reason", self._language)["known"]
            answer = call(gate.data, "/requests", {"ask": "admit", "reason": why, **about})
        if answer.get("done") and case["person"]:
            self._life.crossed(PersonId(case["person"]), gate.direction, time.monotonic())
