"""A resident without a pass is found by surname, home or phone, masked, and never more than asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.entry_pass import Kind
from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.people import (
    Household,
    Resident,
    Roster,
    RosterDocument,
    last_four,
    mask_name,
)
from checkpoint.search import Directory

HOMES = {
    "H1": ("7", "301"),
    "H2": ("7", "302"),
    "H3": ("10", "2-1203"),
    "H4": ("A座", "7"),
    "H5": ("8号楼", "1单元301室"),
}
PEOPLE = {
    "P1": ("张小三", "H1", "13800138000"),
    "P2": ("张三", "H3", "13800131203"),
    "P3": ("Ann O'Neil", "H2", "13800138001"),
    "P4": ("楼小芳", "H4", ""),
    "P5": ("欧阳娜", "H5", "13800130007"),
    "W1": ("王强", None, "13900138000"),
}


def directory(*, masked: bool) -> Directory:
    roster = Roster.of(
        RosterDocument(
            compound=CompoundId(1),
            revision=Revision(1),
            households=tuple(
                Household(id=HouseholdId(id_), building=building, unit=unit)
                for id_, (building, unit) in HOMES.items()
            ),
            residents=tuple(
                Resident(
                    id=PersonId(id_),
                    name=mask_name(name) if masked else name,
                    household=HouseholdId(home) if home else None,
                    phone=last_four(phone) if masked else phone,
                    kind=Kind.RESIDENT if home else Kind.WORKER,
                )
                for id_, (name, home, phone) in PEOPLE.items()
            ),
        )
    )
    return Directory.of(roster)


MASKED = directory(masked=True)
PLAIN = directory(masked=False)

TYPED = [
    ("张", ["P1", "P2"]),
    ("张小三", ["P1"]),
    (" 张 ", ["P1", "P2"]),
    ("欧阳", ["P5"]),
    ("楼", ["P4"]),
    ("ann", ["P3"]),
    ("ＡＮＮ", ["P3"]),
    ("O'Neil", ["P3"]),
    ("oneil ann", ["P3"]),
    ("8000", ["P1", "W1"]),
    ("8000 王", ["W1"]),
    ("1203", ["P2"]),
    ("7", ["P1", "P3", "P4"]),
    ("7栋", ["P1", "P3", "P4"]),
    ("301", ["P1", "P5"]),
    ("7-301", ["P1"]),
    ("7 301", ["P1"]),
    ("７栋３０１室", ["P1"]),
    ("张 7-301", ["P1"]),
    ("张7栋", ["P1"]),
    ("欧 7-301", []),
    ("8-301", ["P5"]),
    ("8-1-301", ["P5"]),
    ("2-1203", ["P2"]),
    ("10-1203", ["P2"]),
    ("2", []),
    ("301-7", []),
    ("A座7", ["P3", "P4"]),
    ("a", ["P3", "P4"]),
    ("9", []),
    ("李", []),
    ("张小三四五", []),
    ("*", []),
    ("", []),
    ("  --  ", []),
]


@pytest.mark.parametrize(("text", "people"), TYPED, ids=[text for text, _ in TYPED])
def test_what_a_volunteer_types_finds(text: str, people: list[str]) -> None:
    found = MASKED.find(text, at_most=20)
    assert sorted(each.person for each in found.first) == people
    assert found.total == len(people)


def test_buildings_stand_in_order_and_somebody_without_a_home_before_all() -> None:
    assert [each.person for each in MASKED.find("8000", at_most=9).first] == ["W1", "P1"]
    assert [each.person for each in MASKED.find("301", at_most=9).first] == ["P1", "P5"]
    assert [each.person for each in MASKED.find("张", at_most=9).first] == ["P1", "P2"]


def test_never_more_than_asked_for_but_all_are_counted() -> None:
    found = MASKED.find("7", at_most=1)
    assert ([each.person for each in found.first], found.total) == (["P4"], 3)


@given(text=st.text("张小三Ann o'7-301栋*", max_size=8))
def test_nobody_is_found_unmasked_or_by_what_a_gate_may_not_know(text: str) -> None:
    plain = PLAIN.find(text, at_most=20)
    assert all(each.name == mask_name(each.name) for each in plain.first)
    masked = {each.person for each in MASKED.find(text, at_most=20).first}
    assert {each.person for each in plain.first} <= masked
