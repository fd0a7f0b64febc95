"""./run bench down: how long until every gate obeys the centre; what that costs on the wire.

A real collector (intake, dispatch) on a real mosquitto, and in this process the real sync programs of many
gates, each with a gate's own knowledge that looks into sync.db every HOUSEKEEPING_S, as kiosk.loop does. A
household gets another colour by the action that `gatepost household colour` does; the time of a gate runs from
before that transaction until its next scan would obey. All gates share this process and the machine with
the collector, so the figures are of a machine that is busier than any of them would be.

First all gates get a roster of many residents, whole. As a control dispatch is stopped (SIGSTOP) for a while
at one change: the bench must see just that, or it does not measure what it says.
"""

import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import structlog
import typer

from checkpoint.ids import HouseholdId
from checkpoint.people import Colour
from collector.actions.admin_actions import import_people, set_colour
from collector.roster_files.sample import sample
from collector.store.database import database_url, open_database
from collector.store.orders import AdminAction
from config.policies import load_policy
from kiosk.files.trusted_state import TrustedState
from kiosk.loop import HOUSEKEEPING_S
from simulation.compound import COMPOUND
from simulation.fleet.centre import Centre
from simulation.fleet.fleet import folder_in_memory, percentile_ms
from simulation.fleet.simulated_gate import SimulatedGate
from sync.store.reader import SyncReader

AIM_COLOUR_MS: Final = 2000
AIM_CHANGE_BYTES: Final = 1000
PATIENCE_S: Final = 600.0
_STOPPED_S: Final = 4.0
_TURN_S: Final = 0.01
_ENDS_WITHIN_S: Final = 30.0


class Gate:
    """A sync program, and what the gate beside it knows."""

    def __init__(self, number: int, folder: Path, centre: Centre) -> None:
        self._gate = SimulatedGate(number, folder, COMPOUND)
        self._gate.connect(centre.trust, centre.address)
        self._store = SyncReader(self._gate.place.store)
        self.trusted_state = TrustedState(
            centre.trust, self._store, COMPOUND, load_policy("ordinary")
        )
        self._due_s = time.monotonic() + random.random() * HOUSEKEEPING_S  # noqa: S311

    def turn(self) -> None:
        """Whatever has come, and a look into sync.db when it is time for it."""
        self._gate.turn()
        if time.monotonic() >= self._due_s:
            self._due_s = time.monotonic() + HOUSEKEEPING_S
            self.trusted_state.refresh()

    def colour(self, household: HouseholdId) -> Colour | None:
        """What the next scan would go by."""
        roster = self.trusted_state.roster()
        return roster.households[household].colour if roster else None

    def last_change_bytes(self) -> int:
        """Of the newest change on the wire."""
        changes = self._store.roster_changes(self._store.whole_roster_revision() or 0)  # type: ignore[arg-type]
        return len(changes[-1])

    def close(self) -> None:
        """Leave."""
        self._store.close()
        self._gate.close()


class Bench:
    """The collector, the gates, and deeds in a random order."""

    def __init__(self, folder: Path, memory: Path, gates: int) -> None:
        self._centre = Centre(folder)
        url = database_url(str(self._centre.compound.database), folder)
        self._engine = open_database(url, writes=True)
        config = str(self._centre.compound.collector_config)
        command = [sys.executable, "-m", "gatepost", "collector", "dispatch", "--config", config]
        self.dispatch = subprocess.Popen(command)
        self.gates = [Gate(number, memory, self._centre) for number in range(gates)]
        self._chance = random.Random(4)  # noqa: S311

    def import_roster(self, people: int) -> float:
        """Seconds until the last gate obeys it."""
        made = sample(1, people // 3, people)
        self.turn_for(3.0)
        begin_s = time.monotonic()
        with self._engine.begin() as connection:
            revision = import_people(connection, _deed(), made)
        self.households = [home.id for home in made.households]
        self.turn_until(
            lambda: all(g.trusted_state.roster_revision == revision for g in self.gates)
        )
        return time.monotonic() - begin_s

    def change_colour(self, colour: Colour) -> list[float]:
        """Seconds until each gate obeys a household's colour."""
        home = self._chance.choice(self.households)
        begin_s = time.monotonic()
        with self._engine.begin() as connection:
            set_colour(connection, _deed(), COMPOUND, home, colour)
        times_s: dict[int, float] = {}

        def all_obey() -> bool:
            for number, gate in enumerate(self.gates):
                if number not in times_s and gate.colour(home) is colour:
                    times_s[number] = time.monotonic() - begin_s
            return len(times_s) == len(self.gates)

        self.turn_until(all_obey)
        self.turn_for(self._chance.random())
        return list(times_s.values())

    def turn_until(self, holds: Callable[[], bool]) -> None:
        """Let all gates go on. Raises TimeoutError."""
        until_s = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > until_s:
                raise TimeoutError("the gates do not obey")
            for gate in self.gates:
                gate.turn()
            time.sleep(_TURN_S)

    def turn_for(self, seconds: float) -> None:
        """Let all gates go on for a while."""
        until_s = time.monotonic() + seconds
        self.turn_until(lambda: time.monotonic() >= until_s)

    def close(self) -> None:
        """End everything."""
        for gate in self.gates:
            gate.close()
        self.dispatch.terminate()
        self.dispatch.wait(_ENDS_WITHIN_S)
        self._engine.dispose()
        self._centre.stop()


def main(
    gates: Annotated[int, typer.Option(min=1)] = 20,
    people: Annotated[int, typer.Option(min=30, help="In the roster.")] = 20_000,
    changes: Annotated[int, typer.Option(min=1, help="Of a household's colour.")] = 100,
) -> None:
    """Roster and changes; exit code 1 if the control fails."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with (
        tempfile.TemporaryDirectory(prefix="gatepost-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="gatepost-bench-", dir=folder_in_memory()) as memory,
    ):
        bench = Bench(Path(folder), Path(memory), gates)
        try:
            whole_s = bench.import_roster(people)
            print(f"roster of {people:,} to {gates} gates, imported to obeyed: {whole_s:.1f} s")
            times_s: list[float] = []
            for number in range(changes):
                colour = (Colour.RED, Colour.ORANGE, Colour.YELLOW)[number % 3]
                times_s += bench.change_colour(colour)
            _print_changes(times_s, changes, gates, bench.gates[0].last_change_bytes())
            os.kill(bench.dispatch.pid, signal.SIGSTOP)
            bench.turn_for(0.2)
            subprocess.Popen(["sh", "-c", f"sleep {_STOPPED_S}; kill -CONT {bench.dispatch.pid}"])
            seen_s = min(bench.change_colour(Colour.WHITE))
        finally:
            bench.close()
    print(f"control: a dispatch stopped for {_STOPPED_S:.1f} s was seen as {seen_s:.1f} s")
    if not 0.9 * _STOPPED_S < seen_s < 2 * _STOPPED_S:
        print("the control failed: these figures mean nothing")
        raise SystemExit(1)


def _print_changes(times_s: list[float], changes: int, gates: int, size_bytes: int) -> None:
    p50_ms, p99_ms = percentile_ms(times_s, 50), percentile_ms(times_s, 99) or 0
    print(f"{changes} changes of colour at {gates} gates, action to obeyed:")
    print(f"  p50 {p50_ms} ms, p99 {p99_ms} ms", end="")
    print(f": {p99_ms / AIM_COLOUR_MS:.2f} of the aim of {AIM_COLOUR_MS} ms")
    share = size_bytes / AIM_CHANGE_BYTES
    print(f"a change is {size_bytes} bytes a gate: {share:.2f} of the aim of {AIM_CHANGE_BYTES}")


def _deed() -> AdminAction:
    return AdminAction(who="bench", reason="bench", at_us=time.time_ns() // 1000)


if __name__ == "__main__":
    typer.run(main)
