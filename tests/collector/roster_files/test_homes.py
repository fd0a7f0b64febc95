"""Which household a row speaks of, and what rows may not say of the same one."""

from typing import Any

import pytest

from checkpoint.people import Colour
from tests.collector.roster_files.tables import SOUND, people_of, places

OTHER = {"id": "P2", "name": "李四", "compound": "1"}
PLACE = {"building": "7", "unit": "301"}
FIRST = {**SOUND, "household": "", "colour": "", "kind": ""}


def homes(*rows: dict[str, Any]) -> dict[str, str | None]:
    findings = people_of(*rows)
    assert findings.problems == ()
    return {resident.id: resident.household for resident in findings.people.residents}


def test_building_and_unit_make_one_household_for_all_who_share_them() -> None:
    assert homes(FIRST, {**OTHER, **PLACE}) == {"P1": "7-301", "P2": "7-301"}


def test_a_row_without_household_joins_the_one_that_another_row_has_there_before_or_after() -> None:
    named = {**OTHER, **PLACE, "household": "H1"}
    assert homes(FIRST, named) == homes(named, FIRST) == {"P1": "H1", "P2": "H1"}


def test_a_row_may_leave_out_what_another_row_says_of_the_household() -> None:
    findings = people_of(
        {**FIRST, "household": "H1", "building": "", "unit": ""},
        {**OTHER, **PLACE, "household": "H1", "colour": "red"},
    )
    home = findings.people.households[0]
    assert findings.usable
    assert (home.id, home.building, home.unit, home.colour) == ("H1", "7", "301", Colour.RED)


def test_a_row_without_id_and_name_is_a_household_where_nobody_is() -> None:
    findings = people_of(FIRST, {"compound": "1", "building": "7", "unit": "302", "colour": "白"})
    assert findings.usable
    assert [home.id for home in findings.people.households] == ["7-301", "7-302"]
    assert findings.people.households[1].colour is Colour.WHITE
    assert len(findings.people.residents) == 1


@pytest.mark.parametrize("kind", ["worker", "visitor", "vehicle", "duty"])
def test_only_residents_need_a_household(kind: str) -> None:
    assert homes(FIRST, {**OTHER, "kind": kind})["P2"] is None


def test_a_compound_filled_down_too_far_is_no_row() -> None:
    assert people_of(FIRST, {"compound": "1"}).usable


WRONG: list[tuple[dict[str, str], list[tuple[int, str, str]]]] = [
    ({**OTHER}, [(3, "household", "NO_HOUSEHOLD")]),
    ({**OTHER, "kind": "居民"}, [(3, "household", "NO_HOUSEHOLD")]),
    ({**OTHER, "building": "7"}, [(3, "unit", "HALF_HOME")]),
    ({**OTHER, "kind": "worker", "unit": "301"}, [(3, "building", "HALF_HOME")]),
    ({**OTHER, "kind": "worker", "colour": "red"}, [(3, "colour", "COLOUR_ALONE")]),
    (
        {**OTHER, "household": "H9"},
        [(3, "building", "NO_BUILDING"), (3, "unit", "NO_BUILDING")],
    ),
    ({**OTHER, **PLACE, "colour": "red"}, [(3, "colour", "DISAGREES")]),
    ({**OTHER, "household": "7-301", "building": "8"}, [(3, "building", "DISAGREES")]),
    ({**OTHER, "household": "7-301", "unit": "302"}, [(3, "unit", "DISAGREES")]),
    ({**OTHER, **PLACE, "compound": "2"}, [(3, "compound", "OTHER_COMPOUND")]),
    ({**OTHER, **PLACE, "id": ""}, [(3, "id", "EMPTY")]),
]


@pytest.mark.parametrize(("second", "expected"), WRONG)
def test_what_cannot_be_is_named(
    second: dict[str, str], expected: list[tuple[int, str, str]]
) -> None:
    findings = people_of({**FIRST, "colour": "green"}, second)
    assert places(findings.problems) == expected


def test_a_disagreement_says_both_values_and_the_other_line() -> None:
    problem = people_of({**FIRST, "colour": "green"}, {**OTHER, **PLACE, "colour": "红"}).problems[
        0
    ]
    assert problem.values == {"given": "red", "other": "green", "line": "2", "household": "7-301"}


def test_two_households_in_one_place_must_be_told_apart() -> None:
    findings = people_of(
        {**FIRST, "household": "H1"},
        {**OTHER, **PLACE, "household": "H2"},
        {**OTHER, **PLACE, "id": "P3"},
    )
    assert places(findings.problems) == [(4, "household", "SHARED_HOME")]
    assert findings.problems[0].values["known"] == "H1, H2"


def test_a_cell_that_is_wrong_already_is_not_asked_for_again() -> None:
    findings = people_of(FIRST, {**OTHER, "building": "7", "unit": "12月7日"})
    assert places(findings.problems) == [(3, "unit", "HOME_AS_DATE")]
    findings = people_of(FIRST, {**OTHER, "kind": "cat"})
    assert places(findings.problems) == [(3, "kind", "UNKNOWN_WORD")]
