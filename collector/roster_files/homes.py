"""Rows -> the households they speak of, and each row with the id of its household.

A row names its household by id, or by building and unit: then it is the one household that some row has
in this building and unit, or else a household of its own, BUILDING-UNIT. Whatever rows say of the same household must
agree; a row may leave out what another one says.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from checkpoint.ids import HouseholdId
from checkpoint.people import Colour, Household
from collector.roster_files.headings import Column, Headings
from collector.roster_files.mistakes import Mistake, Problem
from collector.roster_files.person_row import PersonRow

_FACTS: Final = (Column.BUILDING, Column.UNIT, Column.COLOUR)
_Homes = Mapping[tuple[str, str], Sequence[HouseholdId]]


@dataclass(frozen=True, slots=True)
class HousedRows:
    """Rows whose household is its id or None, the households of the file, and what is wrong."""

    rows: list[PersonRow]
    households: list[Household]
    uncoloured: frozenset[HouseholdId]
    """Those of whose colour no row says anything."""
    problems: list[Problem]


def assign_households(rows: Sequence[PersonRow], headings: Headings) -> HousedRows:
    """Find the household of each row, and compare what rows say of the same one."""
    problems: list[Problem] = []
    homes = _known_homes(rows)
    housed = [_assign_household(row, homes, headings, problems) for row in rows]
    of_household: dict[HouseholdId, list[PersonRow]] = defaultdict(list)
    for row in housed:
        if row.household is not None:
            of_household[row.household].append(row)
    households = [
        _agree(household, its_rows, headings, problems)
        for household, its_rows in of_household.items()
    ]
    uncoloured = frozenset(
        household
        for household, its_rows in of_household.items()
        if all(row.colour is None for row in its_rows)
    )
    return HousedRows(housed, households, uncoloured, problems)


def _known_homes(rows: Sequence[PersonRow]) -> _Homes:
    """The households that rows name by id, by the place they are said to be at."""
    homes: dict[tuple[str, str], list[HouseholdId]] = defaultdict(list)
    for row in rows:
        if row.household is not None and row.building is not None and row.unit is not None:
            here = homes[row.building, row.unit]
            if row.household not in here:
                here.append(row.household)
    return homes


def _assign_household(
    row: PersonRow, homes: _Homes, headings: Headings, problems: list[Problem]
) -> PersonRow:
    def complain(column: Column, mistake: Mistake, **values: str) -> None:
        problems.append(Problem(row.line, headings.name(column), mistake, values))

    if not row.is_empty(Column.HOUSEHOLD):
        return row
    if row.building is not None and row.unit is not None:
        here = homes.get((row.building, row.unit), ())
        if len(here) > 1:
            place = f"{row.building}-{row.unit}"
            complain(Column.HOUSEHOLD, Mistake.SHARED_HOME, given=place, known=", ".join(here))
            return replace(row, wrong=row.wrong | {Column.HOUSEHOLD})
        return replace(
            row, household=here[0] if here else HouseholdId(f"{row.building}-{row.unit}")
        )
    missing = [column for column in (Column.BUILDING, Column.UNIT) if row.is_empty(column)]
    if len(missing) == 1:
        there = Column.UNIT if missing == [Column.BUILDING] else Column.BUILDING
        complain(missing[0], Mistake.HALF_HOME, given=headings.name(there))
        return replace(row, wrong=row.wrong | {Column.HOUSEHOLD})
    if missing and row.colour is not None:
        complain(Column.COLOUR, Mistake.COLOUR_ALONE)
    return row


def _agree(
    household: HouseholdId,
    rows: Sequence[PersonRow],
    headings: Headings,
    problems: list[Problem],
) -> Household:
    """One household of what its rows say."""
    said: dict[Column, PersonRow] = {}
    for row in rows:
        for column in _FACTS:
            here = getattr(row, column.value)
            if here is None:
                continue
            first = said.setdefault(column, row)
            there = getattr(first, column.value)
            if here != there:
                values = {
                    "given": _shown(here),
                    "other": _shown(there),
                    "line": str(first.line),
                    "household": household,
                }
                problems.append(Problem(row.line, headings.name(column), Mistake.DISAGREES, values))
    for column in (Column.BUILDING, Column.UNIT):
        if column not in said and not any(column in row.wrong for row in rows):
            values = {"given": household}
            problems.append(
                Problem(rows[0].line, headings.name(column), Mistake.NO_BUILDING, values)
            )
    fact = {column.value: getattr(row, column.value) for column, row in said.items()}
    return Household(
        id=household,
        building=fact.get("building", ""),
        unit=fact.get("unit", ""),
        colour=fact.get("colour", Colour.GREEN),
    )


def _shown(fact: str | Colour) -> str:
    return fact.value if isinstance(fact, Colour) else fact
