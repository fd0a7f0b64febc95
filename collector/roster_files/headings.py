"""The columns of a roster file and the headings under which they are known, in Chinese and English."""

import enum
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final
from unicodedata import normalize

from collector.roster_files.line import Cell, SheetLine, unknown
from collector.roster_files.mistakes import Mistake, Problem, shortened


class Column(enum.Enum):
    """The columns; a value is the English heading."""

    ID = "id"
    NAME = "name"
    PHONE = "phone"
    COMPOUND = "compound"
    BUILDING = "building"
    UNIT = "unit"
    HOUSEHOLD = "household"
    COLOUR = "colour"
    MARKS = "marks"
    KIND = "kind"
    HOURS = "hours"
    SHIFTS = "shifts"
    ENTRIES = "entries"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"


NEEDED: Final = (Column.ID, Column.NAME, Column.COMPOUND)
CHINESE: Final = {
    Column.ID: "编号",
    Column.NAME: "姓名",
    Column.PHONE: "电话",
    Column.COMPOUND: "小区",
    Column.BUILDING: "楼栋",
    Column.UNIT: "房号",
    Column.HOUSEHOLD: "户号",
    Column.COLOUR: "颜色",
    Column.MARKS: "标记",
    Column.KIND: "类别",
    Column.HOURS: "通行时段",
    Column.SHIFTS: "班次",
    Column.ENTRIES: "次数",
    Column.VALID_FROM: "生效日期",
    Column.VALID_UNTIL: "失效日期",
}
_OTHERS: Final = {
    Column.ID: "person id,pass id,证号,人员编号,通行证号,通行证编号",
    Column.NAME: "full name,名字,姓名车牌",
    Column.PHONE: "mobile,telephone,tel,phone number,mobile number,手机,手机号,手机号码,电话号码,联系电话,联系方式",
    Column.COMPOUND: "compound number,小区号,小区编号",
    Column.BUILDING: "block,楼号,楼栋号,栋,栋号,幢,幢号,楼,楼宇",
    Column.UNIT: "room,flat,apartment,单元,单元房号,房间,房间号,室,室号,门牌,门牌号",
    Column.HOUSEHOLD: "household id,home,户,户编号,家庭,家庭编号",
    Column.COLOUR: "color,status,状态,健康状态,户颜色,色码",
    Column.MARKS: "mark,tags,tag,标签",
    Column.KIND: "type,category,人员类别,类型,人员类型",
    Column.HOURS: "weekly hours,allowed hours,时段,通行时间,出入时段",
    Column.SHIFTS: "shift,排班,班次时间",
    Column.ENTRIES: "entry,次,进入次数,通行次数,出入次数",
    Column.VALID_FROM: "from,start,start date,valid since,生效,开始日期,起始日期,有效期起,有效期自",
    Column.VALID_UNTIL: (
        "until,end,end date,valid to,valid till,expires,expiry,"
        "失效,截止日期,结束日期,到期日期,有效期至,有效期止"
    ),
}


def folded(text: str) -> str:
    """The text without what headings differ in: case, full width, spaces and signs."""
    return re.sub(r"[\W_]+", "", normalize("NFKC", text).casefold())


_COLUMN_OF: Final = {
    folded(word): column
    for column in Column
    for word in (column.value, CHINESE[column], *_OTHERS[column].split(","))
}


@dataclass(frozen=True, slots=True)
class Headings:
    """Where each column stands in the file and what it is called there."""

    at: dict[int, Column | None]
    """None: the heading is wrong, and its cells are passed over."""
    names: dict[Column, str]

    def name(self, column: Column) -> str:
        """The heading as the file has it; the English one where it has none."""
        return self.names.get(column, column.value)


def known_headings(texts: list[str]) -> int:
    """How many of these are headings that we know."""
    return sum(_column(text) is not None for text in texts)


def read_headings(line: SheetLine) -> tuple[Headings, list[Problem]]:
    """The columns of the first line, and what is wrong with it."""
    headings, problems = Headings({}, {}), []
    for index, cell in enumerate(line.cells):
        if cell == "":
            continue
        headings.at[index] = None
        text = cell if isinstance(cell, str) else ""
        column = _column(text)
        if column is None:
            problems.append(_unknown(line.number, index, cell))
        elif column in headings.names:
            values = {"given": text, "other": headings.names[column]}
            problems.append(Problem(line.number, text, Mistake.HEADING_TWICE, values))
        else:
            headings.at[index], headings.names[column] = column, text
    problems.extend(
        Problem(
            line.number, "", Mistake.NO_COLUMN, {"given": f"{column.value} ({CHINESE[column]})"}
        )
        for column in NEEDED
        if column not in headings.names
    )
    return headings, problems


def letters(index: int) -> str:
    """What a spreadsheet calls a column: 0 is A, 26 is AA."""
    first, last = divmod(index, 26)
    return (letters(first - 1) if first else "") + chr(ord("A") + last)


def _column(text: str) -> Column | None:
    """The column of a heading, which may be in both languages: 姓名 Name."""
    plain = folded(text)
    if plain in _COLUMN_OF:
        return _COLUMN_OF[plain]
    parts = {_COLUMN_OF.get(part) for part in re.findall("[a-z0-9]+|[^a-z0-9]+", plain)}
    return parts.pop() if len(parts) == 1 else None


def _unknown(line: int, index: int, cell: Cell) -> Problem:
    if isinstance(cell, Mistake):
        return unknown(line, letters(index), cell)
    given = shortened(cell)
    close = get_close_matches(folded(cell), _COLUMN_OF, n=1)
    if close:
        column = _COLUMN_OF[close[0]]
        values = {"given": given, "close": f"{column.value} ({CHINESE[column]})"}
        return Problem(line, given, Mistake.MISSPELT_HEADING, values)
    known = ", ".join(column.value for column in Column)
    return Problem(line, given, Mistake.UNKNOWN_HEADING, {"given": given, "known": known})
