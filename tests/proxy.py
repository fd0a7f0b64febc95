"""A TCP proxy on loopback that is a bad network: it drops, delays, halves, throttles and falls silent.

It works in a thread of its own; what is set from outside counts from the next piece of data on. What it throttles it
does not read ahead, so a sender feels it as it would a slow modem behind a small buffer.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from tests.ending import came, joined
from tests.patience import PATIENCE_S

PIECE_BYTES: Final = 1024
_MADE_UP_FOR_S: Final = 0.5
_BUFFER_BYTES: Final = 4096
"""The kernel doubles it and has a lowest value of its own; some 20 kB are under way at most."""


class Proxy:
    """Listens on a ``port`` of its own and passes on to ``target``, both on 127.0.0.1, until close()."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self.port: int = self._listener.getsockname()[1]
        self.bytes_a_second: float | None = None
        """In each direction; None: as fast as it goes."""
        self.delay_s = 0.0
        """Added to every piece's way, one way."""
        self.bytes_up = 0
        """From whoever connects to the target, since the beginning."""
        self.connections = 0
        """That were ever made."""
        self._halving = False
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._thread = threading.Thread(target=self._run, name="proxy")
        self._listening = threading.Event()
        self._thread.start()
        came(self._listening, "the proxy to listen")

    def cut(self) -> None:
        """Every connection ends at once, with whatever is under way."""
        self._do(self._cut)

    def fall_silent(self) -> None:
        """Nothing gets through any more and nobody is told: connections stay open, new ones are even accepted."""
        self._do(self._flowing.clear)

    def speak_again(self) -> None:
        """What has waited since fall_silent() goes through."""
        self._do(self._flowing.set)

    def halve_next(self) -> None:
        """Of the next piece upwards one half arrives, and the connection ends."""
        self._halving = True

    def close(self) -> None:
        """End everything."""
        self._do(self._loop.stop)
        joined(self._thread)

    def _do(self, action: object) -> None:
        assert callable(action)
        self._loop.call_soon_threadsafe(action)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = asyncio.start_server(self._serve, sock=self._listener, limit=PIECE_BYTES)
        server = self._loop.run_until_complete(serving)
        self._listening.set()
        self._loop.run_forever()
        server.close()
        self._cut()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(_ended(tasks))
        self._loop.close()

    def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            up_reader, up_writer = await self._reach_target()
        except OSError:
            writer.transport.abort()
            return
        self._open.add(up_writer)
        ways = (self._pump(reader, up_writer, up=True), self._pump(up_reader, writer, up=False))
        pumps = [self._loop.create_task(way) for way in ways]
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for each in (writer, up_writer):
            each.transport.abort()
            self._open.discard(each)

    async def _reach_target(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._target, limit=PIECE_BYTES)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool
    ) -> None:
        """Read pieces, and have them written when it is their time; the pieces of a stream never change places."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = self._loop.create_task(self._deliver(under_way, writer))
        with suppress(OSError, asyncio.CancelledError):
            async for piece in self._taken(reader):
                half = self._halving and up
                through = piece[: len(piece) // 2] if half else piece
                under_way.put_nowait((self._loop.time() + self.delay_s, through))
                self.bytes_up += len(piece) if up else 0
                if half:
                    self._halving = False
                    break
            under_way.put_nowait((self._loop.time() + self.delay_s, b""))
            await delivering
        delivering.cancel()

    async def _taken(self, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        due_s = 0.0
        while piece := await reader.read(PIECE_BYTES):
            await self._flowing.wait()
            if self.bytes_a_second is not None:
                # A busy machine wakes us late; a little of that is made up for.
                earliest_s = self._loop.time() - _MADE_UP_FOR_S
                due_s = max(due_s, earliest_s) + len(piece) / self.bytes_a_second
                await asyncio.sleep(due_s - self._loop.time())
            yield piece

    async def _deliver(
        self, under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while True:
                due_s, piece = await under_way.get()
                await asyncio.sleep(due_s - self._loop.time())
                if not piece:
                    return
                writer.write(piece)
                await writer.drain()


async def _ended(tasks: set[asyncio.Task[None]]) -> None:
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), PATIENCE_S)
    await asyncio.sleep(0)  # the connections that they aborted are closed in the loop's next turn
