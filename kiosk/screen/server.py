"""Serving the gate's page on loopback, in a thread of the gate process.

The page shows, and hands on what volunteers ask for (asking.py); it cannot stop the loop, and a page that cannot be
served is a fault of its own that the gate outlives. New states reach it as server-sent events of rendered HTML:
state, not history, so that whoever reconnects has everything with the first messages. The very first names this
start of the gate and the site's choice of language and size: a page of an earlier one loads itself anew. While
the loop does not go round that alone is sent, and the page says that it is not live, as it does by itself where
nothing comes any more.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import Depends, FastAPI, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, StreamingResponse
from fastapi.sse import format_sse_event
from fastapi.staticfiles import StaticFiles

from config.log_lines import logger
from kiosk.screen.board import Board
from kiosk.screen.choices import add_choices
from kiosk.screen.fragments import Surface, fragments, hits, start_now, whole_page
from kiosk.screen.request_routes import RequestRoutes, Token, add_requests
from ui import SOUNDS, STATIC
from ui.page_server import PageServer
from ui.words import LANGUAGES, Language

LOOK_EVERY_S: Final = 0.05
ALIVE_EVERY_S: Final = 1.0
_RECONNECT_MS: Final = 1000
_SOUND: Final = re.compile(r"[A-Za-z_-]{1,40}")
_LOG = logger()


def serve(board: Board, asking: RequestRoutes, port: int, surface: Surface) -> PageServer | None:
    """Start serving; None where the port (screen.port) cannot be had."""
    try:
        server = PageServer(port)
    except OSError as error:
        why = f"screen.port {port}: {error.strerror}; choose another or end the other program"
        _LOG.error("no page", why=why)
        return None
    server.start(page(board, asking, surface, server.is_ending), "gate's page")
    return server


def page(
    board: Board, asking: RequestRoutes, surface: Surface, is_ending: Callable[[], bool]
) -> FastAPI:
    """The application: the page, its events until it ``is_ending``, picture and sounds."""
    app = FastAPI(openapi_url=None)

    def wanted(lang: str = "") -> Language:
        """As the address says, or as the site has chosen."""
        return next((each for each in LANGUAGES if each == lang), surface.choices.current.language)

    Wanted = Annotated[Language, Depends(wanted)]  # noqa: N806 (a type)

    @app.get("/", response_class=HTMLResponse)
    def first_look(lang: Wanted) -> Response:
        return HTMLResponse(whole_page(board, surface, lang, asking.token))

    @app.get("/events")
    async def events(lang: Wanted) -> StreamingResponse:
        changes = _changes(board, surface, lang, asking.token, is_ending)
        return StreamingResponse(changes, media_type="text/event-stream")

    @app.get("/residents")
    def residents(
        lang: Wanted, q: str = "", pick: Literal["open", "home"] = "open", token: Token = ""
    ) -> Response:
        if not asking.knows(token):
            return PlainTextResponse("reload the page", 403)
        return HTMLResponse(hits(surface, lang, q, pick))

    _add_picture_and_sounds(app, surface)
    add_requests(app, board, asking)
    add_choices(app, surface.choices, asking.knows)
    for path, folder in (("/shared", STATIC), ("/static", Path(__file__).parent / "static")):
        app.mount(path, GZipMiddleware(StaticFiles(directory=folder)))
    return app


def _add_picture_and_sounds(app: FastAPI, surface: Surface) -> None:
    """What the camera sees; results spoken in either language, and tones."""

    @app.get("/preview.jpg")
    def preview() -> Response:
        jpeg = surface.preview.jpeg()
        return (
            Response(status_code=204) if jpeg is None else Response(jpeg, 200, None, "image/jpeg")
        )

    @app.get("/sounds/{lang}/{name}.wav")
    def sound(lang: Language, name: str) -> Response:
        return _sound(surface.screen.voices, Path(lang) / f"{name}.wav", name)

    @app.get("/sounds/{name}.wav")
    def tone(name: str) -> Response:
        return _sound(surface.screen.voices, Path(f"{name}.wav"), name)


async def _changes(
    board: Board,
    surface: Surface,
    language: Language,
    token: str,
    is_ending: Callable[[], bool],
) -> AsyncIterator[bytes]:
    """Every part that has changed, at once after a change of the board, and once a second for what time changes.

    While the loop hangs, that and nothing else, also once a second.
    """
    sent: dict[str, str] = {}
    seen, due_s, was_live = -1, 0.0, True
    clock = asyncio.get_running_loop().time
    yield f"retry: {_RECONNECT_MS}\n\n".encode()
    started = ""
    while not is_ending():
        board.shown()
        if started != (started := start_now(token, board, surface.choices)):
            yield format_sse_event(data_str=started, event="start")
        live = board.is_live()
        if live != was_live or clock() >= due_s or (live and board.version != seen):
            was_live, seen, due_s = live, board.version, clock() + ALIVE_EVERY_S
            for name, html in fragments(board, surface, language).items() if live else ():
                if sent.get(name) != html:
                    sent[name] = html
                    yield format_sse_event(data_str=html, event=name)
            yield format_sse_event(data_str="", event="alive" if live else "hung")
        await asyncio.sleep(LOOK_EVERY_S)


def _sound(own: Path, path: Path, name: str) -> Response:
    """The site's own recording, else the one from set-up."""
    if not _SOUND.fullmatch(name):
        return PlainTextResponse("no such sound", 404)
    for folder in (own, SOUNDS):
        if (folder / path).is_file():
            return FileResponse(folder / path, media_type="audio/wav")
    return PlainTextResponse("no such sound", 404)
