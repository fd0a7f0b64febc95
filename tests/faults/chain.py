"""A gate's processes and a collector on a real broker; the test may also write the journal itself."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from simulation.compound import found
from sync.journal.reader import JournalReader
from tests.patience import PATIENCE_S
from tests.programs import WarmProcesses

GATE: Final = "east-in"
GATE_PROCESS: Final = "gate"
SYNC: Final = "sync"
COLLECTOR: Final = "collector"
INTAKE: Final = "intake"
"""Of the collector only that: its own process, without a supervisor."""


class Chain:
    """Processes that can be started and killed, and what they have stored."""

    def __init__(self, folder: Path, broker_port: int) -> None:
        self.compound = compound = found(folder, broker_port, unlock_seconds=1)
        self.journal, self._database = compound.journal(GATE), compound.database
        self._processes = WarmProcesses(folder)
        self._commands = {
            GATE_PROCESS: ("gate", "run", "--config", str(compound.gate_config(GATE))),
            SYNC: ("gate", "sync", "--config", str(compound.gate_config(GATE))),
            COLLECTOR: ("collector", "run", "--config", str(compound.collector_config)),
            INTAKE: ("collector", "intake", "--config", str(compound.collector_config)),
        }

    def lead_gate_through(self, port: int) -> None:
        """Let the gate's processes reach the broker by another port; before they are started."""
        config = self.compound.gate_config(GATE)
        text = config.read_text(encoding="utf-8")
        config.write_text(
            text.replace(f"port = {self.compound.broker_port}", f"port = {port}"), "utf-8"
        )

    def cursors(self) -> dict[str, int]:
        """What the gate knows to be acknowledged, by epoch."""
        path = self.journal.with_name("sync.db")
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as db:
                return dict(db.execute("SELECT epoch, upto FROM cursors"))
        except sqlite3.Error:
            return {}

    def start(self, name: str) -> None:
        """Start one of them."""
        self._processes.start_gatepost(name, *self._commands[name])

    def kill(self, name: str) -> None:
        """End it with SIGKILL, and its children with it."""
        self._processes.kill(name)

    def pid(self, name: str) -> int:
        """Its process id."""
        return self._processes.pid(name)

    def log(self, name: str) -> str:
        """The end of what it said."""
        return self._processes.last_words(name)

    def stop(self) -> None:
        """End all in order."""
        self._processes.stop_all()

    def journalled(self) -> list[tuple[str, int, str]]:
        """Epoch, seq and hash of every row of the journal, sorted."""
        reader = JournalReader.on(self.journal)
        rows = [(str(epoch), int(row.seq), row.hash) for epoch, row in reader.everything()]
        reader.close()
        return sorted(rows)

    def stored(self) -> list[tuple[str, int, str]]:
        """The same of every record at the collector."""
        return sorted(self.ask("SELECT epoch, seq, hash FROM records"))

    def ask(self, query: str) -> list[Any]:
        """Rows of the collector's database; none while there is no such thing."""
        try:
            uri = f"file:{self._database}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, timeout=5)) as db:
                return db.execute(query).fetchall()
        except sqlite3.Error:
            return []

    def wait(self, until: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
        """Returns when it is so, or when the time is up: the test says what is missing."""
        until_s = time.monotonic() + seconds
        while not until() and time.monotonic() < until_s:
            time.sleep(0.1)
