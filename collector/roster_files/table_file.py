"""A file -> its lines, whichever kind of file it is. What it is decides, not what it is called."""

from pathlib import Path
from typing import Final

from collector.roster_files.csv_text import read_csv
from collector.roster_files.line import SheetLine
from collector.roster_files.mistakes import Mistake, Unreadable

LARGEST_FILE_BYTES: Final = 32_000_000
_XLSX: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
"""Of .xls, and of .xlsx with a password."""


def read_table(path: Path) -> tuple[SheetLine, ...]:
    """All lines that are not blank, headings first. Raises Unreadable, and OSError for a file that cannot be opened."""
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE_BYTES + 1)
    if len(data) > LARGEST_FILE_BYTES:
        raise Unreadable(Mistake.TOO_LARGE, limit=f"{LARGEST_FILE_BYTES // 1_000_000} MB")
    if data.startswith(_OLD_EXCEL):
        raise Unreadable(Mistake.OLD_EXCEL)
    if not data.startswith(_XLSX):
        return read_csv(data)
    # openpyxl takes longer to load than a CSV file to read.
    from collector.roster_files.xlsx_book import read_xlsx  # noqa: PLC0415

    return read_xlsx(data)
