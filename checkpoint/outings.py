"""A household's outings: who is bound by the quota, and to which day a departure is charged.

Bound are residents, going out, unless a mark that the policy names or their own shift exempts them. A
departure is charged to its calendar day in the compound's zone, once somebody has really gone. Where the clock
cannot be trusted there is no telling the day, and nothing is charged.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from checkpoint.entry_pass import Kind
from checkpoint.hours import covers
from checkpoint.ids import GateId, HouseholdId, PersonId, Seq
from checkpoint.people import Resident
from checkpoint.policy import Direction, OutingQuota, Policy


def is_on_shift(resident: Resident, local: datetime, policy: Policy) -> bool:
    """Whether one of the person's certificates covers this moment, the policy's grace included."""
    return any(
        covers(certificate.windows, local, policy.shift_grace_minutes)
        for certificate in resident.shifts
    )


def is_exempt(resident: Resident, local: datetime | None, policy: Policy) -> bool:
    """Whether bans and quotas do not bind this person now. ``local`` None: the clock is not trusted."""
    if not policy.exempt_marks.isdisjoint(resident.marks):
        return True
    return local is not None and is_on_shift(resident, local, policy)


def charged_day(
    resident: Resident | None, direction: Direction, local: datetime | None, policy: Policy
) -> date | None:
    """The day to which this passage will be charged if somebody really goes; None: to none."""
    if policy.outings is None or direction is not Direction.OUT or local is None:
        return None
    if resident is None or resident.kind is not Kind.RESIDENT:
        return None
    return None if is_exempt(resident, local, policy) else local.date()


@dataclass(frozen=True, slots=True, order=True)
class Outing:
    """One departure that was charged. Orders by corrected time, then gate, then sequence number."""

    at_us: int
    """UTC, corrected."""
    gate: GateId
    seq: Seq
    person: PersonId
    household: HouseholdId
    day: date


def excess(outings: Iterable[Outing], quota: OutingQuota) -> tuple[Outing, ...]:
    """The outings beyond what each household was due: every later one within ``every_days`` of one that counted.

    Two gates that could not hear of each other may both have granted one. The order in which their
    passages become known does not matter.
    """
    beyond: list[Outing] = []
    counted: dict[HouseholdId, date] = {}
    for outing in sorted(set(outings)):
        before = counted.get(outing.household)
        if before is not None and (outing.day - before).days < quota.every_days:
            beyond.append(outing)
        else:
            counted[outing.household] = outing.day
    return tuple(beyond)
