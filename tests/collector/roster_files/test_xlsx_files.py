"""Real XLSX files, made by openpyxl, and files that only say they are."""

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.roster_files.mistakes import Unreadable
from collector.roster_files.people import read_people
from collector.roster_files.table_file import LARGEST_FILE_BYTES, read_table
from collector.roster_files.xlsx_book import LARGEST_UNPACKED_BYTES, read_xlsx
from tests.collector.roster_files.tables import rows_as_csv, rows_as_xlsx

ROWS: list[list[object]] = [["id", "name", "compound", "kind"], ["P1", "张小三", 1, "duty"]]
SOUND = rows_as_xlsx(ROWS)
SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def with_part(name: str, content: bytes) -> bytes:
    """The sound file with one part of it replaced."""
    data = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(SOUND)) as old,
        zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return data.getvalue()


def with_rows(rows: str) -> bytes:
    return with_part(
        SHEET, f"<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>".encode()
    )


def row(number: int | str, *cells: str) -> str:
    texts = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{number}">{texts}</row>'


def test_the_first_sheet_that_is_not_hidden_is_read_with_its_own_line_numbers() -> None:
    book = openpyxl.Workbook()
    book.active.append(["not", "this"])
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("people")
    for number, cells in ((3, ROWS[0]), (7, ROWS[1])):
        for column, value in enumerate(cells, start=2):
            sheet.cell(number, column, value)
    book.create_sheet("notes").append(["nor", "this"])
    data = io.BytesIO()
    book.save(data)
    lines = read_xlsx(data.getvalue())
    assert [line.number for line in lines] == [3, 7]
    assert read_people(lines).usable


def test_zeros_that_a_number_format_shows_are_read() -> None:
    book = openpyxl.Workbook()
    for cells in (ROWS[0], [17, "A", 1, "duty"]):
        book.active.append(cells)
    book.active["A2"].number_format = "00000000"
    data = io.BytesIO()
    book.save(data)
    assert read_xlsx(data.getvalue())[1].cells[0] == "00000017"


def test_dates_of_a_macintosh_sheet_are_read() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.MAC_EPOCH
    for cells in (
        ["id", "name", "compound", "kind", "valid_from"],
        ["P1", "A", 1, "duty", date(2026, 3, 1)],
    ):
        book.active.append(cells)
    data = io.BytesIO()
    book.save(data)
    assert read_people(read_xlsx(data.getvalue())).people.residents[0].valid_from == date(
        2026, 3, 1
    )


def bomb() -> bytes:
    return with_part(SHEET, b" " * (LARGEST_UNPACKED_BYTES + 1))


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    head = f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{entities}]>'
    rows = row(1, "id", "name", "compound") + row(2, "&l9;", "A", "1")
    return with_part(
        SHEET, f"{head}<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>".encode()
    )


def outside_entity() -> bytes:
    head = '<!DOCTYPE worksheet [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    rows = row(1, "id", "name", "compound") + row(2, "P1", "&file;", "1")
    return with_part(
        SHEET, f"{head}<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>".encode()
    )


HOSTILE: list[tuple[Callable[[], bytes], str]] = [
    (lambda: b"PK\x03\x04", "DAMAGED"),
    (lambda: SOUND[: len(SOUND) // 2], "DAMAGED"),
    (lambda: SOUND[:-30], "DAMAGED"),
    (lambda: with_part(SHEET, b""), "DAMAGED"),
    (lambda: with_part(SHEET, b"<worksheet>"), "DAMAGED"),
    (lambda: with_part("xl/workbook.xml", b"<x/>"), "DAMAGED"),
    (lambda: with_part("[Content_Types].xml", b""), "DAMAGED"),
    (lambda: with_rows(row("x", "id")), "DAMAGED"),
    (lambda: with_rows(row(1, "id") + row(10**12, "P1")), "DAMAGED"),
    (lambda: with_rows(row(1, "id") + '<row r="2"><c r="A2" t="s"><v>99</v></c></row>'), "DAMAGED"),
    (lambda: with_rows("<row>" * 100_000), "DAMAGED"),
    (billion_laughs, "DAMAGED"),
    (outside_entity, "DAMAGED"),
    (bomb, "TOO_LARGE"),
    (lambda: with_rows(""), "NO_ROWS"),
    (lambda: with_rows(row(1, "id", "name")), "NO_ROWS"),
    (lambda: with_rows(row(1, *["id"] * 41)), "TOO_WIDE"),
    (lambda: with_rows("<row><c><v>1</v></c></row>" * 100_002), "TOO_MANY_ROWS"),
]


@pytest.mark.parametrize(
    ("data", "code"), HOSTILE, ids=[f"{n}-{c}" for n, (_, c) in enumerate(HOSTILE)]
)
def test_a_hostile_sheet_is_refused_whole(data: Callable[[], bytes], code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_xlsx(data())
    assert caught.value.problem.mistake.name == code


def test_a_cell_of_ten_megabytes_is_named() -> None:
    data = with_rows(
        row(1, "id", "name", "compound", "kind") + row(2, "P1", "x" * 10_000_000, "1", "duty")
    )
    problems = read_people(read_xlsx(data)).problems
    assert [(p.line, p.column, p.mistake.name) for p in problems] == [(2, "name", "TOO_LONG")]


def test_a_sound_file_with_bytes_changed_is_read_or_refused_whole() -> None:
    chance = random.Random(7)
    for _ in range(300):
        changed = bytearray(SOUND)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        try:
            read_people(read_xlsx(bytes(changed)))
        except Unreadable:
            continue


@given(junk=st.binary(max_size=300))
def test_no_bytes_raise_anything_but_unreadable(junk: bytes) -> None:
    with pytest.raises(Unreadable):
        read_xlsx(b"PK\x03\x04" + junk)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLD_EXCEL"),
        (b"a" * (LARGEST_FILE_BYTES + 1), "TOO_LARGE"),
    ],
)
def test_another_kind_of_file_is_told_what_would_be_right(
    content: bytes, code: str, tmp_path: Path
) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as caught:
        read_table(path)
    assert caught.value.problem.mistake.name == code


@pytest.mark.parametrize("name", ["people.csv", "people.xlsx", "people"])
def test_what_a_file_is_decides_and_not_its_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    for content in (SOUND, rows_as_csv(ROWS)):
        path.write_bytes(content)
        assert read_people(read_table(path)).usable
