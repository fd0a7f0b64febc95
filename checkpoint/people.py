"""Who belongs to a compound: residents, households, their colours, and the roster that holds them."""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

import msgspec

from checkpoint.entry_pass import Kind
from checkpoint.hours import Window
from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision


class Colour(enum.Enum):
    """A household's health status."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"
    WHITE = "white"
    """Vacant: nobody should live there."""


class Household(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One home of the compound."""

    id: HouseholdId
    building: str
    unit: str
    colour: Colour = Colour.GREEN


class ShiftCertificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an employer certifies: who works where, and when."""

    employer: str = ""
    post: str = ""
    windows: tuple[Window, ...]


class Entries(enum.Enum):
    """How often a pass may come in."""

    ONE = "one"
    MANY = "many"


class Resident(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person that the roster knows: who lives here, and also who works here or was granted a visit.

    A gate's copy holds the masked name and the last four digits of the phone only.
    """

    id: PersonId
    name: str
    household: HouseholdId | None = None
    """Where they live or whom they visit; None: a worker from outside, a vehicle."""
    lowest_serial: int = 0
    """Passes with a lower serial are revoked."""
    kind: Kind = Kind.RESIDENT
    phone: str = ""
    marks: frozenset[str] = frozenset()
    """Such as medical, volunteer, lives-alone; the policy names those that exempt."""
    hours: tuple[Window, ...] = ()
    """When this person may pass; empty: whenever others may."""
    shifts: tuple[ShiftCertificate, ...] = ()
    entries: Entries = Entries.MANY
    valid_from: date | None = None
    """First and last day of the pass, in the compound's zone; the pass itself carries them too."""
    valid_until: date | None = None


class RosterDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The roster as it is signed and sent. Readers ignore keys that they do not know yet."""

    compound: CompoundId
    revision: Revision
    households: tuple[Household, ...]
    residents: tuple[Resident, ...]
    revoked: tuple[tuple[PersonId, int], ...] = ()
    """Single passes (person, serial) that are void although their serial is not below the lowest."""


class RosterChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is different from the roster of ``base``, as it is at ``revision``."""

    compound: CompoundId
    base: Revision
    revision: Revision
    households: tuple[Household, ...] = ()
    residents: tuple[Resident, ...] = ()
    revoked: tuple[tuple[PersonId, int], ...] = ()
    gone_households: tuple[HouseholdId, ...] = ()
    gone_residents: tuple[PersonId, ...] = ()
    restored: tuple[tuple[PersonId, int], ...] = ()
    """Single passes that are no longer void."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the roster says about the bearer of one pass."""

    resident: Resident | None = None
    household: Household | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """The roster, indexed for one look-up a scan."""

    compound: CompoundId
    revision: Revision
    households: dict[HouseholdId, Household]
    residents: dict[PersonId, Resident]
    revoked: frozenset[tuple[PersonId, int]]

    @classmethod
    def of(cls, document: RosterDocument) -> Self:
        """Index a document. Raises ValueError naming every resident or household that is wrong."""
        households = {household.id: household for household in document.households}
        residents = {resident.id: resident for resident in document.residents}
        problems = [
            *(
                f"household {id_} stands twice"
                for id_ in _repeated(h.id for h in document.households)
            ),
            *(
                f"resident {id_} stands twice"
                for id_ in _repeated(r.id for r in document.residents)
            ),
            *_homeless(residents, households),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        revoked = frozenset(document.revoked)
        return cls(document.compound, document.revision, households, residents, revoked)

    def changed(self, change: RosterChange) -> Self:
        """The roster after a change. Raises ValueError where somebody would have no household."""
        households = {**self.households, **{each.id: each for each in change.households}}
        residents = {**self.residents, **{each.id: each for each in change.residents}}
        for household in change.gone_households:
            households.pop(household, None)
        for person in change.gone_residents:
            residents.pop(person, None)
        problems = [*_homeless(residents, households)]
        if problems:
            raise ValueError("; ".join(problems))
        revoked = (self.revoked | set(change.revoked)) - set(change.restored)
        return type(self)(self.compound, change.revision, households, residents, revoked)

    def standing(self, person: PersonId, serial: int) -> Standing:
        """What is known of the bearer of this pass."""
        revoked = (person, serial) in self.revoked
        resident = self.residents.get(person)
        if resident is None:
            return Standing(revoked=revoked)
        household = self.households[resident.household] if resident.household else None
        return Standing(resident, household, revoked or serial < resident.lowest_serial)


def mask_name(name: str) -> str:
    """Keep the first character of each part: 张小三 -> 张**, Ann Lee -> A** L**. Masking twice changes nothing."""
    return " ".join(part[0] + "*" * (len(part) - 1) for part in name.split())


def last_four(phone: str) -> str:
    """The last four digits, which is all of a phone number that a gate may hold. Twice changes nothing."""
    return "".join(char for char in phone if char.isdigit())[-4:]


def _homeless(
    residents: dict[PersonId, Resident], households: dict[HouseholdId, Household]
) -> Iterator[str]:
    for resident in residents.values():
        if resident.household is not None and resident.household not in households:
            yield f"resident {resident.id}: no household {resident.household}"


def _repeated(ids: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [id_ for id_ in ids if id_ in seen or seen.add(id_)]  # type: ignore[func-returns-value]
