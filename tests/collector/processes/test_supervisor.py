"""The end of a supervisor's children that do not listen."""

import sys
import threading
from pathlib import Path

import pytest

from collector.processes import supervisor
from collector.processes.supervisor import keep_running
from tests.drivers.waiting import eventually, is_alive
from tests.ending import joined

_DEAF = """
import os, signal, sys, time
from pathlib import Path
signal.signal(signal.SIGTERM, signal.SIG_IGN)
ready = Path(sys.argv[1])
ready.with_suffix(".new").write_text(str(os.getpid()))
ready.with_suffix(".new").rename(ready)
time.sleep(3600)
"""


def test_children_that_do_not_listen_are_killed_after_their_goodbye_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervisor, "GOODBYE_S", 0.2)
    ready = {name: tmp_path / name for name in ("intake", "web")}
    commands = {name: (sys.executable, "-c", _DEAF, str(path)) for name, path in ready.items()}
    stop = threading.Event()
    running = threading.Thread(target=keep_running, args=(commands, stop), name="supervisor")
    running.start()
    eventually(lambda: all(path.exists() for path in ready.values()))
    pids = [int(path.read_text()) for path in ready.values()]
    assert all(map(is_alive, pids))
    stop.set()
    joined(running)
    assert not any(map(is_alive, pids))
    said = capsys.readouterr().err
    for name in ready:
        assert f"name={name}" in said
    assert said.count("a process does not end and is killed") == len(ready)
