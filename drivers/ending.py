"""Waiting for a driver's thread or child to end, for so long and no longer.

Whoever hangs in its device is left to the end of the process, and a line on stderr says which it was: a gate that is
told to end must not hang with it.
"""

import logging
import subprocess
import sys
import threading
from typing import Final

GOODBYE_S: Final = 2.0
_LOG: Final = logging.getLogger(__name__)


def joined(thread: threading.Thread) -> bool:
    """Whether a thread that was told to end has ended, within GOODBYE_S."""
    thread.join(GOODBYE_S)
    if not thread.is_alive():
        return True
    _LOG.warning(
        "waited %.0f s for the thread %r to end; it stands in %s",
        GOODBYE_S,
        thread.name,
        _place(thread),
    )
    return False


def buried(process: subprocess.Popen[bytes]) -> bool:
    """Kill a child; whether it is gone within GOODBYE_S. One that hangs in the kernel dies when that lets go of it."""
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # what it was sent and never took
                continue
    try:
        process.wait(GOODBYE_S)
    except subprocess.TimeoutExpired as still:
        _LOG.warning("waited %.0f s for %s, which was killed", GOODBYE_S, still.cmd)
        return False
    return True


def _place(thread: threading.Thread) -> str:
    frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001 (there is no other way)
    if frame is None:
        return "nothing any more"
    return f"{frame.f_code.co_name} ({frame.f_code.co_filename}:{frame.f_lineno})"
