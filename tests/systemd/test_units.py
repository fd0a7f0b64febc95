"""The units and the example configs say what they must."""

from configparser import ConfigParser
from pathlib import Path

import pytest

from config.load import load_collector, load_gate

ROOT = Path(__file__).parents[2]


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(ROOT / "systemd" / name)
    return parser


def test_whatever_ends_the_gate_the_lock_is_secured_and_a_hang_is_noticed_within_10_s() -> None:
    service = unit("gatepost-gate.service")["Service"]
    assert " lock secure --config /etc/gatepost/gate.toml" in service["ExecStopPost"]
    assert (service["Type"], service["WatchdogSec"], service["Restart"]) == (
        "notify",
        "10",
        "always",
    )


@pytest.mark.parametrize("name", ["gatepost-gate.service", "gatepost-sync.service"])
def test_a_unit_can_gain_nothing_beyond_what_it_has(name: str) -> None:
    service = unit(name)["Service"]
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ProtectSystem"] == "strict"
    assert service["User"] == "gatepost"


def test_sync_sees_no_device() -> None:
    assert unit("gatepost-sync.service")["Service"]["PrivateDevices"] == "yes"


@pytest.mark.parametrize("name", ["gate.toml", "webcam.toml"])
def test_an_example_gate_loads(name: str) -> None:
    assert load_gate(ROOT / "config" / name).gate.compound == 1


def test_the_example_collector_loads() -> None:
    assert load_collector(ROOT / "config" / "collector.toml").collector.fold_minutes == 10
