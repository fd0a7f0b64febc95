"""A household's outings: who is bound by the quota, and to which day a departure is charged.

Bound are residents, going out, unless a mark that the policy names or their own shift exempts them. A
departure is charged to its calendar day in the compound's zone, once somebody has really gone. Where the clock
cannot be trusted there is no telling the day, and nothing is charged.
"""

from collections.abc import Iterable
from datetime import date, datetime

from checkpoint.entry_pass import Kind
from checkpoint.hours import covers
from checkpoint.ids import HouseholdId
from checkpoint.people import Resident
from checkpoint.policy import Direction, OutingQuota, Policy
from checkpoint.rules.history import LedgerEntry, latest_word


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


def excess(entries: Iterable[LedgerEntry], quota: OutingQuota) -> tuple[LedgerEntry, ...]:
    """The outings beyond what each household was due: every later one within ``every_days`` of one that counted.

    Two gates that could not hear of each other may both have granted one. Later is later by corrected time,
    then by gate, then by sequence number; in which order the entries become known does not matter.
    """
    beyond: list[LedgerEntry] = []
    counted: dict[HouseholdId, date] = {}
    for outing in sorted(latest_word(entries), key=lambda entry: entry.order):
        household, day = outing.household, outing.charged_day
        if not (outing.went_through and outing.charged) or household is None or day is None:
            continue
        before = counted.get(household)
        if before is not None and (day - before).days < quota.every_days:
            beyond.append(outing)
        else:
            counted[household] = day
    return tuple(beyond)
