"""A door in the simulated world, and the button inside: real drivers on pins that the world moves.

Who stands there when the lock opens pushes the door open REACTION_S later, if it is still unlocked, and
it falls shut OPEN_S after that. The scene can have it otherwise: stuck, held, forced, unplugged.
door.jsonl records each move of the door itself: {"at_us", "monotonic_ns", "open": bool}.
"""

import json
import math
import threading
import time
from pathlib import Path

from drivers import DeviceError
from drivers.door.door_contact import DoorContact
from drivers.door.exit_button import PushButton
from drivers.ending import joined
from drivers.simulated.pins import SwitchPins, write_line
from drivers.simulated.world import LOCK_FILE, Scene, read_scene

DOOR_FILE = "door.jsonl"
REACTION_S = 0.1
OPEN_S = 0.6
_LOOK_EVERY_S = 0.01
_PIN = 27


class SimulatedDoor(DoorContact):
    """The door contact; a thread moves the door as long as this object is open."""

    def __init__(self, world: Path) -> None:
        world.mkdir(parents=True, exist_ok=True)
        self._world = world
        self._pins = SwitchPins(starts_high=False)
        self._door = _Door(_LockWatch(world / LOCK_FILE))
        super().__init__(_PIN, pin_factory=self._pins)
        self._closing = threading.Event()
        self._hinges = threading.Thread(target=self._live, name="simulated door", daemon=True)
        self._hinges.start()

    def close(self) -> None:
        """See Door."""
        self._closing.set()
        joined(self._hinges)
        super().close()

    def _live(self) -> None:
        while not self._closing.wait(_LOOK_EVERY_S):
            # Before the scene: who stood there when the lock opened is in every scene read after that.
            self._door.watch_lock()
            try:
                scene = read_scene(self._world)
            except DeviceError:
                continue  # the camera or the thermometer says so
            self._stand(self._door.looks_open(scene, time.monotonic()))

    def _stand(self, is_open: bool) -> None:
        contact = self._pins.pin(_PIN)
        if bool(contact.state) is is_open:
            return
        write_line(self._world / DOOR_FILE, open=is_open)
        if is_open:
            contact.drive_high()
        else:
            contact.drive_low()


class _Door:
    """The door and whoever stands before it."""

    def __init__(self, lock: "_LockWatch") -> None:
        self._lock = lock
        self._lock_opened = False
        self._opens_s: float | None = None
        self._shuts_s: float | None = None

    def watch_lock(self) -> None:
        """Notice whether it has opened."""
        self._lock_opened |= self._lock.opened_since_last_look()

    def looks_open(self, scene: Scene, now_s: float) -> bool:
        """What the contact has to say at this time; a cut wire looks like an open door."""
        if self._shuts_s == math.inf:  # from when it stood open, however long the push has taken
            self._shuts_s = now_s + OPEN_S
        if self._lock_opened and _somebody(scene):
            self._opens_s = now_s + REACTION_S
        self._lock_opened = False
        if self._opens_s is not None and now_s >= self._opens_s:
            self._opens_s = None
            if self._lock.is_unlocked and scene.door in {"works", "held"}:
                self._shuts_s = math.inf
        if self._shuts_s is not None and now_s >= self._shuts_s and scene.door != "held":
            self._shuts_s = None
        return self._shuts_s is not None or scene.door in {"forced", "unplugged"}


def _somebody(scene: Scene) -> bool:
    return scene.celsius is not None or bool(scene.codes) or scene.exit_button == "pressed"


class _LockWatch:
    """Follows lock.jsonl from now on."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = file.stat().st_size if file.exists() else 0
        self.is_unlocked = False

    def opened_since_last_look(self) -> bool:
        try:
            with self._file.open("rb") as lines:
                lines.seek(self._offset)
                news = lines.read()
        except FileNotFoundError:
            return False
        whole = news[: news.rfind(b"\n") + 1]
        self._offset += len(whole)
        changes = [bool(json.loads(line)["unlocked"]) for line in whole.splitlines()]
        if changes:
            self.is_unlocked = changes[-1]
        return any(changes)


class SimulatedExitButton(PushButton):
    """The exit button; pressed while the scene says so."""

    def __init__(self, world: Path) -> None:
        self._world = world
        self._pins = SwitchPins(starts_high=True)
        super().__init__(_PIN, pin_factory=self._pins)

    def was_pressed(self) -> bool:
        """See ExitButton."""
        contact = self._pins.pin(_PIN)
        if read_scene(self._world).exit_button == "pressed":
            contact.drive_low()
        else:
            contact.drive_high()
        return super().was_pressed()
