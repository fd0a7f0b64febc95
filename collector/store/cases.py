"""Acting on an alert, in one transaction, so that two people cannot both take it up."""

import msgspec
from sqlalchemy import Connection, update

from collector.domain.alert_state import AlertActionRefused, Step, act
from collector.store.queries import AlertRow, alert
from collector.store.schema import ALERTS


def act_on(connection: Connection, id_: int, step: Step) -> AlertRow | AlertActionRefused | None:
    """The alert after the step, or why it stays as it was; None: there is no such alert."""
    row = alert(connection, id_)
    if row is None:
        return None
    case = act(row.case, step)
    if isinstance(case, AlertActionRefused):
        return case
    changes = msgspec.structs.asdict(case) | {"state": case.state.value}
    connection.execute(update(ALERTS).where(ALERTS.c.id == id_).values(changes))
    return msgspec.structs.replace(row, **changes)
