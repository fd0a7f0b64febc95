"""The demo's stage: everything started in order, the world played, and what came of it observed.

What is observed comes from outside the programs: journal rows, the collector's rows, the changes of the
lock's pin.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from checkpoint.ids import EpochId, Seq
from checkpoint.records import (
    Device,
    DeviceChange,
    DeviceState,
    Passage,
    Record,
    RosterApplied,
    decode,
)
from collector.domain.people import People
from drivers.simulated.world import LOCK_FILE, Scene, play_scene
from simulation.census import enter
from simulation.compound import GATES, Compound, Manner, found_with
from simulation.processes import Broker, Processes, listens
from sync.journal.reader import Head, JournalReader

START_WITHIN_S = 200.0
"""On a machine that is busy with other things; who has ended meanwhile is not waited for."""
LOOK_EVERY_S = 0.02


class StageError(Exception):
    """Something that must happen did not; the message says what, with the log of who should have."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A compound at work."""

    compound: Compound
    processes: Processes
    broker: Broker

    def play(self, gate: str, scene: Scene) -> None:
        """Let this be seen at the gate from now on."""
        play_scene(self.compound.world(gate), scene)

    def start_gate(self, gate: str) -> None:
        """Start the gate's own program."""
        config = str(self.compound.gate_config(gate))
        self.processes.start_gatepost(gate, "gate", "run", "--config", config)

    def head(self, gate: str) -> Head:
        """The newest row of the gate's journal."""
        with _journal(self.compound, gate) as reader:
            heads = reader.heads()
        return heads[-1] if heads else Head(EpochId(""), Seq(0), "")

    def rows_after(self, gate: str, head: Head) -> list[tuple[EpochId, Seq, Record]]:
        """What the gate has journalled since."""
        with _journal(self.compound, gate) as reader:
            epoch = head.epoch or (heads[-1].epoch if (heads := reader.heads()) else EpochId(""))
            rows = reader.rows(epoch, head.seq, 1000)
        return [(epoch, row.seq, decode(row.body)) for row in rows]

    def passages_after(self, gate: str, head: Head) -> list[Passage]:
        """The verdicts among them."""
        return [r for _, _, r in self.rows_after(gate, head) if isinstance(r, Passage)]

    def has_roster(self, gate: str) -> bool:
        """Whether the gate obeys a roster of the centre."""
        records = self.rows_after(gate, Head(EpochId(""), Seq(0), ""))
        return any(isinstance(record, RosterApplied) for _, _, record in records)

    def wait_for_thermometer(self, gate: str, head: Head, state: DeviceState) -> None:
        """Until the gate has journalled that its thermometer is in this state."""

        def is_journalled() -> bool:
            return any(
                isinstance(r, DeviceChange) and (r.device, r.state) == (Device.THERMOMETER, state)
                for _, _, r in self.rows_after(gate, head)
            )

        self.wait(is_journalled, 10.0, f"thermometer {state.value}", gate)

    def pulses(self, gate: str) -> int:
        """How often the lock's pin has been driven so far."""
        path = self.compound.world(gate) / LOCK_FILE
        return path.read_text().count('"unlocked": true') if path.exists() else 0

    def lock_is_shut(self, gate: str) -> bool:
        """What the pin did last."""
        path = self.compound.world(gate) / LOCK_FILE
        lines = path.read_text().splitlines() if path.exists() else []
        return not lines or '"unlocked": false' in lines[-1]

    def wait(self, until: Callable[[], bool], seconds: float, what: str, who: str) -> None:
        """Look until it is so. Raises StageError with the log of ``who``, at once where that has ended."""

        def has_ended() -> bool:
            return who in self.processes.dead()

        came = self.comes_true(lambda: has_ended() or until(), seconds)
        if has_ended() or not came:
            why = f"{who} has ended" if has_ended() else f"not within {seconds:.0f} s"
            raise StageError(f"{what}: {why}\n{self.processes.last_words(who)}")

    def comes_true(
        self, until: Callable[[], bool], seconds: float, look_every_s: float = LOOK_EVERY_S
    ) -> bool:
        """Look until it is so, or the time is over."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            try:
                if until():
                    return True
            except (sqlite3.Error, OSError):
                pass  # not made yet
            time.sleep(look_every_s)
        return False


@contextmanager
def set_stage(manner: Manner, people: People) -> Iterator[Stage]:
    """Start broker, collector, gates and sync processes in a folder of their own; end them all after."""
    with tempfile.TemporaryDirectory(prefix="gatepost-demo-") as name:
        folder = Path(name)
        processes = Processes(folder)
        try:
            broker = Broker(processes, folder)
            stage = Stage(found_with(folder, broker.port, manner), processes, broker)
            enter(stage.compound, people)
            _start(stage)
            yield stage
        finally:
            processes.stop_all()


def _start(stage: Stage) -> None:
    compound = stage.compound
    stage.broker.start()
    stage.processes.start_gatepost(
        "collector", "collector", "run", "--config", str(compound.collector_config)
    )
    for gate in GATES:
        config = str(compound.gate_config(gate))
        stage.processes.start_gatepost(f"{gate}-sync", "gate", "sync", "--config", config)
        stage.start_gate(gate)
    for gate, port in compound.page_ports.items():
        stage.wait(lambda p=port: listens(p), START_WITHIN_S, "the gate's page", gate)  # type: ignore[misc]
        stage.wait(
            lambda g=gate: stage.has_roster(g),  # type: ignore[misc]
            START_WITHIN_S,
            "the roster in force",
            f"{gate}-sync",
        )
    stage.wait(lambda: listens(compound.staff_port), START_WITHIN_S, "the staff page", "collector")


@contextmanager
def _journal(compound: Compound, gate: str) -> Iterator[JournalReader]:
    with closing(JournalReader.on(compound.journal(gate))) as reader:
        yield reader
