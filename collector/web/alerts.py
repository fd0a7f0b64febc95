"""The room Alerts: every alert is a case that somebody takes up by name and closes with a note."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse

from collector.domain.alert_state import (
    NOTE_LENGTH,
    AlertAction,
    AlertActionRefused,
    CaseState,
    Step,
)
from collector.store.cases import act_on
from collector.store.queries import AlertRow, alert, closed_alerts, newest_alerts
from collector.store.zones import zones
from collector.web.alert_view import AlertCard, alert_card
from collector.web.staff_page import MAX_ROW_ID, StaffPage, now_us
from ui.words import Language

AlertId = Annotated[int, Path(ge=0, le=MAX_ROW_ID)]
SHOWN: Final = 200
CLOSED_SHOWN: Final = 50


def routes(staff_page: StaffPage) -> APIRouter:
    """The page, and the two actions."""
    router = APIRouter(prefix="/alerts")

    def answer(request: Request, problem: str = "", who: str | None = None) -> HTMLResponse:
        language = staff_page.language_of(request)
        html = cases(staff_page, language)
        message = staff_page.render("alert_problem.html", language, problem=problem, who=who)
        return HTMLResponse(html + message)

    @router.get("")
    def alerts(request: Request) -> HTMLResponse:
        language = staff_page.language_of(request)
        return staff_page.room(request, "alerts", cases=cases(staff_page, language))

    @router.post("/{id_}/acknowledge")
    def acknowledge(request: Request, id_: AlertId) -> HTMLResponse:
        actor = staff_page.actor_of(request)
        step = Step(AlertAction.ACKNOWLEDGE, actor.name, now_us())
        with staff_page.writing.begin() as connection:
            outcome, row = act_on(connection, id_, step), alert(connection, id_)
        return answer(request, _problem(outcome), row.acknowledged_by if row else None)

    _add_closing(router, staff_page, answer)
    return router


Answer = Callable[[Request, str], HTMLResponse]


def _add_closing(router: APIRouter, staff_page: StaffPage, answer: Answer) -> None:
    """The dialog that asks for a note, and the close itself."""

    @router.get("/{id_}/close")
    def ask_note(request: Request, id_: AlertId) -> HTMLResponse:
        staff_page.session_of(request)
        language = staff_page.language_of(request)
        with staff_page.reading.begin() as connection:
            row, here = alert(connection, id_), zones(connection)
        if row is None:
            return HTMLResponse("", 404)
        card = alert_card(row, language, here.of_gate(row.gate), now_us())
        return HTMLResponse(_closing(staff_page, language, card))

    @router.post("/{id_}/close")
    def close(request: Request, id_: AlertId, note: Annotated[str, Form()] = "") -> HTMLResponse:
        actor = staff_page.actor_of(request)
        step = Step(AlertAction.CLOSE, actor.name, now_us(), note)
        with staff_page.writing.begin() as connection:
            outcome = act_on(connection, id_, step)
        return answer(request, _problem(outcome))


def _closing(staff_page: StaffPage, language: Language, card: AlertCard) -> str:
    """The dialog."""
    return staff_page.render("alert_close.html", language, alert=card, note_length=NOTE_LENGTH)


def cases(staff_page: StaffPage, language: Language) -> str:
    """All cases as they are now."""
    at_us = now_us()
    with staff_page.reading.begin() as connection:
        open_rows = newest_alerts(connection, [CaseState.OPEN], SHOWN)
        taken_rows = newest_alerts(connection, [CaseState.ACKNOWLEDGED], SHOWN)
        closed_rows = closed_alerts(connection, CLOSED_SHOWN)
        here = zones(connection)

    def cards(rows: list[AlertRow]) -> list[AlertCard]:
        return [alert_card(row, language, here.of_gate(row.gate), at_us) for row in rows]

    lists = (
        ("open_cases", cards(open_rows)),
        ("taken_cases", cards(taken_rows)),
        ("closed_cases", cards(closed_rows)),
    )
    return staff_page.render("alert_cases.html", language, lists=lists)


def _problem(outcome: object) -> str:
    if outcome is None:
        return "gone"
    return f"refused_{outcome.value}" if isinstance(outcome, AlertActionRefused) else ""
