"""One gate of the fleet: a journal that is written as if people came, and the real sync program on it."""

import random
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from checkpoint.entry_pass import Kind
from checkpoint.ids import CompoundId, GateId, PersonId, Revision, Seq
from checkpoint.policy import Direction
from checkpoint.records import Basis, Bearer, Passage, Result, Stamp
from checkpoint.thermometry import Reading, Temperature
from checkpoint.verdict import Flag, Reason
from config.trust import Trust
from config.version import VERSION
from simulation.fleet.polled_link import PolledLink
from sync.journal.reader import JournalReader
from sync.journal.writer import Journal
from sync.program import Place, SyncProgram, introduction
from sync.wire.session import Address

ALERT_EVERY: Final = 100
"""One record in so many is a fever."""
RESIDENTS: Final = 6_000


class SimulatedGate:
    """Journal, uplink and connection. ``pending`` has the times of records that nobody acknowledged yet."""

    def __init__(self, number: int, folder: Path, compound: CompoundId) -> None:
        self.place = Place(GateId(f"sim-{number:04}"), compound, folder / f"{number:04}", VERSION)
        self.journal = Journal.on(self.place.journal)
        self._chance = random.Random(number)  # noqa: S311 (people are not secrets)
        self.written = 0
        self.link: PolledLink
        self._program: SyncProgram | None = None
        self.pending: list[tuple[int, float]] = []

    def write(self) -> None:
        """One more scan."""
        self.journal.append(self._passage())
        self.written += 1

    def connect(self, trust: Trust, address: Address) -> None:
        """Begin to sync."""
        self.link = PolledLink(address, introduction(self.place))
        self._program = SyncProgram(self.place, trust, self.link)

    def turn(self) -> None:
        """Whatever has happened on the link and in the journal."""
        assert self._program is not None  # noqa: S101 (connect() comes first)
        self.link.turn()
        self._program.turn(0)
        while self.link.has_events:
            self._program.turn(0)

    def write_and_note(self) -> None:
        """One more scan whose way to the collector is timed."""
        self.pending.append((self.written + 1, time.monotonic()))
        self.write()

    def acknowledged(self) -> Iterator[float]:
        """Seconds from record to acknowledgement, of those that have come since the last call."""
        while self.pending and self.pending[0][0] <= self._acknowledged:
            yield time.monotonic() - self.pending.pop(0)[1]

    @property
    def unsynced(self) -> int:
        """Rows that the collector has not acknowledged."""
        return self.written - self._acknowledged

    @property
    def _acknowledged(self) -> int:
        return self._program.state.cursor(self.journal.epoch) if self._program else 0

    def parsed(self, after: int, most: int) -> Iterator[tuple[object, ...]]:
        """Rows of the journal as the collector's table has them."""
        with closing(JournalReader.on(self.place.journal)) as reader:
            rows = reader.rows(self.journal.epoch, Seq(after), most)
        for row in rows:
            texts = row.prev, row.salt, row.digest, row.hash, row.body
            passage = msgspec.json.decode(row.body, type=Passage)
            at_us, person = passage.stamp.at_us, passage.bearer and passage.bearer.person
            result = passage.result.value
            place = self.place.gate, self.journal.epoch, row.seq
            yield (*place, *texts, "passage", at_us, at_us, result, person)

    def close(self) -> None:
        """Say goodbye and let go of the files."""
        if self._program is not None:
            self._program.close()
        self.journal.close()

    def _passage(self) -> Passage:
        chance = self._chance
        fever = self.written % ALERT_EVERY == ALERT_EVERY - 1
        estimate = round(chance.gauss(3810 if fever else 3650, 15))
        person = PersonId(f"R{chance.randrange(RESIDENTS):07}")
        reading = Reading(
            outcome=Temperature.FEVER if fever else Temperature.NORMAL,
            sensor=f"mlx-{self.place.gate}",
            calibration="2030-01",
            estimate_centicelsius=estimate,
            object_centicelsius=estimate - 140,
            ambient_centicelsius=round(chance.gauss(2400, 100)),
            spread_centicelsius=chance.randrange(20),
            samples=15,
        )
        return Passage(
            stamp=self._stamp(),
            direction=chance.choice(tuple(Direction)),
            direction_basis=Basis.LANE,
            result=Result.HOLD if fever else Result.ADMIT,
            reason=Reason.FEVER if fever else None,
            flags=(Flag.FEVER,) if fever else (),
            code=f"{chance.getrandbits(64):016x}",
            bearer=Bearer(
                person=person, serial=1, compound=self.place.compound, kind=Kind.RESIDENT
            ),
            readings=(reading, reading) if fever else (reading,),
            temperature_centicelsius=estimate,
        )

    def _stamp(self) -> Stamp:
        return Stamp(
            at_us=time.time_ns() // 1000,
            boot_id="5d1c9d1e-6c5e-4b7e-9a53-0d2f3c4b5a69",
            uptime_ms=time.monotonic_ns() // 1_000_000,
            clock_synced=True,
            policy_revision=Revision(0),
            roster_revision=None,
        )
