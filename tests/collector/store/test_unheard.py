"""Of which gates the others are told that their passages may be missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from checkpoint.ids import CompoundId, GateId
from collector.store.commit import take_in_state
from collector.store.crossings import BACK_US, unheard_gates
from collector.store.database import database_url, migrate, open_database
from sync.wire.messages import LATE_AFTER_S, StateMessage

COMPOUND, EAST, WEST = CompoundId(1), GateId("east"), GateId("west")
NOW_US = 1_900_000_000_000_000
HERE = StateMessage(online=True, unsynced=3)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(database_url("collector.db", tmp_path), writes=True)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("states", "unheard"),
    [
        ([(HERE, 0)], ()),
        ([(HERE, -LATE_AFTER_S * 1_000_000)], ()),
        # Intake stands still, or the gate is gone and the broker has not noticed.
        ([(HERE, -LATE_AFTER_S * 1_000_000 - 1)], (WEST,)),
        ([(HERE, 0), (StateMessage(online=False), 0)], (WEST,)),
        # Back after a day: what it saw meanwhile is on its way.
        ([(StateMessage(online=True, unsynced=7000), 0)], (WEST,)),
        ([(StateMessage(online=True, unsynced=7000), -20_000_000), (HERE, 0)], ()),
        # Taken down for good.
        ([(HERE, -BACK_US - 1), (StateMessage(online=False), -BACK_US)], ()),
    ],
)
def test_a_gate_counts_as_heard_while_what_it_has_seen_is_here(
    database: Engine, states: list[tuple[StateMessage, int]], unheard: tuple[GateId, ...]
) -> None:
    with database.begin() as connection:
        for state, after_us in states:
            _say(connection, WEST, state, after_us)
        _say(connection, EAST, HERE, 0)
        assert unheard_gates(connection, COMPOUND, NOW_US) == unheard


def _say(connection: Connection, gate: GateId, state: StateMessage, after_us: int) -> None:
    take_in_state(connection, COMPOUND, gate, state, NOW_US + after_us)
