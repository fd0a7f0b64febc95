"""The parts around the door that the config names: contact, exit button, lamps and buzzer.

Each function gives what makes the part, for the loop to call until it succeeds, or None where the config
says that there is none. Making one raises DeviceError while it is not there.
"""

from collections.abc import Callable
from functools import partial
from typing import assert_never

from config.settings import (
    GateSettings,
    GpioAnnunciatorTable,
    GpioDoorTable,
    GpioExitButtonTable,
    NoAnnunciatorTable,
    NoDoorTable,
    NoExitButtonTable,
    SimulatedAnnunciatorTable,
    SimulatedDoorTable,
    SimulatedExitButtonTable,
)
from drivers import Annunciator, Door, ExitButton
from drivers.door.door_contact import DoorContact
from drivers.door.exit_button import PushButton
from drivers.door.lamps_buzzer import LampsAndBuzzer
from drivers.simulated import door as simulated_door
from drivers.simulated import world as simulated


def door_maker(settings: GateSettings) -> Callable[[], Door] | None:
    """Makes the door contact."""
    match settings.door:
        case NoDoorTable():
            return None
        case GpioDoorTable(pin=pin, open_high=open_high):
            return partial(DoorContact, pin, open_high)
        case SimulatedDoorTable(world=world):
            return partial(simulated_door.SimulatedDoor, world)
        case _ as other:
            assert_never(other)


def exit_button_maker(settings: GateSettings) -> Callable[[], ExitButton] | None:
    """Makes the exit button."""
    match settings.exit_button:
        case NoExitButtonTable():
            return None
        case GpioExitButtonTable(pin=pin, pressed_high=pressed_high):
            return partial(PushButton, pin, pressed_high)
        case SimulatedExitButtonTable(world=world):
            return partial(simulated_door.SimulatedExitButton, world)
        case _ as other:
            assert_never(other)


def annunciator_maker(settings: GateSettings) -> Callable[[], Annunciator] | None:
    """Makes lamps and buzzer."""
    match settings.annunciator:
        case NoAnnunciatorTable():
            return None
        case GpioAnnunciatorTable() as pins:
            return partial(
                LampsAndBuzzer, pins.green_pin, pins.red_pin, pins.buzzer_pin, pins.active_high
            )
        case SimulatedAnnunciatorTable(world=world):
            return partial(simulated.simulated_annunciator, world)
        case _ as other:
            assert_never(other)
