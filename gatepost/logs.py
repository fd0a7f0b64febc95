"""Log lines go to stderr, so that a command's stdout stays its own."""

import sys

import structlog


def log_to_stderr() -> None:
    """Time in UTC, level, event, key=value; coloured on a terminal."""
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
