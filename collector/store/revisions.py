"""What is in force in each compound, and the revisions under which it is given out.

A revision is the time of its issue in microseconds, and at least one more than any before it in this
compound. It is given out inside the transaction that writes under it, with the compound's row locked: who
sees a revision sees everything of it and of all earlier ones.
"""

from typing import Final

from sqlalchemy import Connection, Select, delete, exists, insert, select, update

from checkpoint.ids import CompoundId, Revision
from collector.domain.in_force import InForce, Leaf
from collector.store.database import insert_or_ignore
from collector.store.down_schema import COMPOUNDS, ROSTER_REVISIONS
from collector.store.queries import read
from collector.store.schema import GATES

_IN_FORCE: Final[Select[tuple[int, ...]]] = select(
    *(COMPOUNDS.c[name] for name in InForce.__struct_fields__)
)


def in_force(connection: Connection, compound: CompoundId) -> InForce:
    """The revisions in force."""
    found = read(connection, _IN_FORCE.where(COMPOUNDS.c.compound == compound), InForce)
    return found[0] if found else InForce(compound=compound)


def all_in_force(connection: Connection) -> list[InForce]:
    """Of every compound that has something in force, or a gate that has reported."""
    known = {each.compound: each for each in read(connection, _IN_FORCE, InForce)}
    gates = connection.execute(select(GATES.c.compound).distinct()).scalars()
    return [*known.values(), *(InForce(compound=CompoundId(c)) for c in gates if c not in known)]


def lock(connection: Connection, compound: CompoundId) -> InForce:
    """The revisions in force; until the commit nobody else changes anything of this compound."""
    insert_or_ignore(connection, COMPOUNDS, [{"compound": compound}])
    locked = _IN_FORCE.where(COMPOUNDS.c.compound == compound).with_for_update()
    return read(connection, locked, InForce)[0]


def issue(
    connection: Connection, compound: CompoundId, leaf: Leaf, now_us: int, above: int = 0
) -> Revision:
    """Give out the next revision of this leaf, higher than ``above``."""
    revision = Revision(max(now_us, lock(connection, compound).newest + 1, above + 1))
    changes = {f"{leaf.value}_revision": revision}
    connection.execute(update(COMPOUNDS).where(COMPOUNDS.c.compound == compound).values(changes))
    if leaf is Leaf.ROSTER:
        connection.execute(insert(ROSTER_REVISIONS).values(compound=compound, revision=revision))
    return revision


def renew(
    connection: Connection, compound: CompoundId, leaf: Leaf, now_us: int, above: int = 0
) -> Revision:
    """Give out what is in force under a new revision, to be published whole.

    Changes are told against no earlier roster from now on: somebody may have one under a revision of a time that
    this database has lost, and a change would leave what they have of it.
    """
    revision = issue(connection, compound, leaf, now_us, above)
    if leaf is Leaf.ROSTER:
        connection.execute(
            delete(ROSTER_REVISIONS).where(
                ROSTER_REVISIONS.c.compound == compound, ROSTER_REVISIONS.c.revision < revision
            )
        )
    return revision


def is_known(connection: Connection, compound: CompoundId, revision: Revision) -> bool:
    """Whether this database has given out a roster under this revision, and not renewed it since."""
    query = exists().where(
        ROSTER_REVISIONS.c.compound == compound, ROSTER_REVISIONS.c.revision == revision
    )
    return connection.execute(select(query)).scalar_one()
