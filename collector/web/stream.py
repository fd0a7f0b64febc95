"""What is new, as server-sent events: for every room the number of open alerts, and the room's own parts.

The log is history: each line has an id, and a browser that was away names the last one it had. All else is
state: it is sent whole whenever it has changed, and once on every connection. The browser's tab may be in the
background: events come all the same, only timers are slowed down there.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final, Literal

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from collector.store.accounts import LoginSession
from collector.store.queries import alert, unreviewed
from collector.web.alert_view import code_word
from collector.web.alerts import cases
from collector.web.gates import gate_table
from collector.web.live import Asked, new_lines
from collector.web.staff_page import MAX_ROW_ID, NotLoggedIn, StaffPage
from ui.words import Language

POLL_S: Final = 0.5
ALIVE_EVERY_S: Final = 1.0
Room = Literal["live", "alerts", "gates"]


def routes(staff_page: StaffPage) -> APIRouter:
    """The one stream that each open page listens to."""
    router = APIRouter()

    @router.get("/events")
    async def events(
        request: Request,
        _: Annotated[LoginSession, Depends(staff_page.session_of)],
        room: Room = "live",
        after: Annotated[int, Query(ge=0, le=MAX_ROW_ID)] = 0,
        last_event_id: Annotated[int | None, Header(ge=0, le=MAX_ROW_ID)] = None,
    ) -> StreamingResponse:
        newest = after if last_event_id is None else last_event_id
        return StreamingResponse(
            _news(staff_page, request, room, newest), media_type="text/event-stream"
        )

    return router


async def _news(
    staff_page: StaffPage, request: Request, room: Room, after: int
) -> AsyncIterator[bytes]:
    language, asked = staff_page.language_of(request), Asked.of(request)
    shown: dict[str, str] = {}
    newest, silent_s = after, 0.0
    while not staff_page.is_ending():
        try:  # an open page keeps its session alive; once that has ended, the stream ends too
            await run_in_threadpool(staff_page.session_of, request)
        except NotLoggedIn:
            return
        for name, html in (await run_in_threadpool(_state, staff_page, room, language)).items():
            if shown.get(name) != html:
                shown[name], silent_s = html, 0.0
                yield format_sse_event(data_str=html, event=name)
        if room == "live":
            for number, html in await run_in_threadpool(
                new_lines, staff_page, asked, newest, language
            ):
                newest = number
                yield format_sse_event(data_str=html, event="line", id=str(number))
        if silent_s >= ALIVE_EVERY_S:
            silent_s = 0.0
            yield format_sse_event(data_str="", event="alive")
        await asyncio.sleep(POLL_S)
        silent_s += POLL_S


def _state(staff_page: StaffPage, room: Room, language: Language) -> dict[str, str]:
    with staff_page.reading.begin() as connection:
        count, newest = unreviewed(connection)
        row = alert(connection, newest)
    what = f"{code_word(row.code, language)} · {row.gate}" if row else ""
    news = {"count": count, "newest": newest, "what": what}
    state = {"unreviewed": msgspec.json.encode(news).decode()}
    if room == "alerts":
        state["cases"] = cases(staff_page, language)
    elif room == "gates":
        state["gates"] = gate_table(staff_page, language)
    return state
