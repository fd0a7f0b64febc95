"""How a page ends while visitors do what they like; real sockets, a real server, its thread."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from tests.drivers.waiting import eventually
from tests.ending import came, joined
from tests.patience import PATIENCE_S
from tests.streams import Streams
from ui import page_server
from ui.page_server import PageServer

_LOOK_S = 0.05


def site(page: PageServer) -> FastAPI:
    """A page with what the real ones have: short answers, a form, and streams that look whether it ends."""
    app = FastAPI()

    @app.get("/")
    def short() -> Response:
        return PlainTextResponse("short")

    @app.post("/form")
    async def form(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def changes(size: int) -> AsyncIterator[bytes]:
        while not page.is_ending():
            yield b"data: " + b"x" * size + b"\n\n"
            await asyncio.sleep(_LOOK_S)

    @app.get("/events")
    async def events(size: int = 10) -> StreamingResponse:
        return StreamingResponse(changes(size), media_type="text/event-stream")

    return app


@contextmanager
def served(make: Callable[[PageServer], FastAPI] = site) -> Iterator[PageServer]:
    page = PageServer(0)
    page.start(make(page), "page under test")
    try:
        yield page
    finally:
        page.stop(PATIENCE_S)


def visitor(page: PageServer, *said: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", page.port), PATIENCE_S)
    host = f"Host: 127.0.0.1:{page.port}\r\nOrigin: {page.address.rstrip('/')}\r\n"
    for each in said:
        connection.sendall(each.replace("HEAD", host).encode())
    return connection


def ended(connection: socket.socket) -> bool:
    """Whatever still comes first."""
    with suppress(ConnectionResetError):
        while connection.recv(65_536):
            pass
    return True


GET = "GET {} HTTP/1.1\r\nHEAD\r\n"
VISITORS: dict[str, tuple[str, ...]] = {
    "says nothing": (),
    "is in the middle of a line": ("GET /ev",),
    "owes the body": ("POST /form HTTP/1.1\r\nHEADContent-Length: 10\r\n\r\n12345",),
    "is idle after an answer": (GET.format("/"),),
    "reads a stream": (GET.format("/events"),),
    "asks behind a stream": (GET.format("/events"), GET.format("/")),
}


@pytest.mark.parametrize("said", VISITORS.values(), ids=VISITORS)
def test_a_page_ends_whatever_a_visitor_is_at(said: tuple[str, ...]) -> None:
    with served() as page:
        with visitor(page, *said) as connection:
            if (said and said[0].startswith("GET / ")) or "events HTTP" in "".join(said):
                assert connection.recv(10).startswith(b"HTTP/1.1 2")
            assert page.stop(PATIENCE_S)
            assert ended(connection)
        with pytest.raises(ConnectionRefusedError):
            visitor(page)


def test_whoever_comes_in_while_the_page_ends_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """uvicorn alone forgets those, and waits for them for good: one round of this was enough for it."""
    monkeypatch.setattr(page_server, "GOODBYE_S", PATIENCE_S)  # nobody is cut off in time
    monkeypatch.setattr(page_server, "CANCEL_AFTER_S", int(PATIENCE_S))
    for _ in range(5):
        with served() as page:
            inside: list[socket.socket] = []
            over = threading.Event()
            door = threading.Thread(target=come, args=(page, inside, over))
            door.start()
            eventually(lambda inside=inside: len(inside) > 20)  # type: ignore[misc]
            try:
                assert page.stop(PATIENCE_S / 2)
            finally:
                over.set()
                joined(door)
                for connection in inside:
                    connection.close()


def come(page: PageServer, inside: list[socket.socket], over: threading.Event) -> None:
    """One after the other, until the door is shut; none says anything."""
    with suppress(OSError):
        while not over.is_set():
            inside.append(socket.create_connection(("127.0.0.1", page.port), PATIENCE_S))
            time.sleep(0.001)


def test_a_hundred_streams_of_which_half_take_nothing_end(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with served() as page:
        streams = Streams(f"{page.address}events?size=10000")
        streams.open(reading=50, silent=50)
        try:
            eventually(streams.all_are_read)
            eventually(streams.all_silent_ones_stand)
            assert page.stop(PATIENCE_S)
        finally:
            streams.close()
    assert "visitors of a page did not go and were cut off" in caplog.text
    assert "Traceback" not in capsys.readouterr().err + caplog.text


def test_a_stream_ends_when_its_browser_has_gone() -> None:
    over = threading.Event()

    def watched(page: PageServer) -> FastAPI:
        app = FastAPI()

        async def changes() -> AsyncIterator[bytes]:
            try:
                while not page.is_ending():
                    yield b"data:\n\n"
                    await asyncio.sleep(_LOOK_S)
            finally:
                over.set()

        @app.get("/events")
        async def events() -> StreamingResponse:
            return StreamingResponse(changes(), media_type="text/event-stream")

        return app

    with served(watched) as page:
        with visitor(page, GET.format("/events")) as browser:
            assert browser.recv(10).startswith(b"HTTP/1.1 2")
            assert not over.is_set()
        came(over, "the end of a stream whose browser has gone")


def test_a_request_that_hangs_in_its_thread_does_not_keep_the_page() -> None:
    hangs, arrived = threading.Event(), threading.Event()

    def hanging(_: PageServer) -> FastAPI:
        app = FastAPI()

        @app.get("/")
        def hang() -> Response:
            arrived.set()
            hangs.wait(PATIENCE_S)
            return Response()

        return app

    with served(hanging) as page, visitor(page, GET.format("/")):
        came(arrived, "the request that hangs")
        assert page.stop(PATIENCE_S / 2)
        hangs.set()


def test_a_page_whose_loop_hangs_is_left_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    goes_on, arrived = threading.Event(), threading.Event()

    def hanging(_: PageServer) -> FastAPI:
        app = FastAPI()

        @app.get("/")
        async def hang() -> Response:
            arrived.set()
            goes_on.wait(PATIENCE_S)
            return Response()

        return app

    with served(hanging) as page, visitor(page, GET.format("/")):
        came(arrived, "the request that hangs")
        assert not page.stop(0.1)
        assert "for the page under test to end" in caplog.text
        assert "at 1 requests" in caplog.text
        goes_on.set()
        assert page.stop(PATIENCE_S)


def test_a_page_that_was_never_served_lets_go_of_its_port() -> None:
    page = PageServer(0)
    assert page.stop()
    with PageServer(page.port) as again:
        assert again.port == page.port
    with PageServer(0) as first, pytest.raises(OSError, match="in use"):
        PageServer(first.port)
