"""Waiting for what must end or come, for as long as tests are patient; whoever waits in vain says for what."""

import subprocess
import sys
import threading
import traceback
from concurrent.futures import Future
from typing import Any, TypeVar

from tests.patience import PATIENCE_S

Answer = TypeVar("Answer")


def joined(*threads: threading.Thread, within_s: float = PATIENCE_S) -> None:
    """Until all have ended. Raises AssertionError with the name of one that has not, and where it stands."""
    for thread in threads:
        thread.join(within_s)
        if thread.is_alive():
            frame = sys._current_frames().get(thread.ident or 0)
            stands = "".join(traceback.format_stack(frame)) if frame else "nowhere any more"
            raise AssertionError(
                f"waited {within_s:.0f} s for the thread {thread.name!r} to end:\n{stands}"
            )


def ended(process: subprocess.Popen[Any], within_s: float = PATIENCE_S) -> int:
    """The exit code. Raises AssertionError with the command of a process that does not end, and kills it."""
    try:
        return process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(within_s)
        raise AssertionError(
            f"waited {within_s:.0f} s for {process.args!r} to end; it was killed"
        ) from None


def killed(process: subprocess.Popen[Any], within_s: float = PATIENCE_S) -> None:
    """End it as a power cut would, whether it still runs or not."""
    process.kill()
    ended(process, within_s)


def came(event: threading.Event, what: str, within_s: float = PATIENCE_S) -> None:
    """Until it is set. Raises AssertionError with what was waited for."""
    assert event.wait(within_s), f"waited {within_s:.0f} s for {what}"


def answer_of(future: Future[Answer], what: str, within_s: float = PATIENCE_S) -> Answer:
    """What it brings, or raises. Raises AssertionError with what was waited for."""
    try:
        return future.result(within_s)
    except TimeoutError:
        if future.done():
            raise  # its own
        raise AssertionError(f"waited {within_s:.0f} s for {what}") from None
