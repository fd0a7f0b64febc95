"""What all tables of a config file have in common."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """One table: unknown keys are mistakes, and nothing changes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
