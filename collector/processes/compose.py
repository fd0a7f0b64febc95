"""What a gate is sent that says how far it is, and what every gate is sent; bodies, not yet signed.

Reads the database and nothing else. A page's cursor is ``<db_generation>:<id of the last crossing>``: of
another database's cursor nothing can be told, so the pages begin anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import Connection

from checkpoint.ids import CompoundId, Revision
from collector.store.crossings import (
    beginning,
    crossings_after,
    newest_crossing,
    unheard_gates,
)
from collector.store.orders import notices_order, policy_order
from collector.store.revisions import InForce, Leaf, is_known
from collector.store.roster import roster_change, whole_roster
from sync.wire.downlink_messages import MAX_PASSAGES, CrossingsUpdate, Want
from sync.wire.signed import Purpose

MAX_PAGES: Final = 5
"""Pages in one answer, about 500 KB: the gate asks for the next ones when it has them."""


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A body and what it is: the leaf of its topic is the purpose of its signature."""

    purpose: Purpose
    body: bytes


class Composer:
    """Composes for the gates of one database.

    The newest whole roster of each compound is kept, for many gates may need it at once.
    """

    def __init__(self, db_generation: str) -> None:
        self._db_generation = db_generation
        self._page_us = 0
        """Of the last page; rises from each to the next."""
        self._wholes: dict[tuple[CompoundId, Leaf], tuple[Revision | None, OutboundMessage]] = {}

    def answers(
        self, connection: Connection, now: InForce, want: Want, now_us: int
    ) -> Iterator[OutboundMessage]:
        """What is newer than what the gate has, and one page of passages at least."""
        if (roster := self.answer_roster(connection, now, want.roster)) is not None:
            yield roster
        for leaf, has in ((Leaf.POLICY, want.policy), (Leaf.NOTICES, want.notices)):
            newest = now.revision(leaf)
            if newest is not None and (has is None or has < newest):
                yield self.whole(connection, now, leaf)
        yield from self._pages_from(connection, now, want.passages, now_us)

    def answer_roster(
        self, connection: Connection, now: InForce, has: Revision | None
    ) -> OutboundMessage | None:
        """The change since what the gate has, or the whole roster where that cannot be told."""
        newest = now.roster_revision
        if newest is None or (has is not None and has >= newest):
            return None
        if has is None or not is_known(connection, now.compound, has):
            return self.whole(connection, now, Leaf.ROSTER)
        return change_since(connection, now, has)

    def whole(self, connection: Connection, now: InForce, leaf: Leaf) -> OutboundMessage:
        """Roster, policy or notices as they are in force; they must be."""
        kept = self._wholes.get((now.compound, leaf))
        if kept is None or kept[0] != now.revision(leaf):
            kept = now.revision(leaf), _whole(connection, now, leaf)
            self._wholes[now.compound, leaf] = kept
        return kept[1]

    def _pages_from(
        self, connection: Connection, now: InForce, cursor: str, now_us: int
    ) -> Iterator[OutboundMessage]:
        """Pages that follow on the cursor, as far as MAX_PAGES go; an empty one where nothing is new."""
        id_ = _id_of(cursor, self._db_generation)
        if id_ is None or id_ > newest_crossing(connection, now.compound):
            id_ = beginning(connection, now.compound, now_us)
        for _ in range(MAX_PAGES):
            outbound, id_, full = self.page(connection, now, (cursor, id_), now_us)
            yield outbound
            if not full:
                return
            cursor = self.cursor_at(id_)

    def page(
        self, connection: Connection, now: InForce, behind: tuple[str, int], now_us: int
    ) -> tuple[OutboundMessage, int, bool]:
        """One page behind a cursor and its crossing; the id that it reaches, and whether there may be more."""
        after, id_ = behind
        self._page_us = max(now_us, self._page_us + 1)
        entries, upto = crossings_after(connection, now.compound, id_, MAX_PASSAGES)
        cursor = self.cursor_at(upto)
        passages = CrossingsUpdate(
            compound=now.compound,
            at_us=self._page_us,
            after=after,
            upto=cursor,
            entries=entries,
            unheard=unheard_gates(connection, now.compound, now_us),
            roster=now.roster_revision,
            policy=now.policy_revision,
            notices=now.notices_revision,
        )
        full = len(entries) == MAX_PASSAGES
        return OutboundMessage(Purpose.PASSAGES, msgspec.json.encode(passages)), upto, full

    def cursor_at(self, id_: int) -> str:
        """How far a gate is that has everything up to this crossing."""
        return f"{self._db_generation}:{id_}"


def change_since(connection: Connection, now: InForce, base: Revision) -> OutboundMessage:
    """All that is different from the roster of ``base``."""
    change = roster_change(connection, now.compound, base, Revision(now.roster_revision or 0))
    return OutboundMessage(Purpose.ROSTER_CHANGE, msgspec.json.encode(change))


def _whole(connection: Connection, now: InForce, leaf: Leaf) -> OutboundMessage:
    content: object
    match leaf:
        case Leaf.ROSTER:
            revision = Revision(now.roster_revision or 0)
            content = whole_roster(connection, now.compound, revision)
        case Leaf.POLICY:
            content = policy_order(connection, now.compound)
        case Leaf.NOTICES:
            content = notices_order(connection, now.compound)
    return OutboundMessage(Purpose(leaf.value), msgspec.json.encode(content))


def _id_of(cursor: str, db_generation: str) -> int | None:
    generation, _, number = cursor.rpartition(":")
    if generation != db_generation or not number.isdecimal() or len(number) > 18:
        return None
    return int(number)
