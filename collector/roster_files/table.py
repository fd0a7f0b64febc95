"""People -> the table of a roster file: one row a person, by home, and one for each household where nobody is.

Reading the table again gives the same people; whoever it would not give is named by ``cannot_be_written``.
Revoked passes are no part of a roster file.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from checkpoint.hours_text import format_hours, format_shifts
from checkpoint.ids import CompoundId
from checkpoint.people import Entries, Household, Resident
from collector.domain.people import People
from collector.roster_files.headings import CHINESE, Column
from collector.roster_files.line import SheetLine, cleaned
from collector.roster_files.people import read_people
from collector.roster_files.vocabulary import COLOURS, ENTRIES, KINDS, mark_word

Row = dict[Column, str | date]
_Entry = tuple[Household | None, Resident | None]


def headings(*, chinese: bool) -> list[str]:
    """The first line, in one language."""
    return [CHINESE[column] if chinese else column.value for column in Column]


def rows_of(people: People, *, chinese: bool = False) -> list[Row]:
    """Everybody and every household; a column that is not in a row is empty there."""
    return [_row(people.compound, entry, chinese=chinese) for entry in _entries(people)]


def cannot_be_written(people: People) -> list[str]:
    """Ids of the people and households that would not be read back as they are, such as two of one name and phone."""
    entries = _entries(people)
    lines = [SheetLine(1, tuple(headings(chinese=False)))]
    for number, entry in enumerate(entries, start=2):
        row = _row(people.compound, entry, chinese=False)
        lines.append(
            SheetLine(number, tuple(cleaned(str(row.get(column, ""))) for column in Column))
        )
    back = read_people(lines)
    lines_in_doubt = {problem.line for problem in back.problems}
    lines_in_doubt.update(line for each in back.duplicates for line in each.lines)
    in_doubt = {_id(entries[line - 2]) for line in lines_in_doubt}
    in_doubt.update(_differing(people.households, back.people.households))
    in_doubt.update(_differing(map(_unrevoked, people.residents), back.people.residents))
    return sorted(in_doubt)


def _entries(people: People) -> list[_Entry]:
    households = {household.id: household for household in people.households}
    lived_in = {resident.household for resident in people.residents}
    entries: list[_Entry] = [
        *((households.get(r.household) if r.household else None, r) for r in people.residents),
        *((household, None) for household in people.households if household.id not in lived_in),
    ]
    return sorted(entries, key=_by_home)


def _by_home(entry: _Entry) -> tuple[bool, list[str], list[str], str, str]:
    """Buildings in order, 9 before 10; people without a home last."""
    home, resident = entry
    person = resident.id if resident else ""
    if home is None:
        return (True, [], [], "", person)
    return (False, _natural(home.building), _natural(home.unit), home.id, person)


def _natural(text: str) -> list[str]:
    return [part.zfill(20) if part.isdecimal() else part for part in re.split(r"(\d+)", text)]


def _row(compound: CompoundId, entry: _Entry, *, chinese: bool) -> Row:
    row: Row = {Column.COMPOUND: str(compound)}
    home, resident = entry
    if home is not None:
        row[Column.HOUSEHOLD] = home.id
        row[Column.BUILDING], row[Column.UNIT] = home.building, home.unit
        row[Column.COLOUR] = COLOURS.word(home.colour, chinese=chinese)
    if resident is not None:
        row.update(_person(resident, chinese=chinese))
    return row


def _person(resident: Resident, *, chinese: bool) -> Row:
    row: Row = {
        Column.ID: resident.id,
        Column.NAME: resident.name,
        Column.PHONE: resident.phone,
        Column.MARKS: ";".join(mark_word(mark, chinese=chinese) for mark in sorted(resident.marks)),
        Column.KIND: KINDS.word(resident.kind, chinese=chinese),
        Column.HOURS: format_hours(resident.hours),
        Column.SHIFTS: format_shifts(resident.shifts),
    }
    if resident.entries is not Entries.MANY:
        row[Column.ENTRIES] = ENTRIES.word(resident.entries, chinese=chinese)
    if resident.valid_from is not None:
        row[Column.VALID_FROM] = resident.valid_from
    if resident.valid_until is not None:
        row[Column.VALID_UNTIL] = resident.valid_until
    return row


def _id(entry: _Entry) -> str:
    home, resident = entry
    return resident.id if resident else home.id if home else ""


def _unrevoked(resident: Resident) -> Resident:
    return msgspec.structs.replace(resident, lowest_serial=0)


def _differing(
    given: Iterable[Household | Resident], back: Sequence[Household | Resident]
) -> set[str]:
    """Ids of those that are not among the ones that came back."""
    by_id = {entry.id: entry for entry in back}
    return {entry.id for entry in given if by_id.get(entry.id) != entry}
