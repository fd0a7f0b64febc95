"""Child processes, kept running: a child that ends is started again after a wait that doubles.

The children meet only in the database, so neither needs to know that the other was away. They live in
sessions of their own, so that Ctrl-C reaches the supervisor alone and it ends them in order. Should it be
killed itself, the kernel kills them (PR_SET_PDEATHSIG): an intake must not go on unseen.
"""

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from config.log_lines import logger

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
_SETTLED_AFTER_S = 30.0
GOODBYE_S, DIES_WITHIN_S = 5.0, 1.0
_LOOK_S = 0.1
_PR_SET_PDEATHSIG = 1
_LOG = logger()


def die_with(parent_pid: int) -> None:
    """Have the kernel kill this process when the given parent, which started it, is gone."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it went before the kernel was asked
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    due_s: float = field(default_factory=time.monotonic)
    wait_s: float = FIRST_WAIT_S

    def look(self) -> None:
        now_s = time.monotonic()
        if self.process is None:
            if now_s >= self.due_s:
                self.process = subprocess.Popen(self.command, start_new_session=True)
                self.started_s = now_s
        elif (code := self.process.poll()) is not None:
            if now_s - self.started_s > _SETTLED_AFTER_S:
                self.wait_s = FIRST_WAIT_S
            _LOG.error("a process ended", name=self.name, code=code, again_in_s=self.wait_s)
            self.process, self.due_s = None, now_s + self.wait_s
            self.wait_s = min(self.wait_s * 2, LONGEST_WAIT_S)

    def ask_to_end(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def end(self, until_s: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            _LOG.error("a process does not end and is killed", name=self.name, waited_s=GOODBYE_S)
            self.process.kill()
            self._bury(self.process)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(DIES_WITHIN_S)
        except subprocess.TimeoutExpired:  # the kernel kills it once it lets go of it
            _LOG.error("a killed process hangs in the kernel", name=self.name, pid=process.pid)


def keep_running(commands: dict[str, Sequence[str]], stop: threading.Event) -> None:
    """Run the commands, by name, until told to stop; then end them all within GOODBYE_S, or kill them."""
    children = [_Child(name, command) for name, command in commands.items()]
    while not stop.is_set():
        for child in children:
            child.look()
        stop.wait(_LOOK_S)
    for child in children:
        child.ask_to_end()
    until_s = time.monotonic() + GOODBYE_S
    for child in children:
        child.end(until_s)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
