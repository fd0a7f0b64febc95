"""docs/faults.md names every fault once, and for each the tests that show it."""

import pytest

from tests.fault_rows import cell, documented, rows_of, shown

MEND = "python -m tests.fault_rows writes the last column of docs/faults.md"


def test_every_row_names_its_tests() -> None:
    tests = shown()
    assert documented() == {row: cell(tests.get(row, [])) for row in documented()}, MEND


def test_rows_are_counted_without_a_gap_and_no_test_names_another() -> None:
    assert list(documented()) == list(range(1, len(documented()) + 1))
    assert set(shown()) <= set(documented())


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("test_fault_7_a_revoked_pass", [7]),
        ("test_fault_28_black_and_frozen_are_said_within_5_s", [28]),
        ("test_faults_07_20_both_gates_obey", [7, 20]),
        ("test_faults_30_to_34_each_fault", [30, 31, 32, 33, 34]),
        ("test_a_day_of_40_hours", []),
    ],
)
def test_a_tests_name_tells_its_rows(name: str, rows: list[int]) -> None:
    assert rows_of(name) == rows
