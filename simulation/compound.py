"""The demo's compound: keys, households, residents and their passes, and the settings of two gates."""

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.entry_pass import Claims, Kind, issue_pass
from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.people import Colour, Household, Resident, RosterDocument, last_four, mask_name
from collector.domain.accounts import ADMINISTRATOR, hash_password
from collector.domain.people import People
from collector.store.accounts import set_password
from collector.store.database import database_url, migrate, opened_database
from config.key_files import OPERATIONS_KEY, TRUST, make_keys
from simulation.processes import free_port
from sync.wire.signed import Purpose, sign

COMPOUND: Final = CompoundId(1)
GATES: Final = {"east-in": "in", "east-out": "out"}
DAY_S: Final = 86_400
VOLUNTEER: Final = PersonId("V0000001")
NAMES: Final = (
    "王桂芳", "李建国", "张敏", "刘洋", "陈秀英", "杨帆", "赵磊", "黄丽华", "周强", "吴秀兰", "徐静", "孙浩",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manner:
    """How the gates of a compound behave."""

    unlock_seconds: float
    result_seconds: float = 1.5
    notices: tuple[str, ...] = ()
    pin: str = ""


@dataclass(frozen=True, slots=True)
class Compound:
    """Where everything of the demo lies."""

    folder: Path
    broker_port: int
    page_ports: dict[str, int]
    staff_port: int
    staff_password: str
    """Of the staff page's administrator; made anew for every demo."""

    @property
    def keys(self) -> Path:
        """The folder of the compound's keys."""
        return self.folder / "keys"

    @property
    def database(self) -> Path:
        """The collector's."""
        return self.folder / "collector.db"

    @property
    def collector_config(self) -> Path:
        """Its settings."""
        return self.folder / "collector.toml"

    def gate_config(self, gate: str) -> Path:
        """A gate's settings."""
        return self.folder / f"{gate}.toml"

    def world(self, gate: str) -> Path:
        """Who stands before that gate."""
        return self.folder / gate / "world"

    def journal(self, gate: str) -> Path:
        """What it wrote down."""
        return self.folder / gate / "journal.db"


def found(folder: Path, broker_port: int, *, unlock_seconds: float) -> Compound:
    """Make keys and settings of brisk gates in an empty folder."""
    return found_with(folder, broker_port, Manner(unlock_seconds))


def found_with(folder: Path, broker_port: int, manner: Manner) -> Compound:
    """Make keys and settings in an empty folder."""
    ports = {gate: free_port() for gate in GATES}
    compound = Compound(folder, broker_port, ports, free_port(), secrets.token_urlsafe(9))
    make_keys(compound.keys)
    for gate, direction in GATES.items():
        (folder / gate).mkdir()
        compound.gate_config(gate).write_text(_gate_toml(compound, gate, direction, manner))
    compound.collector_config.write_text(_collector_toml(compound))
    _let_staff_in(compound)
    return compound


def _let_staff_in(compound: Compound) -> None:
    url = database_url(str(compound.database), compound.folder)
    with opened_database(url, writes=True) as engine:
        migrate(engine)
        with engine.begin() as connection:
            hashed = hash_password(compound.staff_password)
            set_password(connection, ADMINISTRATOR, hashed, time.time_ns() // 1000)


def people() -> People:
    """Twelve residents in six homes, one of them vacant, and a volunteer; resident 3's first pass is revoked."""
    households = tuple(
        Household(
            id=HouseholdId(f"H{number}"),
            building=str(1 + number // 3),
            unit=f"{1 + number % 3}01",
            colour=Colour.WHITE if number == 5 else Colour.GREEN,
        )
        for number in range(6)
    )
    residents = tuple(
        Resident(
            id=person(number),
            name=name,
            household=households[number % 5].id,
            lowest_serial=2 if number == 3 else 0,
        )
        for number, name in enumerate(NAMES)
    )
    volunteer = Resident(id=VOLUNTEER, name="郑伟", kind=Kind.DUTY)
    return People(compound=COMPOUND, households=households, residents=(*residents, volunteer))


def signed_roster(key: Ed25519PrivateKey) -> bytes:
    """All of them as a gate gets them."""
    return signed(people(), key)


def signed(people: People, key: Ed25519PrivateKey) -> bytes:
    """A roster as a gate gets it: names masked, phones cut."""
    residents = tuple(
        msgspec.structs.replace(each, name=mask_name(each.name), phone=last_four(each.phone))
        for each in people.residents
    )
    document = RosterDocument(
        compound=people.compound,
        revision=Revision(time.time_ns() // 1000),
        households=people.households,
        residents=residents,
    )
    return sign(Purpose.ROSTER, msgspec.json.encode(document), key)


def person(number: int) -> PersonId:
    """The id of a resident; numbers from 12 on are in nobody's roster."""
    return PersonId(f"R{number:07}")


def pass_text(
    key: Ed25519PrivateKey,
    number: int,
    *,
    serial: int = 2,
    days_from: int = -30,
    days_until: int = 300,
) -> str:
    """A resident's pass, valid between those days from today."""
    return pass_for(key, person(number), serial=serial, days_from=days_from, days_until=days_until)


def pass_for(
    key: Ed25519PrivateKey,
    bearer: PersonId,
    kind: Kind = Kind.RESIDENT,
    *,
    serial: int = 2,
    days_from: int = -30,
    days_until: int = 300,
) -> str:
    """Anybody's pass, valid between those days from today."""
    now_s = int(time.time())
    valid_s = now_s + days_from * DAY_S, now_s + days_until * DAY_S
    return issue_pass(Claims(bearer, serial, COMPOUND, *valid_s, kind), key)


def duty_pass(key: Ed25519PrivateKey, volunteer: PersonId = VOLUNTEER) -> str:
    """A volunteer's own pass, valid for a day."""
    return pass_for(key, volunteer, Kind.DUTY, serial=1, days_from=0, days_until=1)


def _gate_toml(compound: Compound, gate: str, direction: str, manner: Manner) -> str:
    world = json.dumps(str(compound.world(gate)))
    return f"""\
[gate]
id = "{gate}"
compound = {COMPOUND}
direction = "{direction}"
data = {json.dumps(gate)}
trust = "keys/{TRUST}"
result_seconds = {manner.result_seconds}

[camera]
kind = "simulated"
world = {world}
width = 960
height = 540
frames_per_second = 15

[thermometer]
kind = "simulated"
world = {world}

[lock]
kind = "simulated"
world = {world}
unlock_seconds = {manner.unlock_seconds}

[screen]
port = {compound.page_ports[gate]}
notices = {json.dumps(manner.notices, ensure_ascii=False)}
pin = "{manner.pin}"

[clock]
source = "simulated"

[broker]
port = {compound.broker_port}
"""


def _collector_toml(compound: Compound) -> str:
    return f"""\
[collector]
database = "{compound.database.name}"
operations_key = "keys/{OPERATIONS_KEY}"

[page]
port = {compound.staff_port}

[broker]
port = {compound.broker_port}
"""
