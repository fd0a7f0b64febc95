"""The gate's loop: poll -> step -> perform, some fifty times a second.

One turn, in this order:
 1. the codes in the newest frame, and from them at most one presentation;
 2. what the thermometer's thread has to say;
 3. the door, the exit button, and what volunteers ask for;
 4. the time;
 5. now and then: the journal, the inbox, the roster, the lock, the health for the page.

Everything that can happen becomes an event for checkpoint.gate.step(); its effects are performed in order
and the rest is dropped at the first that fails. The loop itself decides nothing, opens nothing by
itself, and leaves the lock shut however it ends.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from checkpoint.events import (
    Event,
    LockFailed,
    PassShown,
    ReadingTaken,
    RecordFailed,
    SeveralCodes,
    Tick,
)
from checkpoint.gate import is_free, step
from checkpoint.ids import Revision
from checkpoint.lane import (
    Effect,
    Face,
    Keep,
    Lane,
    Measure,
    Moment,
    Objection,
    Reply,
    Secure,
    Show,
    Unlock,
)
from checkpoint.phases import State
from checkpoint.presentation import InView, look
from checkpoint.records import Device, DeviceState, DoorChange, DoorState, Passage, Stamp
from drivers import Annunciator, CodeSource, DeviceError, Door, ExitButton, Lock
from kiosk.clock import Clock
from kiosk.desk import Desk
from kiosk.doorway import Doorway
from kiosk.health import DeviceReport, Health, failure
from kiosk.heartbeat import Heartbeat, Vital
from kiosk.inbox import empty_inbox
from kiosk.knowledge import Knowledge
from kiosk.last_run import LastRun
from kiosk.measuring import Measuring
from kiosk.notebook import Notebook

IDLE_S: Final = 0.004
DOOR_ALARMS: Final = {DoorState.FORCED, DoorState.HELD, DoorState.STUCK}
HOUSEKEEPING_S: Final = 0.5
LOCK_TURNS_MS: Final = 3000
"""Its timer comes round every second; a busy machine may be late."""


class Screen(Protocol):
    """What the loop tells the page."""

    def show(self, show: Show) -> None:
        """A new state for everybody to see."""

    def state(self, state: State) -> None:
        """What the gate remembers: who is held, who is on duty, what can be undone."""

    def passed(self, passage: Passage, show: Show) -> None:
        """One more line for the volunteer."""

    def health(self, reports: tuple[DeviceReport, ...], *, clock_synced: bool) -> None:
        """How the gate's parts are."""

    def is_shown(self) -> bool:
        """Whether a page was there to show it a moment ago."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a gate is made of."""

    lane: Lane
    codes: CodeSource
    measuring: Measuring
    find_lock: Callable[[], Lock]
    """Makes the lock; raises DeviceError while there is none."""
    find_door: Callable[[], Door] | None
    """As find_lock; None: the config says that there is none. So for the next two."""
    find_exit_button: Callable[[], ExitButton] | None
    find_annunciator: Callable[[], Annunciator] | None
    clock: Clock
    knowledge: Knowledge
    notebook: Notebook
    screen: Screen
    desk: Desk
    heartbeat: Heartbeat
    last_run: LastRun


class Loop:
    """One gate at work."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._state = State(on_duty=parts.notebook.on_duty())
        self._view = InView()
        self._health = Health(parts.notebook.keep, self._stamp, _devices(parts))
        self._lock: Lock | None = None
        self._doorway = Doorway(
            parts.find_door,
            parts.find_exit_button,
            parts.find_annunciator,
            self._health.report,
            parts.screen.is_shown,
        )
        self._housekeeping_due_s = 0.0
        self._published: tuple[str, Revision | None] | None = None

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop; the lock is shut and everything closed afterwards."""
        parts = self._parts
        in_order = False
        try:
            self._find_lock()
            self._doorway.find()
            self._parts.screen.show(Show(Face.READY))
            self._parts.screen.state(self._state)
            parts.heartbeat.ready()
            while not stop.is_set():
                if not self.turn():
                    time.sleep(IDLE_S)
            in_order = True
        finally:
            parts.heartbeat.stopping(in_order=in_order)
            if self._lock is not None:
                self._lock.close()
            self._doorway.close()
            parts.measuring.close()
            parts.codes.close()
            parts.notebook.close()

    def turn(self) -> bool:
        """One round. Returns whether there was anything new to look at."""
        looked = self._look()
        self._parts.heartbeat.came_round(Vital.CAMERA)
        for answer in self._parts.measuring.answers():
            if isinstance(answer, ReadingTaken):
                self._feed(answer)
            else:
                self._health.report(answer)
        for event in (*self._doorway.events(), *self._parts.desk.pending()):
            self._feed(event)
        self._feed(Tick())
        if time.monotonic() >= self._housekeeping_due_s:
            self._housekeeping_due_s = time.monotonic() + HOUSEKEEPING_S
            self._keep_house()
        self._parts.heartbeat.beat()
        return looked

    def _look(self) -> bool:
        try:
            codes = self._parts.codes.look()
        except DeviceError as error:
            self._health.report(failure(Device.CAMERA, error))
            return False
        if codes is None:
            return False
        self._health.report(DeviceReport(Device.CAMERA, DeviceState.OK))
        free = is_free(self._state.phase)
        self._view, presented = look(self._view, codes, _now_ms(), gate_is_free=free)
        if len(presented) == 1:
            look_up = self._parts.notebook.history
            self._feed(PassShown(self._parts.knowledge.identify(presented[0], look_up)))
        elif presented:
            self._feed(SeveralCodes())
        return True

    def _feed(self, event: Event) -> None:
        before = self._state
        self._state, effects = step(before, event, self._moment())
        show = next((effect for effect in effects if isinstance(effect, Show)), None)
        for place, effect in enumerate(effects):
            failed = self._perform(effect, show)
            if failed is not None:
                self._give_answers(effects[place + 1 :], failed)
                self._feed(failed)
                return
        if self._state != before:
            self._parts.screen.state(self._state)

    def _give_answers(self, dropped: tuple[Effect, ...], failed: Event) -> None:
        """What is not done any more must not leave a volunteer without an answer."""
        lock = isinstance(failed, LockFailed)
        why = Objection.LOCK_DOWN if lock else Objection.NOT_RECORDED
        for effect in dropped:
            if isinstance(effect, Reply):
                self._parts.desk.answer(Reply(effect.request, why))

    def _perform(self, effect: Effect, show: Show | None) -> Event | None:
        """Do it; what comes of it where it cannot be done."""
        match effect:
            case Measure(asked_ms):
                self._parts.measuring.ask(asked_ms)
            case Keep(record):
                if not self._parts.notebook.keep(record):
                    return RecordFailed(record)
                if isinstance(record, Passage) and show is not None:
                    self._parts.screen.passed(record, show)
                if isinstance(record, DoorChange) and record.state in DOOR_ALARMS:
                    self._doorway.alarm()
            case Unlock(milliseconds):
                if not self._move_lock(lambda lock: lock.release_for(milliseconds)):
                    return LockFailed()
            case Secure():
                self._move_lock(lambda lock: lock.secure())
            case Show():
                self._parts.screen.show(effect)
                self._doorway.show(effect)
            case Reply():
                self._parts.desk.answer(effect)
        return None

    def _move_lock(self, move: Callable[[Lock], None]) -> bool:
        if self._lock is None:
            return False
        try:
            move(self._lock)
        except DeviceError as error:
            self._lose_lock(error)
            return False
        return True

    def _find_lock(self) -> None:
        try:
            self._lock = self._parts.find_lock()
            self._health.report(DeviceReport(Device.LOCK, DeviceState.OK))
        except DeviceError as error:
            self._lose_lock(error)

    def _lose_lock(self, error: DeviceError) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            # It holds the pin that the next one needs.
            with suppress(DeviceError):
                lock.close()
        self._health.report(failure(Device.LOCK, error))

    def _keep_house(self) -> None:
        parts = self._parts
        parts.notebook.mend()
        parts.heartbeat.came_round(Vital.JOURNAL)
        trouble = parts.notebook.trouble
        state = DeviceState.GONE if trouble else DeviceState.OK
        self._health.report(DeviceReport(Device.JOURNAL, state, trouble))
        if self._lock is None:
            self._find_lock()
        if self._lock is None or _now_ms() - self._lock.timer_turned_ms() < LOCK_TURNS_MS:
            parts.heartbeat.came_round(Vital.LOCK)
        self._doorway.find()
        parts.knowledge.refresh()
        empty_inbox(parts.notebook, parts.knowledge, self._stamp)
        parts.screen.health(self._health.reports(), clock_synced=parts.clock.synced())
        status = (self._health.as_json(), parts.knowledge.roster_revision)
        if status != self._published and parts.notebook.publish_status(*status):
            self._published = status

    def _moment(self) -> Moment:
        stamp = self._stamp()
        return Moment(
            lane=self._parts.lane,
            monotonic_ms=_now_ms(),
            stamp=stamp,
            journal=self._parts.notebook.health,
            lock_ready=self._lock is not None,
            door_contact=self._doorway.has_contact,
        )

    def _stamp(self) -> Stamp:
        return stamp_now(self._parts.clock, self._parts.lane, self._parts.knowledge)


def _devices(parts: Parts) -> list[Device]:
    """The parts that this gate is said to have."""
    makers = {
        Device.DOOR: parts.find_door,
        Device.EXIT_BUTTON: parts.find_exit_button,
        Device.ANNUNCIATOR: parts.find_annunciator,
    }
    return [device for device in Device if makers.get(device, parts.find_lock) is not None]


def stamp_now(clock: Clock, lane: Lane, knowledge: Knowledge) -> Stamp:
    """The circumstances that every record carries."""
    return Stamp(
        at_us=clock.wall_us(),
        boot_id=clock.boot_id,
        uptime_ms=clock.uptime_ms(),
        clock_synced=clock.synced(),
        policy_revision=lane.policy.revision,
        roster_revision=knowledge.roster_revision,
    )


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
