"""The first visible sheet of an XLSX file, read as the people who filled it in see it.

A number is its digits: 13800138000, not 1.38E+10 or 13800138000.0; and with the zeros that its format puts
before it. A date is 2026-03-01. A formula or a spreadsheet's error is no text at all. openpyxl believes what it reads,
so what a small file may unfold to is limited before it sees it.
"""

import re
import warnings
import zipfile
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, Final

import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL

from collector.roster_files.csv_text import unescaped
from collector.roster_files.line import LARGEST_COLUMNS, Cell, Lines, SheetLine, cleaned
from collector.roster_files.mistakes import Mistake, Unreadable

LARGEST_UNPACKED_BYTES: Final = 200_000_000
_LARGEST_PARTS: Final = 1_000
_LAST_ROW: Final = 1_048_576
"""Of any sheet in this format."""
_EXACT: Final = 10**15
"""Up to here a spreadsheet's numbers have all their digits."""


def read_xlsx(data: bytes) -> tuple[SheetLine, ...]:
    """All lines that are not blank, headings first. Raises Unreadable, whatever the bytes are."""
    try:
        _refuse_bombs(data)
        # openpyxl warns of styles and extensions that it leaves out; none of them matters here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _lines(data)
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001 (a damaged file makes openpyxl raise anything)
        raise Unreadable(Mistake.DAMAGED) from None


def _refuse_bombs(data: bytes) -> None:
    """A part cannot unfold to more than its entry says: zipfile stops there."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
    if len(parts) > _LARGEST_PARTS or sum(p.file_size for p in parts) > LARGEST_UNPACKED_BYTES:
        raise Unreadable(Mistake.TOO_LARGE, limit=f"{LARGEST_UNPACKED_BYTES // 1_000_000} MB")


def _lines(data: bytes) -> tuple[SheetLine, ...]:
    book = openpyxl.load_workbook(BytesIO(data), read_only=True, keep_links=False)
    try:
        sheet = next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
        sheet.reset_dimensions()  # what it says of its own size may be wrong
        lines = Lines()
        for number, cells in enumerate(sheet.iter_rows(max_col=LARGEST_COLUMNS + 1), start=1):
            if number > _LAST_ROW:
                raise Unreadable(Mistake.DAMAGED)
            filled = [None if cell is EMPTY_CELL else cell for cell in cells]
            if any(filled):
                lines.add(number, ["" if cell is None else _cell(cell) for cell in filled])
        return lines.all()
    finally:
        book.close()


def _cell(cell: Any) -> Cell:  # openpyxl's stubs do not know read-only cells
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Mistake.FORMULA
    if cell.data_type == "e":
        return Mistake.SPREADSHEET_ERROR
    if isinstance(value, str):
        text = cleaned(value)
        return unescaped(text) if isinstance(text, str) else text
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _digits(value, cell.number_format)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime):
        return value.isoformat(" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _digits(number: float, number_format: str) -> str:
    if isinstance(number, float) and (not number.is_integer() or abs(number) >= _EXACT):
        return str(number)
    digits = str(int(number))
    zeros = re.fullmatch("0+", number_format)
    return digits.zfill(len(number_format)) if zeros else digits
