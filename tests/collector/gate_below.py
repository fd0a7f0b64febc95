"""A gate's end of what comes down: hears it over a real broker, believes only what is signed, and obeys it."""

import time
from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint.entry_pass import key_id
from checkpoint.gate.commands import Command
from checkpoint.ids import CompoundId, GateId
from checkpoint.people import Roster, RosterChange, RosterDocument
from checkpoint.rules.history import LedgerEntry
from sync.wire.downlink_messages import CrossingsUpdate, NoticesOrder, PolicyOrder, Want
from sync.wire.link import Link
from sync.wire.messages import ROOT, up
from sync.wire.session import Address, Connected, Disconnected, Introduction, Message
from sync.wire.signed import NotGenuine, Purpose, open_signed
from tests.patience import PATIENCE_S


class GateBelow:
    """What one gate knows, and everything that it heard."""

    def __init__(
        self, port: int, key: Ed25519PrivateKey, gate: str = "gate-a", compound: int = 1
    ) -> None:
        self._keys = {key_id(key.public_key()): key.public_key()}
        self._place = CompoundId(compound), GateId(gate)
        self.roster: Roster | None = None
        self.policy: PolicyOrder | None = None
        self.notices: NoticesOrder | None = None
        self.cursor = ""
        self.entries: list[LedgerEntry] = []
        self.pages: list[CrossingsUpdate] = []
        self.commands: list[Command] = []
        self.heard: list[tuple[Message, int]] = []
        """Each message and its length in bytes."""
        own = f"{ROOT}/{compound}/{gate}/down/+"
        introduction = Introduction(f"below-{gate}", [own, f"{ROOT}/{compound}/down/+"])
        self._link = Link(Address("127.0.0.1", port), introduction)
        self.until(lambda: self._is_connected)

    _is_connected = False

    @property
    def revision(self) -> int:
        """Of the roster in force; 0: none."""
        return self.roster.revision if self.roster else 0

    def say_want(self) -> None:
        """Say how far this gate is."""
        want = Want(
            roster=self.roster.revision if self.roster else None,
            policy=self.policy.policy.revision if self.policy else None,
            notices=self.notices.revision if self.notices else None,
            passages=self.cursor,
        )
        self._link.publish(up(*self._place, "want"), msgspec.json.encode(want))

    def publish(self, topic: str, payload: bytes) -> None:
        """Say anything."""
        self._link.publish(topic, payload)

    def until(self, holds: Callable[[], bool]) -> None:
        """Listen until something holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, [message.topic for message, _ in self.heard]
            self.listen(0.1)

    def listen(self, seconds: float) -> None:
        """Take in one event, if one comes within the time."""
        match event := self._link.next_event(seconds):
            case Connected():
                self._is_connected = True
            case Disconnected():
                self._is_connected = False
            case Message():
                self._obey(event)
                self._link.puback(event)

    def leaves(self) -> list[str]:
        """The last levels of the topics heard, with a star where it was retained."""
        return [each.topic.split("/")[-1] + "*" * each.retained for each, _ in self.heard]

    def close(self) -> None:
        """Leave."""
        self._link.close()

    def _obey(self, message: Message) -> None:
        purpose = Purpose(message.topic.split("/")[-1])
        try:
            body = open_signed(purpose, message.payload, self._keys)
        except NotGenuine:
            return
        self.heard.append((message, len(message.payload)))
        match purpose:
            case Purpose.ROSTER:
                roster = Roster.of(msgspec.json.decode(body, type=RosterDocument))
                if roster.revision > self.revision:
                    self.roster = roster
            case Purpose.ROSTER_CHANGE:
                self._change(msgspec.json.decode(body, type=RosterChange))
            case Purpose.POLICY:
                self.policy = msgspec.json.decode(body, type=PolicyOrder)
            case Purpose.NOTICES:
                self.notices = msgspec.json.decode(body, type=NoticesOrder)
            case Purpose.PASSAGES:
                self._follow(msgspec.json.decode(body, type=CrossingsUpdate))
            case Purpose.COMMAND:
                self.commands.append(msgspec.json.decode(body, type=Command))

    def _change(self, change: RosterChange) -> None:
        if self.revision >= change.revision:
            return
        if self.roster is None or self.revision != change.base:
            self.say_want()
        else:
            self.roster = self.roster.changed(change)

    def _follow(self, passages: CrossingsUpdate) -> None:
        self.pages.append(passages)
        if passages.after == self.cursor:
            self.cursor = passages.upto
            self.entries.extend(passages.entries)
        elif passages.upto != self.cursor:
            self.say_want()
