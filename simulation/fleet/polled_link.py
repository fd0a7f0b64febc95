"""A link without a thread: somebody who waits for hundreds of sockets at once calls it when there is something."""

import random
import selectors
import time
from collections import deque

from sync.wire.link import wait_s
from sync.wire.session import Address, Disconnected, Introduction, LinkEvent, Message, MqttSession


class PolledLink:
    """The same connection as sync.wire.link.Link, turned from outside. Not for use by several threads."""

    def __init__(self, address: Address, introduction: Introduction) -> None:
        self._address, self._introduction = address, introduction
        self._events: deque[LinkEvent] = deque()
        self._session: MqttSession | None = None
        self._failures = 0
        self._due_s = 0.0

    @property
    def connection(self) -> tuple[int, int, int] | None:
        """Number and socket of the connection and what to wait for on it, while there is one."""
        if self._session is None or (fileno := self._session.fileno()) < 0:
            return None
        events = selectors.EVENT_READ
        if self._session.wants_write:
            events |= selectors.EVENT_WRITE
        return self._session.number, fileno, events

    @property
    def has_events(self) -> bool:
        """Whether next_event() has something."""
        return bool(self._events)

    def turn(self) -> None:
        """Connect when it is time to, read and write what there is."""
        if self._session is None:
            self._connect()
        elif not self._session.turn_at_once():
            self._lose(self._session)

    def next_event(self, timeout_s: float) -> LinkEvent | None:  # noqa: ARG002 (never waits)
        """See sync.wire.session.Connection."""
        return self._events.popleft() if self._events else None

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """See sync.wire.session.Connection."""
        if self._session is not None:
            self._session.publish(topic, payload, retain=retain)
            self._session.flush()

    def puback(self, message: Message) -> None:
        """See sync.wire.session.Connection."""
        if self._session is not None:
            self._session.puback(message)

    def close(self) -> None:
        """See sync.wire.session.Connection."""
        if self._session is not None:
            self._session.say_goodbye()
            while self._session.turn_at_once():
                time.sleep(0.001)
            self._session.close()

    def _connect(self) -> None:
        if time.monotonic() < self._due_s:
            return
        session = MqttSession(self._address, self._introduction, self._events.append)
        try:
            session.connect()
        except OSError:
            self._lose(session)
        else:
            self._session = session

    def _lose(self, session: MqttSession) -> None:
        self._session = None
        session.close()
        self._events.append(Disconnected(session.why))
        self._failures = 0 if session.accepted else self._failures + 1
        self._due_s = time.monotonic() + wait_s(self._failures, random.random())  # noqa: S311
