"""Journals as gates write them, and batches cut from them."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from checkpoint.chain import GENESIS, JournalRow, seal
from checkpoint.entry_pass import Kind
from checkpoint.ids import CompoundId, EpochId, GateId, PersonId, Revision, Seq
from checkpoint.policy import Direction
from checkpoint.records import (
    Basis,
    Bearer,
    Crossing,
    Evidence,
    Passage,
    Record,
    Result,
    Stamp,
    encode,
)
from checkpoint.verdict import Flag, Reason
from sync.wire.messages import Batch

GATE = GateId("gate-a")
EPOCH = EpochId("0b6f8a52-7c1d-4d0e-9a3b-5f2e1c4d7a90")
START_US = 1_581_638_400_000_000
"""2020-02-14 08:00:00 in Shanghai."""


def stamp(at_us: int = START_US, *, clock_synced: bool = True) -> Stamp:
    return Stamp(
        at_us=at_us,
        boot_id="9d1f",
        uptime_ms=1000,
        clock_synced=clock_synced,
        policy_revision=Revision(1),
        roster_revision=Revision(2),
    )


def passage(person: str = "R1001", at_us: int = START_US, **changes: object) -> Passage:
    bearer = Bearer(person=PersonId(person), serial=1, compound=CompoundId(1), kind=Kind.RESIDENT)
    admitted = Passage(
        stamp=stamp(at_us),
        direction=Direction.IN,
        direction_basis=Basis.LANE,
        result=Result.ADMIT,
        reason=None,
        code="00ff00ff00ff00ff",
        bearer=bearer,
        temperature_centicelsius=3662,
    )
    return msgspec.structs.replace(admitted, **changes)


def fever(person: str = "R1001", at_us: int = START_US) -> Passage:
    return passage(
        person,
        at_us,
        result=Result.HOLD,
        reason=Reason.FEVER,
        flags=(Flag.FEVER,),
        temperature_centicelsius=3810,
    )


def crossing(person: str = "R1001", at_us: int = START_US) -> Crossing:
    return Crossing(
        stamp=stamp(at_us + 5_000_000),
        passage_at_us=at_us,
        bearer=Bearer(
            person=PersonId(person), serial=1, compound=CompoundId(1), kind=Kind.RESIDENT
        ),
        direction=Direction.OUT,
        direction_basis=Basis.LANE,
        how=Evidence.ANNULLED,
    )


def admitted(count: int) -> list[Record]:
    return [passage(f"R{n}", START_US + n * 1_000_000) for n in range(count)]


def journal(bodies: Sequence[Record | str], epoch: EpochId = EPOCH) -> list[JournalRow]:
    """A sound chain over records, or over texts as they are."""
    rows: list[JournalRow] = []
    prev = GENESIS
    for seq, body in enumerate(bodies, start=1):
        text = body if isinstance(body, str) else encode(body)
        salt = sha256(f"{epoch}{seq}".encode()).digest()[:16]
        rows.append(seal(epoch, Seq(seq), prev, salt, text))
        prev = rows[-1].hash
    return rows


def batch(
    rows: Sequence[JournalRow],
    missing: tuple[tuple[int, int], ...] = (),
    gate: GateId = GATE,
    epoch: EpochId = EPOCH,
) -> bytes:
    ranges = tuple((Seq(first), Seq(last)) for first, last in missing)
    return msgspec.json.encode(Batch(gate=gate, epoch=epoch, records=tuple(rows), missing=ranges))


def rotten(row: JournalRow) -> JournalRow:
    """The same row with another body under the old hashes."""
    return msgspec.structs.replace(row, body=row.body + " ")
