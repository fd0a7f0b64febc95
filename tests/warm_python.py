"""A Python that has loaded all of Gatepost once and becomes any of its commands by a fork: what a start costs is saved.

`tests/programs.py` starts it and asks it, over the socket that is its standard input. One request: a JSON object with
the command's arguments, folder and environment, and its three standard files as descriptors. The order of a start:

1. This process forks a go-between, the go-between forks the program and ends: the program falls to whoever looks after
   orphans, which is the asking process while it asks. So it is a child of that process, as one of subprocess is.
2. When the go-between has ended, the program's process id is the answer.
3. The program waits until it is that child, asks to be killed when its parent dies, takes its files, folder,
   environment and locale, and runs ``python -m gatepost`` from its first line. It ends as any program ends.

Nothing of Gatepost has run before: modules are loaded, no more. What a start alone can show (what a command imports,
its time, its name among the machine's processes) is for programs that start from nothing.
"""

import contextlib
import ctypes
import gc
import json
import locale
import os
import pkgutil
import runpy
import signal
import socket
import sys
import time
from importlib import import_module
from typing import Any, Final

ROOMS: Final = (
    *("checkpoint", "collector", "config", "drivers", "gatepost", "kiosk", "simulation", "sync"),
    "ui",
)
REQUEST_BYTES: Final = 1 << 20
_PR_SET_PDEATHSIG: Final = 1


def load_everything() -> None:
    """Every module of the product but those for what this machine has not (lgpio, picamera2)."""
    for room in ROOMS:
        package = import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            # alembic runs its own as it loads them; a __main__ is for whoever starts it.
            if ".migrations." not in module.name and not module.name.endswith(".__main__"):
                with contextlib.suppress(ImportError):
                    import_module(module.name)


def serve(asked: socket.socket) -> None:
    """Answer requests until nobody can ask any more. In each program that is begun it ends as that does."""
    while True:
        request, files, _, _ = socket.recv_fds(asked, REQUEST_BYTES, 3)
        if not request:
            return
        wanted = json.loads(request)
        said, says = os.pipe()
        between = os.fork()
        if between == 0:
            between = os.getpid()
            program = os.fork()
            if program:
                os.write(says, str(program).encode())
                os._exit(0)
            for each in (asked.detach(), said, says):
                os.close(each)
            become(wanted, files, between)
        os.close(says)
        os.waitpid(between, 0)
        asked.send(os.read(said, 32))
        for each in (said, *files):
            os.close(each)


def become(wanted: dict[str, Any], files: list[int], between: int) -> None:
    """Run the program; ends with SystemExit or what it raises, which ends this process."""
    while os.getppid() == between:
        time.sleep(0.001)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number, file in enumerate(files):
        os.dup2(file, number)
    for file in files:
        os.close(file)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    open_standard_files()
    sys.argv = ["gatepost", *(os.fsdecode(bytes.fromhex(each)) for each in wanted["arguments"])]
    runpy.run_module("gatepost", run_name="__main__", alter_sys=True)
    sys.exit(0)


def open_standard_files() -> None:
    """As Python's start does; C is UTF-8 to it."""
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "")
    encoding = locale.getencoding()
    if encoding in ("ANSI_X3.4-1968", "US-ASCII", "ascii"):
        encoding = "utf-8"
    sys.stdin = open(0, encoding=encoding, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding=encoding, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding, "backslashreplace", closefd=False)  # noqa: SIM115


if __name__ == "__main__":
    load_everything()
    gc.collect()
    gc.freeze()
    serve(socket.socket(fileno=0))
