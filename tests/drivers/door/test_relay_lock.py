import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from drivers import DeviceGone
from drivers.door.relay_lock import RelayLock
from drivers.simulated.world import LOCK_FILE, simulated_lock
from tests.drivers.waiting import eventually
from tests.ending import joined
from tests.patience import PATIENCE_S


class BrokenPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that fails to switch so many times, or ``sticks``: to go off."""

    failures = 0
    sticks = 0

    def _set_state(self, value: bool) -> None:
        if self.sticks > 0 and not value:
            self.sticks -= 1
            raise OSError(5, "Input/output error")
        if self.failures > 0:
            self.failures -= 1
            raise OSError(5, "Input/output error")
        super()._set_state(value)


@pytest.fixture
def pins() -> MockFactory:
    return MockFactory(pin_class=BrokenPin)


@pytest.fixture
def lock(pins: MockFactory) -> Iterator[RelayLock]:
    lock = RelayLock(17, pin_factory=pins)
    yield lock
    lock.close()


def levels(pins: MockFactory) -> list[bool]:
    """What the pin was in turn, from the pin's own record."""
    return [state.state for state in pins.pin(17).states]


def changes(world: Path) -> list[dict[str, Any]]:
    path = world / LOCK_FILE
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_new_lock_is_locked_and_never_pulsed(lock: RelayLock, pins: MockFactory) -> None:
    assert pins.pin(17).function == "output"
    lock.secure()
    assert levels(pins) == [False]


def test_a_relay_that_is_on_when_low_goes_high_at_start_and_stays(pins: MockFactory) -> None:
    lock = RelayLock(17, active_high=False, pin_factory=pins)
    time.sleep(0.05)
    assert levels(pins) == [False, True]  # an input's level first, then driven to locked
    lock.release_for(30)
    eventually(lambda: len(levels(pins)) == 4)
    assert levels(pins) == [False, True, False, True]
    lock.close()


def test_a_release_is_one_pulse_of_its_length(lock: RelayLock, pins: MockFactory) -> None:
    begun_s = time.monotonic()
    lock.release_for(150)
    assert levels(pins)[:2] == [False, True]
    eventually(lambda: len(levels(pins)) == 3)
    assert levels(pins) == [False, True, False]
    # From the call on: the deadline is set before the relay is switched.
    assert pins.pin(17)._last_change - begun_s >= 0.150


def test_the_pulse_ends_while_the_caller_hangs(lock: RelayLock, pins: MockFactory) -> None:
    hangs = threading.Event()

    def caller() -> None:
        lock.release_for(60)
        hangs.wait(PATIENCE_S)

    thread = threading.Thread(target=caller)
    thread.start()
    eventually(lambda: levels(pins) == [False, True, False])
    hangs.set()
    joined(thread)


def test_a_second_release_extends_the_pulse_from_then(lock: RelayLock, pins: MockFactory) -> None:
    lock.release_for(1000)
    time.sleep(0.06)
    lock.release_for(1100)
    eventually(lambda: len(levels(pins)) == 3)
    assert levels(pins) == [False, True, False]
    assert pins.pin(17).states[2].timestamp >= 1.160


def test_a_shorter_second_release_counts_from_then_too(lock: RelayLock, pins: MockFactory) -> None:
    lock.release_for(60_000)
    lock.release_for(50)
    eventually(lambda: levels(pins) == [False, True, False])


def test_secure_locks_at_once_and_the_timer_has_nothing_left(
    lock: RelayLock, pins: MockFactory
) -> None:
    lock.release_for(60)
    lock.secure()
    assert levels(pins) == [False, True, False]
    time.sleep(0.1)
    assert levels(pins) == [False, True, False]
    lock.release_for(30)
    eventually(lambda: levels(pins) == [False, True, False, True, False])


def test_close_locks_and_a_closed_lock_releases_no_more(pins: MockFactory) -> None:
    lock = RelayLock(17, pin_factory=pins)
    lock.release_for(60_000)
    lock.close()
    lock.close()
    assert levels(pins) == [False, True, False]
    with pytest.raises(DeviceGone):
        lock.release_for(1000)
    assert levels(pins) == [False, True, False]


def test_a_pin_that_cannot_be_switched_on_is_said(lock: RelayLock, pins: MockFactory) -> None:
    pins.pin(17).failures = 1
    with pytest.raises(DeviceGone, match=r"lock\.pin: GPIO 17 cannot be switched on"):
        lock.release_for(50)


def test_a_relay_that_does_not_go_off_is_tried_until_it_does(
    lock: RelayLock, pins: MockFactory
) -> None:
    pins.pin(17).sticks = 3
    lock.release_for(40)
    eventually(lambda: levels(pins) == [False, True, False])
    assert pins.pin(17).sticks == 0
    lock.release_for(60_000)
    pins.pin(17).failures = 1
    with pytest.raises(DeviceGone, match="switched off"):
        lock.secure()
    eventually(lambda: levels(pins) == [False, True, False, True, False])


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has pins")
def test_without_a_gpio_chip_there_is_no_lock_and_the_message_names_the_key() -> None:
    with pytest.raises(DeviceGone, match=r"lock\.pin"):
        RelayLock(17)


def test_a_pin_that_does_not_exist_is_named(pins: MockFactory) -> None:
    with pytest.raises(DeviceGone, match=r"lock\.pin: GPIO 99"):
        RelayLock(99, pin_factory=pins)


def test_the_world_records_what_the_simulated_pin_did(tmp_path: Path) -> None:
    lock = simulated_lock(tmp_path)
    assert changes(tmp_path) == []
    before_us, before_ns = time.time_ns() // 1000, time.monotonic_ns()
    lock.release_for(80)
    eventually(lambda: len(changes(tmp_path)) == 2)
    lock.close()
    opened, shut = changes(tmp_path)
    assert (opened["unlocked"], shut["unlocked"]) == (True, False)
    # From the call on: the deadline is set before the relay is switched.
    assert shut["monotonic_ns"] - before_ns >= 80_000_000
    assert opened["monotonic_ns"] >= before_ns
    assert opened["at_us"] >= before_us


def test_two_worlds_have_a_lock_each(tmp_path: Path) -> None:
    one, two = simulated_lock(tmp_path / "one"), simulated_lock(tmp_path / "two")
    one.release_for(60_000)
    assert [line["unlocked"] for line in changes(tmp_path / "one")] == [True]
    assert changes(tmp_path / "two") == []
    one.close()
    two.close()


ENDS_WITH_THE_RELAY_ON = """
import sys
from pathlib import Path
from drivers.simulated.world import simulated_lock
lock = simulated_lock(Path(sys.argv[1]))
lock.release_for(60_000)
{end}
"""


def run_to_its_end(world: Path, end: str) -> int:
    program = ENDS_WITH_THE_RELAY_ON.format(end=end)
    ended = subprocess.run(
        [sys.executable, "-c", program, str(world)], capture_output=True, check=False, timeout=60
    )
    return ended.returncode


@pytest.mark.parametrize("end", ["", "raise SystemExit(3)", "raise RuntimeError('a fault')"])
def test_fault_22_a_program_that_ends_with_the_relay_on_locks(tmp_path: Path, end: str) -> None:
    run_to_its_end(tmp_path, end)
    assert [line["unlocked"] for line in changes(tmp_path)] == [True, False]


def test_fault_22_a_pin_left_on_by_a_killed_program_is_off_once_a_lock_is_made(
    tmp_path: Path,
) -> None:
    end = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert run_to_its_end(tmp_path, end) == -signal.SIGKILL
    assert [line["unlocked"] for line in changes(tmp_path)] == [True]
    simulated_lock(tmp_path).close()
    assert [line["unlocked"] for line in changes(tmp_path)] == [True, False]


def test_a_lock_that_failed_lets_go_of_its_pin_so_that_the_next_one_can_take_it(
    pins: MockFactory,
) -> None:
    lock = RelayLock(17, pin_factory=pins)
    lock.release_for(60_000)
    pins.pin(17).failures = 1000
    with pytest.raises(DeviceGone):
        lock.close()
    with pytest.raises(DeviceGone):
        RelayLock(17, pin_factory=pins)
    pins.pin(17).failures = 0
    again = RelayLock(17, pin_factory=pins)
    assert levels(pins)[-1] is False
    again.close()
