"""Every id is its own type, so that two of them cannot be swapped unnoticed."""

import re
from typing import Final, NewType

PersonId = NewType("PersonId", str)
"""1 to 8 printable ASCII characters without a space: what a pass has room for."""
HouseholdId = NewType("HouseholdId", str)
CompoundId = NewType("CompoundId", int)
"""0 to 65535."""
GateId = NewType("GateId", str)
"""Lower-case letters, digits and hyphens, at most 32: it is also a topic level and a certificate's name."""
KeyId = NewType("KeyId", bytes)
"""The first 4 bytes of SHA-256 over the raw public key."""
EpochId = NewType("EpochId", str)
"""UUID of one life of a journal file, in its usual 36-character form."""
Seq = NewType("Seq", int)
"""Place of a row in its epoch: 1, 2, 3 ... without gaps."""
CommandId = NewType("CommandId", str)
"""UUID of one command from the centre, in its usual 36-character form."""
Revision = NewType("Revision", int)
"""Issue time in microseconds since 1970 UTC; only rises."""

MAX_COMPOUND: Final = 65_535
"""A pass has two bytes for it."""
MAX_REVISION: Final = 2**62
"""Beyond any year; databases end at 2**63."""
PERSON_ID = re.compile(r"[!-~]{1,8}", re.ASCII)
GATE_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)
