"""The notify process: the shell around notify and the store. A receiver that hangs stops nobody but itself."""

import threading
import time
from typing import Final

import httpx
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from checkpoint.records.alerts import Severity
from collector.processes.webhook_attempts import message, wait_s
from collector.store.queries import AlertRow
from collector.store.webhook_queue import due, enlist, note_failed, note_told
from config.log_lines import logger
from config.settings import NotifyTable

POLL_S: Final = 0.5
_TIMEOUT_S: Final = 10.0
_MOST_AT_ONCE: Final = 20
_LOG = logger()


class NotifyProgram:
    """Everything that the notify process holds."""

    def __init__(self, engine: Engine, settings: NotifyTable) -> None:
        self._engine, self._webhook = engine, settings.webhook
        self._least = Severity[settings.least.upper()]
        # Proxies of the environment are not asked: alerts go where the config says.
        self._client = httpx.Client(timeout=_TIMEOUT_S, trust_env=False)

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        while not stop.is_set():
            try:
                self._turn(stop)
            except (OperationalError, InterfaceError) as error:
                _LOG.error("the database does not answer; trying again", why=str(error.orig))
            stop.wait(POLL_S)
        self._client.close()

    def _turn(self, stop: threading.Event) -> None:
        with self._engine.begin() as connection:
            enlist(connection, self._least, _now_us())
            waiting = due(connection, _now_us(), _MOST_AT_ONCE)
        for alert, tries in waiting:
            if stop.is_set():
                return
            self._tell(alert, tries + 1)

    def _tell(self, alert: AlertRow, tries: int) -> None:
        problem = self._post(alert)
        with self._engine.begin() as connection:
            if problem is None:
                note_told(connection, alert.id, tries, _now_us())
                return
            pause_s = wait_s(tries)
            due_us = None if pause_s is None else _now_us() + pause_s * 1_000_000
            note_failed(connection, alert.id, tries, due_us, problem)
        log = _LOG.error if pause_s is None else _LOG.warning
        log("webhook", alert=alert.id, why=problem, tries=tries, again_in_s=pause_s)

    def _post(self, alert: AlertRow) -> str | None:
        headers = {"Content-Type": "application/json"}
        try:
            answer = self._client.post(self._webhook, content=message(alert), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"{type(error).__name__}: {error}"
        return None if answer.is_success else f"HTTP {answer.status_code}"


def _now_us() -> int:
    return time.time_ns() // 1000
