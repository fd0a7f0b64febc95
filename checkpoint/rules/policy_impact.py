"""What a change of policy would mean: for everybody, and for each person whom it touches.

Of a person that is: what the gates would say to them at one moment, in either direction, healthy and with nothing
known of earlier passages; and, whatever the moment, the curfew and the quota that bind them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from checkpoint.entry_pass import Kind
from checkpoint.people import Resident
from checkpoint.policy import Curfew, Direction, OutingQuota, Policy
from checkpoint.rules.outings import is_exempt
from checkpoint.rules.table import decide
from checkpoint.rules.what_if import CompoundRules, SupposedPassage, facts_about, reading_of
from checkpoint.verdict import Admit, Reason

_OF_A_PERSON: Final = {"name", "revision", "curfew", "outings", "exempt_marks"}
"""Fields that name a policy, or that reach people through their terms."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What one policy means for one person."""

    coming_in: Reason | None
    """None: admitted."""
    going_out: Reason | None
    curfew: Curfew | None
    """None: none binds them."""
    outings: OutingQuota | None


@dataclass(frozen=True, slots=True)
class Affected:
    """A person for whom something changes."""

    resident: Resident
    before: Terms
    after: Terms


def affected(before: CompoundRules, policy: Policy, at_s: int) -> Iterator[Affected]:
    """Everybody in the roster for whom this policy means something else, by their ids."""
    after = replace(before, policy=policy)
    for _, resident in sorted(before.roster.residents.items()):
        old, new = _terms(resident, before, at_s), _terms(resident, after, at_s)
        if old != new:
            yield Affected(resident, old, new)


def changed_limits(before: Policy, after: Policy) -> dict[str, tuple[object, object]]:
    """What changes for everybody: the policy's field, its value before and after."""
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return {
        field: (old[field], new[field])
        for field in old
        if field not in _OF_A_PERSON and old[field] != new[field]
    }


def _terms(resident: Resident, compound: CompoundRules, at_s: int) -> Terms:
    policy = compound.policy
    curfew, outings = policy.curfew, policy.outings
    lives_here = resident.kind is Kind.RESIDENT
    exempt = is_exempt(resident, None, policy)
    closes_in = curfew is not None and Direction.IN in curfew.directions
    return Terms(
        coming_in=_answer(resident, Direction.IN, compound, at_s),
        going_out=_answer(resident, Direction.OUT, compound, at_s),
        # Going out a curfew binds residents only, coming in everybody.
        curfew=curfew if (lives_here or closes_in) and not exempt else None,
        outings=outings if lives_here and not exempt else None,
    )


def _answer(
    resident: Resident, direction: Direction, compound: CompoundRules, at_s: int
) -> Reason | None:
    arrival = SupposedPassage(resident.id, direction, at_s, reading_of(None, compound.policy))
    verdict = decide(facts_about(arrival, compound))
    return None if isinstance(verdict, Admit) else verdict.reason
