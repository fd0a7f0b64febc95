"""The centre outside the machine: keys, a roster of many residents, a broker, a collector. It outlives machines."""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import base45
import msgspec

from checkpoint.entry_pass import PREFIX
from checkpoint.ids import HouseholdId, Revision
from checkpoint.people import Household, Resident, RosterDocument
from config.key_files import OPERATIONS_KEY, PASS_KEY, TRUST
from config.trust import load_private_key
from simulation.compound import COMPOUND, Compound, found, pass_text, person
from sync.wire.signed import Purpose, sign
from tests.broker import Broker
from tests.ending import killed

RESIDENTS = 2000
"""So many that nobody has to come twice: who is inside already is held."""
_START_S = 60.0


class Centre:
    """What a compound has besides its gates."""

    def __init__(self, folder: Path) -> None:
        self.broker = Broker()
        self.compound: Compound = found(folder, self.broker.port, unlock_seconds=1.0)
        self._issuer = load_private_key(self.compound.keys / PASS_KEY)
        self.roster = self._sign_roster()
        self._next = 0
        self.broker.start()
        config = str(self.compound.collector_config)
        with (folder / "collector.log").open("ab") as log:
            self._collector = subprocess.Popen(
                [sys.executable, "-m", "gatepost", "collector", "run", "--config", config],
                stdout=log,
                stderr=log,
            )
        until_s = time.monotonic() + _START_S
        while not self.compound.database.exists():
            assert time.monotonic() < until_s, (folder / "collector.log").read_text()
            time.sleep(0.1)

    @property
    def trust(self) -> Path:
        """The public keys that a gate believes."""
        return self.compound.keys / TRUST

    def new_pass(self) -> str:
        """The pass of a resident who has not come yet."""
        self._next += 1
        return pass_text(self._issuer, self._next % RESIDENTS)

    def forged_pass(self) -> str:
        """A genuine pass with the last bit of its signature flipped."""
        raw = bytearray(base45.b45decode(self.new_pass().removeprefix(PREFIX)))
        raw[-1] ^= 1
        return PREFIX + str(base45.b45encode(bytes(raw)).decode("ascii"))

    def records(self) -> list[tuple[str, int, str]]:
        """Epoch, seq and hash of everything that the collector has committed."""
        return self._select("SELECT epoch, seq, hash FROM records ORDER BY epoch, seq")

    def quarantined(self) -> int:
        """How many records the collector has set aside, as when it hears another version of one."""
        return int(self._select("SELECT count(*) FROM quarantine")[0][0])

    def alerts(self) -> set[str]:
        """The codes of all alerts so far."""
        return {code for (code,) in self._select("SELECT DISTINCT code FROM alerts")}

    def close(self) -> None:
        """End collector and broker."""
        self._collector.send_signal(signal.SIGTERM)
        try:
            self._collector.wait(30)
        except subprocess.TimeoutExpired:
            killed(self._collector)
        self.broker.close()

    def _select(self, query: str) -> list[Any]:
        uri = f"{self.compound.database.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=20)) as connection:
            return connection.execute(query).fetchall()

    def _sign_roster(self) -> bytes:
        homes = [
            Household(id=HouseholdId(f"H{number}"), building="1", unit=str(number))
            for number in range(RESIDENTS)
        ]
        document = RosterDocument(
            compound=COMPOUND,
            revision=Revision(time.time_ns() // 1000),
            households=tuple(homes),
            residents=tuple(
                Resident(id=person(number), name=f"住{number}", household=home.id)
                for number, home in enumerate(homes)
            ),
        )
        key = load_private_key(self.compound.keys / OPERATIONS_KEY)
        return sign(Purpose.ROSTER, msgspec.json.encode(document), key)
