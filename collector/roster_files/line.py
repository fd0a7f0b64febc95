"""One line of a table, whatever kind of file it came from, and how a cell's text is cleaned."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from collector.roster_files.mistakes import Mistake, Problem, Unreadable

LONGEST_CELL: Final = 1_000
LARGEST_ROWS: Final = 100_000
"""Five times the largest compound that Gatepost is measured with."""
LARGEST_COLUMNS: Final = 40
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
"""Comes along when text is copied from a page; nobody can see it, so nobody meant it."""

Cell = str | Mistake
"""What a cell says, or why that cannot be known."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line that is not blank; cells at its end that are empty are left out."""

    number: int
    cells: tuple[Cell, ...]


def cleaned(text: str) -> Cell:
    """The text without invisible characters and blanks around it; line breaks are ``\\n``."""
    if len(text) > LONGEST_CELL:
        return Mistake.TOO_LONG
    text = _INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if text.isprintable():
        return text
    controls = (char for char in text if unicodedata.category(char) == "Cc")
    return text if all(char in "\n\t" for char in controls) else Mistake.CONTROL_CHARACTER


def unknown(line: int, column: str, mistake: Mistake) -> Problem:
    """The problem of a cell whose text cannot be known."""
    return Problem(line, column, mistake, {"limit": f"{LONGEST_CELL:,}"})


class Lines:
    """Collects lines up to the limits. ``add`` raises Unreadable beyond them."""

    def __init__(self) -> None:
        self._lines: list[SheetLine] = []

    def add(self, number: int, cells: list[Cell]) -> None:
        """Add a line, unless it is blank."""
        while cells and cells[-1] == "":
            cells.pop()
        if not cells:
            return
        if len(cells) > LARGEST_COLUMNS:
            raise Unreadable(Mistake.TOO_WIDE, number, limit=str(LARGEST_COLUMNS))
        if len(self._lines) > LARGEST_ROWS:
            raise Unreadable(Mistake.TOO_MANY_ROWS, limit=f"{LARGEST_ROWS:,}")
        self._lines.append(SheetLine(number, tuple(cells)))

    def all(self) -> tuple[SheetLine, ...]:
        """The headings and at least one line below them. Raises Unreadable where there are none."""
        if len(self._lines) < 2:
            raise Unreadable(Mistake.NO_ROWS)
        return tuple(self._lines)
