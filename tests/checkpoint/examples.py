"""A resident, a pass, a lane and a moment in which everything is in order; tests change one thing."""

import dataclasses
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.entry_pass import Claims, Kind, key_id
from checkpoint.gate.context import Context, Lane, Scan
from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.people import Household, Resident, Standing
from checkpoint.policy import Direction, Policy
from checkpoint.records import Basis, Bearer, Crossing, Evidence, Stamp
from checkpoint.rules.facts import Facts, GateConditions
from checkpoint.rules.history import History, LastCrossing
from checkpoint.thermometry import Reading, Temperature

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {key_id(KEY.public_key()): KEY.public_key()}
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))

NOW_S = 1_900_000_000
COMPOUND = CompoundId(100)
CLAIMS = Claims(PersonId("P1"), 3, COMPOUND, NOW_S - 1000, NOW_S + 1000, Kind.RESIDENT)
HOUSEHOLD = Household(id=HouseholdId("7-301"), building="7", unit="301")
RESIDENT = Resident(id=PersonId("P1"), name="张**", household=HOUSEHOLD.id)
STANDING = Standing(RESIDENT, HOUSEHOLD)
POLICY = Policy(name="test")
ZONE = ZoneInfo("Asia/Shanghai")
TODAY = datetime.fromtimestamp(NOW_S, ZONE).date()
KNOWN = History(LastCrossing(Direction.OUT, NOW_S - 86_400))
"""Somebody who went out yesterday, on no quota."""
ROSTER = Revision(NOW_S * 1_000_000 - 60_000_000)
SCAN = Scan(CLAIMS, STANDING, "0123456789abcdef", KNOWN, ROSTER)

_ESTIMATES = {
    Temperature.NORMAL: 3650,
    Temperature.FEVER: 3800,
    Temperature.TOO_LOW: 3300,
    Temperature.UNSURE: 3700,
    Temperature.AMBIENT_OUT_OF_RANGE: 3640,
}


def reading(outcome: Temperature = Temperature.NORMAL) -> Reading:
    """A settled reading of this outcome."""
    return Reading(
        outcome=outcome, sensor="test", estimate_centicelsius=_ESTIMATES.get(outcome), samples=15
    )


def person(**changes: Any) -> Standing:
    """The example's resident, but for the changes."""
    resident = msgspec.structs.replace(RESIDENT, **changes)
    return Standing(resident, HOUSEHOLD if resident.household else None)


def facts(**changes: Any) -> Facts:
    """Facts on which the verdict is Admit without flags, but for the changes."""
    fields: dict[str, Any] = {
        "shown": CLAIMS,
        "standing": STANDING,
        "history": KNOWN,
        "direction": Direction.IN,
        "zone": ZONE,
        "now_s": NOW_S,
        "compound": COMPOUND,
        "policy": POLICY,
        "clock_trusted": True,
        "roster_age_s": 60,
        "reading": reading(),
        "gate": gate_conditions(changes),
    }
    return Facts(**{**fields, **changes})


def gate_conditions(changes: dict[str, Any]) -> GateConditions:
    """Everything is in order but for what the changes say of it, which is taken out of them."""
    names = [field.name for field in dataclasses.fields(GateConditions) if field.name in changes]
    return GateConditions(**{name: changes.pop(name) for name in names})


def policy(**changes: Any) -> Policy:
    """The test policy, but for the changes."""
    return msgspec.structs.replace(POLICY, **changes)


def stamp(**changes: Any) -> Stamp:
    """A stamp at NOW_S with a trusted clock, but for the changes."""
    fields: dict[str, Any] = {
        "at_us": NOW_S * 1_000_000,
        "boot_id": "boot",
        "uptime_ms": 1,
        "clock_synced": True,
        "policy_revision": Revision(0),
        "roster_revision": Revision(1),
    }
    return Stamp(**{**fields, **changes})


def lane(**changes: Any) -> Lane:
    """A lane inwards that measures, but for the changes."""
    fields: dict[str, Any] = {
        "compound": COMPOUND,
        "zone": ZONE,
        "direction": Direction.IN,
        "policy": POLICY,
        "measure_ms": 3000,
        "unlock_ms": 5000,
        "result_ms": 4000,
    }
    return Lane(**{**fields, **changes})


def context(monotonic_ms: int = 0, **changes: Any) -> Context:
    """A context in which everything works, but for the changes."""
    fields: dict[str, Any] = {
        "lane": lane(),
        "monotonic_ms": monotonic_ms,
        "stamp": stamp(),
        "gate": gate_conditions(changes),
    }
    return Context(**{**fields, **changes})


def crossing(**changes: Any) -> Crossing:
    """P1 of 7-301 went out at NOW_S, seen by the contact, on no quota; but for the changes."""
    passage_at_us = changes.pop("passage_at_us", NOW_S * 1_000_000)
    fields: dict[str, Any] = {
        "stamp": stamp(at_us=passage_at_us + 4_000_000),
        "passage_at_us": passage_at_us,
        "bearer": Bearer(person=PersonId("P1"), serial=3, compound=COMPOUND, kind=Kind.RESIDENT),
        "household": HOUSEHOLD.id,
        "direction": Direction.OUT,
        "direction_basis": Basis.LANE,
        "how": Evidence.DOOR,
    }
    return Crossing(**{**fields, **changes})
