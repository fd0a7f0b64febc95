"""What a gate has around it: settings, clock, watchdog, broker, roster."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from checkpoint.ids import CompoundId
from config.calibration import load_calibrations
from config.policies import load_policy
from config.settings import DeviceWatchdog, GateSettings
from config.settings.error import ConfigError
from config.trust import load_trust
from gatepost.doctor.finding import CheckResult, fail, ok, skip, warn
from kiosk.assemble import make_clock
from kiosk.files.trusted_state import TrustedState
from sync.journal.view import JournalView
from sync.store.reader import SyncReader

ANSWER_S: Final = 3.0


def check_settings(settings: GateSettings) -> Iterator[CheckResult]:
    """The files that the settings name."""
    part = settings.thermometer
    problems = []
    for load in (
        lambda: load_trust(settings.gate.trust),
        lambda: load_policy(settings.gate.policy),
        lambda: load_calibrations(part.calibration, part.sensor),
    ):
        try:
            load()
        except ConfigError as error:
            problems.append(str(error))
    yield fail("settings.wrong", "\n".join(problems)) if problems else ok("settings.ok")
    pretended = [
        name for name, table in settings if {"simulated"} & {*map(str, dict(table).values())}
    ]
    if pretended:
        yield warn("settings.simulated", tables=", ".join(pretended))


def check_running_gate(settings: GateSettings) -> Iterator[CheckResult]:
    """What the gate itself says of the parts that it holds."""
    journal = JournalView(settings.gate.data / "journal.db")
    journal.grown()  # which opens it
    states = journal.devices()
    journal.close()
    wrong = ", ".join(f"{device} {state}" for device, state in states.items() if state != "ok")
    yield fail("gate.faults", wrong, **states) if wrong else skip("gate.running", **states)


def check_clock(settings: GateSettings) -> Iterator[CheckResult]:
    """Whether it was set in this boot."""
    clock = make_clock(settings)
    until_s = time.monotonic() + ANSWER_S
    while not clock.synced() and time.monotonic() < until_s:
        time.sleep(0.05)
    now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(clock.wall_us() / 1_000_000))
    yield ok("clock.ok", now=now) if clock.synced() else warn("clock.unset", now=now)


def check_watchdog(settings: GateSettings) -> Iterator[CheckResult]:
    """Only looked at: opening it would start its count."""
    match settings.watchdog:
        case DeviceWatchdog(device=device):
            if device.exists() and os.access(device, os.W_OK):
                yield ok("watchdog.ok")
            else:
                yield fail("watchdog.gone", f"watchdog.device: {device}")
        case _:
            yield skip("watchdog.none")


def check_broker(settings: GateSettings) -> Iterator[CheckResult]:
    """Whether somebody listens there."""
    broker = settings.broker
    where = f"{broker.host}:{broker.port}"
    began_s = time.perf_counter()
    try:
        with closing(socket.create_connection((broker.host, broker.port), timeout=ANSWER_S)):
            took_ms = round((time.perf_counter() - began_s) * 1000, 1)
    except OSError as error:
        yield warn("broker.gone", f"broker.host, broker.port: {error}", where=where)
        return
    yield ok("broker.ok", where=where, connect_ms=took_ms)


def check_roster(settings: GateSettings) -> Iterator[CheckResult]:
    """Whether there is one that is obeyed, and how old it is."""
    try:
        trust, policy = load_trust(settings.gate.trust), load_policy(settings.gate.policy)
    except ConfigError:
        return  # check_settings has said so
    store = SyncReader(settings.gate.data / "sync.db")
    compound = CompoundId(settings.gate.compound)
    with closing(TrustedState(trust, store, compound, policy)) as trusted_state:
        revision = trusted_state.roster_revision
    if revision is None:
        yield warn("roster.none")
        return
    # A revision is the time in microseconds at which the centre made it.
    age_s = time.time() - revision / 1_000_000
    if age_s > policy.roster_stale_after_s:
        yield warn("roster.stale", age_hours=round(age_s / 3600, 1))
    else:
        yield ok("roster.ok", age_hours=round(age_s / 3600, 1))
