"""Hours and shifts as people write them in a roster or a policy, and back.

    hours   = window (";" window)*
    window  = days time "-" time  |  dates time "-" time
    days    = "daily" | "weekend" | day ("-" day)? ("," day ("-" day)?)*      Mon-Fri   周一至周五   Sat,Sun
    dates   = date (".." date)? ("every" N "days")?                2030-01-01..2030-03-31 every 4 days
    time    = HH:MM; an end may be 24:00; an end at or before the start lies on the next day
    shifts  = (employer ("/" post)? ":")? window, and so on; the name holds until the next one

Chinese and full-width punctuation counts as its ASCII twin, a line break as ";". Every mistake in a text is
told at once, as one ValueError.
"""

import re
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Final
from unicodedata import normalize

from checkpoint.hours import DAY_MINUTES, Dated, Weekly, Window
from checkpoint.people import ShiftCertificate

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NUMBER_OF: Final = {
    **{name.lower(): number for number, name in enumerate(_DAYS)},
    **{
        name: number
        for number, name in enumerate(
            ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        )
    },
    **{name: number for number, name in enumerate("一二三四五六日")},
    "天": 6,
}
_GROUPS: Final = {
    **dict.fromkeys(("daily", "every day", "每天", "每日"), frozenset(range(7))),
    **dict.fromkeys(("weekend", "weekends", "周末"), frozenset({5, 6})),
    **dict.fromkeys(("weekdays", "工作日"), frozenset(range(5))),
}
_WINDOW: Final = re.compile(r"(.*?)\s*(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})", re.ASCII)
_DATES: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:\s*(?:\.{2,3}|-)\s*(\d{4}-\d{2}-\d{2}))?"
    r"(?:\s*(?:every\s*(\d{1,3})\s*days?|每(\d{1,3})[天日]))?",
    re.ASCII,
)
_DASHES: Final = re.compile("[‐‑‒–—―−~〜至到]")
_CHINESE_DAY: Final = re.compile("(?:周|星期|礼拜)(?=[一二三四五六日天])")
_COLONS: Final = re.compile(r"(?<!\d)\d{1,2}[:：]\d{2}(?!\d)|([:：])")
"""Times of day, and the colons that are not within one: before such a colon stands an employer's name."""
_EXAMPLE: Final = "Mon-Fri 07:00-09:00"


def parse_hours(text: str) -> tuple[Window, ...]:
    """The windows of a text; empty: none. Raises ValueError that says what is wrong and what would be right."""
    windows: list[Window] = []
    problems: list[str] = []
    for part in _parts(text):
        try:
            windows.append(_window(part))
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(windows)


def parse_shifts(text: str) -> tuple[ShiftCertificate, ...]:
    """The certificates of a text; windows before the first name belong to one without employer.

    Raises ValueError that says what is wrong and what would be right.
    """
    certificates: list[tuple[str, list[str]]] = []
    for part in _parts(text):
        name, window = _named(part)
        if name is not None or not certificates:
            certificates.append((name or "", []))
        certificates[-1][1].extend([window] if window else [])
    problems = [
        f"{name!r} certifies no hours; write {name}: {_EXAMPLE}"
        for name, windows in certificates
        if not windows
    ]
    try:
        parse_hours(";".join(window for _, windows in certificates for window in windows))
    except ValueError as error:
        problems.append(str(error))
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(_certificate(name, windows) for name, windows in certificates)


def format_hours(windows: Iterable[Window]) -> str:
    """The text that parse_hours reads back to the same windows."""
    return "; ".join(
        f"{_days_text(window)} {_time_text(window.start_minute)}-{_time_text(window.end_minute)}"
        for window in windows
    )


def format_shifts(certificates: Iterable[ShiftCertificate]) -> str:
    """The text that parse_shifts reads back to the same certificates."""
    texts: list[str] = []
    for certificate in certificates:
        post = f"/{certificate.post}" if certificate.post else ""
        name = certificate.employer + post
        named = f"{name or '/'}: " if name or texts else ""
        texts.append(named + format_hours(certificate.windows))
    return "; ".join(texts)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split("[;；\n]", text) if part.strip()]


def _named(part: str) -> tuple[str | None, str]:
    """The employer and post before a window, if they stand there, and the window."""
    colon = next((found.start() for found in _COLONS.finditer(part) if found[1]), None)
    if colon is None:
        return None, part
    return part[:colon].strip(), part[colon + 1 :].strip()


def _certificate(name: str, windows: list[str]) -> ShiftCertificate:
    employer, _, post = name.replace("／", "/").partition("/")
    return ShiftCertificate(
        employer=employer.strip(), post=post.strip(), windows=parse_hours(";".join(windows))
    )


def _window(part: str) -> Window:
    text = _DASHES.sub("-", normalize("NFKC", part).replace("、", ","))
    found = _WINDOW.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{part!r} is no window; write days and hours, such as {_EXAMPLE} "
            "or 2030-01-01..2030-03-31 every 4 days 20:00-08:00"
        )
    start, end = _minute(found[2], DAY_MINUTES - 1), _minute(found[3], DAY_MINUTES)
    if not found[1]:
        raise ValueError(f"{part!r} has no days; write daily {part} or Mon-Fri {part}")
    dates = _DATES.fullmatch(found[1])
    if dates is None:
        return Weekly(days=_days(found[1], part), start_minute=start, end_minute=end)
    first, last = _date(dates[1]), _date(dates[2] or dates[1])
    every_days = int(dates[3] or dates[4] or 1)
    if last < first:
        raise ValueError(f"{part!r} ends before it begins; write {last}..{first}")
    if every_days == 0:
        raise ValueError(f"{part!r}: every 0 days is never; write every 1 days or more")
    return Dated(first=first, last=last, every_days=every_days, start_minute=start, end_minute=end)


def _minute(text: str, latest: int) -> int:
    hours, minutes = map(int, text.split(":"))
    if minutes > 59 or hours * 60 + minutes > latest:
        raise ValueError(
            f"{text!r} is no time of day; write 00:00 to {_time_text(latest)}, such as 07:30"
        )
    return hours * 60 + minutes


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date of the calendar; write such as 2030-01-31") from None


def _days(text: str, part: str) -> frozenset[int]:
    days: set[int] = set()
    for item in (item.strip() for item in text.split(",")):
        if item.lower() in _GROUPS:
            days |= _GROUPS[item.lower()]
            continue
        names = [name.strip() for name in _CHINESE_DAY.sub("", item.lower()).split("-")]
        if len(names) > 2 or not all(name in _NUMBER_OF for name in names):
            raise ValueError(
                f"{part!r}: {item!r} is no day; "
                "write Mon to Sun, 周一 to 周日, daily, weekend or a date such as 2030-01-31"
            )
        first, last = _NUMBER_OF[names[0]], _NUMBER_OF[names[-1]]
        days |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return frozenset(days)


def _days_text(window: Window) -> str:
    if isinstance(window, Dated):
        rotates = window.every_days > 1
        until = f"..{window.last}" if rotates or window.last != window.first else ""
        return f"{window.first}{until}" + (f" every {window.every_days} days" if rotates else "")
    if len(window.days) == 7:
        return "daily"
    runs = [
        [day for _, day in run]
        for _, run in groupby(enumerate(sorted(window.days)), lambda pair: pair[1] - pair[0])
    ]
    return ",".join(
        f"{_DAYS[run[0]]}-{_DAYS[run[-1]]}" if len(run) > 2 else ",".join(_DAYS[day] for day in run)
        for run in runs
    )


def _time_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
