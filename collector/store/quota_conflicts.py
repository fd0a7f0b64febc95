"""Outings beyond a household's quota that gates granted while they could not hear of each other.

When outings arrive, or are taken back, the outings of their households are judged anew by the quota in force
(checkpoint.rules.outings.excess), in the transaction that brought them. Of each that is one too many the staff are told
once. Where an earlier outing becomes known later, another one may turn out to have been due after all: its alert is
closed, if nobody has done so. So what has been told is at any time what is too many among all that is
known, in whatever order it came.

Looked at are only those that are not earlier than the earliest new one, for nothing else can have changed, and
only those that happened under this policy.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, and_, delete, insert, select

from checkpoint.ids import CompoundId, EpochId, GateId, HouseholdId, Seq
from checkpoint.policy import Direction
from checkpoint.records.alerts import Alert, AlertCode
from checkpoint.rules.history import LedgerEntry, latest_word
from checkpoint.rules.outings import excess
from collector.domain.alert_state import UNSETTLED, AlertAction, Step
from collector.domain.ingest import Raised
from collector.store.alerts import write_alerts
from collector.store.cases import act_on
from collector.store.crossings import entry_of
from collector.store.down_schema import CROSSINGS, QUOTA_CONFLICTS
from collector.store.orders import policy_order
from collector.store.schema import ALERT_RECORDS, ALERTS

LOOK_BACK_US: Final = 62 * 86_400_000_000
"""Twice the longest quota: what is older than this bears on nothing that is new."""
BY: Final = "gatepost"
DUE_AFTER_ALL: Final = "due after all: another outing of the household has become known"
Order = tuple[int, GateId, Seq]
Name = tuple[GateId, int]
"""A crossing's: its gate, and when the door opened."""


def flag_excess(
    connection: Connection,
    compound: CompoundId,
    new: Sequence[LedgerEntry],
    now_us: int,
    fold_us: int,
) -> None:
    """Raise QUOTA_CONFLICT for what has become one too many by these entries, and close what no longer is."""
    earliest = _earliest(new)
    order = policy_order(connection, compound) if earliest else None
    if order is None or order.policy.outings is None:
        return
    known = _outings(connection, compound, earliest)
    judged = {
        _name(entry): entry
        for entry in latest_word(known)
        if entry.household is not None
        and entry.order >= earliest[entry.household]
        and entry.passage_at_us >= order.policy.revision
    }
    beyond = {_name(entry) for entry in excess(known, order.policy.outings)} & judged.keys()
    told = _told(connection, judged)
    for name in sorted(beyond - told, key=lambda name: judged[name].order):
        entry = judged[name]
        alert = Alert(AlertCode.QUOTA_CONFLICT, entry.household or entry.person)
        raised = Raised(alert, entry.passage_at_us, known[entry], entry.seq)
        write_alerts(connection, entry.gate, [raised], fold_us)
        connection.execute(
            insert(QUOTA_CONFLICTS).values(gate=entry.gate, of_us=entry.passage_at_us)
        )
    for name in sorted(told - beyond):
        _take_back(connection, judged[name], now_us)


def _earliest(new: Iterable[LedgerEntry]) -> dict[HouseholdId, Order]:
    """Of every household that somebody left, or did not after all: the order of the earliest new entry."""
    earliest: dict[HouseholdId, Order] = {}
    for entry in new:
        if entry.direction is Direction.OUT and entry.household is not None:
            before = earliest.get(entry.household, entry.order)
            earliest[entry.household] = min(entry.order, before)
    return earliest


def _outings(
    connection: Connection, compound: CompoundId, earliest: dict[HouseholdId, Order]
) -> dict[LedgerEntry, EpochId]:
    """What is known of the households' outings, each with the journal that its seq belongs to."""
    query = select(CROSSINGS).where(
        CROSSINGS.c.compound == compound,
        CROSSINGS.c.household.in_(list(earliest)),
        CROSSINGS.c.direction == Direction.OUT.value,
        CROSSINGS.c.of_us >= min(earliest.values())[0] - LOOK_BACK_US,
    )
    return {entry_of(row): EpochId(row.epoch) for row in connection.execute(query).all()}


def _told(connection: Connection, judged: Iterable[Name]) -> set[Name]:
    """Those of which the staff have been told."""
    names = set(judged)
    query = select(QUOTA_CONFLICTS.c.gate, QUOTA_CONFLICTS.c.of_us).where(
        QUOTA_CONFLICTS.c.of_us.in_([passage_at_us for _, passage_at_us in names])
    )
    found = {(GateId(gate), passage_at_us) for gate, passage_at_us in connection.execute(query)}
    return found & names


def _take_back(connection: Connection, entry: LedgerEntry, now_us: int) -> None:
    connection.execute(
        delete(QUOTA_CONFLICTS).where(
            QUOTA_CONFLICTS.c.gate == entry.gate, QUOTA_CONFLICTS.c.of_us == entry.passage_at_us
        )
    )
    raised_by = and_(
        ALERT_RECORDS.c.gate == CROSSINGS.c.gate,
        ALERT_RECORDS.c.epoch == CROSSINGS.c.epoch,
        ALERT_RECORDS.c.seq == CROSSINGS.c.seq,
    )
    query = (
        select(ALERTS.c.id)
        .join(ALERT_RECORDS, ALERT_RECORDS.c.alert == ALERTS.c.id)
        .join(CROSSINGS, raised_by)
        .where(
            CROSSINGS.c.gate == entry.gate,
            CROSSINGS.c.of_us == entry.passage_at_us,
            ALERTS.c.code == AlertCode.QUOTA_CONFLICT.value,
            ALERTS.c.state.in_(UNSETTLED),
        )
    )
    step = Step(AlertAction.CLOSE, BY, now_us, DUE_AFTER_ALL)
    for alert in connection.execute(query).scalars().all():
        act_on(connection, alert, step)


def _name(entry: LedgerEntry) -> Name:
    return entry.gate, entry.passage_at_us
