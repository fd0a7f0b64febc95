"""The room Alerts: every alert is a case that somebody takes up by name and closes with a note."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from collector.domain.alert_state import (
    NOTE_LENGTH,
    AlertAction,
    AlertActionRefused,
    CaseState,
    Step,
)
from collector.store.cases import act_on
from collector.store.queries import alert, closed_alerts, newest_alerts
from collector.web.alert_view import alert_card
from collector.web.staff_page import StaffPage, now_us
from ui.words import Language

SHOWN: Final = 200
CLOSED_SHOWN: Final = 50


def routes(staff_page: StaffPage) -> APIRouter:
    """The page, the two actions, and the dialog that asks for a note."""
    router = APIRouter(prefix="/alerts")

    def answer(request: Request, problem: str = "", who: str | None = None) -> HTMLResponse:
        language = staff_page.language_of(request)
        html = cases(staff_page, language)
        message = staff_page.render("alert_problem.html", language, problem=problem, who=who)
        return HTMLResponse(html + message)

    @router.get("")
    def alerts(request: Request) -> HTMLResponse:
        return staff_page.room(
            request, "alerts", cases=cases(staff_page, staff_page.language_of(request))
        )

    @router.post("/{id_}/acknowledge")
    def acknowledge(request: Request, id_: int) -> HTMLResponse:
        actor = staff_page.actor_of(request)
        with staff_page.writing.begin() as connection:
            outcome = act_on(connection, id_, Step(AlertAction.ACKNOWLEDGE, actor.name, now_us()))
            row = alert(connection, id_)
        return answer(request, _problem(outcome), row.acknowledged_by if row else None)

    @router.get("/{id_}/close")
    def ask_note(request: Request, id_: int) -> HTMLResponse:
        staff_page.session_of(request)
        language = staff_page.language_of(request)
        with staff_page.reading.begin() as connection:
            row = alert(connection, id_)
        if row is None:
            return HTMLResponse("", 404)
        card = alert_card(row, language, now_us())
        html = staff_page.render("alert_close.html", language, alert=card, note_length=NOTE_LENGTH)
        return HTMLResponse(html)

    @router.post("/{id_}/close")
    def close(request: Request, id_: int, note: Annotated[str, Form()] = "") -> HTMLResponse:
        actor = staff_page.actor_of(request)
        with staff_page.writing.begin() as connection:
            outcome = act_on(connection, id_, Step(AlertAction.CLOSE, actor.name, now_us(), note))
        return answer(request, _problem(outcome))

    return router


def cases(staff_page: StaffPage, language: Language) -> str:
    """All cases as they are now."""
    at_us = now_us()
    with staff_page.reading.begin() as connection:
        open_rows = newest_alerts(connection, [CaseState.OPEN], SHOWN)
        taken_rows = newest_alerts(connection, [CaseState.ACKNOWLEDGED], SHOWN)
        closed_rows = closed_alerts(connection, CLOSED_SHOWN)
    lists = (
        ("open_cases", [alert_card(row, language, at_us) for row in open_rows]),
        ("taken_cases", [alert_card(row, language, at_us) for row in taken_rows]),
        ("closed_cases", [alert_card(row, language, at_us) for row in closed_rows]),
    )
    return staff_page.render("alert_cases.html", language, lists=lists)


def _problem(outcome: object) -> str:
    if outcome is None:
        return "gone"
    return f"refused_{outcome.value}" if isinstance(outcome, AlertActionRefused) else ""
