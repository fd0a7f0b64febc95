"""What an import would change, and that no revoked pass comes back with it."""

from typing import Any

import msgspec

from checkpoint.ids import CompoundId, HouseholdId, PersonId
from checkpoint.people import Colour, Household, Resident
from collector.domain.people import People
from collector.roster_files.difference import difference, with_revocations

HOMES = tuple(Household(id=HouseholdId(id_), building=id_, unit="1") for id_ in ("H1", "H2", "H3"))
PEOPLE = tuple(
    Resident(id=PersonId(id_), name=id_, household=HouseholdId("H1"), lowest_serial=serial)
    for id_, serial in (("P1", 0), ("P2", 3), ("P3", 5))
)
OLD = People(
    compound=CompoundId(1), households=HOMES, residents=PEOPLE, revoked=((PersonId("P1"), 7),)
)


def new(*people: Resident, homes: tuple[Household, ...] = HOMES) -> People:
    plain = tuple(msgspec.structs.replace(resident, lowest_serial=0) for resident in people)
    return with_revocations(People(compound=CompoundId(1), households=homes, residents=plain), OLD)


def changed(resident: Resident, **changes: Any) -> Resident:
    return msgspec.structs.replace(resident, **changes)


def test_the_same_file_again_changes_nothing() -> None:
    assert new(*PEOPLE) == OLD
    none = difference(OLD, new(*PEOPLE))
    assert (none.residents.added, none.residents.changed, none.residents.removed) == ((), (), ())
    assert (none.households.added, none.households.changed, none.households.removed) == ((), (), ())


def test_who_is_added_changed_and_removed_is_told_with_the_fields() -> None:
    after = new(
        changed(PEOPLE[0], name="X", phone="110"), PEOPLE[1], changed(PEOPLE[0], id=PersonId("P9"))
    )
    change = difference(OLD, after).residents
    assert [resident.id for resident in change.added] == ["P9"]
    assert [(resident.id, fields) for resident, fields in change.changed] == [
        ("P1", ("name", "phone"))
    ]
    assert [resident.id for resident in change.removed] == ["P3"]


def test_households_are_compared_too() -> None:
    red = msgspec.structs.replace(HOMES[0], colour=Colour.RED)
    change = difference(OLD, new(*PEOPLE, homes=(red, HOMES[1]))).households
    assert [(home.id, fields) for home, fields in change.changed] == [("H1", ("colour",))]
    assert [home.id for home in change.removed] == ["H3"]


def test_revoked_passes_stay_revoked_also_of_somebody_who_is_gone() -> None:
    after = new(PEOPLE[1])
    assert after.residents[0].lowest_serial == 3
    assert after.revoked == OLD.revoked
