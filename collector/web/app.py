"""The staff page: one page, and one stream of what is new on it.

The log is history: each line has an id, and a browser that was away names the last one it had. Alerts and
gates are state: they are sent whole whenever they have changed, and once on every connection.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from collector.store.queries import gates, log_after, newest_log, newest_open_alerts
from collector.web.view import PAGE, alert_line, gate_line, log_line
from ui import STATIC as SHARED_STATIC
from ui.words import Language, phrases

LOG_LINES = 100
ALERT_LINES = 200
POLL_S = 0.5
_MOST_AT_ONCE = 200
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders the page and its parts from the database."""

    engine: Engine
    environment: Environment

    def whole(self, language: Language) -> str:
        """The page as first loaded."""
        with self.engine.begin() as connection:
            log = [log_line(row, language) for row in newest_log(connection, LOG_LINES)]
        return self._render(
            "page.html",
            language,
            log=log,
            newest=log[0].id if log else 0,
            most_lines=LOG_LINES,
            **self.state(language),
        )

    def log_lines(self, after_id: int, language: Language) -> list[tuple[int, str]]:
        """Lines that came after this one, each with its id, oldest first."""
        with self.engine.begin() as connection:
            rows = log_after(connection, after_id, _MOST_AT_ONCE)
        lines = [log_line(row, language) for row in rows]
        return [(line.id, self._render("log_line.html", language, line=line)) for line in lines]

    def state(self, language: Language) -> dict[str, str]:
        """Alerts and gates as they are now, by the name of their place on the page."""
        with self.engine.begin() as connection:
            alerts = newest_open_alerts(connection, ALERT_LINES)
            all_gates = gates(connection)
        return {
            "alerts": self._render(
                "alerts.html", language, alerts=[alert_line(row, language) for row in alerts]
            ),
            "gates": self._render(
                "gates.html", language, gates=[gate_line(row, language) for row in all_gates]
            ),
        }

    def _render(self, template: str, language: Language, **values: object) -> str:
        return self.environment.get_template(template).render(
            words=phrases(PAGE, language), language=language, **values
        )


def make_app(engine: Engine, language: Language, stopping: Callable[[], bool]) -> FastAPI:
    """The application; streams end when ``stopping`` says so."""
    environment = Environment(
        loader=PackageLoader("collector.web"), autoescape=True, undefined=StrictUndefined
    )
    pages = Pages(engine, environment)
    app = FastAPI(title="Gatepost staff page", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    app.mount("/shared", StaticFiles(directory=SHARED_STATIC))

    @app.get("/", response_class=HTMLResponse)
    def page(lang: Language = language) -> str:
        return pages.whole(lang)

    @app.get("/events", response_class=EventSourceResponse)
    async def events(
        request: Request,
        lang: Language = language,
        after: Annotated[int, Query(ge=0)] = 0,
        last_event_id: Annotated[int | None, Header(ge=0)] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        newest = after if last_event_id is None else last_event_id
        shown: dict[str, str] = {}
        while not stopping() and not await request.is_disconnected():
            for name, html in (await run_in_threadpool(pages.state, lang)).items():
                if shown.get(name) != html:
                    shown[name] = html
                    yield ServerSentEvent(raw_data=html, event=name)
            for newest, html in await run_in_threadpool(pages.log_lines, newest, lang):  # noqa: B020
                yield ServerSentEvent(raw_data=html, event="log", id=str(newest))
            await asyncio.sleep(POLL_S)

    return app
