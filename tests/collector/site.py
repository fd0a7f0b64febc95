"""A collector as real processes, in a folder of its own."""

import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from sqlalchemy import Engine

from collector.store.database import database_url, migrate, opened_database
from collector.store.queries import Count, counts, open_alerts
from tests.broker import Broker
from tests.collector.web.staff import PASSWORD
from tests.ending import killed
from tests.patience import PATIENCE_S
from tests.programs import Program

ROOT = Path(__file__).parents[2]


class Site:
    """A collector's config file, key and database."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self.folder, self.broker = folder, broker
        self.key = Ed25519PrivateKey.generate()
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "operations.pem").write_bytes(pem)
        self.config = folder / "collector.toml"
        self.config.write_text(
            '[collector]\ndatabase = "collector.db"\noperations_key = "operations.pem"\n'
            f'[page]\nport = 0\nlanguage = "en"\n[broker]\nport = {broker.port}\n'
        )
        self.processes: list[subprocess.Popen[str]] = []

    def migrate(self) -> None:
        """Make the database, as ``collector run`` does."""
        with self._database(writes=True) as engine:
            migrate(engine)

    def let_staff_in(self) -> None:
        """Give the administrator a password, as ``collector password`` does."""
        process = self.start("password", given=f"{PASSWORD}\n")
        assert process.wait(PATIENCE_S) == 0

    def start(self, *command: str, given: str = "") -> subprocess.Popen[str]:
        """Run ``gatepost collector ...`` on this config."""
        process = Program(
            "collector",
            *command,
            "--config",
            self.config,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(given)
        process.stdin.close()
        process.stdin = None
        self.processes.append(process)
        return process

    def counts(self) -> list[Count]:
        """Records and distinct digests as stored."""
        with self._database(writes=False) as engine, engine.begin() as connection:
            return counts(connection)

    def stored(self) -> int:
        """How many records there are."""
        return sum(count.records for count in self.counts())

    def alert_codes(self) -> list[tuple[str, int]]:
        """Code and count of each alert."""
        with self._database(writes=False) as engine, engine.begin() as connection:
            return [(alert.code, alert.count) for alert in open_alerts(connection)]

    def close(self) -> None:
        """End whatever still runs."""
        for process in self.processes:
            killed(process)
            for pipe in (process.stdout, process.stderr):
                assert pipe is not None
                pipe.close()

    def _database(self, *, writes: bool) -> AbstractContextManager[Engine]:
        return opened_database(database_url("collector.db", self.folder), writes=writes)


def line_with(process: subprocess.Popen[str], words: str) -> str:
    """The first line on stderr that holds the words."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"ended without saying {words!r}")
