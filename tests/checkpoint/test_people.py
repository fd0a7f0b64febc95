"""The roster: who is known, who is revoked, and what is wrong with a bad one."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.people import (
    Household,
    Resident,
    Roster,
    RosterDocument,
    Standing,
    last_four,
    mask_name,
)
from tests.golden.read import vectors

HOME = Household(id=HouseholdId("7-301"), building="7", unit="301")
ANN = Resident(id=PersonId("P1"), name="A** L**", household=HOME.id, lowest_serial=3)


def document(**changes: Any) -> RosterDocument:
    fields: dict[str, Any] = {
        "compound": CompoundId(100),
        "revision": Revision(1),
        "households": (HOME,),
        "residents": (ANN,),
        "revoked": ((ANN.id, 5), (PersonId("gone"), 1)),
    }
    return RosterDocument(**{**fields, **changes})


@pytest.mark.parametrize(
    ("person", "serial", "standing"),
    [
        ("P1", 2, Standing(ANN, HOME, revoked=True)),
        ("P1", 3, Standing(ANN, HOME)),
        ("P1", 4, Standing(ANN, HOME)),
        ("P1", 5, Standing(ANN, HOME, revoked=True)),
        ("P1", 6, Standing(ANN, HOME)),
        ("P2", 9, Standing()),
        ("gone", 1, Standing(revoked=True)),
        ("p1", 3, Standing()),
    ],
)
def test_a_pass_stands_as_the_roster_says(person: str, serial: int, standing: Standing) -> None:
    assert Roster.of(document()).standing(PersonId(person), serial) == standing


def test_a_bad_roster_names_everything_that_is_wrong_with_it() -> None:
    stray = Resident(id=PersonId("P2"), name="B", household=HouseholdId("9-999"))
    with pytest.raises(ValueError, match="stands twice") as caught:
        Roster.of(document(households=(HOME, HOME), residents=(ANN, ANN, stray)))
    assert str(caught.value).split("; ") == [
        "household 7-301 stands twice",
        "resident P1 stands twice",
        "resident P2: no household 9-999",
    ]


def test_keys_of_a_later_version_are_passed_over() -> None:
    body = msgspec.json.encode(document())
    later = b'{"later":1,' + body[1:].replace(b'"unit"', b'"mark":"x","unit"')
    assert msgspec.json.decode(later, type=RosterDocument) == document()


@pytest.mark.parametrize("number", [3, 4])
def test_a_golden_roster_is_read_and_written_to_the_byte(number: int) -> None:
    body = vectors("signed")["messages"][number]["body"]
    document = msgspec.json.decode(body, type=RosterDocument)
    Roster.of(document)
    assert msgspec.json.encode(document, order="deterministic").decode() == body


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张小三", "张**"),
        ("欧阳", "欧*"),
        ("Ann Lee", "A** L**"),
        ("  Ann   Lee ", "A** L**"),
        ("X", "X"),
        ("", ""),
    ],
)
def test_a_name_keeps_the_first_character_of_each_part(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(name=st.text())
def test_masking_twice_changes_nothing(name: str) -> None:
    assert mask_name(mask_name(name)) == mask_name(name)


@pytest.mark.parametrize(
    ("phone", "last"),
    [("13800138000", "8000"), ("+86 138-0013-8000 ", "8000"), ("110", "110"), ("8000", "8000")],
)
def test_a_phone_keeps_its_last_four_digits(phone: str, last: str) -> None:
    assert last_four(phone) == last_four(last_four(phone)) == last
