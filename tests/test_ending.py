"""Whoever waits in vain says for what."""

import subprocess
import sys
import threading
from concurrent.futures import Future

import pytest

from tests.ending import answer_of, came, ended, joined, killed
from tests.patience import PATIENCE_S


def test_a_thread_that_does_not_end_is_named_with_its_stack() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait, args=(PATIENCE_S,), name="sleeper")
    thread.start()
    with pytest.raises(AssertionError, match=r"(?s)the thread 'sleeper' to end:.*in wait"):
        joined(thread, within_s=0.1)
    over.set()
    joined(thread)


def test_a_process_that_does_not_end_is_named_by_its_command_and_killed() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    with pytest.raises(AssertionError, match=r"time.sleep\(3600\).* to end"):
        ended(process, within_s=0.1)
    assert process.returncode is not None
    killed(process)


def test_an_event_or_an_answer_that_does_not_come_is_named() -> None:
    with pytest.raises(AssertionError, match=r"waited 0 s for the bell"):
        came(threading.Event(), "the bell", within_s=0.1)
    answer: Future[int] = Future()
    with pytest.raises(AssertionError, match=r"waited 0 s for a number"):
        answer_of(answer, "a number", within_s=0.1)
    answer.set_exception(TimeoutError("its own"))
    with pytest.raises(TimeoutError, match="its own"):
        answer_of(answer, "a number")
