"""Which alerts somebody is still to be told of."""

from typing import Final

from sqlalchemy import Connection, exists, func, select, update

from collector.store.database import insert_or_ignore
from collector.store.queries import AlertRow, columns
from collector.store.schema import ALERTS, META, WEBHOOK_QUEUE

_BEGIN: Final = "notices_begin"
_OUT_OF_ORDER: Final = 1000
"""Alerts whose transactions, of several intakes, may still commit behind a later one."""


def begin_from_here(connection: Connection) -> None:
    """The first time ever: what is there already is not told, it would come as a flood."""
    newest = connection.execute(select(func.max(ALERTS.c.id))).scalar_one() or 0
    insert_or_ignore(connection, META, [{"key": _BEGIN, "value": str(newest)}])


def enlist(connection: Connection, least: int, now_us: int) -> None:
    """Note every alert that is not noted yet; those at least this urgent are due."""
    begin = int(connection.execute(select(META.c.value).where(META.c.key == _BEGIN)).scalar_one())
    noted = connection.execute(select(func.max(WEBHOOK_QUEUE.c.alert))).scalar_one() or 0
    new = connection.execute(
        select(ALERTS.c.id, ALERTS.c.severity).where(
            ALERTS.c.id > max(begin, noted - _OUT_OF_ORDER),
            ~exists().where(WEBHOOK_QUEUE.c.alert == ALERTS.c.id),
        )
    )
    rows = [
        {"alert": id_, "tries": 0, "due_us": now_us if severity >= least else None}
        for id_, severity in new
    ]
    insert_or_ignore(connection, WEBHOOK_QUEUE, rows)


def due(connection: Connection, now_us: int, most: int) -> list[tuple[AlertRow, int]]:
    """Alerts to tell of now, each with the tries so far; the most urgent first."""
    query = (
        columns(ALERTS, AlertRow)
        .add_columns(WEBHOOK_QUEUE.c.tries)
        .join(WEBHOOK_QUEUE, WEBHOOK_QUEUE.c.alert == ALERTS.c.id)
        .where(WEBHOOK_QUEUE.c.due_us <= now_us)
        .order_by(ALERTS.c.severity.desc(), ALERTS.c.id)
        .limit(most)
    )
    found = [dict(row) for row in connection.execute(query).mappings()]
    return [(AlertRow(**row), tries) for row in found if (tries := row.pop("tries")) is not None]


def note_told(connection: Connection, alert: int, tries: int, now_us: int) -> None:
    """It arrived."""
    _note(connection, alert, tries=tries, due_us=None, sent_us=now_us, problem=None)


def note_failed(
    connection: Connection, alert: int, tries: int, due_us: int | None, problem: str
) -> None:
    """It did not; try again then, or never (None)."""
    _note(connection, alert, tries=tries, due_us=due_us, problem=problem)


def _note(connection: Connection, alert: int, **values: object) -> None:
    connection.execute(update(WEBHOOK_QUEUE).where(WEBHOOK_QUEUE.c.alert == alert).values(values))
