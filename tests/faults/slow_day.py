"""python -m tests.faults.slow_day: how long a day's records of one gate take over 64 kbit/s, and how many bytes.

Real journal, real uplink, real mosquitto and intake; the proxy of tests/proxy.py is the slow link. A quarter of
an hour for a day of 7,000, so no test: test_bad_link.py does the same with fewer.
"""

import argparse
import tempfile
import time
from pathlib import Path

from checkpoint.ids import Seq
from simulation.compound import COMPOUND
from simulation.fleet.centre import Centre
from simulation.fleet.fleet import Fleet
from sync.journal.reader import JournalReader
from sync.wire.batch import make_batch
from sync.wire.session import Address
from tests.proxy import Proxy

LINK_BYTES = 8_000
"""A second: 64 kbit/s."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=7_000)
    records = parser.parse_args().records
    with tempfile.TemporaryDirectory(prefix="gatepost-slow-") as folder:
        centre = Centre(Path(folder))
        proxy = Proxy(centre.address.port)
        proxy.bytes_a_second = LINK_BYTES
        fleet = Fleet(1, Path(folder) / "gates", COMPOUND)
        for _ in range(records):
            fleet.gates[0].write()
        fleet.connect(centre.trust, Address("127.0.0.1", proxy.port))
        begin_s = time.monotonic()
        drained = fleet.drain(4 * records, lambda _: None)
        took_s = time.monotonic() - begin_s
        least = _bytes_of(fleet)
        sent, stored = proxy.bytes_up, centre.stored()
        fleet.close()
        proxy.close()
        centre.stop()
    print(f"{stored} of {records} records stored, all acknowledged: {drained}, in {took_s:.0f} s")
    print(
        f"the link alone needs {least / LINK_BYTES:.0f} s: {took_s / least * LINK_BYTES:.2f} of it"
    )
    print(f"{sent} bytes went up, {sent / least:.3f} of the rows in messages as long as allowed")


def _bytes_of(fleet: Fleet) -> int:
    gate = fleet.gates[0]
    reader = JournalReader.on(gate.place.journal)
    rows = reader.rows(gate.journal.epoch, Seq(0), gate.written)
    reader.close()
    return sum(
        len(make_batch(gate.place.gate, gate.journal.epoch, Seq(start), rows[start : start + 60]))
        for start in range(0, len(rows), 60)
    )


if __name__ == "__main__":
    main()
