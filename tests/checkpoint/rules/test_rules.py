"""docs/rules.md as a table: every row in both directions, the precedence between them, and the flags kept."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.entry_pass import Claims, Kind, Rejection
from checkpoint.hours import Weekly
from checkpoint.ids import CompoundId
from checkpoint.people import Colour, Entries, ShiftCertificate, Standing
from checkpoint.policy import Curfew, Direction, OutingQuota
from checkpoint.rules.facts import JournalHealth
from checkpoint.rules.history import NO_HISTORY, History, LastCrossing
from checkpoint.rules.table import TABLE, decide, needs_reading
from checkpoint.thermometry import Temperature
from checkpoint.verdict import Admit, Flag, Hold, Reason, Refuse, Verdict
from tests.checkpoint.examples import (
    CLAIMS,
    COMPOUND,
    HOUSEHOLD,
    KNOWN,
    NOW_S,
    RESIDENT,
    STANDING,
    ZONE,
    facts,
    person,
    policy,
    reading,
)

IN, OUT = Direction.IN, Direction.OUT
LOCAL = datetime.fromtimestamp(NOW_S, ZONE)
TODAY = LOCAL.date()


def hour(shift: int) -> Weekly:
    """The whole hour of today's wall clock that many hours from now."""
    begins = LOCAL.hour + shift
    return Weekly(
        days=frozenset({LOCAL.weekday()}), start_minute=begins * 60, end_minute=begins * 60 + 60
    )


NOW_HOUR, NEXT_HOUR, LATER_HOUR = hour(0), hour(1), hour(3)


def on_shift(*windows: Weekly) -> ShiftCertificate:
    return ShiftCertificate(employer="Acme", post="driver", windows=windows)


EXEMPT = frozenset({"medical"})
SEALED = policy(curfew=Curfew(directions=frozenset({OUT})), exempt_marks=EXEMPT)
QUOTA = OutingQuota(every_days=1, max_minutes_out=120)
QUOTA_WITH_HOURS = msgspec.structs.replace(QUOTA, allowed_hours=(LATER_HOUR,))
DAILY = policy(outings=QUOTA, exempt_marks=EXEMPT)
EVERY_TWO_DAYS = policy(outings=msgspec.structs.replace(QUOTA, every_days=2))
NOBODY = Standing()
WHITE = Standing(
    RESIDENT, type(HOUSEHOLD)(id=HOUSEHOLD.id, building="7", unit="301", colour=Colour.WHITE)
)
RED, ORANGE, YELLOW = (
    Standing(RESIDENT, msgspec.structs.replace(HOUSEHOLD, colour=colour))
    for colour in (Colour.RED, Colour.ORANGE, Colour.YELLOW)
)
REVOKED = Standing(RESIDENT, HOUSEHOLD, revoked=True)
MEASURES_IN = policy(measured=frozenset({IN}))
CLOCK_HOLDS = policy(untrusted_clock_holds=True)
STALE_HOLDS = policy(stale_roster_holds=True)
STALE_S = policy().roster_stale_after_s + 1
FULL = JournalHealth(writable=False, unwritten_admissions=200)
NEARLY_FULL = JournalHealth(writable=False, unwritten_admissions=199)


def hold(reason: Reason, *flags: Flag) -> Hold:
    return Hold(reason, frozenset(flags))


def refuse(reason: Reason, *flags: Flag) -> Refuse:
    return Refuse(reason, frozenset(flags))


def admit(*flags: Flag) -> Admit:
    return Admit(frozenset(flags))


VISITOR, DEGRADED = Flag.UNKNOWN_VISITOR, Flag.DEGRADED
ROWS: list[tuple[str, str, dict[str, Any], Verdict, Verdict]] = [
    ("", "all in order", {}, admit(), admit()),
    (
        "unknown_code",
        "no pass",
        {"shown": Rejection.NOT_A_PASS, "standing": NOBODY},
        refuse(Reason.UNKNOWN_CODE, VISITOR),
        refuse(Reason.UNKNOWN_CODE, VISITOR),
    ),
    (
        "bad_pass",
        "forged",
        {"shown": Rejection.FORGED, "standing": NOBODY},
        refuse(Reason.FORGED, Flag.FORGED_PASS),
        refuse(Reason.FORGED, Flag.FORGED_PASS),
    ),
    (
        "bad_pass",
        "malformed",
        {"shown": Rejection.MALFORMED, "standing": NOBODY},
        refuse(Reason.MALFORMED, VISITOR),
        refuse(Reason.MALFORMED, VISITOR),
    ),
    (
        "bad_pass",
        "unknown key",
        {"shown": Rejection.UNKNOWN_KEY, "standing": NOBODY},
        refuse(Reason.UNKNOWN_KEY, VISITOR),
        refuse(Reason.UNKNOWN_KEY, VISITOR),
    ),
    (
        "outside_validity",
        "not yet valid",
        {"now_s": CLAIMS.not_before_s - 121},
        hold(Reason.NOT_YET_VALID, Flag.NOT_YET_VALID),
        admit(Flag.NOT_YET_VALID),
    ),
    (
        "outside_validity",
        "expired",
        {"now_s": CLAIMS.expires_s + 120},
        hold(Reason.EXPIRED, Flag.EXPIRED),
        admit(Flag.EXPIRED),
    ),
    (
        "wrong_compound",
        "another compound's",
        {"compound": CompoundId(101)},
        refuse(Reason.WRONG_COMPOUND, VISITOR),
        admit(VISITOR),
    ),
    (
        "revoked",
        "revoked",
        {"standing": REVOKED},
        refuse(Reason.REVOKED, Flag.REVOKED_PASS_USED),
        admit(Flag.REVOKED_PASS_USED),
    ),
    (
        "unknown_person",
        "not in the roster",
        {"standing": NOBODY},
        hold(Reason.UNKNOWN_PERSON, VISITOR),
        admit(VISITOR),
    ),
    (
        "vacant_household",
        "vacant household",
        {"standing": WHITE},
        hold(Reason.VACANT_HOUSEHOLD, Flag.VACANT_HOUSEHOLD),
        admit(Flag.VACANT_HOUSEHOLD),
    ),
    (
        "under_watch",
        "red household",
        {"standing": RED},
        hold(Reason.UNDER_WATCH, Flag.BREACH),
        hold(Reason.UNDER_WATCH, Flag.BREACH),
    ),
    *(
        (
            "isolating",
            f"{standing.household.colour.value} household",
            {"standing": standing},
            admit(Flag.BREACH),
            refuse(Reason.ISOLATING, Flag.BREACH),
        )
        for standing in (ORANGE, YELLOW)
        if standing.household
    ),
    (
        "outside_hours",
        "sealed: a ban without hours, going out",
        {"policy": SEALED},
        admit(),
        hold(Reason.OUTSIDE_HOURS),
    ),
    (
        "outside_hours",
        "curfew both ways",
        {"policy": policy(curfew=Curfew(directions=frozenset(Direction), hours=(NOW_HOUR,)))},
        hold(Reason.OUTSIDE_HOURS),
        hold(Reason.OUTSIDE_HOURS),
    ),
    (
        "outside_hours",
        "curfew later today",
        {"policy": policy(curfew=Curfew(directions=frozenset(Direction), hours=(NEXT_HOUR,)))},
        admit(),
        admit(),
    ),
    (
        "outside_hours",
        "a curfew's hours without a trusted clock",
        {
            "policy": policy(curfew=Curfew(directions=frozenset(Direction), hours=(NOW_HOUR,))),
            "clock_trusted": False,
        },
        admit(DEGRADED),
        admit(DEGRADED),
    ),
    (
        "outside_hours",
        "a ban without a trusted clock",
        {"policy": SEALED, "clock_trusted": False},
        admit(DEGRADED),
        hold(Reason.OUTSIDE_HOURS, DEGRADED),
    ),
    (
        "outside_hours",
        "a medical mark under a ban",
        {"policy": SEALED, "standing": person(marks=frozenset({"medical"}))},
        admit(),
        admit(),
    ),
    (
        "outside_hours",
        "a worker on shift who lives here under a ban",
        {"policy": SEALED, "standing": person(shifts=(on_shift(NOW_HOUR),))},
        admit(),
        admit(),
    ),
    (
        "outside_hours",
        "a worker who lives here under a ban, not on shift",
        {"policy": SEALED, "standing": person(shifts=(on_shift(LATER_HOUR),))},
        admit(),
        hold(Reason.OUTSIDE_HOURS),
    ),
    (
        "outside_hours",
        "outside the person's own hours",
        {"standing": person(hours=(NEXT_HOUR,))},
        hold(Reason.OUTSIDE_HOURS),
        hold(Reason.OUTSIDE_HOURS),
    ),
    (
        "outside_hours",
        "within the person's own hours",
        {"standing": person(hours=(NOW_HOUR,))},
        admit(),
        admit(),
    ),
    (
        "outside_hours",
        "a visitor outside their hours may leave",
        {"standing": person(kind=Kind.VISITOR, hours=(NEXT_HOUR,))},
        hold(Reason.OUTSIDE_HOURS),
        admit(),
    ),
    (
        "outside_hours",
        "outside the hours for outings",
        {"policy": policy(outings=QUOTA_WITH_HOURS)},
        admit(),
        hold(Reason.OUTSIDE_HOURS),
    ),
    (
        "outside_shift",
        "a worker from outside without a shift now",
        {"standing": person(kind=Kind.WORKER, household=None, shifts=(on_shift(LATER_HOUR),))},
        hold(Reason.OUTSIDE_SHIFT),
        admit(),
    ),
    (
        "outside_shift",
        "a worker from outside, within the grace before the shift",
        {"standing": person(kind=Kind.WORKER, household=None, shifts=(on_shift(NEXT_HOUR),))},
        admit(),
        admit(),
    ),
    (
        "outside_shift",
        "a worker's shift without a trusted clock",
        {"standing": person(kind=Kind.WORKER, household=None), "clock_trusted": False},
        admit(DEGRADED),
        admit(DEGRADED),
    ),
    (
        "already_there",
        "came in a moment ago",
        {"history": History(LastCrossing(IN, NOW_S - 299))},
        hold(Reason.ALREADY_INSIDE, Flag.PASS_SHARED),
        admit(),
    ),
    (
        "already_there",
        "went out a moment ago",
        {"history": History(LastCrossing(OUT, NOW_S - 299))},
        admit(),
        hold(Reason.ALREADY_OUTSIDE, Flag.PASS_SHARED),
    ),
    (
        "already_there",
        "came in at a gate whose clock is a minute ahead",
        {"history": History(LastCrossing(IN, NOW_S + 60))},
        hold(Reason.ALREADY_INSIDE, Flag.PASS_SHARED),
        admit(),
    ),
    (
        "already_there",
        "came in five minutes ago",
        {"history": History(LastCrossing(IN, NOW_S - 300))},
        admit(),
        admit(),
    ),
    (
        "outing_spent",
        "a housemate is out on the quota",
        {"policy": DAILY, "history": replace(KNOWN, housemate_out=True)},
        admit(),
        hold(Reason.HOUSEMATE_OUT),
    ),
    (
        "outing_spent",
        "today's outing is used",
        {"policy": DAILY, "history": replace(KNOWN, last_outing_day=TODAY)},
        admit(),
        hold(Reason.OUTING_USED),
    ),
    (
        "outing_spent",
        "yesterday's outing",
        {"policy": DAILY, "history": replace(KNOWN, last_outing_day=TODAY - timedelta(days=1))},
        admit(),
        admit(),
    ),
    (
        "outing_spent",
        "yesterday's outing where one is due every two days",
        {
            "policy": EVERY_TWO_DAYS,
            "history": replace(KNOWN, last_outing_day=TODAY - timedelta(days=1)),
        },
        admit(),
        hold(Reason.OUTING_USED),
    ),
    (
        "outing_spent",
        "an outing charged to a day that is still to come",
        {"policy": DAILY, "history": replace(KNOWN, last_outing_day=TODAY + timedelta(days=1))},
        admit(),
        admit(),
    ),
    (
        "outing_spent",
        "quotas without a trusted clock",
        {
            "policy": DAILY,
            "history": replace(KNOWN, housemate_out=True),
            "clock_trusted": False,
        },
        admit(DEGRADED),
        admit(DEGRADED),
    ),
    *(
        (
            "outing_spent",
            f"{who} on a used quota",
            {
                "policy": DAILY,
                "standing": standing,
                "history": replace(KNOWN, last_outing_day=TODAY),
            },
            admit(),
            admit(),
        )
        for who, standing in {
            "a medical mark": person(marks=frozenset({"medical"})),
            "a worker on shift": person(shifts=(on_shift(NOW_HOUR),)),
            "a visitor": person(kind=Kind.VISITOR),
        }.items()
    ),
    (
        "pass_used",
        "single entry used",
        {
            "standing": person(kind=Kind.VISITOR, entries=Entries.ONE),
            "history": replace(KNOWN, entry_used=True),
        },
        hold(Reason.PASS_USED, Flag.PASS_SHARED),
        admit(),
    ),
    (
        "pass_used",
        "single entry not used yet",
        {"standing": person(kind=Kind.VISITOR, entries=Entries.ONE)},
        admit(),
        admit(),
    ),
    *(
        (rule, outcome.value, {"reading": reading(outcome)}, hold(reason), hold(reason))
        for rule, outcome, reason in (
            ("no_temperature", Temperature.NO_READING, Reason.NO_READING),
            ("no_temperature", Temperature.SENSOR_FAULT, Reason.SENSOR_FAULT),
            ("no_temperature", Temperature.AMBIENT_OUT_OF_RANGE, Reason.AMBIENT_OUT_OF_RANGE),
            ("doubtful_temperature", Temperature.UNSURE, Reason.UNSURE),
            ("doubtful_temperature", Temperature.TOO_LOW, Reason.TOO_LOW),
        )
    ),
    (
        "no_temperature",
        "nobody measured",
        {"reading": None},
        hold(Reason.NO_READING),
        hold(Reason.NO_READING),
    ),
    (
        "no_temperature",
        "not measured on the way out",
        {"reading": None, "policy": MEASURES_IN},
        hold(Reason.NO_READING),
        admit(),
    ),
    (
        "fever",
        "fever",
        {"reading": reading(Temperature.FEVER)},
        hold(Reason.FEVER, Flag.FEVER),
        hold(Reason.FEVER, Flag.FEVER),
    ),
    (
        "fever",
        "fever where nobody asked",
        {"reading": reading(Temperature.FEVER), "policy": MEASURES_IN},
        hold(Reason.FEVER, Flag.FEVER),
        admit(),
    ),
    (
        "late_return",
        "back a second too late",
        {"policy": DAILY, "history": History(LastCrossing(OUT, NOW_S - 7201, charged=True))},
        admit(Flag.LATE_RETURN),
        admit(),
    ),
    (
        "late_return",
        "back in the last second",
        {"policy": DAILY, "history": History(LastCrossing(OUT, NOW_S - 7200, charged=True))},
        admit(),
        admit(),
    ),
    (
        "late_return",
        "late from work, which was on no quota",
        {"policy": DAILY, "history": History(LastCrossing(OUT, NOW_S - 30_000))},
        admit(),
        admit(),
    ),
    (
        "late_return",
        "a late return without a trusted clock",
        {
            "policy": DAILY,
            "history": History(LastCrossing(OUT, NOW_S - 7201, charged=True)),
            "clock_trusted": False,
        },
        admit(DEGRADED),
        admit(DEGRADED),
    ),
    *(
        (
            "first_entry",
            f"the first entry of a {kind.value}",
            {"standing": person(kind=kind, shifts=(on_shift(NOW_HOUR),)), "history": NO_HISTORY},
            admit(Flag.FIRST_ENTRY),
            admit(),
        )
        for kind in (Kind.VISITOR, Kind.WORKER, Kind.VEHICLE, Kind.RESIDENT)
    ),
    (
        "first_entry",
        "a resident never seen before, on a pass of two weeks",
        {
            "shown": replace(CLAIMS, not_before_s=NOW_S - 14 * 86_400),
            "history": NO_HISTORY,
        },
        admit(),
        admit(),
    ),
    ("degraded", "clock flagged", {"clock_trusted": False}, admit(DEGRADED), admit(DEGRADED)),
    (
        "degraded",
        "clock holds",
        {"clock_trusted": False, "policy": CLOCK_HOLDS},
        hold(Reason.CLOCK_UNTRUSTED, DEGRADED),
        admit(DEGRADED),
    ),
    ("degraded", "roster flagged", {"roster_age_s": STALE_S}, admit(DEGRADED), admit(DEGRADED)),
    ("degraded", "roster at its limit", {"roster_age_s": STALE_S - 1}, admit(), admit()),
    (
        "degraded",
        "roster holds",
        {"roster_age_s": STALE_S, "policy": STALE_HOLDS},
        hold(Reason.ROSTER_STALE, DEGRADED),
        admit(DEGRADED),
    ),
    (
        "degraded",
        "no roster ever",
        {"roster_age_s": None, "policy": STALE_HOLDS},
        hold(Reason.ROSTER_STALE, DEGRADED),
        admit(DEGRADED),
    ),
    (
        "degraded",
        "no roster ever, and no clock",
        {"roster_age_s": None, "clock_trusted": False, "policy": STALE_HOLDS},
        hold(Reason.ROSTER_STALE, DEGRADED),
        admit(DEGRADED),
    ),
    (
        "degraded",
        "an age means nothing without a clock",
        {"roster_age_s": STALE_S, "clock_trusted": False, "policy": STALE_HOLDS},
        admit(DEGRADED),
        admit(DEGRADED),
    ),
    (
        "degraded",
        "without a clock nobody is too late",
        {"now_s": CLAIMS.expires_s + 10**6, "clock_trusted": False},
        admit(DEGRADED),
        admit(DEGRADED),
    ),
    (
        "journal_down",
        "journal down, room left",
        {"journal": NEARLY_FULL},
        admit(DEGRADED),
        admit(DEGRADED),
    ),
    (
        "journal_down",
        "journal down, room spent",
        {"journal": FULL},
        hold(Reason.JOURNAL_DOWN, DEGRADED),
        hold(Reason.JOURNAL_DOWN, DEGRADED),
    ),
    (
        "lock_down",
        "lock down",
        {"lock_ready": False},
        hold(Reason.LOCK_DOWN, DEGRADED),
        hold(Reason.LOCK_DOWN, DEGRADED),
    ),
    (
        "locked_out",
        "locked out by the centre",
        {"locked_out": True},
        hold(Reason.LOCKED_OUT),
        hold(Reason.LOCKED_OUT),
    ),
]


@pytest.mark.parametrize("direction", [IN, OUT])
@pytest.mark.parametrize(
    ("changes", "coming_in", "going_out"),
    [row[2:] for row in ROWS],
    ids=[f"{row[0]}: {row[1]}" for row in ROWS],
)
def test_each_row_alone(
    changes: dict[str, Any], coming_in: Verdict, going_out: Verdict, direction: Direction
) -> None:
    expected = coming_in if direction is IN else going_out
    assert decide(facts(**changes, direction=direction)) == expected


def test_every_rule_of_the_table_has_a_case_above_and_stands_in_it_once() -> None:
    names = [rule.__name__ for rule in TABLE]
    assert set(names) <= {row[0] for row in ROWS}
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("now_s", "verdict"),
    [
        (CLAIMS.not_before_s - 121, hold(Reason.NOT_YET_VALID, Flag.NOT_YET_VALID)),
        (CLAIMS.not_before_s - 120, admit()),
        (CLAIMS.expires_s + 119, admit()),
        (CLAIMS.expires_s + 120, hold(Reason.EXPIRED, Flag.EXPIRED)),
    ],
)
def test_fault_06_validity_ends_to_the_second_with_120_s_of_grace(
    now_s: int, verdict: Verdict
) -> None:
    assert decide(facts(now_s=now_s)) == verdict


FEVERISH = reading(Temperature.FEVER)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        pytest.param(
            {"compound": CompoundId(9), "reading": FEVERISH},
            refuse(Reason.WRONG_COMPOUND, VISITOR, Flag.FEVER),
            id="Refuse beats Hold, and the fever is still told",
        ),
        pytest.param(
            {"compound": CompoundId(9), "standing": REVOKED},
            refuse(Reason.WRONG_COMPOUND, VISITOR, Flag.REVOKED_PASS_USED),
            id="the first among Refuses",
        ),
        pytest.param(
            {"now_s": NOW_S + 10**6, "standing": WHITE},
            hold(Reason.EXPIRED, Flag.EXPIRED, Flag.VACANT_HOUSEHOLD),
            id="the first among Holds",
        ),
        pytest.param(
            {"now_s": NOW_S + 10**6, "reading": FEVERISH},
            hold(Reason.FEVER, Flag.EXPIRED, Flag.FEVER),
            id="fever before all other Holds",
        ),
        pytest.param(
            {"reading": FEVERISH, "lock_ready": False, "journal": FULL},
            hold(Reason.FEVER, Flag.FEVER, DEGRADED),
            id="fever before the gate's own troubles",
        ),
        pytest.param(
            {"journal": NEARLY_FULL, "standing": WHITE},
            hold(Reason.VACANT_HOUSEHOLD, Flag.VACANT_HOUSEHOLD, DEGRADED),
            id="the flag of a row that only flags is kept",
        ),
        pytest.param(
            {"direction": OUT, "standing": REVOKED, "now_s": NOW_S + 10**6},
            admit(Flag.REVOKED_PASS_USED, Flag.EXPIRED),
            id="several flags on one Admit",
        ),
    ],
)
def test_the_precedence_between_rows(changes: dict[str, Any], verdict: Verdict) -> None:
    assert decide(facts(**changes)) == verdict


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, True),
        ({"standing": NOBODY}, True),
        ({"now_s": NOW_S + 10**6}, True),
        ({"lock_ready": False}, True),
        ({"shown": Rejection.FORGED}, False),
        ({"standing": REVOKED}, False),
        ({"standing": REVOKED, "direction": OUT}, True),
        ({"direction": OUT, "policy": MEASURES_IN}, False),
    ],
)
def test_everybody_is_measured_who_is_not_already_refused(
    changes: dict[str, Any], needed: bool
) -> None:
    assert needs_reading(facts(**changes, reading=None)) is needed


QUESTIONS = st.builds(
    facts,
    shown=st.sampled_from([*Rejection, CLAIMS, replace(CLAIMS, compound=CompoundId(7))]),
    standing=st.sampled_from([STANDING, NOBODY, WHITE, REVOKED]),
    direction=st.sampled_from(Direction),
    now_s=st.integers(CLAIMS.not_before_s - 200, CLAIMS.expires_s + 200),
    compound=st.just(COMPOUND),
    policy=st.builds(
        policy,
        measured=st.frozensets(st.sampled_from(Direction)),
        untrusted_clock_holds=st.booleans(),
        stale_roster_holds=st.booleans(),
    ),
    clock_trusted=st.booleans(),
    roster_age_s=st.none() | st.integers(0, 10**6),
    reading=st.none() | st.sampled_from(Temperature).map(reading),
    journal=st.builds(JournalHealth, st.booleans(), st.integers(0, 400)),
    lock_ready=st.booleans(),
)


@given(asked=QUESTIONS)
def test_no_admit_without_a_verified_pass_and_a_normal_or_unasked_temperature(asked: Any) -> None:
    verdict = decide(asked)
    if not isinstance(verdict, Admit):
        return
    assert isinstance(asked.shown, Claims)
    assert asked.gate.lock_ready
    measured = asked.direction in asked.policy.measured
    normal = asked.reading is not None and asked.reading.outcome is Temperature.NORMAL
    assert normal or not measured


@given(asked=QUESTIONS)
def test_the_gravest_row_wins_and_every_flag_is_kept(asked: Any) -> None:
    findings = [finding for rule in TABLE if (finding := rule(asked)) is not None]
    verdict = decide(asked)
    gravest = max((finding.outcome for finding in findings), default=0)
    assert type(verdict) is (Admit, Hold, Refuse)[gravest]
    assert verdict.flags == {finding.flag for finding in findings if finding.flag is not None}


@given(asked=QUESTIONS, outcome=st.none() | st.sampled_from(Temperature))
def test_a_reading_is_skipped_only_where_it_could_not_change_the_verdict(
    asked: Any, outcome: Temperature | None
) -> None:
    measured = replace(asked, reading=None if outcome is None else reading(outcome))
    if needs_reading(replace(asked, reading=None)):
        return
    with_reading, without = decide(measured), decide(replace(asked, reading=None))
    assert type(with_reading) is type(without)
    if isinstance(without, Refuse):
        assert isinstance(with_reading, Refuse)
        assert with_reading.reason is without.reason
