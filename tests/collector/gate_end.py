"""A gate's end of the wire: sends its journal over a real broker until all of it is acknowledged."""

import time
from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.chain import JournalRow
from checkpoint.entry_pass import key_id
from checkpoint.ids import CompoundId, GateId
from sync.wire.link import Link
from sync.wire.messages import Ack, down, up
from sync.wire.session import Address, Connected, Introduction, Message
from sync.wire.signed import Purpose, open_signed
from tests.collector.journals import GATE, batch
from tests.patience import PATIENCE_S

COMPOUND = CompoundId(1)
_REPEAT_S = 0.2


class GateEnd:
    """Sends, listens, and repeats what has not been acknowledged."""

    def __init__(self, port: int, key: Ed25519PrivateKey, gate: GateId = GATE) -> None:
        self._gate = gate
        self._answer: Ack | None = None
        self._unanswered = 0
        self._keys = {key_id(key.public_key()): key.public_key()}
        introduction = Introduction(gate, [down(COMPOUND, gate, "ack")])
        self._link = Link(Address("127.0.0.1", port), introduction)
        while not isinstance(self._link.next_event(PATIENCE_S), Connected):
            pass

    def publish(self, payload: bytes, leaf: str = "records", *, retain: bool = False) -> None:
        """Hand one message to the broker."""
        self._link.publish(up(COMPOUND, self._gate, leaf), payload, retain=retain)

    def next_ack(self, timeout_s: float) -> Ack | None:
        """The next acknowledgement that bears the collector's signature."""
        event = self._link.next_event(timeout_s)
        if not isinstance(event, Message):
            return None
        self._link.puback(event)
        return msgspec.json.decode(open_signed(Purpose.ACK, event.payload, self._keys), type=Ack)

    def send_until_acked(self, payload: bytes) -> Ack:
        """Repeat one message until it is answered; what was repeated before may be answered as late as now."""
        late = self._unanswered
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self.publish(payload)
            self._unanswered += 1
            ack = self.next_ack(_REPEAT_S)
            while ack is not None:
                self._unanswered -= 1
                if ack != self._answer or late <= 0:
                    self._answer = ack
                    return ack
                late -= 1
                ack = self.next_ack(0)
        raise AssertionError("no acknowledgement came")

    def drain(self, rows: Sequence[JournalRow], size: int) -> None:
        """Send all rows in batches, in order, each again until it is acknowledged."""
        upto = 0
        while upto < len(rows):
            upto = max(upto, self.send_until_acked(batch(rows[upto : upto + size])).upto)

    def close(self) -> None:
        """Leave."""
        self._link.close()
