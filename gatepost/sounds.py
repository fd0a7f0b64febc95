"""gatepost sounds: render what the pages sound like."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def sounds(
    out: Annotated[
        Path | None, typer.Option(metavar="D", help="Folder; else where the pages look for them.")
    ] = None,
) -> None:
    """Render tones, and prompts in both languages, as WAV files. Set-up does this by itself.

    Needs espeak-ng. To use a human voice, record the same names and name their folder in the gate's
    settings: screen.voices.
    """
    from ui import SOUNDS
    from ui.sounds import NoVoice, render

    folder = out or SOUNDS
    try:
        count = render(folder)
    except (NoVoice, OSError) as error:
        print(f"sounds: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"{count} files in {folder}")
