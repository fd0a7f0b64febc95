"""What one cell says, column by column. Every function takes a text that is not empty and raises WrongCell."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final
from unicodedata import normalize

from checkpoint.hours import Window
from checkpoint.hours_text import parse_hours, parse_shifts
from checkpoint.ids import PERSON_ID, CompoundId, HouseholdId, PersonId
from checkpoint.people import ShiftCertificate
from collector.roster_files.headings import Column
from collector.roster_files.mistakes import Mistake, WrongCell, shortened
from collector.roster_files.vocabulary import COLOURS, ENTRIES, KINDS, mark_of

_ROUNDED: Final = re.compile(r"\d\.\d+E\+?\d+|\d+\.0", re.ASCII | re.IGNORECASE)
_WHOLE: Final = re.compile(r"(\d+)\.0", re.ASCII)
_IN_PHONES: Final = re.compile(r"[\s().‐‑–—-]")
_PHONE: Final = re.compile(r"\+?\d{3,15}", re.ASCII)
_DATE: Final = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[T ]?(?P<time>\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?))?"
    r"|(?P<plain>\d{8})",
    re.ASCII,
)
_DAYS_SINCE_1900: Final = re.compile(r"[34]\d{4}(?:\.0)?", re.ASCII)
"""1982 to 2036 as a spreadsheet counts them."""
_HOME_AS_DATE: Final = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}( .*)?|\d{1,2}月\d{1,2}日"
    r"|(\d{1,2}-)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(-\d{1,2})?",
    re.ASCII | re.IGNORECASE,
)
"""What a spreadsheet makes of such a unit as 7-12."""
_YEARS: Final = range(2000, 2100)


def _id(text: str) -> PersonId:
    plain = normalize("NFKC", text)
    if _ROUNDED.fullmatch(plain):
        raise WrongCell(Mistake.ROUNDED, given=shortened(text))
    if not PERSON_ID.fullmatch(plain):
        raise WrongCell(Mistake.BAD_ID, given=shortened(text))
    return PersonId(plain)


def _name(text: str) -> str:
    return _at_most(60, " ".join(text.split()))


def _phone(text: str) -> str:
    plain = _WHOLE.sub(r"\1", normalize("NFKC", text))
    if _ROUNDED.fullmatch(plain):
        raise WrongCell(Mistake.ROUNDED, given=shortened(text))
    plain = _IN_PHONES.sub("", plain)
    if not _PHONE.fullmatch(plain):
        raise WrongCell(Mistake.BAD_PHONE, given=shortened(text))
    return plain


def _compound(text: str) -> CompoundId:
    plain = _WHOLE.sub(r"\1", normalize("NFKC", text))
    if not re.fullmatch(r"\d{1,5}", plain, re.ASCII) or int(plain) > 0xFFFF:
        raise WrongCell(Mistake.BAD_COMPOUND, given=shortened(text))
    return CompoundId(int(plain))


def _place(text: str) -> str:
    return _at_most(20, _home(text))


def _household(text: str) -> HouseholdId:
    return HouseholdId(_at_most(42, _home(text)))


def _home(text: str) -> str:
    plain = " ".join(normalize("NFKC", text).split())
    if _HOME_AS_DATE.fullmatch(plain):
        raise WrongCell(Mistake.HOME_AS_DATE, given=shortened(text))
    return plain


def _marks(text: str) -> frozenset[str]:
    marks = (mark.strip() for mark in re.split("[;,、\n]", normalize("NFKC", text)))
    return frozenset(_at_most(30, mark_of(" ".join(mark.split()))) for mark in marks if mark)


def _hours(text: str) -> tuple[Window, ...]:
    try:
        return parse_hours(text)
    except ValueError as error:
        raise WrongCell(Mistake.BAD_WINDOWS, given=str(error)) from None


def _shifts(text: str) -> tuple[ShiftCertificate, ...]:
    try:
        return parse_shifts(text)
    except ValueError as error:
        raise WrongCell(Mistake.BAD_WINDOWS, given=str(error)) from None


def _date(text: str) -> date:
    plain, given = normalize("NFKC", text), shortened(text)
    if _DAYS_SINCE_1900.fullmatch(plain):
        raise WrongCell(Mistake.DATE_AS_NUMBER, given=given)
    found = _DATE.fullmatch(plain)
    if found is None:
        raise WrongCell(Mistake.BAD_DATE, given=given)
    if found["time"] and re.search("[1-9]", found["time"]):
        raise WrongCell(Mistake.DATE_WITH_TIME, given=given)
    if found["plain"]:
        year, month, day = plain[:4], plain[4:6], plain[6:]
    else:
        year, month, day = found["year"], found["month"], found["day"]
    try:
        day_of = date(int(year), int(month), int(day))
    except ValueError:  # such as 30 February
        raise WrongCell(Mistake.BAD_DATE, given=given) from None
    if day_of.year not in _YEARS:
        raise WrongCell(Mistake.BAD_DATE, given=given)
    return day_of


def _at_most(characters: int, text: str) -> str:
    if len(text) > characters:
        raise WrongCell(Mistake.TOO_LONG, limit=str(characters))
    return text


READ: Final[dict[Column, Callable[[str], Any]]] = {
    Column.ID: _id,
    Column.NAME: _name,
    Column.PHONE: _phone,
    Column.COMPOUND: _compound,
    Column.BUILDING: _place,
    Column.UNIT: _place,
    Column.HOUSEHOLD: _household,
    Column.COLOUR: COLOURS.code,
    Column.MARKS: _marks,
    Column.KIND: KINDS.code,
    Column.HOURS: _hours,
    Column.SHIFTS: _shifts,
    Column.ENTRIES: ENTRIES.code,
    Column.VALID_FROM: _date,
    Column.VALID_UNTIL: _date,
}
"""Each column's reader; person_row.PersonRow has a field of its name and type."""
