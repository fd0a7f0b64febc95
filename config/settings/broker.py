"""The table of the MQTT broker, in both files."""

from pydantic import Field

from config.settings.table import Table


class BrokerTable(Table):
    """The MQTT broker."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=1883, strict=True, ge=1, le=65535)
