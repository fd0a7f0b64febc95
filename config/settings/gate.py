"""gate.toml: what a gate can be told."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from checkpoint.ids import GATE_ID
from config.settings.broker import BrokerTable
from config.settings.camera import Camera
from config.settings.door import (
    Annunciator,
    Door,
    ExitButton,
    Lock,
    NoAnnunciatorTable,
    NoDoorTable,
    NoExitButtonTable,
)
from config.settings.policy import preset_or_file
from config.settings.table import Table
from config.settings.thermometer import Thermometer

_CLOCK_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


class GateTable(Table):
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


class NoWatchdog(Table):
    """The machine's own is left to systemd, or to nobody."""

    kind: Literal["none"]


class DeviceWatchdog(Table):
    """A watchdog of the machine that resets it."""

    kind: Literal["device"]
    device: Path
    timeout_seconds: int = Field(default=15, strict=True, ge=5, le=60)


Watchdog = Annotated[NoWatchdog | DeviceWatchdog, Field(discriminator="kind")]


class ScreenTable(Table):
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
    pin: str = Field(default="", pattern=r"^([0-9]{4,8})?$")
    """Opens the page's own settings; empty: they stay shut."""


class ClockTable(Table):
    """Who says whether the clock is right."""

    source: Literal["timedatectl", "simulated"] = "timedatectl"
    synced: bool = True
    """What the simulated source says."""


class LockFile(BaseModel):
    """gate.toml as far as its lock."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    lock: Lock


class GateSettings(Table):
    """gate.toml."""

    gate: GateTable
    camera: Camera
    thermometer: Thermometer
    lock: Lock
    door: Door = NoDoorTable(kind="none")
    exit_button: ExitButton = NoExitButtonTable(kind="none")
    annunciator: Annunciator = NoAnnunciatorTable(kind="none")
    watchdog: Watchdog = NoWatchdog(kind="none")
    screen: ScreenTable = ScreenTable()
    clock: ClockTable = ClockTable()
    broker: BrokerTable = BrokerTable()

    @field_validator("door", "exit_button", "annunciator")
    @classmethod
    def _has_its_pins_to_itself(cls, part: Table, info: ValidationInfo) -> Table:
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
