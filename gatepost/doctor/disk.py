"""How long the disk takes to keep what the journal gives it, and how much it still takes."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from config.settings import GateSettings
from gatepost.doctor.finding import CheckResult, fail, ok, warn

WRITES: Final = 20
PAGE: Final = b"\xa5" * 4096
SLOW_MS: Final = 100.0
"""A card in order takes 5 to 50 ms; the commit is part of what a resident waits for."""
STALL_MS: Final = 1000.0
LITTLE_MB: Final = 200
"""Half a year of a busy lane is some 100 MB."""


def check_disk(settings: GateSettings) -> Iterator[CheckResult]:
    """Twenty pages written and flushed where the journal lies."""
    folder = settings.gate.data
    try:
        folder.mkdir(parents=True, exist_ok=True)
        times_ms = _flush_times_ms(folder / "doctor.tmp")
        free_mb = shutil.disk_usage(folder).free // 1_000_000
    except OSError as error:
        yield fail("disk.broken", f"gate.data: {folder}: {error.strerror}")
        return
    figures = {
        "median_ms": round(median(times_ms), 1),
        "longest_ms": round(max(times_ms), 1),
        "free_mb": free_mb,
    }
    if free_mb < LITTLE_MB:
        yield warn("disk.full", **figures)
    elif median(times_ms) > SLOW_MS or max(times_ms) > STALL_MS:
        yield warn("disk.slow", **figures)
    else:
        yield ok("disk.ok", **figures)


def _flush_times_ms(path: Path) -> list[float]:
    times_ms = []
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(WRITES):
            began_s = time.perf_counter()
            os.write(handle, PAGE)
            os.fsync(handle)
            times_ms.append((time.perf_counter() - began_s) * 1000)
    finally:
        os.close(handle)
        path.unlink()
    return times_ms
