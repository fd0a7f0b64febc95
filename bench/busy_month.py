"""A month of a compound, for benches: the sample roster, and the journal of its one gate."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from rich.progress import track

from checkpoint.chain import GENESIS, SALT_BYTES, JournalRow, seal
from checkpoint.ids import EpochId, Revision, Seq
from checkpoint.people import Resident, RosterDocument
from checkpoint.policy import Direction
from checkpoint.records import Basis, Bearer, Crossing, Evidence, Passage, Result, Stamp, encode
from checkpoint.rules.outings import charged_day
from checkpoint.rules.what_if import CompoundRules, pass_of
from collector.roster_files.sample import sample

ZONE: Final = ZoneInfo("Asia/Shanghai")
EPOCH: Final = EpochId("5d1c9d1e-6c5e-4b7e-9a53-0d2f3c4b5a69")
OPEN_FROM, OPEN_S = 6, 57_600
"""People come and go from 06:00 on, for 16 hours."""
TODAY: Final = date(2030, 3, 18)
"""The day after the month."""


def roster_document(seed: int, households: int, people: int) -> RosterDocument:
    """So many people in so many homes."""
    made = sample(seed, households, people)
    return RosterDocument(**msgspec.structs.asdict(made), revision=Revision(1))


def journal_rows(
    compound: CompoundRules, days: int, a_day: int, chance: Random
) -> Iterator[JournalRow]:
    """Each passage two records, a scan's and a crossing; everybody goes out and comes back in turn."""
    residents = list(compound.roster.residents.values())
    inside = dict.fromkeys(compound.roster.residents, True)
    hash_, seq = GENESIS, 0
    for ago in track(range(days, 0, -1), "making the journal"):
        for number in range(a_day):
            at_us = at_us_of(TODAY - timedelta(days=ago), number * OPEN_S / a_day)
            resident = chance.choice(residents)
            direction = Direction.OUT if inside[resident.id] else Direction.IN
            inside[resident.id] = not inside[resident.id]
            for record in _records(compound, resident, direction, at_us):
                seq += 1
                row = seal(EPOCH, Seq(seq), hash_, bytes(SALT_BYTES), encode(record))
                hash_ = row.hash
                yield row


def at_us_of(day: date, after_opening_s: float) -> int:
    """UTC microseconds of a time of that day."""
    opens = datetime(day.year, day.month, day.day, OPEN_FROM, tzinfo=ZONE)
    return int(opens.timestamp() * 1_000_000) + round(after_opening_s * 1_000_000)


def stamp_of(at_us: int) -> Stamp:
    """The stamp of a record of that time."""
    return Stamp(
        at_us=at_us,
        boot_id=EPOCH,
        uptime_ms=at_us // 1000 % 10**9,
        clock_synced=True,
        policy_revision=Revision(0),
        roster_revision=Revision(1),
    )


def _records(
    compound: CompoundRules, resident: Resident, direction: Direction, at_us: int
) -> tuple[Passage, Crossing]:
    claims = pass_of(resident.id, compound)
    bearer = Bearer(
        person=resident.id, serial=claims.serial, compound=claims.compound, kind=claims.kind
    )
    passage = Passage(
        stamp=stamp_of(at_us),
        direction=direction,
        direction_basis=Basis.LANE,
        result=Result.ADMIT,
        reason=None,
        code="00ff00ff00ff00ff",
        bearer=bearer,
        temperature_centicelsius=3650,
    )
    local = datetime.fromtimestamp(at_us // 1_000_000, ZONE)
    crossing = Crossing(
        stamp=stamp_of(at_us + 4_000_000),
        passage_at_us=at_us,
        bearer=bearer,
        household=resident.household,
        direction=direction,
        direction_basis=Basis.LANE,
        how=Evidence.DOOR,
        charged_day=charged_day(resident, direction, local, compound.policy),
    )
    return passage, crossing
