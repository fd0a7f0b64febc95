"""import(export(x)) == x; and what would not come back is named before it is written."""

import csv
import io
import re
import zipfile
from datetime import date
from typing import Any

import msgspec
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoint.ids import CompoundId, HouseholdId, PersonId
from checkpoint.people import Household, Resident
from collector.domain.people import People
from collector.roster_files.csv_text import read_csv
from collector.roster_files.headings import Column
from collector.roster_files.people import read_people
from collector.roster_files.table import cannot_be_written, headings, rows_of
from collector.roster_files.written import csv_bytes, xlsx_bytes
from collector.roster_files.xlsx_book import read_xlsx
from tests.collector.roster_files.rosters import rosters

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(people=rosters(), chinese=st.booleans())
def test_a_roster_comes_back_from_csv_as_it_was(people: People, chinese: bool) -> None:
    assert cannot_be_written(people) == []
    data = csv_bytes(headings(chinese=chinese), rows_of(people, chinese=chinese))
    findings = read_people(read_csv(data))
    assert findings.usable
    assert findings.people == people


@SLOW
@given(people=rosters(), chinese=st.booleans())
def test_a_roster_comes_back_from_xlsx_as_it_was(people: People, chinese: bool) -> None:
    data = xlsx_bytes(headings(chinese=chinese), rows_of(people, chinese=chinese))
    findings = read_people(read_xlsx(data))
    assert findings.usable
    assert findings.people == people


@SLOW
@given(people=rosters())
def test_no_cell_that_is_written_is_run_as_a_formula(people: People) -> None:
    table = headings(chinese=False), rows_of(people)
    for row in csv.reader(io.StringIO(csv_bytes(*table).decode("utf-8-sig"))):
        assert not [cell for cell in row if cell[:1] in set("=+-@＝\t\r") - {""}]
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(*table)))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "d", "n"}


HOME = Household(id=HouseholdId("H1"), building="7", unit="301")
ANN = Resident(id=PersonId("P1"), name="Ann", household=HOME.id, phone="13800138000")


def roster(*residents: Resident, home: Household = HOME) -> People:
    return People(compound=CompoundId(1), households=(home,), residents=residents or (ANN,))


def ann(**changes: Any) -> Resident:
    return msgspec.structs.replace(ANN, **changes)


LOST = [
    (roster(ann(name="Ann  Lee")), ["P1"]),
    (roster(ann(name="A\x00")), ["P1"]),
    (roster(ann(id=PersonId("nine char"))), ["nine char"]),
    (roster(ann(household=None)), ["P1"]),
    (roster(ann(marks=frozenset({"a;b"}))), ["P1"]),
    (roster(ann(valid_from=date(1999, 1, 1))), ["P1"]),
    (roster(ANN, ann(id=PersonId("P2"))), ["P1", "P2"]),
    (roster(home=Household(id=HOME.id, building="", unit="")), ["P1"]),
    (roster(home=Household(id=HOME.id, building="７", unit="301")), ["H1"]),
]


@pytest.mark.parametrize(("people", "lost"), LOST)
def test_who_would_not_come_back_is_named(people: People, lost: list[str]) -> None:
    assert cannot_be_written(people) == lost


@pytest.mark.parametrize("people", [roster(ann(lowest_serial=3))])
def test_revocations_do_not_hinder_writing(people: People) -> None:
    assert cannot_be_written(people) == []


def test_an_xlsx_file_does_not_say_when_it_was_written() -> None:
    data = xlsx_bytes(headings(chinese=True), rows_of(roster(), chinese=True))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        said = parts.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d{2}-\d{2}", said)) == {"2000-01-01"}


def test_rows_stand_by_building_unit_and_id_with_empty_homes_among_them() -> None:
    homes = [
        Household(id=HouseholdId(f"{b}-{u}"), building=b, unit=u)
        for b, u in (("10", "1"), ("9", "2"), ("9", "11"), ("2", "1"))
    ]
    people = People(
        compound=CompoundId(1),
        households=tuple(homes),
        residents=(
            ann(id=PersonId("P3"), household=HouseholdId("9-11"), phone=""),
            ann(id=PersonId("P2"), household=HouseholdId("9-2")),
            ann(id=PersonId("P1"), household=HouseholdId("10-1"), phone=""),
        ),
    )
    rows = [(row[Column.HOUSEHOLD], row.get(Column.ID)) for row in rows_of(people)]
    assert rows == [("2-1", None), ("9-2", "P2"), ("9-11", "P3"), ("10-1", "P1")]
