"""A real PostgreSQL on loopback, made for one test module and removed with it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import OperationalError

from simulation.processes import free_port
from tests.patience import PATIENCE_S

_NOBODY_S_ROOT = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")


def programs() -> Path | None:
    """The folder with initdb and postgres; None: it is not installed (apt-get install postgresql)."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class Postgres:
    """One server on ``127.0.0.1``, whose data nobody needs after a power cut."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        # Outside pytest's folders, which the user postgres may not enter.
        self._data = Path(tempfile.mkdtemp(prefix="gatepost-postgres-"))
        # It refuses to run as root.
        self._prefix = _NOBODY_S_ROOT if os.geteuid() == 0 else ()
        if self._prefix:
            shutil.chown(self._data, "postgres", "postgres")
        make = ("-D", str(self._data), "-U", "gatepost", "-A", "trust", "-N", "-E", "UTF8")
        self._run(str(folder / "initdb"), *make)
        serve = [
            *self._prefix, folder / "postgres", "-D", self._data, "-p", str(self._port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self._data}",
            "-c", "fsync=off",
        ]  # fmt: skip
        self._log = (self._data / "log").open("wb")
        self._process = subprocess.Popen(serve, stdout=self._log, stderr=self._log)
        self._wait()

    def new_database(self) -> URL:
        """An empty database of its own."""
        name = f"test_{uuid4().hex}"
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self._url(name)

    def close(self) -> None:
        """End it at once and remove its folder."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(PATIENCE_S)
        self._log.close()
        shutil.rmtree(self._data)

    def _url(self, database: str) -> URL:
        return URL.create("postgresql+psycopg", "gatepost", None, "127.0.0.1", self._port, database)

    def _wait(self) -> None:
        engine = create_engine(self._url("postgres"))
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                engine.connect().close()
                break
            except OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        engine.dispose()

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            [*self._prefix, *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
