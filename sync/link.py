"""One MQTT connection (paho-mqtt), seen as a queue of what happened to it.

paho's thread only puts events into the queue; whoever owns the link takes them out and publishes from
its own thread, because publishing inside paho's callbacks can lock up. Subscriptions are renewed at
every connect. Sessions are clean: neither broker nor client is trusted to keep anything.
"""

import queue
from collections.abc import Sequence
from dataclasses import dataclass

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

KEEPALIVE_S = 20
QOS = 1


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker accepted us; publishing works."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone, or was refused; paho goes on trying."""

    why: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something arrived; the broker repeats it until Link.settle()."""

    topic: str
    payload: bytes
    retained: bool
    packet_id: int


LinkEvent = Connected | Disconnected | Message


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when the connection dies without a goodbye."""

    topic: str
    payload: bytes


class Link:
    """A connection that keeps trying; never raises for an absent broker."""

    def __init__(
        self,
        host: str,
        port: int,
        client_id: str,
        subscriptions: Sequence[str],
        will: Will | None = None,
    ) -> None:
        self._events: queue.SimpleQueue[LinkEvent] = queue.SimpleQueue()
        self._subscriptions = [(topic, QOS) for topic in subscriptions]
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        if will is not None:
            self._client.will_set(will.topic, will.payload, qos=QOS, retain=True)
        self._where = f"{host}:{port} (broker.host, broker.port)"
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(min_delay=1, max_delay=30)
        self._client.connect_async(host, port, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def next_event(self, timeout_s: float) -> LinkEvent | None:
        """What happened next, or None when nothing did within the time."""
        try:
            return self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand a message to the connection. Dropped while there is none: only an acknowledgement counts."""
        if self._client.is_connected():
            self._client.publish(topic, payload, qos=QOS, retain=retain)

    def settle(self, message: Message) -> None:
        """Tell the broker that this message has been dealt with."""
        self._client.ack(message.packet_id, QOS)

    def close(self) -> None:
        """Say goodbye and end paho's thread."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(
        self, client: Client, _: object, __: ConnectFlags, code: ReasonCode, ___: Properties | None
    ) -> None:
        if code.is_failure:
            self._events.put(Disconnected(f"the broker at {self._where} refused: {code}"))
            return
        if self._subscriptions:
            client.subscribe(self._subscriptions)
        self._events.put(Connected())

    def _on_connect_fail(self, _: Client, __: object) -> None:
        self._events.put(Disconnected(f"nobody answers at {self._where}"))

    def _on_disconnect(
        self, _: Client, __: object, ___: DisconnectFlags, code: ReasonCode, ____: Properties | None
    ) -> None:
        self._events.put(Disconnected(str(code)))

    def _on_message(self, _: Client, __: object, message: MQTTMessage) -> None:
        self._events.put(
            Message(message.topic, bytes(message.payload), message.retain, message.mid)
        )
