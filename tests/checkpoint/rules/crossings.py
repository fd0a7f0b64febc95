"""Ledger entries for laws: few people, gates and moments, so that they meet."""

from datetime import date, timedelta

import msgspec
from hypothesis import strategies as st

from checkpoint.ids import GateId, HouseholdId, PersonId, Seq
from checkpoint.policy import Direction, OutingQuota
from checkpoint.records import Evidence
from checkpoint.rules.history import LedgerEntry

PERSONS = [PersonId(f"P{number}") for number in range(4)]
HOUSEHOLDS = [HouseholdId("1-101"), HouseholdId("1-102")]
_GATES = [GateId(""), GateId("east"), GateId("west")]
_DAY_US = 86_400_000_000
_FIRST = date(2030, 3, 1)


def _entry(drawn: LedgerEntry) -> LedgerEntry:
    """What a gate may write: who came by stands in the first record of a crossing, and residents have a home."""
    person = PERSONS[(drawn.passage_at_us // 1_000_000 + len(drawn.gate)) % len(PERSONS)]
    household = HOUSEHOLDS[int(person[1:]) % 2]
    day = _FIRST + timedelta(days=drawn.passage_at_us // _DAY_US)
    charged = drawn.charged_day is not None and drawn.direction is Direction.OUT
    return msgspec.structs.replace(
        drawn, person=person, household=household, charged_day=day if charged else None
    )


_ENTRIES = st.builds(
    LedgerEntry,
    gate=st.sampled_from(_GATES),
    passage_at_us=st.integers(0, 20).map(lambda quarter: quarter * _DAY_US // 4),
    recorded_at_us=st.integers(0, 3),
    seq=st.integers(1, 3).map(Seq),
    person=st.just(PERSONS[0]),
    serial=st.integers(1, 2),
    household=st.none(),
    direction=st.sampled_from(Direction),
    how=st.sampled_from(Evidence),
    charged_day=st.none() | st.just(_FIRST),
).map(_entry)
LEDGERS = st.lists(
    _ENTRIES, max_size=12, unique_by=lambda e: (e.gate, e.passage_at_us, e.recorded_at_us, e.seq)
)
"""No gate writes two records under one number."""
QUOTAS = st.integers(1, 3).map(lambda days: OutingQuota(every_days=days, max_minutes_out=60))
