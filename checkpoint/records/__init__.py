"""What a gate journals and what travels: one struct a kind, JSON with the kind as its tag.

A record is written once and never changed; docs/protocol.md describes every field, and the golden
vectors in tests/ keep the bytes. New kinds and new optional fields may come, old ones stay.
"""

from typing import Final

import msgspec

from checkpoint.records.centre import (
    Commanded,
    CommandKind,
    DownlinkRefused,
    NotDone,
    PolicyApplied,
    RosterApplied,
)
from checkpoint.records.devices import (
    ClockSet,
    Device,
    DeviceChange,
    DeviceState,
    DoorChange,
    DoorState,
    JournalReplaced,
)
from checkpoint.records.passages import Basis, Bearer, Crossing, Evidence, Passage, Result
from checkpoint.records.stamp import Stamp
from checkpoint.records.volunteer import (
    Action,
    Cause,
    DutyChange,
    HandHeldTaken,
    Opened,
    Resolution,
    Undone,
    Visit,
    Visiting,
)

__all__ = [
    "Action",
    "Basis",
    "Bearer",
    "Cause",
    "ClockSet",
    "CommandKind",
    "Commanded",
    "Crossing",
    "Device",
    "DeviceChange",
    "DeviceState",
    "DoorChange",
    "DoorState",
    "DownlinkRefused",
    "DutyChange",
    "Evidence",
    "HandHeldTaken",
    "JournalReplaced",
    "NotDone",
    "Opened",
    "Passage",
    "PolicyApplied",
    "Record",
    "Resolution",
    "Result",
    "RosterApplied",
    "Stamp",
    "Undone",
    "Visit",
    "Visiting",
    "decode",
    "encode",
    "opens",
]

Record = (
    Passage
    | Crossing
    | DeviceChange
    | Opened
    | Resolution
    | HandHeldTaken
    | Undone
    | DutyChange
    | Visit
    | DoorChange
    | JournalReplaced
    | ClockSet
    | RosterApplied
    | PolicyApplied
    | Commanded
    | DownlinkRefused
)

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final[msgspec.json.Decoder[Record]] = msgspec.json.Decoder(Record)


def encode(record: Record) -> str:
    """The record as the JSON text that is hashed, stored and sent."""
    return _ENCODER.encode(record).decode()


def decode(body: str) -> Record:
    """The record in a journal row's body. Raises msgspec.DecodeError (a ValueError) for anything else."""
    try:
        return _DECODER.decode(body)
    except RecursionError:  # thousands of brackets; msgspec has no limit of its own
        raise msgspec.DecodeError("nested too deeply") from None


def opens(record: Record) -> bool:
    """Whether this record says that the door opens, so that it must be kept before the lock moves."""
    match record:
        case Passage(result=Result.ADMIT) | Visit(result=Result.ADMIT) | Opened():
            return True
        case Resolution(action=Action.ADMIT):
            return True
        case _:
            return False
