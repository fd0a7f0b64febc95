"""Serving the gate's page on loopback, in a thread of the gate process.

The page shows, and hands on what volunteers ask for (asking.py); it cannot stop the loop, and a page that cannot be
served is a fault of its own that the gate outlives. New states reach it as server-sent events of rendered HTML.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Final

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from fastapi.sse import format_sse_event
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader, select_autoescape
from pydantic import BeforeValidator

from kiosk.screen.asking import Asking, add_requests
from kiosk.screen.board import Board
from ui import STATIC
from ui.guard import Guard
from ui.words import LANGUAGES, Language

HOST: Final = "127.0.0.1"
LOOK_EVERY_S: Final = 0.05
ALIVE_EVERY_S: Final = 2.0
_LOG = structlog.get_logger()


def serve(board: Board, asking: Asking, port: int, language: Language) -> str | None:
    """Start serving and return the page's address; None where the port (screen.port) cannot be had."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        why = f"screen.port {port}: {error.strerror}; choose another or end the other program"
        _LOG.error("no page", why=why)
        return None
    bound_port = listener.getsockname()[1]
    guarded = Guard(page(board, asking, language), bound_port)
    server = uvicorn.Server(uvicorn.Config(guarded, log_level="warning", lifespan="off", ws="none"))
    threading.Thread(target=server.run, args=([listener],), name="page", daemon=True).start()
    return f"http://{HOST}:{bound_port}/"


def page(board: Board, asking: Asking, language: Language) -> FastAPI:
    """The application: the page, its events, its style."""
    app = FastAPI(openapi_url=None)
    loader = PackageLoader("kiosk.screen")
    templates = Environment(loader=loader, autoescape=select_autoescape(default=True))

    def known(wanted: object) -> object:
        return wanted if wanted in LANGUAGES else language

    Wanted = Annotated[Language, BeforeValidator(known)]  # noqa: N806 (a type)

    def body(wanted: Language) -> str:
        return templates.get_template("lane.html").render(view=board.view(wanted))

    @app.get("/", response_class=HTMLResponse)
    def first_look(lang: Wanted = language) -> Response:
        view = board.view(lang)
        html = templates.get_template("page.html").render(view=view, language=lang)
        return HTMLResponse(html)

    @app.get("/events")
    async def events(request: Request, lang: Wanted = language) -> StreamingResponse:
        async def changes() -> AsyncIterator[bytes]:
            seen, silent_s = -1, 0.0
            while not await request.is_disconnected():
                board.shown()
                if board.version != seen:
                    seen, silent_s = board.version, 0.0
                    yield format_sse_event(data_str=body(lang), event="lane", id=str(seen))
                elif silent_s >= ALIVE_EVERY_S:
                    silent_s = 0.0
                    yield format_sse_event(data_str="", event="alive")
                await asyncio.sleep(LOOK_EVERY_S)
                silent_s += LOOK_EVERY_S

        return StreamingResponse(changes(), media_type="text/event-stream")

    add_requests(app, board, asking)
    app.mount("/shared", StaticFiles(directory=STATIC))
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    return app
