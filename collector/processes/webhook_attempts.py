"""What is told to a webhook, and when it is tried again; pure.

One POST for each alert that is new and urgent enough. An answer of 2xx ends it. Anything else, also silence
for 10 s, is tried again after 5 s, 10 s, 20 s ... at most an hour, for about a day; then it is given up and
said in the log. The same alert may be told twice where an answer got lost: receivers tell by its id.
"""

from datetime import UTC, datetime
from typing import Final

import msgspec

from checkpoint.records.alerts import Severity
from collector.store.queries import AlertRow
from ui.words import LANGUAGES, phrases, word

FIRST_WAIT_S: Final = 5
LONGEST_WAIT_S: Final = 3600
MOST_TRIES: Final = 34


def wait_s(tries: int) -> int | None:
    """How long to wait after so many failed tries, at least 1; None: give up."""
    if tries >= MOST_TRIES:
        return None
    return int(min(FIRST_WAIT_S * 2.0 ** (tries - 1), LONGEST_WAIT_S))


def message(alert: AlertRow) -> bytes:
    """The JSON of one alert: codes for machines, and a sentence in both languages."""
    severity = Severity(alert.severity)
    first = datetime.fromtimestamp(alert.first_us / 1_000_000, UTC)
    return msgspec.json.encode(
        {
            "id": alert.id,
            "gate": alert.gate,
            "code": alert.code,
            "severity": severity.name,
            "subject": alert.subject,
            "first_at": first.isoformat(timespec="seconds"),
            "text": {
                language: f"{word(severity, language)}: "
                f"{phrases('AlertCode', language).get(alert.code, alert.code)} "
                f"({alert.gate}, {alert.subject})"
                for language in LANGUAGES
            },
        }
    )
