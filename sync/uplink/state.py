"""What the uplink knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from checkpoint.ids import EpochId, Seq
from sync.journal.reader import Head

FIRST_MOST = 10
ACK_TIMEOUT_MS = 5_000
NOTHING = Seq(0)


@dataclass(frozen=True, slots=True)
class InFlight:
    """A batch on its way."""

    first: Seq
    last: Seq
    sent_at_ms: int


@dataclass(frozen=True, slots=True)
class Uplink:
    """All that the uplink knows."""

    heads: tuple[Head, ...] = ()
    cursors: Mapping[EpochId, Seq] = field(default_factory=dict)
    """The highest acknowledged row of each epoch."""
    db_generation: str | None = None
    contradicted: frozenset[EpochId] = frozenset()
    connected: bool = False
    sent: Seq = NOTHING
    """The highest row of the epoch in hand that was sent since the last setback."""
    in_flight: tuple[InFlight, ...] = ()
    asked_for: bool = False
    """A Send is out. Where it finds no rows, none other goes out until the journal has changed."""
    single_upto: Seq = NOTHING
    """Up to here one record a batch."""
    most: int = FIRST_MOST
    """Rows a batch, as fast as the link is."""
    urgent: tuple[Seq, ...] = ()
    """Rows of the newest epoch that are to go ahead."""
    ahead: tuple[Seq, ...] = ()
    """Rows of the newest epoch that went ahead, the last MOST_AHEAD."""
    timeout_ms: int = ACK_TIMEOUT_MS

    def cursor(self, epoch: EpochId) -> Seq:
        """The highest acknowledged row; 0: none."""
        return self.cursors.get(epoch, NOTHING)

    @property
    def in_hand(self) -> Head | None:
        """The oldest epoch with rows to send."""
        for head in self.heads:
            if head.epoch not in self.contradicted and self.cursor(head.epoch) < head.seq:
                return head
        return None

    @property
    def unsynced(self) -> int:
        """Rows that the collector has not acknowledged."""
        return sum(max(0, head.seq - self.cursor(head.epoch)) for head in self.heads)
