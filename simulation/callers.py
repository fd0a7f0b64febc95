"""Whoever can come to a gate of the lively demo, with which pass and how warm."""

import enum
from dataclasses import dataclass
from random import Random
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.ids import PersonId
from checkpoint.people import Colour, Resident
from simulation.arrivals import forged
from simulation.compound import pass_for
from simulation.town import Town

MENU: Final = "https://example.org/menu?table=7"
STRANGER: Final = PersonId("S0000099")
_WELL_CELSIUS: Final = 36.5
_MOST_WELL_CELSIUS: Final = 37.0
FEVER_CELSIUS: Final = 38.2


class Act(enum.Enum):
    """What is held up, and by whom."""

    WELL = "well"
    FEVER = "fever"
    TOO_FAR = "too_far"
    EXPIRED = "expired"
    REVOKED = "revoked"
    FORGED = "forged"
    STRANGER = "stranger"
    MENU = "menu"
    TWO = "two"
    ISOLATING = "isolating"
    WATCHED = "watched"
    AGAIN = "again"


RARE: Final = (
    Act.FEVER, Act.EXPIRED, Act.MENU, Act.TOO_FAR, Act.STRANGER, Act.FORGED, Act.REVOKED, Act.ISOLATING,
)  # fmt: skip
"""What happens now and then by itself."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody before a gate."""

    act: Act
    who: str
    codes: tuple[str, ...]
    celsius: float | None
    """Of the skin; None: nobody stands before the thermometer."""
    person: PersonId | None = None
    """A neighbour, who is on the other side afterwards if the gate lets them through."""


class Callers:
    """Makes them."""

    def __init__(self, town: Town, issuer: Ed25519PrivateKey, chance: Random) -> None:
        self._town, self._issuer, self._chance = town, issuer, chance
        self._by_id = {each.id: each for each in town.neighbours}

    def make(
        self, act: Act, person: PersonId | None = None, celsius: float | None = None
    ) -> Caller:
        """This act by this neighbour, or by whoever fits; as warm as told, or as the act has it."""
        bearer = self._bearer(act, person)
        warm = celsius
        if warm is None and act is Act.FEVER:
            warm = FEVER_CELSIUS
        elif warm is None and act is not Act.TOO_FAR:
            warm = min(_MOST_WELL_CELSIUS, self._chance.gauss(_WELL_CELSIUS, 0.2))
        who = "" if act in {Act.STRANGER, Act.MENU, Act.FORGED} else self.name_of(bearer)
        is_neighbour = bearer.id in self._by_id
        return Caller(act, who, self._codes(act, bearer), warm, bearer.id if is_neighbour else None)

    def name_of(self, resident: Resident) -> str:
        """Name and home, unmasked: nobody here is real."""
        home = self._town.home_of(resident)
        return resident.name if home is None else f"{resident.name} {home.building}-{home.unit}"

    def _bearer(self, act: Act, person: PersonId | None) -> Resident:
        match act:
            case Act.REVOKED:
                return self._town.loser
            case Act.ISOLATING:
                return self._town.someone_of(Colour.ORANGE)
            case Act.WATCHED:
                return self._town.someone_of(Colour.RED)
            case _ if person in self._by_id:
                return self._by_id[person]
            case _:
                return self._chance.choice(self._town.neighbours)

    def _codes(self, act: Act, bearer: Resident) -> tuple[str, ...]:
        match act:
            case Act.MENU:
                return (MENU,)
            case Act.FORGED:
                return (forged(self._issuer),)
            case Act.STRANGER:
                return (pass_for(self._issuer, STRANGER),)
            case Act.EXPIRED:
                return (pass_for(self._issuer, bearer.id, days_from=-60, days_until=-1),)
            case Act.REVOKED:
                return (pass_for(self._issuer, bearer.id, serial=1),)
            case Act.TWO:
                other = self._chance.choice(self._town.neighbours)
                return (pass_for(self._issuer, bearer.id), pass_for(self._issuer, other.id))
            case _:
                return (pass_for(self._issuer, bearer.id),)
