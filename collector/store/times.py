"""Corrected times, in the transaction of the rows that they come from.

What is still to be corrected waits in UNTIMED until a record of the same boot tells when that boot began.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, update

from checkpoint.ids import EpochId, GateId, Seq
from collector.domain.batch_check import Delivery
from collector.domain.clock_correction import Times, Untimed, corrected_us
from collector.store.database import insert_if_new, insert_or_ignore
from collector.store.schema import BOOTS, RECORDS, UNTIMED

_BEGUN: Final = select(BOOTS.c.begun_us).where(
    BOOTS.c.gate == bindparam("gate"), BOOTS.c.boot_id == bindparam("boot_id")
)
_WAITING: Final = select(UNTIMED.c.epoch, UNTIMED.c.seq, UNTIMED.c.uptime_ms).where(
    UNTIMED.c.gate == bindparam("gate"), UNTIMED.c.boot_id == bindparam("boot_id")
)
_NO_LONGER: Final = delete(UNTIMED).where(
    UNTIMED.c.gate == bindparam("gate"), UNTIMED.c.boot_id == bindparam("boot_id")
)
_CORRECT: Final = (
    update(RECORDS)
    .where(
        RECORDS.c.gate == bindparam("gate_"),
        RECORDS.c.epoch == bindparam("epoch_"),
        RECORDS.c.seq == bindparam("seq_"),
    )
    .values(corrected_us=bindparam("us"))
)


def correct_times(connection: Connection, delivery: Delivery, times: Times) -> None:
    """Learn when boots began, and correct what that tells of."""
    for boot_id, begun_us in times.begun_us.items():
        boot = {"gate": delivery.gate, "boot_id": boot_id}
        if insert_if_new(connection, BOOTS, {**boot, "begun_us": begun_us}):
            waiting = connection.execute(_WAITING, boot).all()
            rows = [(EpochId(epoch), Seq(seq), uptime_ms) for epoch, seq, uptime_ms in waiting]
            _correct(connection, delivery.gate, begun_us, rows)
            connection.execute(_NO_LONGER, boot)
    boots: dict[str, list[Untimed]] = {}
    for each in times.untimed:
        boots.setdefault(each.boot_id, []).append(each)
    for boot_id, untimed in boots.items():
        boot = {"gate": delivery.gate, "boot_id": boot_id}
        begun = connection.execute(_BEGUN, boot).scalar_one_or_none()
        if begun is not None:
            rows = [(delivery.epoch, each.seq, each.uptime_ms) for each in untimed]
            _correct(connection, delivery.gate, begun, rows)
        else:
            place = {**boot, "epoch": delivery.epoch}
            waits = [{**place, "seq": each.seq, "uptime_ms": each.uptime_ms} for each in untimed]
            insert_or_ignore(connection, UNTIMED, waits)


def _correct(
    connection: Connection, gate: GateId, begun_us: int, rows: Iterable[tuple[EpochId, Seq, int]]
) -> None:
    changes = [
        {"gate_": gate, "epoch_": epoch, "seq_": seq, "us": us}
        for epoch, seq, uptime_ms in rows
        if (us := corrected_us(begun_us, uptime_ms)) >= 0
    ]
    if changes:
        connection.execute(_CORRECT, changes)
