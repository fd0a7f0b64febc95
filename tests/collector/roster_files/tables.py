"""Small tables as real CSV and XLSX bytes, and what reading them gives."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import openpyxl

from checkpoint.people import Resident
from collector.roster_files.csv_text import read_csv
from collector.roster_files.mistakes import Problem
from collector.roster_files.people import PeopleFile, read_people
from collector.roster_files.xlsx_book import read_xlsx

SOUND = {
    "id": "P1",
    "name": "张小三",
    "phone": "13800138000",
    "compound": "1",
    "building": "7",
    "unit": "301",
}
"""A row with nothing wrong in it."""


def rows_as_csv(
    rows: Sequence[Sequence[object]], encoding: str = "utf-8", separator: str = ","
) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def rows_as_xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def people_of(*rows: dict[str, Any], merge: bool = False, xlsx: bool = False) -> PeopleFile:
    """What a file with these rows holds; a row need not have every column."""
    headings = list(dict.fromkeys(key for row in rows for key in row))
    table = [headings, *([row.get(heading, "") for heading in headings] for row in rows)]
    lines = read_xlsx(rows_as_xlsx(table)) if xlsx else read_csv(rows_as_csv(table))
    return read_people(lines, merge=merge)


def resident_of(**changes: Any) -> Resident:
    """The one person of a sound row with changes."""
    findings = people_of({**SOUND, **changes})
    assert findings.problems == ()
    return findings.people.residents[0]


def places(problems: Sequence[Problem]) -> list[tuple[int, str, str]]:
    """Line, column and code of each problem."""
    return [(problem.line, problem.column, problem.mistake.name) for problem in problems]
