"""The database itself: migrations, queries, and what it must withstand."""

from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from checkpoint.ids import CompoundId, GateId, PersonId, Seq
from checkpoint.records import Action, Resolution, encode
from checkpoint.verdict import Reason
from collector import store
from collector.domain.alert_state import CaseState
from collector.store.commit import take_in_state
from collector.store.crossings import crossings_after
from collector.store.database import (
    database_url,
    exists,
    migrate,
    open_database,
    opened_database,
)
from collector.store.log import log_after, newest_log
from collector.store.queries import closed_alerts, counts, gates, newest_alerts
from collector.store.schema import METADATA
from sync.wire.messages import StateMessage
from tests.collector.centre import NOW_US, Centre
from tests.collector.journals import (
    EPOCH,
    GATE,
    START_US,
    admitted,
    batch,
    crossing,
    fever,
    journal,
    passage,
    stamp,
)
from tests.collector.store.outings import Outing


def test_the_migrations_make_exactly_the_tables_of_the_schema(centre: Centre) -> None:
    with centre.engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_migrating_again_changes_nothing_and_keeps_the_generation(
    centre: Centre, tmp_path: Path
) -> None:
    centre.acked(batch(journal(admitted(2))))
    migrate(centre.engine)
    again = Centre(tmp_path)
    assert again.db_generation == centre.db_generation
    assert len(again.rows()) == 2
    again.close()


def test_another_database_has_another_generation(centre: Centre, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    other = Centre(folder)
    assert other.db_generation != centre.db_generation
    other.close()


def test_sqlite_syncs_fully_and_lets_readers_go_on(centre: Centre) -> None:
    with centre.engine.begin() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_looking_for_a_database_makes_none(tmp_path: Path) -> None:
    with opened_database(database_url("none.db", tmp_path), writes=False) as engine:
        assert not exists(engine)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("database", "url"),
    [
        ("c.db", "sqlite:////srv/c.db"),
        ("/var/c.db", "sqlite:////var/c.db"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_a_database_is_a_path_beside_the_config_or_an_url(database: str, url: str) -> None:
    assert str(database_url(database, Path("/srv"))) == url


def test_a_batch_that_fails_half_way_leaves_nothing_behind(centre: Centre) -> None:
    with centre.engine.begin() as connection:
        connection.execute(text("DROP TABLE alert_records"))
    with pytest.raises(OperationalError):
        centre.deliver(batch(journal([fever()])))
    assert centre.rows() == {}
    assert centre.alerts() == []


def test_the_log_goes_on_after_the_last_line_seen(centre: Centre) -> None:
    centre.acked(batch(journal(admitted(5))))
    with centre.engine.begin() as connection:
        newest = newest_log(connection, 2)
        assert [row.seq for row in newest] == [5, 4]
        assert [row.seq for row in log_after(connection, newest[1].id, 10)] == [5]
        assert [row.seq for row in log_after(connection, 0, 3)] == [1, 2, 3]


def test_records_are_counted_by_journal(centre: Centre) -> None:
    centre.acked(batch(journal(admitted(5))))
    with centre.engine.begin() as connection:
        (count,) = counts(connection)
    assert (count.gate, count.epoch, count.records, count.distinct_digests) == (GATE, EPOCH, 5, 5)


def test_the_gravest_alerts_stand_first(centre: Centre) -> None:
    centre.acked(batch(journal(["poison", fever("R1"), fever("R2", START_US + 5)])))
    with centre.engine.begin() as connection:
        found = [(row.code, row.subject) for row in newest_alerts(connection, [CaseState.OPEN], 9)]
    assert found == [("FEVER", "R2"), ("FEVER", "R1"), ("RECORD_QUARANTINED", "unreadable")]


def test_a_gates_will_takes_it_offline_and_leaves_the_rest(centre: Centre) -> None:
    gate = GateId("gate-a")
    live = StateMessage(
        online=True, epoch=EPOCH, last_seq=Seq(9), unsynced=2, devices={"lock": "ok"}
    )
    with centre.engine.begin() as connection:
        take_in_state(connection, CompoundId(1), gate, live, NOW_US)
        take_in_state(connection, CompoundId(1), gate, StateMessage(online=False), NOW_US + 5)
        (row,) = gates(connection)
    assert (row.online, row.last_seq, row.unsynced, row.devices) == (False, 9, 2, {"lock": "ok"})
    assert row.seen_us == NOW_US


def resolution(action: Action, passage_at_us: int, at_us: int) -> Resolution:
    """A volunteer's decision on R1's fever at ``of_us``."""
    held = fever("R1", passage_at_us)
    return Resolution(
        stamp=stamp(at_us),
        passage_at_us=passage_at_us,
        action=action,
        by=PersonId("V1"),
        reason="doctor has seen them",
        verdict=Reason.FEVER,
        direction=held.direction,
        direction_basis=held.direction_basis,
        bearer=held.bearer,
    )


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("together", [True, False])
def test_a_fever_settled_at_the_gate_is_closed_with_name_and_reason(
    centre: Centre, action: Action, together: bool
) -> None:
    later_us = START_US + 60_000_000
    decided = resolution(action, START_US, later_us)
    rows = journal([fever("R1", START_US), fever("R2", START_US), decided])
    for part in [rows] if together else [rows[:2], rows[2:]]:
        centre.acked(batch(part))
    assert [(alert.code, alert.subject) for alert in centre.alerts()] == [("FEVER", "R2")]
    with centre.engine.begin() as connection:
        (closed,) = closed_alerts(connection, 9)
    assert (closed.closed_by, closed.note, closed.closed_us) == (
        "V1",
        "doctor has seen them",
        later_us,
    )


def test_a_decision_on_another_fever_closes_nothing(centre: Centre) -> None:
    other_day_us = START_US - 86_400_000_000
    decided = resolution(Action.ADMIT, other_day_us, START_US + 5)
    centre.acked(batch(journal([fever("R1", START_US), decided])))
    assert [alert.subject for alert in centre.alerts()] == ["R1"]


def test_crossings_that_a_database_of_before_has_are_entered_when_it_is_migrated(
    tmp_path: Path,
) -> None:
    engine = open_database(database_url("collector.db", tmp_path), writes=True)
    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    out = Outing(GATE, 3, 9).record()
    bodies = [encode(each) for each in (out, crossing("R7"), passage())]
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO gates VALUES (:gate, 5, 1, NULL, '1', 0, 0, '{}', NULL, 0, NULL)"),
            {"gate": GATE},
        )
        for row in journal(bodies):
            fields = {"gate": GATE, "epoch": EPOCH, **msgspec.structs.asdict(row)}
            kind = msgspec.json.decode(row.body)["kind"]
            connection.execute(
                text(
                    "INSERT INTO records (gate, epoch, seq, prev, salt, digest, hash, body, kind, at_us, "
                    "received_us) VALUES (:gate, :epoch, :seq, :prev, :salt, :digest, :hash, :body, "
                    ":kind, 7, 0)"
                ),
                {**fields, "kind": kind},
            )
    migrate(engine)
    with engine.begin() as connection:
        entries, _ = crossings_after(connection, CompoundId(5), 0, 10)
    assert [(each.seq, each.person, each.household, each.charged_day) for each in entries] == [
        (1, "R1001", "7-301", out.charged_day),
        (2, "R7", None, None),
    ]
    engine.dispose()
