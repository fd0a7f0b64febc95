"""Which rows of the journal call for somebody at once, so that they need not wait behind a backlog.

Looked at are the rows that were not sent yet, each once, and of a long backlog only the newest:
what is a day old already can wait for its turn.
"""

from typing import Final

from checkpoint.ids import EpochId, Seq
from checkpoint.records import decode
from checkpoint.records.alerts import Severity, alerts_of
from sync.journal.view import JournalView
from sync.uplink import NOTHING, Uplink, Urgent

LOOKS_BACK: Final = 500


def is_urgent(body: str) -> bool:
    """Whether a record raises an alert on which somebody must act now. Whatever cannot be read does not."""
    try:
        alerts = alerts_of(decode(body))
    except (ValueError, RecursionError):
        return False
    return any(alert.severity is Severity.ACT_NOW for alert in alerts)


class UrgentRowScan:
    """How far the newest epoch has been looked at."""

    def __init__(self) -> None:
        self._looked_at: tuple[EpochId | None, Seq] = None, NOTHING

    def news(self, journal: JournalView, uplink: Uplink) -> Urgent | None:
        """The urgent ones of the rows that could not be sent at once."""
        if not uplink.connected or not uplink.heads:
            return None
        head = uplink.heads[-1]
        epoch, looked_at = self._looked_at
        sent = uplink.sent if uplink.in_hand == head else uplink.cursor(head.epoch)
        after = max(sent, looked_at if epoch == head.epoch else NOTHING, head.seq - LOOKS_BACK)
        if after >= head.seq:
            return None
        rows = journal.rows(head.epoch, Seq(after), LOOKS_BACK)
        self._looked_at = head.epoch, rows[-1].seq if rows else head.seq
        seqs = tuple(row.seq for row in rows if is_urgent(row.body))
        return Urgent(head.epoch, seqs) if seqs else None
