"""Policy, notices and commands as they are kept, and the audit log."""

from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from checkpoint.gate.commands import Command
from checkpoint.ids import CompoundId, Revision
from checkpoint.policy import Policy
from checkpoint.records import CommandKind
from collector.domain.in_force import Leaf
from collector.store.down_schema import AUDIT_LOG, COMMANDS, COMPOUNDS
from sync.wire.downlink_messages import NoticesOrder, PolicyOrder


class AdminAction(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something, when and why."""

    who: str
    reason: str
    at_us: int


def policy_order(connection: Connection, compound: CompoundId) -> PolicyOrder | None:
    """The policy in force, with its revision; None: the centre has set none."""
    query = select(COMPOUNDS.c.policy, COMPOUNDS.c.policy_revision).where(
        COMPOUNDS.c.compound == compound
    )
    found = connection.execute(query).one_or_none()
    if found is None or found.policy is None:
        return None
    policy = msgspec.json.decode(found.policy, type=Policy)
    revision = Revision(found.policy_revision)
    return PolicyOrder(compound=compound, policy=msgspec.structs.replace(policy, revision=revision))


def notices_order(connection: Connection, compound: CompoundId) -> NoticesOrder | None:
    """The notices in force; None: there have been none."""
    query = select(COMPOUNDS.c.notices, COMPOUNDS.c.notices_revision).where(
        COMPOUNDS.c.compound == compound
    )
    found = connection.execute(query).one_or_none()
    if found is None or found.notices is None:
        return None
    notices = msgspec.json.decode(found.notices, type=tuple[str, ...])
    return NoticesOrder(
        compound=compound, revision=Revision(found.notices_revision), notices=notices
    )


def keep(connection: Connection, compound: CompoundId, leaf: Leaf, content: object) -> None:
    """Put a policy or notices in the place of those before; the revision was given out already."""
    text = msgspec.json.encode(content).decode()
    connection.execute(
        update(COMPOUNDS).where(COMPOUNDS.c.compound == compound).values({leaf.value: text})
    )


def add_command(connection: Connection, compound: CompoundId, command: Command) -> None:
    """Have it sent."""
    row = {**msgspec.structs.asdict(command), "kind": command.kind.value, "compound": compound}
    connection.execute(insert(COMMANDS).values(row))


_TO_SEND: Final = select(COMMANDS).where(
    COMMANDS.c.sent_us.is_(None), COMMANDS.c.expires_us > bindparam("now_us")
)


def has_commands(connection: Connection, now_us: int) -> bool:
    """Whether there is one to send."""
    return connection.execute(_TO_SEND.limit(1), {"now_us": now_us}).first() is not None


def take_commands(connection: Connection, now_us: int) -> list[tuple[CompoundId, Command]]:
    """Those that have not expired, oldest first; from now on they count as sent."""
    # Locked, so that two that send cannot both take one.
    query = _TO_SEND.order_by(COMMANDS.c.issued_us).with_for_update()
    found = connection.execute(query, {"now_us": now_us}).mappings().all()
    taken = []
    for row in found:
        fields = {name: row[name] for name in Command.__struct_fields__}
        command = Command(**{**fields, "kind": CommandKind(row["kind"])})
        taken.append((CompoundId(row["compound"]), command))
    sent = update(COMMANDS).where(COMMANDS.c.id.in_([command.id for _, command in taken]))
    connection.execute(sent.values(sent_us=now_us))
    return taken


def enter_in_audit_log(
    connection: Connection,
    action: AdminAction,
    compound: CompoundId,
    what: tuple[str, str, str],
    revision: Revision | None,
) -> None:
    """Enter an action in the audit log; ``what``: its kind, whom it is about, and what became of that."""
    kind, subject, change = what
    connection.execute(
        insert(AUDIT_LOG).values(
            compound=compound,
            kind=kind,
            subject=subject,
            change=change,
            revision=revision,
            **msgspec.structs.asdict(action),
        )
    )
