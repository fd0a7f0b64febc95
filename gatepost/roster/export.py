"""gatepost roster export."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatepost.cli.options import LanguageName

if TYPE_CHECKING:
    from collector.domain.people import People

MOST_NAMED = 25


def export(
    file: Annotated[
        Path, typer.Argument(metavar="ROSTER", help="As roster import writes it and sign reads it.")
    ],
    out: Annotated[
        Path, typer.Option(metavar="F", help="File to write, .csv (UTF-8 with a mark) or .xlsx.")
    ],
    language: Annotated[
        LanguageName,
        typer.Option(
            metavar="L", help="Language of headings and words, zh or en.", show_default="en"
        ),
    ] = LanguageName.EN,
) -> None:
    """Write a roster as a spreadsheet that roster import reads back to the same roster.

    No cell of it is run as a formula. Revoked passes are not in it: import with --against ROSTER keeps them.
    """
    from collector.roster_files.table import cannot_be_written
    from gatepost.cli.roster_json import read_roster

    people = read_roster(file, "ROSTER")
    lost = cannot_be_written(people)
    if lost:
        more = f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
        raise typer.BadParameter(
            f"{file}: these would not be read back as they are: {', '.join(lost[:MOST_NAMED])}{more}; "
            "ids, names, dates and homes must be as docs/roster.md has them, and nobody twice",
            param_hint="ROSTER",
        )
    write_table(people, out, language)
    revoked = len(people.revoked) + sum(r.lowest_serial > 0 for r in people.residents)
    if revoked:
        print(
            f"{revoked} revocations are not in {out}: import it --against {file}", file=sys.stderr
        )


def write_table(people: "People", out: Path, language: LanguageName) -> None:
    """Write a .csv or .xlsx file. Raises BadParameter for another name, and where it cannot be written."""
    from collector.roster_files.table import headings, rows_of
    from collector.roster_files.written import csv_bytes, xlsx_bytes
    from gatepost.cli.roster_json import write_whole

    writers = {".csv": csv_bytes, ".xlsx": xlsx_bytes}
    writer = writers.get(out.suffix.lower())
    if writer is None:
        raise typer.BadParameter(f"{out}: the name must end in .csv or .xlsx", param_hint="--out")
    chinese = language is LanguageName.ZH
    write_whole(writer(headings(chinese=chinese), rows_of(people, chinese=chinese)), out)
