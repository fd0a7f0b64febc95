"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

GateConfig = Annotated[
    Path,
    typer.Option(
        "--config",
        metavar="F",
        envvar="GATEPOST_CONFIG",
        help="The gate's settings, see config/gate.toml.",
        show_default="/etc/gatepost/gate.toml",
    ),
]
DEFAULT_GATE_CONFIG = Path("/etc/gatepost/gate.toml")
KeysFolder = Annotated[
    Path, typer.Option("--keys", metavar="D", help="Folder made by gatepost keys init.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")]
