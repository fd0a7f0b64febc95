"""``gatepost simulate fleet``: many gates in one process over a real broker."""

import json
import subprocess
from pathlib import Path

from checkpoint.ids import CompoundId
from config.key_files import TRUST, make_keys
from config.trust import load_trust
from simulation.fleet.centre import Centre
from simulation.fleet.fleet import Fleet
from sync.wire.session import Address
from tests.broker import Broker
from tests.patience import PATIENCE_S
from tests.programs import gatepost

ROOT = Path(__file__).parents[3]


def simulate(*options: str) -> subprocess.CompletedProcess[str]:
    return gatepost("simulate", "fleet", "--json", *options, within_s=2 * PATIENCE_S)


def test_every_record_of_a_small_fleet_is_acknowledged_by_a_collector_of_its_own() -> None:
    done = simulate("--gates", "3", "--rate", "4", "--seconds", "2")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["gates"] == 3
    assert report["not_acknowledged"] == 0
    assert report["acknowledged"] >= 3
    assert 0 < report["p50_ms"] <= report["p99_ms"]


def test_without_a_collector_behind_the_broker_nothing_is_called_acknowledged(
    tmp_path: Path, broker: Broker
) -> None:
    keys = tmp_path / "keys"
    make_keys(keys)
    fleet = Fleet(2, tmp_path, CompoundId(1))
    fleet.connect(load_trust(keys / TRUST), Address("127.0.0.1", broker.port))
    assert list(fleet.live(10, 0.5)) == []
    assert not fleet.drain(1, lambda _: None)
    assert fleet.unsynced == sum(gate.written for gate in fleet.gates) > 0
    fleet.close()


def test_a_backlog_drains_whole_through_a_broker_that_is_killed_in_the_middle(
    tmp_path: Path,
) -> None:
    (tmp_path / "gates").mkdir()
    centre = Centre(tmp_path)
    fleet = Fleet(3, tmp_path / "gates", CompoundId(1))
    for gate in fleet.gates:
        for _ in range(500):
            gate.write()
    fleet.connect(centre.trust, centre.address)
    killed = False

    def kill_once(unsynced: int) -> None:
        nonlocal killed
        if unsynced < 1400 and not killed:
            killed = True
            centre.restart_broker()

    try:
        assert fleet.drain(100, kill_once)
        assert killed
        assert centre.stored() == 1500
    finally:
        fleet.close()
        centre.stop()
