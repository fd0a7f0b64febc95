"""gatepost roster sign | apply, and the files beside it: import, export, sample."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.key_files import OPERATIONS_KEY
from gatepost.cli.options import KeysFolder
from gatepost.cli.roster_json import read_whole, write_whole
from gatepost.roster.apply import apply
from gatepost.roster.export import export
from gatepost.roster.import_ import import_
from gatepost.roster.sample import sample

if TYPE_CHECKING:
    from checkpoint.people import RosterDocument

app = typer.Typer(
    help="Make the list of residents of a spreadsheet, sign it, and hand it to a gate.",
    no_args_is_help=True,
)
app.command()(apply)
app.command("import")(import_)
app.command()(export)
app.command()(sample)


@app.command()
def sign(
    keys: KeysFolder,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The roster as JSON, see docs/protocol.md.")
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="F", help="Where to write; otherwise stdout.")
    ] = None,
) -> None:
    """Mask the names, cut phones to four digits, set the revision to now, and sign.

    FILE holds {"compound", "households": [{"id", "building", "unit", "colour"}], "residents": [{"id", "name",
    "household", "lowest_serial", "kind", "phone", "marks", "hours", "shifts", "entries", "valid_from",
    "valid_until"}], "revoked": [[person, serial]]}; gatepost roster import makes it of a spreadsheet.
    """
    import msgspec

    from checkpoint.people import Roster, RosterDocument
    from config.trust import load_private_key
    from sync.wire.signed import Purpose, sign

    raw = read_whole(file, "FILE")
    try:
        fields = {"revision": time.time_ns() // 1000, **msgspec.json.decode(raw, type=dict)}
        document = msgspec.convert(fields, RosterDocument)
        Roster.of(document)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors too
        raise typer.BadParameter(f"{file}: {error}", param_hint="FILE") from None
    key = load_private_key(keys / OPERATIONS_KEY)
    body = msgspec.json.encode(_masked(document), order="deterministic")
    message = sign(Purpose.ROSTER, body, key)
    if out is None:
        print(message.decode())
    else:
        write_whole(message + b"\n", out)


def _masked(document: "RosterDocument") -> "RosterDocument":
    """As a gate may know it: masked names, the last four digits of phones."""
    import msgspec

    from checkpoint.people import last_four, mask_name

    residents = tuple(
        msgspec.structs.replace(
            resident, name=mask_name(resident.name), phone=last_four(resident.phone)
        )
        for resident in document.residents
    )
    return msgspec.structs.replace(document, residents=residents)
