"""One line of the file: what each of its filled cells says, before lines are compared with each other."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from checkpoint.entry_pass import Kind
from checkpoint.hours import Window
from checkpoint.ids import CompoundId, HouseholdId, PersonId
from checkpoint.people import Colour, Entries, ShiftCertificate
from collector.roster_files.cells import READ
from collector.roster_files.headings import Column, Headings, letters
from collector.roster_files.line import SheetLine, unknown
from collector.roster_files.mistakes import Mistake, Problem, WrongCell


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A field for each column; None: the cell is empty, or wrong and therefore in ``wrong``."""

    line: int
    wrong: frozenset[Column] = frozenset()
    """Columns whose problem is known already, so that nothing more may be asked of them."""
    id: PersonId | None = None
    name: str | None = None
    phone: str | None = None
    compound: CompoundId | None = None
    building: str | None = None
    unit: str | None = None
    household: HouseholdId | None = None
    colour: Colour | None = None
    marks: frozenset[str] | None = None
    kind: Kind | None = None
    hours: tuple[Window, ...] | None = None
    shifts: tuple[ShiftCertificate, ...] | None = None
    entries: Entries | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def is_empty(self, column: Column) -> bool:
        """Whether nothing stands in that cell, not even something wrong."""
        return getattr(self, column.value) is None and column not in self.wrong

    def names_somebody(self) -> bool:
        """Whether it is about a person, and not about a household alone, such as a vacant one."""
        return not all(self.is_empty(column) for column in _OF_A_PERSON)

    def says_something(self) -> bool:
        """Whether it is more than a compound's number, which may have been filled down too far."""
        return not all(self.is_empty(column) for column in Column if column is not Column.COMPOUND)


_OF_A_PERSON = frozenset(Column) - {
    Column.COMPOUND,
    Column.HOUSEHOLD,
    Column.BUILDING,
    Column.UNIT,
    Column.COLOUR,
}


def read_row(line: SheetLine, headings: Headings) -> tuple[PersonRow, list[Problem]]:
    """What the line says, and every cell that does not say what its column is for."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    wrong: set[Column] = set()
    for index, cell in enumerate(line.cells):
        if cell == "":
            continue
        column = headings.at.get(index)
        if index not in headings.at:
            values_ = {"given": letters(index)}
            problems.append(Problem(line.number, letters(index), Mistake.NO_HEADING, values_))
        elif column is None:
            continue
        elif isinstance(cell, Mistake):
            problems.append(unknown(line.number, headings.name(column), cell))
            wrong.add(column)
        else:
            try:
                values[column.value] = READ[column](cell)
            except WrongCell as error:
                name = headings.name(column)
                problems.append(Problem(line.number, name, error.mistake, error.values))
                wrong.add(column)
    return PersonRow(line=line.number, wrong=frozenset(wrong), **values), problems
