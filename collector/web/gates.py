"""The room Gates: which gates there are, and how they are."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from collector.store.queries import gates
from collector.web.desk import Desk, now_us
from collector.web.gate_view import gate_card
from ui.words import Language


def routes(desk: Desk) -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/gates")
    def page(request: Request) -> HTMLResponse:
        return desk.room(request, "gates", table=gate_table(desk, desk.language_of(request)))

    return router


def gate_table(desk: Desk, language: Language) -> str:
    """All gates as they are now."""
    at_us = now_us()
    with desk.reading.begin() as connection:
        rows = gates(connection)
    cards = [gate_card(row, language, at_us) for row in rows]
    return desk.render("gate_table.html", language, gates=cards)
