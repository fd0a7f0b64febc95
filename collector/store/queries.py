"""What the staff page, the command line and the demo read. Each function is one query on one connection."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, RowMapping, Select, Table, func, select

from checkpoint.ids import EpochId, GateId, Seq
from collector.domain.alert_state import AlertCase, CaseState
from collector.store.schema import ALERT_RECORDS, ALERTS, GATES, RECORDS

Row = TypeVar("Row", bound=msgspec.Struct)


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """One alert."""

    id: int
    gate: GateId
    code: str
    severity: int
    subject: str
    state: str
    first_us: int
    last_us: int
    count: int
    acknowledged_by: str | None = None
    acknowledged_us: int | None = None
    closed_by: str | None = None
    closed_us: int | None = None
    note: str | None = None

    @property
    def case(self) -> AlertCase:
        """How far somebody has seen to it."""
        return AlertCase(
            state=CaseState(self.state),
            acknowledged_by=self.acknowledged_by,
            acknowledged_us=self.acknowledged_us,
            closed_by=self.closed_by,
            closed_us=self.closed_us,
            note=self.note,
        )


class GateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A gate's latest word on itself."""

    gate: GateId
    compound: int
    online: bool
    last_seq: int
    unsynced: int
    devices: dict[str, str]
    seen_us: int
    version: str = ""
    roster_revision: int | None = None
    skew_us: int | None = None
    """How far its clock was ahead of ours when it last reported; None: it did not say."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of one journal are stored."""

    gate: GateId
    epoch: EpochId
    records: int
    distinct_digests: int


def columns(table: Table, row: type[msgspec.Struct]) -> Select[Any]:
    """The columns of a table that a struct has fields for."""
    return select(*(table.c[name] for name in row.__struct_fields__))


_ALERT: Final = columns(ALERTS, AlertRow)


def open_alerts(connection: Connection, after_id: int = 0) -> list[AlertRow]:
    """Alerts that nobody has taken up and that began after this one, oldest first."""
    query = _ALERT.where(ALERTS.c.state == CaseState.OPEN, ALERTS.c.id > after_id)
    return read(connection, query.order_by(ALERTS.c.id), AlertRow)


def newest_alerts(connection: Connection, states: Sequence[CaseState], most: int) -> list[AlertRow]:
    """Alerts in these states: open ones first, then the gravest, then the latest."""
    query = (
        _ALERT.where(ALERTS.c.state.in_(states))
        .order_by(
            (ALERTS.c.state == CaseState.OPEN).desc(),
            ALERTS.c.severity.desc(),
            ALERTS.c.last_us.desc(),
            ALERTS.c.id.desc(),
        )
        .limit(most)
    )
    return read(connection, query, AlertRow)


def closed_alerts(connection: Connection, most: int) -> list[AlertRow]:
    """Closed alerts, the last closed first."""
    query = _ALERT.where(ALERTS.c.state == CaseState.CLOSED)
    return read(connection, query.order_by(ALERTS.c.closed_us.desc()).limit(most), AlertRow)


def alert(connection: Connection, id_: int) -> AlertRow | None:
    """One alert."""
    return next(iter(read(connection, _ALERT.where(ALERTS.c.id == id_), AlertRow)), None)


def unreviewed(connection: Connection) -> tuple[int, int]:
    """How many alerts are open, and the id of the newest of them (0: none)."""
    query = select(func.count(), func.max(ALERTS.c.id)).where(ALERTS.c.state == CaseState.OPEN)
    count, newest = connection.execute(query).one()
    return count, newest or 0


def alert_codes(connection: Connection, gate: GateId, epoch: EpochId, seq: Seq) -> list[str]:
    """The codes of the alerts that this record raised, sorted."""
    query = (
        select(ALERTS.c.code)
        .distinct()
        .join(ALERT_RECORDS, ALERT_RECORDS.c.alert == ALERTS.c.id)
        .where(
            ALERT_RECORDS.c.gate == gate,
            ALERT_RECORDS.c.epoch == epoch,
            ALERT_RECORDS.c.seq == seq,
        )
        .order_by(ALERTS.c.code)
    )
    return list(connection.execute(query).scalars())


def counts(connection: Connection) -> list[Count]:
    """Records and distinct digests of every journal."""
    query = (
        select(
            RECORDS.c.gate,
            RECORDS.c.epoch,
            func.count().label("records"),
            func.count(RECORDS.c.digest.distinct()).label("distinct_digests"),
        )
        .group_by(RECORDS.c.gate, RECORDS.c.epoch)
        .order_by(RECORDS.c.gate, RECORDS.c.epoch)
    )
    return read(connection, query, Count)


def gates(connection: Connection) -> list[GateRow]:
    """All gates by name."""
    return read(connection, columns(GATES, GateRow).order_by(GATES.c.gate), GateRow)


def read(connection: Connection, query: Select[Any], row: type[Row]) -> list[Row]:
    """What a query finds, each as a struct of this type."""
    found: Sequence[RowMapping] = connection.execute(query).mappings().all()
    return [row(**each) for each in found]
