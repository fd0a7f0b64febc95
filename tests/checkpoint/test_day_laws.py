"""Days and durations: whatever the zone, whichever way a clock jumps."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.entry_pass import Claims
from checkpoint.ids import CompoundId, GateId, HouseholdId, PersonId, Revision
from checkpoint.people import Household, Resident, Roster, RosterDocument
from checkpoint.policy import Direction, OutingQuota, Policy
from checkpoint.rules.table import decide
from checkpoint.rules.what_if import (
    CompoundRules,
    EarlierPassage,
    SupposedPassage,
    facts_about,
    pass_of,
    reading_of,
)
from checkpoint.verdict import Admit, Flag, Hold, Reason, Verdict
from tests.checkpoint.test_hours_laws import ZONES

IN, OUT = Direction
WANG, LI, HOME = PersonId("wang"), PersonId("li"), HouseholdId("7-301")
GATE = GateId("east")
BERLIN = ZoneInfo("Europe/Berlin")
TEN_YEARS = timedelta(days=3652)
NOON = datetime(2030, 6, 15, 4, tzinfo=UTC)
"""By Shanghai's clock."""
MOMENTS = st.integers(0, 364 * 1440).map(
    lambda minutes: datetime(2030, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def compound(zone: ZoneInfo, every_days: int = 1, **changes: Any) -> CompoundRules:
    """Wang and Li live in one home; one outing of 120 minutes is due every few days."""
    residents = [Resident(id=each, name="", household=HOME, **changes) for each in (WANG, LI)]
    document = RosterDocument(
        compound=CompoundId(1),
        revision=Revision(0),
        households=(Household(id=HOME, building="7", unit="301"),),
        residents=tuple(residents),
    )
    quota = OutingQuota(every_days=every_days, max_minutes_out=120)
    policy = Policy(name="test", timezone=str(zone), outings=quota)
    return CompoundRules(Roster.of(document), policy, zone)


def verdict(
    place: CompoundRules,
    who: PersonId,
    way: Direction,
    at: datetime,
    earlier: list[EarlierPassage],
    *,
    clock_trusted: bool = True,
) -> Verdict:
    reading = reading_of(None, place.policy)
    arrival = SupposedPassage(who, way, int(at.timestamp()), reading, clock_trusted)
    return decide(facts_about(arrival, place, earlier))


def went(who: PersonId, way: Direction, at: datetime) -> EarlierPassage:
    return EarlierPassage(who, GATE, way, int(at.timestamp()), went_through=True)


@given(
    zone=st.sampled_from(ZONES),
    at=MOMENTS,
    minutes=st.integers(10, 5000),
    every_days=st.integers(1, 3),
)
def test_an_outing_is_due_again_when_the_compounds_calendar_says_so(
    zone: ZoneInfo, at: datetime, minutes: int, every_days: int
) -> None:
    place, later = compound(zone, every_days), at + timedelta(minutes=minutes)
    earlier = [went(WANG, OUT, at), went(WANG, IN, at + timedelta(minutes=1))]
    days = (local_day(later, zone) - local_day(at, zone)).days
    due = Admit() if days >= every_days else Hold(Reason.OUTING_USED)
    assert verdict(place, LI, OUT, later, earlier) == due


def local_day(at: datetime, zone: ZoneInfo) -> date:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return (at + offset).date()


@given(zone=st.sampled_from(ZONES), at=MOMENTS, minutes=st.integers(0, 300))
def test_who_is_out_longer_than_allowed_is_late_whatever_clocks_and_dates_do_meanwhile(
    zone: ZoneInfo, at: datetime, minutes: int
) -> None:
    back = at + timedelta(minutes=minutes)
    said = verdict(compound(zone), WANG, IN, back, [went(WANG, OUT, at)])
    assert said == Admit(frozenset({Flag.LATE_RETURN} if minutes > 120 else set()))


@pytest.mark.parametrize(
    ("first", "second", "due"),
    [
        # 2030-10-27 has 25 hours in Berlin, 2030-03-31 has 23.
        ("2030-10-27T00:10+02:00", "2030-10-27T23:50+01:00", False),
        ("2030-10-27T23:50+01:00", "2030-10-28T00:01+01:00", True),
        ("2030-10-27T02:30+02:00", "2030-10-27T02:30+01:00", False),
        ("2030-03-31T00:10+01:00", "2030-03-31T23:50+02:00", False),
        ("2030-03-30T23:50+01:00", "2030-03-31T00:01+01:00", True),
    ],
)
def test_fault_40_a_day_of_23_or_25_hours_is_one_day(first: str, second: str, due: bool) -> None:
    out, later = datetime.fromisoformat(first), datetime.fromisoformat(second)
    earlier = [went(WANG, OUT, out), went(WANG, IN, out + timedelta(minutes=5))]
    said = verdict(compound(BERLIN), LI, OUT, later, earlier)
    assert said == (Admit() if due else Hold(Reason.OUTING_USED))


@pytest.mark.parametrize(
    ("at", "late"),
    [
        ("2030-10-27T02:45+01:00", False),  # out at 02:15 of the first 02:00: 90 minutes
        ("2030-10-27T03:16+01:00", True),  # the wall clock shows 61 minutes more, 121 have gone by
    ],
)
def test_fault_40_time_out_is_counted_in_minutes_that_went_by(at: str, late: bool) -> None:
    out = datetime.fromisoformat("2030-10-27T02:15+02:00")
    back = datetime.fromisoformat(at)
    said = verdict(compound(BERLIN), WANG, IN, back, [went(WANG, OUT, out)])
    assert said == Admit(frozenset({Flag.LATE_RETURN} if late else set()))


@given(zone=st.sampled_from(ZONES), day=st.dates(date(2030, 1, 1), date(2030, 12, 30)))
def test_fault_40_a_pass_is_valid_for_the_whole_of_its_days_by_the_compounds_clock(
    zone: ZoneInfo, day: date
) -> None:
    claims = pass_of(WANG, compound(zone, valid_from=day, valid_until=day))
    assert _last_day_before(claims.not_before_s, zone) < day
    assert datetime.fromtimestamp(claims.not_before_s, zone).date() == day
    assert datetime.fromtimestamp(claims.expires_s - 1, zone).date() == day
    assert datetime.fromtimestamp(claims.expires_s, zone).date() > day


def _last_day_before(at_s: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at_s - 1, zone).date()


@pytest.mark.parametrize("jump", [TEN_YEARS, -TEN_YEARS], ids=["ahead", "back"])
def test_fault_38_a_passage_stamped_ten_years_off_is_over_once_they_are_known_to_be_back(
    jump: timedelta,
) -> None:
    place = compound(ZoneInfo("Asia/Shanghai"))
    wrong = [went(WANG, OUT, NOON + jump)]
    assert verdict(place, LI, OUT, NOON, wrong) == (
        Admit() if jump > timedelta() else Hold(Reason.HOUSEMATE_OUT)
    )
    came_back = [*wrong, went(WANG, IN, NOON - timedelta(hours=2))]
    assert verdict(place, LI, OUT, NOON, came_back) == Admit()
    assert verdict(place, WANG, IN, NOON, came_back) == Admit()


def test_fault_38_after_the_jump_the_days_count_on_as_if_nothing_had_been() -> None:
    place = compound(ZoneInfo("Asia/Shanghai"))
    known = [
        went(WANG, OUT, NOON - timedelta(hours=3)),
        went(WANG, IN, NOON - timedelta(hours=2)),
        went(LI, OUT, NOON + TEN_YEARS),
        went(LI, IN, NOON + TEN_YEARS + timedelta(hours=1)),
    ]
    assert verdict(place, LI, OUT, NOON, known) == Hold(Reason.OUTING_USED)
    tomorrow = NOON + timedelta(days=1)
    assert verdict(place, LI, OUT, tomorrow, known) == Admit()


@given(seconds=st.integers(-(10**9), 10**10), way=st.sampled_from(Direction), trusted=st.booleans())
def test_fault_38_at_no_time_that_a_clock_can_show_does_an_old_pass_open_the_way_in(
    seconds: int, way: Direction, trusted: bool
) -> None:
    place = compound(
        ZoneInfo("Asia/Shanghai"), valid_from=date(2030, 6, 1), valid_until=date(2030, 6, 30)
    )
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    known = [went(WANG, OUT, NOON), went(LI, OUT, NOON - TEN_YEARS)]
    said = verdict(place, WANG, way, at, known, clock_trusted=trusted)
    claims = pass_of(WANG, place)
    assert isinstance(claims, Claims)
    if isinstance(said, Admit) and way is IN and trusted:
        assert claims.not_before_s - 120 <= seconds < claims.expires_s + 120
    if not trusted:
        assert Flag.DEGRADED in said.flags
