"""up/want as it comes from a gate -> whose it is and what it says."""

from typing import Final

import msgspec

from checkpoint.ids import MAX_COMPOUND, MAX_REVISION
from collector.domain.dispatch.events import GateAsked
from sync.wire.downlink_messages import Want
from sync.wire.messages import gate_of

MAX_CURSOR: Final = 100


def read_want(topic: str, payload: bytes) -> GateAsked:
    """Raises ValueError or RecursionError for what is no want, or what no database could be asked for."""
    gate = gate_of(topic)
    if gate[0] > MAX_COMPOUND:
        raise ValueError("no compound has this number")
    want = msgspec.json.decode(payload, type=Want)
    if len(want.passages) > MAX_CURSOR:
        raise ValueError("the cursor is none of ours")
    revisions = (want.roster, want.policy, want.notices)
    if not all(each is None or 0 <= each <= MAX_REVISION for each in revisions):
        raise ValueError("a revision is no time in microseconds")
    return GateAsked(gate, want)
