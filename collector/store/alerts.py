"""Writing alerts, in the transaction of the rows that raised them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from checkpoint.ids import GateId
from checkpoint.records.alerts import SEVERITY, AlertCode
from collector.domain.alert_grouping import Fold, fold
from collector.domain.alert_state import UNSETTLED, CaseState
from collector.domain.ingest import ClosedAtGate, Raised
from collector.store.cases import act_on
from collector.store.database import insert_or_ignore
from collector.store.schema import ALERT_RECORDS, ALERTS

# Built once: making a statement takes SQLAlchemy longer than running it.
_OPEN: Final = (
    select(
        ALERTS.c.code,
        ALERTS.c.subject,
        ALERTS.c.first_us,
        ALERTS.c.last_us,
        ALERTS.c.count,
        ALERTS.c.id,
    )
    .where(
        ALERTS.c.gate == bindparam("gate"),
        ALERTS.c.state.in_(UNSETTLED),
        ALERTS.c.subject.in_(bindparam("subjects", expanding=True)),
        ALERTS.c.last_us >= bindparam("from_us"),
        ALERTS.c.first_us <= bindparam("until_us"),
    )
    .order_by(ALERTS.c.id)
)
_REPEAT: Final = (
    update(ALERTS)
    .where(ALERTS.c.id == bindparam("id_"))
    .values(first_us=bindparam("first_us"), last_us=bindparam("last_us"), count=bindparam("count"))
)
_NEW: Final = insert(ALERTS).returning(ALERTS.c.id)


def write_alerts(
    connection: Connection, gate: GateId, raised: Sequence[Raised], fold_us: int
) -> None:
    """Fold alerts into the unsettled ones or open new ones, and note which row raised which."""
    if not raised:
        return
    folds = fold(_open_alerts(connection, gate, raised, fold_us), raised, fold_us)
    for each in {id(each): each for each in folds}.values():
        _write_alert(connection, gate, each)
    links = {
        (one.epoch, one.seq, each.id)
        for one, each in zip(raised, folds, strict=True)
        if one.seq is not None
    }
    insert_or_ignore(
        connection,
        ALERT_RECORDS,
        [{"gate": gate, "epoch": epoch, "seq": seq, "alert": id_} for epoch, seq, id_ in links],
    )


def close_alerts(connection: Connection, gate: GateId, closed: Sequence[ClosedAtGate]) -> None:
    """Close the unsettled alerts that decisions at the gate have settled; others stay as they are."""
    for each in closed:
        found = connection.execute(
            select(ALERTS.c.id).where(
                ALERTS.c.gate == gate,
                ALERTS.c.code == each.alert.code.value,
                ALERTS.c.subject == each.alert.subject,
                ALERTS.c.state.in_(UNSETTLED),
                ALERTS.c.first_us <= each.passage_at_us,
                ALERTS.c.last_us >= each.passage_at_us,
            )
        )
        for id_ in found.scalars().all():
            act_on(connection, id_, each.step)


def _open_alerts(
    connection: Connection, gate: GateId, raised: Sequence[Raised], fold_us: int
) -> list[Fold]:
    times_us = [one.at_us for one in raised]
    near = {
        "gate": gate,
        "subjects": list({one.alert.subject for one in raised}),
        "from_us": min(times_us) - fold_us,
        "until_us": max(times_us) + fold_us,
    }
    return [Fold(*row) for row in connection.execute(_OPEN, near)]


def _write_alert(connection: Connection, gate: GateId, each: Fold) -> None:
    times = {"first_us": each.first_us, "last_us": each.last_us, "count": each.count}
    if each.id is not None:
        connection.execute(_REPEAT, {"id_": each.id, **times})
        return
    alert = {
        "gate": gate,
        "code": each.code,
        "severity": int(SEVERITY[AlertCode(each.code)]),
        "subject": each.subject,
        "state": CaseState.OPEN.value,
    }
    each.id = connection.execute(_NEW, {**alert, **times}).scalar_one()
