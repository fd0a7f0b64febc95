"""CSV as offices write it: UTF-8 with or without a mark, GBK or GB18030; commas, semicolons or tabs."""

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from collector.roster_files.headings import known_headings
from collector.roster_files.line import LONGEST_CELL, Cell, Lines, SheetLine, cleaned
from collector.roster_files.mistakes import Mistake, Unreadable

if TYPE_CHECKING:
    import _csv

_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS: Final = (",", ";", "\t")
_RUN_AS_FORMULA: Final = "[=+@＝＋－＠\t\r-]"
_ESCAPED: Final = re.compile(f"'+{_RUN_AS_FORMULA}")
_DANGEROUS: Final = re.compile(f"'*{_RUN_AS_FORMULA}")


def read_csv(data: bytes) -> tuple[SheetLine, ...]:
    """All lines that are not blank, headings first. Raises Unreadable."""
    text = _decoded(data)
    lines, begins = Lines(), 1
    reader = _reader(text, _separator(text))
    try:
        for cells in reader:
            lines.add(begins, [_cell(cell) for cell in cells])
            begins = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise Unreadable(Mistake.TOO_LONG, begins, limit=str(LONGEST_CELL)) from None
        raise Unreadable(Mistake.QUOTES, begins) from None
    return lines.all()


def escaped(text: str) -> str:
    """The text with an apostrophe before whatever a spreadsheet would run as a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def escaped_again(text: str) -> str:
    """The text so that ``unescaped`` gives it back, where nothing is run: only what looks escaped changes."""
    return f"'{text}" if _ESCAPED.match(text) else text


def unescaped(text: str) -> str:
    """The text before it was escaped, also of text that never was."""
    return text[1:] if _ESCAPED.match(text) else text


def _cell(text: str) -> Cell:
    cell = cleaned(text)
    if isinstance(cell, str):
        return Mistake.FORMULA if cell.startswith("=") else unescaped(cell)
    return cell


def _reader(text: str, separator: str) -> "_csv.Reader":
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _separator(text: str) -> str:
    """The separator that makes the most known headings of the first line."""

    def headings(separator: str) -> int:
        try:
            return known_headings(next(row for row in _reader(text, separator) if any(row)))
        except (csv.Error, StopIteration):
            return 0

    return max(_SEPARATORS, key=headings)


def _decoded(data: bytes) -> str:
    if data.startswith(_UTF16_MARKS):
        raise Unreadable(Mistake.UTF_16)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data.startswith(_UTF8_MARK):
            raise Unreadable(Mistake.NOT_TEXT, _line_of(data, error.start)) from None
    _refuse_mixed(data)
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Unreadable(Mistake.NOT_TEXT, _line_of(data, error.start)) from None


def _refuse_mixed(data: bytes) -> None:
    """Raises Unreadable where some lines are UTF-8 and others are not: read as one, half the names were nonsense."""
    utf8: list[int] = []
    others: list[int] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.isascii():
            (utf8 if _is_surely_utf8(line) else others).append(number)
    if not utf8 or not others:
        return
    if len(utf8) <= len(others):
        raise Unreadable(Mistake.MIXED_ENCODINGS, utf8[0], given="UTF-8", other="GBK")
    raise Unreadable(Mistake.MIXED_ENCODINGS, others[0], given="GBK", other="UTF-8")


def _is_surely_utf8(line: bytes) -> bool:
    """Whether a line can be UTF-8 and makes no sense as GBK.

    Short GBK text may be valid UTF-8 by chance (联通 is the famous one), but then all its characters are
    common ones, of GB2312; and Chinese UTF-8 taken for GBK nearly always holds a rare character.
    """
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    try:
        line.decode("gb2312")
    except UnicodeDecodeError:
        return True
    return False


def _line_of(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1
