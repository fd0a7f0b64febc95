"""What the gate's page and the staff's page share: words in zh_CN and en, colours and type sizes."""

from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).parent / "static"
"""Styles, scripts and sounds, to be served as they are."""
SOUNDS: Final = STATIC / "sounds"
"""Where set-up renders the sounds: gatepost sounds."""
