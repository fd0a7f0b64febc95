"""A process that appends COUNT rows to the journal PATH and says each on stdout once it is committed."""

import resource
import sys
import time
from pathlib import Path

from checkpoint.ids import Revision
from checkpoint.records import Device, DeviceChange, DeviceState, Stamp
from sync.journal import Journal, JournalDown


def change(number: int) -> DeviceChange:
    stamp = Stamp(
        at_us=1_772_323_200_000_000 + number,
        boot_id="b",
        uptime_ms=number,
        clock_synced=True,
        policy_revision=Revision(0),
        roster_revision=None,
    )
    return DeviceChange(stamp=stamp, device=Device.CAMERA, state=DeviceState.OK, detail=str(number))


def main(path: str, count: str, pause_s: str, most_bytes: str) -> None:
    journal = Journal.on(Path(path))
    if int(most_bytes):
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), hard))
    for number in range(int(count)):
        try:
            print(journal.append(change(number)).hash, flush=True)
        except JournalDown:
            print("down", flush=True)
            return
        time.sleep(float(pause_s))


if __name__ == "__main__":
    main(*sys.argv[1:])
