"""When something is allowed: weekly hours and the windows of shift certificates.

A window runs from its start up to, but not including, its end, in minutes of the day by the compound's wall
clock; an end at or before the start lies on the next day. Nothing is added to or taken from UTC, so the
nights on which a zone moves its clocks need no case of their own: who may come from 07:00 may come
when the clock on the wall says 07:00.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import msgspec

DAY_MINUTES = 1440


class Weekly(msgspec.Struct, frozen=True, kw_only=True, tag="weekly", tag_field="every"):
    """The same window on some days of every week."""

    days: frozenset[int]
    """Days on which it begins; 0 is Monday."""
    start_minute: int
    end_minute: int


class Dated(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="dates", tag_field="every"
):
    """The same window on dates: one, a range, or every few days of a rotation."""

    first: date
    last: date
    """The last date on which it may begin."""
    every_days: int = 1
    start_minute: int
    end_minute: int


Window = Weekly | Dated


def covers(windows: Iterable[Window], local: datetime, grace_minutes: int = 0) -> bool:
    """Whether a window, made longer by the grace at both ends, holds this moment of the wall clock.

    ``grace_minutes``: 0 to 720.
    """
    wall = local.replace(tzinfo=None)
    grace = timedelta(minutes=grace_minutes)
    days = [wall.date() + timedelta(days=shift) for shift in (-2, -1, 0, 1)]
    return any(
        _start(window, day) - grace <= wall < _end(window, day) + grace
        for window in windows
        for day in days
        if _begins_on(window, day)
    )


def _begins_on(window: Window, day: date) -> bool:
    if isinstance(window, Weekly):
        return day.weekday() in window.days
    return window.first <= day <= window.last and (day - window.first).days % window.every_days == 0


def _start(window: Window, day: date) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=window.start_minute)


def _end(window: Window, day: date) -> datetime:
    overnight = DAY_MINUTES if window.end_minute <= window.start_minute else 0
    return datetime.combine(day, time()) + timedelta(minutes=window.end_minute + overnight)
