"""The fleet's loop: one thread that waits for all sockets at once and gives every gate its turns.

A gate gets a turn when its socket has something, when it has just written a record, and every TURN_S. Its
files lie in a folder of the caller's choice: in memory hundreds of journals do not wait for one disk that in
truth each would have for itself.
"""

import resource
import selectors
import time
from collections.abc import Callable, Iterator, Sequence
from heapq import heapify, heapreplace
from pathlib import Path
from typing import Final

from checkpoint.ids import CompoundId
from config.trust import Trust
from simulation.fleet.simulated_gate import SimulatedGate
from sync.wire.session import Address

TURN_S: Final = 0.25
FILES_A_GATE: Final = 16
"""Journal, sync.db, their WALs and the connection; measured 12."""
MEMORY: Final = Path("/dev/shm")  # noqa: S108 (a folder in it is made, with a name of its own)


def folder_in_memory() -> Path | None:
    """Where to make folders that no disk slows down; None: wherever else."""
    return MEMORY if MEMORY.is_dir() else None


def percentile_ms(times_s: Sequence[float], percent: int) -> int | None:
    """The time within which so many came; None where none did."""
    if not times_s:
        return None
    place = round((len(times_s) - 1) * percent / 100)
    return round(sorted(times_s)[place] * 1000)


class Fleet:
    """So many gates at work."""

    def __init__(self, count: int, folder: Path, compound: CompoundId) -> None:
        _allow_files(count * FILES_A_GATE)
        self.gates = [SimulatedGate(number, folder, compound) for number in range(count)]
        self._selector = selectors.DefaultSelector()
        self._watched: dict[SimulatedGate, tuple[int, int, int]] = {}
        self._turn_due_s = 0.0

    @property
    def unsynced(self) -> int:
        """Records that are not acknowledged yet."""
        return sum(gate.unsynced for gate in self.gates)

    def connect(self, trust: Trust, address: Address) -> None:
        """Begin to sync at every gate."""
        for gate in self.gates:
            gate.connect(trust, address)

    def drain(self, seconds: float, progress: Callable[[int], None]) -> bool:
        """Sync until everything is acknowledged; False: it was not in this time."""
        until_s = time.monotonic() + seconds
        told_s = 0.0
        while time.monotonic() < until_s:
            self._turn(0.05)
            if time.monotonic() >= told_s:
                unsynced = self.unsynced
                progress(unsynced)
                if unsynced == 0:
                    return True
                told_s = time.monotonic() + 0.02
        return False

    def live(self, rate: float, seconds: float) -> Iterator[float]:
        """Let every gate write ``rate`` records a second; seconds from each to its acknowledgement, as they come."""
        begin_s = time.monotonic()
        # Spread over the interval, or all would write in the same instant.
        due = [(begin_s + n / rate / len(self.gates), n, gate) for n, gate in enumerate(self.gates)]
        heapify(due)
        while (now_s := time.monotonic()) < begin_s + seconds:
            due_s, number, gate = due[0]
            if due_s <= now_s:
                heapreplace(due, (due_s + 1 / rate, number, gate))
                gate.write_and_note()
                yield from self._serve(gate)
            else:
                yield from self._turn(min(due_s - now_s, 0.05))

    def finish(self, seconds: float) -> Iterator[float]:
        """What is still under way after live(), for at most so long."""
        until_s = time.monotonic() + seconds
        while self.unsynced and time.monotonic() < until_s:
            yield from self._turn(0.05)

    def close(self) -> None:
        """Say goodbye at every gate."""
        for gate in self.gates:
            gate.close()
        self._selector.close()

    def _turn(self, timeout_s: float) -> list[float]:
        times = []
        for key, _ in self._selector.select(timeout_s):
            times += self._serve(key.data)
        if time.monotonic() >= self._turn_due_s:
            self._turn_due_s = time.monotonic() + TURN_S
            for gate in self.gates:
                times += self._serve(gate)
        return times

    def _serve(self, gate: SimulatedGate) -> list[float]:
        gate.turn()
        if self._watched.get(gate) != gate.link.connection:
            self._watch(gate)
        return list(gate.acknowledged())

    def _watch(self, gate: SimulatedGate) -> None:
        if gate in self._watched:
            self._selector.unregister(
                self._watched.pop(gate)[1]
            )  # also where only the events differ
        if (connection := gate.link.connection) is not None:
            _, fileno, events = connection
            for owner in [each for each, (_, old, _) in self._watched.items() if old == fileno]:
                self._selector.unregister(
                    self._watched.pop(owner)[1]
                )  # closed, and the number taken anew
            self._selector.register(fileno, events, gate)
            self._watched[gate] = connection


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = wanted + 256
    if soft < enough:
        ceiling = enough if hard == resource.RLIM_INFINITY else min(enough, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (ceiling, hard))
