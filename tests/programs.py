"""Gatepost's commands as processes of their own, without what Python takes to load them each time.

A test process keeps one Python that has loaded everything (`tests/warm_python.py`); each program is a fork of it, and
a child of the test process like any other. Only what a start itself does is left out: the demo, README's tour, what
systemd starts, and whatever looks at how a command begins or is named start from nothing.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from simulation.processes import Processes
from tests.patience import PATIENCE_S

ROOT: Final = Path(__file__).parents[1]
_PR_SET_CHILD_SUBREAPER: Final = 36
"""linux/prctl.h: orphans below this process become its children."""


class Program(subprocess.Popen[Any]):
    """``gatepost ARGUMENTS``; files, text, folder and environment as subprocess.Popen takes them."""

    def __init__(self, *arguments: str | bytes | Path, **how: Any) -> None:
        super().__init__(["gatepost", *arguments], **how)

    def _execute_child(self, args: list[Any], *given: Any) -> None:
        """The one step of Popen's that forks and executes. Its arguments stand in its source."""
        folder, environment = given[4:6]
        ends = given[
            9:15
        ]  # of its pipes, or files: ours and theirs of each standard file; -1: inherited
        theirs = (ends[0], ends[3], ends[5])
        files = [number if end == -1 else end for number, end in enumerate(theirs)]
        self.pid = _warm().begin(args[1:], folder or Path.cwd(), environment or os.environ, files)
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]


def gatepost(
    *arguments: str | bytes | Path, given: str | None = None, within_s: float = PATIENCE_S,
    **how: Any,
) -> subprocess.CompletedProcess[Any]:  # fmt: skip
    """Run a command to its end, with what it said as text. Raises TimeoutExpired and kills it."""
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | how
    stdin = subprocess.DEVNULL if given is None else subprocess.PIPE
    program = Program(*arguments, stdin=stdin, **said)
    try:
        out, err = program.communicate(given, timeout=within_s)
    except BaseException:
        program.kill()
        program.communicate(timeout=within_s)
        raise
    return subprocess.CompletedProcess(program.args, program.returncode, out, err)


class WarmProcesses(Processes):
    """Named children, as the demo's; our own commands are forks."""

    def start_gatepost(self, name: str, *arguments: str) -> None:
        """Start one of our own commands."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = Program(
                *arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )


class _WarmPython:
    """The process that has loaded everything."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self._ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 21)
        with theirs:
            # One thread, for only a process of one thread can be forked; numpy's would be begun by loading it.
            alone = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
            command = [sys.executable, "-m", "tests.warm_python"]
            self._process = subprocess.Popen(command, stdin=theirs.fileno(), cwd=ROOT, env=alone)
        self._one_at_a_time = threading.Lock()

    def begin(
        self, arguments: list[str | bytes | Path], folder: Path, environment: Mapping[str, str],
        files: list[int],
    ) -> int:  # fmt: skip
        """The process id of a program that is now a child of this process."""
        wanted = {
            "arguments": [os.fsencode(each).hex() for each in arguments],
            "folder": str(folder),
            "environment": dict(environment),
        }
        with self._one_at_a_time:
            prctl = ctypes.CDLL(None).prctl
            prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
            try:
                socket.send_fds(self._ours, [json.dumps(wanted).encode()], files)
                self._ours.settimeout(PATIENCE_S)
                return int(self._ours.recv(32))
            finally:
                # Other orphans are nobody's here: whoever waits for their end would wait for good.
                prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@cache
def _warm() -> _WarmPython:
    return _WarmPython()
