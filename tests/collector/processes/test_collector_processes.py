"""The collector as real processes: a real mosquitto, a real database file, real kills."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import filterfalse
from pathlib import Path

import msgspec
import pytest

from checkpoint.ids import Seq
from collector.store.queries import Count
from sync.wire.messages import StateMessage
from tests.collector.gate_end import GateEnd
from tests.collector.journals import EPOCH, GATE, admitted, batch, fever, journal
from tests.collector.site import ROOT, Site, line_with
from tests.collector.web.staff import staff
from tests.ending import killed
from tests.patience import PATIENCE_S

_DIES_BEFORE_ITS_ACKNOWLEDGEMENT = """
import os, signal, sys, threading
from pathlib import Path
from config.settings.load import load_collector
from config.trust import load_private_key
from collector.processes.intake import INTRODUCTION, IntakeProgram
from collector.store.database import database_url, open_database
from sync.wire.link import Link
from sync.wire.session import Address

class Dies(Link):
    def publish(self, *_):
        os.kill(os.getpid(), signal.SIGKILL)

path = Path(sys.argv[1])
settings = load_collector(path)
engine = open_database(database_url(settings.collector.database, path.parent), writes=True)
key = load_private_key(settings.collector.operations_key)
link = Dies(Address(settings.broker.host, settings.broker.port), INTRODUCTION)
IntakeProgram(engine, key, link, 0).run(threading.Event())
"""


def test_fault_45_a_batch_that_was_committed_but_not_acknowledged_is_stored_once(
    site: Site, gate: GateEnd
) -> None:
    site.migrate()
    payload = batch(journal([fever(), *admitted(4)]))
    doomed = subprocess.Popen(
        [sys.executable, "-c", _DIES_BEFORE_ITS_ACKNOWLEDGEMENT, str(site.config)], cwd=ROOT
    )
    while doomed.poll() is None:
        gate.publish(payload)
        assert gate.next_ack(0.2) is None
    assert doomed.returncode == -signal.SIGKILL
    assert [count.records for count in site.counts()] == [5]

    site.start("intake")
    assert gate.send_until_acked(payload).upto == 5
    assert [(count.records, count.distinct_digests) for count in site.counts()] == [(5, 5)]
    assert site.alert_codes() == [("FEVER", 1)]


def test_fault_45_intake_killed_again_and_again_loses_and_doubles_nothing(
    site: Site, gate: GateEnd
) -> None:
    site.migrate()
    rows = journal(
        [fever(f"F{n}") if n % 50 == 0 else each for n, each in enumerate(admitted(350))]
    )
    turn = threading.Semaphore(0)

    def drain() -> None:
        # A portion for each intake: one that is killed late has not stored everything.
        for upto in range(70, 351, 70):
            assert turn.acquire(timeout=PATIENCE_S), "waited in vain for the next intake"
            gate.drain(rows[:upto], 7)

    drained = threading.Thread(target=drain)
    drained.start()
    chance = random.Random(45)
    kills = 0
    while drained.is_alive():
        intake = site.start("intake")
        turn.release()
        goal = site.stored() + chance.randint(10, 60)
        _wait_until(partial(_reached, site, goal, drained), "intake stands still")
        time.sleep(chance.uniform(0, 0.02))
        killed(intake)
        kills += 1
    assert site.counts() == [Count(gate=GATE, epoch=EPOCH, records=350, distinct_digests=350)]
    assert sorted(site.alert_codes()) == [("FEVER", 1)] * 7
    assert kills > 2


def test_fault_43_a_broker_killed_between_batches_costs_only_time(
    site: Site, gate: GateEnd
) -> None:
    site.migrate()
    rows = journal(admitted(60))
    site.start("intake")
    gate.drain(rows[:30], 10)
    site.broker.kill()
    site.broker.start()
    gate.drain(rows, 10)
    assert [(count.records, count.distinct_digests) for count in site.counts()] == [(60, 60)]


def _new_children(process: subprocess.Popen[str], *old: int) -> dict[str, int]:
    """Those of a supervisor, once both are others than the old ones."""
    found: dict[str, int] = {}

    def both() -> bool:
        found.clear()
        found.update(_children(process))
        return len(found) == 2 and set(found.values()).isdisjoint(old)

    _wait_until(both, "the children have not come")
    return found


def _children(process: subprocess.Popen[str]) -> dict[str, int]:
    """Pids of a supervisor's children by what they do."""
    task = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    found = {}
    for pid in task.read_text().split():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
        found.update({name: int(pid) for name in ("intake", "web") if name.encode() in words})
    return found


def _wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def _reached(site: Site, goal: int, drained: threading.Thread) -> bool:
    return site.stored() >= goal or not drained.is_alive()


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True


def test_the_whole_collector_from_a_gates_message_to_the_live_page(
    site: Site, gate: GateEnd
) -> None:
    site.let_staff_in()
    run = site.start("run")
    address = line_with(run, "staff page:").split()[-1]
    gate.publish(
        msgspec.json.encode(StateMessage(online=True, epoch=EPOCH, last_seq=Seq(1), unsynced=17)),
        "state",
        retain=True,
    )
    greeted = gate.next_ack(PATIENCE_S)
    assert greeted is not None
    assert greeted.upto == 0
    rows = journal([*admitted(2), fever("<b>R9</b>")])
    assert gate.send_until_acked(batch(rows[:2])).upto == 2
    with staff(address) as client:
        page = client.get("/live").text
        assert ">R1</td>" in page
        newest = page.split("&amp;after=")[1].split('"')[0]

        with client.stream("GET", f"/events?room=live&after={newest}") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert gate.send_until_acked(batch(rows[2:])).upto == 3
            event = _event(stream.iter_lines(), "line")
        assert "&lt;b&gt;R9&lt;/b&gt;" in event["data"]
        assert "<b>" not in event["data"]
        assert int(event["id"]) > int(newest)

        resumed = {"Last-Event-ID": newest}
        with client.stream("GET", "/events?room=live", headers=resumed) as stream:
            lines = stream.iter_lines()
            assert json.loads(_event(lines, "unreviewed")["data"])["count"] == 1
            assert _event(lines, "line")["id"] == event["id"]
        with client.stream("GET", "/events?room=alerts") as stream:
            assert "Act now" in _event(stream.iter_lines(), "cases")["data"]
        with client.stream("GET", "/events?room=gates") as stream:
            assert "17</span>" in _event(stream.iter_lines(), "gates")["data"]

    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE_S) == 0


def _event(lines: Iterator[str], kind: str) -> dict[str, str]:
    """The next event of this kind; its fields, data lines joined."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = f"{fields[name]}\n{value}" if name in fields else value
        elif fields.get("event") == kind:
            return fields
        else:
            fields = {}
    raise AssertionError(f"the stream ended without {kind}")


def test_a_killed_child_comes_back_and_a_killed_parent_takes_both_along(
    site: Site, gate: GateEnd
) -> None:
    site.let_staff_in()
    run = site.start("run")
    line_with(run, "intake: from")
    before = _new_children(run)
    os.kill(before["intake"], signal.SIGKILL)
    os.kill(before["web"], signal.SIGKILL)
    after = _new_children(run, *before.values())
    line_with(run, "staff page:")
    assert gate.send_until_acked(batch(journal(admitted(1)))).upto == 1

    run.kill()
    try:
        _wait_until(lambda: all(map(_gone, after.values())), "children outlive their parent")
    finally:
        for pid in filterfalse(_gone, after.values()):
            os.kill(pid, signal.SIGKILL)


def test_alerts_are_followed_as_lines_of_json(site: Site, gate: GateEnd) -> None:
    site.migrate()
    site.start("intake")
    rows = journal([fever("R1"), fever("R2")])
    gate.send_until_acked(batch(rows[:1]))
    following = site.start("alerts", "--follow", "--json")
    assert following.stdout is not None
    assert json.loads(following.stdout.readline())["subject"] == "R1"
    gate.send_until_acked(batch(rows[1:]))
    line = json.loads(following.stdout.readline())
    assert (line["gate"], line["code"], line["severity"], line["subject"], line["count"]) == (
        GATE,
        "FEVER",
        "ACT_NOW",
        "R2",
        1,
    )
    following.send_signal(signal.SIGINT)
    assert following.wait(PATIENCE_S) == 0


@pytest.mark.parametrize(
    ("command", "damage", "says"),
    [
        ("alerts", "", "gatepost collector run"),
        ("run", "", "gatepost collector password"),
        ("run", "operations.pem", "operations.pem"),
        ("run", "collector.toml", "cannot be read"),
    ],
)
def test_bad_use_ends_with_2_and_says_what_to_mend(
    site: Site, command: str, damage: str, says: str
) -> None:
    if damage:
        (site.folder / damage).unlink()
    process = site.start(command)
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output) == (2, "")
    assert says in errors
    assert "Traceback" not in errors
