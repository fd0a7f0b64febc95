"""The tables of the thermometer, one for each kind."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from config.settings.table import Table


class _InfraredThermometer(Table):
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


Thermometer = Annotated[Mlx90614Thermometer | SimulatedThermometer, Field(discriminator="kind")]
