"""gatepost roster import."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatepost.cli.admin_action import By
from gatepost.cli.options import AsJson, MessageLanguage

if TYPE_CHECKING:
    from collector.domain.people import People


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
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="F",
            help="The collector's settings: its database takes the roster, and the collector sends it to the gates.",
        ),
    ] = None,
    compound: Annotated[
        int | None,
        typer.Option(metavar="C", min=0, max=65_535, help="Refuse a file of another compound."),
    ] = None,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="With --into: why; it is recorded.")
    ] = "",
    by: By = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --into: do not ask, even on a terminal.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a roster of a spreadsheet, or name everything that is wrong with it by line and column.

    Writes it to a file (--out), or into the collector's database (--into), where it replaces the one before:
    who is not in the file is gone, revoked passes stay revoked, and a household of whose colour the file says
    nothing keeps its colour. What the gates will be sent is said; on a terminal it then asks.

    Says how many households and people there are, what would be added, changed and removed, and who stands
    in it twice. Exit code 0: written, or nothing to mend; 1: you said no; 2: something is to be mended, and
    nothing was written.
    """
    from collector.roster_files.mistakes import Unreadable
    from collector.roster_files.people import read_people
    from collector.roster_files.preview import preview
    from collector.roster_files.table_file import read_table
    from gatepost.cli.roster_json import read_roster, write_roster
    from gatepost.roster.into import Into, import_into
    from gatepost.roster.report import say, say_unreadable

    _refuse_odd_options(out, against, into, only_preview=only_preview)
    old = read_roster(against, "--against") if against else None
    try:
        findings = read_people(read_table(file), merge=merge)
    except Unreadable as error:
        say_unreadable(error.problem, language.catalogue, as_json=as_json)
        raise typer.Exit(2) from None
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from None
    _refuse_other_compound(findings.people, old, against)
    if compound is not None and findings.people.compound not in {compound, 0}:
        raise typer.BadParameter(
            f"{file} is of compound {findings.people.compound}", param_hint="--compound"
        )
    if into is not None:
        target = Into(into, by, reason or f"from {file.name}", only_preview, yes)
        import_into(findings, target, language.catalogue, as_json=as_json)
    else:
        view = preview(findings, old)
        written = out if findings.usable and not only_preview else None
        if written is not None:
            write_roster(view.people, written)
        say(view, None, written, language.catalogue, as_json=as_json)
    if not findings.usable:
        raise typer.Exit(2)


def _refuse_odd_options(
    out: Path | None, against: Path | None, into: Path | None, *, only_preview: bool
) -> None:
    if into is not None:
        if out is not None or against is not None:
            raise typer.BadParameter("not together with --out or --against", param_hint="--into")
        return
    if only_preview:
        return
    if out is None:
        raise typer.BadParameter(
            "say where to write it, or --preview, or --into", param_hint="--out"
        )
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
