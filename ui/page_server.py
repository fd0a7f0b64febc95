"""How a page is served on loopback, and how that ends: within seconds, whatever its visitors do.

uvicorn, told to end, tells every connection that it knows of, and waits for them. One that it has accepted in that same
turn of its loop it does not know yet: it is never told. A browser asks for its events again every 3 s, uvicorn keeps
an idle connection for 5 s, and so the two go on for good (seen with Chromium and uvicorn 0.54). Therefore nobody
new is let in first, and only when whoever was at the door is inside all are told.

Event streams end by themselves, for they look at ``is_ending``. A stream whose browser takes nothing any more stands in
the middle of a message and cannot look; it is cut off.
"""

import asyncio
import logging
import socket
import threading
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp

from ui.guard import Guard

HOST: Final = "127.0.0.1"
GOODBYE_S: Final = 2.0
"""Whoever has not gone by then is cut off."""
CANCEL_AFTER_S: Final = 3
"""What a request still does by then is cancelled."""
GIVE_UP_S: Final = 4.0
"""Longer than this nobody waits for a page: a thread that hangs in it is left to the end of the process."""
_DOOR_S: Final = 0.1
_KERNEL_HOLDS_BYTES: Final = 65_536
"""For each visitor who takes nothing. Left to itself it grows to megabytes, which a unit's MemoryMax counts."""
_LOG: Final = logging.getLogger(__name__)


class PageServer:
    """One page, served in a thread that no process waits for at its end."""

    def __init__(self, port: int) -> None:
        """Listen; port 0 takes a free one. Raises OSError where the port is taken."""
        self._listener = socket.create_server((HOST, port))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_HOLDS_BYTES)
        self.port: int = self._listener.getsockname()[1]
        self.address = f"http://{HOST}:{self.port}/"
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, app: ASGIApp, name: str) -> None:
        """Serve the application behind the guard; the name is the thread's, and the log's."""
        config = uvicorn.Config(
            Guard(app, self.port),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=CANCEL_AFTER_S,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listener],), name=name, daemon=True
        )
        self._thread.start()

    def is_ending(self) -> bool:
        """Whether event streams have to end now."""
        return self._server is not None and self._server.should_exit

    def is_up(self) -> bool:
        """Whether it is being served."""
        return self._thread is not None and self._thread.is_alive()

    def __enter__(self) -> Self:
        """Itself: whoever leaves the block has ended it."""
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, within_s: float = GIVE_UP_S) -> bool:
        """End it. Returns whether it has ended within that time; where it has not, the log says what it hangs on."""
        if self._server is None or self._thread is None:
            self._listener.close()
            return True
        self._server.should_exit = True
        self._thread.join(within_s)
        if self._thread.is_alive():
            state = self._server.server_state
            _LOG.error(
                "waited %.1f s for the %s to end: it has %d connections and is at %d requests",
                within_s,
                self._thread.name,
                len(state.connections),
                len(state.tasks),
            )
        return not self._thread.is_alive()


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let nobody in any more, then end as uvicorn does, and cut off whoever is left."""
        loop = asyncio.get_running_loop()
        for listener in sockets or ():
            loop.remove_reader(listener)
        await asyncio.sleep(_DOOR_S)
        loop.call_later(GOODBYE_S, self._cut_off)
        await super().shutdown(sockets)
        self._cut_off()

    def _cut_off(self) -> None:
        left = tuple(self.server_state.connections)
        if left:
            _LOG.warning("%d visitors of a page did not go and were cut off", len(left))
        for connection in left:
            connection.transport.abort()
