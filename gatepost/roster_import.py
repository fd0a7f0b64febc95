"""gatepost roster import."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatepost.options import AsJson, MessageLanguage

if TYPE_CHECKING:
    from collector.roster_files.mistakes import Problem
    from collector.roster_files.people import People
    from collector.roster_files.preview import Preview
    from ui.words import Language


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV or XLSX; docs/roster.md has its columns.")
    ],
    language: MessageLanguage,
    out: Annotated[
        Path | None, typer.Option(metavar="F", help="Roster to write, as roster sign reads it.")
    ] = None,
    only_preview: Annotated[
        bool, typer.Option("--preview", help="Say what would be; write nothing.")
    ] = False,
    merge: Annotated[
        bool,
        typer.Option(
            "--merge",
            help="Make one person of rows with the same id, or the same name and phone. The id is the first "
            "row's; of every other column the last row that fills it wins.",
        ),
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="F",
            help="The roster of before: say what changes, and keep the passes that it revokes.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a roster of a spreadsheet, or name everything that is wrong with it by line and column.

    Says how many households and people there are, what would be added, changed and removed, and who stands
    in it twice. Exit code 0: written, or nothing to mend; 2: something is to be mended, and nothing was written.
    """
    from collector.roster_files.mistakes import Unreadable
    from collector.roster_files.people import read_people
    from collector.roster_files.preview import preview
    from collector.roster_files.preview_json import as_json as preview_as_json
    from collector.roster_files.table_file import read_table
    from gatepost.roster_json import read_roster, write_roster

    _refuse_odd_options(out, against, only_preview=only_preview)
    old = read_roster(against, "--against") if against else None
    try:
        findings = read_people(read_table(file), merge=merge)
    except Unreadable as error:
        _say_unreadable(error.problem, language.catalogue, as_json=as_json)
        raise typer.Exit(2) from None
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from None
    _refuse_other_compound(findings.people, old, against)
    view = preview(findings, old)
    written = out if findings.usable and not only_preview else None
    if written is not None:
        write_roster(view.people, written)
    if as_json:
        print(json.dumps({**preview_as_json(view), "written": str(written) if written else None}))
    else:
        _say(view, written, language.catalogue)
    if not findings.usable:
        raise typer.Exit(2)


def _refuse_odd_options(out: Path | None, against: Path | None, *, only_preview: bool) -> None:
    if only_preview:
        return
    if out is None:
        raise typer.BadParameter("say where to write it, or --preview", param_hint="--out")
    if out.exists() and against is None:
        raise typer.BadParameter(
            f"{out} exists, and may revoke passes; say --against {out} to keep them, or delete it",
            param_hint="--out",
        )


def _refuse_other_compound(new: "People", old: "People | None", against: Path | None) -> None:
    if old is not None and new.compound not in {old.compound, 0}:
        raise typer.BadParameter(
            f"{against} is of compound {old.compound}, this file of {new.compound}",
            param_hint="--against",
        )


def _say(view: "Preview", written: Path | None, language: "Language") -> None:
    from collector.roster_files.wording import ending_line, preview_lines

    lines = [
        *preview_lines(view, language),
        ending_line(str(written) if written else None, language),
    ]
    print("\n".join(lines), file=sys.stdout if view.findings.usable else sys.stderr)


def _say_unreadable(problem: "Problem", language: "Language", *, as_json: bool) -> None:
    from collector.roster_files.preview_json import problem_as_json
    from collector.roster_files.wording import problem_line

    if as_json:
        problems = [problem_as_json(problem)]
        print(json.dumps({"usable": False, "problem_count": 1, "problems": problems}))
    else:
        print(problem_line(problem, language), file=sys.stderr)
