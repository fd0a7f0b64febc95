"""Who is fed, and when: the watchdogs beside a clock that the test turns."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from drivers import DeviceGone
from drivers.hardware_watchdog import HardwareWatchdog
from kiosk.heartbeat import DEADLINES_S, FIND_EVERY_S, Heartbeat, Vital
from tests.drivers.kernel_watchdog import KernelWatchdog

WATCHDOG_S = 9.0


class Gate:
    """A heartbeat with all that hears it."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 1000.0
        self.told: list[tuple[str, ...]] = []
        self.device = folder / "watchdog"
        self.kernel = KernelWatchdog(self.device)
        self.is_there = True
        self.systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.systemd.bind(str(folder / "notify"))
        self.systemd.setblocking(False)
        self.heartbeat = Heartbeat(
            {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": str(int(WATCHDOG_S * 1e6))},
            self._find,
            self.told.append,
            lambda: self.now_s,
        )
        self.heartbeat.ready()

    def _find(self) -> HardwareWatchdog:
        if not self.is_there:
            raise DeviceGone("watchdog.device: not there")
        return HardwareWatchdog(self.device, 15, self.kernel.ioctl)

    def turn(self, seconds: float, *, without: Vital | None = None) -> None:
        """So long do all loops come round but one."""
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s += 0.1
            for vital in Vital:
                if vital is not without:
                    self.heartbeat.came_round(vital)
            self.heartbeat.beat()

    def heard(self) -> list[str]:
        found = []
        with suppress(BlockingIOError):
            while True:
                found.append(self.systemd.recv(100).decode())
        return found


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path)
    assert gate.heard() == ["READY=1"]
    yield gate
    gate.systemd.close()


def test_while_all_come_round_both_watchdogs_are_fed_three_times_a_timeout(gate: Gate) -> None:
    gate.turn(30)
    assert set(gate.heard()) == {"WATCHDOG=1"}
    assert 9 <= gate.kernel.fed <= 12
    assert gate.told == []


@pytest.mark.parametrize("vital", Vital)
def test_fault_23_one_loop_that_does_not_come_round_starves_both_watchdogs_and_is_named(
    gate: Gate, vital: Vital
) -> None:
    gate.turn(5)
    gate.turn(DEADLINES_S[vital], without=vital)
    gate.heard()
    fed = gate.kernel.fed
    gate.turn(60, without=vital)
    assert gate.heard() == []
    assert gate.kernel.fed == fed
    assert gate.told == [(vital.value,)]


def test_a_loop_that_comes_round_again_is_forgiven(gate: Gate) -> None:
    gate.turn(30, without=Vital.LOCK)
    gate.heard()
    gate.turn(5)
    assert "WATCHDOG=1" in gate.heard()
    assert gate.told == [("lock",), ()]


def test_a_start_that_took_long_is_no_hang(gate: Gate) -> None:
    gate.now_s += 100
    gate.heartbeat.ready()
    gate.heartbeat.beat()
    assert gate.heard() == ["READY=1", "WATCHDOG=1"]


@pytest.mark.parametrize("in_order", [True, False])
def test_only_a_gate_that_ends_in_order_disarms_the_hardware(gate: Gate, in_order: bool) -> None:
    gate.turn(1)
    gate.heartbeat.stopping(in_order=in_order)
    assert gate.heard()[-1] == "STOPPING=1"
    assert gate.kernel.counts is not in_order


def test_a_hardware_watchdog_that_is_absent_stops_nothing_and_is_taken_up_later(gate: Gate) -> None:
    gate.is_there = False
    gate.turn(5)
    assert gate.kernel.fed == 0
    assert "WATCHDOG=1" in gate.heard()
    gate.is_there = True
    gate.turn(FIND_EVERY_S + 5)
    assert gate.kernel.fed > 0
    gate.kernel.broken = True
    gate.turn(15)
    assert "WATCHDOG=1" in gate.heard()
    gate.kernel.broken = False
    fed = gate.kernel.fed
    gate.turn(FIND_EVERY_S + 15)
    assert gate.kernel.fed > fed
