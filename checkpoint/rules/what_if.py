"""Somebody who comes to a gate, put to the rules without a gate: what is not said is in order.

The pass is a genuine one of this compound with the person's current serial and the roster's dates, the roster is
fresh, the journal and the lock work. The Facts are the same that a gate judges, so the same decide() does it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import count

from checkpoint.entry_pass import Claims, Kind
from checkpoint.ids import GateId, PersonId, Seq
from checkpoint.people import Roster
from checkpoint.policy import Direction, Policy
from checkpoint.records import Evidence
from checkpoint.rules.facts import IN_ORDER, Facts, GateConditions
from checkpoint.rules.history import LedgerEntry, history_of
from checkpoint.rules.outings import charged_day
from checkpoint.thermometry import Reading, Temperature, outcome_of

_NEVER_S = 2**62


@dataclass(frozen=True, slots=True)
class CompoundRules:
    """What is the same at every gate."""

    roster: Roster
    policy: Policy
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class SupposedPassage:
    """Who comes, which way and when."""

    person: PersonId
    direction: Direction
    at_s: int
    """UTC seconds."""
    reading: Reading | None
    """The settled one; None: there was none."""
    clock_trusted: bool = True
    roster_age_s: int = 0
    gate: GateConditions = IN_ORDER


@dataclass(frozen=True, slots=True)
class EarlierPassage:
    """A door that opened for somebody before."""

    person: PersonId
    gate: GateId
    direction: Direction
    at_s: int
    went_through: bool
    """Whether they went through."""


def facts_about(
    arrival: SupposedPassage, compound: CompoundRules, earlier: Iterable[EarlierPassage] = ()
) -> Facts:
    """What a gate would ask the rules. Passages after the arrival do not count while the clock is trusted."""
    pass_ = pass_of(arrival.person, compound)
    standing = compound.roster.standing(arrival.person, pass_.serial)
    known = [
        _entry(passage, compound)
        for passage in earlier
        if passage.at_s <= arrival.at_s or not arrival.clock_trusted
    ]
    history = history_of(
        known,
        arrival.person,
        pass_.serial,
        standing.household.id if standing.household else None,
        arrival.at_s * 1_000_000 if arrival.clock_trusted else None,
    )
    return Facts(
        shown=pass_,
        standing=standing,
        history=history,
        direction=arrival.direction,
        zone=compound.zone,
        now_s=arrival.at_s,
        compound=compound.roster.compound,
        policy=compound.policy,
        clock_trusted=arrival.clock_trusted,
        roster_age_s=arrival.roster_age_s,
        reading=arrival.reading,
        gate=arrival.gate,
    )


def reading_of(centicelsius: int | None, policy: Policy) -> Reading:
    """A final estimate as the policy's limits judge it; None: a normal one."""
    if centicelsius is None:
        return Reading(outcome=Temperature.NORMAL, sensor="supposed")
    return Reading(
        outcome=outcome_of(centicelsius, policy.temperature),
        sensor="supposed",
        estimate_centicelsius=centicelsius,
    )


def pass_of(person: PersonId, compound: CompoundRules) -> Claims:
    """The person's current pass: the lowest serial that is not revoked, valid on the roster's days."""
    resident = compound.roster.residents.get(person)
    lowest = resident.lowest_serial if resident else 0
    serial = next(n for n in count(lowest) if (person, n) not in compound.roster.revoked)
    first, last = (resident.valid_from, resident.valid_until) if resident else (None, None)
    return Claims(
        person=person,
        serial=serial,
        compound=compound.roster.compound,
        not_before_s=0 if first is None else _midnight_s(first, compound.zone),
        expires_s=_NEVER_S
        if last is None
        else _midnight_s(last + timedelta(days=1), compound.zone),
        kind=resident.kind if resident else Kind.RESIDENT,
    )


def _entry(passage: EarlierPassage, compound: CompoundRules) -> LedgerEntry:
    """As the gate would have entered it: charged by the same policy at its own time."""
    resident = compound.roster.residents.get(passage.person)
    local = datetime.fromtimestamp(passage.at_s, compound.zone)
    return LedgerEntry(
        gate=passage.gate,
        passage_at_us=passage.at_s * 1_000_000,
        recorded_at_us=passage.at_s * 1_000_000,
        seq=Seq(0),
        person=passage.person,
        serial=pass_of(passage.person, compound).serial,
        household=resident.household if resident else None,
        direction=passage.direction,
        how=Evidence.DOOR if passage.went_through else Evidence.ANNULLED,
        charged_day=charged_day(resident, passage.direction, local, compound.policy),
    )


def _midnight_s(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())
