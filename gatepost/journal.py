"""gatepost journal verify | export."""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatepost.cli.options import AsJson

if TYPE_CHECKING:
    from sync.journal.reader import JournalReader

app = typer.Typer(help="Look into a gate's journal.", no_args_is_help=True)
JournalFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="journal.db in the gate's data folder.")
]


@app.command()
def verify(file: JournalFile, as_json: AsJson = False) -> None:
    """Check every row against the hash chain. Exit code 0: whole; 1: changed, lost or added rows, listed.

    Works beside a running gate. That the newest rows are still there only the collector can tell.
    """
    from sync.journal.reader import flaws

    with _opened(file) as reader:
        try:
            found = [(flaw.epoch, flaw.seq, flaw.what) for flaw in flaws(reader)]
            heads = {head.epoch: head.seq for head in reader.heads()}
        except sqlite3.DatabaseError as error:
            print(
                f"{file}: damaged: {error}; the gate will set it aside at its next start",
                file=sys.stderr,
            )
            raise typer.Exit(1) from None
    if as_json:
        flawed = [dict(zip(("epoch", "seq", "what"), each, strict=True)) for each in found]
        print(json.dumps({"epochs": heads, "flaws": flawed}))
    else:
        for epoch, seq in heads.items():
            print(f"{epoch}\t{seq} rows")
        for epoch, seq, what in found:
            print(f"{epoch}\trow {seq}: {what}")
        print(f"{len(found)} flaws")
    if found:
        raise typer.Exit(1)


@app.command()
def export(file: JournalFile) -> None:
    """Write every row as one JSON object a line: epoch, seq, prev, salt, digest, hash, body."""
    import msgspec

    with _opened(file) as reader:
        try:
            for epoch, row in reader.everything():
                line = {"epoch": epoch, **msgspec.structs.asdict(row)}
                print(json.dumps(line, ensure_ascii=False))
        except sqlite3.DatabaseError as error:
            print(f"{file}: damaged: {error}", file=sys.stderr)
            raise typer.Exit(1) from None


@contextmanager
def _opened(file: Path) -> "Iterator[JournalReader]":
    from sync.journal.reader import JournalReader

    try:
        reader = JournalReader.on(file)
    except (OSError, sqlite3.Error) as error:
        raise _no_journal(file, error) from None
    with closing(reader):
        try:
            reader.heads()
        except sqlite3.Error as error:
            raise _no_journal(file, error) from None
        yield reader


def _no_journal(file: Path, error: Exception) -> typer.BadParameter:
    return typer.BadParameter(f"{file}: no journal: {error}", param_hint="FILE")
