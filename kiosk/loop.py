"""The gate's loop: poll -> step -> perform, some fifty times a second.

One turn, in this order:
 1. the codes in the newest frame, or typed into the page by a scanner, and from them at most one presentation;
 2. what the thermometer's thread has to say;
 3. the door, the exit button, and what volunteers ask for;
 4. the time;
 5. now and then: the journal, the lock, the roster and policy, the inbox and its commands, the health for the page.

Everything that can happen becomes an event for checkpoint.gate.table.step(); its effects are performed in order
and the rest is dropped at the first that fails. The loop itself decides nothing, opens nothing by
itself, and leaves the lock shut however it ends.
"""

import threading
import time
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from checkpoint.gate.commands import Command, answer, event_of
from checkpoint.gate.context import (
    Context,
    Effect,
    Face,
    Keep,
    Measure,
    Objection,
    Reply,
    Secure,
    Show,
    Unlock,
)
from checkpoint.gate.events import (
    Event,
    LockFailed,
    PassShown,
    ReadingTaken,
    RecordFailed,
    SeveralCodes,
    Tick,
)
from checkpoint.gate.presentation import InView, look
from checkpoint.gate.state import GateState
from checkpoint.gate.table import is_free, step
from checkpoint.ids import Revision
from checkpoint.records import (
    Commanded,
    CommandKind,
    Device,
    DeviceState,
    DoorChange,
    DoorState,
    Passage,
    Stamp,
)
from checkpoint.rules.facts import GateConditions
from drivers import DeviceError
from kiosk.clock import Clock
from kiosk.clock_news import ClockNews
from kiosk.devices.doorway import Doorway
from kiosk.devices.health import DeviceReport, Health, failure
from kiosk.devices.watched_lock import WatchedLock
from kiosk.files.inbox import Inbox
from kiosk.files.trusted_state import TrustedState
from kiosk.heartbeat import Vital
from kiosk.parts import Parts

IDLE_S: Final = 0.004
DOOR_ALARMS: Final = {DoorState.FORCED, DoorState.HELD, DoorState.STUCK}
HOUSEKEEPING_S: Final = 0.5


class Loop:
    """One gate at work."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._state = GateState(on_duty=parts.journal_buffer.on_duty())
        self._view = InView()
        self._health = Health(
            parts.journal_buffer.keep,
            self._stamp,
            _devices(parts),
            parts.journal_buffer.device_states(),
        )
        self._lock = WatchedLock(parts.find_lock, self._health.report)
        self._doorway = Doorway(
            parts.find_door,
            parts.find_exit_button,
            parts.find_annunciator,
            self._health.report,
            parts.screen.is_shown,
        )
        self._lane = parts.lane
        self._inbox = Inbox(parts.journal_buffer, parts.trusted_state, self._stamp, self._answer)
        self._clock_news = ClockNews(parts.journal_buffer.keep, self._stamp)
        self._is_locked_out = parts.journal_buffer.is_locked_out()
        self._is_cut_off = True
        self._housekeeping_due_s = 0.0
        self._restarts = False
        self._published: tuple[str, Revision | None] | None = None

    def run(self, stop: threading.Event) -> bool:
        """Serve until told to stop; the lock is shut and everything closed afterwards.

        Returns whether the centre has told it to start anew.
        """
        parts = self._parts
        in_order = False
        try:
            self._lock.find()
            self._doorway.find()
            self._parts.screen.show(Show(Face.READY))
            self._parts.screen.state(self._state)
            parts.heartbeat.ready()
            while not stop.is_set() and not self._restarts:
                if not self.turn():
                    time.sleep(IDLE_S)
            in_order = True
        finally:
            parts.heartbeat.stopping(in_order=in_order)
            self._lock.close()
            self._doorway.close()
            parts.measuring.close()
            parts.codes.close()
            parts.journal_buffer.close()
            parts.trusted_state.close()
        return self._restarts

    def turn(self) -> bool:
        """One round. Returns whether there was anything new to look at."""
        looked = self._look()
        if is_free(self._state.phase) and (code := self._parts.request_queue.scan()):
            self._present((code,))
        self._parts.heartbeat.came_round(Vital.CAMERA)
        for told in self._parts.measuring.results():
            if isinstance(told, ReadingTaken):
                self._feed(told)
            else:
                self._health.report(told)
        for event in (*self._doorway.events(), *self._parts.request_queue.pending()):
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
        self._present(codes)
        return True

    def _present(self, codes: tuple[str, ...]) -> None:
        """Codes that are in view now; those held up for longer have been taken up already."""
        free = is_free(self._state.phase)
        self._view, presented = look(self._view, codes, _now_ms(), gate_is_free=free)
        if len(presented) == 1:
            look_up = self._parts.journal_buffer.history
            self._feed(PassShown(self._parts.trusted_state.identify(presented[0], look_up)))
        elif presented:
            self._feed(SeveralCodes())

    def _feed(self, event: Event) -> None:
        before = self._state
        self._state, effects = step(before, event, self._context())
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
                self._parts.request_queue.answer(Reply(effect.request, why))

    def _perform(self, effect: Effect, show: Show | None) -> Event | None:
        """Do it; what comes of it where it cannot be done."""
        match effect:
            case Measure(asked_ms):
                self._parts.measuring.ask(asked_ms)
            case Keep(record):
                if not self._parts.journal_buffer.keep(record):
                    return RecordFailed(record)
                if isinstance(record, Passage) and show is not None:
                    self._parts.screen.show_passage(record, show)
                if isinstance(record, DoorChange) and record.state in DOOR_ALARMS:
                    self._doorway.alarm()
            case Unlock(milliseconds):
                if not self._lock.move(lambda lock: lock.release_for(milliseconds)):
                    return LockFailed()
            case Secure():
                self._lock.move(lambda lock: lock.secure())
            case Show():
                self._parts.screen.show(effect)
                self._doorway.show(effect)
            case Reply():
                self._parts.request_queue.answer(effect)
        return None

    def _keep_house(self) -> None:
        parts = self._parts
        parts.journal_buffer.mend()
        parts.heartbeat.came_round(Vital.JOURNAL)
        trouble = parts.journal_buffer.trouble
        state = DeviceState.GONE if trouble else DeviceState.OK
        self._health.report(DeviceReport(Device.JOURNAL, state, trouble))
        self._lock.find()
        if self._lock.has_no_stuck_timer():
            parts.heartbeat.came_round(Vital.LOCK)
        self._doorway.find()
        parts.trusted_state.refresh()
        self._obey_trusted_state()
        self._clock_news.look()
        # Asked for first: what the report calls heard is in the inbox by then.
        is_cut_off = parts.is_cut_off()
        for command in self._inbox.commands():
            self._obey(command)
            if self._restarts:
                break  # what comes behind it is for the next start, if it is still in time
        self._is_cut_off = is_cut_off or not self._inbox.is_taken
        parts.screen.health(
            self._health.reports(),
            clock_synced=parts.clock.synced(),
            locked_out=self._is_locked_out,
        )
        status = (self._health.as_json(), parts.trusted_state.roster_revision)
        if status != self._published and parts.journal_buffer.publish_status(*status):
            self._published = status

    def _obey_trusted_state(self) -> None:
        policy = self._parts.trusted_state.policy
        self._parts.clock.raise_floor(self._parts.trusted_state.roster_revision or 0)
        if policy != self._lane.policy:
            self._lane = replace(self._lane, policy=policy, zone=ZoneInfo(policy.timezone))
            self._parts.measuring.obey(policy.temperature)
            self._parts.journal_buffer.admit_without_journal = policy.admit_without_journal

    def _answer(self, command: Command) -> Commanded:
        return answer(self._state, command, self._context())

    def _obey(self, command: Command) -> None:
        match command.kind:
            case CommandKind.LOCK_OUT | CommandKind.LIFT:
                self._is_locked_out = command.kind is CommandKind.LOCK_OUT
            case CommandKind.RESTART:
                self._restarts = True
            case CommandKind.OPEN | CommandKind.REMEASURE:
                event = event_of(self._state, command)
                if event is not None:
                    self._feed(event)

    def _context(self) -> Context:
        stamp = self._stamp()
        return Context(
            lane=self._lane,
            monotonic_ms=_now_ms(),
            stamp=stamp,
            gate=GateConditions(
                journal=self._parts.journal_buffer.health,
                lock_ready=self._lock.is_ready,
                locked_out=self._is_locked_out,
            ),
            door_contact=self._doorway.has_contact,
            cut_off=self._is_cut_off,
        )

    def _stamp(self) -> Stamp:
        return stamp_now(self._parts.clock, self._parts.trusted_state)


def _devices(parts: Parts) -> list[Device]:
    """The parts that this gate is said to have."""
    makers = {
        Device.DOOR: parts.find_door,
        Device.EXIT_BUTTON: parts.find_exit_button,
        Device.ANNUNCIATOR: parts.find_annunciator,
    }
    return [device for device in Device if makers.get(device, parts.find_lock) is not None]


def stamp_now(clock: Clock, trusted_state: TrustedState) -> Stamp:
    """The circumstances that every record carries."""
    return Stamp(
        at_us=clock.wall_us(),
        boot_id=clock.boot_id,
        uptime_ms=clock.uptime_ms(),
        clock_synced=clock.synced(),
        policy_revision=trusted_state.policy.revision,
        roster_revision=trusted_state.roster_revision,
    )


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
