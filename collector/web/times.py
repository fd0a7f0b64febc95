"""Times as the staff read them."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from ui.words import Language, phrases

PAGE: Final = "staff page"
_UNTIMED: Final = "-"


def clock_time(at_us: int, zone: ZoneInfo) -> str:
    """UTC microseconds as a compound's wall clock: ``2020-02-14 07:30:00``."""
    try:
        at = datetime.fromtimestamp(at_us // 1_000_000, UTC).astimezone(zone)
    except (ValueError, OverflowError, OSError):  # a gate's clock may say anything
        return _UNTIMED
    return f"{at:%Y-%m-%d %H:%M:%S}"


def utc_us(local: str, zone: ZoneInfo) -> int | None:
    """What a browser's date and time field sends, by that clock, as UTC microseconds; None: no time."""
    try:
        at = datetime.fromisoformat(local)
    except ValueError:
        return None
    return round((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp() * 1_000_000)


def ago(at_us: int, now_us: int, language: Language) -> str:
    """How long ago, in one unit: ``12 s ago``."""
    words, seconds = phrases(PAGE, language), max(0, (now_us - at_us) // 1_000_000)
    for unit, size in (("ago_days", 86_400), ("ago_hours", 3600), ("ago_minutes", 60)):
        if seconds >= 2 * size:
            return words[unit].format(n=seconds // size)
    return words["ago_seconds"].format(n=seconds)
