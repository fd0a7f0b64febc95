"""The live log: records in the order of their arrival, as far as a filter lets them through."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, func, select

from checkpoint.ids import EpochId, GateId, Seq
from checkpoint.records import Result
from collector.store.queries import columns, read
from collector.store.schema import GATES, RECORDS


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
    corrected_us: int | None = None
    """When it was written, where the gate's clock was wrong and its boot is known; None: as it says itself."""


class LogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for; None: anything. Times are the gates' own or corrected ones, UTC."""

    compound: int | None = None
    gate: str | None = None
    result: Result | None = None
    person: str | None = None
    from_us: int | None = None
    until_us: int | None = None


EVERYTHING: Final = LogFilter()
_TIME: Final = func.coalesce(RECORDS.c.corrected_us, RECORDS.c.at_us)
_LOG: Final = columns(RECORDS, LogRow)


def log_after(
    connection: Connection, id_: int, most: int, wanted: LogFilter = EVERYTHING
) -> list[LogRow]:
    """The rows that arrived after this one, oldest first."""
    query = _narrowed(wanted).where(RECORDS.c.id > id_).order_by(RECORDS.c.id).limit(most)
    return read(connection, query, LogRow)


def newest_log(
    connection: Connection, most: int, wanted: LogFilter = EVERYTHING, before_id: int | None = None
) -> list[LogRow]:
    """The rows that arrived last, newest first; with ``before_id``, the last ones before that row."""
    query = _narrowed(wanted).order_by(RECORDS.c.id.desc()).limit(most)
    if before_id is not None:
        query = query.where(RECORDS.c.id < before_id)
    return read(connection, query, LogRow)


def _narrowed(wanted: LogFilter) -> Select[Any]:
    query = _LOG
    if wanted.compound is not None:
        gates = select(GATES.c.gate).where(GATES.c.compound == wanted.compound)
        query = query.where(RECORDS.c.gate.in_(gates))
    if wanted.gate is not None:
        query = query.where(RECORDS.c.gate == wanted.gate)
    if wanted.result is not None:
        query = query.where(RECORDS.c.result == wanted.result.value)
    if wanted.person is not None:
        query = query.where(RECORDS.c.person == wanted.person)
    if wanted.from_us is not None:
        query = query.where(wanted.from_us <= _TIME)
    if wanted.until_us is not None:
        query = query.where(wanted.until_us > _TIME)
    return query
