"""The parts of the gate's page that change, each rendered by itself, so that what is being typed is not swept away."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from jinja2 import Environment

from checkpoint.gate.limits import COUNTS, HAND_HELD_CENTICELSIUS
from checkpoint.records import Visiting
from config.settings import ScreenTable
from kiosk.screen.board import Board
from kiosk.screen.choices import Choices
from kiosk.screen.preview import CameraPreview
from kiosk.screen.request_routes import start_of
from kiosk.screen.residents import Residents
from kiosk.screen.view import PAGE, accuracy
from ui.templating import environment
from ui.words import Language, phrases

_ENVIRONMENT: Final = environment("kiosk.screen")


@dataclass(frozen=True, slots=True)
class Surface:
    """What the page has beside the board."""

    screen: ScreenTable = field(default_factory=ScreenTable)
    preview: CameraPreview = field(default_factory=CameraPreview)
    residents: Residents = field(default_factory=lambda: Residents(lambda: None))
    choices: Choices = field(default_factory=lambda: Choices(ScreenTable()))
    environment: Environment = _ENVIRONMENT


def fragments(board: Board, surface: Surface, language: Language) -> dict[str, str]:
    """Every part as it is now, by the name of its event; the resident's first."""

    def render(template: str, **values: object) -> str:
        words = phrases(PAGE, language)
        return surface.environment.get_template(template).render(words=words, **values)

    shown, resident = board.resident(language)
    panel, strip = board.panel(language, surface.residents.name_of), board.strip(language)
    return {
        "resident": render(
            "resident.html",
            view=resident,
            shown=shown,
            notices=(*board.notices(), *surface.screen.notices),
            accuracy=accuracy(board.accuracy_celsius),
        ),
        "cases": render("cases.html", view=panel),
        "duty": render("duty.html", view=panel),
        "strip": render("strip.html", view=strip),
        "passages": render("passages.html", lines=board.passages(language)),
        "hand-over": render("hand_over.html", view=panel, strip=strip),
    }


def whole_page(board: Board, surface: Surface, language: Language, token: str) -> str:
    """The page as first loaded."""
    reasons = {
        name: phrases(context, language)
        for name, context in (
            ("admit_reasons", "admit reason"),
            ("deny_reasons", "deny reason"),
            ("open_reasons", "open reason"),
            ("purposes", "visit purpose"),
        )
    }
    return surface.environment.get_template("page.html").render(
        words=phrases(PAGE, language),
        language=language,
        look=None,
        gate=board.gate,
        zone=board.timezone,
        token=token,
        start=start_now(token, board, surface.choices),
        screen=surface.screen,
        choice=surface.choices.current,
        has_pin=surface.choices.has_pin,
        refusals=dict(phrases("settings refusal", language)),
        objections=_objections(language),
        limits=_LIMITS,
        parts=fragments(board, surface, language),
        **reasons,
    )


_LIMITS: Final = {
    "lowest": HAND_HELD_CENTICELSIUS[0] // 100,
    "highest": HAND_HELD_CENTICELSIUS[-1] // 100,
    "visitors": COUNTS[Visiting.VISITOR][-1],
    "parcels": COUNTS[Visiting.DELIVERY][-1],
}


def _objections(language: Language) -> dict[str, str]:
    """With the limits that the core keeps."""
    said = dict(phrases("Objection", language))
    for code, limits in phrases("Objection.limits", language).items():
        said[code] = f"{said[code]}: {limits.format_map(_LIMITS)}"
    return said


def start_now(token: str, board: Board, choices: Choices) -> str:
    """A name for this start of the gate, its zone and the choice in force; a page of another loads itself anew."""
    zone = sha256(board.timezone.encode()).hexdigest()[:4]
    return f"{start_of(token)}-{zone}-{choices.revision}"


def hits(surface: Surface, language: Language, text: str, pick: str) -> str:
    """Residents who fit what was typed, to open for or to name as hosts."""
    found, total = surface.residents.find(text)
    return surface.environment.get_template("hits.html").render(
        words=phrases(PAGE, language), hits=found, total=total, pick=pick, asked=bool(text.strip())
    )
