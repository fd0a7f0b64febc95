"""collector.toml: what a collector can be told."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from config.settings.broker import BrokerTable
from config.settings.table import Table


class CollectorTable(Table):
    """What the collector itself needs."""

    database: str = Field(min_length=1)
    """A file path, or an SQLAlchemy URL."""
    operations_key: Path
    """The private key that signs all that goes down: operations.pem of ``gatepost keys init``."""
    fold_minutes: int = Field(default=10, strict=True, ge=0, le=1440)
    """Repeats of an open alert within this time are counted, not listed."""


class PageTable(Table):
    """The staff page; loopback only until it has TLS."""

    port: int = Field(default=8700, strict=True, ge=0, le=65535)
    language: Literal["zh_CN", "en"] = "zh_CN"


class NotifyTable(Table):
    """Who is told of alerts beside those who look at the page."""

    webhook: str = Field(default="", pattern=r"^(https?://[^\s]+)?$")
    """Gets one POST with JSON for each new alert; empty: nobody is told."""
    least: Literal["act_now", "look_today", "note"] = "look_today"
    """Alerts that are less urgent are not told."""


class CollectorSettings(Table):
    """collector.toml."""

    collector: CollectorTable
    page: PageTable = PageTable()
    notify: NotifyTable = NotifyTable()
    broker: BrokerTable = BrokerTable()
