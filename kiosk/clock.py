"""What time it is and whether to believe it.

A Pi has no battery clock: until something has set it in this boot, dates mean nothing (rule 20). Once
it was synced in a boot it stays so, because it then only drifts by seconds a day; whether what it says can be
believed, checkpoint.clock_trust judges at every reading.
"""

import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from checkpoint.clock_trust import ClockTrust, judge

ASK_EVERY_S: Final = 10.0
RELEASED_US: Final = round(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1_000_000)
"""No gate runs this before it was written."""


class Clock(Protocol):
    """The three times of a gate."""

    boot_id: str

    def wall_us(self) -> int:
        """UTC microseconds since 1970, right or wrong."""

    def uptime_ms(self) -> int:
        """CLOCK_BOOTTIME: rises through steps of the wall clock and through sleep."""

    def synced(self) -> bool:
        """Whether the wall clock was set from outside in this boot, and can be believed."""

    def raise_floor(self, signed_us: int) -> None:
        """Something was signed for this gate at that time: it is not earlier now."""


class SystemClock:
    """The machine's clock; timedatectl says whether it is synced."""

    def __init__(self) -> None:
        self.boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        self._synced = threading.Event()
        self._floor_us = RELEASED_US
        self._trust = ClockTrust()
        threading.Thread(target=self._ask_until_synced, name="clock", daemon=True).start()

    def wall_us(self) -> int:
        """See Clock."""
        return time.time_ns() // 1000

    def uptime_ms(self) -> int:
        """See Clock."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def synced(self) -> bool:
        """See Clock."""
        self._trust = judge(
            self._trust,
            self.wall_us(),
            self.uptime_ms() * 1000,
            self._floor_us,
            said_to_be_right=self._is_set(),
        )
        return self._trust.believed

    def raise_floor(self, signed_us: int) -> None:
        """See Clock."""
        self._floor_us = max(self._floor_us, signed_us)

    def _is_set(self) -> bool:
        return self._synced.is_set()

    def _ask_until_synced(self) -> None:
        while not _timedatectl_says_yes():
            time.sleep(ASK_EVERY_S)
        self._synced.set()


class AssertedClock(SystemClock):
    """The machine's clock, synced or not as the config says: for simulation and tests."""

    def __init__(self, *, synced: bool) -> None:
        self._asserted = synced
        super().__init__()

    def _is_set(self) -> bool:
        return self._asserted

    def _ask_until_synced(self) -> None:
        return


def _timedatectl_says_yes() -> bool:
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        answer = subprocess.run(command, capture_output=True, timeout=ASK_EVERY_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.strip() == b"yes"
