"""What dispatch sends to gates over a real broker, out of a real database."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import URL, Connection, update

from checkpoint.ids import CompoundId, GateId, HouseholdId, PersonId, Revision
from checkpoint.people import Colour, Household, Resident
from checkpoint.records import CommandKind
from collector.actions import admin_actions
from collector.domain.batch_check import examine
from collector.domain.people import People
from collector.processes.compose import Composer
from collector.store.commit import take_in
from collector.store.database import database_url, db_generation, migrate, open_database
from collector.store.orders import AdminAction
from collector.store.schema import META
from config.policies import load_policy
from sync.wire.signed import Purpose, sign
from tests.broker import Broker
from tests.collector.gate_below import GateBelow
from tests.collector.processes.dispatching import dispatching
from tests.collector.store.outings import FIRST_DAY, GATE_A, GATE_B, Outing, messages

COMPOUND = CompoundId(1)
GATE = GateId("gate-a")
HOME = HouseholdId("7-301")


def people(count: int = 3) -> People:
    homes = tuple(
        Household(id=HouseholdId(f"7-{300 + n}"), building="7", unit=str(300 + n))
        for n in range(1, count + 1)
    )
    residents = tuple(
        Resident(id=PersonId(f"P{n:07}"), name="张小三", household=home.id, phone=f"1380013{n:04}")
        for n, home in enumerate(homes, start=1)
    )
    return People(compound=COMPOUND, households=homes, residents=residents)


class Centre:
    """A database, a key, and dispatch while it is running."""

    def __init__(self, url: URL, broker: Broker) -> None:
        self.broker, self.key = broker, Ed25519PrivateKey.generate()
        self._url = url
        self.engine = open_database(self._url, writes=True)
        migrate(self.engine)

    def do(self, action: Callable[..., object], *what: object) -> None:
        """Do an action in a transaction of its own."""
        done = AdminAction(who="Wang", reason="as the clinic said", at_us=time.time_ns() // 1000)
        with self.engine.begin() as connection:
            action(connection, done, *what)

    def write(self, change: Callable[[Connection], object]) -> None:
        """Tamper with the database."""
        with self.engine.begin() as connection:
            change(connection)

    def cursor(self, id_: int) -> str:
        """The cursor of whoever has everything up to this crossing."""
        with self.engine.begin() as connection:
            return Composer(db_generation(connection)).cursor_at(id_)

    def take(self, outings: list[Outing]) -> None:
        """Take in what gates report of outings, as intake does."""
        with self.engine.begin() as connection:
            for gate, payload in messages(outings):
                take_in(connection, COMPOUND, examine(gate, payload), time.time_ns() // 1000, 0)

    def dispatching(self) -> AbstractContextManager[None]:
        """Dispatch runs."""
        return dispatching(self._url, self.key, self.broker.port)

    @contextmanager
    def gate(self, name: str = "gate-a") -> Iterator[GateBelow]:
        """A gate that listens."""
        gate = GateBelow(self.broker.port, self.key, name)
        try:
            yield gate
        finally:
            gate.close()


@pytest.fixture
def centre(tmp_path: Path, broker: Broker) -> Iterator[Centre]:
    centre = Centre(database_url("collector.db", tmp_path), broker)
    yield centre
    centre.engine.dispose()


def colour_of(gate: GateBelow, home: HouseholdId = HOME) -> Colour | None:
    return gate.roster.households[home].colour if gate.roster else None


def test_an_imported_roster_is_published_whole_and_a_new_colour_as_a_change_under_1_kb(
    centre: Centre,
) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.dispatching(), centre.gate() as gate:
        gate.until(lambda: gate.roster is not None)
        assert gate.roster is not None
        first = gate.roster.residents[PersonId("P0000001")]
        assert (first.name, first.phone) == ("张**", "0001")
        centre.do(admin_actions.set_colour, COMPOUND, HOME, Colour.RED)
        gate.until(lambda: colour_of(gate) is Colour.RED)
        change, length = gate.heard[gate.leaves().index("roster-change")]
        assert not change.retained
        assert length < 1000


def test_the_whole_roster_is_retained_and_a_change_is_not(centre: Centre) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.dispatching():
        with centre.gate() as gate:
            gate.until(lambda: gate.roster is not None)
            centre.do(admin_actions.set_colour, COMPOUND, HOME, Colour.RED)
            gate.until(lambda: colour_of(gate) is Colour.RED)
        with centre.gate("gate-b") as late:
            late.until(lambda: late.roster is not None)
            assert late.leaves()[0] == "roster*"
            assert colour_of(late) is Colour.GREEN
            late.say_want()
            late.until(lambda: colour_of(late) is Colour.RED)
            assert [leaf for leaf in late.leaves() if leaf.startswith("roster")] == [
                "roster*",
                "roster-change",
            ]


def test_a_gate_that_has_no_roster_and_says_so_gets_the_whole_one(centre: Centre) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.dispatching(), centre.gate() as gate:
        gate.until(lambda: gate.roster is not None)
        gate.roster = None
        gate.say_want()
        gate.until(lambda: gate.roster is not None)
        whole = [each.topic for each, _ in gate.heard if each.topic.endswith("/roster")]
        assert whole[-1] == "gatepost/1/1/gate-a/down/roster"


def test_a_gate_whose_roster_the_centre_never_issued_gets_the_whole_one(centre: Centre) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.dispatching(), centre.gate() as gate:
        gate.until(lambda: gate.roster is not None)
        assert gate.roster is not None
        issued = gate.revision
        gate.roster = replace(gate.roster, revision=Revision(issued - 1))
        gate.say_want()
        gate.until(lambda: gate.revision == issued)
        assert "roster-change" not in gate.leaves()


def test_a_gate_that_is_ahead_of_the_centre_makes_it_sign_anew(centre: Centre) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.dispatching(), centre.gate() as gate:
        gate.until(lambda: gate.roster is not None)
        assert gate.roster is not None
        ahead = Revision(gate.revision + 3_600_000_000)
        gate.roster = replace(gate.roster, revision=ahead)
        gate.say_want()
        gate.until(lambda: gate.revision > ahead)
        assert "roster-change" not in gate.leaves()


def test_a_gate_that_comes_from_another_compound_gets_all_of_this_one(centre: Centre) -> None:
    centre.do(admin_actions.import_people, people())
    centre.do(admin_actions.set_policy, COMPOUND, load_policy("one-outing-a-day"))
    centre.do(admin_actions.set_notices, COMPOUND, ("明天停水",))
    with centre.dispatching(), centre.gate() as gate:
        gate.until(lambda: None not in [gate.roster, gate.policy, gate.notices])
        assert gate.roster and gate.policy and gate.notices  # noqa: PT018 (for mypy)
        ahead = Revision(gate.revision + 3_600_000_000)
        gate.roster = replace(gate.roster, revision=ahead)
        there = msgspec.structs.replace(gate.policy.policy, revision=ahead)
        gate.policy = msgspec.structs.replace(gate.policy, policy=there)
        gate.notices = msgspec.structs.replace(gate.notices, revision=ahead)
        gate.say_want()
        gate.until(lambda: gate.revision > ahead)
        gate.until(lambda: gate.policy is not None and gate.policy.policy.revision > ahead)
        gate.until(lambda: gate.notices is not None and gate.notices.revision > ahead)


def test_two_collectors_at_one_broker_do_not_outbid_each_other_without_end(centre: Centre) -> None:
    centre.do(admin_actions.import_people, people())

    def hear_from_the_other(gate: GateBelow) -> int:
        revision = gate.revision + 3_600_000_000
        body = f'{{"compound":1,"revision":{revision},"households":[],"residents":[]}}'
        message = sign(Purpose.ROSTER, body.encode(), centre.key)
        gate.publish("gatepost/1/1/down/roster", message)
        gate.until(lambda: gate.revision >= revision)
        return revision

    with centre.dispatching(), centre.gate() as gate:
        gate.until(lambda: gate.roster is not None)
        first = hear_from_the_other(gate)
        gate.until(lambda: gate.revision > first)
        second = hear_from_the_other(gate)
        for _ in range(30):
            gate.listen(0.1)
        assert gate.revision == second, "it holds back for a minute"


def test_after_a_restart_gates_are_told_what_changed_meanwhile(centre: Centre) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.gate() as gate:
        with centre.dispatching():
            gate.until(lambda: gate.roster is not None)
        centre.do(admin_actions.set_colour, COMPOUND, HOME, Colour.ORANGE)
        with centre.dispatching():
            gate.until(lambda: colour_of(gate) is Colour.ORANGE)
        assert gate.leaves().count("roster") == 1


def test_another_generation_of_the_database_is_signed_anew_whole(centre: Centre) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.gate() as gate:
        with centre.dispatching():
            gate.until(lambda: gate.roster is not None)
        before = gate.revision
        centre.write(
            lambda connection: connection.execute(
                update(META).where(META.c.key == "db_generation").values(value="another")
            )
        )
        with centre.dispatching():
            gate.until(lambda: gate.revision > before)
        assert "roster-change" not in gate.leaves()


def test_policy_and_notices_are_published_at_once_and_retained(centre: Centre) -> None:
    with centre.dispatching():
        centre.do(admin_actions.set_policy, COMPOUND, load_policy("one-outing-a-day"))
        centre.do(admin_actions.set_notices, COMPOUND, ("明天停水",))
        with centre.gate() as gate:
            gate.until(lambda: gate.policy is not None and gate.notices is not None)
            assert gate.policy is not None
            assert gate.notices is not None
            assert gate.policy.policy.name == "one-outing-a-day"
            assert gate.policy.policy.revision > 1_700_000_000_000_000
            assert gate.notices.notices == ("明天停水",)


def test_a_command_is_sent_once_and_never_retained(centre: Centre) -> None:
    with centre.gate() as gate:
        with centre.dispatching():
            centre.do(admin_actions.command_gate, COMPOUND, GATE, CommandKind.OPEN)
            gate.until(lambda: bool(gate.commands))
        # What is in force in a compound brings it pages, also where no want was heard.
        centre.do(admin_actions.set_notices, COMPOUND, ("x",))
        with centre.dispatching():
            gate.until(lambda: gate.leaves().count("passages") > 1)
        assert len(gate.commands) == 1
        command = gate.commands[0]
        assert (command.kind, command.issued_by) == (CommandKind.OPEN, "Wang")
        assert command.expires_us - command.issued_us == 30_000_000
    with centre.gate() as later:
        later.listen(0.5)
        assert later.commands == []


def test_a_command_that_expired_while_nobody_dispatched_is_never_sent(centre: Centre) -> None:
    done = AdminAction(who="Wang", reason="late", at_us=time.time_ns() // 1000 - 31_000_000)
    with centre.engine.begin() as connection:
        admin_actions.command_gate(connection, done, COMPOUND, GATE, CommandKind.OPEN)
    with centre.dispatching(), centre.gate() as gate:
        centre.do(admin_actions.command_gate, COMPOUND, GATE, CommandKind.REMEASURE)
        gate.until(lambda: bool(gate.commands))
        assert [each.kind for each in gate.commands] == [CommandKind.REMEASURE]


def test_a_broker_that_lost_everything_gets_its_copies_again(centre: Centre) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.dispatching():
        with centre.gate() as gate:
            gate.until(lambda: gate.roster is not None)
        centre.broker.kill()
        centre.broker.start()
        with centre.gate("gate-b") as fresh:
            fresh.until(lambda: fresh.roster is not None)


def test_what_one_gate_reports_every_gate_of_the_compound_hears(centre: Centre) -> None:
    with centre.dispatching(), centre.gate() as gate:
        gate.say_want()
        gate.until(lambda: gate.cursor != "")
        assert gate.entries == []
        centre.take([Outing(GATE_A, 0, 1), Outing(GATE_B, 0, 4)])
        gate.until(lambda: len(gate.entries) == 2)
        assert [entry.gate for entry in gate.entries] == [GATE_A, GATE_B]


def test_an_empty_page_goes_out_again_and_again(centre: Centre) -> None:
    centre.do(admin_actions.set_notices, COMPOUND, ("x",))
    with centre.dispatching(), centre.gate() as gate:
        gate.until(lambda: gate.leaves().count("passages") >= 3)


def test_every_page_tells_of_the_newest_revisions_and_is_later_than_the_one_before(
    centre: Centre,
) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.dispatching(), centre.gate() as gate:
        gate.until(lambda: gate.roster is not None)
        centre.do(admin_actions.set_colour, COMPOUND, HOME, Colour.RED)
        centre.do(admin_actions.set_notices, COMPOUND, ("x",))
        gate.until(lambda: bool(gate.pages) and gate.pages[-1].notices is not None)
        gate.say_want()
        gate.until(lambda: len(gate.pages) >= 3)
        assert gate.pages[-1].roster == gate.revision
        assert gate.notices is not None
        assert gate.pages[-1].notices == gate.notices.revision
        assert gate.pages[-1].policy is None
        times_us = [page.at_us for page in gate.pages]
        assert times_us == sorted(set(times_us))


def test_a_gate_that_was_away_is_told_what_follows_on_its_cursor_and_nothing_twice(
    centre: Centre,
) -> None:
    with centre.dispatching(), centre.gate() as gate:
        gate.say_want()
        gate.until(lambda: gate.cursor != "")
        cursor, entries = gate.cursor, gate.entries
    with centre.dispatching():
        centre.take([Outing(GATE_A, 0, hour) for hour in range(6)])
        with centre.gate() as again:
            again.cursor, again.entries = cursor, entries
            again.say_want()
            again.until(lambda: len(again.entries) == 6)
            assert [entry.seq for entry in again.entries] == [1, 2, 3, 4, 5, 6]


def test_a_cursor_of_another_database_begins_with_the_last_31_days(centre: Centre) -> None:
    now = datetime.now(UTC)
    today = (now.date() - FIRST_DAY).days
    centre.take([Outing(GATE_A, today - 40, 1), Outing(GATE_A, today - 20, 2)])
    with centre.dispatching(), centre.gate() as gate:
        gate.cursor = "another:7"
        gate.say_want()
        gate.until(lambda: bool(gate.entries))
        assert [entry.seq for entry in gate.entries] == [2]
        assert gate.cursor.split(":")[0] != "another"


def test_many_crossings_come_in_pages_that_follow_on_each_other(centre: Centre) -> None:
    centre.take([Outing(GATE_A, n // 20, n % 20) for n in range(2300)])
    with centre.dispatching(), centre.gate() as gate:
        gate.cursor = centre.cursor(0)
        gate.say_want()
        gate.until(lambda: len(gate.entries) >= 2300)
        assert [entry.seq for entry in gate.entries] == list(range(1, 2301))


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("gatepost/1/1/gate-x/up/want", b"{"),
        ("gatepost/1/1/gate-x/up/want", b"[" * 50_000),
        ("gatepost/1/1/gate-x/up/want", b'{"roster":-1}'),
        ("gatepost/1/1/gate-x/up/want", b'{"roster":99999999999999999999999}'),
        ("gatepost/1/1/gate-x/up/want", b'{"passages":"' + b"x" * 101 + b'"}'),
        ("gatepost/1/99999999999999999999999/gate-x/up/want", b"{}"),
        ("gatepost/1/1/down/roster", b"{}"),
        ("gatepost/1/x/down/policy", b"{}"),
    ],
)
def test_nonsense_stops_nobody(centre: Centre, topic: str, payload: bytes) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.dispatching(), centre.gate() as gate:
        gate.publish(topic, payload)
        gate.until(lambda: gate.roster is not None)
        gate.roster = None
        gate.say_want()
        gate.until(lambda: gate.roster is not None)


def test_fault_55_a_locked_database_only_delays(centre: Centre) -> None:
    centre.do(admin_actions.import_people, people())
    with centre.dispatching(), centre.gate() as gate:
        gate.until(lambda: gate.roster is not None)
        with centre.engine.begin() as connection:
            now = AdminAction(who="Wang", reason="x", at_us=time.time_ns() // 1000)
            admin_actions.command_gate(connection, now, COMPOUND, GATE, CommandKind.LIFT)
            admin_actions.set_colour(connection, now, COMPOUND, HOME, Colour.RED)
            gate.listen(1)
        gate.until(lambda: colour_of(gate) is Colour.RED and bool(gate.commands))
