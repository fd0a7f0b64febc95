"""How long a test waits for what must come.

Nothing is measured by it: whoever waits goes on as soon as it has come, so a slow machine may take its time.
"""

from typing import Final

PATIENCE_S: Final = 90.0
