"""What is done to the database for one message, inside the one transaction of the caller.

1. lock the epoch's row and read what bears on the message; 2. let intake judge; 3. write rows, quarantine,
accounted ranges, alerts and crossings; 4. step contiguity forward over what is there now, and return how far it is:
the caller may acknowledge that once it has committed, not before.
"""

from typing import Any, Final

from sqlalchemy import Connection, bindparam, exists, func, or_, select, update

from checkpoint.chain import GENESIS
from checkpoint.ids import CompoundId, EpochId, GateId, Seq
from checkpoint.rules.history import LedgerEntry
from collector.domain import ingest as intake
from collector.domain.batch_check import Arrival, Delivery, Rejected, runs
from collector.domain.ingest import Intake, Neighbour, Progress, StoredContext
from collector.store.alerts import close_alerts, write_alerts
from collector.store.contiguity import contiguous_end
from collector.store.crossings import enter_crossings
from collector.store.database import insert_many_or_ignore, insert_or_ignore
from collector.store.quota_conflicts import flag_excess
from collector.store.schema import ACCOUNTED, EPOCHS, GATES, QUARANTINE, RECORDS
from collector.store.times import correct_times
from sync.wire.messages import StateMessage

RECORD_COLUMNS: Final = (
    "gate", "epoch", "seq", "prev", "salt", "digest", "hash", "body", "kind", "at_us", "received_us",
    "result", "person",
)  # fmt: skip
# Built once: making a statement takes SQLAlchemy longer than running it.
_PROGRESS: Final = select(EPOCHS.c.upto, EPOCHS.c.hash).where(
    EPOCHS.c.gate == bindparam("gate"), EPOCHS.c.epoch == bindparam("epoch")
)
_EPOCH: Final = (
    select(
        EPOCHS.c.upto,
        EPOCHS.c.hash,
        or_(
            exists().where(
                RECORDS.c.gate == EPOCHS.c.gate,
                RECORDS.c.epoch == EPOCHS.c.epoch,
                RECORDS.c.seq > EPOCHS.c.upto,
            ),
            exists().where(ACCOUNTED.c.gate == EPOCHS.c.gate, ACCOUNTED.c.epoch == EPOCHS.c.epoch),
        ).label("has_more"),
    )
    .where(EPOCHS.c.gate == bindparam("gate"), EPOCHS.c.epoch == bindparam("epoch"))
    .with_for_update(of=EPOCHS)
)
"""``has_more``: rows beyond ``upto`` are stored, or ranges are accounted for."""
_STEP_FORWARD: Final = (
    update(EPOCHS)
    .where(EPOCHS.c.gate == bindparam("gate_"), EPOCHS.c.epoch == bindparam("epoch_"))
    .values(upto=bindparam("upto"), hash=bindparam("hash"))
)
_NEIGHBOURS: Final = select(RECORDS.c.seq, RECORDS.c.prev, RECORDS.c.hash).where(
    RECORDS.c.gate == bindparam("gate"),
    RECORDS.c.epoch == bindparam("epoch"),
    RECORDS.c.seq.between(bindparam("first"), bindparam("last")),
)
_ACCOUNTED: Final = select(ACCOUNTED.c.first, ACCOUNTED.c.last).where(
    ACCOUNTED.c.gate == bindparam("gate"), ACCOUNTED.c.epoch == bindparam("epoch")
)
_QUARANTINED: Final = select(QUARANTINE.c.fingerprint).where(
    QUARANTINE.c.gate == bindparam("gate"),
    QUARANTINE.c.epoch == bindparam("epoch"),
    or_(
        QUARANTINE.c.seq.between(bindparam("first"), bindparam("last")),
        QUARANTINE.c.seq.is_(None),
    ),
)


def take_in(
    connection: Connection, compound: CompoundId, arrival: Arrival, now_us: int, fold_us: int
) -> Progress:
    """Store what a message brings. Raises SQLAlchemyError, and then nothing of it is stored."""
    if isinstance(arrival, Rejected):
        written = intake.reject(arrival, _known_of_rejected(connection, arrival), now_us)
        _write(connection, arrival.gate, None, written, now_us)
        write_alerts(connection, arrival.gate, written.raised, fold_us)
        return intake.NOTHING
    before, has_more = _lock_epoch(connection, arrival)
    known = _known_of_delivery(connection, arrival, before, has_more=has_more)
    written = intake.judge(arrival, known, now_us)
    _write(connection, arrival.gate, arrival.epoch, written, now_us)
    write_alerts(connection, arrival.gate, written.raised, fold_us)
    close_alerts(connection, arrival.gate, written.closed_at_gate)
    correct_times(connection, arrival, written.times)
    if written.crossings:
        enter_crossings(connection, compound, arrival, written.crossings)
        new = [LedgerEntry.of(arrival.gate, *each) for each in written.crossings]
        flag_excess(connection, compound, new, now_us, fold_us)
    last = arrival.items[-1].row if known.is_next else None
    if last is not None:
        progress = Progress(last.seq, last.hash)
    else:
        progress = contiguous_end(connection, arrival.gate, arrival.epoch, before)
    if progress != before:
        _keep_progress(connection, arrival, progress)
    return progress


def take_in_state(
    connection: Connection, compound: CompoundId, gate: GateId, state: StateMessage, now_us: int
) -> None:
    """Keep the gate's latest word on itself; its will says only that it is gone."""
    row: dict[str, Any] = {
        "compound": compound,
        "online": state.online,
        "epoch": state.epoch,
        "version": state.version,
        "last_seq": state.last_seq,
        "unsynced": state.unsynced,
        "devices": state.devices,
        "roster_revision": state.roster_revision,
        "seen_us": now_us,
        "skew_us": None if state.at_us is None else state.at_us - now_us,
    }
    insert_or_ignore(connection, GATES, [{"gate": gate, **row}])
    changes = row if state.online else {"online": False}
    connection.execute(update(GATES).where(GATES.c.gate == gate).values(changes))


def progress_of(connection: Connection, gate: GateId, epoch: EpochId) -> Progress:
    """How far this epoch is."""
    found = connection.execute(_PROGRESS, {"gate": gate, "epoch": epoch}).one_or_none()
    return intake.NOTHING if found is None else Progress(Seq(found.upto), found.hash)


def _lock_epoch(connection: Connection, delivery: Delivery) -> tuple[Progress, bool]:
    """How far this epoch was, and whether there is more of it. Until the commit no other intake works on it."""
    place = {"gate": delivery.gate, "epoch": delivery.epoch}
    found = connection.execute(_EPOCH, place).one_or_none()
    if found is None:
        insert_or_ignore(connection, EPOCHS, [{**place, "upto": 0, "hash": GENESIS}])
        found = connection.execute(_EPOCH, place).one()
    return Progress(Seq(found.upto), found.hash), bool(found.has_more)


def _keep_progress(connection: Connection, delivery: Delivery, progress: Progress) -> None:
    connection.execute(
        _STEP_FORWARD,
        {
            "gate_": delivery.gate,
            "epoch_": delivery.epoch,
            "upto": progress.upto,
            "hash": progress.hash_at_upto,
        },
    )


def _known_of_rejected(connection: Connection, rejected: Rejected) -> StoredContext:
    found = connection.execute(
        select(QUARANTINE.c.fingerprint).where(
            QUARANTINE.c.gate == rejected.gate,
            QUARANTINE.c.fingerprint == intake.fingerprint(rejected.content),
        )
    )
    kept = connection.execute(
        select(func.count()).where(QUARANTINE.c.gate == rejected.gate, QUARANTINE.c.epoch.is_(None))
    )
    return StoredContext(quarantined=frozenset(found.scalars()), messages=kept.scalar_one())


def _known_of_delivery(
    connection: Connection, delivery: Delivery, before: Progress, *, has_more: bool
) -> StoredContext:
    if not has_more and intake.continues(delivery, before):
        row_before = {before.upto: Neighbour("", before.hash_at_upto)} if before.upto else {}
        return StoredContext(rows=row_before, is_next=True)
    journal = {"gate": delivery.gate, "epoch": delivery.epoch}
    rows: dict[Seq, Neighbour] = {}
    quarantined: list[str] = []
    # Run by run: between two rows that are far apart there may be a whole journal.
    for first, last in runs(delivery) or [(Seq(0), Seq(0))]:
        around = {**journal, "first": first - 1, "last": last + 1}
        for seq, prev, hash_ in connection.execute(_NEIGHBOURS, around):
            rows[Seq(seq)] = Neighbour(prev, hash_)
        # Only what may have to be set aside asks what already was.
        if not delivery.is_plain or not rows.keys() <= {first - 1, last + 1}:
            here = {**journal, "first": first, "last": last}
            quarantined += connection.execute(_QUARANTINED, here).scalars()
    accounted = connection.execute(_ACCOUNTED, journal).all()
    return StoredContext(
        rows=rows,
        accounted=frozenset((Seq(start), Seq(end)) for start, end in accounted),
        quarantined=frozenset(quarantined),
    )


def _write(
    connection: Connection,
    gate: GateId,
    epoch: EpochId | None,
    written: Intake,
    now_us: int,
) -> None:
    place = {"gate": gate, "epoch": epoch}
    insert_many_or_ignore(
        connection,
        RECORDS.name,
        RECORD_COLUMNS,
        [
            (gate, epoch, row.seq, row.prev, row.salt, row.digest, row.hash)
            + ((None, None, None) if kind is None else (row.body, kind, at_us))
            + (now_us, result, person)
            for row, kind, at_us, result, person in written.rows
        ],
    )
    insert_or_ignore(
        connection,
        QUARANTINE,
        [
            {
                **place,
                "seq": kept.seq,
                "why": kept.why.value,
                "fingerprint": kept.fingerprint,
                "content": kept.content[: intake.MAX_QUARANTINED_BYTES],
                "received_us": now_us,
            }
            for kept in written.quarantined
        ],
    )
    insert_or_ignore(
        connection,
        ACCOUNTED,
        [
            {**place, "first": each.first, "last": each.last, "hash": each.hash_at_last}
            for each in written.accounted
        ],
    )
