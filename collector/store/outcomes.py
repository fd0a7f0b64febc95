"""What gates have recorded of the commands that they were sent."""

from sqlalchemy import Connection, func, select

from checkpoint.gate.commands import Command
from checkpoint.ids import GateId
from checkpoint.records import Commanded, DownlinkRefused, decode
from collector.store.schema import RECORDS


def refused_command(connection: Connection, gate: GateId, after: int) -> str | None:
    """Why a gate refused some command in a record behind ``after``; None: it did not.

    What is not genuine, expired on the way or came twice has no id that a gate would believe.
    """
    query = select(RECORDS.c.body).where(
        RECORDS.c.gate == gate, RECORDS.c.kind == "refused", RECORDS.c.id > after
    )
    for body in connection.execute(query).scalars():
        record = decode(body)
        if isinstance(record, DownlinkRefused) and record.what == "command":
            return record.why
    return None


def newest_record(connection: Connection) -> int:
    """The id of the newest record of any gate; 0: there is none."""
    return connection.execute(select(func.max(RECORDS.c.id))).scalar_one() or 0


def outcome_of(connection: Connection, command: Command, after: int) -> Commanded | None:
    """The gate's record of a command among those behind ``after``; None: there is none yet."""
    query = select(RECORDS.c.body).where(
        RECORDS.c.gate == command.gate,
        RECORDS.c.kind == "commanded",
        RECORDS.c.id > after,
    )
    for body in connection.execute(query).scalars():
        record = decode(body)
        if isinstance(record, Commanded) and record.id == command.id:
            return record
    return None
