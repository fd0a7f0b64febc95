"""Log lines go to stderr, so that a command's stdout stays its own.

Whoever logs takes a logger from here. So none can log elsewhere, and a command that has nothing to log does not wait
for structlog to load.
"""

import sys

import structlog
from structlog.typing import FilteringBoundLogger


def logger() -> FilteringBoundLogger:
    """Writes time in UTC, level, event, key=value; coloured on a terminal.

    A program around ours that has configured structlog itself keeps what it has.
    """
    if not structlog.is_configured():
        _log_to_stderr()
    bound: FilteringBoundLogger = structlog.get_logger()
    return bound


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        # Looked up at every line: whoever runs a command within a program of their own may put another there.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
