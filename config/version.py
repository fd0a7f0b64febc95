"""Which version of Gatepost this is: what packages, gates and `--version` say."""

from typing import Final

VERSION: Final = "0.1.0"
