"""What cells say, and what is said of those that do not say what their column is for."""

from datetime import date, datetime
from typing import Any

import pytest

from checkpoint.entry_pass import Kind
from checkpoint.hours_text import parse_hours, parse_shifts
from checkpoint.people import Colour, Entries
from tests.collector.roster_files.tables import SOUND, people_of, places, resident_of

READ = [
    ("id", "  P0000017 ", "P0000017"),
    ("id", "Ｐ００１７", "P0017"),
    ("id", "0017", "0017"),
    ("id", "12E5", "12E5"),
    ("name", " Ann \n Lee ", "Ann Lee"),
    ("name", "买买提·艾力", "买买提·艾力"),
    ("name", "\u200b张\u200d三\ufeff", "张三"),
    ("phone", "138 0013-8000", "13800138000"),
    ("phone", "（028）8555 1234", "02885551234"),
    ("phone", "'+86 138 0013 8000", "+8613800138000"),
    ("phone", "+86 138 0013 8000", "+8613800138000"),
    ("phone", "１３８００１３８０００", "13800138000"),
    ("phone", "13800138000.0", "13800138000"),
    ("phone", "110", "110"),
    ("marks", "medical; volunteer;;", frozenset({"medical", "volunteer"})),
    ("marks", "医护、志愿者；独居", frozenset({"medical", "volunteer", "lives-alone"})),
    ("marks", "Lives Alone, 轮椅", frozenset({"lives-alone", "轮椅"})),
    ("marks", "；、", frozenset()),
    ("kind", "DUTY", Kind.DUTY),
    ("kind", "居民", Kind.RESIDENT),
    ("kind", " 工作人员", Kind.WORKER),
    ("kind", "访客", Kind.VISITOR),
    ("kind", "车辆", Kind.VEHICLE),
    ("kind", "值守", Kind.DUTY),
    ("entries", "one", Entries.ONE),
    ("entries", "单次", Entries.ONE),
    ("entries", "1", Entries.ONE),
    ("entries", "Many", Entries.MANY),
    ("entries", "不限", Entries.MANY),
    ("valid_from", "2026-03-01", date(2026, 3, 1)),
    ("valid_from", "2026/3/1", date(2026, 3, 1)),
    ("valid_from", "2026.3.1", date(2026, 3, 1)),
    ("valid_from", "2026年3月1日", date(2026, 3, 1)),
    ("valid_from", "２０２６年３月１日", date(2026, 3, 1)),
    ("valid_from", "20260301", date(2026, 3, 1)),
    ("valid_from", "2026-03-01 00:00:00", date(2026, 3, 1)),
    ("valid_until", "2028-02-29", date(2028, 2, 29)),
    ("hours", "周一至周五 07:00-09:00；周末 10:00-12:00", parse_hours("Mon-Fri 07:00-09:00; Sat,Sun 10:00-12:00")),
    ("hours", "Mon 07:00-09:00\nTue 08:00-09:00", parse_hours("Mon 07:00-09:00; Tue 08:00-09:00")),
    ("shifts", "医院/护士：每天 20:00-08:00", parse_shifts("医院/护士: daily 20:00-08:00")),
]  # fmt: skip


@pytest.mark.parametrize(("column", "text", "value"), READ)
def test_a_cell_is_read_as_it_was_meant(column: str, text: str, value: object) -> None:
    assert getattr(resident_of(**{column: text}), column) == value


COLOURS = [
    *(("green", Colour.GREEN), ("绿", Colour.GREEN), ("绿色", Colour.GREEN), ("", Colour.GREEN)),
    *(("Yellow", Colour.YELLOW), ("黄色", Colour.YELLOW), ("橙", Colour.ORANGE)),
    *(("RED", Colour.RED), ("红", Colour.RED), ("white", Colour.WHITE), ("空置", Colour.WHITE)),
]


@pytest.mark.parametrize(("text", "colour"), COLOURS)
def test_a_colour_is_read_in_both_languages(text: str, colour: Colour) -> None:
    assert people_of({**SOUND, "colour": text}).people.households[0].colour is colour


WRONG = [
    ("id", "", "EMPTY"),
    ("id", "nine char", "BAD_ID"),
    ("id", "123456789", "BAD_ID"),
    ("id", "编号1", "BAD_ID"),
    ("id", "17.0", "ROUNDED"),
    ("id", "1.5E+06", "ROUNDED"),
    ("name", "", "EMPTY"),
    ("name", "张" * 61, "TOO_LONG"),
    ("name", "张\x00三", "CONTROL_CHARACTER"),
    ("name", "张\x1b[2J", "CONTROL_CHARACTER"),
    ("name", "=cmd|' /C calc'!A0", "FORMULA"),
    ("phone", "12", "BAD_PHONE"),
    ("phone", "1234567890123456", "BAD_PHONE"),
    ("phone", "无", "BAD_PHONE"),
    ("phone", "13800138000/13900139000", "BAD_PHONE"),
    ("phone", "1.38001E+10", "ROUNDED"),
    ("compound", "", "EMPTY"),
    ("compound", "65536", "BAD_COMPOUND"),
    ("compound", "-1", "BAD_COMPOUND"),
    ("compound", "阳光小区", "BAD_COMPOUND"),
    ("building", "栋" * 21, "TOO_LONG"),
    ("unit", "", "HALF_HOME"),
    ("unit", "2026-07-12", "HOME_AS_DATE"),
    ("unit", "12月7日", "HOME_AS_DATE"),
    ("unit", "12-Jul", "HOME_AS_DATE"),
    ("household", "Jul-12", "HOME_AS_DATE"),
    ("household", "x" * 43, "TOO_LONG"),
    ("colour", "gren", "MISSPELT_WORD"),
    ("colour", "purple", "UNKNOWN_WORD"),
    ("colour", "紫", "UNKNOWN_WORD"),
    ("marks", "x" * 31, "TOO_LONG"),
    ("kind", "resdent", "MISSPELT_WORD"),
    ("kind", "cat", "UNKNOWN_WORD"),
    ("hours", "07:00-09:00", "BAD_WINDOWS"),
    ("hours", "Mon 25:00-26:00", "BAD_WINDOWS"),
    ("shifts", "医院: whenever", "BAD_WINDOWS"),
    ("entries", "2", "UNKNOWN_WORD"),
    ("valid_from", "2026-02-29", "BAD_DATE"),
    ("valid_from", "01/03/2026", "BAD_DATE"),
    ("valid_from", "2026-3", "BAD_DATE"),
    ("valid_from", "1026-03-01", "BAD_DATE"),
    ("valid_from", "soon", "BAD_DATE"),
    ("valid_from", "2026-03-01 08:30", "DATE_WITH_TIME"),
    ("valid_from", "46082", "DATE_AS_NUMBER"),
    ("valid_until", "9" * 300, "BAD_DATE"),
]


@pytest.mark.parametrize(("column", "text", "code"), WRONG)
def test_a_wrong_cell_is_named_by_line_column_and_code(column: str, text: str, code: str) -> None:
    second = {**SOUND, "id": "P2", "phone": "", column: text}
    findings = people_of(SOUND, second)
    assert places(findings.problems) == [(3, column, code)]
    assert not findings.usable


def test_all_problems_are_told_at_once_in_the_order_of_lines() -> None:
    findings = people_of(
        {**SOUND, "id": "no id", "phone": "?", "hours": "never"},
        {**SOUND, "id": "P2", "name": "", "valid_from": "2030-02-01", "valid_until": "2030-01-31"},
    )
    assert sorted(places(findings.problems)[:3]) == [
        (2, "hours", "BAD_WINDOWS"),
        (2, "id", "BAD_ID"),
        (2, "phone", "BAD_PHONE"),
    ]
    assert places(findings.problems)[3:] == [
        (3, "name", "EMPTY"),
        (3, "valid_until", "ENDS_BEFORE"),
    ]


IN_XLSX: list[tuple[str, Any, object]] = [
    ("id", 17, "17"),
    ("id", 17.0, "17"),
    ("phone", 13800138000, "13800138000"),
    ("phone", 13800138000.0, "13800138000"),
    ("phone", 1.38e10, "13800000000"),
    ("valid_from", datetime(2026, 3, 1), date(2026, 3, 1)),  # noqa: DTZ001 (as a sheet has it)
    ("valid_from", date(2026, 3, 1), date(2026, 3, 1)),
    ("valid_from", "2026年3月1日", date(2026, 3, 1)),
    ("entries", 1, Entries.ONE),
]


@pytest.mark.parametrize(("column", "value", "read"), IN_XLSX)
def test_numbers_and_dates_of_a_sheet_keep_what_they_are(
    column: str, value: Any, read: object
) -> None:
    findings = people_of({**SOUND, column: value}, xlsx=True)
    assert findings.problems == ()
    assert getattr(findings.people.residents[0], column) == read


WRONG_IN_XLSX: list[tuple[str, Any, str]] = [
    ("name", "=A1&B1", "FORMULA"),
    ("name", "#N/A", "SPREADSHEET_ERROR"),
    ("phone", 1.38e25, "ROUNDED"),
    ("unit", datetime(2026, 7, 12), "HOME_AS_DATE"),  # noqa: DTZ001
    ("valid_from", datetime(2026, 3, 1, 8, 30), "DATE_WITH_TIME"),  # noqa: DTZ001
    ("valid_from", 46082, "DATE_AS_NUMBER"),
    ("colour", True, "UNKNOWN_WORD"),
]


@pytest.mark.parametrize(("column", "value", "code"), WRONG_IN_XLSX)
def test_a_wrong_cell_of_a_sheet_is_named_by_line_column_and_code(
    column: str, value: Any, code: str
) -> None:
    findings = people_of({**SOUND, column: value}, xlsx=True)
    assert places(findings.problems) == [(2, column, code)]
