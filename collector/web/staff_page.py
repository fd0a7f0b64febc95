"""What every room of the staff page shares: the database, how a page is rendered, and who is looking."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from sqlalchemy import Engine

from collector.store.accounts import LoginSession, keep_alive, session_of
from collector.store.queries import unreviewed
from collector.web.times import PAGE
from ui.words import LANGUAGES, Language, phrases

ROOMS: Final = {"live": "list", "alerts": "bell", "gates": "radio-tower"}
"""Path and icon of every room, in the order of the navigation."""
LANGUAGE_COOKIE: Final = "gatepost_language"
MAX_ROW_ID: Final = 2**63 - 1
"""No database asks for a higher one."""


class NotLoggedIn(Exception):
    """Nobody is: the request is answered with the way to the log-in."""


class Forged(Exception):
    """The request changes something and does not carry the session's token."""


@dataclass(frozen=True, slots=True)
class StaffPage:
    """Everything that the rooms have in common."""

    reading: Engine
    writing: Engine
    environment: Environment
    language: Language
    cookie: str
    """Name of the session's cookie: browsers tell ports of one host apart by nothing else."""
    is_ending: Callable[[], bool]
    """Whether the page is: its streams then end."""

    def language_of(self, request: Request) -> Language:
        """The language asked for, else the one chosen before, else the config's."""
        for wanted in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
            for language in LANGUAGES:
                if wanted == language:
                    return language
        return self.language

    def session_of(self, request: Request) -> LoginSession:
        """Who is logged in. Raises NotLoggedIn."""
        token, at_us = request.cookies.get(self.cookie, ""), now_us()
        with self.reading.begin() as connection:
            found = session_of(connection, token, at_us)
        if found is None:
            raise NotLoggedIn
        session, must_write = found
        if must_write:
            with self.writing.begin() as connection:
                keep_alive(connection, token, at_us)
        return session

    def actor_of(self, request: Request) -> LoginSession:
        """Who changes something. Raises NotLoggedIn, or Forged without the session's token."""
        session = self.session_of(request)
        if request.headers.get("X-CSRF-Token") != session.csrf:
            raise Forged
        return session

    def render(self, template: str, language: Language, **values: object) -> str:
        """A template with its words."""
        return self.environment.get_template(template).render(
            words=phrases(PAGE, language), language=language, look=None, **values
        )

    def room(self, request: Request, name: str, **values: object) -> HTMLResponse:
        """A whole page of a room for whoever is logged in. Raises NotLoggedIn."""
        session, language = self.session_of(request), self.language_of(request)
        with self.reading.begin() as connection:
            open_count, newest_alert = unreviewed(connection)
        html = self.render(
            f"{name}.html",
            language,
            session=session,
            rooms=ROOMS,
            here=name,
            open_count=open_count,
            newest_alert=newest_alert,
            **values,
        )
        answer = HTMLResponse(html)
        if request.query_params.get("lang") == language:
            answer.set_cookie(LANGUAGE_COOKIE, language, samesite="strict", httponly=True)
        return answer


def now_us() -> int:
    """Wall time, UTC microseconds."""
    return time.time_ns() // 1000
