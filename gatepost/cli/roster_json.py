"""A roster as JSON, before it is signed: what import and sample write, export reads and sign signs."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from collector.domain.people import People


MAX_BYTES: Final = 64 * 2**20
"""Thousands of times a large compound's roster; a device that never ends must not fill the memory."""


def read_whole(path: Path, option: str) -> bytes:
    """The file's bytes. Raises BadParameter that names the option."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}", param_hint=option) from None
    if len(data) > MAX_BYTES:
        raise typer.BadParameter(f"{path}: is larger than 64 MiB", param_hint=option)
    return data


def read_roster(path: Path, option: str) -> "People":
    """The people of a roster. Raises BadParameter that names the option, the file and what is wrong."""
    import msgspec

    from checkpoint.ids import Revision
    from checkpoint.people import Roster, RosterDocument
    from collector.domain.people import People

    try:
        people = msgspec.json.decode(read_whole(path, option), type=People)
        Roster.of(RosterDocument(revision=Revision(0), **msgspec.structs.asdict(people)))
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors too
        raise typer.BadParameter(f"{path}: {error}", param_hint=option) from None
    return people


def write_roster(people: "People", path: Path) -> None:
    """Write it whole or not at all."""
    import msgspec

    body = msgspec.json.format(msgspec.json.encode(people, order="deterministic"), indent=1)
    write_whole(body + b"\n", path)


def write_whole(data: bytes, path: Path) -> None:
    """Write a file so that it is either the old or the new one. Raises BadParameter where that cannot be."""
    unfinished = path.with_name(f"{path.name}.part")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise typer.BadParameter(f"{path}: {error.strerror}", param_hint="--out") from None
