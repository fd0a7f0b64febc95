"""Topics and messages between a gate and its collector; docs/protocol.md has an example of each.

JSON over MQTT 3.1.1, QoS 1. A record's body is text inside the envelope, so that an envelope parses
even where a body does not.
"""

from typing import Final

import msgspec

from checkpoint.chain import JournalRow
from checkpoint.ids import GATE_ID, CompoundId, EpochId, GateId, Seq

ROOT: Final = "gatepost/1"
MAX_BATCH_RECORDS: Final = 200
MAX_BATCH_BYTES: Final = 65_536


class Batch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``up/records``: consecutive rows of one epoch."""

    gate: GateId
    epoch: EpochId
    records: tuple[JournalRow, ...]
    missing: tuple[tuple[Seq, Seq], ...] = ()
    """Ranges, both ends included, that the journal has lost: the collector stops waiting for them."""


class Ack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``down/ack``, signed: everything up to ``upto`` is committed at the collector."""

    gate: GateId
    db_generation: str
    """Another one: the collector's database was restored or replaced, and ``upto`` may be lower than before."""
    epoch: EpochId | None
    """None: a batch came that could not even be told an epoch."""
    upto: Seq
    """0: nothing yet."""
    hash_at_upto: str
    resend_from: Seq | None = None
    """Please send again from here: something between is missing."""
    singly: bool = False
    """Please send one record a batch: the last batch did not parse."""


STATE_EVERY_S: Final = 20.0
"""A gate says how it is at least so often."""
LATE_AFTER_S: Final = 70
"""Without a word for so long it is late: three reports are missing."""


class StateMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``up/state``, retained; the will is State(online=False, epoch)."""

    online: bool
    epoch: EpochId | None = None
    version: str = ""
    last_seq: Seq = Seq(0)
    unsynced: int = 0
    devices: dict[str, str] = {}
    roster_revision: int | None = None
    policy_revision: int | None = None
    """None: the gate has only its own config's."""
    at_us: int | None = None
    """The gate's wall clock when it said so, UTC microseconds: the collector tells its skew from it."""


def up(compound: CompoundId, gate: GateId, leaf: str) -> str:
    """A topic that the gate writes: records, state, want."""
    return f"{ROOT}/{compound}/{gate}/up/{leaf}"


def down(compound: CompoundId, gate: GateId, leaf: str) -> str:
    """A topic that the gate reads: ack, command, and answers to what it wanted."""
    return f"{ROOT}/{compound}/{gate}/down/{leaf}"


def down_to_all(compound: CompoundId, leaf: str) -> str:
    """A topic that all gates of a compound read: roster, roster-change, policy, notices, passages."""
    return f"{ROOT}/{compound}/down/{leaf}"


def gate_of(topic: str) -> tuple[CompoundId, GateId]:
    """Compound and gate of an ``up/`` topic. Raises ValueError."""
    *_, compound, gate, _way, leaf = topic.split("/")
    place = CompoundId(int(compound)), GateId(gate)
    # int() reads "0100" and "1_00" too; there is one topic only for each compound.
    if up(*place, leaf) != topic or not GATE_ID.fullmatch(gate):
        raise ValueError(f"{topic} is no topic of a gate")
    return place
