"""The thermometer that the config names, and what is known of this very one."""

from typing import Literal, assert_never

from checkpoint.thermometry import Calibration
from config.calibration import load_calibrations
from config.settings import (
    GateSettings,
    Mlx90614Table,
    Mlx90632Table,
    SimulatedThermometerTable,
)
from drivers import Thermometer
from drivers.simulated.mlx90632 import SimulatedMlx90632
from drivers.simulated.world import SimulatedBus
from drivers.thermometer import mlx90614, mlx90632


def make_thermometer(settings: GateSettings) -> Thermometer:
    """The thermometer, whether it is there or not."""
    match settings.thermometer:
        case Mlx90614Table(bus=bus, address=address):
            return mlx90614.Mlx90614(lambda: mlx90614.open_bus(bus), address)
        case Mlx90632Table(bus=bus, address=address, emissivity=emissivity):
            return mlx90632.Mlx90632(lambda: mlx90632.open_bus(bus), address, emissivity)
        case SimulatedThermometerTable(world=world, model="mlx90614"):
            return mlx90614.Mlx90614(lambda: SimulatedBus(world))
        case SimulatedThermometerTable(world=world):
            return mlx90632.Mlx90632(lambda: SimulatedMlx90632(world))
        case _ as other:
            assert_never(other)


def variant_of(settings: GateSettings) -> Literal["generic", "medical"]:
    """Of an MLX90614 what the settings say; of the MLX90632 only the medical variant is taken."""
    match settings.thermometer:
        case Mlx90632Table() | SimulatedThermometerTable(model="mlx90632"):
            return "medical"
        case Mlx90614Table(part=part) | SimulatedThermometerTable(part=part):
            return part
        case _ as other:
            assert_never(other)


def accuracy_celsius(settings: GateSettings) -> float:
    """How far this part may be off by its maker's word, whether it is there or not."""
    match settings.thermometer:
        case Mlx90632Table() | SimulatedThermometerTable(model="mlx90632"):
            return mlx90632.ACCURACY_CELSIUS
        case _:
            return mlx90614.ACCURACY_CELSIUS[variant_of(settings)]


def calibration_of(settings: GateSettings) -> Calibration:
    """The calibration in force and the site's corrections. Raises ConfigError."""
    part = settings.thermometer
    in_force = load_calibrations(part.calibration, part.sensor).in_force()
    return Calibration(
        sensor=part.sensor,
        id="none" if in_force is None else in_force.id,
        offset_centicelsius=0 if in_force is None else in_force.offset_centicelsius,
        ambient_corrections=tuple(
            (round(ambient * 100), round(correction * 100))
            for ambient, correction in part.ambient_corrections
        ),
        lowest_ambient_centicelsius=round(part.lowest_ambient_celsius * 100),
        highest_ambient_centicelsius=round(part.highest_ambient_celsius * 100),
    )
