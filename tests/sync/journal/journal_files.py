"""Journals as files: writing some rows, and looking at what is in one."""

import subprocess
import sys
from pathlib import Path

from checkpoint.ids import Revision
from checkpoint.records import Device, DeviceChange, DeviceState, Stamp
from sync.journal.reader import Head, JournalReader, flaws
from sync.journal.writer import Journal
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[3]
"""Children are started here, for an earlier test may have changed the working folder."""
PAGE_BYTES = 4096


def change(number: int) -> DeviceChange:
    """A record that differs from all others in its number."""
    stamp = Stamp(
        at_us=1_772_323_200_000_000 + number,
        boot_id="b",
        uptime_ms=number,
        clock_synced=True,
        policy_revision=Revision(0),
        roster_revision=None,
    )
    return DeviceChange(stamp=stamp, device=Device.CAMERA, state=DeviceState.OK, detail=str(number))


def write(path: Path, count: int) -> None:
    """Append so many rows."""
    journal = Journal.on(path)
    for number in range(count):
        journal.append(change(number))
    journal.close()


def head(path: Path) -> Head:
    """The newest row."""
    reader = JournalReader.on(path)
    newest = reader.heads()[-1]
    reader.close()
    return newest


def hashes(path: Path) -> list[str]:
    """Of all rows, in the order of writing."""
    reader = JournalReader.on(path)
    found = [row.hash for _, row in reader.everything()]
    reader.close()
    return found


def is_whole(path: Path) -> bool:
    """Whether every chain in the file holds."""
    reader = JournalReader.on(path)
    found = list(flaws(reader))
    reader.close()
    return found == []


def run(module: str, *arguments: object) -> list[str]:
    """The words that tests/sync/<module>.py says as a process of its own."""
    command = [sys.executable, "-m", f"tests.sync.journal.{module}", *map(str, arguments)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, timeout=PATIENCE_S, cwd=ROOT, check=True
    )
    return done.stdout.split()
