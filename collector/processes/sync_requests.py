"""What the gates have said that they have, and when each may be answered.

A gate that asks the same again waits longer and longer for the answer, since what it lacks may be on its way
over a slow link. What it says is not signed: it may call out what is signed, and nothing else.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from checkpoint.ids import CompoundId, GateId
from collector.processes.receipt import MAX_COMPOUND
from sync.downlink.decisions import MAX_REVISION
from sync.wire.downlink_messages import Want
from sync.wire.messages import gate_of
from sync.wire.session import Message

MAX_CURSOR: Final = 100
MAX_GATES: Final = 2_000
"""Ten times the largest site there is: whoever invents gates at the broker does not fill the memory."""
_FIRST_PATIENCE_S, _LONGEST_PATIENCE_S = 5.0, 60.0
Gate = tuple[CompoundId, GateId]


@dataclass(slots=True)
class _Asked:
    want: Want
    due_s: float
    patience_s: float = _FIRST_PATIENCE_S
    answered: bool = False


class SyncRequests:
    """The latest want of every gate that was heard since the connect."""

    def __init__(self) -> None:
        self._asked: dict[Gate, _Asked] = {}

    def hear(self, message: Message) -> None:
        """Note what a gate has. Raises ValueError, RecursionError: it is no want, and nothing is noted."""
        gate, want = _want_in(message)
        before = self._asked.pop(gate, None)
        if before is None or before.want != want:
            before = _Asked(want, time.monotonic())
        before.answered = False
        self._asked[gate] = before  # the one heard last stands last
        if len(self._asked) > MAX_GATES:
            del self._asked[next(iter(self._asked))]

    def forget(self) -> None:
        """The connection is gone: what a gate has may be another thing when it is back."""
        self._asked.clear()

    @property
    def compounds(self) -> set[CompoundId]:
        """From which anybody was heard."""
        return {compound for compound, _ in self._asked}

    def due(self) -> Iterator[tuple[Gate, Want]]:
        """Whom to answer now; it counts as answered when the next one is taken."""
        for gate, asked in list(self._asked.items()):
            if asked.answered or time.monotonic() < asked.due_s:
                continue
            yield gate, asked.want
            asked.answered, asked.due_s = True, time.monotonic() + asked.patience_s
            asked.patience_s = min(2 * asked.patience_s, _LONGEST_PATIENCE_S)


def _want_in(message: Message) -> tuple[Gate, Want]:
    """Whose it is and what it says. Raises ValueError also for what no database could be asked for."""
    gate = gate_of(message.topic)
    if gate[0] > MAX_COMPOUND:
        raise ValueError("no compound has this number")
    want = msgspec.json.decode(message.payload, type=Want)
    if len(want.passages) > MAX_CURSOR:
        raise ValueError("the cursor is none of ours")
    revisions = (want.roster, want.policy, want.notices)
    if not all(each is None or 0 <= each <= MAX_REVISION for each in revisions):
        raise ValueError("a revision is no time in microseconds")
    return gate, want
