"""Hours by the wall clock: windows over midnight, over the week's end, and on the nights on which zones move."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.hours import Dated, Weekly, covers

WEEK_MINUTES = 7 * 1440
BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "Asia/Kathmandu",
        "Europe/Berlin",
        "America/New_York",
        "America/Santiago",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    )
]
"""Santiago and Cairo move their clocks at midnight, Lord Howe by half an hour."""
MINUTES = st.integers(0, 1439)
MOMENTS = st.datetimes(datetime(2030, 1, 1), datetime(2031, 1, 1))  # noqa: DTZ001 (wall clocks)


def length(start_minute: int, end_minute: int) -> int:
    """How many minutes a window lasts; one that ends where it begins lasts a day."""
    return (end_minute - start_minute - 1) % 1440 + 1


@given(
    days=st.frozensets(st.integers(0, 6)),
    start=MINUTES,
    end=MINUTES,
    at=MOMENTS,
    grace=st.integers(0, 720),
)
def test_a_weekly_window_covers_its_minutes_of_the_week_and_the_grace_around_them(
    days: frozenset[int], start: int, end: int, at: datetime, grace: int
) -> None:
    minute = at.weekday() * 1440 + at.hour * 60 + at.minute
    long = length(start, end) + 2 * grace
    inside = any((minute - day * 1440 - start + grace) % WEEK_MINUTES < long for day in days)
    assert covers([Weekly(days=days, start_minute=start, end_minute=end)], at, grace) == inside


@given(
    first=st.dates(date(2029, 12, 1), date(2030, 12, 31)),
    duration=st.integers(0, 400),
    every_days=st.integers(1, 9),
    start=MINUTES,
    end=MINUTES,
    at=MOMENTS,
)
def test_a_rotation_covers_every_few_days_from_its_first_date_on(
    first: date, duration: int, every_days: int, start: int, end: int, at: datetime
) -> None:
    window = Dated(
        first=first,
        last=first + timedelta(days=duration),
        every_days=every_days,
        start_minute=start,
        end_minute=end,
    )
    begins = datetime.combine(first, time()) + timedelta(minutes=start)
    since = at - begins
    turn, minute = divmod(since, timedelta(days=every_days))
    inside = 0 <= turn * every_days <= duration and minute < timedelta(minutes=length(start, end))
    assert covers([window], at) == inside


@given(start=MINUTES, end=MINUTES, at=MOMENTS)
def test_a_daily_window_and_the_one_between_its_ends_share_no_minute_and_leave_none_out(
    start: int, end: int, at: datetime
) -> None:
    every = frozenset(range(7))
    day = covers([Weekly(days=every, start_minute=start, end_minute=end)], at)
    night = covers([Weekly(days=every, start_minute=end, end_minute=start)], at)
    assert (day, night) == (True, True) if start == end else day != night


@given(zone=st.sampled_from(ZONES), at=MOMENTS, minute=MINUTES)
def test_fault_40_who_may_come_from_a_time_on_may_come_when_the_wall_clock_shows_it(
    zone: ZoneInfo, at: datetime, minute: int
) -> None:
    local = at.replace(tzinfo=UTC).astimezone(zone)
    rest_of_day = Weekly(days=frozenset(range(7)), start_minute=minute, end_minute=1440)
    assert covers([rest_of_day], local) == (local.hour * 60 + local.minute >= minute)


@pytest.mark.parametrize(
    ("zone", "at", "open_"),
    [
        (BERLIN, "2030-03-31T00:59:59Z", False),  # 01:59:59, an hour before it is 03:00
        (BERLIN, "2030-03-31T01:00:00Z", True),  # 03:00, the first moment after the gap
        (BERLIN, "2030-10-27T00:30:00Z", True),  # 02:30 for the first time
        (BERLIN, "2030-10-27T01:30:00Z", True),  # 02:30 again
        (BERLIN, "2030-10-27T02:00:00Z", True),  # 03:00
        (BERLIN, "2030-10-27T03:00:00Z", False),  # 04:00
        (LORD_HOWE, "2030-10-05T15:30:00Z", True),  # the half hour that is left out ends at 02:30
        (LORD_HOWE, "2030-10-05T15:29:59Z", False),  # 01:59:59
    ],
)
def test_fault_40_a_window_from_2_to_4_on_the_nights_that_zones_move_their_clocks(
    zone: ZoneInfo, at: str, open_: bool
) -> None:
    window = Weekly(days=frozenset({6}), start_minute=120, end_minute=240)
    assert covers([window], datetime.fromisoformat(at).astimezone(zone)) == open_
