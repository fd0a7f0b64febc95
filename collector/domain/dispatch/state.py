"""What dispatch knows. Times are CLOCK_MONOTONIC in milliseconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from checkpoint.ids import CompoundId, GateId, Revision
from collector.domain.in_force import Leaf
from sync.wire.downlink_messages import Want

Gate = tuple[CompoundId, GateId]
FIRST_PATIENCE_MS: Final = 5_000
LONG_AGO_MS: Final = -(2**62)


@dataclass(frozen=True, slots=True)
class Told:
    """What the gates of one compound have been told since the connect."""

    copies: Mapping[Leaf, Revision] = field(default_factory=dict)
    """What the broker retains."""
    roster: Revision | None = None
    """None: nothing since the retained copy."""
    crossing: int | None = None
    """The last one that was told; None: none yet since the connect."""
    page_due_ms: int = LONG_AGO_MS


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """The latest want of a gate, and when it may be answered."""

    want: Want
    due_ms: int
    patience_ms: int = FIRST_PATIENCE_MS
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Dispatch:
    """All that dispatch knows."""

    told: Mapping[CompoundId, Told] = field(default_factory=dict)
    requests: Mapping[Gate, SyncRequest] = field(default_factory=dict)
    """Since the connect; the one heard last stands last."""
    renewable_ms: Mapping[tuple[CompoundId, Leaf], int] = field(default_factory=dict)
    """From when each may be renewed again because something newer was seen."""
    settles_ms: int | None = None
    """When the broker will have said what it holds; None: there is no connection."""
    generation_is_checked: bool = False

    def of(self, compound: CompoundId) -> Told:
        """What its gates have been told."""
        return self.told.get(compound, Told())

    def is_settled(self, now_ms: int) -> bool:
        """Whether the broker has had the time to say what it holds."""
        return self.settles_ms is not None and now_ms >= self.settles_ms

    @property
    def asking(self) -> set[CompoundId]:
        """Compounds of which any gate was heard."""
        return {compound for compound, _ in self.requests}
