"""A world of its own for the drivers: who stands before the gate, and what the hardware does.

A world is a folder. Whoever plays it writes scene.json (play_scene); the simulated devices read it
and are otherwise as real as they can be:

SimulatedCamera    (camera.py) renders frames that the real code reader must decode
SimulatedBus       answers the real MLX90614 driver at register level, packet error code included
SimulatedMlx90632  (mlx90632.py) likewise the MLX90632's, calibration constants included
simulated_lock()   the real relay lock on gpiozero's mock pins; lock.jsonl records what the pin did
simulated_annunciator()  likewise; signals.jsonl records what lamps and buzzer did
SimulatedDoor      (door.py) somebody walks through when the lock opens, or does otherwise
SimulatedExitButton  (door.py) the real button's driver on a pin that the scene presses
"""

import errno
import os
import random
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import msgspec

from drivers import DeviceFaulty
from drivers.door.lamps_buzzer import LampsAndBuzzer
from drivers.door.relay_lock import RelayLock
from drivers.simulated.pins import WatchedPins, last_line, write_line
from drivers.thermometer.mlx90614 import (
    AMBIENT_REGISTER,
    DEFAULT_ADDRESS,
    EMISSIVITY_REGISTER,
    ERROR_FLAG,
    ID_REGISTERS,
    OBJECT_REGISTER,
)

SCENE_FILE = "scene.json"
LOCK_FILE = "lock.jsonl"
SIGNALS_FILE = "signals.jsonl"
SIMULATED_PIN = 17
EEPROM: Final = {
    EMISSIVITY_REGISTER: 0xFFFF,
    **dict(zip(ID_REGISTERS, (0x5A17, 0x90C4, 0xA61B, 0x0000), strict=True)),
}
"""As delivered: emissivity 1; the number is made up."""
_NOISE_KELVIN = 0.04
_BACKGROUND_BELOW_AMBIENT_KELVIN = 0.5


class Scene(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the world looks like at this moment; the default is quiet and in order."""

    codes: tuple[str, ...] = ()
    """Texts of the QR codes held up, side by side."""
    celsius: float | None = None
    """Of the skin before the thermometer; None: nobody stands there."""
    ambient_celsius: float = 22.0
    thermometer: Literal["present", "unplugged", "bad_pec", "error_flag", "stuck"] = "present"
    camera: Literal["present", "unplugged", "black", "frozen", "blurred", "hung"] = "present"
    """hung: it is there, and its read does not return."""
    door: Literal["works", "stuck", "held", "forced", "unplugged"] = "works"
    """stuck: nobody goes through. held: whoever opens it next leaves it open. forced: open although locked."""
    exit_button: Literal["released", "pressed"] = "released"


def play_scene(world: Path, scene: Scene) -> None:
    """Let the world look like this from now on; nobody ever sees half of it."""
    world.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=world, prefix=SCENE_FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(scene))
    Path(name).replace(world / SCENE_FILE)


def read_scene(world: Path) -> Scene:
    """The scene as it is now; a missing file is the quiet one. Raises DeviceFaulty if it is none.

    Reads the file only when it has changed, so it may be asked at every frame.
    """
    path = world / SCENE_FILE
    try:
        status = path.stat()
    except FileNotFoundError:
        return Scene()
    return _parse(path, status.st_mtime_ns, status.st_ino, status.st_size)


def seen_celsius(scene: Scene) -> tuple[float, float]:
    """(what a thermometer has before it, how warm it is itself) in this scene."""
    background = scene.ambient_celsius - _BACKGROUND_BELOW_AMBIENT_KELVIN
    return background if scene.celsius is None else scene.celsius, scene.ambient_celsius


@lru_cache(maxsize=16)
def _parse(path: Path, _mtime_ns: int, _inode: int, _size: int) -> Scene:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Scene)
    except (OSError, msgspec.MsgspecError) as error:
        raise DeviceFaulty(f"{path} is no scene: {error}") from None


def packet_error_code(message: bytes) -> int:
    """SMBus PEC: CRC-8 with x^8 + x^2 + x + 1 over the whole message (SMBus 3.1, 6.4)."""
    crc = 0
    for byte in message:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1) ^ (0x07 if crc & 0x80 else 0)
            crc &= 0xFF
    return crc


def sensor_reply(address: int, register: int, word: int) -> bytes:
    """What the sensor puts on the wire for one word: low byte, high byte, PEC."""
    low, high = word & 0xFF, word >> 8
    return bytes([low, high, packet_error_code(_read_word(address, register) + bytes([low, high]))])


def received_word(address: int, register: int, reply: bytes) -> int:
    """The word in a reply, as the kernel hands it out. Raises OSError(EBADMSG) on a wrong PEC."""
    if packet_error_code(_read_word(address, register) + reply[:2]) != reply[2]:
        raise OSError(errno.EBADMSG, os.strerror(errno.EBADMSG))
    return reply[0] | reply[1] << 8


def _read_word(address: int, register: int) -> bytes:
    return bytes([address << 1, register, address << 1 | 1])


class SimulatedBus:
    """An SMBus with one MLX90614 that measures what the world's scene says."""

    def __init__(self, world: Path, address: int = DEFAULT_ADDRESS) -> None:
        self._world = world
        self._address = address
        self._random = random.Random()  # noqa: S311 - noise
        self._stuck: dict[int, int] = {}

    def read_word_data(self, address: int, register: int, /) -> int:
        """One word of the sensor's RAM or EEPROM. Raises OSError as the kernel does."""
        scene = read_scene(self._world)
        known = register in {AMBIENT_REGISTER, OBJECT_REGISTER} or register in EEPROM
        if scene.thermometer == "unplugged" or address != self._address or not known:
            raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
        word = EEPROM[register] if register in EEPROM else self._temperature(scene, register)
        reply = sensor_reply(address, register, word)
        if scene.thermometer == "bad_pec":
            flipped = int.from_bytes(reply, "big") ^ 1 << self._random.randrange(24)
            reply = flipped.to_bytes(3, "big")
        return received_word(address, register, reply)

    def close(self) -> None:
        """Nothing is held."""

    def _temperature(self, scene: Scene, register: int) -> int:
        seen, ambient = seen_celsius(scene)
        celsius = seen if register == OBJECT_REGISTER else ambient
        word = round((celsius + self._random.gauss(0, _NOISE_KELVIN) + 273.15) / 0.02)
        if scene.thermometer == "stuck":
            return self._stuck.setdefault(register, word)
        self._stuck.clear()
        return word | ERROR_FLAG if scene.thermometer == "error_flag" else word


def simulated_lock(world: Path) -> RelayLock:
    """The relay lock on mock pins of its own; lock.jsonl in the world gets every change of its pin.

    One object a line: {"at_us": wall time, "monotonic_ns": monotonic time, "unlocked": bool}.
    """
    world.mkdir(parents=True, exist_ok=True)
    file = world / LOCK_FILE
    pins = WatchedPins(
        lambda _, high: write_line(file, unlocked=high),
        # An earlier process may have died with the relay on.
        starts_high=bool(last_line(file).get("unlocked")),
    )
    return RelayLock(SIMULATED_PIN, pin_factory=pins)


def simulated_annunciator(world: Path) -> LampsAndBuzzer:
    """Lamps and buzzer on mock pins; signals.jsonl in the world gets every change of one.

    One object a line, as of the lock: {..., "part": "green" | "red" | "buzzer", "on": bool}.
    """
    world.mkdir(parents=True, exist_ok=True)
    parts = {17: "green", 18: "red", 19: "buzzer"}
    pins = WatchedPins(lambda pin, high: write_line(world / SIGNALS_FILE, part=parts[pin], on=high))
    return LampsAndBuzzer(17, 18, 19, pin_factory=pins)
