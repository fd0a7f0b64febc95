"""A roster in whatever form it lies: JSON, signed or not, or the spreadsheet that it is made of."""

from pathlib import Path
from typing import Annotated

import typer

from checkpoint.people import Roster, RosterDocument
from gatepost.cli.roster_json import read_whole

RosterFile = Annotated[
    Path,
    typer.Option(
        "--roster",
        metavar="F",
        help="JSON of roster import, a signed roster (its signature is not asked for here), CSV or XLSX.",
    ),
]


def read_any_roster(path: Path) -> Roster:
    """Raises BadParameter naming the file and everything that is wrong with it."""
    try:
        data = read_whole(path, "--roster")
        is_json = data.lstrip()[:1] in {b"{", b"["}
        return Roster.of(_document(data) if is_json else _from_table(path))
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--roster") from None


def _document(data: bytes) -> RosterDocument:
    import msgspec

    document = msgspec.json.decode(data, type=dict[str, object])
    if "signature" in document:
        document = msgspec.json.decode(str(document.get("body")), type=dict[str, object])
    return msgspec.convert({"revision": 0, **document}, RosterDocument)


def _from_table(path: Path) -> RosterDocument:
    import msgspec

    from checkpoint.ids import Revision
    from collector.roster_files.mistakes import Unreadable
    from collector.roster_files.people import read_people
    from collector.roster_files.table_file import read_table
    from collector.roster_files.wording import problem_line

    try:
        findings = read_people(read_table(path))
    except Unreadable as error:
        raise ValueError(problem_line(error.problem, "en")) from None
    if findings.problems:
        raise ValueError("\n".join(problem_line(each, "en") for each in findings.problems))
    if not findings.usable:
        raise ValueError(
            "somebody stands in it twice; make a roster of it with roster import --merge"
        )
    return RosterDocument(**msgspec.structs.asdict(findings.people), revision=Revision(0))
