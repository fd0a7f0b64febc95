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
    findings = people_of({**SOUND, heading: "x"})
    first = problem_line(findings.problems[0], "en")
    assert first.startswith("line 1, ")
    assert said in first


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("id,name,phone,手机,compound", [(1, "手机", "HEADING_TWICE")]),
        ("id,Name,name,compound", [(1, "name", "HEADING_TWICE")]),
        ("name,phone", [(1, "", "NO_COLUMN"), (1, "", "NO_COLUMN")]),
        ("=id,id,name,compound", [(1, "A", "FORMULA")]),
    ],
)
def test_what_is_wrong_with_the_headings_is_told_once(
    headings: str, expected: list[tuple[int, str, str]]
) -> None:
    data = f"{headings}\nP1,P1,P1,1,1\nP2,P2,P2,1,1\n".encode()
    findings = read_people(read_csv(data))
    assert [place for place in places(findings.problems) if place[0] == 1] == expected


def test_a_cell_without_heading_is_named_by_its_letter() -> None:
    rows = [["id", "", "name", "compound", "kind"], ["P1", "x", "A", "1", "duty", "", "y"]]
    findings = read_people(read_csv(rows_as_csv(rows)))
    assert places(findings.problems) == [(2, "B", "NO_HEADING"), (2, "G", "NO_HEADING")]


def test_an_empty_column_without_heading_is_passed_over() -> None:
    rows = [["id", "", "name", "compound", "kind", ""], ["P1", "", "A", "1", "duty", ""]]
    assert read_people(read_csv(rows_as_csv(rows))).usable
