"""What the pass itself says."""

from typing import Final

from checkpoint.entry_pass import Claims, Rejection
from checkpoint.rules.facts import Facts, Finding, Outcome, Rule, coming_in
from checkpoint.verdict import Flag, Reason


def unknown_code(facts: Facts) -> Finding | None:
    if facts.shown is not Rejection.NOT_A_PASS:
        return None
    return Finding(Outcome.REFUSE, Reason.UNKNOWN_CODE, Flag.UNKNOWN_VISITOR)


_BAD_PASS: Final = {
    Rejection.FORGED: Finding(Outcome.REFUSE, Reason.FORGED, Flag.FORGED_PASS),
    Rejection.MALFORMED: Finding(Outcome.REFUSE, Reason.MALFORMED, Flag.UNKNOWN_VISITOR),
    Rejection.UNKNOWN_KEY: Finding(Outcome.REFUSE, Reason.UNKNOWN_KEY, Flag.UNKNOWN_VISITOR),
}


def bad_pass(facts: Facts) -> Finding | None:
    shown = facts.shown
    return _BAD_PASS.get(shown) if isinstance(shown, Rejection) else None


def outside_validity(facts: Facts) -> Finding | None:
    """The edges: nbf - grace is valid, exp + grace is not."""
    claims, grace = facts.shown, facts.policy.validity_grace_s
    if not isinstance(claims, Claims) or not facts.clock_trusted:
        return None
    outcome = coming_in(facts, Outcome.HOLD)
    if facts.now_s < claims.not_before_s - grace:
        return Finding(outcome, Reason.NOT_YET_VALID, Flag.NOT_YET_VALID)
    if facts.now_s >= claims.expires_s + grace:
        return Finding(outcome, Reason.EXPIRED, Flag.EXPIRED)
    return None


def wrong_compound(facts: Facts) -> Finding | None:
    claims = facts.shown
    if not isinstance(claims, Claims) or claims.compound == facts.compound:
        return None
    outcome = coming_in(facts, Outcome.REFUSE)
    return Finding(outcome, Reason.WRONG_COMPOUND, Flag.UNKNOWN_VISITOR)


def revoked(facts: Facts) -> Finding | None:
    if not isinstance(facts.shown, Claims) or not facts.standing.revoked:
        return None
    outcome = coming_in(facts, Outcome.REFUSE)
    return Finding(outcome, Reason.REVOKED, Flag.REVOKED_PASS_USED)


def unknown_person(facts: Facts) -> Finding | None:
    if not isinstance(facts.shown, Claims) or facts.standing.resident is not None:
        return None
    outcome = coming_in(facts, Outcome.HOLD)
    return Finding(outcome, Reason.UNKNOWN_PERSON, Flag.UNKNOWN_VISITOR)


PASS_RULES: Final[tuple[Rule, ...]] = (
    unknown_code,
    bad_pass,
    outside_validity,
    wrong_compound,
    revoked,
    unknown_person,
)
