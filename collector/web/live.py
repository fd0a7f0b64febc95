"""The room Live: one line per record, the newest on top, narrowed by what the URL says."""

from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from checkpoint.ids import CompoundId, GateId
from checkpoint.records import Result
from collector.store.log import LogFilter, log_after, newest_log
from collector.store.queries import gates
from collector.store.zones import Zones, zones
from collector.web.log_view import log_line
from collector.web.staff_page import MAX_ROW_ID, StaffPage
from collector.web.times import utc_us
from ui.words import Language, word

LOG_LINES: Final = 100
_MOST_AT_ONCE: Final = 200


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The query of the URL, as text; what cannot be understood asks for nothing."""

    compound: str = ""
    gate: str = ""
    outcome: str = ""
    person: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, request: Request) -> "Asked":
        """What this request asks for."""
        given = request.query_params
        return cls(**{name: given.get(name, "").strip()[:64] for name in cls.__struct_fields__})

    def url_query(self) -> str:
        """The shortest query that asks for the same."""
        return urlencode({k: v for k, v in msgspec.structs.asdict(self).items() if v})

    def filter(self, zones: Zones) -> LogFilter:
        """The same for the database; times are by the clock of the gate or the compound asked for, or the first's."""
        zone = self._zone(zones)
        results = {result.value: result for result in Result}
        return LogFilter(
            compound=int(self.compound) if self.compound.isdecimal() else None,
            gate=self.gate or None,
            result=results.get(self.outcome),
            person=self.person or None,
            from_us=utc_us(self.since, zone),
            until_us=utc_us(self.until, zone),
        )

    def _zone(self, zones: Zones) -> ZoneInfo:
        if self.gate:
            return zones.of_gate(GateId(self.gate))
        if self.compound.isdecimal():
            return zones.of_compound(CompoundId(int(self.compound)))
        return zones.first


def routes(staff_page: StaffPage) -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/live")
    def live(request: Request) -> HTMLResponse:
        asked, language = Asked.of(request), staff_page.language_of(request)
        with staff_page.reading.begin() as connection:
            here = zones(connection)
            rows = newest_log(connection, LOG_LINES, asked.filter(here))
            newest = newest_log(connection, 1)
            known = gates(connection)
        return staff_page.room(
            request,
            "live",
            lines=[log_line(row, language, here.of_gate(row.gate)) for row in rows],
            newest=newest[0].id if newest else 0,
            more=len(rows) == LOG_LINES,
            asked=asked,
            query=asked.url_query(),
            gates=[gate.gate for gate in known],
            compounds=sorted({gate.compound for gate in known}),
            outcomes=[(result.value, word(result, language)) for result in Result],
        )

    _add_older(router, staff_page)
    return router


def _add_older(router: APIRouter, staff_page: StaffPage) -> None:
    @router.get("/live/older")
    def older(request: Request, before: Annotated[int, Query(ge=0, le=MAX_ROW_ID)]) -> HTMLResponse:
        staff_page.session_of(request)
        asked, language = Asked.of(request), staff_page.language_of(request)
        with staff_page.reading.begin() as connection:
            here = zones(connection)
            rows = newest_log(connection, LOG_LINES, asked.filter(here), before)
        html = staff_page.render(
            "live_lines.html",
            language,
            lines=[log_line(row, language, here.of_gate(row.gate)) for row in rows],
            more=len(rows) == LOG_LINES,
            query=asked.url_query(),
        )
        return HTMLResponse(html)


def new_lines(
    staff_page: StaffPage, asked: Asked, after_id: int, language: Language
) -> list[tuple[int, str]]:
    """Lines that came after this one, each with its id, oldest first."""
    with staff_page.reading.begin() as connection:
        here = zones(connection)
        rows = log_after(connection, after_id, _MOST_AT_ONCE, asked.filter(here))
    lines = [log_line(row, language, here.of_gate(row.gate)) for row in rows]
    return [(line.id, staff_page.render("live_line.html", language, line=line)) for line in lines]
