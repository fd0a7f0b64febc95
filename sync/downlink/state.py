"""What the downlink knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from checkpoint.ids import CompoundId, EpochId, GateId, Revision
from checkpoint.people import Roster
from config.trust import Keys

LONG_AGO_MS: Final = -(2**62)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom messages must be for, and by whom."""

    gate: GateId
    compound: CompoundId
    keys: Keys


@dataclass(frozen=True, slots=True)
class StoredRevisions:
    """The revisions that sync.db holds; None: there is none."""

    roster: Revision | None = None
    whole_roster: Revision | None = None
    """Of the last whole roster, on which the changes since rest."""
    policy: Revision | None = None
    notices: Revision | None = None


@dataclass(frozen=True, slots=True)
class Downlink:
    """All that the downlink knows. Times are CLOCK_MONOTONIC in milliseconds."""

    recipient: Recipient
    in_force: StoredRevisions
    roster: Roster | None = None
    """The one in force, once a change has needed it."""
    cursor: str = ""
    """How far pages of passages have come; "": from the beginning."""
    epoch: EpochId | None = None
    """The journal's, whose ledger the cursor belongs to."""
    begins: bool = True
    """Pages begin where the ledger ends: what waits in the inbox comes again, and must not lie there twice."""
    is_missing: bool = False
    asked_ms: int = LONG_AGO_MS
    newest: tuple[Revision | None, ...] = ()
    """What a page spoke of and was asked for last, and when."""
    newest_ms: int = 0
    page_us: int = 0
    """Of the last page, by the centre's clock: it only counts once."""
    refused: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """What was refused and why, and when that was journalled."""
    caught_up_ms: int | None = None
    """When a page of passages last followed on while the centre heard all gates."""
