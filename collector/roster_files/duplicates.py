"""Rows that seem to be the same person: the same id, or the same name and phone.

Merged only when told to. Then the rows become one person: the id is the first row's, for a pass may carry
it; of every other column the last row that fills it wins.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce

from collector.roster_files.person_row import PersonRow


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Rows that share an id, or a name and phone."""

    lines: tuple[int, ...]
    shared: tuple[str, ...]
    """(id,) or (name, phone)."""


def find_duplicates(rows: Sequence[PersonRow]) -> list[Duplicate]:
    """Every id, and every name with phone, that stands in more than one row."""
    by_key: dict[tuple[str, ...], list[PersonRow]] = defaultdict(list)
    for row in rows:
        for key in _keys(row):
            by_key[key].append(row)
    return [
        Duplicate(tuple(row.line for row in same), key)
        for key, same in by_key.items()
        if len(same) > 1
    ]


def merged(rows: Sequence[PersonRow]) -> list[PersonRow]:
    """One row a person, in the order of their first rows."""
    groups = _groups(rows)
    if len(groups) == len(rows):
        return list(rows)
    # Once more: a name of one row and a phone of another may together be those of a third person's.
    return merged([reduce(_filled_up, group) for group in groups])


def _groups(rows: Sequence[PersonRow]) -> list[list[PersonRow]]:
    """Rows that share a key, directly or by way of others."""
    first_of = list(range(len(rows)))  # a forest: each row's number, or that of an earlier one

    def first(number: int) -> int:
        while first_of[number] != number:
            first_of[number] = first_of[first_of[number]]
            number = first_of[number]
        return number

    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(rows):
        for key in _keys(row):
            ends = first(number), first(seen.setdefault(key, number))
            first_of[max(ends)] = min(ends)
    groups: dict[int, list[PersonRow]] = defaultdict(list)
    for number, row in enumerate(rows):
        groups[first(number)].append(row)
    return list(groups.values())


def _filled_up(earlier: PersonRow, later: PersonRow) -> PersonRow:
    filled = {
        field.name: value
        for field in fields(later)
        if field.name not in {"line", "wrong", "id"}
        and (value := getattr(later, field.name)) is not None
    }
    return replace(earlier, **filled, id=earlier.id or later.id, wrong=earlier.wrong | later.wrong)


def _keys(row: PersonRow) -> Iterator[tuple[str, ...]]:
    if row.id is not None:
        yield (row.id,)
    if row.name is not None and row.phone is not None:
        yield (row.name, row.phone)
