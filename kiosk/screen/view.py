"""What the resident reads, and one line of the volunteer's list: pure functions from events to words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from checkpoint.gate.context import Face, Show
from checkpoint.people import Standing
from checkpoint.records import Passage, Result
from ui.words import Language, degrees, phrases, please, word

PAGE: Final = "gate page"
ICONS: Final = {
    Face.READY: "qr-code",
    Face.CHECKING: "thermometer",
    Face.PASS: "check",
    Face.STOP_FEVER: "thermometer-sun",
    Face.STOP: "hand",
    Face.FAULT: "wrench",
}
_REFUSED_ICON: Final = "ban"
_RESULT_ICONS: Final = {Result.ADMIT: "check", Result.HOLD: "hand", Result.REFUSE: "ban"}


@dataclass(frozen=True, slots=True)
class ResidentView:
    """The big part: one state, told by colour, icon, word and sound."""

    face: str
    icon: str
    main: str
    reason: str
    please: str
    temperature: str
    who: str
    home: str
    voice: str
    """Name of the prompt to play after the tone; empty: the tone alone."""


@dataclass(frozen=True, slots=True)
class PassageLine:
    """One passage in the volunteer's list."""

    time: str
    result: str
    icon: str
    result_word: str
    who: str
    reason: str
    temperature: str


def resident_view(show: Show, language: Language, *, camera_works: bool) -> ResidentView:
    """The resident's part. A camera that is gone must never look like "ready"."""
    face = Face.FAULT if show.face is Face.READY and not camera_works else show.face
    standing = show.standing or Standing()
    refused = show.result is Result.REFUSE
    return ResidentView(
        face=face.value,
        icon=_REFUSED_ICON if refused else ICONS[face],
        main=phrases(PAGE, language)["refused"] if refused else word(face, language),
        reason=_reason(show, face, language),
        please=_please(show, face, language),
        temperature=_temperature(show.temperature_centicelsius),
        who=standing.resident.name if standing.resident else "",
        home=_home(standing),
        voice=_voice(show, face),
    )


def passage_line(passage: Passage, show: Show, language: Language, timezone: str) -> PassageLine:
    """One line of the list, in the compound's time."""
    moment = datetime.fromtimestamp(passage.stamp.at_us / 1_000_000, tz=UTC)
    resident = show.standing.resident if show.standing else None
    code = passage.bearer.person if passage.bearer else "-"
    return PassageLine(
        time=moment.astimezone(ZoneInfo(timezone)).strftime("%H:%M"),
        result=passage.result.value,
        icon=_RESULT_ICONS[passage.result],
        result_word=word(passage.result, language),
        who=resident.name if resident else code,
        reason=word(passage.reason, language) if passage.reason else "",
        temperature=_temperature(passage.temperature_centicelsius),
    )


def _reason(show: Show, face: Face, language: Language) -> str:
    """The main word of a fever says it already."""
    if show.reason is None or face is Face.STOP_FEVER:
        return ""
    return word(show.reason, language)


def accuracy(celsius: float | None) -> str:
    """How far a temperature may be off, as people read it."""
    return "" if celsius is None else f"±{celsius:.1f} °C"


def _please(show: Show, face: Face, language: Language) -> str:
    if show.ask is not None:
        return phrases("Ask.please", language)[show.ask.name]
    if face is Face.CHECKING and show.attempt > 1:
        return phrases(PAGE, language)["again"]
    if show.reason is not None:
        return please(show.reason, language)
    return phrases("Face.please", language)[face.name]


def _voice(show: Show, face: Face) -> str:
    if show.reason is not None and face is Face.STOP:
        return show.reason.name
    return "" if face is Face.READY else face.value


def _temperature(centicelsius: int | None) -> str:
    return "" if centicelsius is None else degrees(centicelsius)


def _home(standing: Standing) -> str:
    household = standing.household
    return f"{household.building}-{household.unit}" if household else ""
