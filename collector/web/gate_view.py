"""One gate as the staff see it, from its latest word on itself to words; pure."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from checkpoint.records import Device, DeviceState
from collector.store.queries import GateRow
from collector.web.log_view import device_text
from collector.web.times import PAGE, ago, clock_time
from sync.wire.messages import LATE_AFTER_S
from ui.words import Language, phrases

SKEW_SHOWN_S: Final = 5
"""Less than this may be the network's."""
_TONES: Final = {"online": "pass", "late": "hold", "offline": "stop"}
_ICONS: Final = {"online": "wifi", "late": "clock", "offline": "wifi-off"}


@dataclass(frozen=True, slots=True)
class GateCard:
    """One gate."""

    gate: str
    compound: int
    presence: str
    """online, late or offline."""
    tone: str
    icon: str
    state: str
    seen: str
    seen_ago: str
    unsynced: int
    troubles: tuple[str, ...]
    """Devices that do not work."""
    clock: str
    clock_is_right: bool
    version: str
    roster: str
    last_seq: int


def gate_card(row: GateRow, language: Language, zone: ZoneInfo, now_us: int) -> GateCard:
    """One gate, by the clock of its compound. Devices that this version does not know are shown by their code."""
    words, presence = phrases(PAGE, language), _presence(row, now_us)
    right = row.skew_us is not None and abs(row.skew_us) < SKEW_SHOWN_S * 1_000_000
    return GateCard(
        gate=row.gate,
        compound=row.compound,
        presence=presence,
        tone=_TONES[presence],
        icon=_ICONS[presence],
        state=words[presence],
        seen=clock_time(row.seen_us, zone),
        seen_ago=ago(row.seen_us, now_us, language),
        unsynced=row.unsynced,
        troubles=tuple(
            _device(name, state, language)
            for name, state in sorted(row.devices.items())
            if state != DeviceState.OK.value
        ),
        clock=_clock(row.skew_us, language),
        clock_is_right=right or row.skew_us is None,
        version=row.version,
        roster="" if row.roster_revision is None else clock_time(row.roster_revision, zone),
        last_seq=row.last_seq,
    )


def _presence(row: GateRow, now_us: int) -> str:
    if not row.online:
        return "offline"
    return "late" if now_us - row.seen_us > LATE_AFTER_S * 1_000_000 else "online"


def _clock(skew_us: int | None, language: Language) -> str:
    words = phrases(PAGE, language)
    if skew_us is None:
        return words["clock_unknown"]
    seconds = abs(skew_us) // 1_000_000
    if seconds < SKEW_SHOWN_S:
        return words["clock_right"]
    return words["clock_ahead" if skew_us > 0 else "clock_behind"].format(seconds=seconds)


def _device(name: str, state: str, language: Language) -> str:
    try:
        return device_text(Device(name), DeviceState(state), language)
    except ValueError:
        return f"{name}: {state}"
