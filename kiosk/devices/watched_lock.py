"""The lock as the loop has it: sought until it is there, dropped when it fails, and sought again."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from checkpoint.records import Device, DeviceState
from drivers import DeviceError, Lock
from kiosk.devices.health import DeviceReport, failure

TURNS_MS: Final = 3000
"""Its timer comes round every second; a busy machine may be late."""


class WatchedLock:
    """A lock that may be absent. ``find`` makes it and raises DeviceError while there is none."""

    def __init__(self, find: Callable[[], Lock], report: Callable[[DeviceReport], None]) -> None:
        self._find, self._report = find, report
        self._lock: Lock | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it is there."""
        return self._lock is not None

    def find(self) -> None:
        """Look for it, unless it is there."""
        if self._lock is not None:
            return
        try:
            self._lock = self._find()
            self._report(DeviceReport(Device.LOCK, DeviceState.OK))
        except DeviceError as error:
            self._lose(error)

    def move(self, move: Callable[[Lock], None]) -> bool:
        """Release or shut it. False: it is not there, or did not do it."""
        if self._lock is None:
            return False
        try:
            move(self._lock)
        except DeviceError as error:
            self._lose(error)
            return False
        return True

    def has_no_stuck_timer(self) -> bool:
        """Whether its own timer comes round, where there is a lock."""
        now_ms = time.monotonic_ns() // 1_000_000
        return self._lock is None or now_ms - self._lock.timer_turned_ms() < TURNS_MS

    def close(self) -> None:
        """Shut it and let go of it."""
        if self._lock is not None:
            self._lock.close()

    def _lose(self, error: DeviceError) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            # It holds the pin that the next one needs.
            with suppress(DeviceError):
                lock.close()
        self._report(failure(Device.LOCK, error))
