"""The web process: the staff page under uvicorn, on loopback."""

import socket
import sys

import uvicorn
from sqlalchemy import Engine

from collector.web.app import make_app
from ui.guard import Guard
from ui.words import Language

_GOODBYE_S = 3


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one. Raises OSError where the port is taken."""
    return socket.create_server(("127.0.0.1", port))


def serve(reading: Engine, writing: Engine, listener: socket.socket, language: Language) -> None:
    """Serve until SIGTERM or SIGINT."""
    port: int = listener.getsockname()[1]
    app = make_app(reading, writing, port, language, stopping=lambda: server.should_exit)
    server = uvicorn.Server(
        uvicorn.Config(
            Guard(app, port),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GOODBYE_S,
        )
    )
    print(f"staff page: http://127.0.0.1:{port}/", file=sys.stderr, flush=True)  # noqa: T201
    server.run(sockets=[listener])
