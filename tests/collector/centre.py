"""A collector's database and what is done to it for each message, without broker or processes."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from checkpoint.ids import CompoundId, EpochId, GateId, Seq
from collector.domain import ingest as intake
from collector.domain.batch_check import examine
from collector.domain.ingest import Progress
from collector.store.commit import take_in
from collector.store.database import database_url, db_generation, migrate, open_database
from collector.store.queries import AlertRow, alert_codes, open_alerts
from collector.store.schema import EPOCHS, QUARANTINE, RECORDS
from sync.wire.messages import Ack
from tests.collector.journals import EPOCH, GATE

NOW_US = 1_700_000_000_000_000
FOLD_US = 600_000_000
COMPOUND = CompoundId(1)


class Centre:
    """Real SQLite in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_database(database_url("collector.db", folder), writes=True)
        migrate(self.engine)
        with self.engine.begin() as connection:
            self.db_generation = db_generation(connection)

    def deliver(
        self, payload: bytes, gate: GateId = GATE, compound: CompoundId = COMPOUND
    ) -> Ack | None:
        """Examine, store, commit; then the acknowledgement."""
        arrival = examine(gate, payload)
        with self.engine.begin() as connection:
            progress = take_in(connection, compound, arrival, NOW_US, FOLD_US)
        return intake.acknowledge(arrival, progress, self.db_generation)

    def acked(self, payload: bytes) -> Ack:
        """The acknowledgement that must come."""
        ack = self.deliver(payload)
        assert ack is not None
        return ack

    def rows(self, epoch: EpochId = EPOCH) -> dict[int, str]:
        """Hash by seq of what is stored."""
        query = select(RECORDS.c.seq, RECORDS.c.hash).where(RECORDS.c.epoch == epoch)
        with self.engine.begin() as connection:
            return {row.seq: row.hash for row in connection.execute(query)}

    def progress(self) -> Progress:
        """How far the one epoch is."""
        with self.engine.begin() as connection:
            row = connection.execute(select(EPOCHS.c.upto, EPOCHS.c.hash)).one()
        return Progress(Seq(row.upto), row.hash)

    def alerts(self) -> list[AlertRow]:
        """All open alerts."""
        with self.engine.begin() as connection:
            return open_alerts(connection)

    def alert_codes(self, seq: int) -> list[str]:
        """Codes raised by one record."""
        with self.engine.begin() as connection:
            return alert_codes(connection, GATE, EPOCH, Seq(seq))

    def quarantine(self) -> list[dict[str, Any]]:
        """Everything set aside, oldest first."""
        with self.engine.begin() as connection:
            found = connection.execute(select(QUARANTINE).order_by(QUARANTINE.c.id)).mappings()
            return [dict(row) for row in found]

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()
