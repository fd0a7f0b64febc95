"""gatepost keys init: the keys that a compound's passes and messages are signed with."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

app = typer.Typer(help="Make the keys that everything is signed with.", no_args_is_help=True)
PASS_KEY, OPERATIONS_KEY, TRUST = "pass.pem", "operations.pem", "trust.json"
SEALING_KEY = "sealing.pem"


@app.callback()
def keys() -> None:
    """Keep the group a group although it has one command."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="D", help="A new or empty folder.")],
) -> None:
    """Make a pass-issuing key, an operations key, a sealing key, and trust.json with their public halves.

    pass.pem signs passes, operations.pem signs rosters and acknowledgements, sealing.pem opens what gates
    have sealed (visitors' names and phones): all three are secret and stay at
    the centre. trust.json is all that a gate needs;
    copy it there.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            print(
                f"{folder}: is not empty; keys are never overwritten, name a new folder",
                file=sys.stderr,
            )
            raise typer.Exit(2)
        make_keys(folder)
    except OSError as error:
        raise typer.BadParameter(f"{folder}: {error.strerror}", param_hint="D") from None
    for name in (PASS_KEY, OPERATIONS_KEY, SEALING_KEY, TRUST):
        print(folder / name)


def make_keys(folder: Path) -> None:
    """Write the private keys and trust.json. Raises OSError."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    folder.mkdir(parents=True, exist_ok=True)
    sealing = X25519PrivateKey.generate()
    _write(folder / SEALING_KEY, sealing)
    trust = {
        "passes": _make(folder / PASS_KEY),
        "operations": _make(folder / OPERATIONS_KEY),
        "sealing": sealing.public_key().public_bytes_raw().hex(),
    }
    (folder / TRUST).write_text(json.dumps(trust, indent=2) + "\n", encoding="ascii")


def _make(path: Path) -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from checkpoint.entry_pass import key_id

    key = Ed25519PrivateKey.generate()
    _write(path, key)
    public = key.public_key()
    return {key_id(public).hex(): public.public_bytes_raw().hex()}


def _write(path: Path, key: "Ed25519PrivateKey | X25519PrivateKey") -> None:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
