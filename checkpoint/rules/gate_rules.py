"""How far this gate itself can be relied on, and whether the centre lets it open."""

from typing import Final

from checkpoint.rules.facts import Answer, Outcome, Question, Rule, coming_in
from checkpoint.verdict import Flag, Reason


def degraded(question: Question) -> Answer | None:
    policy, age_s = question.policy, question.roster_age_s
    # Without a trusted clock an age means nothing, unless there is no roster at all.
    stale = age_s is None or (question.clock_trusted and age_s > policy.roster_stale_after_s)
    if question.clock_trusted and not stale:
        return None
    if not question.clock_trusted and policy.untrusted_clock_holds:
        return Answer(coming_in(question, Outcome.HOLD), Reason.CLOCK_UNTRUSTED, Flag.DEGRADED)
    if stale and policy.stale_roster_holds:
        return Answer(coming_in(question, Outcome.HOLD), Reason.ROSTER_STALE, Flag.DEGRADED)
    reason = Reason.ROSTER_STALE if question.clock_trusted else Reason.CLOCK_UNTRUSTED
    return Answer(Outcome.FLAG, reason, Flag.DEGRADED)


def journal_down(question: Question) -> Answer | None:
    if question.journal.writable:
        return None
    spent = question.journal.unwritten_admissions >= question.policy.admit_without_journal
    outcome = Outcome.HOLD if spent else Outcome.FLAG
    return Answer(outcome, Reason.JOURNAL_DOWN, Flag.DEGRADED)


def lock_down(question: Question) -> Answer | None:
    """An Admit that cannot open the door would make the log lie: docs/decisions/0002."""
    if question.lock_ready:
        return None
    return Answer(Outcome.HOLD, Reason.LOCK_DOWN, Flag.DEGRADED)


def locked_out(question: Question) -> Answer | None:
    return Answer(Outcome.HOLD, Reason.LOCKED_OUT) if question.locked_out else None


GATE_RULES: Final[tuple[Rule, ...]] = (
    degraded,
    journal_down,
    lock_down,
    locked_out,
)
