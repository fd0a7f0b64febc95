"""A broker and an intake process in a folder of their own, for a fleet to send to."""

import os
import time
from pathlib import Path
from typing import Final

from sqlalchemy import text

from collector.store.database import database_url, migrate, opened_database
from config.key_files import TRUST
from config.trust import load_trust
from simulation.compound import found
from simulation.processes import Broker, Processes
from sync.wire.session import Address

START_WITHIN_S: Final = 30.0


class Centre:
    """Started when made; stop() ends both processes. Raises OSError where mosquitto is not installed."""

    def __init__(self, folder: Path) -> None:
        self._processes = Processes(folder)
        self._broker = broker = Broker(self._processes, folder)
        self.compound = found(folder, broker.port, unlock_seconds=1)
        self.address = Address("127.0.0.1", broker.port)
        self.trust = load_trust(self.compound.keys / TRUST)
        self._url = database_url(str(self.compound.database), folder)
        with opened_database(self._url, writes=True) as engine:
            migrate(engine)
        broker.start()
        config = str(self.compound.collector_config)
        self._processes.start_gatepost("intake", "collector", "intake", "--config", config)
        self._wait_for_intake()

    @property
    def intake_pid(self) -> int:
        """The intake's process id."""
        return self._processes.pid("intake")

    def intake_cpu_s(self) -> float:
        """The processor time that the intake process has had."""
        stat = Path(f"/proc/{self.intake_pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def peak_mb(self) -> float:
        """The most memory that the intake process ever had."""
        status = Path(f"/proc/{self.intake_pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def stored(self) -> int:
        """How many different rows there are."""
        query = text("SELECT count(*) FROM (SELECT DISTINCT epoch, seq, hash FROM records)")
        with opened_database(self._url, writes=False) as engine, engine.begin() as connection:
            return int(connection.execute(query).scalar_one())

    def restart_broker(self) -> None:
        """Kill it, with all that it had in memory, and start it again."""
        self._processes.kill("broker")
        self._broker.start()

    def stop(self) -> None:
        """End both."""
        self._processes.stop_all()

    def _wait_for_intake(self) -> None:
        until_s = time.monotonic() + START_WITHIN_S
        while "connected to the broker" not in self._processes.last_words("intake"):
            if time.monotonic() > until_s or self._processes.dead():
                raise TimeoutError(self._processes.last_words("intake"))
            time.sleep(0.05)
