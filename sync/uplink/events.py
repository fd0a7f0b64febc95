"""What happens to the uplink, and what it has done about it."""

from dataclasses import dataclass

from checkpoint.ids import EpochId, Seq
from sync.journal.reader import Head
from sync.uplink.state import Uplink
from sync.wire.messages import Ack


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The broker is there."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The broker is gone."""


@dataclass(frozen=True, slots=True)
class Grown:
    """The journal's heads as they are now."""

    heads: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class Urgent:
    """These rows of the newest epoch, rising, call for somebody at once."""

    epoch: EpochId
    seqs: tuple[Seq, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """Rows after ``after`` up to ``last`` have been published; last == after: there was nothing."""

    epoch: EpochId
    after: Seq
    last: Seq


@dataclass(frozen=True, slots=True)
class Acked:
    """A genuine acknowledgement for this gate, and our own hash at its upto; None: no such row here."""

    ack: Ack
    own_hash: str | None


@dataclass(frozen=True, slots=True)
class Passed:
    """Time has passed."""


Event = LinkUp | LinkDown | Grown | Urgent | Sent | Acked | Passed


@dataclass(frozen=True, slots=True)
class Send:
    """Publish at most so many rows of the epoch with a higher seq, and report Sent."""

    epoch: EpochId
    after: Seq
    most: int


@dataclass(frozen=True, slots=True)
class SendAhead:
    """Publish these rows, whatever lies between them, and report nothing."""

    epoch: EpochId
    seqs: tuple[Seq, ...]


@dataclass(frozen=True, slots=True)
class SaveCursor:
    """Remember: this is acknowledged. A new generation forgets all other cursors."""

    epoch: EpochId
    upto: Seq
    db_generation: str
    forget_others: bool


@dataclass(frozen=True, slots=True)
class Contradicted:
    """Ask the gate for a new epoch."""

    epoch: EpochId
    why: str


Effect = Send | SendAhead | SaveCursor | Contradicted
Step = tuple[Uplink, tuple[Effect, ...]]
