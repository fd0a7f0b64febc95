"""The web process: the staff page on loopback, until it is told to end."""

import sys
import threading
from typing import Final

from sqlalchemy import Engine

from collector.web.app import make_app
from ui.page_server import PageServer
from ui.words import Language

_LOOK_S: Final = 0.5


def serve(
    reading: Engine, writing: Engine, page: PageServer, language: Language, stop: threading.Event
) -> None:
    """Serve until told to stop. Raises RuntimeError where the page ends by itself: the supervisor begins it anew."""
    page.start(make_app(reading, writing, page.port, language, page.is_ending), "staff page")
    print(f"staff page: {page.address}", file=sys.stderr, flush=True)  # noqa: T201
    while not stop.wait(_LOOK_S):
        if not page.is_up():
            raise RuntimeError("the staff page has ended by itself")
