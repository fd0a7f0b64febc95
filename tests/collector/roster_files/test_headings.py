"""Headings in Chinese, English or both; every other one is a mistake with a mend."""

import pytest

from collector.roster_files.csv_text import read_csv
from collector.roster_files.headings import CHINESE, Column
from collector.roster_files.people import read_people
from collector.roster_files.wording import problem_line
from tests.collector.roster_files.tables import SOUND, people_of, places, rows_as_csv

KNOWN = [
    *((column.value, column) for column in Column),
    *((CHINESE[column], column) for column in Column),
    ("ID", Column.ID),
    ("证号", Column.ID),
    ("ＮＡＭＥ", Column.NAME),
    ("姓 名", Column.NAME),
    ("姓名 Name", Column.NAME),
    ("姓名（name）", Column.NAME),
    ("手机", Column.PHONE),
    ("Phone Number", Column.PHONE),
    ("楼号", Column.BUILDING),
    ("单元", Column.UNIT),
    ("unit/房号", Column.UNIT),
    ("color", Column.COLOUR),
    ("状态", Column.COLOUR),
    ("人员类别", Column.KIND),
    ("Valid From", Column.VALID_FROM),
    ("VALID-UNTIL", Column.VALID_UNTIL),
]


@pytest.mark.parametrize(("heading", "column"), KNOWN)
def test_a_heading_is_known(heading: str, column: Column) -> None:
    row = {heading if Column(key) is column else key: value for key, value in SOUND.items()}
    if heading not in row:
        row[heading] = ""
    findings = people_of(row)
    assert findings.problems == ()
    assert findings.people.residents[0].name == "张小三"


UNKNOWN = [
    ("nmae", "line 1, nmae: nmae is no heading; did you mean name (姓名)? Otherwise delete the column"),
    ("手机号吗", "line 1, 手机号吗: 手机号吗 is no heading; did you mean phone (电话)?"),
    ("phnoe", "did you mean phone (电话)?"),
    ("身份证", "身份证 is no heading; use id, name, phone,"),
    ("姓名 phone", "姓名 phone is no heading"),
    ("x" * 900, "x" * 40 + "… is no heading"),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "said"), UNKNOWN)
def test_an_unknown_heading_is_told_what_would_be_right(heading: str, said: str) -> None:
    problems = people_of({**SOUND, heading: "x"}).problems
    assert len(problems) == 1
    first = problem_line(problems[0], "en")
    assert first.startswith("line 1, ")
    assert said in first


@pytest.mark.parametrize(
    ("headings", "row", "expected"),
    [
        ("id,name,phone,手机,compound", "P1,A,110,110,1", [(1, "手机", "HEADING_TWICE")]),
        ("id,Name,name,compound", "P1,A,A,1", [(1, "name", "HEADING_TWICE")]),
        ("name,phone", "A,110", [(1, "", "NO_COLUMN"), (1, "", "NO_COLUMN")]),
        ("=id,id,name,compound", "x,P1,A,1", [(1, "A", "FORMULA")]),
    ],
)
def test_what_is_wrong_with_the_headings_is_told_once(
    headings: str, row: str, expected: list[tuple[int, str, str]]
) -> None:
    findings = read_people(read_csv(f"{headings}\n{row}\n{row}\n".encode()))
    assert places(findings.problems) == expected
    assert not findings.usable


def test_a_slip_in_a_heading_is_not_blamed_on_every_row() -> None:
    rows = [{**SOUND, "id": f"P{n}", "phone": "", "colour": "green"} for n in range(9)]
    slip = [{"gebäude" if key == "building" else key: row[key] for key in row} for row in rows]
    assert places(people_of(*slip).problems) == [(1, "gebäude", "UNKNOWN_HEADING")]
    wrong = people_of(*slip, {**slip[0], "colour": "purple"})
    assert places(wrong.problems)[1:] == [(11, "colour", "UNKNOWN_WORD")]


def test_a_title_above_the_headings_is_told_apart_from_them() -> None:
    data = "阳光小区居民名册,,\nid,name,compound\nP1,A,1\n".encode()
    problems = read_people(read_csv(data)).problems
    assert "the first line that is not blank holds the headings" in problem_line(problems[-1], "en")


def test_a_cell_without_heading_is_named_by_its_letter() -> None:
    rows = [["id", "", "name", "compound", "kind"], ["P1", "x", "A", "1", "duty", "", "y"]]
    findings = read_people(read_csv(rows_as_csv(rows)))
    assert places(findings.problems) == [(2, "B", "NO_HEADING"), (2, "G", "NO_HEADING")]


def test_an_empty_column_without_heading_is_passed_over() -> None:
    rows = [["id", "", "name", "compound", "kind", ""], ["P1", "", "A", "1", "duty", ""]]
    assert read_people(read_csv(rows_as_csv(rows))).usable
