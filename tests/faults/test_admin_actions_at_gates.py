"""What the staff does at the centre, as gates obey it: real dispatch, broker, sync and the gate's own knowledge."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from checkpoint.entry_pass import Claims, Kind, issue_pass, key_id
from checkpoint.ids import CompoundId, GateId, HouseholdId, PersonId
from checkpoint.people import Colour, Household, Resident
from checkpoint.rules.history import NO_HISTORY
from collector.actions import admin_actions
from collector.domain.people import People
from collector.store.database import database_url, migrate, opened_database, renew_generation
from collector.store.orders import AdminAction
from config.policies import load_policy
from config.trust import Trust
from kiosk.files.trusted_state import TrustedState
from sync.program import Place, SyncProgram, introduction
from sync.store.reader import SyncReader
from sync.wire.link import Link
from sync.wire.session import Address
from tests.broker import Broker
from tests.collector.processes.dispatching import dispatching
from tests.ending import joined
from tests.patience import PATIENCE_S

COMPOUND, HOME, ANN = CompoundId(1), HouseholdId("7-301"), PersonId("P1")


class Gate:
    """Its sync program in a thread, and what the scan loop beside it knows."""

    def __init__(self, name: str, folder: Path, broker: Broker, trust: Trust) -> None:
        place = Place(GateId(name), COMPOUND, folder / name, "test")
        self._stop = threading.Event()

        def sync() -> None:
            link = Link(Address("127.0.0.1", broker.port), introduction(place))
            SyncProgram(place, trust, link).run(self._stop)

        self._thread = threading.Thread(target=sync)
        self._thread.start()
        self.trusted_state = TrustedState(
            trust, SyncReader(place.store), COMPOUND, load_policy("ordinary")
        )

    def colour(self) -> Colour | None:
        """Of the one household."""
        self.trusted_state.refresh()
        roster = self.trusted_state.roster()
        return roster.households[HOME].colour if roster else None

    def calls_revoked(self, text: str) -> bool:
        """Whether the next scan of this pass would be refused for it."""
        self.trusted_state.refresh()
        return self.trusted_state.identify(text, lambda *_: NO_HISTORY).standing.revoked

    def close(self) -> None:
        self._stop.set()
        joined(self._thread)
        self.trusted_state.close()


class Town:
    """A centre and its gates."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self._folder, self._broker = folder, broker
        self._operations, self._issuer = (Ed25519PrivateKey.generate() for _ in range(2))
        operations, passes = (
            {key_id(key.public_key()): key.public_key()} for key in (self._operations, self._issuer)
        )
        self._trust = Trust(passes=passes, operations=operations)
        self._database = folder / "collector.db"
        self._url = database_url(str(self._database), folder)
        with self._writing() as engine:
            migrate(engine)
        self.gates: list[Gate] = []
        home = Household(id=HOME, building="7", unit="301")
        ann = Resident(id=ANN, name="Ann Lee", household=HOME)
        self.do(
            admin_actions.import_people,
            People(compound=COMPOUND, households=(home,), residents=(ann,)),
        )

    def pass_text(self, serial: int) -> str:
        """A genuine pass of Ann's."""
        now_s = int(time.time())
        claims = Claims(ANN, serial, COMPOUND, now_s - 60, now_s + 3600, Kind.RESIDENT)
        return issue_pass(claims, self._issuer)

    def do(self, action: Callable[..., object], *what: object) -> None:
        done = AdminAction(who="Wang", reason="test", at_us=time.time_ns() // 1000)
        with self._writing() as engine, engine.begin() as connection:
            action(connection, done, *what)

    def add_gate(self, name: str) -> None:
        self.gates.append(Gate(name, self._folder, self._broker, self._trust))

    def dispatching(self) -> AbstractContextManager[None]:
        return dispatching(self._url, self._operations, self._broker.port)

    def back_up(self) -> Path:
        """Nobody has the database open now, so all of it is in the one file."""
        backup = self._folder / "backup.db"
        shutil.copy(self._database, backup)
        return backup

    def restore(self, backup: Path) -> None:
        for file in self._folder.glob("collector.db*"):
            file.unlink()
        shutil.copy(backup, self._database)
        with self._writing() as engine, engine.begin() as connection:
            renew_generation(connection)

    def wait(self, holds: Callable[[Gate], bool]) -> None:
        """Until it holds at every gate."""
        deadline = time.monotonic() + PATIENCE_S
        while not all(holds(gate) for gate in self.gates):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def close(self) -> None:
        for gate in self.gates:
            gate.close()

    def _writing(self) -> AbstractContextManager[Engine]:
        return opened_database(self._url, writes=True)


@pytest.fixture
def town(tmp_path: Path, broker: Broker) -> Iterator[Town]:
    town = Town(tmp_path, broker)
    yield town
    town.close()


def test_fault_7_a_revoked_pass_is_refused_at_every_gate_until_it_is_restored(town: Town) -> None:
    old, new = town.pass_text(1), town.pass_text(2)
    for name in ("east-in", "east-out", "west"):
        town.add_gate(name)
    with town.dispatching():
        town.wait(lambda gate: gate.colour() is Colour.GREEN)
        town.do(admin_actions.revoke_below, COMPOUND, ANN, 2)
        town.wait(lambda gate: gate.calls_revoked(old) and not gate.calls_revoked(new))
        town.do(admin_actions.revoke_pass, COMPOUND, ANN, 2)
        town.wait(lambda gate: gate.calls_revoked(new))
        town.do(admin_actions.restore_below, COMPOUND, ANN, 0)
        town.do(admin_actions.restore_pass, COMPOUND, ANN, 2)
        town.wait(lambda gate: not (gate.calls_revoked(old) or gate.calls_revoked(new)))


def test_a_gate_that_was_off_obeys_what_happened_meanwhile(town: Town) -> None:
    with town.dispatching():
        town.add_gate("east-in")
        town.wait(lambda gate: gate.colour() is Colour.GREEN)
        town.gates.pop().close()
        town.do(admin_actions.set_colour, COMPOUND, HOME, Colour.ORANGE)
        town.add_gate("east-in")
        town.wait(lambda gate: gate.colour() is Colour.ORANGE)


def test_what_gates_have_of_a_time_that_a_restored_database_lost_does_not_stay(town: Town) -> None:
    town.add_gate("east-in")
    with town.dispatching():
        town.wait(lambda gate: gate.colour() is Colour.GREEN)
        # Told once the broker has a whole roster, in which the household is green.
        town.do(admin_actions.revoke_pass, COMPOUND, ANN, 8)
        town.wait(lambda gate: gate.calls_revoked(town.pass_text(8)))
    backup = town.back_up()
    with town.dispatching():
        town.do(admin_actions.set_colour, COMPOUND, HOME, Colour.RED)
        town.wait(lambda gate: gate.colour() is Colour.RED)
    town.restore(backup)
    # An action of the new time, of somebody else: alone it must not lead from the lost roster to a mixed one.
    town.do(admin_actions.revoke_pass, COMPOUND, ANN, 9)
    with town.dispatching():
        town.wait(lambda gate: gate.colour() is Colour.GREEN)
        town.wait(lambda gate: gate.calls_revoked(town.pass_text(9)))
