"""Event streams of a page, of browsers that read them and of browsers that have stopped reading."""

import contextlib
import selectors
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

_TRANSPORT_HOLDS_BYTES = 65_536
"""asyncio's high-water mark: above it the server does not go on until the browser has taken some."""


class Streams:
    """Connections to one address; a thread reads those that are read."""

    def __init__(self, url: str, cookie: str = "") -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._at = (parts.hostname, parts.port)
        path = f"{parts.path}?{parts.query}"
        host = f"{parts.hostname}:{parts.port}"
        self._request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode()
        self._read: dict[socket.socket, int] = {}
        self._unread: list[socket.socket] = []
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._take, name="reader of streams", daemon=True)

    def open(self, reading: int, silent: int) -> None:
        """So many that are read, and so many of which nothing is ever taken."""
        self._read = {self._connection(): 0 for _ in range(reading)}
        # As little room as the kernel allows, so that the server stands soon.
        self._unread = [self._connection(receive_bytes=1) for _ in range(silent)]
        self._reader.start()

    def _connection(self, receive_bytes: int | None = None) -> socket.socket:
        connection = socket.socket()
        if receive_bytes is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.connect(self._at)
        connection.sendall(self._request)
        return connection

    def _take(self) -> None:
        with selectors.DefaultSelector() as selector:
            for connection in self._read:
                selector.register(connection, selectors.EVENT_READ)
            while not self._over.is_set() and selector.get_map():
                for key, _ in selector.select(0.1):
                    assert isinstance(key.fileobj, socket.socket)
                    if taken := _some(key.fileobj):
                        self._read[key.fileobj] += taken
                    else:
                        selector.unregister(key.fileobj)

    def all_are_read(self) -> bool:
        """Whether something has come on each that is read."""
        return all(self._read.values())

    def all_silent_ones_stand(self) -> bool:
        """Whether the server can get rid of nothing more on any that nobody reads.

        Each has been sent what one that is read was sent. What neither kernel holds is in the server itself.
        """
        sent = min(self._read.values())
        held = _held_by_the_kernel(self._at[1])
        ports = [connection.getsockname()[1] for connection in self._unread]
        return all(sent - held.get(port, 0) > _TRANSPORT_HOLDS_BYTES for port in ports)

    def close(self) -> None:
        """Let go of all."""
        self._over.set()
        for connection in (*self._read, *self._unread):
            connection.close()


def _some(connection: socket.socket) -> int:
    """Bytes that have come; 0: it has ended."""
    with contextlib.suppress(OSError):
        return len(connection.recv(65_536))
    return 0


def _held_by_the_kernel(port: int) -> dict[int, int]:
    """Bytes on their way from this port of 127.0.0.1, by the port of whoever does not take them."""
    held: dict[int, int] = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        ours, theirs, queues = (line.split()[column] for column in (1, 2, 4))
        here, there = (int(each.rpartition(":")[2], 16) for each in (ours, theirs))
        unsent, untaken = (int(each, 16) for each in queues.split(":"))
        if here == port:
            held[there] = held.get(there, 0) + unsent
        elif there == port:
            held[here] = held.get(here, 0) + untaken
    return held
