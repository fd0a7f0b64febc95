"""A file -> its lines, whichever kind of file it is. What it is decides, not what it is called."""

from pathlib import Path
from typing import Final

from collector.roster_files.csv_text import read_csv
from collector.roster_files.line import Line
from collector.roster_files.mistakes import Mistake, Unreadable
from collector.roster_files.xlsx_book import MAGIC, OLD_MAGIC, read_xlsx

LARGEST_FILE_BYTES: Final = 32_000_000


def read_table(path: Path) -> tuple[Line, ...]:
    """All lines that are not blank, headings first. Raises Unreadable, and OSError for a file that cannot be opened."""
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE_BYTES + 1)
    if len(data) > LARGEST_FILE_BYTES:
        raise Unreadable(Mistake.TOO_LARGE, limit=f"{LARGEST_FILE_BYTES // 1_000_000} MB")
    if data.startswith(OLD_MAGIC):
        raise Unreadable(Mistake.OLD_EXCEL)
    return read_xlsx(data) if data.startswith(MAGIC) else read_csv(data)
