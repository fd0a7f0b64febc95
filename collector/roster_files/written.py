"""The table of a roster file -> the bytes of a CSV or XLSX file. The same table, the same bytes.

No cell of it is run as a formula by a spreadsheet: in CSV an apostrophe stands before what would be, in XLSX
every text is a text. Reading takes the apostrophe away.
"""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from collector.roster_files.csv_text import escaped, escaped_again
from collector.roster_files.headings import Column
from collector.roster_files.table import Row

_WIDTHS: Final = {Column.PHONE: 16, Column.HOURS: 30, Column.SHIFTS: 40, Column.MARKS: 20}
_DATES: Final = (Column.VALID_FROM, Column.VALID_UNTIL)
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Instead of the time of writing, which would make the bytes differ."""


def csv_bytes(headings: Sequence[str], rows: Sequence[Row]) -> bytes:
    """UTF-8 with a mark, without which spreadsheets take Chinese for something else."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([escaped(str(row.get(column, ""))) for column in Column] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_bytes(headings: Sequence[str], rows: Sequence[Row]) -> bytes:
    """One sheet; ids and phones are texts, dates are dates."""
    import xlsxwriter  # noqa: PLC0415 - not for CSV

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        book.set_properties({"created": _LONG_AGO})
        bold, as_text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        as_date = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for index, column in enumerate(Column):
            usual = as_date if column in _DATES else as_text
            sheet.set_column(index, index, _WIDTHS.get(column, 12), usual)
            sheet.write_string(0, index, headings[index], bold)
        for number, row in enumerate(rows, start=1):
            for index, column in enumerate(Column):
                value = row.get(column, "")
                if isinstance(value, date):
                    sheet.write_datetime(number, index, value, as_date)
                elif value:
                    sheet.write_string(number, index, escaped_again(value), as_text)
    return data.getvalue()
