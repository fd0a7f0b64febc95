"""The people of the lively demo: some 140 in 60 homes, made up but the same every time."""

from collections.abc import Iterator
from typing import Final

import msgspec

from checkpoint.entry_pass import Kind
from checkpoint.ids import PersonId
from checkpoint.people import Colour, Household, Resident
from collector.roster_files.sample import sample

SEED: Final = 20
"""A sample with homes of every colour in which somebody lives, two buildings and one volunteer."""
HOMES: Final = 60
PEOPLE: Final = 140
REISSUED: Final = 2
"""The lowest valid serial of whoever has lost a pass."""


class Town:
    """Who lives there."""

    def __init__(self) -> None:
        people = sample(SEED, HOMES, PEOPLE)
        self.households: Final = {home.id: home for home in people.households}
        plain = [each for each in people.residents if self._is_plain(each)]
        self.loser: Final = plain[0]
        """Lost a pass, and it was revoked."""
        self.neighbours: Final = tuple(plain[1:])
        """Nothing stands against them, coming or going."""
        self.volunteer: Final = next(r for r in people.residents if r.kind is Kind.DUTY)
        self._residents = tuple(
            msgspec.structs.replace(each, lowest_serial=REISSUED) if each is self.loser else each
            for each in people.residents
        )
        self.people: Final = msgspec.structs.replace(people, residents=self._residents)
        """All of them, as the centre knows them."""

    def _is_plain(self, resident: Resident) -> bool:
        home = self.home_of(resident)
        is_free = not resident.hours and not resident.shifts
        at_home = home is not None and home.colour is Colour.GREEN
        return resident.kind is Kind.RESIDENT and is_free and at_home

    def home_of(self, resident: Resident) -> Household | None:
        """Where they live."""
        return self.households[resident.household] if resident.household else None

    def someone_of(self, colour: Colour) -> Resident:
        """The first who lives in a home of this colour."""
        homes = ((each, self.home_of(each)) for each in self._residents)
        return next(each for each, home in homes if home is not None and home.colour is colour)

    def families(self) -> Iterator[tuple[PersonId, ...]]:
        """The neighbours, home by home."""
        for id_ in self.households:
            family = tuple(each.id for each in self.neighbours if each.household == id_)
            if family:
                yield family
