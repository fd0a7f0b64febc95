"""Threads and children of drivers that do not end when they are told to."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from drivers import ending
from drivers.ending import buried, joined
from tests.patience import PATIENCE_S


@pytest.fixture
def hangs() -> Iterator[threading.Event]:
    """Set at the end: no thread is left."""
    hangs = threading.Event()
    yield hangs
    hangs.set()


def wait_in_the_device(over: threading.Event) -> None:
    over.wait(PATIENCE_S)


def test_a_thread_that_hangs_is_named_with_the_place_where_it_stands(
    hangs: threading.Event, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "GOODBYE_S", 0.1)
    thread = threading.Thread(target=wait_in_the_device, args=(hangs,), name="thermometer")
    thread.start()
    assert not joined(thread)
    assert "for the thread 'thermometer' to end; it stands in wait (" in caplog.text
    hangs.set()
    monkeypatch.undo()
    caplog.clear()
    assert joined(thread)
    assert caplog.text == ""


def test_a_child_is_killed_with_its_pipes_whatever_it_makes_of_signals() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(3600)"
    child = subprocess.Popen(
        [sys.executable, "-c", deaf], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    child.stdin.write(b"never read")
    assert buried(child)
    assert child.stdin.closed
    assert child.stdout is not None
    assert child.stdout.closed
