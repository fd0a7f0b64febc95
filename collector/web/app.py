"""The staff page: a log-in and its rooms, each in a file of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine

from collector.web import alerts, gates, live, logging_in, stream
from collector.web.staff_page import Forged, NotLoggedIn, StaffPage
from ui import STATIC as SHARED_STATIC
from ui.templating import environment
from ui.words import Language

_STATIC: Final = Path(__file__).parent / "static"


def make_app(
    reading: Engine, writing: Engine, port: int, language: Language, is_ending: Callable[[], bool]
) -> FastAPI:
    """The application; streams end once the page ``is_ending``."""
    cookie = f"gatepost_{port}"
    staff_page = StaffPage(
        reading, writing, environment("collector.web"), language, cookie, is_ending
    )
    app = FastAPI(title="Gatepost staff page", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=_STATIC))
    app.mount("/shared", StaticFiles(directory=SHARED_STATIC))
    for room in (logging_in, live, alerts, gates, stream):
        app.include_router(room.routes(staff_page))

    @app.get("/")
    def door() -> Response:
        return RedirectResponse("/live", 303)

    @app.exception_handler(NotLoggedIn)
    def to_log_in(request: Request, _: Exception) -> Response:
        if request.headers.get("HX-Request"):
            return Response(status_code=401, headers={"HX-Redirect": "/log-in"})
        if request.method != "GET" or request.url.path == "/events":
            return PlainTextResponse("log in first", 401)
        return RedirectResponse("/log-in", 303)

    @app.exception_handler(Forged)
    def refuse(_: Request, __: Exception) -> Response:
        return PlainTextResponse("This must come from the page itself; load it again.", 403)

    return app
