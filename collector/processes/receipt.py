"""One message from a gate, looked at by itself: whose it is, and what it holds."""

from dataclasses import dataclass

import msgspec

from checkpoint.ids import CompoundId, GateId
from collector.domain.batch_check import Arrival, examine
from sync.wire.messages import StateMessage, gate_of
from sync.wire.session import Message

MAX_COMPOUND = 65_535


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message whose topic is a gate's."""

    message: Message
    compound: CompoundId
    gate: GateId
    content: Arrival | StateMessage


def read(message: Message) -> Receipt:
    """What came. Raises ValueError saying why it is nothing of a gate's."""
    compound, gate = gate_of(message.topic)
    if not 0 <= compound <= MAX_COMPOUND:
        raise ValueError(f"{message.topic} is no topic of a gate")
    if message.topic.endswith("/records"):
        return Receipt(message, compound, gate, examine(gate, message.payload))
    try:
        state = msgspec.json.decode(message.payload, type=StateMessage)
    except RecursionError:
        raise ValueError("the state is nested too deeply") from None
    return Receipt(message, compound, gate, state)
