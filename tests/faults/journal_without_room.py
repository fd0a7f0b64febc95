"""A process whose notebook on the journal PATH has no room to grow for a while; says what became of each record."""

import resource
import sys
from pathlib import Path

import msgspec

from checkpoint.records import Device, DeviceChange, DeviceState
from kiosk.files.journal_buffer import JournalBuffer
from sync.journal.opening import open_journal
from tests.kiosk.screen.gate_page import PASSAGE, STAMP

ADMISSIONS = 3


def main(path: Path) -> None:
    journal_buffer = JournalBuffer(lambda: open_journal(path, None), lambda: STAMP, ADMISSIONS)
    for number in range(5):
        journal_buffer.keep(msgspec.structs.replace(PASSAGE, code=f"{number:016}"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = path.with_name(path.name + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size, hard))
    for number in range(5, 10):
        kept = journal_buffer.keep(msgspec.structs.replace(PASSAGE, code=f"{number:016}"))
        print("kept" if kept else "refused")
    change = DeviceChange(stamp=STAMP, device=Device.JOURNAL, state=DeviceState.GONE)
    print("kept" if journal_buffer.keep(change) else "refused")
    journal_buffer.mend()
    print(journal_buffer.health.writable, journal_buffer.health.unwritten_admissions)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    journal_buffer.mend()
    print(journal_buffer.health.writable, journal_buffer.health.unwritten_admissions)
    journal_buffer.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
