"""A connection to the broker that keeps trying, seen as a queue of what happened to it.

A thread of our own turns one session after the other and only puts events into the queue; whoever owns
the link takes them out and publishes from its own thread. Between two attempts it waits, from one second to
half a minute, each time a different while: after a broker's restart not all gates knock at once.

Whatever the thread dies of (seen in paho: #894), next_event() notices and starts another one.
"""

import queue
import random
import threading
from typing import Final

from config.log_lines import logger
from sync.wire.session import Address, Disconnected, Introduction, LinkEvent, Message, MqttSession

FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 30.0
_TURN_S: Final = 1.0
GOODBYE_S: Final = 3.0
_LOG: Final = logger()


def wait_s(failures: int, chance: float) -> float:
    """How long to wait after so many failed attempts in a row; ``chance`` is anything from 0 to 1."""
    longest_s = min(FIRST_WAIT_S * 2.0 ** min(failures, 10), LONGEST_WAIT_S)
    return longest_s * (1 + chance) / 2


class Link:
    """A connection that keeps trying; never raises for an absent broker."""

    def __init__(self, address: Address, introduction: Introduction) -> None:
        self._address, self._introduction = address, introduction
        # Not a SimpleQueue: its get(timeout) waits for good where a signal comes as the time is over (Python 3.11).
        self._events: queue.Queue[LinkEvent] = queue.Queue()
        self._closing = threading.Event()
        self._session: MqttSession | None = None
        self._thread = self._start()

    def next_event(self, timeout_s: float) -> LinkEvent | None:
        """What happened next, or None when nothing did within the time."""
        if not self._thread.is_alive() and not self._closing.is_set():
            _LOG.error("the connection's thread died; it is started anew")
            self._session = None
            self._events.put(Disconnected("the thread of the connection died"))
            self._thread = self._start()
        try:
            return self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand a message to the connection. Dropped while there is none: only an acknowledgement counts."""
        if (session := self._session) is not None:
            session.publish(topic, payload, retain=retain)

    def puback(self, message: Message) -> None:
        """Tell the broker that this message has been dealt with."""
        if (session := self._session) is not None:
            session.puback(message)

    def close(self) -> None:
        """Say goodbye and end the thread."""
        self._closing.set()
        if (session := self._session) is not None:
            session.say_goodbye()
        self._thread.join(GOODBYE_S)
        if self._thread.is_alive():
            _LOG.warning("the connection's thread has not ended and is left", waited_s=GOODBYE_S)

    def _start(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name="link", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        failures = 0
        while not self._closing.is_set():
            session = MqttSession(self._address, self._introduction, self._events.put)
            why = self._live_through(session)
            self._session = None
            self._events.put(Disconnected(why))
            failures = 0 if session.accepted else failures + 1
            self._closing.wait(wait_s(failures, random.random()))  # noqa: S311 (no secret)

    def _live_through(self, session: MqttSession) -> str:
        """Connect and turn until it is over; why it is."""
        try:
            session.connect()
            self._session = session
            if self._closing.is_set():  # close() may have come before there was a session to end
                session.say_goodbye()
            while session.turn(_TURN_S):
                pass
        except OSError:
            return session.why
        except Exception as error:  # noqa: BLE001 (paho raises what its input makes it raise)
            _LOG.exception("the connection's loop failed")
            return f"{type(error).__name__}: {error}"
        finally:
            session.close()
        return session.why
