"""One MQTT connection (paho-mqtt) from its beginning to its end, for whoever turns its loop.

Link turns it in a thread of its own, the simulated fleet turns hundreds in one. Every connection has a new
client: paho would otherwise send again what was queued before the break, and only our own journal says
what is still to be sent. Subscriptions are made at every connect; sessions are clean, for neither
broker nor client is trusted to keep anything. Nothing is published inside paho's callbacks, which can lock up.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final, Protocol

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

KEEPALIVE_S: Final = 20
"""A link that is open at one end only is given up after twice this."""
CONNECT_TIMEOUT_S: Final = 10.0
QOS: Final = 1
_NUMBERS: Final = count(1)


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker accepted us; publishing works."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone, or was refused; another one will be tried."""

    why: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something arrived; the broker repeats it until it is settled."""

    topic: str
    payload: bytes
    retained: bool
    packet_id: int
    session: int
    """Number of the connection on which it came: in another one its packet id means another message."""


LinkEvent = Connected | Disconnected | Message


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when the connection dies without a goodbye."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port} (broker.host, broker.port)"


@dataclass(frozen=True, slots=True)
class Introduction:
    """How we present ourselves to the broker."""

    client_id: str
    subscriptions: Sequence[str]
    will: Will | None = None


class Transport(Protocol):
    """A link as those see it who take its events and publish."""

    def next_event(self, timeout_s: float) -> LinkEvent | None:
        """What happened next, or None when nothing did within the time."""

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand a message to the connection; dropped while there is none."""

    def puback(self, message: Message) -> None:
        """Tell the broker that this message has been dealt with."""

    def close(self) -> None:
        """Say goodbye."""


class MqttSession:
    """One connection. ``hear`` is called from the thread that turns the loop, which also closes it."""

    def __init__(
        self, address: Address, introduction: Introduction, hear: Callable[[LinkEvent], None]
    ) -> None:
        self._address, self._hear = address, hear
        self._subscriptions = [(topic, QOS) for topic in introduction.subscriptions]
        self.number = next(_NUMBERS)
        self.accepted = False
        """Whether the broker has ever taken us."""
        self.why = f"nobody answers at {address}"
        """Why it is over, once it is."""
        self._using = threading.Lock()
        """Held by whoever publishes from another thread: no socket may be closed under paho meanwhile."""
        self._client = client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=introduction.client_id,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        if (will := introduction.will) is not None:
            client.will_set(will.topic, will.payload, qos=QOS, retain=True)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_message = self._on_message
        # Tells paho that somebody turns the loop, or publish() would write to the socket by itself.
        client.on_socket_register_write = lambda *_: None

    def connect(self) -> None:
        """Open the connection and ask to be taken. Raises OSError."""
        self._client.connect(self._address.host, self._address.port, keepalive=KEEPALIVE_S)

    def turn(self, timeout_s: float) -> bool:
        """Read and write what there is, waiting at most so long; False: the connection is over."""
        return self._client.loop(timeout_s) is MQTTErrorCode.MQTT_ERR_SUCCESS

    def fileno(self) -> int:
        """The socket's, for a selector; -1 once the connection is over."""
        sock = self._client.socket()
        return -1 if sock is None else sock.fileno()

    def turn_at_once(self) -> bool:
        """As turn(), without asking the system first whether there is anything: for a selector's loop."""
        client = self._client
        code = client.loop_read()
        if code is MQTTErrorCode.MQTT_ERR_SUCCESS or code is MQTTErrorCode.MQTT_ERR_AGAIN:
            code = self.flush()
        again = code is MQTTErrorCode.MQTT_ERR_SUCCESS or code is MQTTErrorCode.MQTT_ERR_AGAIN
        return again and client.loop_misc() is MQTTErrorCode.MQTT_ERR_SUCCESS

    @property
    def wants_write(self) -> bool:
        """Whether there is something that the socket has not taken yet."""
        return self._client.want_write()

    def flush(self) -> MQTTErrorCode:
        """Write what the socket takes."""
        client = self._client
        return client.loop_write() if client.want_write() else MQTTErrorCode.MQTT_ERR_SUCCESS

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Hand a message to the connection. Dropped before it stands: only an acknowledgement counts."""
        with self._using:
            if self._client.is_connected():
                self._client.publish(topic, payload, qos=QOS, retain=retain)

    def puback(self, message: Message) -> None:
        """Tell the broker that a message of this connection has been dealt with."""
        with self._using:
            if message.session == self.number:
                self._client.ack(message.packet_id, QOS)

    def say_goodbye(self) -> None:
        """End in order, after what was published before; the loop has to be turned until it is over."""
        with self._using:
            self._client.disconnect()

    def close(self) -> None:
        """Let go of the sockets, once the loop is over or has failed. What is published afterwards is dropped.

        paho leaves that to the garbage collector: where its loop failed the broker would not hear of it till then,
        and the two sockets by which it wakes its own loop would stay, too.
        """
        with self._using:
            self._client.reinitialise()

    def _on_connect(
        self, client: Client, _: object, __: ConnectFlags, code: ReasonCode, ___: Properties | None
    ) -> None:
        if code.is_failure:
            self.why = f"the broker at {self._address} refused: {code}"
            return
        if self._subscriptions:
            client.subscribe(self._subscriptions)
        self.accepted = True
        self._hear(Connected())

    def _on_disconnect(
        self, _: Client, __: object, ___: DisconnectFlags, code: ReasonCode, ____: Properties | None
    ) -> None:
        if self.accepted:
            self.why = f"the connection to {self._address} ended: {code}"

    def _on_message(self, _: Client, __: object, message: MQTTMessage) -> None:
        # Unasked-for by the protocol, bounded by nothing; and settling it would end the connection: it has no id.
        if message.qos != QOS:
            return
        payload = bytes(message.payload)
        self._hear(Message(message.topic, payload, message.retain, message.mid, self.number))
