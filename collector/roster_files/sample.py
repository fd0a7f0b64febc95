"""A made-up compound that looks like a real one: same seed, same people, on every machine and Python.

Buildings have two staircases and 6 to 18 floors; about 4 in 100 homes are vacant, 3 in 100 yellow, orange or red.
Of the people 1 in 100 works here and lives elsewhere, 1 in 200 is a granted visitor; the rest live in the
homes, one to six in each, and 1 in 150 of them is on duty. Phones begin with 100, as nobody's do.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final, TypeVar

import msgspec

from checkpoint.entry_pass import Kind
from checkpoint.hours_text import parse_hours, parse_shifts
from checkpoint.ids import CompoundId, HouseholdId, PersonId
from checkpoint.people import Colour, Entries, Household, Resident
from collector.domain.people import People
from collector.roster_files.sample_words import EMPLOYERS, GIVEN, HOURS, MARKS, SURNAMES

_LARGEST_HOME: Final = 6
_FLOORS: Final = (6, 6, 11, 18)
_COLOURS: Final = (
    (Colour.WHITE, 0.040),
    (Colour.YELLOW, 0.015),
    (Colour.ORANGE, 0.010),
    (Colour.RED, 0.004),
)
_FIRST_DAY: Final = date(2030, 1, 1)
Item = TypeVar("Item")


def sample(seed: int, households: int, people: int) -> People:
    """So many households, at least one, and so many people of all kinds."""
    chance = _Chance(seed)
    homes = [_coloured(home, chance) for home in _homes(households, chance)]
    homes[0] = msgspec.structs.replace(homes[0], colour=Colour.GREEN)
    workers, visitors = people // 100, people // 200
    living = _living(people - workers - visitors, homes, chance)
    outside = [_worker(number, chance) for number in range(workers)]
    guests = [_visitor(number, homes, chance) for number in range(visitors)]
    return People(
        compound=CompoundId(1),
        households=tuple(sorted(homes, key=lambda home: home.id)),
        residents=(*living, *guests, *outside),
    )


class _Chance:
    """Draws made of Random.random() alone, the one method whose numbers never change between Pythons."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random  # noqa: S311 (repeatable, not secret)

    def below(self, limit: int) -> int:
        return int(self._random() * limit)

    def one_of(self, items: Sequence[Item]) -> Item:
        return items[self.below(len(items))]

    def happens(self, share: float) -> bool:
        return self._random() < share


@dataclass(frozen=True, slots=True)
class _Family:
    """Who lives in one home."""

    home: Household
    surname: str
    size: int


def _homes(count: int, chance: _Chance) -> Iterator[Household]:
    """Building after building, each from the ground up."""
    building = 0
    while count > 0:
        building += 1
        units = [
            f"{staircase}-{floor}{flat:02}"
            for staircase in (1, 2)
            for floor in range(1, chance.one_of(_FLOORS) + 1)
            for flat in (1, 2)
        ]
        for unit in units[:count]:
            id_ = HouseholdId(f"{building}-{unit}")
            yield Household(id=id_, building=str(building), unit=unit)
        count -= len(units)


def _coloured(home: Household, chance: _Chance) -> Household:
    for colour, share in _COLOURS:
        if chance.happens(share):
            return msgspec.structs.replace(home, colour=colour)
    return home


def _living(count: int, homes: Sequence[Household], chance: _Chance) -> list[Resident]:
    """Residents by home: one in each that is not vacant, as far as they go, and the rest anywhere."""
    open_homes = [home for home in homes if home.colour is not Colour.WHITE]
    sizes = Counter(range(min(count, len(open_homes))))
    for _ in range(count - len(sizes)):
        home = chance.below(len(open_homes))
        if sizes[home] >= _LARGEST_HOME:  # once more; should that be full too, it is a crowded home
            home = chance.below(len(open_homes))
        sizes[home] += 1
    families = [
        _Family(home, chance.one_of(SURNAMES), sizes[number])
        for number, home in enumerate(open_homes)
    ]
    members = [(family, place) for family in families for place in range(family.size)]
    return [_resident(number, *member, chance) for number, member in enumerate(members)]


def _resident(number: int, family: _Family, place: int, chance: _Chance) -> Resident:
    """The first of a family has its surname and a phone; most others too."""
    marks = {mark for mark, share in MARKS if chance.happens(share)}
    if family.size == 1 and chance.happens(0.1):
        marks.add("lives-alone")
    surname = family.surname if place == 0 or chance.happens(0.6) else chance.one_of(SURNAMES)
    has_shift, has_hours = chance.happens(0.03), chance.happens(0.01)
    resident = Resident(
        id=PersonId(f"P{number + 1:07}"),
        name=_name(surname, chance),
        household=family.home.id,
        kind=Kind.DUTY if number % 150 == 17 else Kind.RESIDENT,
        phone=_phone(number) if place == 0 or chance.happens(0.85) else "",
        hours=parse_hours(chance.one_of(HOURS)) if has_hours else (),
        shifts=parse_shifts(chance.one_of(EMPLOYERS)) if has_shift else (),
    )
    return msgspec.structs.replace(resident, marks=frozenset(marks)) if marks else resident


def _worker(number: int, chance: _Chance) -> Resident:
    return Resident(
        id=PersonId(f"W{number + 1:07}"),
        name=_name(chance.one_of(SURNAMES), chance),
        kind=Kind.WORKER,
        phone=_phone(50_000_000 + number),
        shifts=parse_shifts(chance.one_of(EMPLOYERS)),
        valid_from=_FIRST_DAY,
        valid_until=date(_FIRST_DAY.year, 12, 31),
    )


def _visitor(number: int, homes: Sequence[Household], chance: _Chance) -> Resident:
    """May come in once, within three days."""
    day = _FIRST_DAY + timedelta(days=chance.below(360))
    return Resident(
        id=PersonId(f"V{number + 1:07}"),
        name=_name(chance.one_of(SURNAMES), chance),
        household=chance.one_of([h for h in homes if h.colour is Colour.GREEN]).id,
        kind=Kind.VISITOR,
        phone=_phone(60_000_000 + number),
        entries=Entries.ONE,
        valid_from=day,
        valid_until=day + timedelta(days=2),
    )


def _name(surname: str, chance: _Chance) -> str:
    return surname + "".join(chance.one_of(GIVEN) for _ in range(1 + chance.happens(0.7)))


def _phone(number: int) -> str:
    """11 digits; a different one for each number below 100,000,000."""
    return f"100{(number * 7_654_321 + 1_234_567) % 100_000_000:08}"
