"""What the staff does that concerns the gates, each inside the one transaction of its caller.

Every action is entered in the audit log with who did it and why, also one that changes nothing. What
changes gets a revision; dispatch, in its own process, sees that and sends it. Whatever is wrong with an action
is a Mistaken that says so, and then nothing was written.
"""

from uuid import uuid4

import msgspec
from sqlalchemy import Connection

from checkpoint.gate.commands import OBEY_WITHIN_S, OPEN_WITHIN_S, Command
from checkpoint.ids import CommandId, CompoundId, GateId, HouseholdId, PersonId, Revision
from checkpoint.people import Colour, Household, Resident
from checkpoint.policy import Policy
from checkpoint.records import CommandKind
from collector.domain.people import People
from collector.store import roster
from collector.store.down_schema import HOUSEHOLDS, PEOPLE, REVOKED
from collector.store.orders import AdminAction, add_command, enter_in_audit_log, keep, notices_order
from collector.store.revisions import Leaf, issue, lock
from collector.store.roster import RosterRow
from sync.wire.downlink_messages import MAX_NOTICE_CHARACTERS, MAX_NOTICES

MAX_SERIAL = 65_535


class Mistaken(ValueError):
    """This cannot be done; the text says why, and what would be right."""


def import_people(connection: Connection, action: AdminAction, people: People) -> Revision | None:
    """Let these people and households be the roster; None: they are it already.

    Revocations stay as they are here, also of people who had gone and come back: files do not hold them.
    """
    compound = people.compound
    is_first = lock(connection, compound).roster_revision is None
    lowest = roster.lowest_serials(connection, compound)
    before = roster.people_of(connection, compound)
    now = [
        msgspec.structs.replace(each, lowest_serial=lowest.get(each.id, 0))
        for each in people.residents
    ]
    homes = _rows(before.households, people.households)
    persons = _rows(before.residents, tuple(now))
    revision = None
    if homes or persons or is_first:
        revision = issue(connection, compound, Leaf.ROSTER, action.at_us)
        roster.write(connection, HOUSEHOLDS, compound, revision, homes)
        roster.write(connection, PEOPLE, compound, revision, persons)
    change = f"{len(people.households)} households, {len(people.residents)} people"
    enter_in_audit_log(connection, action, compound, ("roster import", "", change), revision)
    return revision


def set_colour(
    connection: Connection,
    action: AdminAction,
    compound: CompoundId,
    id_: HouseholdId,
    colour: Colour,
) -> Revision | None:
    """Give a household its health status; None: it has it already."""
    _needs_reason(action)
    lock(connection, compound)
    before = roster.household(connection, compound, id_)
    if before is None:
        raise Mistaken(f"no household {id_} in compound {compound}")
    revision = None
    if before.colour is not colour:
        row = RosterRow((id_,), msgspec.structs.replace(before, colour=colour))
        revision = _changed(connection, action, compound, row)
    change = f"{before.colour.value} -> {colour.value}"
    enter_in_audit_log(connection, action, compound, ("household colour", id_, change), revision)
    return revision


def revoke_below(
    connection: Connection, action: AdminAction, compound: CompoundId, person: PersonId, lowest: int
) -> Revision | None:
    """Let all this person's passes below a serial be void; None: they are already."""
    before = _somebody(connection, action, compound, person, lowest)
    revision = None
    if lowest > before.lowest_serial:
        row = RosterRow((person,), msgspec.structs.replace(before, lowest_serial=lowest))
        revision = _changed(connection, action, compound, row)
    enter_in_audit_log(
        connection, action, compound, ("pass revoke", person, f"below {lowest}"), revision
    )
    return revision


def restore_below(
    connection: Connection, action: AdminAction, compound: CompoundId, person: PersonId, lowest: int
) -> Revision | None:
    """Let this person's passes from a serial on be valid again, except those revoked singly; None: they are."""
    before = _somebody(connection, action, compound, person, lowest)
    revision = None
    if lowest < before.lowest_serial:
        row = RosterRow((person,), msgspec.structs.replace(before, lowest_serial=lowest))
        revision = _changed(connection, action, compound, row)
    enter_in_audit_log(
        connection, action, compound, ("pass restore", person, f"from {lowest} on"), revision
    )
    return revision


def revoke_pass(
    connection: Connection, action: AdminAction, compound: CompoundId, person: PersonId, serial: int
) -> Revision | None:
    """Let one pass be void; None: it is already."""
    before = _somebody(connection, action, compound, person, serial)
    revision = None
    if serial >= before.lowest_serial:
        revision = _list_pass(connection, action, compound, (person, serial), revoked=True)
    enter_in_audit_log(
        connection, action, compound, ("pass revoke", person, f"serial {serial}"), revision
    )
    return revision


def restore_pass(
    connection: Connection, action: AdminAction, compound: CompoundId, person: PersonId, serial: int
) -> Revision | None:
    """Let one pass that was revoked singly be valid again; None: it is already."""
    before = _somebody(connection, action, compound, person, serial)
    if serial < before.lowest_serial:
        below = f"all of {person}'s passes below {before.lowest_serial} are revoked"
        raise Mistaken(f"{below}; let those from {serial} on be valid again to restore this one")
    revision = _list_pass(connection, action, compound, (person, serial), revoked=False)
    enter_in_audit_log(
        connection, action, compound, ("pass restore", person, f"serial {serial}"), revision
    )
    return revision


def set_policy(
    connection: Connection, action: AdminAction, compound: CompoundId, policy: Policy
) -> Revision:
    """Let this policy be in force, under a revision of its own."""
    revision = issue(connection, compound, Leaf.POLICY, action.at_us)
    keep(connection, compound, Leaf.POLICY, policy)
    enter_in_audit_log(connection, action, compound, ("policy set", policy.name, ""), revision)
    return revision


def set_notices(
    connection: Connection, action: AdminAction, compound: CompoundId, notices: tuple[str, ...]
) -> Revision | None:
    """Show these on the gates' pages while nobody is served, instead of those before; None: they are shown."""
    if len(notices) > MAX_NOTICES:
        raise Mistaken(f"{len(notices)} notices; at most {MAX_NOTICES} fit on a gate's page")
    for text in notices:
        if not 1 <= len(text) <= MAX_NOTICE_CHARACTERS or not text.isprintable():
            raise Mistaken(
                f"{text!r}: a notice is one line of 1 to {MAX_NOTICE_CHARACTERS} characters"
            )
    lock(connection, compound)
    before = notices_order(connection, compound)
    revision = None
    if notices != (before.notices if before else ()):
        revision = issue(connection, compound, Leaf.NOTICES, action.at_us)
        keep(connection, compound, Leaf.NOTICES, notices)
    enter_in_audit_log(connection, action, compound, ("notice", "", " / ".join(notices)), revision)
    return revision


def command_gate(
    connection: Connection,
    action: AdminAction,
    compound: CompoundId,
    gate: GateId,
    kind: CommandKind,
) -> Command:
    """Have one gate do something once; it is worth nothing after its time."""
    _needs_reason(action)
    within_s = OPEN_WITHIN_S if kind is CommandKind.OPEN else OBEY_WITHIN_S
    command = Command(
        gate=gate,
        id=CommandId(str(uuid4())),
        kind=kind,
        issued_us=action.at_us,
        expires_us=action.at_us + within_s * 1_000_000,
        issued_by=action.who,
        reason=action.reason,
    )
    add_command(connection, compound, command)
    enter_in_audit_log(connection, action, compound, (f"gate {kind.value}", gate, command.id), None)
    return command


def _needs_reason(action: AdminAction) -> None:
    if not action.reason.strip():
        raise Mistaken("say why: a reason is needed, and it is recorded")


def _somebody(
    connection: Connection, action: AdminAction, compound: CompoundId, person: PersonId, serial: int
) -> Resident:
    _needs_reason(action)
    if not 0 <= serial <= MAX_SERIAL:
        raise Mistaken(f"{serial} is no serial of a pass; they are 0 to {MAX_SERIAL}")
    lock(connection, compound)
    found = roster.resident(connection, compound, person)
    if found is None:
        raise Mistaken(f"no {person} in the roster of compound {compound}")
    return found


def _changed(
    connection: Connection, action: AdminAction, compound: CompoundId, row: RosterRow
) -> Revision:
    revision = issue(connection, compound, Leaf.ROSTER, action.at_us)
    table = PEOPLE if isinstance(row.entry, Resident) else HOUSEHOLDS
    roster.write(connection, table, compound, revision, [row])
    return revision


def _list_pass(
    connection: Connection,
    action: AdminAction,
    compound: CompoundId,
    which: tuple[PersonId, int],
    *,
    revoked: bool,
) -> Revision | None:
    if roster.is_revoked(connection, compound, which) is revoked:
        return None
    revision = issue(connection, compound, Leaf.ROSTER, action.at_us)
    row = RosterRow(which, None, gone=not revoked)
    roster.write(connection, REVOKED, compound, revision, [row])
    return revision


def _rows(
    before: tuple[Household, ...] | tuple[Resident, ...],
    now: tuple[Household, ...] | tuple[Resident, ...],
) -> list[RosterRow]:
    """Those that are new or otherwise, and those that are no more."""
    old = {each.id: each for each in before}
    new = {each.id: each for each in now}
    changed = [RosterRow((id_,), each) for id_, each in new.items() if old.get(id_) != each]
    gone = [
        RosterRow((id_,), _remains(each), gone=True) for id_, each in old.items() if id_ not in new
    ]
    return changed + gone


def _remains(entry: Household | Resident) -> Household | Resident:
    """What is kept of somebody who is no more."""
    if isinstance(entry, Household):
        return Household(id=entry.id, building="", unit="")
    return Resident(id=entry.id, name="", lowest_serial=entry.lowest_serial)
