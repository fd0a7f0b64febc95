"""What a gate does with a message from the centre, without I/O: obey it, or say why not.

A roster is obeyed when it is signed for rosters by a trusted operations key, belongs to this compound,
can be read, and is newer than the one in force. The same one again changes nothing. Anything else is
refused with a reason that is journalled, and the old one stays.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from checkpoint.ids import CompoundId, Revision
from checkpoint.people import Roster, RosterDocument
from config.trust import Keys
from sync.signed import NotGenuine, Purpose, open_signed

MAX_REVISION: Final = 2**62
"""Beyond any year; databases end at 2**63."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """From now on this roster counts."""

    roster: Roster


@dataclass(frozen=True, slots=True)
class Known:
    """It is the one in force."""


@dataclass(frozen=True, slots=True)
class Denied:
    """It is not obeyed."""

    why: str


def read_roster(message: bytes, keys: Keys) -> Roster:
    """The roster in a signed message. Raises ValueError saying what is wrong with it."""
    body = open_signed(Purpose.ROSTER, message, keys)
    try:
        roster = Roster.of(msgspec.json.decode(body, type=RosterDocument))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not 0 <= roster.revision <= MAX_REVISION:
        raise ValueError(f"revision {roster.revision} is no time in microseconds")
    return roster


def consider_roster(
    message: bytes, keys: Keys, compound: CompoundId, in_force: Revision | None
) -> Accepted | Known | Denied:
    """Whether a roster that has arrived replaces the one in force. Raises nothing."""
    try:
        roster = read_roster(message, keys)
    except NotGenuine as error:
        return Denied(f"the roster {error}")
    except ValueError as error:
        return Denied(f"the roster cannot be read: {error}")
    if roster.compound != compound:
        return Denied(f"the roster is for compound {roster.compound}, this gate is in {compound}")
    if in_force is not None and roster.revision < in_force:
        return Denied(f"the roster's revision {roster.revision} is older than {in_force}, in force")
    if roster.revision == in_force:
        return Known()
    return Accepted(roster)
