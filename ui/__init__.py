"""What the gate's page and the staff's page share: words in zh_CN and en, colours and type sizes."""

from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).parent / "static"
"""Folder of tokens.css, to be served as it is."""
