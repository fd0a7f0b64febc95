"""What a gate does with a message from the centre, without I/O: obey it, or say why not.

A roster, a policy or notices are obeyed when they are signed for that by a trusted operations key, belong to this
compound, can be read, and are newer than what is in force. The same again changes nothing. A roster change must rest
on the very roster in force; one that rests on another base is missing something. Anything else is refused with a reason
that is journalled, and the old one stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from checkpoint.gate.commands import Command
from checkpoint.ids import CompoundId, GateId, Revision
from checkpoint.people import Roster, RosterChange, RosterDocument
from checkpoint.policy import Policy
from config.trust import Keys
from sync.wire.downlink_messages import (
    MAX_NOTICE_CHARACTERS,
    MAX_NOTICES,
    CrossingsUpdate,
    NoticesOrder,
    PolicyOrder,
)
from sync.wire.signed import NotGenuine, Purpose, open_signed

MAX_REVISION: Final = 2**62
"""Beyond any year; databases end at 2**63."""
MAX_ID_CHARACTERS: Final = 64
_Body = TypeVar("_Body", bound=msgspec.Struct)
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Accepted(Generic[_Value]):
    """From now on this counts."""

    value: _Value


@dataclass(frozen=True, slots=True)
class Known:
    """It is the one in force, or holds nothing new."""


@dataclass(frozen=True, slots=True)
class Missing:
    """It rests on something that has not arrived here: ask for it."""


@dataclass(frozen=True, slots=True)
class Denied:
    """It is not obeyed."""

    why: str
    only_old: bool = False
    """Genuine, and once obeyed by somebody: what a broker keeps may be older than what has come since."""


def read_roster(message: bytes, keys: Keys) -> Roster:
    """The roster in a signed message. Raises ValueError saying what is wrong with it."""
    document = _read(Purpose.ROSTER, message, keys, RosterDocument)
    return Roster.of(document)


def consider_roster(
    message: bytes, keys: Keys, compound: CompoundId, in_force: Revision | None
) -> Accepted[Roster] | Known | Denied:
    """Whether a roster that has arrived replaces the one in force. Raises nothing."""
    try:
        roster = read_roster(message, keys)
    except ValueError as error:
        return _denied("the roster", error)
    if roster.compound != compound:
        return _elsewhere("the roster", roster.compound, compound)
    return _newer("the roster", roster, roster.revision, in_force)


def consider_change(
    message: bytes, keys: Keys, compound: CompoundId, roster: Roster | None
) -> Accepted[Roster] | Known | Missing | Denied:
    """The roster after a change that has arrived. Raises nothing."""
    try:
        change = _read(Purpose.ROSTER_CHANGE, message, keys, RosterChange)
        if change.compound != compound:
            return _elsewhere("the roster change", change.compound, compound)
        if roster is not None and roster.revision >= change.revision:
            return Known()
        # Not a later one either: it may be of a time that a restored database has lost.
        if roster is None or roster.revision != change.base:
            return Missing()
        return Accepted(roster.changed(change))
    except ValueError as error:
        return _denied("the roster change", error)


def rebuild_roster(
    message: bytes, changes: Iterable[bytes], keys: Keys, compound: CompoundId
) -> Accepted[Roster] | Denied:
    """The roster of a stored whole one and the changes since, each verified again. Raises nothing."""
    whole = consider_roster(message, keys, compound, None)
    if not isinstance(whole, Accepted):
        return whole if isinstance(whole, Denied) else Denied("there is no roster")
    roster = whole.value
    for change in changes:
        match consider_change(change, keys, compound, roster):
            case Accepted(changed):
                roster = changed
            case Missing():
                return Denied("a roster change that others rest on is not there any more")
            case Denied() as denied:
                return denied
    return Accepted(roster)


def consider_policy(
    message: bytes, keys: Keys, compound: CompoundId, in_force: Revision | None
) -> Accepted[Policy] | Known | Denied:
    """Whether a policy that has arrived replaces the one in force. Raises nothing."""
    try:
        order = _read(Purpose.POLICY, message, keys, PolicyOrder)
        policy = order.policy
        _check_revision(policy.revision)
        ZoneInfo(policy.timezone)
    except (ValueError, LookupError, OSError) as error:
        return _denied("the policy", error)
    if order.compound != compound:
        return _elsewhere("the policy", order.compound, compound)
    return _newer("the policy", policy, policy.revision, in_force)


def consider_notices(
    message: bytes, keys: Keys, compound: CompoundId, in_force: Revision | None
) -> Accepted[NoticesOrder] | Known | Denied:
    """Whether notices that have arrived replace those in force. Raises nothing."""
    try:
        order = _read(Purpose.NOTICES, message, keys, NoticesOrder)
    except ValueError as error:
        return _denied("the notices", error)
    if order.compound != compound:
        return _elsewhere("the notices", order.compound, compound)
    lengths = [len(notice) for notice in order.notices]
    if len(lengths) > MAX_NOTICES or not all(0 < n <= MAX_NOTICE_CHARACTERS for n in lengths):
        return Denied(f"at most {MAX_NOTICES} notices of 1 to {MAX_NOTICE_CHARACTERS} characters")
    return _newer("the notices", order, order.revision, in_force)


def consider_passages(
    message: bytes, keys: Keys, compound: CompoundId
) -> Accepted[CrossingsUpdate] | Denied:
    """A page of crossings, if it is genuine and of this compound. Raises nothing."""
    try:
        page = _read(Purpose.PASSAGES, message, keys, CrossingsUpdate)
    except ValueError as error:
        return _denied("a page of passages", error)
    if page.compound != compound:
        return _elsewhere("a page of passages", page.compound, compound)
    return Accepted(page)


def consider_command(message: bytes, keys: Keys, gate: GateId) -> Accepted[Command] | Denied:
    """A command, if it is genuine and this gate's. Whether it is in time, the gate itself decides. Raises nothing."""
    try:
        command = _read(Purpose.COMMAND, message, keys, Command)
    except ValueError as error:
        return _denied("the command", error)
    if command.gate != gate:
        return Denied(f"the command is for gate {command.gate}")
    if command.lives_too_long:
        return Denied("the command expires later than it may, or before it was issued")
    if not 0 < len(command.id) <= MAX_ID_CHARACTERS:
        return Denied("the command's id is no UUID")
    return Accepted(command)


def _read(purpose: Purpose, message: bytes, keys: Keys, kind: type[_Body]) -> _Body:
    body = open_signed(purpose, message, keys)
    try:
        read = msgspec.json.decode(body, type=kind)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    _check_revision(getattr(read, "revision", Revision(0)))
    return read


def _check_revision(revision: Revision) -> None:
    if not 0 <= revision <= MAX_REVISION:
        raise ValueError(f"revision {revision} is no time in microseconds")


def _newer(
    what: str,
    value: _Value,
    revision: Revision,
    in_force: Revision | None,
) -> Accepted[_Value] | Known | Denied:
    if in_force is not None and revision < in_force:
        return Denied(f"{what}'s revision {revision} is older than {in_force}, in force", True)
    return Known() if revision == in_force else Accepted(value)


def _elsewhere(what: str, its_compound: CompoundId, compound: CompoundId) -> Denied:
    return Denied(f"{what} is for compound {its_compound}, this gate is in {compound}")


def _denied(what: str, error: Exception) -> Denied:
    genuine = not isinstance(error, NotGenuine)
    return Denied(f"{what} cannot be read: {error}" if genuine else f"{what} {error}")
