"""Two gates, one household, a centre: what one gate sees the other knows; what neither could know is flagged once."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from checkpoint.entry_pass import Kind
from checkpoint.records import (
    Cause,
    Crossing,
    Opened,
    Passage,
    Record,
    Result,
    RosterApplied,
    decode,
)
from checkpoint.verdict import Flag, Reason
from config.key_files import PASS_KEY
from config.trust import load_private_key
from drivers.simulated.world import Scene, play_scene
from simulation.compound import found, pass_text, person
from simulation.processes import Processes
from tests.broker import Broker
from tests.gatepost.test_centre_commands import gatepost
from tests.patience import PATIENCE_S
from tests.proxy import Proxy

A, B = "east-in", "east-out"
"""Their names in the demo."""
PEOPLE = "id,name,phone,compound,building,unit,household,colour\n" + "".join(
    f"{person(number)},Ann Lee,1380013800{number},1,7,30{home},H{home},green\n"
    for number, home in ((0, 0), (5, 0), (1, 1), (6, 1))
)
POLICY = """
timezone = "Asia/Shanghai"

[outings]
every_days = 2  # so that no midnight comes between
max_minutes_out = 600
"""


class Town:
    """Two gates and a centre as processes; gate A behind a network that can be cut."""

    def __init__(self, folder: Path, broker: Broker, proxy: Proxy, way_of_a: str) -> None:
        self.compound = found(folder, broker.port, unlock_seconds=0.5)
        self.issuer = load_private_key(self.compound.keys / PASS_KEY)
        self._processes = Processes(folder)
        config = self.compound.gate_config(A)
        text = config.read_text().replace('direction = "in"', f'direction = "{way_of_a}"')
        config.write_text(text.replace(f"port = {broker.port}", f"port = {proxy.port}"))
        (folder / "people.csv").write_text(PEOPLE)
        (folder / "policy.toml").write_text(POLICY)
        self._at_centre(
            "roster", "import", folder / "people.csv", "--into", folder / "collector.toml"
        )
        self._at_centre(
            "policy", "set", folder / "policy.toml", "--yes", "--config", folder / "collector.toml"
        )
        self._processes.start_gatepost(
            "collector", "collector", "run", "--config", str(self.compound.collector_config)
        )
        for gate in (A, B):
            for what in ("run", "sync"):
                config = self.compound.gate_config(gate)
                self._processes.start_gatepost(
                    f"{gate} {what}", "gate", what, "--config", str(config)
                )

    def close(self) -> None:
        self._processes.stop_all()

    def records(self, gate: str, kind: type[Any]) -> list[Any]:
        rows = _ask(self.compound.journal(gate), "SELECT body FROM rows ORDER BY id")
        found_records: list[Record] = [decode(body) for (body,) in rows]
        return [record for record in found_records if isinstance(record, kind)]

    def shows(self, gate: str, number: int) -> Passage:
        """Somebody shows a pass, is judged, and goes through if the door opens."""
        before = len(self.records(gate, Passage))
        crossed = len(self.records(gate, Crossing))
        play_scene(
            self.compound.world(gate), Scene(codes=(pass_text(self.issuer, number),), celsius=36.6)
        )
        self.wait(lambda: len(self.records(gate, Passage)) > before, f"{number} at {gate}")
        play_scene(self.compound.world(gate), Scene())
        passage: Passage = self.records(gate, Passage)[before]
        if passage.result is Result.ADMIT:
            self.wait(lambda: len(self.records(gate, Crossing)) > crossed, "a crossing")
        return passage

    def knows(self, gate: str, number: int) -> bool:
        """Whether this gate's ledger has somebody's passage at another gate."""
        query = f"SELECT 1 FROM crossings WHERE gate != '' AND person = '{person(number)}'"
        return bool(_ask(self.compound.journal(gate), query))

    def is_ready(self, gate: str) -> bool:
        """Whether the gate obeys the centre's roster and policy, and hears its neighbours."""
        bodies = "".join(
            body for (body,) in _ask(self.compound.journal(gate), "SELECT body FROM rows")
        )
        return (
            '"kind":"roster"' in bodies
            and '"kind":"policy"' in bodies
            and not self.is_cut_off(gate)
        )

    def is_cut_off(self, gate: str) -> bool:
        """Whether its sync has not been abreast of the other gates for a while."""
        try:
            report = json.loads((self.compound.folder / gate / "link.json").read_text())
        except (OSError, ValueError):
            return True
        caught_up_ms = report["abreast_ms"]
        return caught_up_ms is None or time.monotonic() * 1000 - caught_up_ms > 15_000

    def conflicts(self) -> list[Any]:
        query = "SELECT gate, subject, count FROM alerts WHERE code = 'QUOTA_CONFLICT'"
        return _ask(self.compound.database, query)

    def wait(self, until: Callable[[], bool], what: str, seconds: float = PATIENCE_S) -> None:
        until_s = time.monotonic() + seconds
        while not until():
            assert not self._processes.dead(), self._processes.dead()
            assert time.monotonic() < until_s, what
            time.sleep(0.1)

    def tell(self, *arguments: str) -> None:
        """What the staff types."""
        self._at_centre(*arguments, "--config", self.compound.collector_config)

    def obeys_the_newest(self, gate: str) -> bool:
        """Whether the gate has taken the centre's last roster; two changes may come as one."""
        [(newest,)] = _ask(self.compound.database, "SELECT roster_revision FROM compounds") or [
            (0,)
        ]
        applied = self.records(gate, RosterApplied)
        return bool(applied) and applied[-1].revision == newest

    def _at_centre(self, *arguments: str | Path) -> None:
        done = gatepost(*arguments)
        assert done.returncode == 0, done.stderr


def _ask(database: Path, query: str) -> list[Any]:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as db:
            return db.execute(query).fetchall()
    except sqlite3.Error:  # not made yet
        return []


@pytest.fixture
def proxy(broker: Broker) -> Iterator[Proxy]:
    proxy = Proxy(broker.port)
    yield proxy
    proxy.close()


@pytest.fixture
def town(
    tmp_path: Path, broker: Broker, proxy: Proxy, request: pytest.FixtureRequest
) -> Iterator[Town]:
    town = Town(tmp_path, broker, proxy, request.param)
    try:
        for gate in (A, B):
            town.wait(lambda gate=gate: town.is_ready(gate), f"{gate} ready")  # type: ignore[misc]
        yield town
    finally:
        town.close()


@pytest.mark.parametrize("town", ["out"], indirect=True)
def test_one_household_at_two_gates_with_and_without_a_network_between_them(
    town: Town, proxy: Proxy
) -> None:
    out = town.shows(A, 0)
    assert out.result is Result.ADMIT
    assert not town.records(A, Crossing)[-1].provisional
    town.wait(lambda: town.knows(B, 0), "B knows who went out at A")
    held = town.shows(B, 5)
    assert (held.result, held.reason) == (Result.HOLD, Reason.HOUSEMATE_OUT)

    proxy.fall_silent()
    proxy.cut()
    for gate in (A, B):
        town.wait(lambda gate=gate: town.is_cut_off(gate), f"{gate} cut off")  # type: ignore[misc]
    for gate, number in ((A, 1), (B, 6)):
        assert town.shows(gate, number).result is Result.ADMIT
        crossing: Crossing = town.records(gate, Crossing)[-1]
        assert (crossing.provisional, crossing.bearer.kind) == (True, Kind.RESIDENT)
    assert town.conflicts() == []

    proxy.speak_again()
    town.wait(lambda: town.knows(A, 6) and town.knows(B, 1), "both know of both")
    town.wait(lambda: bool(town.conflicts()), "the conflict is flagged")
    time.sleep(3)
    assert town.conflicts() == [(B, "H1", 1)], "the later one, once"


@pytest.mark.parametrize("town", ["in"], indirect=True)
def test_faults_07_20_both_gates_obey_the_centre_and_their_cards_hold_no_names(town: Town) -> None:
    town.tell("household", "colour", "H1", "yellow", "--reason", "a contact")
    town.tell("pass", "revoke", person(0), "--below", "3", "--reason", "lost")
    for gate in (A, B):
        town.wait(lambda gate=gate: town.obeys_the_newest(gate), f"{gate} has heard")  # type: ignore[misc]
    revoked_in, revoked_out = town.shows(A, 0), town.shows(B, 0)
    assert (revoked_in.result, revoked_in.reason) == (Result.REFUSE, Reason.REVOKED)
    assert Flag.REVOKED_PASS_USED in revoked_in.flags
    assert Flag.REVOKED_PASS_USED in revoked_out.flags
    watched = town.shows(B, 1)
    assert (watched.result, watched.reason) == (Result.REFUSE, Reason.ISOLATING)

    town.tell("gate", "open", A, "--reason", "ambulance")
    opened: Opened = town.records(A, Opened)[-1]
    assert (opened.cause, opened.reason) == (Cause.REMOTE, "ambulance")
    assert town.records(B, Opened) == []

    town.tell("gate", "restart", A, "--reason", "new settings")
    assert town.shows(A, 6).result is Result.ADMIT, "the same process serves again"

    on_the_cards = b"".join(
        path.read_bytes()
        for gate in (A, B)
        for path in (town.compound.folder / gate).rglob("*")
        if path.is_file()
    )
    assert b"A**" in on_the_cards
    for secret in (b"Ann", b"Lee", b"13800138"):
        assert secret not in on_the_cards
    assert b"Ann Lee" in town.compound.database.read_bytes() + _wal_of(town.compound.database)


def _wal_of(database: Path) -> bytes:
    wal = database.with_name(f"{database.name}-wal")
    return wal.read_bytes() if wal.exists() else b""
