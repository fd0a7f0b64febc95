"""The tables of what moves or watches the door and tells of it: lock, contact, exit button, lamps and buzzer."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from config.settings.table import Table


class GpioLockTable(Table):
    """A relay on a GPIO pin, by its Broadcom number."""

    kind: Literal["gpio"]
    pin: int = Field(strict=True, ge=0, le=27)
    active_high: bool = True
    unlock_seconds: float = Field(default=5.0, ge=0.2, le=30)


class SimulatedLockTable(Table):
    """The same driver on gpiozero's mock pins; every change of the pin goes to the world's lock.jsonl."""

    kind: Literal["simulated"]
    world: Path
    unlock_seconds: float = Field(default=5.0, ge=0.2, le=30)


class NoDoorTable(Table):
    """No contact: whether somebody went through is not known."""

    kind: Literal["none"]


class GpioDoorTable(Table):
    """A door contact on a GPIO pin, by its Broadcom number."""

    kind: Literal["gpio"]
    pin: int = Field(strict=True, ge=0, le=27)
    open_high: bool = True


class SimulatedDoorTable(Table):
    """The same driver on a mock pin; people walk through as the world's scene.json says."""

    kind: Literal["simulated"]
    world: Path


class NoExitButtonTable(Table):
    """People leave by the door's own handle, or by a button that cuts the lock's power."""

    kind: Literal["none"]


class GpioExitButtonTable(Table):
    """A push button on a GPIO pin, by its Broadcom number."""

    kind: Literal["gpio"]
    pin: int = Field(strict=True, ge=0, le=27)
    pressed_high: bool = False


class SimulatedExitButtonTable(Table):
    """The same driver on a mock pin; pressed while the world's scene.json says so."""

    kind: Literal["simulated"]
    world: Path


class NoAnnunciatorTable(Table):
    """The page alone speaks."""

    kind: Literal["none"]


class GpioAnnunciatorTable(Table):
    """Two lamps and a buzzer, each on a GPIO pin by its Broadcom number."""

    kind: Literal["gpio"]
    green_pin: int = Field(strict=True, ge=0, le=27)
    red_pin: int = Field(strict=True, ge=0, le=27)
    buzzer_pin: int = Field(strict=True, ge=0, le=27)
    active_high: bool = True


class SimulatedAnnunciatorTable(Table):
    """The same driver on mock pins; every change goes to the world's signals.jsonl."""

    kind: Literal["simulated"]
    world: Path


Lock = Annotated[GpioLockTable | SimulatedLockTable, Field(discriminator="kind")]
Door = Annotated[NoDoorTable | GpioDoorTable | SimulatedDoorTable, Field(discriminator="kind")]
ExitButton = Annotated[
    NoExitButtonTable | GpioExitButtonTable | SimulatedExitButtonTable, Field(discriminator="kind")
]
Annunciator = Annotated[
    NoAnnunciatorTable | GpioAnnunciatorTable | SimulatedAnnunciatorTable,
    Field(discriminator="kind"),
]
