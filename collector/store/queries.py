"""What the staff page, the command line and the demo read. Each function is one query on one connection."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, RowMapping, Select, Table, func, select

from checkpoint.ids import EpochId, GateId, Seq
from collector.store.schema import ALERT_RECORDS, ALERTS, GATES, RECORDS

Row = TypeVar("Row", bound=msgspec.Struct)


class LogRow(msgspec.Struct, frozen=True, kw_only=True):
    """One record as the live log reads it."""

    id: int
    """Rises in the order of arrival."""
    gate: GateId
    epoch: EpochId
    seq: Seq
    body: str | None
    """None: it did not parse; it is in the quarantine."""
    received_us: int


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


class GateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A gate's latest word on itself."""

    gate: GateId
    compound: int
    online: bool
    last_seq: int
    unsynced: int
    devices: dict[str, str]
    seen_us: int


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of one journal are stored."""

    gate: GateId
    epoch: EpochId
    records: int
    distinct_digests: int


def _columns(table: Table, row: type[msgspec.Struct]) -> Select[Any]:
    return select(*(table.c[name] for name in row.__struct_fields__))


_LOG: Final = _columns(RECORDS, LogRow)
_ALERT: Final = _columns(ALERTS, AlertRow)


def log_after(connection: Connection, id_: int, most: int) -> list[LogRow]:
    """The rows that arrived after this one, oldest first."""
    query = _LOG.where(RECORDS.c.id > id_).order_by(RECORDS.c.id).limit(most)
    return _rows(connection, query, LogRow)


def newest_log(connection: Connection, most: int) -> list[LogRow]:
    """The rows that arrived last, newest first."""
    return _rows(connection, _LOG.order_by(RECORDS.c.id.desc()).limit(most), LogRow)


def open_alerts(connection: Connection, after_id: int = 0) -> list[AlertRow]:
    """Open alerts that began after this one, oldest first."""
    query = _ALERT.where(ALERTS.c.state == "open", ALERTS.c.id > after_id).order_by(ALERTS.c.id)
    return _rows(connection, query, AlertRow)


def newest_open_alerts(connection: Connection, most: int) -> list[AlertRow]:
    """Open alerts, the gravest and then the latest first."""
    query = (
        _ALERT.where(ALERTS.c.state == "open")
        .order_by(ALERTS.c.severity.desc(), ALERTS.c.last_us.desc(), ALERTS.c.id.desc())
        .limit(most)
    )
    return _rows(connection, query, AlertRow)


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
    return _rows(connection, query, Count)


def gates(connection: Connection) -> list[GateRow]:
    """All gates by name."""
    return _rows(connection, _columns(GATES, GateRow).order_by(GATES.c.gate), GateRow)


def _rows(connection: Connection, query: Select[Any], row: type[Row]) -> list[Row]:
    found: Sequence[RowMapping] = connection.execute(query).mappings().all()
    return [row(**each) for each in found]
