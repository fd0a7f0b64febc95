"""The people of a compound as the centre has them, before they are signed."""

import msgspec

from checkpoint.ids import CompoundId, PersonId
from checkpoint.people import Household, Resident


class People(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A roster without a revision: what ``gatepost roster sign`` reads. Households and residents by id."""

    compound: CompoundId
    households: tuple[Household, ...]
    residents: tuple[Resident, ...]
    revoked: tuple[tuple[PersonId, int], ...] = ()
