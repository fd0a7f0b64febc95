"""Lock, door contact, exit button, lamps and buzzer: whether each is there, and what it does when told to."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from config.settings import GateSettings
from drivers import DeviceError, Signal
from gatepost.doctor.finding import CheckResult, fail, ok, skip
from kiosk.devices.door_parts import annunciator_maker, door_maker, exit_button_maker
from kiosk.devices.locks import make_lock

CLICK_MS: Final = 300
SIGNAL_S: Final = 1.0
STEADY_S: Final = 0.3
"""A contact counts once it has stopped bouncing."""


def check_lock(settings: GateSettings, *, click: bool) -> Iterator[CheckResult]:
    """Claims the lock, which leaves it shut; a click opens the door for 0.3 s."""
    try:
        lock = make_lock(settings.lock)
    except DeviceError as error:
        yield fail("lock.gone", error)
        return
    try:
        if click:
            lock.release_for(CLICK_MS)
            time.sleep(2 * CLICK_MS / 1000)
        else:
            lock.secure()
    except DeviceError as error:
        yield fail("lock.gone", error)
        return
    finally:
        with suppress(DeviceError):
            lock.close()
    yield ok("lock.clicked", click_ms=CLICK_MS) if click else ok("lock.ok")


def check_door(settings: GateSettings) -> Iterator[CheckResult]:
    """How the door stands."""
    make = door_maker(settings)
    if make is None:
        yield skip("door.none")
        return
    try:
        door = make()
        until_s = time.monotonic() + STEADY_S
        while time.monotonic() < until_s:
            door.moves()
            time.sleep(0.01)
        is_open = door.is_open()
        door.close()
    except DeviceError as error:
        yield fail("door.gone", error)
        return
    yield ok("door.open" if is_open else "door.shut", is_open=is_open)


def check_exit_button(settings: GateSettings) -> Iterator[CheckResult]:
    """Whether its pin can be read."""
    make = exit_button_maker(settings)
    if make is None:
        yield skip("exit_button.none")
        return
    try:
        button = make()
        button.was_pressed()
        button.close()
    except DeviceError as error:
        yield fail("exit_button.gone", error)
        return
    yield ok("exit_button.ok")


def check_annunciator(settings: GateSettings, *, click: bool) -> Iterator[CheckResult]:
    """Lamps and buzzer; with a click they say "go" and "stop" aloud."""
    make = annunciator_maker(settings)
    if make is None:
        yield skip("annunciator.none")
        return
    try:
        annunciator = make()
        for signal in (Signal.PASS, Signal.STOP) if click else ():
            annunciator.announce(signal, aloud=True)
            time.sleep(SIGNAL_S)
        annunciator.close()
    except DeviceError as error:
        yield fail("annunciator.gone", error)
        return
    yield ok("annunciator.played" if click else "annunciator.ok")
