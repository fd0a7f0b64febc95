"""Starting and ending the demo's processes so that none is left behind, however the demo ends.

Each child asks the kernel to be killed when its parent dies (util-linux' setpriv), for a demo that is itself
killed; to the kernel the parent is the thread that started it, so children are started by the main thread alone.
In the usual case all are asked to end, last started first, and killed after GRACE_S.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Final

GRACE_S: Final = 8.0
_HELD_AT_MOST: Final = 64
_held: Final[deque[int]] = deque()
"""Sockets that only hold a port, as file descriptors."""
_DIE_WITH_PARENT: Final = ("setpriv", "--pdeathsig", "KILL")


class Processes:
    """Named children; what they say goes to NAME.log in the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: list[str]) -> None:
        """Start a child; its name must be free. Raises OSError."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*_DIE_WITH_PARENT, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def start_gatepost(self, name: str, *arguments: str) -> None:
        """Start one of our own commands."""
        self.start(name, [sys.executable, "-m", "gatepost", *arguments])

    def stop(self, name: str) -> None:
        """Ask a child to end, and see to it."""
        child = self._running.pop(name)
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._bury(name, child)

    def kill(self, name: str) -> None:
        """End a child as a power cut would."""
        self._bury(name, self._running.pop(name))

    def _bury(self, name: str, child: subprocess.Popen[bytes]) -> None:
        child.kill()
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            raise TimeoutError(
                f"waited {GRACE_S:.0f} s for {name}, which was killed; it hangs in the kernel"
            ) from None

    def stop_all(self) -> None:
        """Last started, first ended."""
        for name in list(reversed(self._running)):
            self.stop(name)

    def dead(self) -> list[str]:
        """Children that have ended without being told to."""
        return [name for name, child in self._running.items() if child.poll() is not None]

    def pid(self, name: str) -> int:
        """The process id of a child."""
        return self._running[name].pid

    def last_words(self, name: str) -> str:
        """The end of a child's log."""
        return (self._folder / f"{name}.log").read_text(errors="replace")[-2000:]


class Broker:
    """A mosquitto on a loopback port of its own that keeps nothing."""

    def __init__(self, processes: Processes, folder: Path) -> None:
        self._processes = processes
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        # Started by root mosquitto would change its user, and the kernel then forgets whose death it dies of.
        user = getpass.getuser()
        self._config.write_text(
            f"user {user}\nlistener {self.port} 127.0.0.1\nallow_anonymous true\n"
        )

    def start(self) -> None:
        """Start it and wait until it listens. Raises OSError where mosquitto is not installed."""
        program = shutil.which(
            "mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
        )
        if program is None:
            raise FileNotFoundError("mosquitto is not installed: apt-get install mosquitto")
        self._processes.start("broker", [program, "-c", str(self._config)])
        until_s = time.monotonic() + GRACE_S
        while not listens(self.port):
            if time.monotonic() > until_s:
                raise TimeoutError(self._processes.last_words("broker"))
            time.sleep(0.02)

    def stop(self) -> None:
        """End it; connections break."""
        self._processes.stop("broker")


def free_port() -> int:
    """A loopback port that nobody listens on now.

    It stays bound, so that the kernel gives it to nobody else until a server, which must set SO_REUSEADDR, is there.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port = int(holder.getsockname()[1])
    _held.append(holder.detach())
    if len(_held) > _HELD_AT_MOST:
        os.close(_held.popleft())
    return port


def listens(port: int) -> bool:
    """Whether somebody accepts connections on this loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
