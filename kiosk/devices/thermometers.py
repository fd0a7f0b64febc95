"""The thermometer that the config names, and what is known of this very one."""

from typing import assert_never

from checkpoint.thermometry import Calibration
from config.calibration import load_calibrations
from config.settings import GateSettings, Mlx90614Thermometer, SimulatedThermometer
from drivers import Thermometer
from drivers.simulated import world as simulated
from drivers.thermometer import mlx90614


def make_thermometer(settings: GateSettings) -> Thermometer:
    """The thermometer, whether it is there or not."""
    match settings.thermometer:
        case Mlx90614Thermometer(bus=bus, address=address):
            return mlx90614.Mlx90614(lambda: mlx90614.open_bus(bus), address)
        case SimulatedThermometer(world=world):
            return mlx90614.Mlx90614(lambda: simulated.SimulatedBus(world))
        case _ as other:
            assert_never(other)


def accuracy_celsius(settings: GateSettings) -> float:
    """How far this part may be off by its maker's word."""
    return mlx90614.ACCURACY_CELSIUS[settings.thermometer.part]


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
