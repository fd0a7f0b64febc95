"""The only place where concrete drivers meet: GateSettings -> the parts of one gate."""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import assert_never
from zoneinfo import ZoneInfo

from checkpoint.gate.context import Lane
from checkpoint.ids import CompoundId
from checkpoint.policy import Direction, Policy
from config.settings import (
    DeviceWatchdog,
    GateSettings,
    NoWatchdog,
    PicturesCameraTable,
    ScannerCameraTable,
    VideoCameraTable,
)
from config.trust import load_trust
from drivers import CodeSource
from drivers.camera.picture_watch import PictureWatch
from drivers.codes.camera_codes import CameraCodes
from drivers.codes.reader import QrReader
from drivers.codes.serial_scanner import SerialScanner
from drivers.hardware_watchdog import HardwareWatchdog
from kiosk.clock import AssertedClock, Clock, SystemClock
from kiosk.devices.cameras import make_camera
from kiosk.devices.door_parts import annunciator_maker, door_maker, exit_button_maker
from kiosk.devices.locks import make_lock
from kiosk.devices.measuring import MeasuringThread
from kiosk.devices.thermometers import calibration_of, make_thermometer
from kiosk.files.journal_buffer import JournalBuffer
from kiosk.files.last_run import LastRun
from kiosk.files.trusted_state import TrustedState
from kiosk.heartbeat import Heartbeat
from kiosk.loop import stamp_now
from kiosk.parts import Parts, Screen
from kiosk.screen.preview import CameraPreview, WatchedCamera
from kiosk.screen.request_queue import RequestQueue
from sync.journal.opening import open_journal
from sync.journal.reader import Head
from sync.link_report import is_cut_off
from sync.store.reader import SyncReader

MEASURE_MS = 6_000
"""A reading takes 1.5 s at the most; a bus that answers late gets as long again twice."""


def assemble(
    settings: GateSettings,
    policy: Policy,
    screen: Screen,
    request_queue: RequestQueue,
    preview: CameraPreview,
) -> Parts:
    """Build one gate. Devices that are absent do not stop it; raises ConfigError for wrong settings."""
    compound = CompoundId(settings.gate.compound)
    trust = load_trust(settings.gate.trust)
    lane = Lane(
        compound=compound,
        zone=ZoneInfo(policy.timezone),
        direction=_direction(settings),
        policy=policy,
        measure_ms=MEASURE_MS,
        unlock_ms=round(settings.lock.unlock_seconds * 1000),
        result_ms=round(settings.gate.result_seconds * 1000),
    )
    store = SyncReader(settings.gate.data / "sync.db")
    trusted_state, clock = TrustedState(trust, store, compound, policy), make_clock(settings)
    last_run = LastRun(settings.gate.data, clock.boot_id)
    journal = settings.gate.data / "journal.db"
    calibration = calibration_of(settings)
    return Parts(
        lane=lane,
        codes=make_code_source(settings, preview),
        measuring=MeasuringThread(make_thermometer(settings), calibration, policy.temperature),
        find_lock=lambda: make_lock(settings.lock),
        find_door=door_maker(settings),
        find_exit_button=exit_button_maker(settings),
        find_annunciator=annunciator_maker(settings),
        clock=clock,
        trusted_state=trusted_state,
        journal_buffer=JournalBuffer(
            lambda: open_journal(journal, _remembered(store)),
            lambda: stamp_now(clock, trusted_state),
            policy.admit_without_journal,
        ),
        screen=screen,
        request_queue=request_queue,
        heartbeat=Heartbeat(find_hardware=watchdog_finder(settings), tell=last_run.note_late),
        last_run=last_run,
        is_cut_off=partial(is_cut_off, settings.gate.data),
    )


def watchdog_finder(settings: GateSettings) -> Callable[[], HardwareWatchdog] | None:
    """Opens the hardware watchdog that the config names, if it names one."""
    match settings.watchdog:
        case NoWatchdog():
            return None
        case DeviceWatchdog(device=device, timeout_seconds=timeout_s):
            return partial(HardwareWatchdog, device, timeout_s)
        case _ as other:
            assert_never(other)


def make_code_source(settings: GateSettings, preview: CameraPreview) -> CodeSource:
    """What shows this gate its codes."""
    if isinstance(settings.camera, ScannerCameraTable):
        return SerialScanner(settings.camera.port, settings.camera.baud)
    camera = WatchedCamera(make_camera(settings.camera), preview)
    recorded = isinstance(settings.camera, VideoCameraTable | PicturesCameraTable)
    return CameraCodes(camera, QrReader(), None if recorded else PictureWatch())


def _direction(settings: GateSettings) -> Direction | None:
    lane = settings.gate.direction
    return None if lane == "both" else Direction(lane)


def make_clock(settings: GateSettings) -> Clock:
    """The clock that the config names."""
    if settings.clock.source == "simulated":
        return AssertedClock(synced=settings.clock.synced)
    return SystemClock()


def _remembered(store: SyncReader) -> Head | None:
    try:
        return store.head()
    except (
        sqlite3.Error
    ):  # sync has never run, or its file is damaged: there is nothing to compare with
        return None
