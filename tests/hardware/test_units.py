"""Debian's systemd as process 1 and the project's units as they are, on the same devices."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hardware.gate_on_bench import CONFIG, GateOnBench, make_card
from tests.hardware.stand import Stand

pytestmark = pytest.mark.hardware
DATA = "/var/lib/gatepost"
FOLDER = Path(__file__).parents[2] / "systemd"
UNITS = ("gatepost-gate.service", "gatepost-sync.service")
GATE = UNITS[0]
LONG_S = 30.0


@pytest.fixture(scope="module")
def gate(stand: Stand) -> Iterator[GateOnBench]:
    """Units started and serving, as the user gatepost."""
    stand.clear()
    card = make_card(stand.folder / "units.img")
    gate = GateOnBench(stand.folder / "units", stand.centre, card=card, systemd=True, data=DATA)
    try:
        gate.load_drivers()
        gate.configure(unlock_seconds=LONG_S)
        gate.run("install", "-m", "644", str(stand.centre.trust), "/etc/gatepost/trust.json")
        gate.run("sed", "-i", 's#^trust = .*#trust = "/etc/gatepost/trust.json"#', CONFIG)
        # What udev's rules do on Raspberry Pi OS.
        for group, node in (("i2c", "i2c-0"), ("gpio", "gpiochip0"), ("video", "video0")):
            gate.run("chgrp", group, f"/dev/{node}")
            gate.run("chmod", "660", f"/dev/{node}")
        # Both at a time, as at a boot.
        gate.run("systemctl", "start", "--no-block", *UNITS)
        spool = ("test", "-d", f"{DATA}/spool")
        gate.wait(lambda: gate.run_for_better_or_worse(*spool)["code"] == 0, "the spool")
        gate.hand_in_roster()
        gate.wait_until_ready()
        yield gate
    finally:
        gate.cut_power()


def show(gate: GateOnBench, unit: str, key: str) -> str:
    return gate.run("systemctl", "show", "--property", key, "--value", unit).strip()


def comes_back(gate: GateOnBench, restarts: int) -> None:
    gate.wait(lambda: int(show(gate, GATE, "NRestarts")) > restarts, "a restart", 120)
    gate.wait(lambda: show(gate, GATE, "ActiveState") == "active", "a gate that serves", 120)


def test_the_units_serve_as_their_own_user_on_the_devices_of_their_groups(
    gate: GateOnBench,
) -> None:
    for unit in UNITS:
        assert show(gate, unit, "ActiveState") == "active"
        assert show(gate, unit, "NRestarts") == "0"
        pid = show(gate, unit, "MainPID")
        assert gate.run("stat", "-c", "%U", f"/proc/{pid}").strip() == "gatepost"
    assert gate.run("cat", "/proc/1/comm").strip() == "systemd"
    before = len(gate.relay.pulses)
    assert gate.pass_by()["result"] == "admit"
    assert len(gate.relay.pulses) == before + 1


def test_the_gate_is_started_after_the_modules_of_its_devices(gate: GateOnBench) -> None:
    begun_us = int(show(gate, GATE, "ExecMainStartTimestampMonotonic"))
    for module in ("i2c_dev", "videodev"):
        key = "ExecMainExitTimestampMonotonic"
        assert 0 < int(show(gate, f"modprobe@{module}.service", key)) <= begun_us


@pytest.mark.parametrize("unit", sorted(path.name for path in FOLDER.glob("*.service")))
def test_a_unit_is_exposed_to_2_0_at_the_most(gate: GateOnBench, unit: str) -> None:
    shown = gate.run("systemd-analyze", "--no-pager", "security", "--threshold=20", unit)
    print(shown.splitlines()[-1])


def test_faults_14_22_a_gate_killed_in_mid_pulse_is_shut_by_its_unit_and_started_again(
    gate: GateOnBench,
) -> None:
    restarts = int(show(gate, GATE, "NRestarts"))
    assert gate.ask_for_passage()["result"] == "admit"
    gate.wait(lambda: gate.relay.is_high, "the pulse")
    gate.run("systemctl", "kill", "--kill-who=main", "--signal=KILL", GATE)
    killed_s = time.monotonic()
    gate.wait(lambda: not gate.relay.is_high, "ExecStopPost's lock secure", LONG_S - 5)
    print(f"shut {time.monotonic() - killed_s:.1f} s after kill -9, by ExecStopPost (emulated)")
    comes_back(gate, restarts)
    gate.wait_until_ready()
    assert gate.pass_by()["result"] == "admit"


def test_fault_23_a_gate_that_hangs_is_aborted_by_systemds_watchdog_and_says_so(
    gate: GateOnBench,
) -> None:
    mark, restarts = gate.mark(), int(show(gate, GATE, "NRestarts"))
    gate.run("systemctl", "kill", "--kill-who=main", "--signal=STOP", GATE)
    comes_back(gate, restarts)
    gate.wait(lambda: gate.device_states(mark, "program") == ["faulty", "ok"], "the tale")
    told = next(r["detail"] for r in gate.records(mark) if r.get("device") == "program")
    assert told.startswith("the last run hung"), told
    print(f"journalled after the hang: {told}")


def test_fault_22_a_unit_that_is_stopped_leaves_the_lock_shut(gate: GateOnBench) -> None:
    gate.wait_until_ready()
    assert gate.ask_for_passage()["result"] == "admit"
    gate.wait(lambda: gate.relay.is_high, "the pulse")
    gate.run("systemctl", "stop", GATE)
    gate.wait(lambda: not gate.relay.is_high, "a shut lock", 5)
    assert show(gate, GATE, "Result") == "success"
