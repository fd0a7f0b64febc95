"""Outings of households as gates report them, and what the centre makes of each message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import msgspec

from checkpoint.chain import JournalRow
from checkpoint.ids import EpochId, GateId, HouseholdId
from checkpoint.policy import Direction
from checkpoint.records import Crossing, Evidence
from tests.collector.journals import batch, crossing, journal

DAY_US = 86_400_000_000
HOME = HouseholdId("7-301")
FIRST_DAY = date(2026, 3, 2)
_EPOCHS = {
    GateId("gate-a"): EpochId("0b6f8a52-7c1d-4d0e-9a3b-5f2e1c4d7a90"),
    GateId("gate-b"): EpochId("5a0e3c9d-2b71-4f86-8e0d-6c4b9a1f3e25"),
}
GATE_A, GATE_B = _EPOCHS


@dataclass(frozen=True)
class Outing:
    """Somebody goes out at a gate, on a day of the story and at an hour."""

    gate: GateId
    day: int
    hour: int
    home: HouseholdId = HOME
    person: str = "R1001"

    @property
    def passage_at_us(self) -> int:
        """When."""
        midnight = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
        return int((midnight + timedelta(days=self.day, hours=self.hour)).timestamp() * 1_000_000)

    def record(self, how: Evidence = Evidence.DOOR, *, provisional: bool = True) -> Crossing:
        """What the gate writes."""
        return msgspec.structs.replace(
            crossing(self.person, self.passage_at_us),
            household=self.home,
            direction=Direction.OUT,
            how=how,
            charged_day=FIRST_DAY + timedelta(days=self.day),
            provisional=provisional,
        )


def messages(
    outings: list[Outing], hows: Sequence[Evidence] | None = None
) -> list[tuple[GateId, bytes]]:
    """A message for each outing, of its gate's journal, in this order; ``hows``: how each ended."""
    told: list[tuple[GateId, bytes]] = []
    ended = list(zip(outings, hows or [Evidence.DOOR] * len(outings), strict=True))
    rows: dict[GateId, list[JournalRow]] = {
        gate: journal([each.record(how) for each, how in ended if each.gate == gate], epoch)
        for gate, epoch in _EPOCHS.items()
    }
    for outing in outings:
        row = rows[outing.gate].pop(0)
        told.append((outing.gate, batch([row], gate=outing.gate, epoch=_EPOCHS[outing.gate])))
    return told


def epoch_of(gate: GateId) -> EpochId:
    """The journal of a gate."""
    return _EPOCHS[gate]
