"""Logging in and out of the staff page.

Every attempt is written down as failed before the password is looked at, so that attempts made at once count
as well. A log-in gives a new token, whatever cookie came with it.
"""

import math
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from collector.domain.accounts import MAX_PASSWORD, SESSION_IDLE_S, is_password, new_token, wait_s
from collector.store import accounts
from collector.web.staff_page import Forged, NotLoggedIn, StaffPage, now_us
from config.log_lines import logger

_MAX_NAME: Final = 64
_LOG = logger()


def routes(staff_page: StaffPage) -> APIRouter:
    """The log-in page, and the way out."""
    router = APIRouter()

    def form(request: Request, status: int, problem: str = "", **places: int) -> HTMLResponse:
        language = staff_page.language_of(request)
        html = staff_page.render("log_in.html", language, problem=problem, places=places)
        return HTMLResponse(html, status)

    @router.get("/log-in")
    def show(request: Request) -> Response:
        try:
            staff_page.session_of(request)
        except NotLoggedIn:
            return form(request, 200)
        return RedirectResponse("/live", 303)

    @router.post("/log-in")
    def log_in(
        request: Request,
        name: Annotated[str, Form(max_length=_MAX_NAME)] = "",
        password: Annotated[str, Form(max_length=MAX_PASSWORD + 1)] = "",
    ) -> Response:
        at_us = now_us()
        with staff_page.writing.begin() as connection:
            pause_s = wait_s(accounts.failures_us(connection, name), at_us)
            attempt = 0 if pause_s else accounts.note_attempt(connection, name, at_us)
            stored = accounts.password_hash_of(connection, name)
        if pause_s:
            _LOG.warning("log-in put off", name=name, seconds=math.ceil(pause_s))
            put_off = form(request, 429, "wait", seconds=math.ceil(pause_s))
            put_off.headers["Retry-After"] = str(math.ceil(pause_s))
            return put_off
        if not is_password(stored, password):
            _LOG.warning("log-in failed", name=name)
            return form(request, 401, "wrong")
        token = new_token()
        with staff_page.writing.begin() as connection:
            session = accounts.LoginSession(name, new_token())
            accounts.begin_session(connection, attempt, session, token, at_us)
        _LOG.info("logged in", name=name)
        answer = RedirectResponse("/live", 303)
        answer.set_cookie(
            staff_page.cookie, token, max_age=SESSION_IDLE_S, httponly=True, samesite="strict"
        )
        return answer

    @router.post("/log-out")
    def log_out(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        if csrf != staff_page.session_of(request).csrf:
            raise Forged
        with staff_page.writing.begin() as connection:
            accounts.end_session(connection, request.cookies.get(staff_page.cookie, ""))
        answer = RedirectResponse("/log-in", 303)
        answer.delete_cookie(staff_page.cookie)
        return answer

    return router
