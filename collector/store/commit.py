"""What is done to the database for one message, inside the one transaction of the caller.

1. lock the epoch's row and read what bears on the message; 2. let intake judge; 3. write rows, quarantine,
accounted ranges and alerts; 4. step contiguity forward over what is there now, and return how far it is:
the caller may acknowledge that once it has committed, not before.
"""

from typing import Any, Final

from sqlalchemy import Connection, bindparam, or_, select, update

from checkpoint.chain import GENESIS
from checkpoint.ids import CompoundId, EpochId, GateId, Seq
from collector import intake
from collector.arrival import Arrival, Delivery, Rejected, seq_range
from collector.intake import Intake, Known, Neighbour, Progress
from collector.store.alerts import close_alerts, write_alerts
from collector.store.contiguity import contiguous_end
from collector.store.database import insert_or_ignore
from collector.store.schema import ACCOUNTED, EPOCHS, GATES, QUARANTINE, RECORDS
from sync.wire import State

# Built once: making a statement takes SQLAlchemy longer than running it.
_EPOCH: Final = (
    select(EPOCHS.c.upto, EPOCHS.c.hash)
    .where(EPOCHS.c.gate == bindparam("gate"), EPOCHS.c.epoch == bindparam("epoch"))
    .with_for_update()
)
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


def take_in(connection: Connection, arrival: Arrival, now_us: int, fold_us: int) -> Progress:
    """Store what a message brings. Raises SQLAlchemyError, and then nothing of it is stored."""
    if isinstance(arrival, Rejected):
        written = intake.reject(arrival, _known_of_rejected(connection, arrival), now_us)
        _write(connection, arrival.gate, None, written, now_us)
        write_alerts(connection, arrival.gate, written.raised, fold_us)
        return intake.NOTHING
    before = _lock_epoch(connection, arrival)
    written = intake.judge(arrival, _known_of_delivery(connection, arrival), now_us)
    _write(connection, arrival.gate, arrival.epoch, written, now_us)
    write_alerts(connection, arrival.gate, written.raised, fold_us)
    close_alerts(connection, arrival.gate, written.settled)
    progress = contiguous_end(connection, arrival.gate, arrival.epoch, before)
    if progress != before:
        _keep_progress(connection, arrival, progress)
    return progress


def take_in_state(
    connection: Connection, compound: CompoundId, gate: GateId, state: State, now_us: int
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


def _lock_epoch(connection: Connection, delivery: Delivery) -> Progress:
    """How far this epoch was. Until the commit no other intake works on it."""
    place = {"gate": delivery.gate, "epoch": delivery.epoch}
    found = connection.execute(_EPOCH, place).one_or_none()
    if found is None:
        insert_or_ignore(connection, EPOCHS, [{**place, "upto": 0, "hash": GENESIS}])
        found = connection.execute(_EPOCH, place).one()
    return Progress(Seq(found.upto), found.hash)


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


def _known_of_rejected(connection: Connection, rejected: Rejected) -> Known:
    found = connection.execute(
        select(QUARANTINE.c.fingerprint).where(
            QUARANTINE.c.gate == rejected.gate,
            QUARANTINE.c.fingerprint == intake.fingerprint(rejected.content),
        )
    )
    return Known(quarantined=frozenset(found.scalars()))


def _known_of_delivery(connection: Connection, delivery: Delivery) -> Known:
    first, last = seq_range(delivery)
    here = {"gate": delivery.gate, "epoch": delivery.epoch, "first": first, "last": last}
    around = {**here, "first": first - 1, "last": last + 1}
    accounted = {"gate": delivery.gate, "epoch": delivery.epoch}
    return Known(
        rows={
            Seq(seq): Neighbour(prev, hash_)
            for seq, prev, hash_ in connection.execute(_NEIGHBOURS, around)
        },
        accounted=frozenset(
            (Seq(start), Seq(end)) for start, end in connection.execute(_ACCOUNTED, accounted)
        ),
        quarantined=frozenset(connection.execute(_QUARANTINED, here).scalars()),
    )


def _write(
    connection: Connection,
    gate: GateId,
    epoch: EpochId | None,
    written: Intake,
    now_us: int,
) -> None:
    place = {"gate": gate, "epoch": epoch}
    insert_or_ignore(
        connection,
        RECORDS,
        [
            {
                **place,
                "seq": new.row.seq,
                "prev": new.row.prev,
                "salt": new.row.salt,
                "digest": new.row.digest,
                "hash": new.row.hash,
                "body": None if new.kind is None else new.row.body,
                "kind": new.kind,
                "at_us": new.at_us,
                "received_us": now_us,
                "result": new.result,
                "person": new.person,
            }
            for new in written.rows
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
