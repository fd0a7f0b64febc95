"""The ledger of all gates: what they have reported of crossings, in the order in which the centre learnt of it.

Gates follow it by its ids, so an id must never become visible after a higher one. SQLite has one writer at
a time. PostgreSQL gives out ids when rows are inserted, but shows them when their transactions commit, in
whatever order that is: so whoever inserts here takes a lock first and keeps it until the commit. It binds
only those who bring crossings.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, or_, select, text

from checkpoint.ids import CompoundId, GateId, HouseholdId, PersonId, Seq
from checkpoint.policy import Direction
from checkpoint.records import Crossing, Evidence
from checkpoint.rules.history import LedgerEntry
from collector.domain.batch_check import Delivery
from collector.store.database import insert_many_or_ignore
from collector.store.down_schema import CROSSINGS
from collector.store.schema import GATES
from sync.wire.messages import LATE_AFTER_S

BACK_US: Final = 31 * 86_400_000_000
"""A gate that says nothing of how far it has come begins with what is at most this old."""
MUCH_UNSYNCED: Final = 100
"""More rows than this wait at a gate only where it was cut off, or intake does not follow."""

COLUMNS: Final = (
    "compound", "gate", "epoch", "seq", "of_us", "said_us", "person", "serial", "household", "direction",
    "how", "charged_day", "provisional",
)  # fmt: skip
# The number is ours alone: "cross" in ASCII.
_LOCK: Final = text("SELECT pg_advisory_xact_lock(427121668979)")
_AFTER: Final = (
    select(CROSSINGS)
    .where(CROSSINGS.c.compound == bindparam("compound"), CROSSINGS.c.id > bindparam("after"))
    .order_by(CROSSINGS.c.id)
    .limit(bindparam("most"))
)
_NEWEST: Final = select(func.max(CROSSINGS.c.id)).where(
    CROSSINGS.c.compound == bindparam("compound")
)
_FIRST_SINCE: Final = select(func.min(CROSSINGS.c.id)).where(
    CROSSINGS.c.compound == bindparam("compound"), CROSSINGS.c.of_us >= bindparam("since_us")
)

_LAST_SEEN: Final = select(func.max(GATES.c.seen_us)).where(
    GATES.c.compound == bindparam("compound")
)
_UNHEARD: Final = (
    select(GATES.c.gate)
    .where(
        GATES.c.compound == bindparam("compound"),
        GATES.c.seen_us >= bindparam("since_us"),
        or_(
            GATES.c.online.is_(False),
            GATES.c.seen_us < bindparam("late_us"),
            GATES.c.unsynced > MUCH_UNSYNCED,
        ),
    )
    .order_by(GATES.c.gate)
)


def crossings_after(
    connection: Connection, compound: CompoundId, after: int, most: int
) -> tuple[tuple[LedgerEntry, ...], int]:
    """Up to ``most`` entries behind this id, and the id of the last of them."""
    place = {"compound": compound, "after": after, "most": most}
    rows = connection.execute(_AFTER, place).all()
    return tuple(map(entry_of, rows)), rows[-1].id if rows else after


def newest_crossing(connection: Connection, compound: CompoundId) -> int:
    """The id of the newest entry; 0: there is none."""
    return connection.execute(_NEWEST, {"compound": compound}).scalar_one() or 0


def beginning(connection: Connection, compound: CompoundId, now_us: int) -> int:
    """The id behind which everything lies that happened within BACK_US."""
    place = {"compound": compound, "since_us": now_us - BACK_US}
    first = connection.execute(_FIRST_SINCE, place).scalar_one()
    return newest_crossing(connection, compound) if first is None else first - 1


def unheard_gates(connection: Connection, compound: CompoundId, now_us: int) -> tuple[GateId, ...]:
    """Gates whose crossings may be missing here: offline, not heard of lately, or with a backlog.

    One that has been offline for long is taken to be no more.
    """
    last_us = connection.execute(_LAST_SEEN, {"compound": compound}).scalar_one() or 0
    place = {
        "compound": compound,
        "since_us": last_us - BACK_US,
        "late_us": now_us - LATE_AFTER_S * 1_000_000,
    }
    return tuple(GateId(gate) for gate in connection.execute(_UNHEARD, place).scalars())


def enter_crossings(
    connection: Connection,
    compound: CompoundId,
    delivery: Delivery,
    crossings: Sequence[tuple[Seq, Crossing]],
) -> None:
    """Enter what a batch brings."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    rows = [
        (
            compound,
            delivery.gate,
            delivery.epoch,
            seq,
            crossing.passage_at_us,
            crossing.stamp.at_us,
            crossing.bearer.person,
            crossing.bearer.serial,
            crossing.household,
            crossing.direction.value,
            crossing.how.value,
            None if crossing.charged_day is None else crossing.charged_day.isoformat(),
            crossing.provisional,
        )
        for seq, crossing in crossings
    ]
    insert_many_or_ignore(connection, "crossings", COLUMNS, rows)


def entry_of(row: Row[Any]) -> LedgerEntry:
    """A row of CROSSINGS as gates know it."""
    return LedgerEntry(
        gate=GateId(row.gate),
        passage_at_us=row.of_us,
        recorded_at_us=row.said_us,
        seq=Seq(row.seq),
        person=PersonId(row.person),
        serial=row.serial,
        household=None if row.household is None else HouseholdId(row.household),
        direction=Direction(row.direction),
        how=Evidence(row.how),
        charged_day=None if row.charged_day is None else date.fromisoformat(row.charged_day),
    )
