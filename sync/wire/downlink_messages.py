"""What the centre sends down to its gates, and what a gate says that it lacks; each signed with its own purpose.

Roster, policy and notices are whole and retained for the compound; their revisions only rise. A roster change holds
everything that has changed after its base, as it is now, for a gate whose roster is that base. Passages are pages of
one sequence, told apart by opaque cursors: a page follows on where its ``after`` is how far the gate has come. What
does not fit is asked for with Want, and the answer goes to that gate alone, on its own topic. Commands are
checkpoint.gate.commands.Command.
"""

from typing import Final

import msgspec

from checkpoint.ids import CompoundId, GateId, Revision
from checkpoint.policy import Policy
from checkpoint.rules.history import LedgerEntry

PASSAGES_EVERY_S: Final = 5
"""A page of passages goes out at least so often, if need be an empty one: a gate that hears none is cut off."""
MAX_PASSAGES: Final = 400
"""Entries a page."""


class PolicyOrder(msgspec.Struct, frozen=True, kw_only=True):
    """``down/policy``: from now on this policy counts."""

    compound: CompoundId
    policy: Policy
    """With its revision."""


class NoticesOrder(msgspec.Struct, frozen=True, kw_only=True):
    """``down/notices``: what the page shows while nobody is being served."""

    compound: CompoundId
    revision: Revision
    notices: tuple[str, ...]
    """At most MAX_NOTICES, each 1 to MAX_NOTICE_CHARACTERS long; empty: none."""


MAX_NOTICES: Final = 4
MAX_NOTICE_CHARACTERS: Final = 120


class CrossingsUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``down/passages``: crossings of the compound's gates, in the order in which the centre learnt of them."""

    compound: CompoundId
    at_us: int
    """When it was written, by the centre's clock, later than any page before: one that is sent again tells nothing of
    now."""
    after: str
    """The cursor before this page; "": from the beginning."""
    upto: str
    """The cursor after it; the same one where nothing is new."""
    entries: tuple[LedgerEntry, ...]
    unheard: tuple[GateId, ...] = ()
    """Gates of the compound that the centre does not hear: what they have seen may be missing."""
    roster: Revision | None = None
    """The newest at the centre, so that a gate learns within PASSAGES_EVERY_S that one was lost on its way; None: there
    has been none. So for the next two."""
    policy: Revision | None = None
    notices: Revision | None = None


class Want(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``up/want``: how far this gate is; the centre answers with what is newer."""

    roster: Revision | None = None
    """None: there has been none. So for the next two."""
    policy: Revision | None = None
    notices: Revision | None = None
    passages: str = ""
    """The cursor of the last page."""
