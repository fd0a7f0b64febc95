import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from drivers import DeviceError, DeviceGone, Door, DoorMove
from drivers.door.door_contact import BOUNCE_MS, DoorContact
from drivers.simulated.door import DOOR_FILE, SimulatedDoor
from drivers.simulated.pins import SwitchPins, write_line
from drivers.simulated.world import LOCK_FILE, Scene, play_scene, simulated_lock
from tests.drivers.waiting import eventually
from tests.ending import joined

LONG_S = 2 * BOUNCE_MS / 1000


class SilentPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin whose edges are lost, and which fails to be read when told to."""

    fails = False

    def _call_when_changed(self) -> None:
        pass

    def _get_state(self) -> bool:
        if self.fails:
            raise OSError(5, "Input/output error")
        return bool(super()._get_state())


@pytest.fixture
def pins() -> SwitchPins:
    """The door is shut: its contact conducts."""
    return SwitchPins(starts_high=False)


@pytest.fixture
def door(pins: SwitchPins) -> Iterator[DoorContact]:
    door = DoorContact(27, pin_factory=pins)
    yield door
    door.close()


def move(pins: MockFactory, *, is_open: bool) -> None:
    pin = pins.pin(27)
    pin.drive_high() if is_open else pin.drive_low()


def edges(pins: MockFactory, stamped: list[tuple[int, bool]]) -> None:
    """What the kernel reports now of the last second: when (ms) the pin went high or low."""
    begin_s = time.monotonic() - 1
    for at_ms, is_high in stamped:
        pins.pin(27).when_changed(begin_s + at_ms / 1000, int(is_high))


def next_moves(door: Door, count: int) -> list[bool]:
    found: list[DoorMove] = []

    def look() -> bool:
        found.extend(door.moves())
        return len(found) >= count

    eventually(look)
    return [each.is_open for each in found]


def test_a_door_that_stands_still_has_no_moves(door: DoorContact) -> None:
    assert not door.is_open()
    assert door.moves() == ()


def test_a_door_that_is_open_at_the_start_is_open_without_a_move() -> None:
    door = DoorContact(27, pin_factory=SwitchPins(starts_high=True))
    assert door.is_open()
    assert door.moves() == ()
    door.close()


def test_the_door_opens_and_shuts(door: DoorContact, pins: SwitchPins) -> None:
    move(pins, is_open=True)
    assert next_moves(door, 1) == [True]
    assert door.is_open()
    move(pins, is_open=False)
    assert next_moves(door, 1) == [False]
    assert not door.is_open()


def test_a_contact_that_conducts_while_open_is_the_other_way_round(pins: SwitchPins) -> None:
    door = DoorContact(27, open_high=False, pin_factory=pins)
    assert door.is_open()
    move(pins, is_open=True)
    assert next_moves(door, 1) == [False]
    door.close()


def test_a_door_that_opened_and_shut_between_two_looks_is_not_missed(
    door: DoorContact, pins: SwitchPins
) -> None:
    before_ms = time.monotonic_ns() // 1_000_000
    for is_open in (True, False, True, False):
        move(pins, is_open=is_open)
        time.sleep(LONG_S)
    moves = door.moves()
    assert [each.is_open for each in moves] == [True, False, True, False]
    times = [each.at_ms for each in moves]
    assert before_ms <= times[0] < times[1] < times[2] < times[3]


def test_a_bouncing_contact_is_one_move(door: DoorContact, pins: SwitchPins) -> None:
    edges(pins, [(milliseconds, milliseconds % 2 == 0) for milliseconds in range(21)])
    move(pins, is_open=True)
    assert next_moves(door, 1) == [True]
    time.sleep(LONG_S)
    assert door.moves() == ()


def test_a_spark_on_the_wire_is_no_move(door: DoorContact, pins: SwitchPins) -> None:
    edges(pins, [(0, True), (1, False), (500, True), (520, False)])
    time.sleep(LONG_S)
    assert door.moves() == ()
    assert not door.is_open()


def test_a_move_is_told_by_the_kernels_stamps_however_late_its_edges_arrive(
    door: DoorContact, pins: SwitchPins
) -> None:
    """A gate that was busy gets both edges at once; the kernel had stamped them a second apart."""
    edges(pins, [(0, True), (1000, False)])
    time.sleep(LONG_S)
    assert [each.is_open for each in door.moves()] == [True, False]


def test_a_move_whose_edge_was_lost_is_seen_by_the_level() -> None:
    pins = MockFactory(pin_class=SilentPin)
    door = DoorContact(27, open_high=False, pin_factory=pins)  # pulled up: shut
    pins.pin(27).drive_low()
    assert next_moves(door, 1) == [True]
    door.close()


def test_a_pin_that_cannot_be_read_is_gone_and_names_its_key() -> None:
    pins = MockFactory(pin_class=SilentPin)
    door = DoorContact(27, pin_factory=pins)
    pins.pin(27).fails = True
    with pytest.raises(DeviceGone, match=r"door\.pin: GPIO 27 cannot be read"):
        door.moves()
    door.close()


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has pins")
def test_without_a_gpio_chip_there_is_no_contact_and_the_message_names_the_key() -> None:
    with pytest.raises(DeviceGone, match=r"door\.pin"):
        DoorContact(27)


def test_a_pin_that_does_not_exist_is_named(pins: SwitchPins) -> None:
    with pytest.raises(DeviceGone, match=r"door\.pin: GPIO 99"):
        DoorContact(99, pin_factory=pins)


def test_a_closed_contact_may_be_closed_again(pins: SwitchPins) -> None:
    door = DoorContact(27, pin_factory=pins)
    door.close()
    door.close()
    with pytest.raises(DeviceError):
        door.moves()


# In the simulated world


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[SimulatedDoor]:
    door = SimulatedDoor(tmp_path)
    yield door
    door.close()


def door_lines(world: Path) -> list[dict[str, Any]]:
    path = world / DOOR_FILE
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_who_stands_there_when_the_lock_opens_walks_through(
    tmp_path: Path, simulated: SimulatedDoor
) -> None:
    play_scene(tmp_path, Scene(celsius=36.5))
    lock = simulated_lock(tmp_path)
    lock.release_for(5_000)
    assert next_moves(simulated, 2) == [True, False]
    lock.close()
    unlocked_ns = json.loads((tmp_path / LOCK_FILE).read_text().splitlines()[0])["monotonic_ns"]
    opened, shut = door_lines(tmp_path)
    assert (opened["open"], shut["open"]) == (True, False)
    assert opened["monotonic_ns"] - unlocked_ns >= 80_000_000
    assert shut["monotonic_ns"] - opened["monotonic_ns"] >= 500_000_000


@pytest.mark.parametrize("scene", [Scene(), Scene(celsius=36.5, door="stuck")])
def test_fault_24_a_door_through_which_nobody_goes_does_not_move(
    tmp_path: Path, simulated: SimulatedDoor, scene: Scene
) -> None:
    play_scene(tmp_path, scene)
    with simulated_lock_open(tmp_path):
        time.sleep(0.4)
        assert simulated.moves() == ()


def test_fault_25_a_held_door_is_opened_once_and_shut_when_it_is_let_go(
    tmp_path: Path, simulated: SimulatedDoor
) -> None:
    play_scene(tmp_path, Scene(celsius=36.5, door="held"))
    assert simulated.moves() == ()
    with simulated_lock_open(tmp_path):
        assert next_moves(simulated, 1) == [True]
    time.sleep(0.8)
    assert simulated.moves() == ()
    play_scene(tmp_path, Scene())
    assert next_moves(simulated, 1) == [False]


@pytest.mark.parametrize("door", ["forced", "unplugged"])
def test_fault_26_a_forced_door_opens_although_the_lock_does_not_and_so_does_a_cut_wire(
    tmp_path: Path, simulated: SimulatedDoor, door: str
) -> None:
    play_scene(tmp_path, Scene(door=door))  # type: ignore[arg-type]
    assert next_moves(simulated, 1) == [True]
    play_scene(tmp_path, Scene())
    assert next_moves(simulated, 1) == [False]


def test_a_lock_that_opened_before_this_door_was_made_moves_nothing(tmp_path: Path) -> None:
    play_scene(tmp_path, Scene(celsius=36.5))
    write_line(tmp_path / LOCK_FILE, unlocked=True)
    door = SimulatedDoor(tmp_path)
    time.sleep(0.3)
    assert door.moves() == ()
    door.close()


class simulated_lock_open:  # noqa: N801 (reads as a sentence)
    """The world's lock, unlocked for a while."""

    def __init__(self, world: Path) -> None:
        self._lock = simulated_lock(world)

    def __enter__(self) -> None:
        self._lock.release_for(60_000)

    def __exit__(self, *_: object) -> None:
        self._lock.close()


def test_moves_may_be_asked_for_by_another_thread(door: DoorContact, pins: SwitchPins) -> None:
    found: list[list[bool]] = []
    asker = threading.Thread(target=lambda: found.append(next_moves(door, 2)))
    asker.start()
    move(pins, is_open=True)
    time.sleep(LONG_S)
    move(pins, is_open=False)
    joined(asker)
    assert found == [[True, False]]


def test_a_contact_that_failed_lets_go_of_its_pin_so_that_the_next_one_can_take_it() -> None:
    pins = MockFactory(pin_class=SilentPin)
    door = DoorContact(27, pin_factory=pins)
    pins.pin(27).fails = True
    with pytest.raises(DeviceGone):
        door.moves()
    door.close()
    for _ in range(3):
        with pytest.raises(DeviceGone, match=r"door\.pin: GPIO 27 cannot be used"):
            DoorContact(27, pin_factory=pins)
    pins.pin(27).fails = False
    DoorContact(27, pin_factory=pins).close()
