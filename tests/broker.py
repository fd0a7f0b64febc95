"""A real mosquitto on loopback that tests can start, stop and kill."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from simulation.processes import free_port
from tests.patience import PATIENCE_S


class Broker:
    """One mosquitto on ``127.0.0.1:port``; the same port again after every stop or kill."""

    def __init__(self, port: int | None = None, most_queued: int = 1000) -> None:
        self.port = free_port() if port is None else port
        self._folder = Path(tempfile.mkdtemp(prefix="gatepost-broker-"))
        self._config = self._folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            # Its own defaults, written out: at most 1000 messages wait for a client, the rest is lost.
            f"max_queued_messages {most_queued}\nmax_inflight_messages 20\nsys_interval 1\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-c", str(self._config)], stdout=log, stderr=log
            )
        deadline = time.monotonic() + PATIENCE_S
        while not self._accepts():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "log").read_text())
            time.sleep(0.01)

    def stop(self) -> None:
        """End it with SIGTERM; nothing happens where it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it with SIGKILL: what it had in memory is gone."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """Stop it for good and remove its folder."""
        self.stop()
        shutil.rmtree(self._folder)

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(with_signal)
            self._process.wait(PATIENCE_S)
            self._process = None

    def _accepts(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
