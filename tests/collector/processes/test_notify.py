"""Telling a webhook of alerts, with a receiver that misbehaves."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from collector.processes.notify import NotifyProgram
from collector.processes.webhook_attempts import LONGEST_WAIT_S, MOST_TRIES, wait_s
from collector.store.database import opened_database
from collector.store.webhook_queue import begin_from_here
from config.settings import NotifyTable
from tests.collector.centre import Centre
from tests.collector.journals import batch, fever, journal, passage
from tests.ending import joined
from tests.patience import PATIENCE_S


class Receiver(ThreadingHTTPServer):
    """Answers with the given statuses in turn, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses = list(statuses)
        self.got: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(json.loads(body))
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quietly."""


@contextmanager
def _receiver(*statuses: int) -> Iterator[Receiver]:
    receiver = Receiver(*statuses)
    thread = threading.Thread(target=receiver.serve_forever)
    thread.start()
    yield receiver
    ending = threading.Thread(target=receiver.shutdown, name="the end of the receiver")
    ending.start()
    joined(ending, thread)
    receiver.server_close()


@contextmanager
def _notifying(centre: Centre, settings: NotifyTable) -> Iterator[None]:
    with opened_database(centre.engine.url, writes=True) as engine:
        program = NotifyProgram(engine, settings)
        stop = threading.Event()
        thread = threading.Thread(target=program.run, args=[stop])
        thread.start()
        yield
        stop.set()
        joined(thread)


def _begin(centre: Centre) -> None:
    with centre.engine.begin() as connection:
        begin_from_here(connection)


def _comes_true(what: Callable[[], bool]) -> bool:
    until_s = time.monotonic() + PATIENCE_S
    while not what() and time.monotonic() < until_s:
        time.sleep(0.05)
    return what()


def test_a_new_alert_is_told_once_with_codes_and_words(centre: Centre) -> None:
    _begin(centre)
    with (
        _receiver(200) as receiver,
        _notifying(centre, NotifyTable(webhook=receiver.address)),
    ):
        centre.acked(batch(journal([passage("R1"), fever("R2")])))
        assert _comes_true(lambda: len(receiver.got) == 1)
        time.sleep(1.2)
    (told,) = receiver.got
    assert (told["code"], told["severity"], told["subject"]) == ("FEVER", "ACT_NOW", "R2")
    assert told["first_at"] == "2020-02-14T00:00:00+00:00"
    assert told["text"] == {
        "zh_CN": "立即处理: 发热 (gate-a, R2)",
        "en": "Act now: Fever (gate-a, R2)",
    }


def test_what_a_receiver_refuses_comes_again_until_it_is_taken(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.processes.webhook_attempts.FIRST_WAIT_S", 0)
    _begin(centre)
    with (
        _receiver(500, 404, 302, 204) as receiver,
        _notifying(centre, NotifyTable(webhook=receiver.address)),
    ):
        centre.acked(batch(journal([fever("R2")])))
        assert _comes_true(lambda: len(receiver.got) == 4)
        time.sleep(1.2)
    assert [told["id"] for told in receiver.got] == [1] * 4


def test_an_alert_survives_a_receiver_that_is_not_there_and_a_restart(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.processes.webhook_attempts.FIRST_WAIT_S", 0)
    _begin(centre)
    centre.acked(batch(journal([fever("R2")])))
    with _notifying(centre, NotifyTable(webhook="http://127.0.0.1:1/closed")):
        time.sleep(1.2)
    with (
        _receiver(200) as receiver,
        _notifying(centre, NotifyTable(webhook=receiver.address)),
    ):
        assert _comes_true(lambda: len(receiver.got) == 1)


def test_what_was_there_before_is_no_news_and_what_is_not_urgent_enough_neither(
    centre: Centre,
) -> None:
    rows = journal([fever("R2"), passage("R3", stamp=_unsynced()), fever("R4")])
    centre.acked(batch(rows[:1]))
    _begin(centre)
    with (
        _receiver(200) as receiver,
        _notifying(centre, NotifyTable(webhook=receiver.address)),
    ):
        centre.acked(batch(rows[1:]))
        assert _comes_true(lambda: bool(receiver.got))
        time.sleep(1.2)
    assert [told["subject"] for told in receiver.got] == ["R4"]


def test_tries_become_rarer_and_end_after_about_a_day() -> None:
    waits = [wait_s(tries) for tries in range(1, MOST_TRIES + 1)]
    assert waits[:3] == [5, 10, 20]
    assert waits[-1] is None
    known = [wait for wait in waits if wait is not None]
    assert max(known) == LONGEST_WAIT_S
    assert 20 * 3600 < sum(known) < 28 * 3600


def _unsynced() -> Any:
    from tests.collector.journals import stamp

    return stamp(clock_synced=False)
