"""The compounds' time zones: each is that of the policy in force there, and of nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, select

from checkpoint.ids import CompoundId, GateId
from checkpoint.policy import Policy
from collector.store.down_schema import COMPOUNDS
from collector.store.schema import GATES

UNTOLD: Final = ZoneInfo(Policy(name="").timezone)
"""Where the centre has set no policy: what a gate's own presets have."""


class _Zoned(msgspec.Struct, frozen=True):
    timezone: str


@dataclass(frozen=True, slots=True)
class Zones:
    """Whose clock a time is shown by."""

    compounds: Mapping[CompoundId, ZoneInfo]
    gates: Mapping[GateId, CompoundId]

    def of_compound(self, compound: CompoundId) -> ZoneInfo:
        """Of one compound."""
        return self.compounds.get(compound, UNTOLD)

    def of_gate(self, gate: GateId) -> ZoneInfo:
        """Of the compound in which this gate last reported."""
        return self.of_compound(self.gates.get(gate, CompoundId(0)))

    @property
    def first(self) -> ZoneInfo:
        """Of the compound with the lowest number that any gate is in."""
        return self.of_compound(min(self.gates.values(), default=CompoundId(0)))


def zones(connection: Connection) -> Zones:
    """As they are now."""
    policies = connection.execute(select(COMPOUNDS.c.compound, COMPOUNDS.c.policy))
    found = {
        CompoundId(compound): _zone(policy) for compound, policy in policies if policy is not None
    }
    gates = connection.execute(select(GATES.c.gate, GATES.c.compound))
    return Zones(found, {GateId(gate): CompoundId(compound) for gate, compound in gates})


def _zone(policy: str) -> ZoneInfo:
    """Of a stored policy; this machine's database of zones may be older than the one that it was checked with."""
    try:
        return ZoneInfo(msgspec.json.decode(policy, type=_Zoned).timezone)
    except LookupError:
        return UNTOLD
