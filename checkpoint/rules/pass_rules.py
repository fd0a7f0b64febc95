"""What the pass itself says."""

from typing import Final

from checkpoint.entry_pass import Claims, Rejection
from checkpoint.rules.facts import Answer, Outcome, Question, Rule, coming_in
from checkpoint.verdict import Flag, Reason


def unknown_code(question: Question) -> Answer | None:
    if question.shown is not Rejection.NOT_A_PASS:
        return None
    return Answer(Outcome.REFUSE, Reason.UNKNOWN_CODE, Flag.UNKNOWN_VISITOR)


_BAD_PASS: Final = {
    Rejection.FORGED: Answer(Outcome.REFUSE, Reason.FORGED, Flag.FORGED_PASS),
    Rejection.MALFORMED: Answer(Outcome.REFUSE, Reason.MALFORMED, Flag.UNKNOWN_VISITOR),
    Rejection.UNKNOWN_KEY: Answer(Outcome.REFUSE, Reason.UNKNOWN_KEY, Flag.UNKNOWN_VISITOR),
}


def bad_pass(question: Question) -> Answer | None:
    shown = question.shown
    return _BAD_PASS.get(shown) if isinstance(shown, Rejection) else None


def outside_validity(question: Question) -> Answer | None:
    """The edges: nbf - grace is valid, exp + grace is not."""
    claims, grace = question.shown, question.policy.validity_grace_s
    if not isinstance(claims, Claims) or not question.clock_trusted:
        return None
    outcome = coming_in(question, Outcome.HOLD)
    if question.now_s < claims.not_before_s - grace:
        return Answer(outcome, Reason.NOT_YET_VALID, Flag.NOT_YET_VALID)
    if question.now_s >= claims.expires_s + grace:
        return Answer(outcome, Reason.EXPIRED, Flag.EXPIRED)
    return None


def wrong_compound(question: Question) -> Answer | None:
    claims = question.shown
    if not isinstance(claims, Claims) or claims.compound == question.compound:
        return None
    outcome = coming_in(question, Outcome.REFUSE)
    return Answer(outcome, Reason.WRONG_COMPOUND, Flag.UNKNOWN_VISITOR)


def revoked(question: Question) -> Answer | None:
    if not isinstance(question.shown, Claims) or not question.standing.revoked:
        return None
    outcome = coming_in(question, Outcome.REFUSE)
    return Answer(outcome, Reason.REVOKED, Flag.REVOKED_PASS_USED)


def unknown_person(question: Question) -> Answer | None:
    if not isinstance(question.shown, Claims) or question.standing.resident is not None:
        return None
    outcome = coming_in(question, Outcome.HOLD)
    return Answer(outcome, Reason.UNKNOWN_PERSON, Flag.UNKNOWN_VISITOR)


PASS_RULES: Final[tuple[Rule, ...]] = (
    unknown_code,
    bad_pass,
    outside_validity,
    wrong_compound,
    revoked,
    unknown_person,
)
