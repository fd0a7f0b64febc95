"""How far this gate itself can be relied on, and whether the centre lets it open."""

from typing import Final

from checkpoint.rules.facts import Facts, Finding, Outcome, Rule, coming_in
from checkpoint.verdict import Flag, Reason


def degraded(facts: Facts) -> Finding | None:
    policy, age_s = facts.policy, facts.roster_age_s
    # Without a trusted clock an age means nothing, unless there is no roster at all.
    stale = age_s is None or (facts.clock_trusted and age_s > policy.roster_stale_after_s)
    if facts.clock_trusted and not stale:
        return None
    if not facts.clock_trusted and policy.untrusted_clock_holds:
        return Finding(coming_in(facts, Outcome.HOLD), Reason.CLOCK_UNTRUSTED, Flag.DEGRADED)
    if stale and policy.stale_roster_holds:
        return Finding(coming_in(facts, Outcome.HOLD), Reason.ROSTER_STALE, Flag.DEGRADED)
    reason = Reason.ROSTER_STALE if facts.clock_trusted else Reason.CLOCK_UNTRUSTED
    return Finding(Outcome.FLAG, reason, Flag.DEGRADED)


def journal_down(facts: Facts) -> Finding | None:
    if facts.gate.journal.writable:
        return None
    spent = facts.gate.journal.unwritten_admissions >= facts.policy.admit_without_journal
    outcome = Outcome.HOLD if spent else Outcome.FLAG
    return Finding(outcome, Reason.JOURNAL_DOWN, Flag.DEGRADED)


def lock_down(facts: Facts) -> Finding | None:
    """An Admit that cannot open the door would make the log lie: docs/decisions/0002."""
    if facts.gate.lock_ready:
        return None
    return Finding(Outcome.HOLD, Reason.LOCK_DOWN, Flag.DEGRADED)


def locked_out(facts: Facts) -> Finding | None:
    return Finding(Outcome.HOLD, Reason.LOCKED_OUT) if facts.gate.locked_out else None


GATE_RULES: Final[tuple[Rule, ...]] = (
    degraded,
    journal_down,
    lock_down,
    locked_out,
)
