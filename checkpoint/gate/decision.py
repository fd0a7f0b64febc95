"""One scan and its verdict, as the facts for the rules, the record for the journal and the picture for the screen."""

import msgspec

from checkpoint.entry_pass import Claims, Rejection
from checkpoint.gate.context import Context, Face, Scan, Show
from checkpoint.gate.state import Attempt
from checkpoint.ids import Revision
from checkpoint.records import Bearer, Passage, Result
from checkpoint.rules.facts import Facts
from checkpoint.thermometry import Reading, Temperature
from checkpoint.verdict import Admit, Hold, Reason, Refuse, Verdict


def facts_of(attempt: Attempt, decisive: Reading | None, context: Context) -> Facts:
    """What the rules are asked about one scan."""
    return Facts(
        shown=attempt.scan.shown,
        standing=attempt.scan.standing,
        history=attempt.scan.history,
        direction=attempt.direction,
        zone=context.lane.zone,
        now_s=context.stamp.at_us // 1_000_000,
        compound=context.lane.compound,
        policy=context.lane.policy,
        clock_trusted=context.stamp.clock_synced,
        roster_age_s=_age_s(attempt.scan.roster_revision, context.stamp.at_us),
        reading=decisive,
        gate=context.gate,
    )


def passage_of(
    attempt: Attempt,
    readings: tuple[Reading, ...],
    decisive: Reading | None,
    verdict: Verdict,
    context: Context,
) -> Passage:
    """The record of one verdict."""
    return Passage(
        stamp=msgspec.structs.replace(context.stamp, roster_revision=attempt.scan.roster_revision),
        direction=attempt.direction,
        direction_basis=attempt.basis,
        result=_result(verdict),
        reason=_reason(verdict),
        flags=tuple(sorted(verdict.flags)),
        code=attempt.scan.fingerprint,
        bearer=bearer_of(attempt.scan.shown),
        readings=readings,
        temperature_centicelsius=_estimate(decisive),
    )


def show_of(scan: Scan, verdict: Verdict, decisive: Reading | None) -> Show:
    """The picture of one verdict."""
    reason = _reason(verdict)
    stop = Face.STOP_FEVER if reason is Reason.FEVER else Face.STOP
    return Show(
        Face.PASS if reason is None else stop,
        result=_result(verdict),
        reason=reason,
        standing=scan.standing,
        temperature_centicelsius=_estimate(decisive),
    )


def _age_s(roster: Revision | None, now_us: int) -> int | None:
    """Seconds since the roster was issued, by this gate's clock; a revision is a time in microseconds."""
    return None if roster is None else max(0, now_us - roster) // 1_000_000


def bearer_of(shown: Claims | Rejection) -> Bearer | None:
    """What a genuine pass said; None for anything else."""
    if isinstance(shown, Rejection):
        return None
    return Bearer(
        person=shown.person,
        serial=shown.serial,
        compound=shown.compound,
        kind=shown.kind,
    )


def _estimate(decisive: Reading | None) -> int | None:
    """What may be shown and recorded as the temperature: not what a cold or hot site made of it."""
    if decisive is None or decisive.outcome is Temperature.AMBIENT_OUT_OF_RANGE:
        return None
    return decisive.estimate_centicelsius


def _result(verdict: Verdict) -> Result:
    match verdict:
        case Admit():
            return Result.ADMIT
        case Hold():
            return Result.HOLD
        case Refuse():
            return Result.REFUSE


def _reason(verdict: Verdict) -> Reason | None:
    return None if isinstance(verdict, Admit) else verdict.reason
