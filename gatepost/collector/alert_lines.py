"""An alert as one line of text or JSON, for ``gatepost collector alerts``."""

from datetime import UTC, datetime

import msgspec

from checkpoint.records.alerts import AlertCode, Severity
from collector.store.queries import AlertRow
from ui.words import Language, word


def json_line(alert: AlertRow) -> str:
    """One JSON object; times in UTC, ISO 8601."""
    return msgspec.json.encode(
        {
            "id": alert.id,
            "gate": alert.gate,
            "code": alert.code,
            "severity": Severity(alert.severity).name,
            "subject": alert.subject,
            "state": alert.state,
            "first_at": _iso(alert.first_us),
            "last_at": _iso(alert.last_us),
            "count": alert.count,
        }
    ).decode()


def text_line(alert: AlertRow, language: Language) -> str:
    """Urgency, what, gate, about whom, since when, and how often; control characters made visible."""
    severity, code = Severity(alert.severity), AlertCode(alert.code)
    subject = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in alert.subject)
    times = f" ×{alert.count}" if alert.count > 1 else ""
    return (
        f"{_iso(alert.first_us)}  {alert.gate}  {word(severity, language)}: "
        f"{word(code, language)} ({subject}){times}"
    )


def _iso(at_us: int) -> str:
    try:
        return datetime.fromtimestamp(at_us / 1_000_000, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):  # beyond the year 9999: a gate's clock was wrong
        return f"{at_us} us"
