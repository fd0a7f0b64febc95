"""The intake as a real process while its database, its clients and its own thread misbehave."""

import resource
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

from paho.mqtt.publish import single

from sync.wire.messages import up
from tests.collector.gate_end import COMPOUND, GateEnd
from tests.collector.journals import GATE, admitted, batch, fever, journal
from tests.collector.site import ROOT, Site
from tests.patience import PATIENCE_S


def refuses(site: Site, intake: subprocess.Popen[str], gate: GateEnd, payload: bytes) -> None:
    """Until the intake has said that the database does not take it; no acknowledgement has come by then."""
    assert intake.stderr is not None
    said = threading.Event()

    def listen() -> None:
        for line in intake.stderr or ():
            if "the database does not take it" in line:
                said.set()
                return

    listening = threading.Thread(target=listen)
    listening.start()
    while listening.is_alive():
        gate.publish(payload)
        ack = gate.next_ack(0.2)
        assert ack is None or ack.upto == 1, "an answer to what came before"
    assert said.is_set()
    assert site.stored() == 1


def test_fault_55_a_locked_database_acknowledges_nothing_until_it_takes_the_rows(
    site: Site, gate: GateEnd
) -> None:
    site.migrate()
    rows = journal([fever(), *admitted(4)])
    payload = batch(rows)
    intake = site.start("intake")
    assert gate.send_until_acked(batch(rows[:1])).upto == 1
    with closing(sqlite3.connect(site.folder / "collector.db", isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        refuses(site, intake, gate, payload)
    assert gate.send_until_acked(payload).upto == 5
    assert [(count.records, count.distinct_digests) for count in site.counts()] == [(5, 5)]
    assert site.alert_codes() == [("FEVER", 1)]


def test_fault_55_a_full_disk_acknowledges_nothing_until_there_is_room(
    site: Site, gate: GateEnd
) -> None:
    site.migrate()
    rows = journal([fever(), *admitted(4)])
    payload = batch(rows)
    intake = site.start("intake")
    assert gate.send_until_acked(batch(rows[:1])).upto == 1
    # No file of this process may grow any more, as if the disk had no room.
    _, hard = resource.prlimit(intake.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(intake.pid, resource.RLIMIT_FSIZE, (4096, hard))
    refuses(site, intake, gate, payload)
    resource.prlimit(intake.pid, resource.RLIMIT_FSIZE, (hard, hard))
    assert gate.send_until_acked(payload).upto == 5
    assert [(count.records, count.distinct_digests) for count in site.counts()] == [(5, 5)]
    assert site.alert_codes() == [("FEVER", 1)]


def test_a_message_without_a_number_of_its_own_neither_counts_nor_ends_the_connection(
    site: Site, gate: GateEnd
) -> None:
    site.migrate()
    rows = journal(admitted(2))
    intake = site.start("intake")
    assert gate.send_until_acked(batch(rows[:1])).upto == 1
    topic = up(COMPOUND, GATE, "records")
    for qos in (0, 2):
        single(topic, batch(rows), qos=qos, hostname="127.0.0.1", port=site.broker.port)
    while (ack := gate.next_ack(PATIENCE_S)) is not None and ack.upto == 1:
        pass
    assert ack is not None
    assert ack.upto == 2, "QoS 2 is lowered to 1"
    more = [ack.upto for _ in range(4) if (ack := gate.next_ack(0.5)) is not None]
    assert set(more) <= {1}, "QoS 0 does not count"
    intake.terminate()
    _, errors = intake.communicate(timeout=PATIENCE_S)
    assert errors.count("connected to the broker") == 1
    assert "no connection" not in errors


_CANNOT_ANSWER = """
import sys, threading
from pathlib import Path
from config.settings.load import load_collector
from config.trust import load_private_key
from collector.processes.intake import INTRODUCTION, IntakeProgram
from collector.store.database import database_url, opened_database
from sync.wire.link import Link
from sync.wire.session import Address

class Mute(Link):
    def publish(self, *_, **__):
        raise ValueError("cannot be published")

path = Path(sys.argv[1])
settings = load_collector(path)
key = load_private_key(settings.collector.operations_key)
link = Mute(Address(settings.broker.host, settings.broker.port), INTRODUCTION)
with opened_database(database_url(settings.collector.database, path.parent), writes=True) as engine:
    IntakeProgram(engine, key, link, 0).run(threading.Event())
"""


def test_a_storing_thread_that_fails_ends_the_process_which_says_why(
    site: Site, gate: GateEnd
) -> None:
    site.migrate()
    process = subprocess.Popen(
        [sys.executable, "-c", _CANNOT_ANSWER, str(site.config)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    payload = batch(journal(admitted(3)))
    while process.poll() is None:
        gate.publish(payload)
        assert gate.next_ack(0.2) is None
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "ValueError: cannot be published" in errors
    site.start("intake")
    assert gate.send_until_acked(payload).upto == 3
