"""How far a journal is here without a gap, computed in the database from what it holds.

Nothing but the tables is asked, so the answer does not depend on the order in which batches came or on
which intake took them in. Records and accounted ranges are stepped over in turn until neither helps.
"""

from sqlalchemy import Connection, and_, exists, func, select

from checkpoint.ids import EpochId, GateId, Seq
from collector.intake import Progress
from collector.store.schema import ACCOUNTED, RECORDS


def contiguous_end(
    connection: Connection, gate: GateId, epoch: EpochId, before: Progress
) -> Progress:
    """The highest row up to which everything is stored or accounted for; at least ``before``."""
    upto = before.upto
    while True:
        reached = _over_accounted(
            connection, gate, epoch, _over_records(connection, gate, epoch, upto)
        )
        if reached == upto:
            break
        upto = reached
    if upto == before.upto:
        return before
    return Progress(upto, _hash_at(connection, gate, epoch, upto))


def _over_records(connection: Connection, gate: GateId, epoch: EpochId, upto: Seq) -> Seq:
    """The last row of the unbroken run that begins right after ``upto``."""
    following = RECORDS.alias()
    here = and_(RECORDS.c.gate == gate, RECORDS.c.epoch == epoch)
    begins = select(RECORDS.c.seq).where(here, RECORDS.c.seq == upto + 1)
    if connection.execute(begins).first() is None:
        return upto
    last = (
        select(RECORDS.c.seq)
        .where(
            here,
            RECORDS.c.seq > upto,
            ~exists().where(
                following.c.gate == gate,
                following.c.epoch == epoch,
                following.c.seq == RECORDS.c.seq + 1,
            ),
        )
        .order_by(RECORDS.c.seq)
        .limit(1)
    )
    return Seq(connection.execute(last).scalar_one())


def _over_accounted(connection: Connection, gate: GateId, epoch: EpochId, upto: Seq) -> Seq:
    furthest = connection.execute(
        select(func.max(ACCOUNTED.c.last)).where(
            ACCOUNTED.c.gate == gate, ACCOUNTED.c.epoch == epoch, ACCOUNTED.c.first <= upto + 1
        )
    ).scalar_one()
    return Seq(max(upto, furthest or 0))


def _hash_at(connection: Connection, gate: GateId, epoch: EpochId, seq: Seq) -> str:
    """As stored; else as the gate gave it with a row that does not verify; else empty."""
    stored: str | None = connection.execute(
        select(RECORDS.c.hash).where(
            RECORDS.c.gate == gate, RECORDS.c.epoch == epoch, RECORDS.c.seq == seq
        )
    ).scalar_one_or_none()
    if stored is not None:
        return stored
    given = connection.execute(
        select(func.max(ACCOUNTED.c.hash)).where(
            ACCOUNTED.c.gate == gate, ACCOUNTED.c.epoch == epoch, ACCOUNTED.c.last == seq
        )
    ).scalar_one()
    return given or ""
