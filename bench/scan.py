"""./run bench scan: one pass from frame to unlock, with the real parts, and where the time goes.

Each scan is a freshly rendered 720p frame with a pass that nobody has shown before, put through the
gate's own loop: QR decoding, signature, rules, a journal with synchronous=FULL, the relay driver on mock
pins. The thermometer is left out by a policy that measures nobody. As a control the same is run with a
relay that takes CONTROL_MS longer: the bench must see just that, in the quickest scans, which a busy
machine disturbs least. Memory is that of a real gate process with camera, page and thermometer, after
scanning for a while.
"""

import gc
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from checkpoint.gate.context import Lane, Scan
from checkpoint.policy import Direction, Policy
from checkpoint.records import Passage, Record
from checkpoint.thermometry import Calibration, Limits
from config.key_files import OPERATIONS_KEY, PASS_KEY, TRUST
from config.settings.load import load_gate
from config.trust import load_private_key, load_trust
from drivers import Frame, Lock, Picture
from drivers.codes.camera_codes import CameraCodes
from drivers.codes.reader import QrReader
from drivers.simulated.view import SimulatedView
from drivers.simulated.world import Scene, SimulatedBus, play_scene, simulated_lock
from drivers.thermometer.mlx90614 import Mlx90614
from kiosk.clock import AssertedClock
from kiosk.devices.measuring import MeasuringThread
from kiosk.files.journal_buffer import JournalBuffer
from kiosk.files.last_run import LastRun
from kiosk.files.trusted_state import LookUp, TrustedState
from kiosk.heartbeat import Heartbeat
from kiosk.loop import Loop, stamp_now
from kiosk.parts import Parts
from kiosk.screen.board import Board
from kiosk.screen.request_queue import RequestQueue
from simulation.compound import COMPOUND, Compound, found, pass_text, signed_roster
from simulation.processes import Processes
from sync.downlink.decisions import read_roster
from sync.journal.opening import open_journal
from sync.store.reader import SyncReader
from sync.store.writer import SyncStore

AIM_TOTAL_MS: Final = 20.0
AIM_WITHOUT_DECODING_MS: Final = 3.0
AIM_MEMORY_MB: Final = 150
CONTROL_MS: Final = 5.0
GATE: Final = "east-in"
STEPS: Final = ("decode", "verify", "commit", "relay")

Times = dict[str, list[float]]


class _OneFrame:
    """A camera that hands out what it is given, once."""

    def __init__(self) -> None:
        self.next: Frame | None = None

    def newest(self) -> Frame | None:
        frame, self.next = self.next, None
        return frame

    def close(self) -> None:
        return


class _Reader(QrReader):
    def __init__(self, times: Times) -> None:
        super().__init__()
        self._times = times

    def read(self, picture: Picture) -> tuple[str, ...]:
        with _timed(self._times, "decode"):
            return super().read(picture)


class _Knowledge(TrustedState):
    times: Times

    def identify(self, text: str, history: LookUp) -> Scan:
        with _timed(self.times, "verify"):
            return super().identify(text, history)


class _Notebook(JournalBuffer):
    times: Times

    def keep(self, record: Record) -> bool:
        if not isinstance(record, Passage):  # a crossing is written after the door has opened
            return super().keep(record)
        with _timed(self.times, "commit"):
            return super().keep(record)


class _Lock:
    def __init__(self, lock: Lock, times: Times, delay_ms: float) -> None:
        self._lock, self._times, self._delay_s = lock, times, delay_ms / 1000

    def release_for(self, milliseconds: int) -> None:
        with _timed(self._times, "relay"):
            time.sleep(self._delay_s)
            self._lock.release_for(milliseconds)
        self._times["released_at"].append(time.perf_counter_ns() / 1e6)

    def timer_turned_ms(self) -> int:
        return self._lock.timer_turned_ms()

    def secure(self) -> None:
        self._lock.secure()

    def close(self) -> None:
        self._lock.close()


@contextmanager
def _timed(times: Times, step: str) -> Iterator[None]:
    begin_ns = time.perf_counter_ns()
    yield
    times[step].append((time.perf_counter_ns() - begin_ns) / 1e6)


def main(
    n: Annotated[int, typer.Option("--n", min=20, help="Scans.")] = 500,
    seed: Annotated[int, typer.Option(help="Of poses, light and noise.")] = 1,
) -> None:
    """Frame to unlock, without the thermometer's own time."""
    with tempfile.TemporaryDirectory(prefix="gatepost-bench-") as name:
        compound = found(Path(name), 1, unlock_seconds=0.2)
        times = _run(compound, n, seed, delay_ms=0.0)
        control = _run(compound, max(20, n // 10), seed, delay_ms=CONTROL_MS)
        memory_mb = _memory_of_a_gate(compound)
    _print(times, control, memory_mb)


def _run(compound: Compound, n: int, seed: int, *, delay_ms: float) -> Times:
    times: Times = defaultdict(list)
    camera = _OneFrame()
    parts = _parts(compound, camera, times, delay_ms)
    loop = Loop(parts)
    loop.turn()
    key = load_private_key(compound.keys / PASS_KEY)
    view = SimulatedView(1280, 720, seed)
    what = "control" if delay_ms else "scans"
    for serial in track(range(n), description=what, console=Console(stderr=True)):
        texts = (pass_text(key, serial % 12, serial=serial + 2 + n * bool(delay_ms)),)
        camera.next = Frame(view.frame(texts, serial / 10), 0)
        released = len(times["relay"])
        gc.collect()
        begin_ns = time.perf_counter_ns()
        loop.turn()
        if len(times["relay"]) == released + 1:
            times["total"].append(times["released_at"][-1] - begin_ns / 1e6)
        else:
            times["unread"].append(times["decode"].pop())
        time.sleep(0.003)  # the pulse of 1 ms ends
        loop.turn()
    parts.journal_buffer.close()
    parts.trusted_state.close()
    return times


def _parts(compound: Compound, camera: _OneFrame, times: Times, delay_ms: float) -> Parts:
    settings = load_gate(compound.gate_config(GATE))
    data, world = settings.gate.data, compound.world(GATE)
    trust = load_trust(compound.keys / TRUST)
    store = SyncStore.on(data / "sync.db")
    message = signed_roster(load_private_key(compound.keys / OPERATIONS_KEY))
    roster = read_roster(message, trust.operations)
    store.replace_roster(roster.revision, message, len(roster.residents))
    store.close()
    lane = Lane(
        COMPOUND,
        ZoneInfo("Asia/Shanghai"),
        Direction.IN,
        # The same twelve people come again and again.
        Policy(name="bench", measured=frozenset(), passback_minutes=0),
        6000,
        1,
        1000,
    )
    clock, trusted_state = (
        AssertedClock(synced=True),
        _Knowledge(trust, SyncReader(data / "sync.db"), COMPOUND, lane.policy),
    )
    trusted_state.times = times
    _Notebook.times = times
    journal_buffer = _Notebook(
        lambda: open_journal(data / "journal.db", None),
        lambda: stamp_now(clock, trusted_state),
        lane.policy.admit_without_journal,
    )
    thermometer = Mlx90614(lambda: SimulatedBus(world))
    lock = simulated_lock(world)
    return Parts(
        lane=lane,
        codes=CameraCodes(camera, _Reader(times)),
        measuring=MeasuringThread(thermometer, Calibration(sensor="bench"), Limits()),
        find_lock=lambda: _Lock(lock, times, delay_ms),
        find_door=None,
        find_exit_button=None,
        find_annunciator=None,
        clock=clock,
        trusted_state=trusted_state,
        journal_buffer=journal_buffer,
        screen=Board(GATE, lane.policy.timezone),
        request_queue=RequestQueue(),
        heartbeat=Heartbeat(),
        is_cut_off=lambda: False,
        last_run=LastRun(data, clock.boot_id),
    )


def _memory_of_a_gate(compound: Compound) -> float:
    """Resident MB of a gate process, ten seconds into serving."""
    processes = Processes(compound.folder)
    config = str(compound.gate_config(GATE))
    play_scene(compound.world(GATE), Scene(codes=("https://example.org/",), celsius=36.6))
    processes.start_gatepost("gate", "gate", "run", "--config", config)
    time.sleep(10)
    kibibytes = _resident_kib(processes.pid("gate"))
    processes.stop_all()
    return kibibytes / 1024


def _resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


def _print(times: Times, control: Times, memory_mb: float) -> None:
    total = times["total"]
    rest = _difference(times)
    table = Table("step", "p50 ms", "p99 ms", "share of p50")
    for step in STEPS:
        table.add_row(step, *_figures(times[step]), f"{_p(times[step], 50) / _p(total, 50):.0%}")
    table.add_row("decide and loop", *_figures(rest), f"{_p(rest, 50) / _p(total, 50):.0%}")
    table.add_row("total", *_figures(total), "", style="bold")
    without = [all_ - decode for all_, decode in zip(total, times["decode"], strict=False)]
    table.add_row("all but decoding", *_figures(without), "")
    Console(width=100).print(table)
    print(f"{len(total)} scans, {len(times['unread'])} frames not read at first sight")
    print(f"p99 total {_p(total, 99) / AIM_TOTAL_MS:.2f} of the aim of {AIM_TOTAL_MS:.0f} ms")
    print(
        f"p99 all but decoding {_p(without, 99) / AIM_WITHOUT_DECODING_MS:.2f} of the aim of"
        f" {AIM_WITHOUT_DECODING_MS:.0f} ms"
    )
    print(
        f"gate process {memory_mb:.0f} MB: {memory_mb / AIM_MEMORY_MB:.2f} of the aim of {AIM_MEMORY_MB}"
    )
    shift = shift_ms(times["relay"], control["relay"])
    print(f"control: a relay {CONTROL_MS:.0f} ms slower was seen as {shift:.1f} ms")
    if not is_the_control(shift):
        print("the control failed: these figures mean nothing")
        raise SystemExit(1)


def shift_ms(plain: list[float], slowed: list[float]) -> float:
    """How much slower the slowed relay was, by the quickest scans of both."""
    return min(slowed) - min(plain)


def is_the_control(shift: float) -> bool:
    """Whether a shift in ms is what the control put in."""
    return 0.5 * CONTROL_MS < shift < 2 * CONTROL_MS


def _difference(times: Times) -> list[float]:
    parts = zip(times["total"], *(times[step] for step in STEPS), strict=False)
    return [total - sum(steps) for total, *steps in parts]


def _figures(values: list[float]) -> tuple[str, str]:
    return f"{_p(values, 50):.2f}", f"{_p(values, 99):.2f}"


def _p(values: list[float], percent: int) -> float:
    return float(np.percentile(values, percent))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    typer.run(main)
