"""What the gate's page says, as plain data: pure functions from events to words in one language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from checkpoint.lane import Face, Show
from checkpoint.people import Standing
from checkpoint.records import Device, DeviceState, Passage
from ui.words import Language, degrees, next_step, phrases, word

PAGE: Final = "gate page"
ICONS: Final = {
    Face.READY: "▣",
    Face.CHECKING: "…",
    Face.PASS: "✓",
    Face.STOP_FEVER: "!",
    Face.STOP: "✕",
    Face.FAULT: "?",
}


@dataclass(frozen=True, slots=True)
class ResidentView:
    """The big part: one state, told by colour, icon and word."""

    face: str
    icon: str
    main: str
    reason: str
    next_step: str
    temperature: str
    who: str
    home: str


@dataclass(frozen=True, slots=True)
class PassageLine:
    """One passage in the volunteer's list."""

    time: str
    result: str
    result_word: str
    who: str
    reason: str
    temperature: str


@dataclass(frozen=True, slots=True)
class HealthLamp:
    """One part of the gate."""

    name: str
    state: str
    state_word: str
    detail: str


@dataclass(frozen=True, slots=True)
class PageView:
    """All that the page shows at one moment."""

    gate: str
    words: Mapping[str, str]
    resident: ResidentView
    passages: tuple[PassageLine, ...]
    health: tuple[HealthLamp, ...]
    accuracy: str
    """How far a temperature may be off by the thermometer's maker's word; empty: not known."""


def resident_view(show: Show, language: Language, *, camera_works: bool) -> ResidentView:
    """The resident's part. A camera that is gone must never look like "ready"."""
    face = Face.FAULT if show.face is Face.READY and not camera_works else show.face
    standing = show.standing or Standing()
    return ResidentView(
        face=face.value,
        icon=ICONS[face],
        main=word(face, language),
        reason=word(show.reason, language) if show.reason else "",
        next_step=_next_step(show, face, language),
        temperature=_temperature(show.temperature_centicelsius),
        who=standing.resident.name if standing.resident else "",
        home=_home(standing),
    )


def passage_line(passage: Passage, show: Show, language: Language, timezone: str) -> PassageLine:
    """One line of the list, in the compound's time."""
    moment = datetime.fromtimestamp(passage.stamp.at_us / 1_000_000, tz=UTC)
    resident = show.standing.resident if show.standing else None
    code = passage.bearer.person if passage.bearer else "-"
    return PassageLine(
        time=moment.astimezone(ZoneInfo(timezone)).strftime("%H:%M:%S"),
        result=passage.result.value,
        result_word=word(passage.result, language),
        who=resident.name if resident else code,
        reason=word(passage.reason, language) if passage.reason else "",
        temperature=_temperature(passage.temperature_centicelsius),
    )


def health_lamps(
    states: Iterable[tuple[Device, DeviceState, str]], language: Language, *, clock_synced: bool
) -> tuple[HealthLamp, ...]:
    """How the gate's parts are; the clock speaks up only when it is not to be trusted."""
    lamps = [
        HealthLamp(word(device, language), state.value, word(state, language), detail)
        for device, state, detail in states
    ]
    if not clock_synced:
        state = DeviceState.FAULTY
        unset = phrases(PAGE, language)["clock_unset"]
        lamps.append(HealthLamp(unset, state.value, word(state, language), ""))
    return tuple(lamps)


def accuracy(celsius: float | None) -> str:
    """How far a temperature may be off, as people read it."""
    return "" if celsius is None else f"±{celsius:.1f} °C"


def _next_step(show: Show, face: Face, language: Language) -> str:
    if show.ask is not None:
        return phrases("Ask.please", language)[show.ask.name]
    if face is Face.CHECKING and show.attempt > 1:
        return phrases(PAGE, language)["again"]
    if show.reason is not None:
        return next_step(show.reason, language)
    return phrases("Face.please", language)[face.name]


def _temperature(centicelsius: int | None) -> str:
    return "" if centicelsius is None else degrees(centicelsius)


def _home(standing: Standing) -> str:
    household = standing.household
    return f"{household.building}-{household.unit}" if household else ""
