"""What a gate and a collector can be told: one model a file, one class a table of it.

Times carry their unit in the name. Paths are taken relative to the folder of the config file.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from checkpoint.ids import GATE_ID
from config.policy_file import preset_or_file

_CLOCK_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GateTable(_Table):
    """Which lane this is."""

    id: str = Field(pattern=f"^{GATE_ID.pattern}$")
    compound: int = Field(strict=True, ge=0, le=65535)
    direction: Literal["in", "out", "both"] = "in"
    data: Path
    """Folder of journal.db, sync.db and the spool; made if it is not there."""
    trust: Path
    """trust.json of ``gatepost keys init``."""
    policy: Annotated[str | Path, AfterValidator(preset_or_file)] = "ordinary"
    """A preset's name, or a file: what has a slash in it or ends in .toml."""
    result_seconds: float = Field(default=4.0, ge=1, le=30)


class DeviceCamera(_Table):
    """A USB or built-in camera by its number."""

    kind: Literal["device"]
    device: int = Field(strict=True, ge=0, le=63)
    width: int = Field(default=1280, strict=True, ge=160, le=4096)
    height: int = Field(default=720, strict=True, ge=120, le=4096)


class VideoCamera(_Table):
    """A video file, played once at its own pace."""

    kind: Literal["video"]
    path: Path


class PicturesCamera(_Table):
    """Image files, or all images of a folder in the order of their names, each held for a while."""

    kind: Literal["pictures"]
    paths: tuple[Path, ...] = Field(min_length=1)
    seconds_each: float = Field(default=4.0, gt=0)


class SimulatedCamera(_Table):
    """Rendered frames of what the world folder's scene.json holds up."""

    kind: Literal["simulated"]
    world: Path
    width: int = Field(default=1280, strict=True, ge=320, le=1920)
    height: int = Field(default=720, strict=True, ge=240, le=1080)
    frames_per_second: float = Field(default=12.0, gt=0, le=60)


class _InfraredThermometer(_Table):
    """What is to be known of any thermometer."""

    sensor: str = Field(min_length=1)
    """Name of this very part; it is stored with every reading."""
    part: Literal["generic", "medical"] = "generic"
    calibration: Path = Path("calibration.json")
    ambient_corrections: tuple[tuple[float, float], ...] = ()
    lowest_ambient_celsius: float = Field(default=10.0, ge=-40, le=60)
    highest_ambient_celsius: float = Field(default=40.0, ge=-40, le=60)

    @field_validator("highest_ambient_celsius")
    @classmethod
    def _above_lowest(cls, highest: float, info: ValidationInfo) -> float:
        if highest <= info.data.get("lowest_ambient_celsius", -100.0):
            raise ValueError("must be above lowest_ambient_celsius")
        return highest


class Mlx90614Thermometer(_InfraredThermometer):
    """Melexis MLX90614 on an I2C bus."""

    kind: Literal["mlx90614"]
    bus: int = Field(strict=True, ge=0, le=255)
    address: int = Field(default=0x5A, strict=True, ge=0x03, le=0x77)


class SimulatedThermometer(_InfraredThermometer):
    """The same driver on simulated registers, with the temperature that scene.json says."""

    kind: Literal["simulated"]
    world: Path
    sensor: str = Field(default="simulated", min_length=1)


class GpioLock(_Table):
    """A relay on a GPIO pin, by its Broadcom number."""

    kind: Literal["gpio"]
    pin: int = Field(strict=True, ge=0, le=27)
    active_high: bool = True
    unlock_seconds: float = Field(default=5.0, ge=0.2, le=30)


class SimulatedLock(_Table):
    """The same driver on gpiozero's mock pins; every change of the pin goes to the world's lock.jsonl."""

    kind: Literal["simulated"]
    world: Path
    unlock_seconds: float = Field(default=5.0, ge=0.2, le=30)


class NoDoor(_Table):
    """No contact: whether somebody went through is not known."""

    kind: Literal["none"]


class GpioDoor(_Table):
    """A door contact on a GPIO pin, by its Broadcom number."""

    kind: Literal["gpio"]
    pin: int = Field(strict=True, ge=0, le=27)
    open_high: bool = True


class SimulatedDoor(_Table):
    """The same driver on a mock pin; people walk through as the world's scene.json says."""

    kind: Literal["simulated"]
    world: Path


class NoExitButton(_Table):
    """People leave by the door's own handle, or by a button that cuts the lock's power."""

    kind: Literal["none"]


class GpioExitButton(_Table):
    """A push button on a GPIO pin, by its Broadcom number."""

    kind: Literal["gpio"]
    pin: int = Field(strict=True, ge=0, le=27)
    pressed_high: bool = False


class SimulatedExitButton(_Table):
    """The same driver on a mock pin; pressed while the world's scene.json says so."""

    kind: Literal["simulated"]
    world: Path


class NoAnnunciator(_Table):
    """The page alone speaks."""

    kind: Literal["none"]


class GpioAnnunciator(_Table):
    """Two lamps and a buzzer, each on a GPIO pin by its Broadcom number."""

    kind: Literal["gpio"]
    green_pin: int = Field(strict=True, ge=0, le=27)
    red_pin: int = Field(strict=True, ge=0, le=27)
    buzzer_pin: int = Field(strict=True, ge=0, le=27)
    active_high: bool = True


class SimulatedAnnunciator(_Table):
    """The same driver on mock pins; every change goes to the world's signals.jsonl."""

    kind: Literal["simulated"]
    world: Path


class NoWatchdog(_Table):
    """The machine's own is left to systemd, or to nobody."""

    kind: Literal["none"]


class DeviceWatchdog(_Table):
    """A watchdog of the machine that resets it."""

    kind: Literal["device"]
    device: Path
    timeout_seconds: int = Field(default=15, strict=True, ge=5, le=60)


class ScreenTable(_Table):
    """The gate's page; loopback only."""

    port: int = Field(default=8600, strict=True, ge=0, le=65535)
    language: Literal["zh_CN", "en"] = "zh_CN"
    notices: tuple[Annotated[str, Field(min_length=1, max_length=120)], ...] = Field(
        default=(), max_length=4
    )
    """Shown while nobody is being served."""
    night_from: str = Field(default="20:00", pattern=_CLOCK_TIME)
    night_until: str = Field(default="06:30", pattern=_CLOCK_TIME)
    """The page is dark between these times of the compound."""
    volume: float = Field(default=0.8, ge=0, le=1)
    night_volume: float = Field(default=0.4, ge=0, le=1)
    voices: Path = Path("/etc/gatepost/voices")
    """Folder whose recordings replace the rendered prompts and tones; it need not be there."""


class ClockTable(_Table):
    """Who says whether the clock is right."""

    source: Literal["timedatectl", "simulated"] = "timedatectl"
    synced: bool = True
    """What the simulated source says."""


class BrokerTable(_Table):
    """The MQTT broker."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=1883, strict=True, ge=1, le=65535)


Camera = Annotated[
    DeviceCamera | VideoCamera | PicturesCamera | SimulatedCamera, Field(discriminator="kind")
]
Thermometer = Annotated[Mlx90614Thermometer | SimulatedThermometer, Field(discriminator="kind")]
Lock = Annotated[GpioLock | SimulatedLock, Field(discriminator="kind")]
Door = Annotated[NoDoor | GpioDoor | SimulatedDoor, Field(discriminator="kind")]
ExitButton = Annotated[
    NoExitButton | GpioExitButton | SimulatedExitButton, Field(discriminator="kind")
]
Watchdog = Annotated[NoWatchdog | DeviceWatchdog, Field(discriminator="kind")]
Annunciator = Annotated[
    NoAnnunciator | GpioAnnunciator | SimulatedAnnunciator, Field(discriminator="kind")
]


class GateSettings(_Table):
    """gate.toml."""

    gate: GateTable
    camera: Camera
    thermometer: Thermometer
    lock: Lock
    door: Door = NoDoor(kind="none")
    exit_button: ExitButton = NoExitButton(kind="none")
    annunciator: Annunciator = NoAnnunciator(kind="none")
    watchdog: Watchdog = NoWatchdog(kind="none")
    screen: ScreenTable = ScreenTable()
    clock: ClockTable = ClockTable()
    broker: BrokerTable = BrokerTable()

    @field_validator("door", "exit_button", "annunciator")
    @classmethod
    def _has_its_pins_to_itself(cls, part: _Table, info: ValidationInfo) -> _Table:
        taken = {
            pin: f"{name}.{key}"
            for name, table in info.data.items()
            if isinstance(table, BaseModel)
            for key, pin in _pins(table)
        }
        for key, pin in _pins(part):
            if pin in taken:
                raise ValueError(f"{key} must not be {taken[pin]}'s")
            taken[pin] = f"{info.field_name}.{key}"
        return part


def _pins(table: BaseModel) -> list[tuple[str, int]]:
    return [(key, value) for key, value in table if key == "pin" or key.endswith("_pin")]


class CollectorTable(_Table):
    """What the collector itself needs."""

    database: str = Field(min_length=1)
    """A file path, or an SQLAlchemy URL."""
    operations_key: Path
    """The private key that signs acknowledgements: operations.pem of ``gatepost keys init``."""
    fold_minutes: int = Field(default=10, strict=True, ge=0, le=1440)
    """Repeats of an open alert within this time are counted, not listed."""


class PageTable(_Table):
    """The staff page; loopback only until it has TLS."""

    port: int = Field(default=8700, strict=True, ge=0, le=65535)
    language: Literal["zh_CN", "en"] = "zh_CN"


class NotifyTable(_Table):
    """Who is told of alerts beside those who look at the page."""

    webhook: str = Field(default="", pattern=r"^(https?://[^\s]+)?$")
    """Gets one POST with JSON for each new alert; empty: nobody is told."""
    least: Literal["act_now", "look_today", "note"] = "look_today"
    """Alerts that are less urgent are not told."""


class CollectorSettings(_Table):
    """collector.toml."""

    collector: CollectorTable
    page: PageTable = PageTable()
    notify: NotifyTable = NotifyTable()
    broker: BrokerTable = BrokerTable()
