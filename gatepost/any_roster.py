"""A roster in whatever form it lies: JSON, signed or not yet."""

from pathlib import Path
from typing import Annotated

import typer

from checkpoint.people import Roster

RosterFile = Annotated[
    Path,
    typer.Option(
        "--roster",
        metavar="F",
        help="The roster: JSON of roster import, or a signed one, whose signature is not asked for here.",
    ),
]


def read_any_roster(path: Path) -> Roster:
    """Raises BadParameter naming the file and what is wrong with it."""
    import msgspec

    from checkpoint.people import RosterDocument

    try:
        document = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
        if "signature" in document:
            document = msgspec.json.decode(str(document.get("body")), type=dict[str, object])
        return Roster.of(msgspec.convert({"revision": 0, **document}, RosterDocument))
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}", param_hint="--roster") from None
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--roster") from None
