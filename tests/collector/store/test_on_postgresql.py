"""What differs where the collector's database is PostgreSQL: several writers at a time."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, select

from checkpoint.ids import CompoundId, GateId, HouseholdId, Revision
from checkpoint.people import Colour, Household, Roster
from checkpoint.records import CommandKind
from collector.actions import admin_actions
from collector.domain.batch_check import examine
from collector.domain.people import People
from collector.store.commit import take_in
from collector.store.crossings import crossings_after
from collector.store.database import migrate, open_database, snapshot
from collector.store.down_schema import CROSSINGS
from collector.store.orders import AdminAction
from collector.store.queries import open_alerts
from collector.store.revisions import in_force
from collector.store.roster import roster_change, whole_roster
from collector.store.schema import METADATA
from config.policies import load_policy
from tests.broker import Broker
from tests.collector.processes.test_dispatch import HOME, Centre, colour_of, people
from tests.collector.store.outings import GATE_A, GATE_B, Outing, messages
from tests.ending import joined
from tests.postgresql import Postgres, programs

COMPOUND = CompoundId(1)
HOMES = [HouseholdId(f"7-{n}") for n in range(12)]
NOW_US = 1_790_000_000_000_000

pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    folder = programs()
    assert folder is not None
    server = Postgres(folder)
    yield server
    server.close()


@pytest.fixture
def engine(server: Postgres) -> Iterator[Engine]:
    engine = open_database(server.new_database(), writes=True)
    migrate(engine)
    yield engine
    engine.dispose()


def action() -> AdminAction:
    return AdminAction(who="Wang", reason="test", at_us=NOW_US)


def import_homes(engine: Engine) -> None:
    homes = tuple(Household(id=home, building="7", unit=home[2:]) for home in HOMES)
    with engine.begin() as connection:
        admin_actions.import_people(
            connection, action(), People(compound=COMPOUND, households=homes, residents=())
        )


def test_the_migrations_make_exactly_the_tables_of_the_schema(engine: Engine) -> None:
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_crossings_become_visible_in_the_order_of_their_ids(engine: Engine) -> None:
    (_, first), (_, second) = messages([Outing(GATE_A, 0, 1), Outing(GATE_B, 0, 2)])
    done = threading.Event()

    def take_second() -> None:
        with engine.begin() as connection:
            take_in(connection, COMPOUND, examine(GATE_B, second), NOW_US, 0)
        done.set()

    with engine.begin() as connection:
        take_in(connection, COMPOUND, examine(GATE_A, first), NOW_US, 0)
        other = threading.Thread(target=take_second)
        other.start()
        # It would have committed by now if it did not wait for this transaction.
        assert not done.wait(1)
        with engine.begin() as reading:
            assert crossings_after(reading, COMPOUND, 0, 10) == ((), 0)
    joined(other)
    with engine.begin() as connection:
        entries, _ = crossings_after(connection, COMPOUND, 0, 10)
    assert [entry.gate for entry in entries] == [GATE_A, GATE_B]


def test_an_outing_beyond_the_quota_is_told_of_once_by_two_intakes(engine: Engine) -> None:
    with engine.begin() as connection:
        admin_actions.set_policy(
            connection,
            AdminAction(who="Wang", reason="", at_us=1),
            COMPOUND,
            load_policy("one-outing-a-day"),
        )
    told = messages([Outing(GATE_A, 0, 1), Outing(GATE_B, 0, 2)])

    def take(gate: GateId, message: bytes) -> None:
        with engine.begin() as connection:
            take_in(connection, COMPOUND, examine(gate, message), NOW_US, 0)

    threads = [threading.Thread(target=take, args=each) for each in [*told, *told]]
    for thread in threads:
        thread.start()
    joined(*threads)
    with engine.begin() as connection:
        assert len(connection.execute(select(CROSSINGS)).all()) == 2
        alerts = [each.code for each in open_alerts(connection)]
    assert alerts == ["QUOTA_CONFLICT"]


def test_deeds_of_several_people_at_once_are_each_in_every_later_change(engine: Engine) -> None:
    import_homes(engine)
    seen: list[Roster] = []
    stop = threading.Event()

    def follow() -> None:
        with snapshot(engine) as connection:
            revision = in_force(connection, COMPOUND).roster_revision
            assert revision is not None
            roster = Roster.of(whole_roster(connection, COMPOUND, revision))
        ended = False
        while not ended:
            ended = stop.is_set()  # and then looks once more
            with snapshot(engine) as connection:
                now = in_force(connection, COMPOUND).roster_revision
                assert now is not None
                if now > roster.revision:
                    roster = roster.changed(
                        roster_change(connection, COMPOUND, roster.revision, now)
                    )
        seen.append(roster)

    def colour(home: HouseholdId) -> None:
        for each in (Colour.RED, Colour.YELLOW, Colour.ORANGE):
            with engine.begin() as connection:
                admin_actions.set_colour(connection, action(), COMPOUND, home, each)

    follower = threading.Thread(target=follow)
    follower.start()
    staff = [threading.Thread(target=colour, args=(home,)) for home in HOMES[:6]]
    for thread in staff:
        thread.start()
    joined(*staff)
    stop.set()
    joined(follower)
    colours = {home: each.colour for home, each in seen[0].households.items()}
    assert colours == {home: Colour.ORANGE if home in HOMES[:6] else Colour.GREEN for home in HOMES}


def test_dispatch_tells_changes_and_renews_what_a_gate_is_ahead_of(
    server: Postgres, broker: Broker
) -> None:
    centre = Centre(server.new_database(), broker)
    centre.do(admin_actions.import_people, people())
    with centre.dispatching(), centre.gate() as gate:
        gate.until(lambda: gate.roster is not None)
        centre.do(admin_actions.set_colour, COMPOUND, HOME, Colour.RED)
        gate.until(lambda: colour_of(gate) is Colour.RED)
        assert gate.roster is not None
        ahead = Revision(gate.revision + 3_600_000_000)
        gate.roster = replace(gate.roster, revision=ahead)
        gate.say_want()
        gate.until(lambda: gate.revision > ahead)
        centre.take([Outing(GATE_A, 0, 1)])
        centre.do(admin_actions.command_gate, COMPOUND, GATE_A, CommandKind.LIFT)
        gate.until(lambda: bool(gate.entries) and bool(gate.commands))
    centre.engine.dispose()
