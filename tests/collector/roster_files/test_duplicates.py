"""The same person twice: listed, and made one only when told to."""

from typing import Any

import pytest

from checkpoint.entry_pass import Kind
from checkpoint.people import Resident
from collector.roster_files.duplicates import Duplicate
from tests.collector.roster_files.tables import SOUND, people_of

SAME_ID = {**SOUND, "phone": "13900139000"}
SAME_NAME_AND_PHONE = {**SOUND, "id": "P2", "phone": "138 0013 8000"}


@pytest.mark.parametrize(
    ("second", "shared"),
    [(SAME_ID, ("P1",)), (SAME_NAME_AND_PHONE, ("张小三", "13800138000"))],
)
def test_duplicates_are_a_mistake_unless_told_to_merge(
    second: dict[str, Any], shared: tuple[str, ...]
) -> None:
    findings = people_of(SOUND, second)
    assert findings.duplicates == (Duplicate((2, 3), shared),)
    assert findings.problems == ()
    assert not findings.usable
    together = people_of(SOUND, second, merge=True)
    assert together.usable
    assert together.duplicates == findings.duplicates
    assert [resident.id for resident in together.people.residents] == ["P1"]


@pytest.mark.parametrize(
    "second",
    [
        {**SOUND, "id": "P2", "phone": ""},
        {**SOUND, "id": "P2", "name": "张三"},
        {**SOUND, "id": "P2", "phone": "13800138001"},
    ],
)
def test_a_name_or_a_phone_alone_is_no_duplicate(second: dict[str, Any]) -> None:
    assert people_of(SOUND, second).usable


def one(*rows: dict[str, Any]) -> Resident:
    findings = people_of(*rows, merge=True)
    assert findings.usable
    assert len(findings.people.residents) == 1
    return findings.people.residents[0]


def test_the_first_id_stays_and_the_last_filled_cell_of_each_other_column_wins() -> None:
    merged = one(
        {**SOUND, "marks": "medical", "kind": "duty", "hours": "daily 07:00-09:00"},
        {**SOUND, "id": "P0", "marks": "volunteer", "kind": "", "unit": "302"},
        {**SOUND, "id": "P0", "phone": "110", "name": "张三", "unit": "", "building": ""},
    )
    assert merged.id == "P1"
    assert (merged.name, merged.phone) == ("张三", "110")
    assert merged.marks == {"volunteer"}
    assert merged.kind is Kind.DUTY
    assert len(merged.hours) == 1
    assert merged.household == "7-302"


def test_what_one_row_leaves_out_the_other_may_fill() -> None:
    bare = {"id": "P1", "compound": "1"}
    assert one(SOUND, bare) == one(bare, SOUND)


def test_rows_that_are_the_same_only_by_way_of_others_become_one() -> None:
    a = {**SOUND, "id": "A", "name": "甲", "phone": "1111"}
    b = {**SOUND, "id": "B", "name": "乙", "phone": "2222"}
    assert one(a, b, {**b, "id": "A"}).id == "A"
    by_parts = one(
        {**a, "phone": ""}, {**a, "name": "", "phone": "2222"}, {**a, "id": "C", "phone": "2222"}
    )
    assert by_parts.id == "A"


def test_a_whole_file_of_one_id_becomes_one_person() -> None:
    assert one(*({**SOUND, "phone": str(1000 + n)} for n in range(3000))).phone == "3999"


def test_merged_rows_must_still_say_what_a_person_needs() -> None:
    bare = {"id": "P1", "compound": "1", "name": "张三"}
    findings = people_of(bare, bare, merge=True)
    assert [problem.mistake.name for problem in findings.problems] == ["NO_HOUSEHOLD"]
