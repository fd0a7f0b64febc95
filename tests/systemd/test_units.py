"""The units: what systemd itself says of them, and that their commands are real ones."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from collector.processes import supervisor
from drivers import ending
from drivers.simulated.world import LOCK_FILE
from gatepost import screen
from simulation.compound import Compound, found
from sync.wire import link
from ui import page_server

UNITS = Path(__file__).parents[2] / "systemd"
NAMES = ["gatepost-gate.service", "gatepost-sync.service", "gatepost-collector.service"]
MOST_EXPOSURE = 2.0
COMMAND = "/opt/gatepost/.venv/bin/gatepost"
CONFIGS = {
    "/etc/gatepost/gate.toml": "east-in.toml",
    "/etc/gatepost/collector.toml": "collector.toml",
}

with_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is missing; Debian has it in the package systemd",
)


def service(name: str) -> dict[str, str]:
    parser = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNITS / name, encoding="utf-8")
    return dict(parser["Service"])


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", "--no-pager", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def as_here(command: str, compound: Compound) -> list[str]:
    """The unit's own words with this checkout's program and the compound's settings."""
    program, *words = shlex.split(command)
    assert program == COMMAND
    here = [str(compound.folder / CONFIGS[word]) if word in CONFIGS else word for word in words]
    return [sys.executable, "-m", "gatepost", *here]


@pytest.fixture
def compound(tmp_path: Path) -> Compound:
    return found(tmp_path, 1, unlock_seconds=30)


@with_systemd
@pytest.mark.parametrize("name", NAMES)
def test_systemd_finds_nothing_wrong_in_a_unit(name: str, tmp_path: Path) -> None:
    copy = tmp_path / name
    copy.write_text((UNITS / name).read_text(encoding="utf-8").replace(COMMAND, "/bin/true"))
    verified = analyze("verify", "--man=no", copy)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


@with_systemd
@pytest.mark.parametrize("name", NAMES)
def test_a_unit_is_exposed_to_2_0_at_the_most(name: str) -> None:
    shown = analyze("security", "--offline=true", UNITS / name)
    exposure = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", shown.stdout)
    assert exposure is not None, shown
    print(f"{name}: exposure {exposure[1]}")
    assert float(exposure[1]) <= MOST_EXPOSURE


@with_systemd
def test_systemd_sees_that_sync_has_no_device() -> None:
    shown = analyze("security", "--offline=true", "--json=short", UNITS / "gatepost-sync.service")
    assert {"PrivateDevices": True}.items() <= {
        row["json_field"]: row["set"] for row in json.loads(shown.stdout)
    }.items()


@pytest.mark.parametrize("name", NAMES)
def test_a_unit_can_gain_nothing_beyond_what_it_has(name: str) -> None:
    directives = service(name)
    assert directives["NoNewPrivileges"] == "yes"
    assert directives["CapabilityBoundingSet"] == directives["AmbientCapabilities"] == ""
    assert directives["ProtectSystem"] == "strict"
    assert directives["User"].startswith("gatepost")


@pytest.mark.parametrize("name", ["gatepost-sync.service", "gatepost-collector.service"])
def test_only_the_gate_sees_devices(name: str) -> None:
    assert service(name)["PrivateDevices"] == "yes"


def test_fault_23_a_gate_that_hangs_is_noticed_within_10_s_and_started_again() -> None:
    directives = service("gatepost-gate.service")
    assert directives["Type"] == "notify"
    assert float(directives["WatchdogSec"]) <= 10
    assert (directives["Restart"], directives["RestartSec"]) == ("always", "1")


GOODBYES = {
    # The page's streams; then a thread and a child that hang in their devices.
    "gatepost-gate.service": page_server.GIVE_UP_S + 2 * ending.GOODBYE_S,
    # All children at once, the page among them; then those that had to be killed.
    "gatepost-collector.service": supervisor.GOODBYE_S + 4 * supervisor.DIES_WITHIN_S,
    "gatepost-sync.service": link.GOODBYE_S,
    # The browser, twice; then what it still writes.
    "gatepost-screen.service": 2 * screen.GOODBYE_S + screen.WRITES_ON_S,
}


@pytest.mark.parametrize("name", GOODBYES)
def test_a_program_has_ended_before_systemd_loses_patience(name: str) -> None:
    assert GOODBYES[name] < float(service(name)["TimeoutStopSec"])
    assert page_server.GIVE_UP_S < supervisor.GOODBYE_S
    assert page_server.GOODBYE_S < page_server.CANCEL_AFTER_S < page_server.GIVE_UP_S


@pytest.mark.parametrize("name", NAMES)
def test_the_program_that_a_unit_starts_takes_those_arguments(
    name: str, compound: Compound
) -> None:
    """Broken settings end every program at once with exit code 2, and the message names the file."""
    *_, config = command = as_here(service(name)["ExecStart"], compound)
    Path(config).write_text("no = table")
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{config}: ")


def test_fault_22_whatever_ended_the_gate_its_unit_shuts_the_lock(compound: Compound) -> None:
    lock_file = compound.world("east-in") / LOCK_FILE
    lock_file.parent.mkdir(parents=True)
    unlocked = {"at_us": 1, "monotonic_ns": 1, "unlocked": True}
    lock_file.write_text(json.dumps(unlocked) + "\n")
    command = as_here(service("gatepost-gate.service")["ExecStopPost"], compound)
    # systemd says how it ended in these; the lock is shut after every one.
    after_a_kill = {"SERVICE_RESULT": "signal", "EXIT_CODE": "killed", "EXIT_STATUS": "KILL"}
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | after_a_kill,
    )
    assert (ended.returncode, ended.stdout) == (0, "lock: shut\n"), ended.stderr
    assert json.loads(lock_file.read_text().splitlines()[-1])["unlocked"] is False
