"""A real gate process under a socket like systemd's: it says that it serves, that it lives, and that it ends."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from drivers import CodeSource
from kiosk.heartbeat import Heartbeat
from kiosk.parts import Parts
from simulation.compound import Compound, found
from tests.ending import came, killed
from tests.kiosk.one_gate import OneGate
from tests.patience import PATIENCE_S

WATCHDOG_US = 300_000


@pytest.fixture
def compound(tmp_path: Path) -> Compound:
    return found(tmp_path, 1, unlock_seconds=1)


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """The end of NOTIFY_SOCKET that systemd holds."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(PATIENCE_S)
        yield listener


@pytest.fixture
def gate(compound: Compound, systemd: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    environment = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": str(WATCHDOG_US)}
    config = str(compound.gate_config("east-in"))
    with (compound.folder / "gate.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gatepost", "gate", "run", "--config", config],
            stderr=log,
            env=os.environ | environment,
        )
    yield process
    if process.poll() is None:
        killed(process)


def hear(systemd: socket.socket) -> str:
    return systemd.recv(4096).decode()


def test_a_gate_says_that_it_serves_that_it_lives_and_that_it_ends(
    gate: subprocess.Popen[bytes], systemd: socket.socket
) -> None:
    assert hear(systemd) == "READY=1"
    assert [hear(systemd) for _ in range(5)] == ["WATCHDOG=1"] * 5
    gate.send_signal(signal.SIGTERM)
    while (said := hear(systemd)) == "WATCHDOG=1":
        pass
    assert said == "STOPPING=1"
    assert gate.wait(PATIENCE_S) == 0


class StuckEye:
    """Looks as the real one until told to hang, and then never returns from a frame."""

    def __init__(self, real: CodeSource) -> None:
        self._real = real
        self.hang, self.hangs, self.go_on = (threading.Event() for _ in range(3))

    def look(self) -> tuple[str, ...] | None:
        if self.hang.is_set():
            self.hangs.set()
            self.go_on.wait(PATIENCE_S)
        return self._real.look()

    def close(self) -> None:
        self._real.close()


def test_fault_23_a_gate_whose_loop_hangs_falls_silent(
    tmp_path: Path, systemd: socket.socket
) -> None:
    eyes: list[StuckEye] = []
    environment = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": str(WATCHDOG_US)}

    def change(parts: Parts) -> Parts:
        eyes.append(StuckEye(parts.codes))
        return replace(parts, codes=eyes[0], heartbeat=Heartbeat(environment))

    gate = OneGate(tmp_path)
    gate.start(change)
    try:
        assert [hear(systemd), hear(systemd)] == ["READY=1", "WATCHDOG=1"]
        eyes[0].hang.set()
        came(eyes[0].hangs, "the eye to hang")
        forget_what_was_said(systemd)
        systemd.settimeout(2 * WATCHDOG_US / 1_000_000)
        with pytest.raises(TimeoutError):
            hear(systemd)
    finally:
        eyes[0].go_on.set()
        gate.stop()
        gate.store.close()


def forget_what_was_said(systemd: socket.socket) -> None:
    systemd.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            hear(systemd)


def test_a_socket_without_a_name_in_the_file_system_is_spoken_to_as_well(tmp_path: Path) -> None:
    name = f"gatepost-{os.getpid()}-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name)
        listener.settimeout(PATIENCE_S)
        Heartbeat({"NOTIFY_SOCKET": "@" + name}).ready()
        assert hear(listener) == "READY=1"


def test_without_systemd_nobody_is_told_whoever_listens(systemd: socket.socket) -> None:
    heartbeat = Heartbeat({"WATCHDOG_USEC": str(WATCHDOG_US)})
    heartbeat.ready()
    heartbeat.beat()
    heartbeat.stopping(in_order=True)
    systemd.setblocking(False)
    with pytest.raises(BlockingIOError):
        hear(systemd)


def test_a_systemd_that_is_gone_does_not_stop_the_gate_and_is_told_again_when_it_is_back(
    tmp_path: Path,
) -> None:
    clock_s = itertools.count(0.0, WATCHDOG_US / 1_000_000)
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(WATCHDOG_US)}
    heartbeat = Heartbeat(told, monotonic_s=lambda: next(clock_s))
    heartbeat.beat()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as back:
        back.bind(told["NOTIFY_SOCKET"])
        back.settimeout(PATIENCE_S)
        heartbeat.beat()
        assert hear(back) == "WATCHDOG=1"
