"""Who is where, as the journal's ledger has it: for whoever shows it and must not disturb who writes it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from checkpoint.ids import PersonId
from checkpoint.policy import Direction
from sync.journal import ledger

PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Presence:
    """Real crossings of this gate's lane since a moment, and everybody's last one at any gate."""

    came_in: int
    went_out: int
    last_way: Mapping[PersonId, Direction]


def presence(journal: Path, since_us: int) -> Presence | None:
    """None where the journal cannot be asked."""
    uri = f"{journal.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE_S)) as connection:
            own = ledger.own_since(connection, since_us)
            last_way = ledger.last_ways(connection)
    except sqlite3.Error:
        return None
    return Presence(own.get(Direction.IN, 0), own.get(Direction.OUT, 0), last_way)
