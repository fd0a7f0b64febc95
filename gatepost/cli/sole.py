"""One gate process and one sync process a data folder, because each is the only writer of its database.

The claim is an flock: the kernel drops it however the process ends. Where the folder cannot be written nothing is
claimed: a gate on a read-only disk serves on, and writes nothing that a second one could spoil.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

GATE_LOCK: Final = "gate.lock"
SYNC_LOCK: Final = "sync.lock"
PATIENCE_S: Final = 2.0
"""A process that is just ending, or somebody who asks is_claimed(), may hold the lock for a moment."""


class Claimed(Exception):
    """Another process holds the claim."""


@contextmanager
def sole(lock: Path) -> Iterator[None]:
    """Hold the claim while inside. Raises Claimed."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(lock, os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError:
        yield
        return
    try:
        _claim(file)
        yield
    finally:
        os.close(file)


def is_claimed(lock: Path) -> bool:
    """Whether a process holds the claim now."""
    try:
        file = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _claim(file: int) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until_s:
                raise Claimed from None
            time.sleep(0.05)
        else:
            return
