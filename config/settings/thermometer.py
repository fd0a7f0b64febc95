"""The tables of the thermometer, one for each kind."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from config.settings.table import Table


class _InfraredThermometer(Table):
    """What is to be known of any thermometer."""

    sensor: str = Field(min_length=1)
    """Name of this very part; it is stored with every reading."""
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


class Mlx90614Table(_InfraredThermometer):
    """Melexis MLX90614 on an I2C bus."""

    kind: Literal["mlx90614"]
    bus: int = Field(strict=True, ge=0, le=255)
    address: int = Field(default=0x5A, strict=True, ge=0x03, le=0x77)
    part: Literal["generic", "medical"] = "generic"


class Mlx90632Table(_InfraredThermometer):
    """Melexis MLX90632, medical variant, on an I2C bus."""

    kind: Literal["mlx90632"]
    bus: int = Field(strict=True, ge=0, le=255)
    address: int = Field(default=0x3A, strict=True, ge=0x03, le=0x77)
    emissivity: float = Field(default=1.0, ge=0.5, le=1.0)


class SimulatedThermometerTable(_InfraredThermometer):
    """The driver of either model on simulated registers, with the temperature that scene.json says."""

    kind: Literal["simulated"]
    world: Path
    model: Literal["mlx90614", "mlx90632"] = "mlx90614"
    sensor: str = Field(default="simulated", min_length=1)
    part: Literal["generic", "medical"] = "generic"


Thermometer = Annotated[
    Mlx90614Table | Mlx90632Table | SimulatedThermometerTable, Field(discriminator="kind")
]
