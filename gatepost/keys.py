"""gatepost keys init: the keys that a compound's passes and messages are signed with."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make the keys that everything is signed with.", no_args_is_help=True)
PASS_KEY, OPERATIONS_KEY, TRUST = "pass.pem", "operations.pem", "trust.json"


@app.callback()
def keys() -> None:
    """Keep the group a group although it has one command."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="D", help="A new or empty folder.")],
) -> None:
    """Make a pass-issuing key, an operations key, and trust.json with their public halves.

    pass.pem signs passes, operations.pem signs rosters and acknowledgements: both are secret and stay
    at the centre. trust.json is all that a gate needs; copy it there.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        print(
            f"{folder}: is not empty; keys are never overwritten, name a new folder",
            file=sys.stderr,
        )
        raise typer.Exit(2)
    make_keys(folder)
    print(f"{folder / PASS_KEY}\n{folder / OPERATIONS_KEY}\n{folder / TRUST}")


def make_keys(folder: Path) -> None:
    """Write both private keys and trust.json. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    trust = {"passes": _make(folder / PASS_KEY), "operations": _make(folder / OPERATIONS_KEY)}
    (folder / TRUST).write_text(json.dumps(trust, indent=2) + "\n", encoding="ascii")


def _make(path: Path) -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    from checkpoint.entry_pass import key_id

    key = Ed25519PrivateKey.generate()
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key()
    return {key_id(public).hex(): public.public_bytes_raw().hex()}
