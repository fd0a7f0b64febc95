"""The room Gates: which gates there are, and how they are."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from checkpoint.ids import CompoundId
from collector.store.queries import gates
from collector.store.zones import zones
from collector.web.gate_view import gate_card
from collector.web.staff_page import StaffPage, now_us
from ui.words import Language


def routes(staff_page: StaffPage) -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/gates")
    def page(request: Request) -> HTMLResponse:
        return staff_page.room(
            request, "gates", table=gate_table(staff_page, staff_page.language_of(request))
        )

    return router


def gate_table(staff_page: StaffPage, language: Language) -> str:
    """All gates as they are now."""
    at_us = now_us()
    with staff_page.reading.begin() as connection:
        rows, here = gates(connection), zones(connection)
    cards = [
        gate_card(row, language, here.of_compound(CompoundId(row.compound)), at_us) for row in rows
    ]
    return staff_page.render("gate_table.html", language, gates=cards)
