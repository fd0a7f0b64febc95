"""The health strip, which never hides: every part of the gate as one lamp; pure.

What works is an icon and nothing more; what does not has a word beside it. Numbers stand there always.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from checkpoint.records import Device, DeviceState
from kiosk.devices.health import DeviceReport
from kiosk.screen.surroundings import Surroundings
from kiosk.screen.view import PAGE
from ui.words import Language, phrases, word

_ICONS: Final = {
    Device.CAMERA: "camera",
    Device.THERMOMETER: "thermometer",
    Device.LOCK: "lock",
    Device.JOURNAL: "database",
}
"""What every gate has. The other parts appear when they do not work."""


@dataclass(frozen=True, slots=True)
class HealthLamp:
    """One part of the gate."""

    icon: str
    name: str
    tone: str
    """Empty: all is well."""
    value: str
    """What is shown beside the icon; empty: nothing."""
    detail: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """The whole strip, and the banner above it."""

    lamps: tuple[HealthLamp, ...]
    banner: str
    """Said across the panel while the centre has locked the gate out or cannot be reached; empty: neither."""
    banner_icon: str = "wifi-off"


def health_view(
    reports: Iterable[DeviceReport],
    surroundings: Surroundings,
    language: Language,
    *,
    clock_synced: bool,
    now_us: int,
) -> HealthView:
    """All lamps in their order."""
    link, words = surroundings.link, phrases(PAGE, language)
    connected = link is not None and link.connected
    banner = ""
    if link is None:
        banner = words["no_sync"]
    elif not link.connected:
        banner = words["no_network"].format(unsynced=link.unsynced)
    lamps = (
        *(
            _device(report, language)
            for report in reports
            if report.device in _ICONS or report.state is not DeviceState.OK
        ),
        _lamp("wifi" if connected else "wifi-off", words["network"], connected, words["away"]),
        _unsynced(surroundings, language, now_us),
        _lamp("clock", words["clock"], clock_synced, words["clock_unset"]),
        _roster(surroundings, language, now_us),
    )
    return HealthView(lamps, banner)


def age(at_us: int, now_us: int, language: Language) -> str:
    """How old, short: ``12 s``, ``5 min``, ``3 h``, ``4 d``."""
    words, seconds = phrases(PAGE, language), max(0, (now_us - at_us) // 1_000_000)
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size:
            return words[unit].format(n=seconds // size)
    return words["seconds"].format(n=seconds)


def _device(report: DeviceReport, language: Language) -> HealthLamp:
    works = report.state is DeviceState.OK
    name = word(report.device, language)
    icon = _ICONS.get(report.device, "circle-alert")
    return HealthLamp(
        icon,
        name,
        "" if works else "fault",
        "" if works else f"{name} {word(report.state, language)}",
        report.detail or word(report.state, language),
    )


def _lamp(icon: str, name: str, well: bool, trouble: str) -> HealthLamp:
    return HealthLamp(icon, name, "" if well else "hold", "" if well else trouble, trouble)


def _unsynced(surroundings: Surroundings, language: Language, now_us: int) -> HealthLamp:
    words, link = phrases(PAGE, language), surroundings.link
    if link is None:
        return HealthLamp("cloud-upload", words["unsynced"], "hold", "?", words["no_sync"])
    last = words["never"] if link.acked_us is None else age(link.acked_us, now_us, language)
    tone = "hold" if link.unsynced and not link.connected else ""
    detail = words["last_sync"].format(ago=last)
    return HealthLamp("cloud-upload", words["unsynced"], tone, str(link.unsynced), detail)


def _roster(surroundings: Surroundings, language: Language, now_us: int) -> HealthLamp:
    words, revision = phrases(PAGE, language), surroundings.roster_revision
    if revision is None:
        return HealthLamp("users", words["roster"], "hold", words["no_roster"], words["no_roster"])
    old = now_us - revision > surroundings.roster_stale_after_s * 1_000_000
    shown = age(revision, now_us, language)
    return HealthLamp("users", words["roster"], "hold" if old else "", shown, shown)
