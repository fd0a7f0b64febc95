"""Lines of a file -> the people of a compound, and every problem at once. Pure: nothing is read or written here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from checkpoint.entry_pass import Kind
from checkpoint.ids import CompoundId, HouseholdId, PersonId
from checkpoint.people import Resident
from collector.domain.people import People
from collector.roster_files.duplicates import Duplicate, find_duplicates, merged
from collector.roster_files.headings import Column, Headings, read_headings
from collector.roster_files.homes import assign_households
from collector.roster_files.line import SheetLine
from collector.roster_files.mistakes import Mistake, Problem
from collector.roster_files.person_row import PersonRow, read_row

_EXAMPLES: Final = {Column.ID: "P0000017", Column.NAME: "张小三", Column.COMPOUND: "1"}

_OPTIONAL: Final = (
    "household", "kind", "phone", "marks", "hours", "shifts", "entries", "valid_from", "valid_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """What a file holds."""

    people: People
    """Whoever could be read; the whole file if there are no problems."""
    problems: tuple[Problem, ...]
    """By line."""
    duplicates: tuple[Duplicate, ...]
    uncoloured: frozenset[HouseholdId]
    """Households of whose colour the file says nothing; in ``people`` they are green."""
    merged: bool
    """Whether duplicates were made one person each."""

    @property
    def usable(self) -> bool:
        """Whether the people are those of the file."""
        return not self.problems and (self.merged or not self.duplicates)


def read_people(lines: Sequence[SheetLine], *, merge: bool = False) -> PeopleFile:
    """Read a table whose first line holds the headings; ``merge``: make duplicates one person each.

    Where a heading is wrong, only headings and what cells say are complained of: whatever else seems to be
    missing may stand under that heading.
    """
    headings, wrong_headings = read_headings(lines[0])
    problems: list[Problem] = []
    rows: list[PersonRow] = []
    for line in lines[1:]:
        row, found = read_row(line, headings)
        problems.extend(found)
        if found or row.says_something():
            rows.append(row)
    compound, found = _compound(rows, headings)
    housed = assign_households(rows, headings)
    persons = [row for row in housed.rows if row.names_somebody()]
    duplicates = find_duplicates(persons)
    if merge:
        persons = merged(persons)
    if wrong_headings:
        cells = [problem for problem in problems if problem.mistake is not Mistake.NO_HEADING]
        problems = wrong_headings + cells
    else:
        problems += [*found, *housed.problems, *_missing(persons, headings)]
    people = People(
        compound=compound,
        households=tuple(sorted(housed.households, key=lambda household: household.id)),
        residents=tuple(sorted(map(_resident, persons), key=lambda resident: resident.id)),
    )
    by_line = sorted(problems, key=lambda problem: problem.line)
    return PeopleFile(people, tuple(by_line), tuple(duplicates), housed.uncoloured, merge)


def _compound(rows: Sequence[PersonRow], headings: Headings) -> tuple[CompoundId, list[Problem]]:
    """The one compound of the file, and the rows that have another or none."""
    name = headings.name(Column.COMPOUND)
    first = next((row for row in rows if row.compound is not None), None)
    if first is None or first.compound is None:
        return CompoundId(0), _empty(rows, Column.COMPOUND, headings)
    problems = [
        Problem(
            row.line,
            name,
            Mistake.OTHER_COMPOUND,
            {"given": str(row.compound), "other": str(first.compound), "line": str(first.line)},
        )
        for row in rows
        if row.compound not in {None, first.compound}
    ]
    return first.compound, problems + _empty(rows, Column.COMPOUND, headings)


def _empty(rows: Sequence[PersonRow], column: Column, headings: Headings) -> list[Problem]:
    """The rows in which a needed cell is empty; a column that is not there was complained of once."""
    name = headings.names.get(column)
    values = {"example": _EXAMPLES[column]}
    return [
        Problem(row.line, name, Mistake.EMPTY, values)
        for row in rows
        if name is not None and row.is_empty(column)
    ]


def _missing(persons: Sequence[PersonRow], headings: Headings) -> Iterator[Problem]:
    """What a person needs and has not."""
    yield from _empty(persons, Column.ID, headings)
    yield from _empty(persons, Column.NAME, headings)
    for row in persons:
        lives_here = row.kind in {None, Kind.RESIDENT} and Column.KIND not in row.wrong
        place = (Column.HOUSEHOLD, Column.BUILDING, Column.UNIT)
        if lives_here and all(row.is_empty(column) for column in place):
            yield Problem(row.line, headings.name(Column.HOUSEHOLD), Mistake.NO_HOUSEHOLD)
        if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
            values = {"given": str(row.valid_until), "other": str(row.valid_from)}
            name = headings.name(Column.VALID_UNTIL)
            yield Problem(row.line, name, Mistake.ENDS_BEFORE, values)


def _resident(row: PersonRow) -> Resident:
    """What is not filled stays at its default, and is then left out of the JSON."""
    filled = {name: value for name in _OPTIONAL if (value := getattr(row, name))}
    return Resident(id=row.id or PersonId(""), name=row.name or "", **filled)
