"""How far a journal is here without a gap, computed in the database from what it holds.

Nothing but the tables is asked, so the answer does not depend on the order in which batches came or on
which intake took them in. Records and accounted ranges are stepped over in turn until neither helps.
"""

from typing import Final

from sqlalchemy import Connection, bindparam, exists, select

from checkpoint.ids import EpochId, GateId, Seq
from collector.domain.ingest import Progress
from collector.store.schema import ACCOUNTED, RECORDS

_FIRST, _FOLLOWING = RECORDS.alias(), RECORDS.alias()
_IN_JOURNAL: Final = (RECORDS.c.gate == bindparam("gate"), RECORDS.c.epoch == bindparam("epoch"))

_END_OF_RUN: Final = (
    select(RECORDS.c.seq, RECORDS.c.hash)
    .where(
        *_IN_JOURNAL,
        RECORDS.c.seq > bindparam("upto"),
        exists().where(
            _FIRST.c.gate == bindparam("gate"),
            _FIRST.c.epoch == bindparam("epoch"),
            _FIRST.c.seq == bindparam("upto") + 1,
        ),
        ~exists().where(
            _FOLLOWING.c.gate == RECORDS.c.gate,
            _FOLLOWING.c.epoch == RECORDS.c.epoch,
            _FOLLOWING.c.seq == RECORDS.c.seq + 1,
        ),
    )
    .order_by(RECORDS.c.seq)
    .limit(1)
)
"""The last row of the unbroken run that begins right after ``upto``, if one does."""

_END_OF_ACCOUNTED: Final = (
    select(ACCOUNTED.c.last, ACCOUNTED.c.hash)
    .where(
        ACCOUNTED.c.gate == bindparam("gate"),
        ACCOUNTED.c.epoch == bindparam("epoch"),
        ACCOUNTED.c.first <= bindparam("upto") + 1,
        ACCOUNTED.c.last > bindparam("upto"),
    )
    .order_by(ACCOUNTED.c.last.desc(), ACCOUNTED.c.hash.desc())
    .limit(1)
)

_HASH_AT: Final = select(RECORDS.c.hash).where(*_IN_JOURNAL, RECORDS.c.seq == bindparam("upto"))


def contiguous_end(
    connection: Connection, gate: GateId, epoch: EpochId, before: Progress
) -> Progress:
    """The highest row up to which everything is stored or accounted for; at least ``before``."""
    progress = before
    while True:
        place = {"gate": gate, "epoch": epoch, "upto": progress.upto}
        run = connection.execute(_END_OF_RUN, place).one_or_none()
        if run is not None:
            progress = Progress(Seq(run[0]), run[1])
        place["upto"] = progress.upto
        accounted = connection.execute(_END_OF_ACCOUNTED, place).one_or_none()
        if accounted is None:
            return progress
        place["upto"] = accounted[0]
        # A row that is both stored and accounted for answers for itself.
        stored = connection.execute(_HASH_AT, place).scalar_one_or_none()
        progress = Progress(Seq(accounted[0]), stored if stored is not None else accounted[1])
