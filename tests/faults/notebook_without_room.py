"""A process whose notebook on the journal PATH has no room to grow for a while; says what became of each record."""

import resource
import sys
from pathlib import Path

import msgspec

from checkpoint.records import Device, DeviceChange, DeviceState
from kiosk.files.journal_buffer import Notebook
from sync.journal.opening import open_journal
from tests.kiosk.screen.gate_page import PASSAGE, STAMP

ADMISSIONS = 3


def main(path: Path) -> None:
    notebook = Notebook(lambda: open_journal(path, None), lambda: STAMP, ADMISSIONS)
    for number in range(5):
        notebook.keep(msgspec.structs.replace(PASSAGE, code=f"{number:016}"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = path.with_name(path.name + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size, hard))
    for number in range(5, 10):
        kept = notebook.keep(msgspec.structs.replace(PASSAGE, code=f"{number:016}"))
        print("kept" if kept else "refused")
    change = DeviceChange(stamp=STAMP, device=Device.JOURNAL, state=DeviceState.GONE)
    print("kept" if notebook.keep(change) else "refused")
    notebook.mend()
    print(notebook.health.writable, notebook.health.unwritten_admissions)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    notebook.mend()
    print(notebook.health.writable, notebook.health.unwritten_admissions)
    notebook.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
