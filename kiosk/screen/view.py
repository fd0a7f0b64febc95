"""What the gate's page says, as plain data: pure functions from events to words in one language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from checkpoint.lane import Face, Show
from checkpoint.people import Standing
from checkpoint.records import Device, DeviceState, Passage
from ui.words import Language, degrees, next_step, word

_MAIN: Final[dict[Face, dict[Language, str]]] = {
    Face.READY: {"zh_CN": "请出示通行证", "en": "Show your pass"},
    Face.CHECKING: {"zh_CN": "正在测温", "en": "Measuring"},
    Face.PASS: {"zh_CN": "请通行", "en": "Please pass"},
    Face.STOP_FEVER: {"zh_CN": "体温偏高", "en": "Temperature high"},
    Face.STOP: {"zh_CN": "请稍候", "en": "Please wait"},
    Face.FAULT: {"zh_CN": "设备故障", "en": "Gate fault"},
}
_FIRST_STEP: Final[dict[Face, dict[Language, str]]] = {
    Face.READY: {"zh_CN": "将二维码对准摄像头", "en": "Hold the code before the camera"},
    Face.CHECKING: {"zh_CN": "请正对体温计站定", "en": "Stand still before the thermometer"},
    Face.PASS: {"zh_CN": "门已打开", "en": "The door is open"},
    Face.FAULT: {"zh_CN": "请值守人员处理", "en": "The volunteer will help you"},
}
_ONE_AT_A_TIME: Final = {"zh_CN": "一次只出示一个二维码", "en": "One code at a time, please"}
_AGAIN: Final = {"zh_CN": "请再测一次,保持不动", "en": "Once more, please stand still"}
_SCREENING: Final = {"zh_CN": "体温筛查,非诊断", "en": "Screening, not a diagnosis"}
_CLOCK: Final = {"zh_CN": "时钟未校准", "en": "Clock not set"}
_TITLES: Final = {
    "zh_CN": {"title": "门岗", "last": "最近通行", "nobody": "暂无记录"},
    "en": {"title": "Gate", "last": "Last passages", "nobody": "Nobody yet"},
}
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
    screening: str
    resident: ResidentView
    passages: tuple[PassageLine, ...]
    health: tuple[HealthLamp, ...]


def resident_view(show: Show, language: Language, *, camera_works: bool) -> ResidentView:
    """The resident's part. A camera that is gone must never look like "ready"."""
    face = Face.FAULT if show.face is Face.READY and not camera_works else show.face
    standing = show.standing or Standing()
    return ResidentView(
        face=face.value,
        icon=ICONS[face],
        main=_MAIN[face][language],
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
        lamps.append(HealthLamp(_CLOCK[language], state.value, word(state, language), ""))
    return tuple(lamps)


def page_view(
    gate: str,
    language: Language,
    resident: ResidentView,
    passages: tuple[PassageLine, ...],
    health: tuple[HealthLamp, ...],
) -> PageView:
    """Everything together, with the page's own words."""
    return PageView(gate, _TITLES[language], _SCREENING[language], resident, passages, health)


def _next_step(show: Show, face: Face, language: Language) -> str:
    if show.one_at_a_time:
        return _ONE_AT_A_TIME[language]
    if face is Face.CHECKING and show.attempt > 1:
        return _AGAIN[language]
    if show.reason is not None:
        return next_step(show.reason, language)
    return _FIRST_STEP[face][language]


def _temperature(centicelsius: int | None) -> str:
    return "" if centicelsius is None else degrees(centicelsius)


def _home(standing: Standing) -> str:
    household = standing.household
    return f"{household.building}-{household.unit}" if household else ""
