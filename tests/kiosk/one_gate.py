"""One real gate in a folder: the assembled loop on a thread, simulated devices, a world to play."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from checkpoint.gate.context import Face, Show
from checkpoint.records import Passage, Record, decode
from config.key_files import OPERATIONS_KEY, PASS_KEY, TRUST
from config.policies import load_policy
from config.settings.load import load_gate
from config.trust import load_private_key, load_trust
from drivers.simulated.world import LOCK_FILE, Scene, play_scene
from kiosk.assemble import assemble
from kiosk.loop import Loop
from kiosk.parts import Parts
from kiosk.screen.board import Board
from kiosk.screen.preview import CameraPreview
from kiosk.screen.request_queue import RequestQueue
from kiosk.screen.view import ResidentView, resident_view
from simulation.compound import found, pass_text, signed_roster
from sync.downlink.decisions import read_roster
from sync.journal.reader import JournalReader
from sync.store.writer import SyncStore
from tests.ending import came, joined
from tests.patience import PATIENCE_S

GATE = "east-in"
HEALTHY = 36.6


class RememberingBoard(Board):
    """Knows all that was ever shown: a busy test may look when it is gone again."""

    def __init__(self, gate: str, timezone: str) -> None:
        super().__init__(gate, timezone)
        self.shows: list[Show] = []

    def show(self, show: Show) -> None:
        self.shows.append(show)
        super().show(show)


class OneGate:
    """What a test can do to a gate from outside, and see of it."""

    def __init__(self, folder: Path, edit_config: Callable[[str], str] = lambda text: text) -> None:
        self.compound = found(folder, 1, unlock_seconds=0.3)
        config = self.compound.gate_config(GATE)
        config.write_text(
            edit_config(config.read_text()).replace(
                "frames_per_second = 15", "frames_per_second = 30"
            )
        )
        self.settings = load_gate(config)
        self.issuer = load_private_key(self.compound.keys / PASS_KEY)
        self.world = self.compound.world(GATE)
        self.store = SyncStore.on(self.settings.gate.data / "sync.db")
        self.apply_roster(signed_roster(load_private_key(self.compound.keys / OPERATIONS_KEY)))
        self.board = RememberingBoard(GATE, "Asia/Shanghai")
        self._shown_before = 0
        self.request_queue = RequestQueue()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: BaseException | None = None

    def apply_roster(self, message: bytes) -> None:
        trust = load_trust(self.compound.keys / TRUST)
        roster = read_roster(message, trust.operations)
        self.store.replace_roster(roster.revision, message, len(roster.residents))

    def start(self, change: Callable[[Parts], Parts] = lambda parts: parts) -> None:
        started = threading.Event()
        self._stop.clear()

        def serve() -> None:
            try:
                policy = load_policy(self.settings.gate.policy)
                parts = assemble(
                    self.settings, policy, self.board, self.request_queue, CameraPreview()
                )
                loop = Loop(change(parts))
                started.set()
                loop.run(self._stop)
            except BaseException as error:  # noqa: BLE001 (shown by the test)
                self.failure = error
                started.set()

        self._thread = threading.Thread(target=serve)
        self._thread.start()
        came(started, "the gate's loop to start")

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            joined(self._thread)
        assert self.failure is None, self.failure

    def play(self, *codes: str, celsius: float | None = HEALTHY, **scene: object) -> None:
        self._shown_before = len(self.board.shows)
        play_scene(self.world, Scene(codes=codes, celsius=celsius, **scene))  # type: ignore[arg-type]

    def quiet(self) -> None:
        play_scene(self.world, Scene())

    def pass_of(self, number: int, **claims: int) -> str:
        return pass_text(self.issuer, number, **claims)

    def records(self) -> list[Record]:
        try:
            reader = JournalReader.on(self.settings.gate.data / "journal.db")
        except Exception:  # noqa: BLE001 (not made yet)
            return []
        found_rows = [decode(row.body) for _, row in reader.everything()]
        reader.close()
        return found_rows

    def passages(self) -> list[Passage]:
        return [record for record in self.records() if isinstance(record, Passage)]

    def wait_for_passages(self, count: int) -> list[Passage]:
        self.wait(lambda: len(self.passages()) >= count)
        return self.passages()

    def lock_changes(self) -> list[bool]:
        path = self.world / LOCK_FILE
        lines = path.read_text().splitlines() if path.exists() else []
        return ['"unlocked": true' in line for line in lines]

    def pulses(self) -> int:
        return sum(self.lock_changes())

    def face(self) -> str:
        return self.board.resident("en")[1].face

    def lamps(self) -> set[str]:
        """What the page's health strip shows."""
        return {lamp.name for lamp in self.board.strip("en").lamps}

    def wait_until_it_serves(self) -> None:
        """Until the loop turns and has found its parts."""
        self.wait(lambda: "Camera" in self.lamps())

    def wait_for_face(self, face: Face) -> None:
        """Until it is shown; for a face that stays, as READY does."""
        self.wait(lambda: self.face() == face.value)

    def wait_until_shown(self, face: Face) -> ResidentView:
        """Until it has been shown since the scene was played, be it only for a moment; what that looked like."""

        def shows() -> list[Show]:
            return [show for show in self.board.shows[self._shown_before :] if show.face is face]

        self.wait(lambda: bool(shows()))
        return resident_view(shows()[-1], "en", camera_works=True)

    def wait(self, until: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
        until_s = time.monotonic() + seconds
        while not until():
            assert self.failure is None, self.failure
            assert time.monotonic() < until_s, (self.board.resident("en"), self.records()[-3:])
            time.sleep(0.02)


@contextmanager
def running_gate(
    folder: Path, edit_config: Callable[[str], str] = lambda text: text
) -> Iterator[OneGate]:
    gate = OneGate(folder, edit_config)
    gate.start()
    try:
        yield gate
    finally:
        gate.stop()
        gate.store.close()
