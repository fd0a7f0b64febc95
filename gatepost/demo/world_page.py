"""The page from which the world of the lively demo is played: who arrives, what breaks. Loopback only."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import FastAPI, Form, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles

from checkpoint.ids import PersonId
from checkpoint.records import Result
from simulation.callers import Act, Callers
from simulation.compound import Compound
from simulation.town import Town
from simulation.world import PACES, GateWorld, Happening, World
from ui import STATIC
from ui.page_server import PageServer
from ui.templating import environment
from ui.words import Language, degrees, phrases, word

PAGE: Final = "demo page"
WARMTHS: Final = ("33.0", "36.5", "37.2", "37.5", "38.2", "39.5")
THERMOMETERS: Final = ("present", "unplugged", "bad_pec", "error_flag", "stuck")
CAMERAS: Final = ("present", "unplugged")
_SHOWN: Final = 14
_HERE: Final = Path(__file__).parent
_ENVIRONMENT: Final = environment("gatepost.demo")
_ACT_ICONS: Final = {
    Act.WELL: "user-check",
    Act.FEVER: "thermometer-sun",
    Act.TOO_FAR: "thermometer",
    Act.EXPIRED: "file-clock",
    Act.REVOKED: "ban",
    Act.FORGED: "triangle-alert",
    Act.STRANGER: "user-plus",
    Act.MENU: "qr-code",
    Act.TWO: "users",
    Act.ISOLATING: "door-open",
    Act.WATCHED: "eye",
    Act.AGAIN: "rotate-ccw",
}
_TONES: Final = {Result.ADMIT: "pass", Result.HOLD: "hold", Result.REFUSE: "stop"}


@dataclass(frozen=True, slots=True)
class Play:
    """What the page plays with."""

    world: World
    town: Town
    callers: Callers
    compound: Compound
    pin: str
    """Of the gates' screens."""
    switch_network: Callable[[bool], None]
    switch_power: Callable[[GateWorld, bool], None]


def serve_world(play: Play, language: Language) -> PageServer:
    """Serve on a free port."""
    server = PageServer(0)
    server.start(world_page(play, language), "world page")
    return server


def world_page(play: Play, language: Language) -> FastAPI:
    """The page, what has happened, and three ways to change the world."""
    app = FastAPI(openapi_url=None)
    world = play.world

    def render(template: str, lang: Language, **values: object) -> HTMLResponse:
        html = _ENVIRONMENT.get_template(template).render(
            words=phrases(PAGE, lang), language=lang, world=world, **values
        )
        return HTMLResponse(html)

    @app.get("/")
    def page(lang: Language = language) -> Response:
        people = [(each.id, play.callers.name_of(each)) for each in play.town.neighbours]
        return render(
            "world.html",
            lang,
            look=None,
            compound=play.compound,
            pin=play.pin,
            people=people,
            acts=[(act.value, _ACT_ICONS[act]) for act in Act],
            warmths=WARMTHS,
            thermometers=THERMOMETERS,
            cameras=CAMERAS,
            paces=PACES,
        )

    @app.get("/now")
    def now(lang: Language = language) -> Response:
        told = [_line(each, lang) for each in list(world.told)[:_SHOWN]]
        return render("now.html", lang, told=told)

    @app.post("/arrive")
    def arrive(
        gate: Annotated[str, Form()],
        act: Annotated[Act, Form()],
        who: Annotated[str, Form()] = "",
        celsius: Annotated[float | None, Form(ge=30, le=45)] = None,
    ) -> Response:
        if gate not in world.gates:
            return PlainTextResponse("no such gate", 404)
        person = PersonId(who) if who else None
        if act is Act.AGAIN:
            person = _last_admitted(world, gate)
        world.gates[gate].waiting.put(play.callers.make(act, person, celsius))
        return Response(status_code=204)

    @app.post("/scene")
    def scene(
        gate: Annotated[str, Form()],
        part: Annotated[Literal["thermometer", "camera"], Form()],
        value: Annotated[str, Form()],
    ) -> Response:
        allowed = THERMOMETERS if part == "thermometer" else CAMERAS
        if gate not in world.gates or value not in allowed:
            return PlainTextResponse("no such gate or state", 404)
        world.gates[gate].change(**{part: value})
        return Response(status_code=204)

    @app.post("/switch")
    def switch(
        what: Annotated[str, Form()], value: Annotated[str, Form()], lang: Language = language
    ) -> Response:
        if what == "network":
            play.switch_network(value == "on")
        elif what == "volunteer":
            world.volunteer_acts = value == "on"
        elif what == "pace" and value in PACES:
            world.pace = value
        elif what in world.gates:
            play.switch_power(world.gates[what], value == "on")
        else:
            return PlainTextResponse("no such switch", 404)
        return render("switches.html", lang, paces=PACES)

    app.mount("/shared", StaticFiles(directory=STATIC))
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    return app


def _last_admitted(world: World, gate: str) -> PersonId | None:
    for each in list(world.told):
        admitted = each.passage is not None and each.passage.result is Result.ADMIT
        if admitted and each.gate == gate and each.caller.person is not None:
            return each.caller.person
    return None


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One thing that happened, in words."""

    at: str
    gate: str
    act: str
    who: str
    tone: str
    result: str
    reason: str
    temperature: str


def _line(happening: Happening, language: Language) -> StoryLine:
    caller, passage = happening.caller, happening.passage
    words = phrases(PAGE, language)
    shown = None if passage is None else passage.temperature_centicelsius
    return StoryLine(
        at=happening.at,
        gate=happening.gate,
        act=words[f"act_{caller.act.value}"],
        who=caller.who,
        tone="info" if passage is None else _TONES[passage.result],
        result=words["asked"] if passage is None else word(passage.result, language),
        reason=word(passage.reason, language) if passage and passage.reason else "",
        temperature="" if shown is None else degrees(shown),
    )
